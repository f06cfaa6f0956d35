//! Node, Bun and the package managers, against npm's registry.

use std::env::consts::ARCH;

use serde_json::{Value, json};

use super::{Case, Expected, Planned, Source, planned, run, show};
use crate::command::finish;
use crate::fixture::packwright;

/// The newest of the registry's releases that npm's `semver` takes for the wish and for the plan.
const JUDGE: &str = "const semver = require('/opt/npm/lib/npm/node_modules/semver');\n\
    const { execFileSync } = require('node:child_process');\n\
    const { writeFileSync } = require('node:fs');\n\
    const lists = {};\n\
    const list = (name) => (lists[name] ??= JSON.parse(\n\
    execFileSync('/opt/npm/npm', ['view', name, 'versions', '--json'], { encoding: 'utf8', maxBuffer: 1 << 28 })));\n\
    const judged = JSON.parse(process.argv[1]).map(({ name, wish, wanted }) =>\n\
    list(name).filter((one) => semver.satisfies(one, wish) && semver.satisfies(one, wanted))\n\
    .sort(semver.rcompare)[0] ?? 'none');\n\
    writeFileSync('/app/answers/judged', JSON.stringify(judged));\n";

/// A program with `fields` in its `package.json`, from line 4 on, and further `files`.
fn app(fields: &str, files: &str) -> String {
    let fields = if fields.is_empty() { String::new() } else { format!(",\n  {fields}") };
    format!(
        "//- package.json\n{{\n  \"name\": \"shop\",\n  \"scripts\": {{ \"start\": \"node server.js\" }}{fields}\n}}\n\
         //- server.js\nrequire('http').createServer().listen(process.env.PORT)\n{files}"
    )
}

/// A program that Bun runs.
fn bun(fields: &str, files: &str) -> String {
    format!(
        "//- package.json\n{{\n  \"name\": \"shop\",\n  \"scripts\": {{ \"start\": \"bun run server.ts\" }},\n  {fields}\n}}\n\
         //- server.ts\nBun.serve({{ port: process.env.PORT, fetch: () => new Response('hello') }})\n{files}"
    )
}

type Version = (&'static str, &'static str, &'static str, Option<&'static str>);

fn case(
    name: &'static str,
    tool: &'static str,
    tree: String,
    (wanted, origin, wish, exactly): Version,
) -> Case {
    Case { name, tree, args: &[], tool, expected: Expected::Version { wanted, origin, wish, exactly } }
}

fn engines(wish: &'static str, wanted: &'static str, exactly: Option<&'static str>) -> Case {
    let tree = app(&format!("\"engines\": {{ \"node\": \"{wish}\" }}"), "");
    case(wish, "node", tree, (wanted, "package.json:4", wish, exactly))
}

fn file(name: &'static str, path: &str, text: &str, version: Version) -> Case {
    case(name, "node", app("", &format!("//- {path}\n{text}\n")), version)
}

fn fails(name: &'static str, tree: String, code: &'static str, says: &'static [&'static str]) -> Case {
    Case { name, tree, args: &[], tool: "node", expected: Expected::Problem { code, says } }
}

/// All rows.
pub(super) fn cases() -> Vec<Case> {
    let mut all = runtimes();
    all.extend(managers());
    all.extend(problems());
    all
}

