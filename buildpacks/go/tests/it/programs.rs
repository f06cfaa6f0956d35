//! Programs: one, several, those that a Procfile names, those without a module.

use expect_test::expect;
use packwright_buildpack::planner::{MemoryTree, PlanOptions};
use packwright_buildpack::testing::{Harness, Part, for_app, with_env};

use crate::{SERVER, go};

#[test]
fn a_server_at_the_top() {
    go().check(
        &format!("//- /go.mod\nmodule example.org/hello/v2\n\ngo 1.22\n//- /main.go\n{SERVER}"),
        &[Part::Suite, Part::Versions, Part::Packages, Part::Steps, Part::Processes, Part::Reasons],
        expect![[r#"
            suite trixie
            go 1.24 by go.mod:3
            Build Runtime golang-1.24-go
            Build Runtime findutils
            Run Runtime media-types
            go.build
              < source **
              $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/hello .
              > app Build
            source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
            web: hello
            language = go (has a web application or a declared process) by main.go:6
            go version = 1.24 for `1.22` by go.mod:3
        "#]],
    );
}

/// Two programs below `cmd`, both servers.
fn two() -> String {
    format!(
        "//- /go.mod\nmodule example.org/shop\n\ngo 1.22\n//- /cmd/api/main.go\n{SERVER}//- /cmd/admin/main.go\n{SERVER}"
    )
}

#[test]
fn several_programs_and_no_word_which() {
    go().check(
        &two(),
        &[Part::Steps],
        expect![[r#"
        Error go/several-programs: there are 2 programs and no word which one to run
          why: admin (cmd/admin), api (cmd/api)
          fix: choose with `--app admin`, or name programs in a Procfile such as `web: admin`
    "#]],
    );
}

#[test]
fn a_program_that_is_named() {
    go().check_with(
        &two(),
        &for_app("api"),
        &[Part::Steps, Part::Processes, Part::Reasons],
        expect![[r#"
            go.build
              < source **
              $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/api ./cmd/api
              > app Build
            source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
            web: api
            language = go (has a web application or a declared process) by cmd/admin/main.go:6
            go version = 1.24 for `1.22` by go.mod:3
            go program = api (cmd/api) by --app api
              not admin (cmd/admin) by cmd/admin/main.go
        "#]],
    );
    go().check_with(
        &two(),
        &for_app("cmd/admin"),
        &[Part::Processes],
        expect![[r#"
        source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
        web: admin
    "#]],
    );
    go().check_with(
        &two(),
        &for_app("worker"),
        &[Part::Processes],
        expect![[r#"
        Error plan/no-such-app: there is no one application called `worker`
          why: there are admin (cmd/admin); api (cmd/api)
          fix: name one of them by its name or directory, or leave `--app` out
    "#]],
    );
}

#[test]
fn the_only_one_that_listens() {
    let tree = format!(
        "//- /go.mod\nmodule example.org/shop\n\ngo 1.22\n//- /cmd/server/main.go\n{SERVER}//- /cmd/tool/main.go\npackage main\nfunc main() {{}}\n//- /examples/a/main.go\n{SERVER}"
    );
    go().check(
        &tree,
        &[Part::Processes, Part::Reasons],
        expect![[r#"
            source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
            web: server
            language = go (has a web application or a declared process) by cmd/server/main.go:6
            go version = 1.24 for `1.22` by go.mod:3
            go program = server (cmd/server) by detected: the only program of the application
        "#]],
    );
}

/// Two programs of one module that requires a module which neither imports: no go.sum is needed.
#[test]
fn one_of_two_programs_by_name() {
    let main = "package main\nfunc main() {}\n";
    let tree = format!(
        "//- /go.mod\nmodule example.org/hello\n\ngo 1.22\n\nrequire example.org/quote v1.5.2\n//- /cmd/server/main.go\n{main}//- /cmd/tool/main.go\n{main}"
    );
    go().check_with(
        &tree,
        &for_app("tool"),
        &[Part::Steps, Part::Processes],
        expect![[r#"
        go.build
          < source **
          $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/tool ./cmd/tool
          > app Build
        source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
        worker: tool
    "#]],
    );
    go().check(
        &tree,
        &[Part::Processes],
        expect![[r#"
        source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
        worker: server
    "#]],
    );
}

#[test]
fn programs_of_a_procfile() {
    let tree = format!("{}//- /Procfile\nweb: bin/api\nworker: admin --queue default\n", two());
    go().check(
        &tree,
        &[Part::Steps, Part::Processes, Part::Reasons],
        expect![[r#"
            go.build
              < source **
              $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/api ./cmd/api
              $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/admin ./cmd/admin
              > app Build
            source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
            web: bin/api
            worker: admin --queue default
            language = go (has a web application or a declared process) by Procfile:1
            go version = 1.24 for `1.22` by go.mod:3
            process web = bin/api by Procfile:1
              not api by cmd/api/main.go
        "#]],
    );
    let tree =
        format!("//- /go.mod\nmodule example.org/hello\n//- /main.go\n{SERVER}//- /Procfile\nweb: ./out\n");
    go().check(
        &tree,
        &[Part::Steps, Part::Processes, Part::Remarks],
        expect![[r#"
            go.build
              < source **
              $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/hello .
              $ mkdir -p /app
              $ ln -s /app/bin/hello /app/out
              > app Build
            source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
            web: ./out
            Info go/program-linked: Procfile:1 starts `./out`, which becomes a link to hello (main.go)
              why: the source has no such file, and this is the program that is built
              fix: write `hello` there, which is on the path
        "#]],
    );
}

#[test]
fn a_declared_build() {
    let tree = format!(
        "//- /go.mod\nmodule example.org/hello\n//- /main.go\n{SERVER}//- /render.yaml\nservices:\n- type: web\n  name: hello\n  runtime: go\n  buildCommand: go mod download && go build -tags netgo -o app\n  startCommand: ./app\n"
    );
    go().check(&tree, &[Part::Steps, Part::Processes, Part::Reasons], expect![[r#"
        go.build
          < source **
          $ go build -tags netgo -o app
          > app Build
        source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
        web: ./app
        language = go (has a web application or a declared process) by main.go:6
        go version = 1.24 by default: the Go of the current Debian
        build command = go build -tags netgo -o app by render.yaml:5
          not go build . by main.go
        port = 10000 by default: the port of a web process on Render
        Info plan/install-known: render.yaml:5: `go mod download` is left to the steps of go
          why: they install the same packages from their manifests alone, so that an edit of the source does not run them again
    "#]]);
}

#[test]
fn a_program_without_a_module_and_a_worker() {
    go().check(
        "//- /main.go\npackage main\nfunc main() { println(1) }\n",
        &[Part::Steps, Part::Processes, Part::Reasons],
        expect![[r#"
            go.build
              < source **
              $ go build -trimpath '-ldflags=-s -w -buildid=' -o /app/bin/main main.go
              > app Build
            source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
            worker: main
            language = go (has a program) by main.go
            go version = 1.24 by default: the Go of the current Debian
        "#]],
    );
}

#[test]
fn addresses_that_are_written_down() {
    let tree = "//- /go.mod\nmodule example.org/hello\n//- /main.go\npackage main\n\nimport \"net/http\"\n\nfunc main() {\n\thttp.ListenAndServe(\"localhost:3000\", nil)\n}\n";
    go().check(tree, &[Part::Processes, Part::Remarks], expect![[r#"
        source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
        web: hello
        Warning go/port-fixed: main.go:6 listens on port 3000, whatever PORT says
          why: the platform that runs the image says in PORT where requests will arrive
          fix: write `":" + cmp.Or(os.Getenv("PORT"), "3000")` there
        Warning go/host-local: main.go:6 listens to its own machine alone
          why: requests come from outside the container; some servers do so unless they are told another address
          fix: write the address `0.0.0.0` there
    "#]]);
}

#[test]
fn modules_without_a_program() {
    go().check(
        "//- /go.mod\nmodule example.org/lib\n//- /lib.go\npackage lib\n",
        &[Part::Steps],
        expect![[r#"
            Error go/no-program: the source holds no program
              why: there are libraries alone, or programs that are not built for Linux
              fix: add a program, or name the directory of the application with `--root DIR`
        "#]],
    );
    go().check(
        "//- /go.mod\nmodule example.org/lib\n//- /gen.go\n//go:build ignore\n\npackage main\n//- /Procfile\nweb: x\n",
        &[Part::Steps],
        expect![[r#"
            Error go/no-program: the source holds no program
              why: there are libraries alone, or programs that are not built for Linux
              fix: add a program, or name the directory of the application with `--root DIR`
        "#]],
    );
}

#[test]
fn files_to_embed_that_the_source_does_not_have() {
    let tree = |pattern: &str, files: &str| {
        format!(
            "//- /go.mod\nmodule example.org/hello\n//- /main.go\npackage main\n\nimport \"example.org/hello/ui\"\n\nfunc main() {{ ui.Serve() }}\n//- /ui/serve.go\npackage ui\n\nimport (\n\t\"embed\"\n\t\"net/http\"\n)\n\n//go:embed {pattern}\nvar files embed.FS\n\nfunc Serve() {{ http.ListenAndServe(\":\"+os.Getenv(\"PORT\"), nil) }}\n{files}"
        )
    };
    go().check(&tree("build/*", ""), &[Part::Steps], expect![[r#"
        Error go/nothing-to-embed: ui/serve.go:8 embeds `build/*`, and no file of the source matches
          why: files that git ignores are no part of the source, `go generate` is not run, and no directory above holds a package.json whose scripts build a front end
          fix: commit the files, or declare the commands that make them in a platform's file; with `--env GOFLAGS=-tags=NAME` the program is built without them, if it has a tag for that
    "#]]);
    // What a hidden file keeps in git has no content; with `all:` it compiles nevertheless.
    let kept = "//- /ui/dist/.gitkeep\n";
    go().check(&tree("dist", kept), &[Part::Remarks], expect![[r#"
        Error go/nothing-to-embed: ui/serve.go:8 embeds `dist`, and no file of the source matches
          why: files that git ignores are no part of the source, `go generate` is not run, and no directory above holds a package.json whose scripts build a front end
          fix: commit the files, or declare the commands that make them in a platform's file; with `--env GOFLAGS=-tags=NAME` the program is built without them, if it has a tag for that
    "#]]);
    for (pattern, files) in [
        ("all:dist", kept),
        ("build/*", "//- /ui/build/index.html\n"),
        ("build", "//- /ui/build/static/a.js\n"),
        ("pages/*.html \"with space.txt\"", "//- /ui/pages/a.html\n//- /ui/with space.txt\n"),
        (".version", "//- /ui/.version\n"),
    ] {
        assert_eq!(go().describe(&tree(pattern, files), &[Part::Remarks]), "", "{pattern}");
    }
    let tags = with_env([("GOFLAGS", "-tags=noui")]);
    go().check_with(&tree("build/*", ""), &tags, &[Part::Remarks], expect![[""]]);
    let tags = "//- /fly.toml\n[env]\nGOFLAGS = \"-tags=noui\"\n";
    assert_eq!(go().describe(&tree("build/*", tags), &[Part::Remarks]), "");
    let declared =
        "//- /railway.toml\n[build]\nbuildCommand = \"make all\"\n[deploy]\nstartCommand = \"./hello\"\n";
    assert!(!go().describe(&tree("build/*", declared), &[Part::Remarks]).contains("go/nothing-to-embed"));
}

#[test]
fn a_port_that_a_flag_says() {
    let tree = |rest: &str| {
        format!(
            "//- /go.mod\nmodule example.org/hello\n//- /main.go\npackage main\n\nimport (\n\t\"flag\"\n\t\"net/http\"\n)\n\nvar listen = flag.String(\"listen\", \":5678\", \"where\")\n\nfunc main() {{\n\tflag.Parse()\n\thttp.ListenAndServe(*listen, nil)\n}}\n{rest}"
        )
    };
    let harness = Harness { hidden_variables: &["PATH"], ..go() };
    harness.check(&tree(""), &[Part::Processes, Part::Remarks], expect![[r#"
        source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
        web: hello
        Warning go/port-flag: main.go:8 takes the port from the flag `--listen`, 5678 without it, whatever PORT says
          why: the platform that runs the image says in PORT where requests will arrive
          fix: start it with `--start 'hello --listen :$PORT'`, or with that line in a Procfile
    "#]]);
    let procfile = "//- /Procfile\nweb: hello --listen :$PORT\n";
    harness.check(
        &tree(procfile),
        &[Part::Processes, Part::Remarks],
        expect![[r#"
        source without **/*.go go.mod go.sum go.work go.work.sum **/go.mod **/go.sum vendor
        web: hello --listen :$PORT
    "#]],
    );
    assert_eq!(
        harness.planned(&MemoryTree::parse(&tree("")), &PlanOptions::default()).unwrap().environment["PORT"]
            .value,
        "5678"
    );
}
