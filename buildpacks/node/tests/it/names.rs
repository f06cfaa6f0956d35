//! Names that mean something elsewhere: to path patterns, to the shell.

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;

use packwright_buildpack::planner::{
    Buildpack, Command, Input, MemoryTree, Plan, PlanContext, PlanOptions, RelPath, Role, Selection,
    SourceFile, SourceTree, Step,
};
use packwright_node::Node;

use super::{for_app, planned};

fn plan_of(text: &str, options: &PlanOptions) -> Plan {
    planned(&MemoryTree::parse(text), options).unwrap_or_else(|error| panic!("{:?}", error.problems()))
}

fn step<'a>(plan: &'a Plan, name: &str) -> &'a Step {
    plan.steps.iter().find(|step| step.name.as_str() == name).unwrap()
}

/// Whether one of the step's selections has the file.
fn sees(step: &Step, path: &str) -> bool {
    let path: RelPath = path.parse().unwrap();
    let chosen = |selection: &Selection| selection.matcher().unwrap()(&path);
    step.inputs.iter().any(|input| matches!(input, Input::Source(selection) if chosen(selection)))
}

/// The text that a command writes into `file`.
fn written(step: &Step, file: &str) -> String {
    let start = format!("cat > {file} <<'END'\n");
    let found = step.commands.iter().find_map(|command| match command {
        Command::Shell(line) => Some(line.strip_prefix(&start)?.strip_suffix("\nEND")?.to_owned()),
        Command::Exec(_) => None,
    });
    found.unwrap()
}

const WORKSPACE: &str = r#"
//- /package.json
{ "workspaces": ["apps/*"] }
//- /package-lock.json
{ "lockfileVersion": 3, "packages": { "": {} } }
//- /apps/[shop]/package.json
{ "name": "shop", "scripts": { "start": "node server.js", "build": "vite build" },
  "dependencies": { "tool": "file:../../vendor/{tool}" } }
//- /apps/[shop]/server.js
listen(process.env.PORT)
//- /apps/{docs}/package.json
{ "name": "docs", "scripts": { "start": "node server.js" } }
//- /apps/{docs}/server.js
listen(process.env.PORT)
//- /vendor/{tool}/package.json
{ "name": "tool" }
"#;

#[test]
fn paths_of_the_tree_are_no_patterns() {
    let plan = plan_of(WORKSPACE, &for_app("shop"));
    let install = step(&plan, "node.install");
    for path in ["apps/[shop]/package.json", "apps/{docs}/package.json", "vendor/{tool}/package.json"] {
        assert!(sees(install, path), "node.install does not see {path}");
    }
    assert!(sees(step(&plan, "node.prune"), "apps/[shop]/package.json"));
    let build = step(&plan, "node.build");
    assert!(sees(build, "apps/[shop]/server.js"));
    assert!(sees(build, "apps/{docs}/package.json"));
    assert!(!sees(build, "apps/{docs}/server.js"), "the other application is no part of the build");
    let image = plan.source.matcher().unwrap();
    assert!(image(&"apps/[shop]/server.js".parse().unwrap()));
    assert!(!image(&"apps/{docs}/server.js".parse().unwrap()), "nor of the image");
}

#[test]
fn a_script_of_the_project_sees_the_file_that_it_names() {
    let plan = plan_of(
        r#"
//- /package.json
{ "scripts": { "start": "node server.js", "postinstall": "node tools/[set].js" }, "dependencies": { "koa": "3" } }
//- /server.js
listen(process.env.PORT)
//- /tools/[set].js
console.log(1)
"#,
        &PlanOptions::default(),
    );
    assert!(sees(step(&plan, "node.scripts"), "tools/[set].js"));
}

#[test]
fn scripts_of_the_project_are_read_as_a_shell_reads_them() {
    for (script, sees_whole) in [
        ("CI=1 node 'tools/a b.js' >log 2>&1 # & more", false),
        ("echo 'a | b' && node \\\"tools/a b.js\\\"", false),
        ("node 'tools/a b.js' && make", true),
    ] {
        let tree = format!(
            "//- /package.json\n{{ \"scripts\": {{ \"start\": \"node server.js\", \"postinstall\": \"{script}\" }}, \"dependencies\": {{ \"koa\": \"3\" }} }}\n//- /server.js\nlisten(process.env.PORT)\n//- /tools/a b.js\nconsole.log(1)\n"
        );
        let plan = plan_of(&tree, &PlanOptions::default());
        let scripts = step(&plan, "node.scripts");
        assert!(sees(scripts, "tools/a b.js"), "{script}");
        assert_eq!(sees(scripts, "server.js"), sees_whole, "{script}");
    }
}

