//! Project descriptors: real ones and unusual ones.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::declarations;
use crate::dir_view::DirView;
use crate::generate::{breaches, listing};
use crate::test_languages::LANGUAGES;

fn read(tree: &MemoryTree) -> Vec<packwright_planner::Declarations> {
    declarations(&DirView { tree, dir: None, languages: LANGUAGES, environment: &BTreeMap::new() })
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&listing(&read(&MemoryTree::parse(&format!("//- /project.toml\n{text}")))));
}

#[test]
fn what_heroku_uses() {
    check(
        r#"[_]
schema-version = "0.2"
id = "com.example.shop"
name = "shop"

[[_.licenses]]
type = "MIT"

[io.buildpacks]
builder = "heroku/builder:24"
exclude = ["*.psd", "/docs"]

[[io.buildpacks.group]]
id = "heroku/deb-packages"

[[io.buildpacks.group]]
id = "heroku/nodejs"
version = "3.2.1"

[[io.buildpacks.group]]
uri = "urn:cnb:registry:heroku/python"

[[io.buildpacks.build.env]]
name = "BP_NODE_VERSION"
value = "20.*"

[[io.buildpacks.build.env]]
name = "STAGE"
value = "production"

[[io.buildpacks.build.env]]
name = "NPM_TOKEN"
value = "npm_0123456789abcdef0123"

[com.heroku.buildpacks.deb-packages]
install = ["ffmpeg", {name = "libpq-dev", skip_dependencies = true}, {}, "No Name"]

[[com.heroku.buildpacks.deb-packages.sources]]
uri = "https://apt.example.com"
"#,
        expect![[r#"
            cnb Decides project.toml
              project.toml:4 name "shop"
              component .
              project.toml:21 language "python"
              project.toml:14 strategy Buildpacks { builder: Some("heroku/builder:24"), list: ["heroku/deb-packages", "heroku/nodejs@3.2.1", "urn:cnb:registry:heroku/python"] }
              project.toml:25 node "20.*"
              project.toml:36 package ffmpeg Run
              project.toml:36 package libpq-dev Build
              project.toml:36 package libpq5 Run
              project.toml:29 STAGE Build Literal("production")
              project.toml:33 NPM_TOKEN Build Withheld
              project.toml:11 ignores "*.psd"
              project.toml:11 ignores "/docs"
              Error cnb/value project.toml:36: `No Name` is no name of a package
              Warning cnb/package-source project.toml:38: `sources` of `deb-packages` is not used
        "#]],
    );
}

#[test]
fn scripts_stand_where_they_are_listed() {
    check(
        r#"[_]
schema-version = "0.2"
[[io.buildpacks.post.group]]
id = "me/after"
[io.buildpacks.post.group.script]
api = "0.10"
inline = "echo after"
[[io.buildpacks.pre.group]]
id = "me/before"
[io.buildpacks.pre.group.script]
api = "0.10"
shell = "/bin/bash"
inline = """
echo before
"""
"#,
        expect![[r#"
            cnb Decides project.toml
              component .
              phase build Build
                project.toml:13 Exec(["/bin/bash", "-c", "echo before"])
                what is detected
                project.toml:7 Shell("echo after")
        "#]],
    );
    check(
        r#"[_]
schema-version = "0.2"
[[io.buildpacks.group]]
id = "me/only"
script = {api = "0.10", inline = "make"}
"#,
        expect![[r#"
            cnb Decides project.toml
              component .
              phase build Build
                project.toml:5 Shell("make")
        "#]],
    );
}

#[test]
fn the_older_form() {
    check(
        r#"[project]
id = "io.example.app"
name = "An app"
version = "1.0"
[build]
include = ["src/", "package.json"]
builder = "paketobuildpacks/builder-jammy-base"
[[build.buildpacks]]
id = "paketo-buildpacks/nodejs"
[[build.env]]
name = "GOOGLE_ENTRYPOINT"
value = "node src/main.js"
[metadata]
anything = 1
"#,
        expect![[r#"
            cnb Decides project.toml
              project.toml:3 name "An app"
              component .
              project.toml:9 language "node"
              project.toml:9 strategy Buildpacks { builder: Some("paketobuildpacks/builder-jammy-base"), list: ["paketo-buildpacks/nodejs"] }
              project.toml:12 web Web Some(Shell("node src/main.js"))
              project.toml:6 ignores "/*"
              project.toml:6 ignores "!/src/"
              project.toml:6 ignores "!/package.json"
        "#]],
    );
}

#[test]
fn mistakes() {
    check(
        r#"[_]
schema-version = "7"
[io.buildpacks]
include = ["a"]
exclude = ["b"]
bilder = "x"
[[io.buildpacks.group]]
version = "1"
[[io.buildpacks.env.build]]
name = "A"
value = "1"
[[io.buildpacks.env.build]]
name = "A=B"
"#,
        expect![[r#"
            cnb Decides project.toml
              component .
              project.toml:11 A Build Literal("1")
              Error cnb/value project.toml:2: `7` is no version of this format that is known
              Error cnb/value project.toml:4: `include` and `exclude` are both there
              Warning cnb/unknown-key project.toml:6: `io.buildpacks.bilder` is no key that is known
              Error cnb/value project.toml:7: a buildpack has neither `id` nor `uri` nor `script`
              Error cnb/value project.toml:12: a variable of the build has no `name` that can be one
        "#]],
    );
    check(
        "[_]\nschema-version = \"0.2\"\n[io.buildpacks]\ninclude = [\"src/a\"]\n",
        expect![[r#"
        cnb Decides project.toml
          Warning cnb/include project.toml:4: `include` is not used: all files are part of the image
    "#]],
    );
    check(
        "a = \n",
        expect![[r#"
        cnb Decides project.toml
          Error cnb/syntax project.toml:1: column 5: string values must be quoted, expected literal string
    "#]],
    );
}

#[test]
fn files_of_others() {
    check(
        "name = \"Package\"\nuuid = \"7876af07\"\n[deps]\nJSON = \"1\"\n",
        expect![[r#"
        cnb Decides project.toml
          Info cnb/foreign-file project.toml is no project descriptor and is not read
    "#]],
    );
    check(
        "[project]\nname = \"x\"\nrequires-python = \">=3.11\"\n[build-system]\nrequires = []\n",
        expect![[r#"
        cnb Decides project.toml
          Info cnb/foreign-file project.toml is no project descriptor and is not read
    "#]],
    );
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "([\\[\\]_=\"{}.a-z \n]|io.buildpacks|group|script|inline|include|project|build|env|name|value){0,60}") {
        let mut tree = MemoryTree::new();
        tree.add("project.toml".parse().unwrap(), text.clone());
        let lines = text.replace("\r\n", "\n").replace('\r', "\n").split('\n').count();
        prop_assert_eq!(breaches(&read(&tree), lines), Vec::<String>::new());
    }

    #[test]
    fn any_descriptor_is_answered(
        lines in prop::collection::vec(prop::sample::select(vec![
            "[_]", "schema-version = \"0.2\"", "name = 1", "[io.buildpacks]", "include = 3", "exclude = [[]]",
            "[[io.buildpacks.group]]", "id = \"x\"", "uri = {}", "[io.buildpacks.group.script]", "inline = \"a\"",
            "shell = 2", "[[io.buildpacks.pre.group]]", "[[io.buildpacks.build.env]]", "name = \"A\"", "value = \"1\"",
            "[com.heroku.buildpacks.deb-packages]", "install = [1, [], {}]", "[build]", "[project]", "env = true",
        ]), 0..12)
    ) {
        let text = lines.join("\n");
        let mut tree = MemoryTree::new();
        tree.add("project.toml".parse().unwrap(), text.clone());
        let lines = text.replace("\r\n", "\n").replace('\r', "\n").split('\n').count();
        prop_assert_eq!(breaches(&read(&tree), lines), Vec::<String>::new());
    }
}
