//! The steps: the toolchain, the modules, the programs.
//!
//! ```text
//! go.version ─▶ go.toolchain ┬▶ go.modules ─▶ go.build
//! (only where Debian's is too old)  (manifests)   (whole source, no network)
//! ```
//!
//! What is downloaded depends on manifests alone, so an edit of a source file runs `go.build` and
//! nothing else. The module cache is an output of `go.modules` without the archives, which stay in a
//! cache of the application, so that a change of `go.mod` fetches what is new.

use packwright_buildpack::client::{CacheRow, GIT, GO};
use packwright_buildpack::declared;
use packwright_buildpack::planner::{
    Command, Input, LayerKind, Output, PlanContext, Selection, Step, VariableValue,
};
use packwright_buildpack::programs::{Link, Program};
use packwright_buildpack::step::{self, SYSTEM_PATH, after, answering, fetch, path};

use crate::messages;
use crate::version::{Go, VERSION_STEP, debian};

const TOOLCHAIN_STEP: &str = "go.toolchain";
const MODULES_STEP: &str = "go.modules";

/// A fetched Go.
const TOOLCHAIN: &str = "/opt/go";

/// Where modules lie while programs are built.
const MODULES: &str = "/opt/go-modules";

/// Where the programs are, below the application's directory as Heroku has it.
pub(crate) const PROGRAMS: &str = "/app/bin";

/// What the compiler keeps between builds; it trusts what it finds there.
const BUILD_CACHE: CacheRow = CacheRow { name: "go-build", variable: "GOCACHE" };

/// Finds the newest toolchain between two bounds among those that the module proxy lists, and writes its
/// version.
const NEWEST: &str = include_str!("newest.sh");

/// All steps.
pub(crate) fn steps(
    given: &PlanContext<'_>,
    fetches: bool,
    go: &Go,
    programs: &[&Program],
    uses_cgo: bool,
    links: &[Link],
) -> Vec<Step> {
    let mut steps = Vec::new();
    if go.is_fetched() {
        steps.push(version(go));
        steps.push(toolchain());
    }
    if fetches {
        steps.push(download(go));
    }
    steps.push(build(given, go, programs, fetches, uses_cgo, links));
    let netrc = given.options.secrets.clone();
    step::give_netrc(&mut steps, &netrc);
    steps
}

/// What every go command is told.
fn tell(mut step: Step, go: Option<&Go>) -> Step {
    let bin = match go {
        Some(go) if go.is_fetched() => {
            step = step.after(step::name(TOOLCHAIN_STEP)).with("GOROOT", TOOLCHAIN);
            format!("{TOOLCHAIN}/bin")
        }
        _ => format!("/usr/lib/go-{}/bin", debian().line),
    };
    step.with("PATH", format!("{bin}:{SYSTEM_PATH}"))
        .with("GOTOOLCHAIN", "local")
        .with("GOTELEMETRY", "off")
        .with("GOPATH", "/tmp/go")
        .with("GOENV", "off")
}

fn version(go: &Go) -> Step {
    let [from, below] = go.bounds();
    let step = fetch(VERSION_STEP, "finds the newest release of Go that is asked for", &[&GO]);
    let mut step = tell(answering(step, "go", &["version"]), None).hinted(messages::TOOLCHAIN_HINT);
    step.caches.clear();
    step.with("GOMODCACHE", "/tmp/modules")
        .with("GO_FROM", from)
        .with("GO_BELOW", below)
        .runs(Command::write("/tmp/newest.sh", NEWEST))
        .runs(step::exec(&["/bin/sh", "/tmp/newest.sh", "/packwright/go/version"]))
}

/// The go command fetches the toolchain and checks it against the checksum database.
fn toolchain() -> Step {
    let step = fetch(TOOLCHAIN_STEP, "fetches Go, which Debian does not have in this version", &[&GO]);
    let mut step = tell(step.after(step::name(VERSION_STEP)), None).hinted(messages::TOOLCHAIN_HINT);
    step.caches.clear();
    let unused = ["api", "doc", "misc", "test", "pkg/tool/*/{doc,pprof,trace,vet,test2json,fix,objdump}"];
    step.with("GOMODCACHE", "/tmp/modules")
        .with("GOFLAGS", "-modcacherw")
        .runs(Command::shell(
            "GOTOOLCHAIN=\"go$(cat /packwright/go/version)\" go version && mkdir -p /opt && \
             mv /tmp/modules/golang.org/toolchain@* /opt/go && rm -rf /tmp/modules",
        ))
        .leaves(Output::between_steps(path("opt/go")).without(unused))
}

