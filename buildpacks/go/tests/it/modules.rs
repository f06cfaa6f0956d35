//! Modules: downloaded, vendored, of a workspace, private; C libraries.

use expect_test::expect;
use packwright_buildpack::planner::{MemoryTree, PlanOptions};
use packwright_buildpack::testing::{Harness, Part, with_env};

use crate::{SERVER, go};

const REQUIRES: &str = "require (\n\texample.org/dep v1.0.0\n\texample.org/other v1.1.0 // indirect\n)\n";

#[test]
fn modules_that_are_downloaded() {
    let tree = format!(
        "//- /go.mod\nmodule example.org/hello\n\n{REQUIRES}//- /go.sum\nx\n//- /main.go\n{SERVER}//- /templates/a.html\na\n"
    );
    let harness = Harness { told_environments: &["go.modules", "go.build"], ..go() };
    harness.check(&tree, &[Part::Packages, Part::Steps], expect![[r#"
        Build Runtime golang-1.24-go
        Build Runtime findutils
        Run Runtime media-types
        go.modules fetch
          < source go.mod go.sum go.work go.work.sum **/go.mod **/go.sum without **/testdata vendor
          GIT_SSL_CAINFO=/etc/ssl/certs/ca-certificates.crt
          GIT_TERMINAL_PROMPT=0
          GOENV=off
          GOFLAGS=-modcacherw
          GOMODCACHE=/opt/go-modules
          GOPATH=/tmp/go
          GOTELEMETRY=off
          GOTOOLCHAIN=local
          PATH=/usr/lib/go-1.24/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
          SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
          $ if [ -n "${NETRC:-}" ]; then ln -sf "$NETRC" "$HOME/.netrc"; fi; GOPROXY="file:///packwright/cache/go-modules,$(go env GOPROXY)" go mod download
          $ cd /opt/go-modules/cache/download && find . -name '*.zip' -o -name '*.mod' -o -name '*.info' -o -name list | while IFS= read -r file; do mkdir -p "/packwright/cache/go-modules/${file%/*}" && cp -f "$file" "/packwright/cache/go-modules/$file"; done
          > opt/go-modules
        go.build
          < go.modules
          < source **
          CGO_ENABLED=0
          GOCACHE=/packwright/cache/go-build
          GOENV=off
          GOFLAGS=-buildvcs=false -trimpath
          GOMODCACHE=/opt/go-modules
          GOPATH=/tmp/go
          GOPROXY=off
          GOTELEMETRY=off
          GOTOOLCHAIN=local
          PATH=/usr/lib/go-1.24/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
          $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/hello .
          > app Build
    "#]]);
    go().check(
        &tree
            .replace("//- /go.sum\nx\n", "")
            .replace("import \"net/http\"", "import (\n\t\"example.org/dep\"\n\t\"net/http\"\n)"),
        &[Part::Steps],
        expect![[r#"
            Error go/no-sum: go.mod:4 requires example.org/dep, and there is no go.sum
              why: go.sum says which bytes each module has; without it the go command refuses to build
              fix: run `go mod tidy` and commit go.sum
        "#]],
    );
}

#[test]
fn modules_that_are_vendored() {
    let tree = format!(
        "//- /go.mod\nmodule example.org/hello\n\n{REQUIRES}//- /vendor/modules.txt\n# example.org/dep v1.0.0\n//- /vendor/example.org/dep/dep.go\npackage dep\n\n// #cgo LDFLAGS: -lpq\nimport \"C\"\n//- /main.go\npackage main\n\nimport \"example.org/dep\"\n\nfunc main() {{ dep.Do() }}\n"
    );
    go().check(
        &tree,
        &[Part::Packages, Part::Steps, Part::Processes, Part::Reasons],
        expect![[r#"
        Build Runtime golang-1.24-go
        Build Runtime findutils
        Run System libpq5
        Build System libpq-dev
        Build System gcc
        Build System libc6-dev
        go.build
          < source **
          $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/hello .
          > app Build
        source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
        worker: hello
        language = go (has a program) by go.mod
        go version = 1.24 by default: the Go of the current Debian
        cgo = used by vendor/example.org/dep/dep.go:4
    "#]],
    );
}

#[test]
fn a_workspace() {
    let tree = format!(
        "//- /go.work\ngo 1.23.4\n\nuse (\n\t./api\n\t./lib\n)\n//- /api/go.mod\nmodule example.org/api\n\nrequire example.org/lib v0.0.0\n//- /api/main.go\npackage main\nimport \"example.org/lib\"\nfunc main() {{ lib.Serve() }}\n//- /lib/go.mod\nmodule example.org/lib\n//- /lib/lib.go\npackage lib\n{}",
        &SERVER["package main\n".len()..]
    );
    go().check(
        &tree,
        &[Part::Steps, Part::Processes, Part::Reasons],
        expect![[r#"
            go.build
              < source **
              $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/api ./api
              > app Build
            source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
            web: api
            language = go (has a web application or a declared process) by lib/lib.go:6
            go version = 1.24 for `1.23.4` by go.work:1
        "#]],
    );
    go().check(
        "//- /go.work\nuse ./gone\n//- /main.go\npackage main\n",
        &[Part::Steps],
        expect![[r#"
        Error go/no-member: go.work:1: `gone` has no go.mod
          why: go.work names the directories of modules that are built together
          fix: add the module, or take the line out with `go work edit -dropuse gone`
    "#]],
    );
}

#[test]
fn libraries_of_c() {
    let tree = "//- /go.mod\nmodule example.org/hello\n\nrequire github.com/mattn/go-sqlite3 v1.14.22\n//- /go.sum\nx\n//- /main.go\npackage main\n\nimport _ \"github.com/mattn/go-sqlite3\"\n\n// #cgo pkg-config: libpng strange\nimport \"C\"\n\nfunc main() {}\n";
    go().check(tree, &[Part::Packages, Part::Steps, Part::Reasons], expect![[r#"
        Build Runtime golang-1.24-go
        Build Runtime findutils
        Build System pkgconf
        Run System libpng16-16t64
        Build System libpng-dev
        Build System gcc
        Build System libc6-dev
        go.modules fetch
          < source go.mod go.sum go.work go.work.sum **/go.mod **/go.sum without **/testdata vendor
          $ if [ -n "${NETRC:-}" ]; then ln -sf "$NETRC" "$HOME/.netrc"; fi; GOPROXY="file:///packwright/cache/go-modules,$(go env GOPROXY)" go mod download
          $ cd /opt/go-modules/cache/download && find . -name '*.zip' -o -name '*.mod' -o -name '*.info' -o -name list | while IFS= read -r file; do mkdir -p "/packwright/cache/go-modules/${file%/*}" && cp -f "$file" "/packwright/cache/go-modules/$file"; done
          > opt/go-modules
        go.build
          < go.modules
          < source **
          $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/hello .
          > app Build
        language = go (has a program) by go.mod
        go version = 1.24 by default: the Go of the current Debian
        cgo = used by main.go:6
        Warning go/unknown-library: main.go:5 links `strange`, whose Debian packages are not known
          why: the build fails unless packages bring its headers, and the image needs the library itself
          fix: name them: `--env PACKWRIGHT_BUILD_PACKAGES=lib…-dev --env PACKWRIGHT_PACKAGES=lib…`
    "#]]);
    go().check_with(
        tree,
        &with_env([("CGO_ENABLED", "0")]),
        &[Part::Packages],
        expect![[r#"
        Build Runtime golang-1.24-go
        Build Runtime findutils
    "#]],
    );
}

#[test]
fn private_modules() {
    let tree =
        format!("//- /go.mod\nmodule example.org/hello\n\n{REQUIRES}//- /go.sum\nx\n//- /main.go\n{SERVER}");
    let options =
        PlanOptions { secrets: vec!["netrc".parse().unwrap()], ..with_env([("GOPRIVATE", "example.org")]) };
    let plan = go().planned(&MemoryTree::parse(&tree), &options).unwrap();
    let modules = plan.steps.iter().find(|step| step.name.as_str() == "go.modules").unwrap();
    assert_eq!(modules.environment["GOPRIVATE"], "example.org");
    assert_eq!(modules.environment["NETRC"], "/run/secrets/netrc");
    assert!(modules.secrets.iter().any(|secret| secret.as_str() == "netrc"));
    assert_eq!(modules.credentials["netrc"], packwright_buildpack::planner::Credential::Netrc);
    assert!(plan.packages.iter().any(|package| package.name == "git"));
    for name in ["GOPROXY", "GONOSUMDB", "GOSUMDB", "GOINSECURE", "HTTPS_PROXY"] {
        assert!(modules.lists(name), "{name}");
    }
}

#[test]
fn replacements() {
    let tree = |dir: &str| {
        format!(
            "//- /go.mod\nmodule example.org/hello\n\nrequire example.org/dep v1.0.0\n\nreplace example.org/dep => {dir}\n//- /main.go\npackage main\nimport \"example.org/dep/sub\"\nfunc main() {{ sub.Serve() }}\n//- /dep/go.mod\nmodule example.org/dep\n//- /dep/sub/sub.go\npackage sub\n{}",
            &SERVER["package main\n".len()..]
        )
    };
    go().check(
        &tree("./dep"),
        &[Part::Steps, Part::Processes],
        expect![[r#"
        go.build
          < source **
          $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/hello .
          > app Build
        source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
        web: hello
    "#]],
    );
    go().check(
        &tree("../dep"),
        &[Part::Steps],
        expect![[r#"
        Error go/replace-outside: go.mod:5 replaces example.org/dep by `../dep`, which is outside of the tree
          why: a build sees the application's source and nothing beside it
          fix: build from the directory above with `--app`, or require a released version
    "#]],
    );
}

#[test]
fn flags_that_a_file_declares_join_those_of_the_build() {
    let tree = format!(
        "//- /go.mod\nmodule example.org/hello\n//- /main.go\n{SERVER}//- /fly.toml\n[env]\nGOFLAGS = \"-tags=netgo\"\n"
    );
    let harness = Harness { told_environments: &["go.build"], ..go() };
    let plan = harness.describe(&tree, &[Part::Steps]);
    assert!(plan.contains("GOFLAGS=-buildvcs=false -trimpath -tags=netgo\n"), "{plan}");
}
