//! Attempts by declared builds and flags of Go.

use super::{ATTEMPT, Attempt, WORST};
use crate::tenants::victims::{GO_MAIN, GO_MOD, GO_SUM};

pub(super) const ATTEMPTS: &[Attempt] = &[
    Attempt {
        name: "go-declared-build",
        about: "the build command in a platform's file, where the compiler's cache is",
        victim: "go",
        files: &[
            GO_MOD,
            GO_SUM,
            GO_MAIN,
            WORST,
            (
                "render.yaml",
                "services:\n  - type: worker\n    name: shop\n    runtime: go\n    \
                 buildCommand: go build -o bin/shop . && sh worst.sh\n    startCommand: bin/shop\n",
            ),
        ],
        args: &["--platform", "render"],
        ..ATTEMPT
    },
    Attempt {
        name: "go-toolexec",
        about: "flags of the go command that put a program before the compiler",
        victim: "go",
        files: &[
            GO_MOD,
            GO_SUM,
            GO_MAIN,
            (
                "render.yaml",
                "services:\n  - type: worker\n    name: shop\n    runtime: go\n    buildCommand: go build -o bin/shop .\n    \
                 startCommand: bin/shop\n    envVars:\n      - key: GOFLAGS\n        value: -toolexec=/app/evil.sh\n",
            ),
            (
                "evil.sh",
                "#!/bin/sh\nif ! [ -e /tmp/ran ]; then\n: > /tmp/ran\n(\n@SCRIPT@\n) >&2\nfi\nexec \"$@\"\n",
            ),
        ],
        args: &["--platform", "render"],
        ..ATTEMPT
    },
];
