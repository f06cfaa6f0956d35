//! Which Node and which Bun: what a wish resolves to, and whose wish it is.
//!
//! The rows say what is planned: the line, the range of which the newest release is taken when
//! the plan is pinned, and the source.

use expect_test::{Expect, expect};
use packwright_buildpack::planner::{Buildpack, MemoryTree, PlanOptions, plan};
use packwright_node::Node;

/// The choice of `tool` in the tree, or the problems.
fn resolved(tool: &str, text: &str, variables: &[(&str, &str)]) -> String {
    let environment = variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let options = PlanOptions { environment, ..PlanOptions::default() };
    let packs: [&dyn Buildpack; 1] = [&Node];
    let plan = match plan(&MemoryTree::parse(text), &packs, &packwright_platforms::model, &options) {
        Ok(plan) => plan,
        Err(error) => {
            return error
                .problems()
                .iter()
                .map(|problem| {
                    let lines = [Some(&problem.message), problem.why.as_ref(), problem.fix.as_ref()];
                    let lines: Vec<&str> = lines.into_iter().flatten().map(String::as_str).collect();
                    format!("error {}: {}\n", problem.code, lines.join("\n  "))
                })
                .collect();
        }
    };
    let version = plan.versions.iter().find(|version| version.tool == tool).unwrap();
    let variable = format!("{}_RANGE", tool.to_uppercase());
    let range = plan.steps.iter().find_map(|step| step.environment.get(&variable)).unwrap();
    let mut out = format!("{} ({range}) by {}\n", version.wanted, version.origin);
    let subject = format!("{tool} version");
    let decision = plan.decisions.iter().find(|decision| decision.subject == subject).unwrap();
    for loser in &decision.overridden {
        out += &format!("  also {} by {}\n", loser.value, loser.origin);
    }
    for found in plan.diagnostics.iter().filter(|found| found.code.starts_with("node/version")) {
        out += &format!("  {}: {}\n", found.code, found.message);
    }
    out
}

/// A program with the given fields in its `package.json`, from line 4 on, and further files.
fn tree(fields: &str, files: &str) -> String {
    format!(
        "//- /package.json\n{{\n  \"name\": \"shop\",\n  \"scripts\": {{ \"start\": \"node server.js\" }}{fields}\n}}\n\
         //- /server.js\nrequire('http').createServer().listen(process.env.PORT)\n{files}"
    )
}

fn check(fields: &str, files: &str, expected: Expect) {
    expected.assert_eq(&resolved("node", &tree(fields, files), &[]));
}