/// Lines that have ended have their last release here; the others move on.
fn runtimes() -> Vec<Case> {
    vec![
        engines(">=18", "24", None),
        engines("^20.10 || 22", "22", None),
        engines("20.x", "20", Some("20.20.2")),
        engines("18 - 22", "22", None),
        engines(">=16 <21", "20", Some("20.20.2")),
        engines("~20.9", "20.9", Some("20.9.0")),
        engines("<20", "18", Some("18.20.8")),
        engines("14.x || 16.x", "16", Some("16.20.2")),
        engines("^14", "14", Some("14.21.3")),
        engines("=22.1.0", "22.1.0", Some("22.1.0")),
        engines("*", "24", None),
        engines(">=25", "26", None),
        file(".nvmrc lts/iron", ".nvmrc", "lts/iron", ("20", ".nvmrc:1", "20", Some("20.20.2"))),
        file(".nvmrc lts/*", ".nvmrc", "lts/*", ("24", ".nvmrc:1", "24", None)),
        file(".nvmrc lts/-1", ".nvmrc", "lts/-1", ("22", ".nvmrc:1", "22", None)),
        file(".nvmrc v18", ".nvmrc", "# ours\nv18", ("18", ".nvmrc:2", "18", Some("18.20.8"))),
        file(".nvmrc node", ".nvmrc", "node", ("26", ".nvmrc:1", "26", None)),
        file(
            ".node-version 20.11.0",
            ".node-version",
            "20.11.0",
            ("20.11.0", ".node-version:1", "20.11.0", Some("20.11.0")),
        ),
        file(
            ".tool-versions nodejs 18.20.4",
            ".tool-versions",
            "python 3.12.4\nnodejs 18.20.4",
            ("18.20.4", ".tool-versions:2", "18.20.4", Some("18.20.4")),
        ),
        file(
            "mise.toml node = \"22.4\"",
            "mise.toml",
            "[tools]\nnode = \"22.4\"",
            ("22.4", "mise.toml:2", "22.4", Some("22.4.1")),
        ),
        case(
            "volta 16.14.2",
            "node",
            app("\"volta\": { \"node\": \"16.14.2\" }", ""),
            ("16.14.2", "package.json:4", "16.14.2", Some("16.14.2")),
        ),
        case(
            "devEngines.runtime ^22.9",
            "node",
            app("\"devEngines\": { \"runtime\": { \"name\": \"node\", \"version\": \"^22.9\" } }", ""),
            ("22", "package.json:4", "^22.9", None),
        ),
        case(
            ".nvmrc 20, engines >=18.17 <20.12",
            "node",
            app("\"engines\": { \"node\": \">=18.17 <20.12\" }", "//- .nvmrc\n20\n"),
            ("20", ".nvmrc:1", ">=18.17 <20.12", Some("20.11.1")),
        ),
        case(
            "--env 18, .nvmrc 20",
            "node",
            app("", "//- .nvmrc\n20\n"),
            ("18", "--env PACKWRIGHT_NODE_VERSION=18", "18", Some("18.20.8")),
        )
        .with_args(&["--env", "PACKWRIGHT_NODE_VERSION=18"]),
        case("nothing", "node", app("", ""), ("24", "default", "*", None)),
        case(
            ".bun-version 1.1.30",
            "bun",
            bun("\"type\": \"module\"", "//- .bun-version\n1.1.30\n"),
            ("1.1.30", ".bun-version:1", "1.1.30", Some("1.1.30")),
        ),
        case(
            "packageManager bun@1.2.3",
            "bun",
            bun("\"packageManager\": \"bun@1.2.3\"", ""),
            ("1.2.3", "package.json:4", "1.2.3", Some("1.2.3")),
        ),
        case(
            "engines.bun >=1.1 <1.2",
            "bun",
            bun("\"engines\": { \"bun\": \">=1.1 <1.2\" }", ""),
            ("1.1", "package.json:4", ">=1.1 <1.2", Some("1.1.45")),
        ),
    ]
}

/// A program with a dependency, without which there is nothing to install and no manager.
fn installing(fields: &str, lock: &str) -> String {
    let comma = if fields.is_empty() { "" } else { ", " };
    app(&format!("{fields}{comma}\"dependencies\": {{ \"left-pad\": \"1.3.0\" }}"), lock)
}

fn managers() -> Vec<Case> {
    let digest =
        "sha512-XI5MPzVNApjAyhQzphX8BkmKsKUxD4LdyK24iZeQGinBN9yTQT3bFlCBy/aVx2HrNcqQGsdot8ghrjyrvMCoEA==";
    let pnpm_lock = |format: &str| {
        let (importers, name) = match format {
            "6.0" => {
                ("dependencies:\n  left-pad:\n    specifier: 1.3.0\n    version: 1.3.0\n", "/left-pad@1.3.0")
            }
            _ => (
                "importers:\n  .:\n    dependencies:\n      left-pad:\n        specifier: 1.3.0\n        version: 1.3.0\n",
                "left-pad@1.3.0",
            ),
        };
        format!(
            "//- pnpm-lock.yaml\nlockfileVersion: '{format}'\n{importers}packages:\n  {name}:\n    \
             resolution: {{ integrity: {digest} }}\nsnapshots:\n  {name}: {{}}\n"
        )
    };
    let yarn_lock = format!(
        "//- yarn.lock\n# yarn lockfile v1\n\n\nleft-pad@1.3.0:\n  version \"1.3.0\"\n  integrity {digest}\n"
    );
    vec![
        case(
            "packageManager pnpm@9.15.0",
            "pnpm",
            installing("\"packageManager\": \"pnpm@9.15.0\"", ""),
            ("9.15.0", "package.json:4", "9.15.0", Some("9.15.0")),
        ),
        case(
            "lock of pnpm, format 6.0",
            "pnpm",
            installing("", &pnpm_lock("6.0")),
            ("^8", "pnpm-lock.yaml", "^8", Some("8.15.9")),
        ),
        case(
            "lock of pnpm, engines.pnpm >=9 <10",
            "pnpm",
            installing("\"engines\": { \"pnpm\": \">=9 <10\" }", &pnpm_lock("9.0")),
            (">=9 <10", "package.json:4", ">=9 <10", Some("9.15.9")),
        ),
        case(
            "packageManager yarn@1.22.19",
            "yarn",
            installing("\"packageManager\": \"yarn@1.22.19\"", &yarn_lock),
            ("1.22.19", "package.json:4", "1.22.19", Some("1.22.19")),
        ),
        case("lock of yarn 1", "yarn", installing("", &yarn_lock), ("^1.22", "yarn.lock", "^1.22", None)),
        case(
            "packageManager yarn@4.5.0",
            "yarn",
            installing("\"packageManager\": \"yarn@4.5.0\"", ""),
            ("4.5.0", "package.json:4", "4.5.0", Some("4.5.0")),
        ),
    ]
}

