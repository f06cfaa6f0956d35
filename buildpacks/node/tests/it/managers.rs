//! Which package manager installs, in which version, by which steps.

use expect_test::expect;

use packwright_buildpack::planner::{Credential, MemoryTree, PlanOptions};

use super::{Part, check, describe, planned};

/// A small server, so that there is something to run.
const SERVER: &str = "//- /server.js\nrequire('node:http').createServer().listen(process.env.PORT);\n";

fn check_server(manifest: &str, files: &str, parts: &[Part], expected: expect_test::Expect) {
    check(&format!("//- /package.json\n{manifest}\n{SERVER}{files}"), parts, expected);
}

#[test]
fn npm_installs_by_its_lock_and_prunes_what_is_for_development() {
    check_server(
        r#"{ "scripts": { "start": "node server.js" }, "dependencies": { "koa": "^3.0.0" }, "devDependencies": { "prettier": "^3.0.0" } }"#,
        r#"//- /package-lock.json
{ "lockfileVersion": 3, "packages": {
  "": { "dependencies": { "koa": "^3.0.0" }, "devDependencies": { "prettier": "^3.0.0" } },
  "node_modules/koa": { "version": "3.1.0" },
  "node_modules/prettier": { "version": "3.2.0", "dev": true } } }
"#,
        &[Part::Steps, Part::Processes, Part::Remarks],
        expect![[r#"
            node.manager
              $ mkdir -p /opt/manager/bin
              $ cat > /opt/manager/bin/npm <<'END' …
              $ chmod 755 /opt/manager/bin/npm
              $ cat > /opt/manager/bin/npx <<'END' …
              $ chmod 755 /opt/manager/bin/npx
              > opt/manager
            node.install fetch
              < node.manager
              < source package-lock.json package.json without **/node_modules
              $ npm ci --ignore-scripts --include=dev --include=optional
              > app
            node.prune
              < node.install
              < source package.json package-lock.json
              $ cat > /tmp/prune.cjs <<'END' …
              $ /opt/npm/node /tmp/prune.cjs .
              > app Dependencies
            env PATH=/app/node_modules/.bin:/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            web: node server.js
        "#]],
    );
}

#[test]
fn install_scripts_run_without_network_and_bring_a_compiler_when_one_compiles() {
    check_server(
        r#"{ "scripts": { "start": "node server.js", "postinstall": "patch-package" }, "dependencies": { "xxhash": "0.3.0" } }"#,
        r#"//- /package-lock.json
{ "lockfileVersion": 3, "packages": {
  "": { "dependencies": { "xxhash": "0.3.0" } },
  "node_modules/nan": { "version": "2.0.0" },
  "node_modules/xxhash": { "version": "0.3.0", "hasInstallScript": true, "dependencies": { "nan": "^2" } } } }
//- /patches/xxhash+0.3.0.patch
"#,
        &[Part::Packages, Part::Steps, Part::Remarks],
        expect![[r#"
            Run Runtime libstdc++6
            Run Runtime libatomic1
            Build System findutils
            Build System grep
            Build System gzip
            Build System sed
            Build System tar
            Build System build-essential
            Build System pkgconf
            Build System perl-base
            Build System diffutils
            node.manager
              $ mkdir -p /opt/manager/bin
              $ cat > /opt/manager/bin/npm <<'END' …
              $ chmod 755 /opt/manager/bin/npm
              $ cat > /opt/manager/bin/npx <<'END' …
              $ chmod 755 /opt/manager/bin/npx
              > opt/manager
            node.install fetch
              < node.manager
              < source package-lock.json package.json patches without **/node_modules
              $ npm ci --ignore-scripts --include=dev --include=optional
              > app
            node.scripts
              < node.manager
              < node.install
              < source package-lock.json package.json patches without **/node_modules
              < source patches
              $ cat > /tmp/rebuild.cjs <<'END' …
              $ /opt/npm/node /tmp/rebuild.cjs all
              $ /opt/npm/npm run --ignore-scripts postinstall
              > app
            node.prune
              < node.scripts
              < source package.json package-lock.json
              $ cat > /tmp/prune.cjs <<'END' …
              $ /opt/npm/node /tmp/prune.cjs .
              > app Dependencies
        "#]],
    );
}

#[test]
fn a_known_download_opens_the_network_and_says_so() {
    check_server(
        r#"{ "scripts": { "start": "node server.js" }, "dependencies": { "ffmpeg-static": "5.0.0" } }"#,
        r#"//- /package-lock.json
{ "lockfileVersion": 3, "packages": {
  "": { "dependencies": { "ffmpeg-static": "5.0.0" } },
  "node_modules/ffmpeg-static": { "version": "5.0.0", "hasInstallScript": true } } }
"#,
        &[Part::Reasons],
        expect![[r#"
            language = node (has a web application or a declared process) by server.js:1
            node version = 24 by default: the newest line of Node with long-term support
            node package manager = npm by package-lock.json
            network of node.scripts = open by detected: ffmpeg-static: downloads ffmpeg
              not closed by default: install scripts have no network
            node framework = none by default: no framework among the dependencies
            start command = node server.js by package.json:1
            kind of process = web by server.js:1
        "#]],
    );
}

#[test]
fn pnpm_comes_in_the_line_that_wrote_the_lock() {
    check_server(
        r#"{ "scripts": { "start": "node server.js" }, "dependencies": { "koa": "^3.0.0" } }"#,
        "//- /pnpm-lock.yaml\nlockfileVersion: '6.0'\n\ndependencies:\n  koa:\n    specifier: ^3.0.0\n    version: 3.1.0\n\n\
         packages:\n\n  /koa@3.1.0:\n    resolution: {integrity: sha512-x}\n    dev: false\n",
        &[Part::Versions, Part::Steps, Part::Reasons],
        expect![[r#"
            node 24 by default: the newest line of Node with long-term support
            pnpm ^8 by pnpm-lock.yaml
            node.manager-version fetch resolves
              $ /opt/npm/node /opt/npm/find.cjs pnpm x64 pnpm arm64 pnpm
              > packwright/node/pnpm-version
              > packwright/node/pnpm-integrity
            node.manager fetch
              < node.manager-version
              $ cat > /tmp/bring.cjs <<'END' …
              $ /opt/npm/node /tmp/bring.cjs pnpm pnpm
              > opt/manager
            node.install fetch
              < node.manager
              < source package.json pnpm-lock.yaml without **/node_modules
              $ pnpm install --frozen-lockfile --ignore-scripts --prod=false --package-import-method=copy
              > app
            node.prune
              < node.install
              < source package.json pnpm-lock.yaml
              $ cat > /tmp/prune.cjs <<'END' …
              $ /opt/npm/node /tmp/prune.cjs .
              > app Dependencies
            language = node (has a web application or a declared process) by server.js:1
            node version = 24 by default: the newest line of Node with long-term support
            node package manager = pnpm ^8 by pnpm-lock.yaml
            node framework = koa by package.json:1
            start command = node server.js by package.json:1
            kind of process = web by server.js:1
        "#]],
    );
}

#[test]
fn pnpm_10_runs_the_scripts_that_were_approved() {
    check_server(
        r#"{ "scripts": { "start": "node server.js" }, "packageManager": "pnpm@10.1.0", "dependencies": { "esbuild": "0.25.0" }, "pnpm": { "onlyBuiltDependencies": ["esbuild"] } }"#,
        "//- /pnpm-lock.yaml\nlockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      esbuild:\n        specifier: 0.25.0\n        version: 0.25.0\n\
         packages:\n  esbuild@0.25.0:\n    resolution: {integrity: sha512-x}\nsnapshots:\n  esbuild@0.25.0: {}\n",
        &[Part::Steps],
        expect![[r#"
            node.manager-version fetch resolves
              $ /opt/npm/node /opt/npm/find.cjs pnpm x64 pnpm arm64 pnpm
              > packwright/node/pnpm-version
              > packwright/node/pnpm-integrity
            node.manager fetch
              < node.manager-version
              $ cat > /tmp/bring.cjs <<'END' …
              $ /opt/npm/node /tmp/bring.cjs pnpm pnpm
              > opt/manager
            node.install fetch
              < node.manager
              < source package.json pnpm-lock.yaml without **/node_modules
              $ pnpm install --frozen-lockfile --ignore-scripts --prod=false --package-import-method=copy
              > app
            node.scripts
              < node.manager
              < node.install
              < source package.json pnpm-lock.yaml without **/node_modules
              $ pnpm rebuild
              > app
            node.prune
              < node.scripts
              < source package.json pnpm-lock.yaml
              $ cat > /tmp/prune.cjs <<'END' …
              $ /opt/npm/node /tmp/prune.cjs .
              > app Dependencies
        "#]],
    );
}

#[test]
fn the_hash_of_package_manager_is_checked() {
    let hash = "a".repeat(128);
    check_server(
        &format!(
            r#"{{ "scripts": {{ "start": "node server.js" }}, "packageManager": "yarn@1.22.22+sha512.{hash}", "dependencies": {{ "koa": "3.0.0" }} }}"#
        ),
        "//- /yarn.lock\n# yarn lockfile v1\n\nkoa@3.0.0:\n  version \"3.0.0\"\n",
        &[Part::Versions, Part::Steps],
        expect![[r#"
            node 24 by default: the newest line of Node with long-term support
            yarn 1.22.22 by package.json:1
            node.manager-version fetch resolves
              $ /opt/npm/node /opt/npm/find.cjs yarn x64 yarn arm64 yarn
              > packwright/node/yarn-version
              > packwright/node/yarn-integrity
            node.manager fetch
              < node.manager-version
              $ cat > /tmp/bring.cjs <<'END' …
              $ /opt/npm/node /tmp/bring.cjs yarn yarn sha512:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
              > opt/manager
            node.install fetch
              < node.manager
              < source package.json yarn.lock without **/node_modules
              $ yarn install --frozen-lockfile --ignore-scripts --non-interactive --ignore-engines --no-progress --production=false
              > app
            node.scripts
              < node.manager
              < node.install
              < source package.json yarn.lock without **/node_modules
              $ cat > /tmp/rebuild.cjs <<'END' …
              $ /opt/npm/node /tmp/rebuild.cjs all
              > app
            node.prune
              < node.scripts
              < source package.json yarn.lock
              $ cat > /tmp/prune.cjs <<'END' …
              $ /opt/npm/node /tmp/prune.cjs .
              > app Dependencies
        "#]],
    );
}

#[test]
fn yarn_berry_keeps_archives_and_gives_the_loader() {
    check_server(
        r#"{ "name": "vane", "scripts": { "start": "node server.js" }, "dependencies": { "koa": "^3.0.0" } }"#,
        "//- /yarn.lock\n__metadata:\n  version: 8\n\n\"koa@npm:^3.0.0\":\n  version: 3.1.0\n  resolution: \"koa@npm:3.1.0\"\n\n\
         \"vane@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"vane@workspace:.\"\n  dependencies:\n    koa: \"npm:^3.0.0\"\n",
        &[Part::Steps, Part::Processes, Part::Reasons],
        expect![[r#"
            node.manager-version fetch resolves
              $ /opt/npm/node /opt/npm/find.cjs yarn x64 @yarnpkg/cli-dist arm64 @yarnpkg/cli-dist
              > packwright/node/yarn-version
              > packwright/node/yarn-integrity
            node.manager fetch
              < node.manager-version
              $ cat > /tmp/bring.cjs <<'END' …
              $ /opt/npm/node /tmp/bring.cjs yarn @yarnpkg/cli-dist
              > opt/manager
            node.install fetch
              < node.manager
              < source package.json yarn.lock without **/node_modules
              $ yarn install --immutable --mode=skip-build
              > app
            node.scripts
              < node.manager
              < node.install
              < source package.json yarn.lock without **/node_modules
              $ yarn rebuild
              > app
            node.prune
              < node.manager
              < node.scripts
              < source package.json yarn.lock
              $ yarn workspaces focus --production --all
              $ cat > /tmp/archives.cjs <<'END' …
              $ /opt/npm/node /tmp/archives.cjs
              > app Dependencies
            env NODE_OPTIONS=--require /app/.pnp.cjs
            env PATH=/app/node_modules/.bin:/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            web: node server.js
            language = node (has a web application or a declared process) by server.js:1
            node version = 24 by default: the newest line of Node with long-term support
            node package manager = yarn ^4 by yarn.lock
            node framework = koa by package.json:1
            start command = node server.js by package.json:1
            kind of process = web by server.js:1
        "#]],
    );
}

#[test]
fn a_yarn_in_the_repository_is_used_as_it_is() {
    check_server(
        r#"{ "scripts": { "start": "node server.js" }, "packageManager": "yarn@4.1.0", "dependencies": { "koa": "^3.0.0" } }"#,
        "//- /.yarnrc.yml\nnodeLinker: node-modules\nyarnPath: .yarn/releases/yarn-4.1.0.cjs\n\
         //- /.yarn/releases/yarn-4.1.0.cjs\n//- /yarn.lock\n__metadata:\n  version: 8\n",
        &[Part::Versions, Part::Reasons],
        expect![[r#"
            node 24 by default: the newest line of Node with long-term support
            language = node (has a web application or a declared process) by server.js:1
            node version = 24 by default: the newest line of Node with long-term support
            node package manager = yarn from .yarn/releases/yarn-4.1.0.cjs by package.json:1
            node framework = koa by package.json:1
            start command = node server.js by package.json:1
            kind of process = web by server.js:1
        "#]],
    );
}

#[test]
fn bun_installs_and_runs_what_it_trusts() {
    check_server(
        r#"{ "scripts": { "start": "bun server.js" }, "dependencies": { "koa": "^3.0.0" } }"#,
        r#"//- /bun.lock
{ "lockfileVersion": 1, "workspaces": { "": { "dependencies": { "koa": "^3.0.0", }, }, },
  "packages": { "koa": ["koa@3.1.0", "", { "dependencies": {} }, "sha512-x"], } }
"#,
        &[Part::Versions, Part::Steps, Part::Processes],
        expect![[r#"
            bun 1 by default: the newest Bun
            node.install fetch
              < source bun.lock package.json without **/node_modules
              $ bun install --frozen-lockfile --ignore-scripts --backend=copyfile
              > app
            node.scripts
              < node.install
              < source bun.lock package.json without **/node_modules
              $ cat > /tmp/rebuild.cjs <<'END' …
              $ /opt/npm/node /tmp/rebuild.cjs trusted
              > app
            node.prune
              < node.scripts
              < source package.json bun.lock
              $ cat > /tmp/prune.cjs <<'END' …
              $ /opt/npm/node /tmp/prune.cjs .
              > app Dependencies
            env PATH=/app/node_modules/.bin:/opt/bun/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            web: bun server.js
        "#]],
    );
}

#[test]
fn without_a_lock_one_is_made_and_kept() {
    check_server(
        r#"{ "scripts": { "start": "node server.js" }, "dependencies": { "koa": "^3.0.0" } }"#,
        "",
        &[Part::Steps, Part::Remarks],
        expect![[r#"
            node.manager
              $ mkdir -p /opt/manager/bin
              $ cat > /opt/manager/bin/npm <<'END' …
              $ chmod 755 /opt/manager/bin/npm
              $ cat > /opt/manager/bin/npx <<'END' …
              $ chmod 755 /opt/manager/bin/npx
              > opt/manager
            node.lock fetch resolves
              < node.manager
              < source package.json without **/node_modules
              $ npm install --package-lock-only --ignore-scripts --include=dev --omit-lockfile-registry-resolved
              $ cat > /tmp/complete.cjs <<'END' …
              $ /opt/npm/node /tmp/complete.cjs package-lock.json
              $ mkdir -p /packwright/node/lock && cp /app/package-lock.json /packwright/node/lock/package-lock.json
              > packwright/node/lock/package-lock.json
            node.install fetch
              < node.manager
              < node.lock
              < source package.json without **/node_modules
              $ cp /packwright/node/lock/package-lock.json /app/package-lock.json
              $ npm ci --ignore-scripts --include=dev --include=optional
              > app
            node.scripts
              < node.manager
              < node.install
              < source package.json without **/node_modules
              $ cat > /tmp/rebuild.cjs <<'END' …
              $ /opt/npm/node /tmp/rebuild.cjs all
              > app
            node.prune
              < node.scripts
              < source package.json
              $ cat > /tmp/prune.cjs <<'END' …
              $ /opt/npm/node /tmp/prune.cjs .
              > app Dependencies
            Warning node/no-lock: there is no package-lock.json beside package.json
              why: the newest versions that package.json allows are installed; packwright.lock keeps them from then on
              fix: run `npm install` and commit package-lock.json; an ignored file counts as missing
        "#]],
    );
}

#[test]
fn engines_narrow_the_line_of_the_lock() {
    check_server(
        r#"{ "scripts": { "start": "node server.js" }, "engines": { "pnpm": ">=10.5", "npm": "please use pnpm" }, "dependencies": { "koa": "^3.0.0" } }"#,
        "//- /pnpm-lock.yaml\nlockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      koa:\n        specifier: ^3.0.0\n        version: 3.1.0\n",
        &[Part::Versions],
        expect![[r#"
            node 24 by default: the newest line of Node with long-term support
            pnpm >=10.5.0 <11.0.0 by package.json:1
        "#]],
    );
}

#[test]
fn dev_engines_choose_where_package_manager_does_not() {
    check_server(
        r#"{ "scripts": { "start": "node server.js" },
  "devEngines": { "packageManager": { "name": "pnpm", "version": "^9.1.0" } } }"#,
        "",
        &[Part::Reasons],
        expect![[r#"
            language = node (has a web application or a declared process) by server.js:1
            node version = 24 by default: the newest line of Node with long-term support
            node package manager = pnpm ^9.1.0 by package.json:2
            node framework = none by default: no framework among the dependencies
            start command = node server.js by package.json:1
            kind of process = web by server.js:1
        "#]],
    );
}

#[test]
fn variables_of_settings_are_obeyed_by_steps_that_fetch() {
    let text = format!(
        "//- /package.json\n{{ \"scripts\": {{ \"start\": \"node server.js\" }}, \"dependencies\": {{ \"@a/b\": \"1.0.0\" }} }}\n{SERVER}\
         //- /.npmrc\n# ${{NOT_ME}}\n@a:registry=https://npm.example.com/\n//npm.example.com/:_authToken=${{EXAMPLE_TOKEN}}\n"
    );
    let tree = packwright_buildpack::planner::MemoryTree::parse(&text);
    let plan = super::planned(&tree, &packwright_buildpack::planner::PlanOptions::default()).unwrap();
    let obeying: Vec<&str> = plan
        .steps
        .iter()
        .filter(|step| step.obeys("EXAMPLE_TOKEN") && !step.obeys("NOT_ME"))
        .map(|step| step.name.as_str())
        .collect();
    assert_eq!(obeying, ["node.lock", "node.install"]);
    // The token goes to the host of its line alone, and no program of the repository is run for git.
    let own = Credential::Hosts(vec!["//npm.example.com/".to_owned()]);
    for step in plan.steps.iter().filter(|step| step.obeys("EXAMPLE_TOKEN")) {
        assert_eq!(step.credentials["EXAMPLE_TOKEN"], own, "{}", step.name);
        assert_eq!(step.environment["npm_config_git"], "git", "{}", step.name);
    }
}

#[test]
fn a_project_without_packages_installs_nothing() {
    check_server(
        r#"{ "scripts": { "start": "node server.js" } }"#,
        "",
        &[Part::Steps, Part::Remarks],
        expect![""],
    );
}

#[test]
fn an_old_node_gets_an_npm_that_it_runs() {
    for (node, npm) in [("18", "^10"), ("16", "^9"), ("20.11.0", "^10"), ("12", "^6")] {
        let text = format!(
            "//- /package.json\n{{ \"engines\": {{ \"node\": \"{node}\" }}, \"scripts\": {{ \"start\": \"node server.js\" }}, \"dependencies\": {{ \"koa\": \"1.0.0\" }} }}\n{SERVER}"
        );
        let tree = packwright_buildpack::planner::MemoryTree::parse(&text);
        let plan = super::planned(&tree, &packwright_buildpack::planner::PlanOptions::default()).unwrap();
        let found = plan.versions.iter().find(|version| version.tool == "npm").unwrap();
        assert_eq!(found.wanted, npm, "{node}");
    }
}

#[test]
fn pnpm_builds_what_nobody_approved_only_before_version_10() {
    const LOCK: &str = "//- /pnpm-lock.yaml\nlockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      xxhash:\n        specifier: 0.3.0\n        version: 0.3.0\n\
        packages:\n  xxhash@0.3.0:\n    resolution: {integrity: x}\nsnapshots:\n  xxhash@0.3.0:\n    dependencies:\n      nan: 2.0.0\n";
    check_server(
        r#"{ "scripts": { "start": "node server.js" }, "dependencies": { "xxhash": "0.3.0" } }"#,
        LOCK,
        &[Part::Versions, Part::Remarks],
        expect![[r#"
            node 24 by default: the newest line of Node with long-term support
            pnpm ^9 by pnpm-lock.yaml
        "#]],
    );
    check_server(
        r#"{ "scripts": { "start": "node server.js" }, "packageManager": "pnpm@10.1.0", "dependencies": { "xxhash": "0.3.0" } }"#,
        LOCK,
        &[Part::Versions, Part::Remarks],
        expect![[r#"
            node 24 by default: the newest line of Node with long-term support
            pnpm 10.1.0 by package.json:1
            Warning node/scripts-not-approved: the install scripts of xxhash do not run
              why: package.json:1 chooses a pnpm that runs only approved scripts, and nobody approved any
              fix: run `pnpm approve-builds` and commit what it writes
        "#]],
    );
}

#[test]
fn members_that_yarn_1_links_are_not_missing_in_its_lock() {
    check(
        r#"
//- /package.json
{ "private": true, "workspaces": ["*"], "dependencies": { "web": "1.0.0" } }
//- /yarn.lock
# yarn lockfile v1
//- /web/package.json
{ "name": "web", "version": "1.0.0", "scripts": { "start": "node server.js" } }
//- /web/server.js
require('node:http').createServer().listen(process.env.PORT);
"#,
        &[Part::Remarks],
        expect![""],
    );
}

#[test]
fn a_build_that_fails_is_told_about_the_network() {
    let tree = "//- /package.json\n{ \"scripts\": { \"build\": \"vite build\" }, \"devDependencies\": { \"vite\": \"8\" } }\n";
    let text = super::proposals::hint_of(tree, "node.build");
    assert!(text.is_some_and(|text| text.contains("--build-network")));
}

#[test]
fn a_manifest_that_is_a_link_comes_with_its_target() {
    let tree = "//- /package.json -> config/package.json\n\
                //- /config/package.json\n{ \"dependencies\": { \"ms\": \"2\" }, \"scripts\": { \"start\": \"node a.js\" } }\n\
                //- /a.js\n\
                //- /.nvmrc -> config/node\n\
                //- /config/node\n22\n";
    let plan =
        describe(&planned(&MemoryTree::parse(tree), &PlanOptions::default()), &[Part::Steps, Part::Versions]);
    assert!(plan.contains("< source config/package.json package.json"), "{plan}");
    assert!(plan.contains("node 22 by .nvmrc:1"), "{plan}");
}

/// Yarn 2 and later run nothing in a project without its lock.
#[test]
fn a_lock_that_berry_makes_stays_for_the_later_steps() {
    let scrubbed = |manager: &str| {
        let manifest = format!(
            r#"{{ "packageManager": "{manager}", "scripts": {{ "start": "node server.js" }}, "dependencies": {{ "koa": "3.0.0" }} }}"#
        );
        let tree = MemoryTree::parse(&format!("//- /package.json\n{manifest}\n{SERVER}"));
        let plan = planned(&tree, &PlanOptions::default()).unwrap();
        let install = plan.steps.iter().find(|step| step.name.as_str() == "node.install").unwrap();
        install.outputs[0].scrub.iter().any(|path| path.contains("yarn.lock"))
    };
    assert!(!scrubbed("yarn@4.5.0"));
    assert!(scrubbed("yarn@1.22.22"));
}