/// Wishes in `engines.node`, one a row.
#[test]
fn ranges() {
    let wishes = [
        "20",
        "20.x",
        "20.*",
        "20.11",
        "v20.11.0",
        "=22.1.0",
        ">=18",
        ">= 18.0.0",
        ">18",
        "<20",
        "<=22",
        "^20.10 || 22",
        "^18.17.0 || ^20.3.0 || >=21.0.0",
        "~20.9",
        "~22.4.1",
        "^24.2.0",
        "18 - 22",
        ">=16 <21",
        ">=18 <=21",
        ">=24.5 <25",
        "*",
        "",
        "x",
        "26",
        ">=25",
        "25.x",
        "14.x || 16.x",
        "10",
        "latest",
        "current",
        "node",
        "stable",
        "lts",
        "lts/*",
        "LTS/-1",
        "lts/iron",
        "iron",
        "Hydrogen",
        "20.11.0-rc.1 || 22",
        "  22  ",
    ];
    let rows: String = wishes
        .iter()
        .map(|wish| {
            let engines = format!(",\n  \"engines\": {{ \"node\": \"{wish}\" }}");
            format!("`{wish}` = {}", resolved("node", &tree(&engines, ""), &[]))
        })
        .collect();
    expect![[r#"
        `20` = 20 (>=20.0.0 <21.0.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 20, which has had no security fixes since 2026-04-30
        `20.x` = 20 (>=20.0.0 <21.0.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 20, which has had no security fixes since 2026-04-30
        `20.*` = 20 (>=20.0.0 <21.0.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 20, which has had no security fixes since 2026-04-30
        `20.11` = 20.11 (>=20.11.0 <20.12.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 20, which has had no security fixes since 2026-04-30
        `v20.11.0` = 20.11.0 (20.11.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 20, which has had no security fixes since 2026-04-30
        `=22.1.0` = 22.1.0 (22.1.0) by package.json:4
        `>=18` = 24 (>=24.0.0 <25.0.0) by package.json:4
        `>= 18.0.0` = 24 (>=24.0.0 <25.0.0) by package.json:4
        `>18` = 24 (>=24.0.0 <25.0.0) by package.json:4
        `<20` = 18 (>=18.0.0 <19.0.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 18, which has had no security fixes since 2025-04-30
        `<=22` = 22 (>=22.0.0 <23.0.0) by package.json:4
        `^20.10 || 22` = 22 (>=22.0.0 <23.0.0) by package.json:4
        `^18.17.0 || ^20.3.0 || >=21.0.0` = 24 (>=24.0.0 <25.0.0) by package.json:4
        `~20.9` = 20.9 (>=20.9.0 <20.10.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 20, which has had no security fixes since 2026-04-30
        `~22.4.1` = 22.4 (>=22.4.1 <22.5.0) by package.json:4
        `^24.2.0` = 24 (>=24.2.0 <25.0.0) by package.json:4
        `18 - 22` = 22 (>=22.0.0 <23.0.0) by package.json:4
        `>=16 <21` = 20 (>=20.0.0 <21.0.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 20, which has had no security fixes since 2026-04-30
        `>=18 <=21` = 20 (>=20.0.0 <21.0.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 20, which has had no security fixes since 2026-04-30
        `>=24.5 <25` = 24 (>=24.5.0 <25.0.0) by package.json:4
        `*` = 24 (>=24.0.0 <25.0.0) by package.json:4
        `` = 24 (>=24.0.0 <25.0.0) by package.json:4
        `x` = 24 (>=24.0.0 <25.0.0) by package.json:4
        `26` = 26 (>=26.0.0 <27.0.0) by package.json:4
        `>=25` = 26 (>=26.0.0 <27.0.0) by package.json:4
        `25.x` = 25 (>=25.0.0 <26.0.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 25, which has had no security fixes since 2026-06-01
        `14.x || 16.x` = 16 (>=16.0.0 <17.0.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 16, which has had no security fixes since 2023-09-11
        `10` = 10 (>=10.0.0 <11.0.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 10, which has had no security fixes since 2021-04-30
        `latest` = 26 (>=26.0.0 <27.0.0) by package.json:4
        `current` = 26 (>=26.0.0 <27.0.0) by package.json:4
        `node` = 26 (>=26.0.0 <27.0.0) by package.json:4
        `stable` = 26 (>=26.0.0 <27.0.0) by package.json:4
        `lts` = 24 (>=24.0.0 <25.0.0) by package.json:4
        `lts/*` = 24 (>=24.0.0 <25.0.0) by package.json:4
        `LTS/-1` = 22 (>=22.0.0 <23.0.0) by package.json:4
        `lts/iron` = 20 (>=20.0.0 <21.0.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 20, which has had no security fixes since 2026-04-30
        `iron` = 20 (>=20.0.0 <21.0.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 20, which has had no security fixes since 2026-04-30
        `Hydrogen` = 18 (>=18.0.0 <19.0.0) by package.json:4
          node/version-ended: package.json:4 asks for Node 18, which has had no security fixes since 2025-04-30
        `20.11.0-rc.1 || 22` = 22 (>=22.0.0 <23.0.0) by package.json:4
        `  22  ` = 22 (>=22.0.0 <23.0.0) by package.json:4
    "#]].assert_eq(&rows);
}

/// Wishes that cannot be had, each with file and line.
#[test]
fn impossible() {
    let wishes = [
        ">=99",
        "27",
        "6",
        "0.12",
        ">=18 <=16",
        "20 22",
        "20.11.0-rc.1",
        "please use 20",
        "20,22",
        "lts/foo",
        "lts/-7",
        "system",
        "iojs",
        "iojs-3",
        "020",
    ];
    let rows: String = wishes
        .iter()
        .map(|wish| resolved("node", &tree("", &format!("//- /.nvmrc\n# for nvm\n{wish}\n")), &[]))
        .collect();
    expect![[r#"
        error node/version-unavailable: .nvmrc:2 asks for Node >=99, which cannot be had
          on 2026-11-22 the lines with long-term support were 24 and 22, the newest was 26; the oldest that can be had is 7
          ask for 26, the nearest
        error node/version-unavailable: .nvmrc:2 asks for Node 27, which cannot be had
          on 2026-11-22 the lines with long-term support were 24 and 22, the newest was 26; the oldest that can be had is 7
          ask for 26, the nearest
        error node/version-unavailable: .nvmrc:2 asks for Node 6, which cannot be had
          on 2026-11-22 the lines with long-term support were 24 and 22, the newest was 26; the oldest that can be had is 7
          ask for 22, the nearest
        error node/version-unavailable: .nvmrc:2 asks for Node 0.12, which cannot be had
          on 2026-11-22 the lines with long-term support were 24 and 22, the newest was 26; the oldest that can be had is 7
          ask for 22, the nearest
        error node/version-empty: .nvmrc:2: no version satisfies `>=18 <=16`
          its parts exclude each other, or it names what comes before a release
          write a range that has versions, such as `24`
        error node/version-empty: .nvmrc:2: no version satisfies `20 22`
          its parts exclude each other, or it names what comes before a release
          write a range that has versions, such as `24`
        error node/version-empty: .nvmrc:2: no version satisfies `20.11.0-rc.1`
          its parts exclude each other, or it names what comes before a release
          write a range that has versions, such as `24`
        error node/version-unreadable: .nvmrc:2: `please use 20` is not understood as a version of Node
          it is neither a range as npm reads them nor a name such as `lts/*` or `lts/iron`
          write a version such as `24`
        error node/version-unreadable: .nvmrc:2: `20,22` is not understood as a version of Node
          it is neither a range as npm reads them nor a name such as `lts/*` or `lts/iron`
          write a version such as `24`
        error node/version-unreadable: .nvmrc:2: `lts/foo` is not understood as a version of Node
          it is neither a range as npm reads them nor a name such as `lts/*` or `lts/iron`
          write a version such as `24`
        error node/version-unreadable: .nvmrc:2: `lts/-7` is not understood as a version of Node
          it is neither a range as npm reads them nor a name such as `lts/*` or `lts/iron`
          write a version such as `24`
        error node/version-unreadable: .nvmrc:2: `system` is not understood as a version of Node
          it is the Node of a machine, and an image stands on none
          name a version, such as `24`
        error node/version-unavailable: .nvmrc:2 asks for io.js
          io.js became Node 4 in 2015
          name a version of Node, such as `24`
        error node/version-unavailable: .nvmrc:2 asks for io.js
          io.js became Node 4 in 2015
          name a version of Node, such as `24`
        error node/version-unreadable: .nvmrc:2: `020` is not understood as a version of Node
          it is neither a range as npm reads them nor a name such as `lts/*` or `lts/iron`
          write a version such as `24`
    "#]].assert_eq(&rows);
}

#[test]
fn nobody_asks() {
    check(
        "",
        "",
        expect![[r#"
        24 (>=24.0.0 <25.0.0) by default: the newest line of Node with long-term support
    "#]],
    );
}

#[test]
fn sources_in_falling_precedence() {
    let volta = ",\n  \"volta\": { \"node\": \"22.5.0\" }";
    let dev = ",\n  \"devEngines\": { \"runtime\": { \"name\": \"node\", \"version\": \"^22.4\" } }";
    let engines = ",\n  \"engines\": { \"node\": \">=22\" }";
    let files = [
        ("//- /.nvmrc\nv22.5.0\n", ".nvmrc"),
        ("//- /.node-version\n22.5\n", ".node-version"),
        ("//- /.tool-versions\npython 3.13\nnodejs 22.5.0 20.1.0 # both\n", ".tool-versions"),
        ("//- /mise.toml\n[tools]\npython = \"3.13\"\nnode = [\"22.5.0\", \"20\"]\n", "mise.toml"),
    ];
    let fields = [(volta, "volta"), (dev, "devEngines"), (engines, "engines")];
    let mut rows = String::new();
    for skipped in 0..=files.len() + fields.len() {
        let files: String = files.iter().skip(skipped).map(|file| file.0).collect();
        let fields: String = fields.iter().skip(skipped.saturating_sub(4)).map(|field| field.0).collect();
        rows += &resolved("node", &tree(&fields, &files), &[]);
    }
    expect![[r#"
        22.5.0 (22.5.0) by .nvmrc:1
          also 22.5 by .node-version:1
          also 22.5.0 by .tool-versions:2
          also 22.5.0 by mise.toml:3
          also 22.5.0 by package.json:4
          also ^22.4 by package.json:5
          also >=22 by package.json:6
          node/version-file-several: .tool-versions:2: `20.1.0` is not used, `22.5.0` before it is
          node/version-file-several: mise.toml:3: `20` is not used, `22.5.0` before it is
        22.5.0 (22.5.0) by .node-version:1
          also 22.5.0 by .tool-versions:2
          also 22.5.0 by mise.toml:3
          also 22.5.0 by package.json:4
          also ^22.4 by package.json:5
          also >=22 by package.json:6
          node/version-file-several: .tool-versions:2: `20.1.0` is not used, `22.5.0` before it is
          node/version-file-several: mise.toml:3: `20` is not used, `22.5.0` before it is
        22.5.0 (22.5.0) by .tool-versions:2
          also 22.5.0 by mise.toml:3
          also 22.5.0 by package.json:4
          also ^22.4 by package.json:5
          also >=22 by package.json:6
          node/version-file-several: .tool-versions:2: `20.1.0` is not used, `22.5.0` before it is
          node/version-file-several: mise.toml:3: `20` is not used, `22.5.0` before it is
        22.5.0 (22.5.0) by mise.toml:3
          also 22.5.0 by package.json:4
          also ^22.4 by package.json:5
          also >=22 by package.json:6
          node/version-file-several: mise.toml:3: `20` is not used, `22.5.0` before it is
        22.5.0 (22.5.0) by package.json:4
          also ^22.4 by package.json:5
          also >=22 by package.json:6
        22 (>=22.4.0 <23.0.0) by package.json:4
          also >=22 by package.json:5
        24 (>=24.0.0 <25.0.0) by package.json:4
        24 (>=24.0.0 <25.0.0) by default: the newest line of Node with long-term support
    "#]]
    .assert_eq(&rows);
}

#[test]
fn forms_of_mise() {
    let forms = [
        "[tools]\nnode = 22\n",
        "[tools]\nnode = \"lts\"\n",
        "[tools]\nnode = { version = \"prefix:22\", postinstall = \"x\" }\n",
        "[tools.node]\nversion = \"20.11\"\n",
        "[tools]\n\"core:node\" = [{ version = \"20\" }]\n",
        "[tools]\nnodejs = \"latest\"\n",
        "[env]\nA = \"b\"\n",
        "[tools]\nnode = true\n",
        "[tools]\nnode = \n",
    ];
    let mut rows = String::new();
    for path in ["mise.toml", ".config/mise/config.toml"] {
        for form in &forms {
            rows += &resolved("node", &tree("", &format!("//- /{path}\n{form}")), &[]);
        }
    }
    expect![[r#"
        22 (>=22.0.0 <23.0.0) by mise.toml:2
        24 (>=24.0.0 <25.0.0) by mise.toml:2
        22 (>=22.0.0 <23.0.0) by mise.toml:2
        20.11 (>=20.11.0 <20.12.0) by mise.toml:2
          node/version-ended: mise.toml:2 asks for Node 20, which has had no security fixes since 2026-04-30
        20 (>=20.0.0 <21.0.0) by mise.toml:2
          node/version-ended: mise.toml:2 asks for Node 20, which has had no security fixes since 2026-04-30
        26 (>=26.0.0 <27.0.0) by mise.toml:2
        24 (>=24.0.0 <25.0.0) by default: the newest line of Node with long-term support
        error node/version-unreadable: mise.toml:2 names no version of Node
          write `node = "24"`, a list of versions, or a table with `version`
        error node/broken-manifest: mise.toml:2:8 is not valid TOML
          string values must be quoted, expected literal string
          correct line 2 of mise.toml
        22 (>=22.0.0 <23.0.0) by .config/mise/config.toml:2
        24 (>=24.0.0 <25.0.0) by .config/mise/config.toml:2
        22 (>=22.0.0 <23.0.0) by .config/mise/config.toml:2
        20.11 (>=20.11.0 <20.12.0) by .config/mise/config.toml:2
          node/version-ended: .config/mise/config.toml:2 asks for Node 20, which has had no security fixes since 2026-04-30
        20 (>=20.0.0 <21.0.0) by .config/mise/config.toml:2
          node/version-ended: .config/mise/config.toml:2 asks for Node 20, which has had no security fixes since 2026-04-30
        26 (>=26.0.0 <27.0.0) by .config/mise/config.toml:2
        24 (>=24.0.0 <25.0.0) by default: the newest line of Node with long-term support
        error node/version-unreadable: .config/mise/config.toml:2 names no version of Node
          write `node = "24"`, a list of versions, or a table with `version`
        error node/broken-manifest: .config/mise/config.toml:2:8 is not valid TOML
          string values must be quoted, expected literal string
          correct line 2 of .config/mise/config.toml
    "#]].assert_eq(&rows);
}

#[test]
fn files_that_exclude_each_other_are_an_error_with_both_places() {
    check(
        ",\n  \"engines\": { \"node\": \"^22\" }",
        "//- /.nvmrc\n20.11.0\n",
        expect![[r#"
            error node/versions-differ: `.nvmrc:1` and `package.json:4` ask for different Node versions
              .nvmrc:1 wants `20.11.0`, package.json:4 wants `^22`; no version satisfies both
              make them agree, or choose with `--env PACKWRIGHT_NODE_VERSION=20.11.0`
        "#]],
    );
}

#[test]
fn three_that_agree_only_in_pairs() {
    check(
        ",\n  \"devEngines\": { \"runtime\": [{ \"name\": \"bun\" }, { \"name\": \"node\", \"version\": \"20 || 24\" }] },\n  \"engines\": { \"node\": \"22 || 24\" }",
        "//- /.nvmrc\n20 || 22\n",
        expect![[r#"
            error node/versions-differ: `.nvmrc:1`, `package.json:4` and `package.json:5` ask for different Node versions
              .nvmrc:1 wants `20 || 22`, package.json:4 wants `20 || 24`, package.json:5 wants `22 || 24`; no version satisfies all
              make them agree, or choose with `--env PACKWRIGHT_NODE_VERSION='20 || 22'`
        "#]],
    );
}

#[test]
fn the_caller_settles_what_files_disagree_about() {
    let fields = ",\n  \"engines\": { \"node\": \"^22\" }";
    let files = "//- /.nvmrc\nsystem\n//- /.node-version\n20.11.0\n";
    let row = resolved("node", &tree(fields, files), &[("PACKWRIGHT_NODE_VERSION", "24")]);
    expect![[r#"
        24 (>=24.0.0 <25.0.0) by --env PACKWRIGHT_NODE_VERSION=24
          also 20.11.0 by .node-version:1
          also ^22 by package.json:4
          node/version-unreadable: .nvmrc:1: `system` is not understood as a version of Node
    "#]]
    .assert_eq(&row);
    let row = resolved("node", &tree("", ""), &[("PACKWRIGHT_NODE_VERSION", "twenty")]);
    expect![[r#"
        error node/version-unreadable: --env PACKWRIGHT_NODE_VERSION=twenty: `twenty` is not understood as a version of Node
          it is neither a range as npm reads them nor a name such as `lts/*` or `lts/iron`
          write a version such as `24`
    "#]].assert_eq(&row);
}

#[test]
fn what_all_allow_is_taken() {
    check(
        ",\n  \"engines\": { \"node\": \">=20.10 <25\" }",
        "//- /.nvmrc\n20\n",
        expect![[r#"
            20 (>=20.10.0 <21.0.0) by .nvmrc:1
              also >=20.10 <25 by package.json:4
              node/version-ended: .nvmrc:1 asks for Node 20, which has had no security fixes since 2026-04-30
        "#]],
    );
}

#[test]
fn empty_and_long_files_are_remarked_on() {
    check(
        "",
        "//- /.nvmrc\n\n# nothing\n//- /.node-version\n22 # why\n20\n",
        expect![[r#"
            22 (>=22.0.0 <23.0.0) by .node-version:1
              node/version-file-empty: .nvmrc names no version
              node/version-file-several: .node-version:2: `20` is not used, `22` before it is
        "#]],
    );
}

/// In a workspace the file nearest to the application speaks.
#[test]
fn workspaces() {
    let text = "//- /package.json\n{ \"private\": true, \"workspaces\": [\"apps/*\"], \"engines\": { \"node\": \"20\" } }\n\
                //- /.nvmrc\n20\n\
                //- /apps/web/.nvmrc\n22\n\
                //- /apps/web/package.json\n{ \"name\": \"web\", \"version\": \"1.0.0\", \"scripts\": { \"start\": \"node server.js\" },\n\"engines\": { \"node\": \">=22\" } }\n\
                //- /apps/web/server.js\nrequire('http').createServer().listen(process.env.PORT)\n\
                //- /package-lock.json\n{ \"lockfileVersion\": 3, \"packages\": { \"\": { \"workspaces\": [\"apps/*\"] }, \
                \"apps/web\": { \"name\": \"web\", \"version\": \"1.0.0\" }, \"node_modules/web\": { \"resolved\": \"apps/web\", \"link\": true } } }\n";
    expect![[r#"
        22 (>=22.0.0 <23.0.0) by apps/web/.nvmrc:1
          also >=22 by apps/web/package.json:2
    "#]]
    .assert_eq(&resolved("node", text, &[]));
}

#[test]
fn bun() {
    let tree = |fields: &str, files: &str| {
        format!(
            "//- /package.json\n{{\n  \"name\": \"shop\",\n  \"scripts\": {{ \"start\": \"bun server.ts\" }}{fields}\n}}\n\
             //- /bun.lock\n{{\n  \"lockfileVersion\": 1,\n  \"workspaces\": {{ \"\": {{ \"name\": \"shop\" }} }},\n  \"packages\": {{}},\n}}\n\
             //- /server.ts\nBun.serve({{ port: process.env.PORT, fetch() {{ return new Response('hello') }} }})\n{files}"
        )
    };
    let cases = [
        (tree("", ""), vec![]),
        (tree(",\n  \"packageManager\": \"bun@1.2.3\"", ""), vec![]),
        (tree(",\n  \"engines\": { \"bun\": \">=1.1\" }", ""), vec![]),
        (tree(",\n  \"engines\": { \"bun\": \"^1.1\" }", "//- /.bun-version\n1.2.4\n"), vec![]),
        (tree("", "//- /.tool-versions\nbun 1.3.1\n"), vec![]),
        (tree("", "//- /mise.toml\n[tools]\nbun = \"latest\"\n"), vec![]),
        (tree(",\n  \"packageManager\": \"bun@1.2.3\"", "//- /.bun-version\n1.2.4\n"), vec![]),
        (tree("", "//- /.bun-version\ncanary\n"), vec![]),
        (tree("", "//- /.bun-version\n1.2.4\n"), vec![("PACKWRIGHT_BUN_VERSION", "1.4")]),
    ];
    let rows: String = cases.iter().map(|(text, variables)| resolved("bun", text, variables)).collect();
    expect![[r#"
        1 (>=1.0.0 <2.0.0) by default: the newest Bun
        1.2.3 (1.2.3) by package.json:4
        >=1.1.0 (>=1.1.0) by package.json:4
        1.2.4 (1.2.4) by .bun-version:1
          also ^1.1 by package.json:4
        1.3.1 (1.3.1) by .tool-versions:1
        * (*) by mise.toml:2
        error node/versions-differ: `package.json:4` and `.bun-version:1` ask for different Bun versions
          package.json:4 wants `1.2.3`, .bun-version:1 wants `1.2.4`; no version satisfies both
          make them agree, or choose with `--env PACKWRIGHT_BUN_VERSION=1.2.3`
        error node/version-unreadable: .bun-version:1: `canary` is not understood as a version of Bun
          it is no range as npm reads them
          write a version such as `1.2.3`
        1.4 (>=1.4.0 <1.5.0) by --env PACKWRIGHT_BUN_VERSION=1.4
          also 1.2.4 by .bun-version:1
    "#]]
    .assert_eq(&rows);
}
