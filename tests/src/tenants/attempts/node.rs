//! Attempts by hooks, settings and scripts of Node's package managers and frameworks. npm and bun show what a script
//! says when it fails, so that those here fail.

use super::{ATTEMPT, Attempt, Needs, Proof, WORST};
use crate::tenants::victims::{PARCEL_MANIFEST, PARCEL_PROGRAM};

pub(super) const ATTEMPTS: &[Attempt] = &[
    Attempt {
        name: "npm-git",
        about: "`git` in .npmrc names a program, which would put a release of its own into npm's cache",
        files: &[
            (".npmrc", "git=./evil/git.sh\n"),
            GIT_MANIFEST,
            EVIL_MANIFEST,
            ("evil/poison.cjs", "@POISON@"),
            (
                "evil/git.sh",
                "#!/bin/sh\necho 'attacker @NAME@ ran @ROUND@' >&2\n\
                 : > \"$npm_config_cache/left-by-@NAME@\"\n/opt/npm/node /app/evil/poison.cjs >&2\nexit 3\n",
            ),
            EMPTY_SHOP,
        ],
        proof: Proof::KeptFromRunning,
        ..ATTEMPT
    },
    Attempt {
        name: "npm-git-spoils",
        about: "the same setting, by which all of npm's cache would be spoiled",
        files: &[
            (".npmrc", "git=./evil/git.sh\n"),
            GIT_MANIFEST,
            EVIL_MANIFEST,
            ("evil/git.sh", "#!/bin/sh\n(\n@SCRIPT@\n) >&2\nexit 3\n"),
            EMPTY_SHOP,
        ],
        proof: Proof::KeptFromRunning,
        ..ATTEMPT
    },
    Attempt {
        name: "npm-script-shell",
        about: "`script-shell` in .npmrc names a program, which runs for every install script",
        files: &[
            (".npmrc", "script-shell=/app/evil/shell.sh\n"),
            (
                "package.json",
                r#"{ "name": "shop", "version": "1.0.0",
  "scripts": { "postinstall": "node evil/nothing.cjs", "start": "node shop.js" },
  "dependencies": { "is-number": "^7.0.0", "evil": "file:./evil" } }
"#,
            ),
            EVIL_MANIFEST,
            ("evil/nothing.cjs", ""),
            ("evil/shell.sh", "#!/bin/sh\n(\n@SCRIPT@\n) >&2\nexit 3\n"),
            EMPTY_SHOP,
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "npm-node-options",
        about: "`node-options` in .npmrc loads a file into every install script",
        files: &[
            (".npmrc", "node-options=--require=/app/evil/load.cjs\n"),
            (
                "package.json",
                r#"{ "name": "shop", "version": "1.0.0",
  "scripts": { "postinstall": "node evil/nothing.cjs", "start": "node shop.js" },
  "dependencies": { "is-number": "^7.0.0", "evil": "file:./evil" } }
"#,
            ),
            EVIL_MANIFEST,
            ("evil/nothing.cjs", ""),
            ("evil/load.cjs", RUNS_AND_FAILS),
            EMPTY_SHOP,
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "npm-own-scripts",
        about: "the project's own install scripts",
        files: &[
            (
                "package.json",
                r#"{ "name": "shop", "version": "1.0.0",
  "scripts": { "preinstall": "sh worst.sh; exit 1", "postinstall": "sh worst.sh; exit 1", "start": "node shop.js" },
  "dependencies": { "is-number": "^7.0.0" } }
"#,
            ),
            WORST,
            EMPTY_SHOP,
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "yarn-file-dependency",
        about: "the install script of a package that lies in the repository, and that yarn 1 copies",
        victim: "yarn",
        files: &[
            (
                "package.json",
                r#"{ "name": "shop", "version": "1.0.0", "packageManager": "yarn@1.22.22",
  "scripts": { "start": "node shop.js" }, "dependencies": { "is-number": "^7.0.0", "evil": "file:./evil" } }
"#,
            ),
            (
                "evil/package.json",
                r#"{ "name": "evil", "version": "1.0.0", "scripts": { "postinstall": "sh worst.sh; exit 1" } }"#,
            ),
            ("evil/worst.sh", "@SCRIPT@"),
            EMPTY_SHOP,
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "npm-build-script",
        about: "the project's build script",
        files: &[
            (
                "package.json",
                r#"{ "name": "shop", "version": "1.0.0",
  "scripts": { "build": "sh worst.sh", "start": "node shop.js" }, "dependencies": { "is-number": "^7.0.0" } }
"#,
            ),
            WORST,
            EMPTY_SHOP,
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "pnpm-hooks",
        about: "pnpm loads .pnpmfile.cjs while it installs, with network and its store",
        victim: "pnpm",
        files: &[
            (
                "package.json",
                r#"{ "name": "shop", "version": "1.0.0", "packageManager": "pnpm@10.34.9",
  "scripts": { "start": "node shop.js" }, "dependencies": { "is-number": "^7.0.0" } }
"#,
            ),
            (".pnpmfile.cjs", RUNS),
            EMPTY_SHOP,
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "yarn-path",
        about: "`yarn-path` in .yarnrc is run in yarn's place",
        victim: "yarn",
        files: &[
            (
                "package.json",
                r#"{ "name": "shop", "version": "1.0.0", "packageManager": "yarn@1.22.22",
  "scripts": { "start": "node shop.js" }, "dependencies": { "is-number": "^7.0.0" } }
"#,
            ),
            (".yarnrc", "yarn-path \".yarn/releases/yarn-evil.cjs\"\n"),
            (".yarn/releases/yarn-evil.cjs", INSTALLS_AND_RUNS),
            EMPTY_SHOP,
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "berry-yarn-path",
        about: "`yarnPath` in .yarnrc.yml is the package manager",
        victim: "berry",
        files: &[
            BERRY_MANIFEST,
            (".yarnrc.yml", "enableTelemetry: false\nyarnPath: .yarn/releases/yarn-4.18.1.cjs\n"),
            (".yarn/releases/yarn-4.18.1.cjs", RUNS),
            EMPTY_SHOP,
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "berry-plugin",
        about: "yarn loads the plugins that .yarnrc.yml names",
        victim: "berry",
        files: &[
            BERRY_MANIFEST,
            (
                ".yarnrc.yml",
                "enableTelemetry: false\nplugins:\n  - path: .yarn/plugins/evil.cjs\n    spec: \"evil\"\n",
            ),
            (
                ".yarn/plugins/evil.cjs",
                "const run = () => require('child_process').spawnSync('/bin/sh', ['-c', @WORST@], { stdio: 'inherit' })\n\
                 module.exports = { name: 'evil', factory: () => ({ hooks: { afterAllInstalled: run, \
                 validateProject: run } }) }\n",
            ),
            EMPTY_SHOP,
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "bun-scripts",
        about: "the install scripts of the project and of a package that it trusts, under bun",
        victim: "bun",
        files: &[
            (
                "package.json",
                r#"{ "name": "shop", "version": "1.0.0", "packageManager": "bun@1.2.3",
  "scripts": { "postinstall": "sh evil/worst.sh; exit 1", "start": "bun run shop.js" }, "trustedDependencies": ["evil"],
  "dependencies": { "is-number": "^7.0.0", "evil": "file:./evil" } }
"#,
            ),
            (
                "evil/package.json",
                r#"{ "name": "evil", "version": "1.0.0", "scripts": { "postinstall": "sh worst.sh; exit 1" } }"#,
            ),
            ("evil/worst.sh", "@SCRIPT@"),
            EMPTY_SHOP,
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "framework-cache",
        about: "a build script writes where its framework keeps its cache",
        victim: "parcel",
        files: &[
            (
                "package.json",
                r#"{ "name": "shop", "version": "1.0.0", "scripts": { "build": "parcel build && sh worst.sh" },
  "dependencies": { "parcel": "file:./parcel" } }
"#,
            ),
            PARCEL_MANIFEST,
            PARCEL_PROGRAM,
            WORST,
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "committed-caches",
        about: "files in the repository at the places of caches",
        victim: "parcel",
        files: &[
            (
                "package.json",
                r#"{ "name": "shop", "version": "1.0.0", "scripts": { "build": "sh worst.sh; parcel build" },
  "dependencies": { "parcel": "file:./parcel" } }
"#,
            ),
            PARCEL_MANIFEST,
            PARCEL_PROGRAM,
            WORST,
            (".parcel-cache/page.html", "<p>spoiled by @NAME@</p>\n"),
            ("packwright/cache/npm/page.html", "<p>spoiled by @NAME@</p>\n"),
            (".yarn/cache/is-number-npm-7.0.0-060086935c-10c0.zip", "spoiled by @NAME@"),
            ("node_modules/is-number/package.json", r#"{ "name": "is-number", "version": "7.0.0" }"#),
            ("node_modules/is-number/index.js", "module.exports = () => 'spoiled by @NAME@'\n"),
        ],
        ..ATTEMPT
    },
    Attempt {
        name: "own-plan",
        about: "an edited plan has a step that asks for caches by the names that others' have",
        files: &[
            (
                "package.json",
                r#"{ "name": "shop", "version": "1.0.0", "scripts": { "start": "node shop.js" },
  "dependencies": { "is-number": "^7.0.0" } }
"#,
            ),
            EMPTY_SHOP,
        ],
        needs: Needs::Plan,
        ..ATTEMPT
    },
];

const EMPTY_SHOP: (&str, &str) = ("shop.js", "require('http').createServer().listen(process.env.PORT)\n");
const EVIL_MANIFEST: (&str, &str) = ("evil/package.json", r#"{ "name": "evil", "version": "1.0.0" }"#);
const GIT_MANIFEST: (&str, &str) = (
    "package.json",
    r#"{ "name": "shop", "version": "1.0.0", "scripts": { "start": "node shop.js" },
  "dependencies": { "is-number": "^7.0.0", "evil": "file:./evil", "gitdep": "git+https://127.0.0.1:1/x.git" } }
"#,
);
const BERRY_MANIFEST: (&str, &str) = (
    "package.json",
    r#"{ "name": "shop", "version": "1.0.0", "packageManager": "yarn@4.18.1",
  "scripts": { "start": "node shop.js" }, "dependencies": { "is-number": "^7.0.0" } }
"#,
);

/// JavaScript that does the worst.
const RUNS: &str = "require('child_process').spawnSync('/bin/sh', ['-c', @WORST@], { stdio: 'inherit' })\n";

/// The same for a script.
const RUNS_AND_FAILS: &str = "require('child_process').spawnSync('/bin/sh', ['-c', @WORST@], { stdio: 'inherit' })\n\
    process.exit(3)\n";

/// In place of yarn 1: has the true one fill its cache first.
const INSTALLS_AND_RUNS: &str = "const { spawnSync } = require('child_process')\n\
    const env = { ...process.env, YARN_IGNORE_PATH: '1' }\n\
    const yarn = spawnSync('yarn', process.argv.slice(2), { stdio: 'inherit', env })\n\
    spawnSync('/bin/sh', ['-c', @WORST@], { stdio: 'inherit' })\n\
    process.exit(yarn.status ?? 1)\n";