#[test]
fn a_yarn_path_with_a_quote_is_one_word() {
    let plan = plan_of(
        r#"
//- /package.json
{ "scripts": { "start": "node server.js" }, "packageManager": "yarn@4.1.0", "dependencies": { "koa": "^3.0.0" } }
//- /server.js
listen(process.env.PORT)
//- /.yarnrc.yml
nodeLinker: node-modules
yarnPath: ".yarn/it's; $HOME/yarn.cjs"
//- /.yarn/it's; $HOME/yarn.cjs
//- /yarn.lock
__metadata:
  version: 8
"#,
        &PlanOptions::default(),
    );
    let script = written(step(&plan, "node.manager"), "/opt/manager/bin/yarn");
    assert_eq!(
        script,
        r#"#!/bin/sh
exec node '/app/.yarn/it'\''s; $HOME/yarn.cjs' "$@""#
    );
}

#[test]
fn a_directory_of_next_with_a_quote_is_one_word() {
    let plan = plan_of(
        r#"
//- /package.json
{ "scripts": { "build": "next build" }, "dependencies": { "next": "16.0.0" } }
//- /next.config.js
module.exports = { output: 'standalone', distDir: "it's; rm -rf $HOME" }
"#,
        &PlanOptions::default(),
    );
    let layout = step(&plan, "node.build").commands.last().unwrap().to_string();
    let word = r"'it'\''s; rm -rf $HOME/standalone/server.js'";
    assert!(layout.starts_with(&format!("test -f {word} || ")), "{layout}");
    // Outside of quotes nothing of the name is left.
    let quoted = layout.replace(r"'\''", "");
    let bare: String = quoted.split('\'').step_by(2).collect();
    assert!(!bare.contains("$HOME") && !bare.contains("rm -rf $"), "{bare}");
}

/// A tree that counts how often each file is read.
struct Counting {
    tree: MemoryTree,
    reads: Mutex<BTreeMap<RelPath, usize>>,
}

impl SourceTree for Counting {
    fn files(&self) -> &[SourceFile] {
        self.tree.files()
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        *self.reads.lock().unwrap().entry(path.clone()).or_default() += 1;
        self.tree.read(path)
    }
}

#[test]
fn what_installs_packages_is_read_once() {
    let tree = MemoryTree::parse(
        r#"
//- /package.json
{ "packageManager": "pnpm@10.1.0", "pnpm": { "patchedDependencies": { "koa@3.0.0": "fix/koa.patch" } } }
//- /pnpm-workspace.yaml
packages: ["apps/*"]
onlyBuiltDependencies: [sharp]
//- /.npmrc
//registry/:_authToken=${TOKEN}
//- /fix/koa.patch
//- /apps/web/package.json
{ "name": "web", "scripts": { "start": "node server.js", "build": "vite build" },
  "dependencies": { "koa": "3.0.0", "sharp": "0.34.0" }, "devDependencies": { "vite": "7" } }
//- /apps/web/server.js
listen(process.env.PORT)
//- /apps/docs/package.json
{ "name": "docs" }
"#,
    );
    let counting = Counting { tree, reads: Mutex::default() };
    let model = packwright_platforms::model(&counting).component(None);
    let options = PlanOptions::default();
    counting.reads.lock().unwrap().clear();
    let given = PlanContext { tree: &counting, model: &model, options: &options, role: Role::Owner };
    let proposal = Node.propose(&given).unwrap().unwrap();
    assert!(proposal.steps.iter().any(|step| step.name.as_str() == "node.scripts"));
    let reads = counting.reads.lock().unwrap();
    let often: Vec<_> = reads.iter().filter(|(_, times)| **times > 1).collect();
    assert!(reads.len() > 4 && often.is_empty(), "{often:?}");
}
