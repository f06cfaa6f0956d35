//! Bad input: what a person is told, with file, line and remedy.

use expect_test::{Expect, expect};

use super::{Part, check, check_with, for_app};

fn refused(text: &str, expected: Expect) {
    check(text, &[Part::Remarks], expected);
}

#[test]
fn a_broken_manifest_names_line_and_column() {
    refused(
        "//- /package.json\n{\n  \"name\": \"x\",\n  \"scripts\": { \"start\": \"node .\" },,\n}\n",
        expect![[r#"
            Error node/broken-manifest: package.json:3:36 is not valid JSON
              why: unexpected token in object
              fix: correct line 3 of package.json
        "#]],
    );
}

#[test]
fn values_of_another_type_are_all_named() {
    refused(
        "//- /package.json\n{\n  \"name\": 7,\n  \"scripts\": [],\n  \"dependencies\": {\n    \"koa\": 3\n  },\n  \"workspaces\": \"apps\"\n}\n",
        expect![[r#"
            Error node/broken-manifest: `name` in package.json:2 is a number and not a text
              fix: make it a text, or take it out
            Error node/broken-manifest: `scripts` in package.json:3 is a list and not a map
              fix: make it a map, or take it out
            Error node/broken-manifest: `dependencies.koa` in package.json:5 is a number and not a text
              fix: make it a text, or take it out
            Error node/broken-manifest: `workspaces` in package.json:7 is a text and not a list
              fix: make it a list, or take it out
        "#]],
    );
}

#[test]
fn a_list_or_nothing_is_no_manifest() {
    refused(
        "//- /package.json\n[]\n",
        expect![[r#"
        Error node/broken-manifest: package.json:1 holds a list and not a map
          fix: write package.json as `npm init` would, or take it out of the application
    "#]],
    );
    refused(
        "//- /package.json\n",
        expect![[r#"
        Error node/broken-manifest: package.json:1:1 is not valid JSON
          why: the file is empty
          fix: correct line 1 of package.json
    "#]],
    );
}

#[test]
fn two_locks_need_a_word() {
    refused(
        "//- /package.json\n{}\n//- /package-lock.json\n{}\n//- /pnpm-lock.yaml\n",
        expect![[r#"
            Error node/managers-conflict: the project has both package-lock.json and pnpm-lock.yaml, and nothing says which counts
              why: two package managers would install two different sets of packages
              fix: delete the one that is out of use, or name npm or pnpm in `packageManager` of package.json
        "#]],
    );
}

#[test]
fn a_word_for_one_of_two_locks_is_enough() {
    check(
        "//- /package.json\n{ \"packageManager\": \"pnpm@10.1.0\", \"scripts\": { \"start\": \"node a.js\" } }\n//- /a.js\n//- /package-lock.json\n{}\n//- /pnpm-lock.yaml\nlockfileVersion: '9.0'\n",
        &[Part::Remarks],
        expect![[r#"
            Warning node/lock-unused: package-lock.json is not used, package.json:1 chooses pnpm
              fix: delete package-lock.json
        "#]],
    );
}

#[test]
fn a_manager_that_contradicts_the_only_lock() {
    refused(
        "//- /package.json\n{\n  \"packageManager\": \"yarn@4.1.0\"\n}\n//- /package-lock.json\n{}\n",
        expect![[r#"
            Error node/managers-conflict: package.json:2 asks for yarn@4.1.0, but the only lock file is package-lock.json, npm's
              why: another package manager would choose versions of its own
              fix: run `yarn install` and commit its lock file in place of package-lock.json, or change package.json:2 to npm
        "#]],
    );
}

#[test]
fn a_lock_of_the_other_yarn() {
    refused(
        "//- /package.json\n{\n  \"packageManager\": \"yarn@4.1.0\"\n}\n//- /yarn.lock\n# yarn lockfile v1\n",
        expect![[r#"
            Error node/lock-stale: yarn.lock was made by yarn 1, package.json:2 asks for yarn 2 or later
              why: the two have one name and two formats
              fix: run `yarn install` with yarn 2 or later and commit yarn.lock, or change package.json:2
        "#]],
    );
}

#[test]
fn a_manager_or_version_that_is_none() {
    refused(
        "//- /package.json\n{ \"packageManager\": \"nmp@10.0.0\" }\n",
        expect![[r#"
            Error node/unknown-manager: `nmp` in package.json:1 is no package manager that is known
              why: supported are npm, pnpm, yarn and bun
              fix: name one of them with its version, `pnpm@10.1.0` for example
        "#]],
    );
    refused(
        "//- /package.json\n{ \"packageManager\": \"pnpm@latest\" }\n",
        expect![[r#"
            Error node/manager-version: `latest` in package.json:1 is no version of a package manager
              why: an exact version is expected, with a hash behind a `+` where one is wanted; a range is understood too
              fix: write it as in `pnpm@10.1.0`
        "#]],
    );
    refused(
        "//- /package.json\n{ \"packageManager\": \"pnpm@10.1.0+sha512.zz\" }\n",
        expect![[r#"
            Error node/manager-version: `10.1.0+sha512.zz` in package.json:1 is no version of a package manager
              why: an exact version is expected, with a hash behind a `+` where one is wanted; a range is understood too
              fix: write it as in `pnpm@10.1.0`
        "#]],
    );
}

#[test]
fn a_stale_lock_of_npm() {
    refused(
        r#"
//- /package.json
{
  "scripts": { "start": "node a.js" },
  "dependencies": {
    "koa": "^3.0.0",
    "zod": "^4.0.0"
  }
}
//- /a.js
//- /package-lock.json
{ "lockfileVersion": 3, "packages": { "": { "dependencies": { "koa": "^2.0.0", "gone": "1" } } } }
"#,
        expect![[r#"
            Error node/lock-stale: package.json:4 asks for `koa` `^3.0.0`, package-lock.json was made for `^2.0.0`
              why: only what the lock file names is installed, so that every build installs the same
              fix: run `npm install` and commit package-lock.json
            Error node/lock-stale: package.json:5 asks for `zod` `^4.0.0`, package-lock.json does not know it
              why: only what the lock file names is installed, so that every build installs the same
              fix: run `npm install` and commit package-lock.json
            Error node/lock-stale: package-lock.json was made for `gone` too, which package.json no longer asks for
              fix: run `npm install` and commit package-lock.json
        "#]],
    );
}

#[test]
fn a_stale_lock_of_the_others() {
    const MANIFEST: &str =
        "//- /package.json\n{\n  \"name\": \"x\",\n  \"dependencies\": {\n    \"koa\": \"^3.0.0\"\n  }\n}\n";
    for lock in [
        "//- /pnpm-lock.yaml\nlockfileVersion: '9.0'\nimporters:\n  .: {}\n",
        "//- /yarn.lock\n# yarn lockfile v1\n\nkoa@^2.0.0:\n  version \"2.0.0\"\n",
        "//- /yarn.lock\n__metadata:\n  version: 8\n\"x@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"x@workspace:.\"\n  dependencies:\n    koa: \"npm:^2.0.0\"\n",
        "//- /bun.lock\n{ \"lockfileVersion\": 1, \"workspaces\": { \"\": { \"name\": \"x\", }, }, }\n",
    ] {
        let tree = packwright_buildpack::planner::MemoryTree::parse(&format!("{MANIFEST}{lock}"));
        let error =
            super::planned(&tree, &packwright_buildpack::planner::PlanOptions::default()).unwrap_err();
        let problem = &error.problems()[0];
        assert_eq!(problem.code, "node/lock-stale", "{lock}");
        assert!(problem.message.contains("package.json:4 asks for `koa` `^3.0.0`"), "{}", problem.message);
    }
}

#[test]
fn a_broken_lock() {
    refused(
        "//- /package.json\n{}\n//- /package-lock.json\n{\n  \"lockfileVersion\": 3,\n<<<<<<< HEAD\n",
        expect![[r#"
            Error node/broken-lock: package-lock.json:3:1 cannot be read
              why: key must be a string
              fix: restore package-lock.json from version control, or delete it and run `npm install`
        "#]],
    );
    refused(
        "//- /package.json\n{}\n//- /pnpm-lock.yaml\nlockfileVersion: '9.0'\nimporters: [\n",
        expect![[r#"
            Error node/broken-lock: pnpm-lock.yaml:2:12 cannot be read
              why: unclosed bracket '['
              fix: restore pnpm-lock.yaml from version control, or delete it and run `pnpm install`
        "#]],
    );
    refused(
        "//- /package.json\n{}\n//- /yarn.lock\n# yarn lockfile v1\n\n<<<<<<< HEAD\nkoa@^2:\n  version \"2.0.0\"\n",
        expect![[r#"
            Error node/broken-lock: yarn.lock:3 is an unresolved merge conflict
              fix: resolve it with `yarn install` and commit yarn.lock
        "#]],
    );
    refused(
        "//- /package.json\n{}\n//- /pnpm-lock.yaml\nlockfileVersion: '42.0'\n",
        expect![[r#"
            Error node/lock-format: pnpm-lock.yaml has the format 42.0, which is not known: no version of pnpm is sure to read it
              fix: name the version in `packageManager` of package.json, `pnpm@…`
        "#]],
    );
}

#[test]
fn a_package_from_outside_of_the_tree() {
    refused(
        "//- /package.json\n{\n  \"scripts\": { \"start\": \"node a.js\" },\n  \"dependencies\": {\n    \"shared\": \"file:../shared\"\n  }\n}\n//- /a.js\n",
        expect![[r#"
            Error node/outside: package.json:4 takes `shared` from `file:../shared`, outside of the source
              why: a build sees the source tree and nothing else
              fix: move it into the tree, publish it, or build from a directory that holds both with `--app`
        "#]],
    );
}

#[test]
fn an_application_that_is_not_there() {
    check_with(
        "//- /package.json\n{ \"workspaces\": [\"apps/*\"] }\n//- /apps/web/package.json\n{ \"name\": \"web\", \"scripts\": { \"start\": \"node .\" } }\n",
        &for_app("shop"),
        &[],
        expect![[r#"
            Error plan/no-such-app: there is no one application called `shop`
              why: there are web (apps/web)
              fix: name one of them by its name or directory, or leave `--app` out
        "#]],
    );
}

#[test]
fn a_missing_yarn_and_a_strange_linker() {
    refused(
        "//- /package.json\n{}\n//- /.yarnrc.yml\nyarnPath: .yarn/releases/yarn-4.0.0.cjs\n",
        expect![[r#"
            Error node/yarn-path: .yarnrc.yml:1 names `.yarn/releases/yarn-4.0.0.cjs`, which is not among the files
              why: an ignored file counts as missing
              fix: commit the file (`!.yarn/releases` in .gitignore), or take `yarnPath` out and name the version in `packageManager`
        "#]],
    );
    refused(
        "//- /package.json\n{}\n//- /.yarnrc.yml\nnodeLinker: hoisted\n",
        expect![[r#"
            Error node/unknown-linker: the `nodeLinker` of .yarnrc.yml:1 is not known
              fix: write `pnp`, `node-modules` or `pnpm`
        "#]],
    );
}