fn problems() -> Vec<Case> {
    let nvmrc = |text: &str| app("", &format!("//- .nvmrc\n{text}\n"));
    let engines = |wish: &str| app(&format!("\"engines\": {{ \"node\": \"{wish}\" }}"), "");
    vec![
        fails(".nvmrc 99", nvmrc("99"), "node/version-unavailable", &[".nvmrc:1", "the newest was"]),
        fails(
            "engines 6",
            engines("6"),
            "node/version-unavailable",
            &["package.json:4", "the oldest that can be had"],
        ),
        fails(
            ".nvmrc lts/nosuch",
            nvmrc("lts/nosuch"),
            "node/version-unreadable",
            &[".nvmrc:1", "lts/nosuch"],
        ),
        fails(".nvmrc system", nvmrc("system"), "node/version-unreadable", &[".nvmrc:1", "system"]),
        fails("engines >=22 <20", engines(">=22 <20"), "node/version-empty", &["package.json:4", ">=22 <20"]),
        fails(
            ".nvmrc 18, engines >=20",
            app("\"engines\": { \"node\": \">=20\" }", "//- .nvmrc\n18\n"),
            "node/versions-differ",
            &[".nvmrc:1", "package.json:4"],
        ),
    ]
}

/// The package of the registry that the finding step asks about.
fn package(planned: &Planned<'_>) -> Value {
    let Source::Step { step, .. } = planned.source() else {
        panic!("{} is not found by npm", planned.case.name)
    };
    let processor = match ARCH {
        "x86_64" => "x64",
        _ => "arm64",
    };
    let words = step["commands"][0]["exec"].as_array().unwrap();
    let at =
        words.iter().position(|word| word == processor).expect("the packages stand behind the processors");
    words[at + 1].clone()
}

#[test]
fn node_versions() {
    let cases = cases();
    let (planned, mut rows) = planned(&cases);
    let asked: Vec<Value> = planned
        .iter()
        .map(|one| json!({ "name": package(one), "wish": one.wish(), "wanted": one.wanted() }))
        .collect();
    let judge = json!({ "exec": ["/opt/npm/node", "-e", JUDGE, json!(asked).to_string()] });
    let (judged, answers) = run(&planned.iter().collect::<Vec<_>>(), judge);
    let mut wrong = Vec::new();
    for (number, one) in planned.iter().enumerate() {
        let source = package(one);
        let newest = judged[number].as_str().unwrap();
        let (row, problem) = one.judge(&answers[&number], newest, source.as_str().unwrap());
        rows.insert(number, row);
        wrong.extend(problem);
    }
    show("Node, Bun and package managers", &rows, &wrong);
}

/// A line that is known, a release that is not: only the registry can tell.
#[test]
fn a_release_that_is_not_in_the_registry_is_named() {
    let case = file("22.99.0", ".nvmrc", "22.99.0", ("22.99.0", ".nvmrc:1", "22.99.0", None));
    let (planned, _) = planned(std::slice::from_ref(&case));
    let lock = planned[0].dir.path().join("packwright.lock");
    finish(packwright(["lock"]).arg(planned[0].dir.path())).failed(
        1,
        &[
            "no release of node satisfies `22.99.0`",
            "the newest 22 is 22.",
            "fix:",
            ".nvmrc:1",
            "PACKWRIGHT_NODE_VERSION",
        ],
    );
    assert!(!lock.exists());
}