/// The files that say which modules are wanted.
const MANIFESTS: &[&str] = &["go.mod", "go.sum", "go.work", "go.work.sum", "**/go.mod", "**/go.sum"];

fn download(go: &Go) -> Step {
    let place = GO.cache.map(|cache| cache.place()).unwrap_or_default();
    let step = fetch(MODULES_STEP, "downloads the modules that go.sum names", &[&GO, &GIT]);
    let mut source = Selection::of(MANIFESTS);
    source.exclude = vec!["**/testdata".to_owned(), "vendor".to_owned()];
    let kept = Output::between_steps(path(MODULES.trim_start_matches('/')));
    // Archives are unpacked already; the rest tells what happened when.
    let unused = [
        "cache/download/**/*.{zip,lock,info}",
        "cache/download/**/list",
        "cache/download/sumdb",
        "cache/{lock,vcs}",
    ];
    let mut step = tell(step, Some(go)).sees(source).hinted(messages::MODULES_HINT);
    step.environment.insert("GOMODCACHE".to_owned(), MODULES.to_owned());
    step.with("GOFLAGS", "-modcacherw")
        // git reads no variable that names the file.
        .runs(Command::shell(format!(
            "if [ -n \"${{NETRC:-}}\" ]; then ln -sf \"$NETRC\" \"$HOME/.netrc\"; fi; \
             GOPROXY=\"file://{place},$(go env GOPROXY)\" go mod download"
        )))
        .runs(Command::shell(format!(
            "cd {MODULES}/cache/download && find . -name '*.zip' -o -name '*.mod' -o -name '*.info' -o -name list | \
             while IFS= read -r file; do mkdir -p \"{place}/${{file%/*}}\" && cp -f \"$file\" \"{place}/$file\"; done"
        )))
        .leaves(kept.without(unused))
}

fn build(
    given: &PlanContext<'_>,
    go: &Go,
    programs: &[&Program],
    fetches: bool,
    uses_cgo: bool,
    links: &[Link],
) -> Step {
    let mut step = tell(step::step("go.build", "compiles the programs"), Some(go));
    if fetches {
        step.inputs.push(after(MODULES_STEP));
        step = step.with("GOMODCACHE", MODULES);
    }
    step.inputs.push(Input::Source(Selection::all()));
    BUILD_CACHE.give(&mut step);
    let mut detected: Vec<Command> = programs.iter().map(|program| compile(program)).collect();
    for Link { path, program, .. } in links {
        let dir = path.parent().map_or("/app".to_owned(), |dir| format!("/app/{dir}"));
        detected.push(step::exec(&["mkdir", "-p", &dir]));
        detected.push(step::exec(&["ln", "-s", &format!("{PROGRAMS}/{program}"), &format!("/app/{path}")]));
    }
    let declared = given.model.build.as_ref();
    step.commands = declared::around(declared, detected);
    let app = Output::layer(path("app"), LayerKind::Build);
    step.with("GOPROXY", "off")
        .with("GOFLAGS", build_flags(given))
        .with("CGO_ENABLED", if uses_cgo { "1" } else { "0" })
        .hinted(messages::BUILD_HINT)
        .leaves(app.without(["**/node_modules"]))
}

/// The flags of every go command in the build, the owner's last. What the caller gives takes the place of all.
fn build_flags(given: &PlanContext<'_>) -> String {
    let ours = "-buildvcs=false -trimpath";
    match owners_flags(given) {
        Some(flags) => format!("{ours} {flags}"),
        None => ours.to_owned(),
    }
}

/// `GOFLAGS` as the caller gives it, or else as a platform's file declares it.
pub(crate) fn owners_flags(given: &PlanContext<'_>) -> Option<String> {
    let declared = || match &given.model.variable("GOFLAGS")?.value {
        VariableValue::Literal(flags) => Some(flags.clone()),
        _ => None,
    };
    given.options.environment.get("GOFLAGS").cloned().or_else(declared)
}

/// A program for an image: no paths of the build, no tables for debuggers, no identifiers that differ
/// from build to build.
fn compile(program: &Program) -> Command {
    let output = format!("{PROGRAMS}/{}", program.name);
    let words = step::words(&["go", "build", "-trimpath", "-ldflags=-s -w -buildid=", "-o", &output]);
    Command::Exec([words, program.arguments.clone()].concat())
}

/// The source files that are of no use in an image.
pub(crate) fn left_out() -> Vec<String> {
    ["**/*.go", "go.mod", "go.sum", "go.work", "go.work.sum", "**/go.mod", "**/go.sum", "vendor"]
        .map(str::to_owned)
        .into()
}
