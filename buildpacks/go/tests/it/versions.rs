//! Which Go builds, and who said so.

use expect_test::{Expect, expect};
use packwright_buildpack::testing::{Part, with_env};

use crate::{SERVER, go};

fn check(files: &str, go_mod: &str, expected: Expect) {
    let tree = format!("{files}//- /go.mod\nmodule example.org/hello\n{go_mod}//- /main.go\n{SERVER}");
    go().check(&tree, &[Part::Versions, Part::Reasons], expected);
}

#[test]
fn lines_of_go_mod_are_the_least() {
    check(
        "",
        "",
        expect![[r#"
        go 1.24 by default: the Go of the current Debian
        language = go (has a web application or a declared process) by main.go:6
        go version = 1.24 by default: the Go of the current Debian
    "#]],
    );
    check(
        "",
        "go 1.18\n",
        expect![[r#"
            go 1.24 by go.mod:2
            language = go (has a web application or a declared process) by main.go:6
            go version = 1.24 for `1.18` by go.mod:2
        "#]],
    );
    check(
        "",
        "go 1.24.1\ntoolchain go1.24.3\n",
        expect![[r#"
            go 1.24 by go.mod:2
            language = go (has a web application or a declared process) by main.go:6
            go version = 1.24 for `1.24.1` by go.mod:2
        "#]],
    );
    check(
        "",
        "go 1.25\ntoolchain go1.25.3\n",
        expect![[r#"
        go 1.25 by go.mod:2
        language = go (has a web application or a declared process) by main.go:6
        go version = 1.25 by go.mod:2
    "#]],
    );
    check(
        "",
        "go 1.24.9\n",
        expect![[r#"
            go 1.24 by go.mod:2
            language = go (has a web application or a declared process) by main.go:6
            go version = 1.24 for `1.24.9` by go.mod:2
        "#]],
    );
}

#[test]
fn files_of_version_managers() {
    check(
        "//- /.go-version\n1.22\n",
        "go 1.21\n",
        expect![[r#"
        go 1.22 by .go-version:1
        language = go (has a web application or a declared process) by main.go:6
        go version = 1.22 by .go-version:1
    "#]],
    );
    check(
        "//- /mise.toml\n[tools]\n\"core:go\" = \"1.23.4\"\n",
        "go 1.21\n",
        expect![[r#"
        go 1.23.4 by mise.toml:2
        language = go (has a web application or a declared process) by main.go:6
        go version = 1.23.4 by mise.toml:2
    "#]],
    );
    check(
        "//- /.tool-versions\ngolang latest\n",
        "go 1.21\n",
        expect![[r#"
        go latest by .tool-versions:1
        language = go (has a web application or a declared process) by main.go:6
        go version = latest by .tool-versions:1
    "#]],
    );
    check(
        "//- /.go-version\n1.22\n",
        "go 1.25\n",
        expect![[r#"
        Error go/versions-differ: `.go-version:1` and `go.mod:2` ask for different Go versions
          why: .go-version:1 wants `1.22`, go.mod:2 wants `1.25`; no version satisfies both
          fix: make them agree, or choose with `--env PACKWRIGHT_GO_VERSION=1.22`
    "#]],
    );
    check(
        "//- /.go-version\n1.19.3\n",
        "",
        expect![[r#"
        Error go/version-unavailable: .go-version:1 asks for Go 1.19.3, which cannot be had
          why: Debian trixie has 1.24, and the go command fetches 1.21 and newer
          fix: ask for 1.21, the nearest
    "#]],
    );
    check(
        "//- /.go-version\nsystem\n",
        "",
        expect![[r#"
        Error go/version-unreadable: .go-version:1: `system` is not understood as a version of Go
          why: it is the Go of a machine, and an image stands on none
          fix: name a version, such as `1.24`
    "#]],
    );
}

#[test]
fn hints_and_options() {
    check(
        "//- /Dockerfile\nFROM golang:1.22 AS build\nCMD [\"x\"]\n",
        "",
        expect![[r#"
            go 1.24 by default: the Go of the current Debian
            language = go (has a web application or a declared process) by main.go:6
            go version = 1.24 by default: the Go of the current Debian
            process web = hello by main.go
              not x by Dockerfile:2
            Info dockerfile/not-built: Dockerfile is read for hints; its instructions are not run
              why: the image is made from the source itself; what `RUN`, `COPY` and `ADD` do is not done
              fix: put what the application needs of them into its manifests, or into the commands of a platform's file
            Info go/version-hint: Dockerfile:1 speaks of Go 1.22, which is not taken
              why: the file describes an image that something else builds; alone it is no reason to download a release, or to use one that gets no fixes
              fix: write 1.22 into .go-version to have it
        "#]],
    );
    let tree = format!("//- /.go-version\n1.22\n//- /go.mod\nmodule m\ngo 1.21\n//- /main.go\n{SERVER}");
    go().check_with(
        &tree,
        &with_env([("PACKWRIGHT_GO_VERSION", "1.26")]),
        &[Part::Suite, Part::Versions, Part::Steps, Part::Reasons],
        expect![[r#"
            suite trixie
            go 1.26 by --env PACKWRIGHT_GO_VERSION=1.26
            go.version fetch resolves
              $ cat > /tmp/newest.sh <<'END' …
              $ /bin/sh /tmp/newest.sh /packwright/go/version
              > packwright/go/version
            go.toolchain fetch
              < go.version
              $ GOTOOLCHAIN="go$(cat /packwright/go/version)" go version && mkdir -p /opt && mv /tmp/modules/golang.org/toolchain@* /opt/go && rm -rf /tmp/modules
              > opt/go
            go.build
              < go.toolchain
              < source **
              $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/m .
              > app Build
            language = go (has a web application or a declared process) by main.go:6
            go version = 1.26 by --env PACKWRIGHT_GO_VERSION=1.26
              not 1.22 by .go-version:1
            Warning go/versions-differ: --env PACKWRIGHT_GO_VERSION=1.26 and .go-version:1 ask for different Go versions
              why: --env PACKWRIGHT_GO_VERSION=1.26 gives 1.26, .go-version:1 wants `1.22`
              fix: make the two agree
        "#]],
    );
}

#[test]
fn what_no_go_is_and_what_the_newest_is() {
    check(
        "//- /.go-version\n2\n",
        "",
        expect![[r#"
            Error go/version-unavailable: .go-version:1 asks for Go 2, which cannot be had
              why: Debian trixie has 1.24, and the go command fetches 1.21 and newer
              fix: ask for 1.24, the nearest
        "#]],
    );
    check(
        "//- /.go-version\nstable\n",
        "",
        expect![[r#"
            go latest by .go-version:1
            language = go (has a web application or a declared process) by main.go:6
            go version = latest for `stable` by .go-version:1
        "#]],
    );
}
