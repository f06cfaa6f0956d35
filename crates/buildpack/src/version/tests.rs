//! Requests out of small trees, for the tools of three languages, and what is chosen.

use expect_test::{Expect, expect};
use packwright_planner::{
    Component, Customs, MemoryTree, Origin, PlanContext, PlanOptions, RelPath, Requested, Role,
    VersionRequest,
};

use super::*;

mod files;

const PYTHON: Tool = Tool {
    language: "python",
    name: "python",
    title: "Python",
    option: "PACKWRIGHT_PYTHON_VERSION",
    names: &["python"],
    prefixes: &["cpython-", "python-"],
    files: &[
        VersionFile::words(".python-version"),
        VersionFile::TOOL_VERSIONS,
        VersionFile::MISE,
        VersionFile::prefixed("runtime.txt", "python-"),
    ],
    hints: Hints::Last,
    example: "3.13",
};

const NODE: Tool = Tool {
    language: "node",
    name: "node",
    title: "Node",
    option: "PACKWRIGHT_NODE_VERSION",
    names: &["node", "nodejs"],
    prefixes: &[],
    files: &[
        VersionFile::line(".nvmrc"),
        VersionFile::line(".node-version"),
        VersionFile::TOOL_VERSIONS,
        VersionFile::MISE,
    ],
    hints: Hints::Alone,
    example: "24",
};

const GO: Tool = Tool {
    language: "go",
    name: "go",
    title: "Go",
    option: "PACKWRIGHT_GO_VERSION",
    names: &["go", "golang"],
    prefixes: &["go"],
    files: &[VersionFile::line(".go-version"), VersionFile::TOOL_VERSIONS, VersionFile::MISE],
    hints: Hints::Alone,
    example: "1.24",
};

fn requests(
    tool: &Tool,
    tree: &str,
    model: &Component,
    options: &PlanOptions,
    manifests: Manifests,
) -> Requests {
    let tree = MemoryTree::parse(tree);
    collect(tool, &PlanContext { tree: &tree, model, options, role: Role::Owner }, None, manifests)
}

/// What the files of a tree say: each request, then problems and remarks by their codes.
fn said(tool: &Tool, tree: &str) -> String {
    told(&requests(tool, tree, &Component::default(), &PlanOptions::default(), Manifests::default()))
}

fn told(found: &Requests) -> String {
    let mut out = String::new();
    for request in found.requests.iter().chain(&found.hints) {
        out += &format!("{} by {} ({:?})\n", request.version, request.said.origin, request.source);
    }
    for found in found.problems.iter().chain(&found.remarks) {
        out += &format!("{}: {}\n", found.code, found.message);
    }
    out
}

fn check(tool: &Tool, tree: &str, expected: Expect) {
    expected.assert_eq(&said(tool, tree));
}

#[test]
fn core_tools_of_mise_for_every_language() {
    let tree = "//- /mise.toml\n[tools]\n\"core:python\" = \"3.11\"\n\"core:node\" = \"22\"\n\"core:go\" = \"1.22\"\n";
    assert_eq!(said(&PYTHON, tree), "3.11 by mise.toml:2 (File)\n");
    assert_eq!(said(&NODE, tree), "22 by mise.toml:3 (File)\n");
    assert_eq!(said(&GO, tree), "1.22 by mise.toml:4 (File)\n");
}

#[test]
fn backends_of_mise_by_the_tool_that_they_bring() {
    for (tool, key) in [
        (&PYTHON, "python"),
        (&PYTHON, "asdf:asdf-community/asdf-python"),
        (&NODE, "nodejs"),
        (&NODE, "vfox:version-fox/vfox-nodejs"),
        (&NODE, "asdf:https://example.org/asdf-vm/asdf-nodejs.git"),
        (&NODE, "aqua:nodejs/node"),
        (&GO, "golang"),
        (&GO, "ubi:golang/go[exe=go]"),
    ] {
        let tree = format!("//- /mise.toml\n[tools]\n\"{key}\" = \"1\"\n");
        assert_eq!(said(tool, &tree), "1 by mise.toml:2 (File)\n", "{key}");
    }
    for key in ["npm:node", "pipx:python", "go:example.org/go", "cargo:node", "node-build", "pythonic"] {
        let tree = format!("//- /mise.toml\n[tools]\n\"{key}\" = \"1\"\n");
        assert_eq!([said(&PYTHON, &tree), said(&NODE, &tree), said(&GO, &tree)].concat(), "", "{key}");
    }
}

