//! The victims: one small application for each package manager, and one whose framework trusts its cache.
//!
//! In their files `@EDIT@` is the number of an edit, which makes the steps run again that install.

use super::Files;

/// An application that an attacker aims at.
pub struct Victim {
    /// Its name here.
    pub name: &'static str,
    /// Its files.
    pub files: Files,
    /// Whether it is built with a secret.
    pub has_secret: bool,
}

/// All victims. No lock file holds a registry's address; where a package manager demands a lock, it is one without.
pub const VICTIMS: &[Victim] = &[
    Victim { name: "npm", files: NPM, has_secret: true },
    Victim { name: "pnpm", files: PNPM, has_secret: false },
    Victim { name: "yarn", files: YARN, has_secret: false },
    Victim { name: "berry", files: BERRY, has_secret: false },
    Victim { name: "bun", files: BUN, has_secret: false },
    Victim { name: "pip", files: PIP, has_secret: false },
    Victim { name: "uv", files: UV, has_secret: false },
    Victim { name: "poetry", files: POETRY, has_secret: false },
    Victim { name: "go", files: GO, has_secret: false },
    Victim { name: "parcel", files: PARCEL, has_secret: false },
];

/// The victim `name`.
pub fn victim(name: &str) -> &'static Victim {
    VICTIMS.iter().find(|victim| victim.name == name).unwrap_or_else(|| panic!("there is no victim `{name}`"))
}

const SERVER: (&str, &str) = (
    "shop.js",
    "const isNumber = require('is-number')\n\
     const answer = (request, response) => response.end(String(isNumber(request.url.slice(1))))\n\
     require('http').createServer(answer).listen(process.env.PORT)\n",
);

/// Its build makes something of a secret that no search finds.
pub(super) const NPM: Files = &[
    SERVER,
    (
        "package.json",
        r#"{
  "name": "shop",
  "version": "1.0.@EDIT@",
  "scripts": { "build": "node build.js", "start": "node shop.js" },
  "dependencies": { "is-number": "^7.0.0" }
}
"#,
    ),
    (
        "build.js",
        "require('fs').writeFileSync('made.txt', `of ${(process.env.TOKEN ?? '').length} letters\\n`)\n",
    ),
];

const PNPM: Files = &[
    SERVER,
    (
        "package.json",
        r#"{
  "name": "shop",
  "version": "1.0.@EDIT@",
  "packageManager": "pnpm@10.34.9",
  "scripts": { "start": "node shop.js" },
  "dependencies": { "is-number": "^7.0.0" }
}
"#,
    ),
];

const YARN: Files = &[
    SERVER,
    (
        "package.json",
        r#"{
  "name": "shop",
  "version": "1.0.@EDIT@",
  "packageManager": "yarn@1.22.22",
  "scripts": { "start": "node shop.js" },
  "dependencies": { "is-number": "^7.0.0" }
}
"#,
    ),
];

const BERRY: Files = &[
    SERVER,
    (".yarnrc.yml", "enableTelemetry: false\n"),
    (
        "package.json",
        r#"{
  "name": "shop",
  "version": "1.0.@EDIT@",
  "packageManager": "yarn@4.18.1",
  "scripts": { "start": "node shop.js" },
  "dependencies": { "is-number": "^7.0.0" }
}
"#,
    ),
];

const BUN: Files = &[
    SERVER,
    (
        "package.json",
        r#"{
  "name": "shop",
  "version": "1.0.@EDIT@",
  "packageManager": "bun@1.2.3",
  "scripts": { "start": "bun run shop.js" },
  "dependencies": { "is-number": "^7.0.0" }
}
"#,
    ),
];

const PROGRAM: (&str, &str) =
    ("shop.py", "import itsdangerous\n\nprint(itsdangerous.Signer('shop').sign('open'))\n");
const PROCFILE: (&str, &str) = ("Procfile", "worker: python3 shop.py\n");

pub(super) const PIP: Files =
    &[PROGRAM, PROCFILE, ("requirements.txt", "itsdangerous==2.2.0 # edit @EDIT@\n")];

const UV: Files = &[
    PROGRAM,
    PROCFILE,
    (
        "pyproject.toml",
        r#"[project]
name = "shop"
version = "1.0.@EDIT@"
requires-python = ">=3.13"
dependencies = ["itsdangerous==2.2.0"]

[tool.uv]
package = false
"#,
    ),
];

const POETRY: Files = &[
    PROGRAM,
    PROCFILE,
    POETRY_LOCK,
    (
        "pyproject.toml",
        r#"[tool.poetry]
name = "shop"
version = "1.0.@EDIT@"
package-mode = false

[tool.poetry.dependencies]
python = ">=3.13,<4"
itsdangerous = "2.2.0"
"#,
    ),
];

pub(super) const POETRY_LOCK: (&str, &str) = (
    "poetry.lock",
    r#"[[package]]
name = "itsdangerous"
version = "2.2.0"
description = "Safely pass data to untrusted environments and back."
optional = false
python-versions = ">=3.8"
groups = ["main"]
files = [
    {file = "itsdangerous-2.2.0-py3-none-any.whl", hash = "sha256:c6242fc49e35958c8b15141343aa660db5fc54d4f13a1db01a3f5891b98700ef"},
    {file = "itsdangerous-2.2.0.tar.gz", hash = "sha256:e0050c0b7da1eea53ffaf149c0cfbb5c6e2e2b69c4bef22c81fa6eb73e5f6173"},
]

[metadata]
lock-version = "2.1"
python-versions = ">=3.13,<4"
content-hash = "8f128c655256c70f656f3c84b7991be453b90cd148f10a0ad3e06af7a05718f4"
"#,
);

pub(super) const GO_MOD: (&str, &str) = (
    "go.mod",
    "module example.org/shop // edit @EDIT@\n\ngo 1.22\n\nrequire github.com/google/uuid v1.6.0\n",
);
pub(super) const GO_SUM: (&str, &str) = (
    "go.sum",
    "github.com/google/uuid v1.6.0 h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=\n\
     github.com/google/uuid v1.6.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=\n",
);
pub(super) const GO_MAIN: (&str, &str) = (
    "main.go",
    "package main\n\nimport \"github.com/google/uuid\"\n\nfunc main() { println(uuid.Nil.String()) }\n",
);

const GO: Files = &[GO_MOD, GO_SUM, GO_MAIN];

/// Named as a known framework, so that it gets that one's cache; it trusts what it finds there, as bundlers do.
pub(super) const PARCEL: Files = &[
    (
        "package.json",
        r#"{
  "name": "shop",
  "version": "1.0.@EDIT@",
  "scripts": { "build": "parcel build" },
  "dependencies": { "parcel": "file:./parcel" }
}
"#,
    ),
    PARCEL_MANIFEST,
    PARCEL_PROGRAM,
];
pub(super) const PARCEL_MANIFEST: (&str, &str) =
    ("parcel/package.json", r#"{ "name": "parcel", "version": "2.0.0", "bin": { "parcel": "parcel.js" } }"#);
pub(super) const PARCEL_PROGRAM: (&str, &str) = (
    "parcel/parcel.js",
    "#!/usr/bin/env node\n\
     const fs = require('fs')\n\
     const kept = '.parcel-cache/page.html'\n\
     if (!fs.existsSync(kept)) fs.writeFileSync(kept, '<p>the shop is open</p>\\n')\n\
     fs.mkdirSync('dist', { recursive: true })\n\
     fs.copyFileSync(kept, 'dist/index.html')\n",
);
