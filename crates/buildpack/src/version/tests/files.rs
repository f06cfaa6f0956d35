//! What people write into version files: forms, names, systems, and files that are not read.

use super::*;

/// The version that mise's file gives `tool` with this entry under `[tools]`.
fn mise(tool: &Tool, entry: &str) -> String {
    said(tool, &format!("//- /mise.toml\n[tools]\n{entry}\n"))
}

#[test]
fn tables_of_mise() {
    for (entry, version) in [
        ("python = { version = \"3.11\", virtualenv = \".venv\" }", "3.11"),
        ("python = [{ version = \"3.11\" }]", "3.11"),
        ("python = { prefix = \"3.11\" }", "prefix:3.11"),
        ("python = { path = \"/opt/python\" }", "path:/opt/python"),
        ("python = { ref = \"main\" }", "ref:main"),
        ("python = { branch = \"main\" }", "ref:main"),
        ("python = 3.10", "3.10"),
    ] {
        assert_eq!(mise(&PYTHON, entry), format!("{version} by mise.toml:2 (File)\n"), "{entry}");
    }
    for entry in ["python = \"\"", "python = true", "python = []", "python = { os = [\"linux\"] }"] {
        let problem = "python/version-unreadable: mise.toml:2 names no version of Python\n";
        assert_eq!(mise(&PYTHON, entry), problem, "{entry}");
    }
    let list = said(&PYTHON, "//- /mise.toml\ntools = [\"python\"]\n");
    assert_eq!(list, "python/version-unreadable: mise.toml:1 names no version of Python\n");
}

#[test]
fn an_entry_of_mise_for_other_systems_is_none() {
    for (entry, version) in [
        ("node = { version = \"22\", os = [\"linux\", \"macos\"] }", "22"),
        ("node = { version = \"22\", os = [\"linux/x64\"] }", "22"),
        ("node = [{ version = \"20\", os = [\"macos\"] }, { version = \"22\", os = [\"linux\"] }]", "22"),
    ] {
        assert_eq!(mise(&NODE, entry), format!("{version} by mise.toml:2 (File)\n"), "{entry}");
    }
    assert_eq!(mise(&NODE, "node = { version = \"20\", os = [\"macos\", \"windows\"] }"), "");
}

#[test]
fn two_names_of_one_tool() {
    check(
        &GO,
        "//- /mise.toml\n[tools]\n\"core:go\" = \"1.22\"\ngo = \"1.23\"\n//- /.tool-versions\ngolang: 1.24\ngo 1.25\n",
        expect![[r#"
            1.24 by .tool-versions:1 (File)
            1.22 by mise.toml:2 (File)
            go/version-file-several: .tool-versions:2: `1.25` is not used, `1.24` before it is
            go/version-file-several: mise.toml:3: `1.23` is not used, `1.22` before it is
        "#]],
    );
}

#[test]
fn files_of_mise_in_its_order() {
    let mut names = vec![
        ".mise.toml",
        "mise.toml",
        "mise/config.toml",
        "mise/conf.d/b.toml",
        "mise/conf.d/a.toml",
        ".mise/config.toml",
        ".mise/conf.d/a.toml",
        ".config/mise.toml",
        ".config/mise/mise.toml",
        ".config/mise/config.toml",
        ".config/mise/conf.d/a.toml",
    ];
    while let Some(first) = names.first().copied() {
        let tree: String = names.iter().map(|name| format!("//- /{name}\n[tools]\nnode = \"1\"\n")).collect();
        assert_eq!(said(&NODE, &tree), format!("1 by {first}:2 (File)\n"));
        names.remove(0);
    }
}

#[test]
fn a_file_of_mise_for_one_machine_is_a_hint() {
    for name in ["mise.local.toml", ".mise.local.toml", ".config/mise/config.local.toml"] {
        let local = format!("//- /{name}\n[tools]\n\"core:go\" = \"1.22\"\n");
        assert_eq!(said(&GO, &local), format!("1.22 by {name}:2 (Hint)\n"));
        let both = said(&GO, &format!("{local}//- /mise.toml\n[tools]\ngo = \"1.23\"\n"));
        let remark = format!("go/version-file-unread: {name}:2 asks for Go 1.22, which is not taken\n");
        assert_eq!(both, format!("1.23 by mise.toml:2 (File)\n{remark}"));
    }
}

#[test]
fn several_versions_in_one_line() {
    check(
        &PYTHON,
        "//- /.python-version\n3.12 3.11\n",
        expect![[r#"
            3.12 by .python-version:1 (File)
            python/version-file-several: .python-version:1: `3.11` is not used, `3.12` before it is
        "#]],
    );
    assert_eq!(said(&NODE, "//- /.nvmrc\n>=20 <23\n"), ">=20 <23 by .nvmrc:1 (File)\n");
}

#[test]
fn bytes_that_editors_leave() {
    for text in ["\u{feff}3.11\n", "3.11\r\n", "  3.11  \r\n\r\n", "# ours\r\n3.11 # for now\r\n"] {
        let found = said(&PYTHON, &format!("//- /.python-version\n{text}"));
        assert!(found.starts_with("3.11 by .python-version:"), "{text:?}: {found}");
    }
}

#[test]
fn runtime_files_that_nearly_have_the_form() {
    for line in ["3.11", "Python-3.11", "python 3.11", "python3.11", "python==3.11"] {
        let expected = format!(
            "3.11 by runtime.txt:1 (File)\npython/runtime-form: runtime.txt:1: `{line}` is read as `python-3.11`\n"
        );
        assert_eq!(said(&PYTHON, &format!("//- /runtime.txt\n{line}\n")), expected);
    }
    // Another Python is a request that cannot be followed; another language's line is none.
    let pypy = said(&PYTHON, "//- /runtime.txt\npypy3.10-7.3.12\n");
    assert_eq!(pypy, "pypy3.10-7.3.12 by runtime.txt:1 (File)\n");
    for line in ["php-8.2", "nodejs-20", "ruby-3.3.0"] {
        assert_eq!(said(&PYTHON, &format!("//- /runtime.txt\n{line}\n")), "", "{line}");
    }
}

#[test]
fn files_that_a_chosen_platform_does_not_read() {
    let customs = Customs {
        platform: Some("heroku".to_owned()),
        version_files: Some(vec!["package.json".to_owned()]),
        ..Customs::default()
    };
    let model = Component { customs, ..Component::default() };
    let tree = "//- /.nvmrc\n22\n20\n//- /.tool-versions\npython 3.11\n//- /mise.toml\n[tools\n";
    let found = requests(&NODE, tree, &model, &PlanOptions::default(), Manifests::default());
    assert_eq!(told(&found), "node/version-file-unread: .nvmrc:1 asks for Node 22, which is not taken\n");
}
