//! Broken, unusual and random files.

use expect_test::expect;
use packwright_planner::{MemoryTree, Origin, SourceTree, VariableValue, is_secret_value};
use proptest::prelude::*;

use super::super::declarations;
use super::{describe, seen};

#[test]
fn what_cannot_be_read() {
    let mut tree = MemoryTree::new();
    tree.add(".platform.app.yaml".parse().unwrap(), b"name: [\n".to_vec());
    tree.add(".platform/services.yaml".parse().unwrap(), b"- db\n".to_vec());
    tree.add(".platform/routes.yaml".parse().unwrap(), b"\xff\xfe".to_vec());
    expect![[r#"
        platformsh of .platform.app.yaml, .platform/services.yaml, .platform/routes.yaml
        Error platformsh/syntax .platform.app.yaml:1: column 7: unclosed bracket '['
            fix: correct the line; nothing of the file is used before that
        Error platformsh/unreadable `.platform/routes.yaml` is not UTF-8 text (byte 0)
            fix: save .platform/routes.yaml as UTF-8 text that can be read
        Error platformsh/type .platform/services.yaml:1: the file is a list, not a map
            fix: write a map there
    "#]]
    .assert_eq(&describe(&seen(declarations, &tree, None)));
}

#[test]
fn types_are_strict_and_unknown_keys_are_named() {
    let tree = MemoryTree::parse(
        "//- /.platform.app.yaml\nname: app\ntype: [python]\ndisk: much\nhooks: pip install\nWeb: {}\nrunner: x\nweb: {commands: run, location: {}}\ncrons: []\n",
    );
    expect![[r#"
        platformsh of .platform.app.yaml
        component app in the top
        Error platformsh/type .platform.app.yaml:2: `type` is a list, not a text
            fix: write a text there
        Error platformsh/type .platform.app.yaml:3: `disk` is a text, not a whole number
            fix: write a whole number there
        Error platformsh/type .platform.app.yaml:4: `hooks` is a text, not a map
            fix: write a map there
        Warning platformsh/unknown-key .platform.app.yaml:5: `Web` is no key that is known
            fix: write `web`
        Warning platformsh/unknown-key .platform.app.yaml:6: `runner` is no key that is known
            fix: check the spelling; the platform may ignore it too
        Error platformsh/type .platform.app.yaml:7: `web.commands` is a text, not a map
            fix: write a map there
        Warning platformsh/unknown-key .platform.app.yaml:7: `web.location` is no key that is known
            fix: check the spelling; the platform may ignore it too
        Error platformsh/type .platform.app.yaml:8: `crons` is a list, not a map
            fix: write a map there
    "#]]
    .assert_eq(&describe(&seen(declarations, &tree, None)));
}

/// Keys of the format, so that random documents get past the first door.
pub(crate) fn key() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "name",
        "type",
        "stack",
        "relationships",
        "dependencies",
        "python3",
        "variables",
        "env",
        "hooks",
        "build",
        "deploy",
        "post_deploy",
        "web",
        "commands",
        "start",
        "pre_start",
        "upstream",
        "socket_family",
        "locations",
        "/",
        "/static",
        "root",
        "passthru",
        "expires",
        "mounts",
        "source",
        "source_path",
        "workers",
        "crons",
        "spec",
        "disk",
        "size",
        "release",
        "web!",
        "",
    ]);
    prop_oneof![9 => known.prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

/// A document of YAML in flow style.
pub(crate) fn document(key: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        prop::sample::select(vec![
            "null",
            "true",
            "3",
            "-1",
            "'python:3.12'",
            "unix",
            "local",
            "'db:postgresql'",
            "'a\\nb'",
            "\"set -e\\nx\"",
            "'0 3 * * *'",
            "/api",
            "../x",
            "'gunicorn -b unix:$SOCKET a'",
            "sk_live_0123456789abcdef",
        ])
        .prop_map(str::to_owned),
        "[a-z0-9 ]{0,8}".prop_map(|text| format!("'{text}'")),
    ];
    scalar.prop_recursive(5, 60, 6, move |inner| {
        let entry = (key.clone(), inner.clone());
        prop_oneof![
            1 => prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            4 => prop::collection::btree_map(entry.0, entry.1, 0..6).prop_map(|entries| {
                let quoted = |key: &str| format!("\"{}\"", key.replace(['\\', '"'], ""));
                let mut known = std::collections::BTreeSet::new();
                let entries: Vec<String> = entries
                    .iter()
                    .filter(|(key, _)| known.insert(quoted(key)))
                    .map(|(key, value)| format!("{}: {value}", quoted(key)))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
}

/// Checks what must hold whatever the files are: origins lie within their files, processes have
/// names of their own, and what is withheld is nowhere.
pub(crate) fn sound(
    found: &[packwright_planner::Declarations],
    tree: &MemoryTree,
) -> Result<(), TestCaseError> {
    let within = |origin: &Origin| match origin {
        Origin::File { path, line: Some(line) } => {
            let text = tree.read(path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text).replace("\r\n", "\n").replace('\r', "\n");
            (1..=text.split('\n').count() as u32).contains(line)
        }
        Origin::File { .. } => true,
        _ => false,
    };
    for declared in found {
        prop_assert!(!declared.files.is_empty());
        for told in &declared.diagnostics {
            // What is missing at the end of a text is missing behind its last line.
            let is_end = told.code.ends_with("/syntax");
            prop_assert!(is_end || told.at.as_ref().is_none_or(within), "{told:?}");
        }
        let mut names = std::collections::BTreeSet::new();
        for part in &declared.components {
            for process in &part.processes {
                prop_assert!(within(&process.origin), "{process:?}");
                prop_assert!(names.insert((part.dir().cloned(), process.name.clone())), "{process:?}");
            }
            let mut variables = std::collections::BTreeSet::new();
            for variable in &part.environment {
                prop_assert!(within(&variable.origin));
                prop_assert!(variables.insert(variable.name.clone()), "{}", variable.name);
                if let VariableValue::Literal(value) = &variable.value {
                    prop_assert!(!is_secret_value(value), "{variable:?}");
                }
            }
            if let Some(packwright_planner::Strategy::Dockerfile { args, .. }) =
                part.strategy.as_ref().map(|asked| &asked.value)
            {
                prop_assert!(!args.values().any(|value| is_secret_value(value)), "{args:?}");
            }
        }
    }
    Ok(())
}

proptest! {
    /// Any text is answered, and what is said of it has a place in it.
    #[test]
    fn any_text(text in "(?s)(name|type|web|: |\n|  |- |\\[|\\{|'|\"|&a|\\*a|\\PC){0,40}") {
        let mut tree = MemoryTree::new();
        for path in [".platform.app.yaml", ".platform/services.yaml", ".platform/routes.yaml"] {
            tree.add(path.parse().unwrap(), text.clone());
        }
        sound(&seen(declarations, &tree, None), &tree)?;
    }

    /// Any document of the format's keys is answered.
    #[test]
    fn any_document(app in document(key().boxed()), services in document(key().boxed())) {
        let mut tree = MemoryTree::new();
        tree.add(".platform.app.yaml".parse().unwrap(), app.clone());
        tree.add(".platform/applications.yaml".parse().unwrap(), format!("[{app}, {app}]"));
        tree.add(".platform/services.yaml".parse().unwrap(), services.clone());
        tree.add(".platform/routes.yaml".parse().unwrap(), services);
        sound(&seen(declarations, &tree, None), &tree)?;
    }
}