#[test]
fn forms_of_mise() {
    check(
        &PYTHON,
        "//- /.mise.toml\n[tools]\nnode = \"22\"\npython = [\"3.12\", \"3.11\"]\n",
        expect![[r#"
            3.12 by .mise.toml:3 (File)
            python/version-file-several: .mise.toml:3: `3.11` is not used, `3.12` before it is
        "#]],
    );
    check(
        &PYTHON,
        "//- /.config/mise/conf.d/a.toml\n[tools]\npython = \"3.11\"\n//- /.config/mise/conf.d/b.toml\n[tools.python]\nversion = \"3.12\"\n",
        expect![[r#"
            3.12 by .config/mise/conf.d/b.toml:2 (File)
        "#]],
    );
    check(
        &NODE,
        "//- /mise.toml\n[tools]\nnode = 22\n",
        expect![[r#"
            22 by mise.toml:2 (File)
        "#]],
    );
    check(
        &GO,
        "//- /mise/config.toml\n[tools]\ngo = { os = [\"linux\"] }\n",
        expect![[r#"
            go/version-unreadable: mise/config.toml:2 names no version of Go
        "#]],
    );
    check(
        &NODE,
        "//- /mise.toml\n[tools\n",
        expect![[r#"
        node/broken-manifest: mise.toml:1:7 is not valid TOML
    "#]],
    );
}

#[test]
fn files_of_version_managers() {
    check(
        &PYTHON,
        "//- /.python-version\n# ours\n3.12.1 # for now\n3.11\n//- /runtime.txt\npython-3.11.x\n",
        expect![[r#"
            3.12.1 by .python-version:2 (File)
            3.11 by runtime.txt:1 (File)
            python/version-file-several: .python-version:3: `3.11` is not used, `3.12.1` before it is
            python/runtime-form: runtime.txt:1: `python-3.11.x` is read as `python-3.11`
        "#]],
    );
    check(
        &NODE,
        "//- /.nvmrc\n\n//- /.node-version\nv20\n//- /.tool-versions\npython 3.12\nnodejs 22.1.0 20.0.0\n",
        expect![[r#"
            v20 by .node-version:1 (File)
            22.1.0 by .tool-versions:2 (File)
            node/version-file-empty: .nvmrc names no version
            node/version-file-several: .tool-versions:2: `20.0.0` is not used, `22.1.0` before it is
        "#]],
    );
    check(
        &GO,
        "//- /.go-version\ngo1.22.3\n//- /.tool-versions\ngolang\n",
        expect![[r#"
        1.22.3 by .go-version:1 (File)
        go/version-unreadable: .tool-versions:1 names no version of Go
    "#]],
    );
    check(&PYTHON, "//- /runtime.txt\nphp-8.2\n", expect![[""]]);
}

#[test]
fn the_nearest_file_of_a_kind_counts() {
    let tree = MemoryTree::parse("//- /.nvmrc\n20\n//- /apps/web/.nvmrc\n22\n//- /apps/.node-version\n18\n");
    let dir: RelPath = "apps/web".parse().unwrap();
    let (model, options) = (Component::default(), PlanOptions::default());
    let given = PlanContext { tree: &tree, model: &model, options: &options, role: Role::Owner };
    let found = collect(&NODE, &given, Some(&dir), Manifests::default());
    assert_eq!(told(&found), "22 by apps/web/.nvmrc:1 (File)\n18 by apps/.node-version:1 (File)\n");
}

fn at(path: &str) -> Origin {
    Origin::file(&path.parse().unwrap())
}

fn asked(version: &str, path: &str) -> VersionRequest {
    VersionRequest {
        tool: "python".to_owned(),
        version: Requested { value: version.to_owned(), origin: at(path) },
    }
}

/// All kinds of places at once.
fn everything(platform: Option<&str>, version_files: Option<Vec<String>>) -> String {
    let customs = Customs { platform: platform.map(str::to_owned), version_files, ..Customs::default() };
    let hints = Component { versions: vec![asked("3.7", "Dockerfile")], ..Component::default() };
    let model = Component {
        versions: vec![asked("3.9", "render.yaml")],
        customs,
        hints: Some(Box::new(hints)),
        ..Component::default()
    };
    let environment = [("PACKWRIGHT_PYTHON_VERSION".to_owned(), "3.13".to_owned())].into();
    let options = PlanOptions { environment, ..PlanOptions::default() };
    let manifests = Manifests {
        pins: vec![Requested { value: "3.12".to_owned(), origin: at("pins") }],
        requests: vec![(
            Requested { value: ">=3.8".to_owned(), origin: at("pyproject.toml") },
            Notation::Range,
        )],
    };
    let tree = "//- /.python-version\n3.11\n//- /runtime.txt\npython-3.10\n";
    told(&requests(&PYTHON, tree, &model, &options, manifests))
}

#[test]
fn one_precedence() {
    expect![[r#"
        3.13 by --env PACKWRIGHT_PYTHON_VERSION=3.13 (Option)
        3.12 by pins (Pin)
        3.11 by .python-version:1 (File)
        3.10 by runtime.txt:1 (File)
        3.9 by render.yaml (Platform)
        >=3.8 by pyproject.toml (Manifest(Range))
        3.7 by Dockerfile (Hint)
    "#]]
    .assert_eq(&everything(None, None));
    let files = vec!["runtime.txt".to_owned(), ".python-version".to_owned(), "package.json".to_owned()];
    expect![[r#"
        3.13 by --env PACKWRIGHT_PYTHON_VERSION=3.13 (Option)
        3.12 by pins (Pin)
        3.9 by render.yaml (ChosenPlatform)
        3.10 by runtime.txt:1 (File)
        3.11 by .python-version:1 (File)
        >=3.8 by pyproject.toml (Manifest(Range))
        3.7 by Dockerfile (Hint)
    "#]]
    .assert_eq(&everything(Some("heroku"), Some(files)));
}

#[test]
fn words_of_version_managers() {
    let cases = [
        ("latest", Word::Newest),
        ("Latest", Word::Newest),
        ("latest:3.12", Word::Version("3.12")),
        ("prefix:1.22", Word::Version("1.22")),
        ("lts", Word::LongTerm),
        ("lts/*", Word::LongTerm),
        ("lts/iron", Word::Version("lts/iron")),
        ("system", Word::System),
        ("path:/opt/node", Word::System),
        ("ref:main", Word::Revision),
        ("sub-2:lts", Word::Relative),
        (" 3.12 ", Word::Version("3.12")),
        ("npm:1", Word::Version("npm:1")),
    ];
    for (text, word) in cases {
        assert_eq!(Word::of(text), word, "{text}");
    }
}

/// Releases with one number, of which 1 to 5 can be had; `N+` means N and later.
struct Numbers(Disagreement);

impl Releases for Numbers {
    type Wanted = (u32, u32);
    type Release = u32;

    fn read(&self, request: &Request, word: Word<'_>) -> Result<(u32, u32), Unclear> {
        let Word::Version(text) = word else { return Ok((0, 99)) };
        let number = |text: &str| text.parse().map_err(|_| Unclear::Unknown);
        match (text.strip_suffix('+'), request.source) {
            (Some(least), _) => Ok((number(least)?, 99)),
            (None, Source::Manifest(Notation::AtLeast)) => Ok((number(text)?, 99)),
            (None, _) => Ok((number(text)?, number(text)?)),
        }
    }

    fn candidates(&self, wanted: &(u32, u32)) -> Vec<u32> {
        (1..=5).rev().filter(|release| self.fits(wanted, release)).collect()
    }

    fn fits(&self, (least, most): &(u32, u32), release: &u32) -> bool {
        (least..=most).contains(&release)
    }

    fn default(&self) -> (u32, Origin) {
        (5, Origin::Default("the newest".to_owned()))
    }

    fn name(&self, release: &u32) -> String {
        release.to_string()
    }

    fn available(&self) -> String {
        "there are 1 to 5".to_owned()
    }

    fn nearest(&self, (least, _): &(u32, u32)) -> String {
        (*least).clamp(1, 5).to_string()
    }

    fn disagreement(&self) -> Disagreement {
        self.0
    }

    fn takes_hint(&self, (least, _): &(u32, u32)) -> bool {
        *least > 1
    }
}

fn chosen(policy: Disagreement, tree: &str, env: &[(&str, &str)], hints: &[&str]) -> String {
    let environment = env.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let options = PlanOptions { environment, ..PlanOptions::default() };
    let versions = hints.iter().map(|hint| asked(hint, "Dockerfile")).collect();
    let hints = Component { versions, ..Component::default() };
    let model = Component { hints: Some(Box::new(hints)), ..Component::default() };
    let found = requests(&PYTHON, tree, &model, &options, Manifests::default());
    match choose(&PYTHON, found, &Numbers(policy)) {
        Ok(choice) => {
            let mut out = format!("{} by {}\n", choice.release, choice.origin);
            for lost in &choice.decision(&PYTHON, "x").overridden {
                out += &format!("not {} by {}\n", lost.value, lost.origin);
            }
            choice
                .diagnostics
                .iter()
                .for_each(|found| out += &format!("{:?} {}\n", found.severity, found.message));
            out
        }
        Err(problems) => problems
            .iter()
            .map(|found| format!("{:?} {}: {}\n", found.severity, found.code, found.message))
            .collect(),
    }
}

#[test]
fn requests_that_agree_narrow_the_choice() {
    for policy in [Disagreement::Error, Disagreement::Warning] {
        let tree = "//- /.python-version\n2+\n//- /.tool-versions\npython 3\n";
        assert_eq!(chosen(policy, tree, &[], &[]), "3 by .python-version:1\n");
        assert_eq!(chosen(policy, "", &[], &[]), "5 by default: the newest\n");
        assert_eq!(chosen(policy, "//- /.python-version\nlatest\n", &[], &[]), "5 by .python-version:1\n");
    }
}

#[test]
fn requests_that_exclude_each_other() {
    let tree = "//- /.python-version\n2\n//- /.tool-versions\npython 3\n";
    expect![[r#"
        Error python/versions-differ: `.python-version:1` and `.tool-versions:1` ask for different Python versions
    "#]]
    .assert_eq(&chosen(Disagreement::Error, tree, &[], &[]));
    expect![[r#"
        2 by .python-version:1
        not 3 by .tool-versions:1
        Warning .python-version:1 and .tool-versions:1 ask for different Python versions
    "#]]
    .assert_eq(&chosen(Disagreement::Warning, tree, &[], &[]));
    expect![[r#"
        4 by --env PACKWRIGHT_PYTHON_VERSION=4
        not 2 by .python-version:1
        not 3 by .tool-versions:1
        Warning --env PACKWRIGHT_PYTHON_VERSION=4 and .python-version:1 ask for different Python versions
        Warning --env PACKWRIGHT_PYTHON_VERSION=4 and .tool-versions:1 ask for different Python versions
    "#]]
    .assert_eq(&chosen(Disagreement::Error, tree, &[("PACKWRIGHT_PYTHON_VERSION", "4")], &[]));
}

#[test]
fn requests_that_mean_nothing() {
    expect![[r#"
        Error python/version-unreadable: .python-version:1: `system` is not understood as a version of Python
        Error python/version-unreadable: .tool-versions:1: `nightly` is not understood as a version of Python
    "#]]
    .assert_eq(&chosen(
        Disagreement::Error,
        "//- /.python-version\nsystem\n//- /.tool-versions\npython nightly\n",
        &[],
        &[],
    ));
    expect![[r#"
        Error python/version-unavailable: .python-version:1 asks for Python 9, which cannot be had
    "#]]
    .assert_eq(&chosen(Disagreement::Error, "//- /.python-version\n9\n", &[], &[]));
    expect![[r#"
        3 by --env PACKWRIGHT_PYTHON_VERSION=3
        Warning .python-version:1: `system` is not understood as a version of Python
    "#]]
    .assert_eq(&chosen(
        Disagreement::Error,
        "//- /.python-version\nsystem\n",
        &[("PACKWRIGHT_PYTHON_VERSION", "3")],
        &[],
    ));
}

#[test]
fn a_hint_never_makes_a_plan_fail() {
    for policy in [Disagreement::Error, Disagreement::Warning] {
        assert_eq!(chosen(policy, "", &[], &["4"]), "4 by Dockerfile\n");
        for hint in ["1", "alpine", "system"] {
            let expected = format!(
                "5 by default: the newest\nInfo Dockerfile speaks of Python {hint}, which is not taken\n"
            );
            assert_eq!(chosen(policy, "", &[], &[hint]), expected);
        }
        assert_eq!(chosen(policy, "//- /.python-version\n2+\n", &[], &["3"]), "3 by .python-version:1\n");
        let differs = chosen(policy, "//- /.python-version\n2\n", &[], &["3"]);
        assert!(differs.starts_with("2 by .python-version:1\n"), "{differs}");
    }
}
