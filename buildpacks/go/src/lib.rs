//! The Go buildpack: from a source tree to a proposal, without effects.
//!
//! ```text
//! go.work, go.mod ─▶ programs ─▶ version ─▶ cgo ─▶ steps
//! ```
//!
//! Files are read and never run. The README beside this crate lists the files, the precedence and the
//! limits.

mod data;
mod embeds;
mod messages;
mod module;
mod native;
mod program;
mod source;
mod steps;
mod version;

use packwright_buildpack::declared::{self, Commands};
use packwright_buildpack::listening::PORT;
use packwright_buildpack::planner::{
    BuildRunner, Buildpack, Claim, Command, CommandKind, Decision, Diagnostic, Language, LayerKind, Origin,
    Overridden, Package, PlanContext, PlanOptions, Proposal, Requested, Role, Selection, Setting, SourceTree,
    Target, has,
};
use packwright_buildpack::problem::both;
use packwright_buildpack::programs::{self, Program};

use module::{MAIN, Modules};
use program::Made;

/// The Go buildpack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Go;

/// What is true of Go in every application.
const LANGUAGE: Language = Language::new("go", "Go")
    .manifests(&["go.work", "go.mod", MAIN])
    .source_suffixes(&[".go"])
    .version_files(&[".go-version", ".tool-versions", "mise.toml"])
    .package_managers(&["go"])
    // Source: `go help environment`. No prefix: names such as GOOGLE_API_KEY are no business of the go command.
    .client_variables(&[
        "cgo_*",
        "go111module",
        "go386",
        "goamd64",
        "goarch",
        "goarm",
        "goarm64",
        "goauth",
        "gobin",
        "gocache",
        "gocacheprog",
        "goenv",
        "goexperiment",
        "gofips140",
        "goflags",
        "goinsecure",
        "gomodcache",
        "gonoproxy",
        "gonosumdb",
        "goos",
        "gopath",
        "goprivate",
        "goproxy",
        "goroot",
        "gosumdb",
        "gotelemetry",
        "gotmpdir",
        "gotoolchain",
        "govcs",
        "gowork",
    ])
    .build_dirs(&["vendor"]);

/// Commands of declared builds that are Go's.
const COMMANDS: Commands = Commands {
    programs: &["go", "goose", "migrate", "atlas"],
    prepares: &[&["go", "mod"], &["go", "get"], &["go", "env"], &["go", "version"]],
    migrations: &[&["goose", "up"], &["atlas", "migrate", "apply"]],
    ..Commands::NONE
};

impl Buildpack for Go {
    fn language(&self) -> &Language {
        &LANGUAGE
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        if context.role != Role::Owner {
            return None;
        }
        let manifest = LANGUAGE.manifests.iter().find(|name| has(context.tree, name))?;
        let evidence = Origin::file(&manifest.parse().ok()?);
        let Ok(Some(modules)) = Modules::read(context.tree) else { return Some(Claim::Program.by(evidence)) };
        let programs = program::programs(context.tree, &modules);
        let serving =
            programs.iter().find_map(|one| program::made(context.tree, &modules, one).listening.evidence);
        let is_declared = programs::started(context.model, &programs).into_iter().next();
        Some(match (is_declared, serving) {
            (Some((_, origin)), _) => Claim::Server.by(origin),
            (None, Some(line)) => Claim::Server.by(line),
            (None, None) if programs.is_empty() => Claim::Tools.by(evidence),
            (None, None) => Claim::Program.by(evidence),
        })
    }

    fn propose(&self, given: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        // Go builds nothing for an application of another language.
        match (given.role, Modules::read(given.tree)?) {
            (Role::Owner, Some(modules)) => propose(given, &modules).map(Some),
            _ => Ok(None),
        }
    }

    fn targets(&self, tree: &dyn SourceTree) -> Vec<Target> {
        let Ok(Some(modules)) = Modules::read(tree) else { return Vec::new() };
        programs::targets(&program::programs(tree, &modules))
    }

    fn classify(&self, words: &[String]) -> Option<CommandKind> {
        COMMANDS.classify(words)
    }
}

/// The story from top to bottom.
fn propose(given: &PlanContext<'_>, modules: &Modules) -> Result<Proposal, Vec<Diagnostic>> {
    let PlanContext { tree, model, options, .. } = *given;
    let all = program::programs(tree, modules);
    let listens = |one: &Program| program::made(tree, modules, one).listening.listens();
    let chosen = programs::choose("go", &all, options.app.as_deref(), model, &listens)
        .map_err(|problem| vec![problem]);
    let (go, (chosen, decision)) =
        both(version::choose(given, modules).and_then(|go| checked(modules).map(|()| go)), chosen)?;
    let made: Vec<Made> = chosen.iter().map(|one| program::made(tree, modules, one)).collect();
    let fetches = downloads(tree, modules, &made)?;
    let cgo = native::needed(&made, modules, options);
    let first = chosen[0];
    let listening = &made[0].listening;
    let mut proposal = Proposal { declared_build: BuildRunner::Buildpack, ..Proposal::new() };
    let keeps_detected = model.build.as_ref().is_none_or(|build| build.detected);
    let links = match keeps_detected {
        true => programs::links("go", tree, model, &chosen, "bin"),
        false => Vec::new(),
    };
    proposal.diagnostics.extend(links.iter().map(|link| link.remark.clone()));
    proposal.diagnostics.extend(programs::left_out("go", model, &all, &chosen));

    proposal.suite = Some(go.suite());
    proposal.stands_alone = true;
    if keeps_detected {
        proposal.needs = embeds::missing(tree, &made, &steps::owners_flags(given).unwrap_or_default());
    }
    proposal.steps = steps::steps(given, fetches, &go, &chosen, cgo.evidence.is_some(), &links);
    proposal.packages = packages(fetches, options, listening.listens());
    proposal.packages.extend(cgo.packages);
    proposal.source = Selection { exclude: steps::left_out(), ..Selection::all() };
    proposal
        .environment
        .insert("PATH".to_owned(), Setting::default(steps::PROGRAMS, "the application's programs"));
    if made
        .iter()
        .any(|made| made.files.values().any(|file| file.imports("github.com/gin-gonic/gin").is_some()))
    {
        let setting = Setting::default("release", "gin prints every route otherwise");
        proposal.environment.insert("GIN_MODE".to_owned(), setting);
    }
    if let Some(port) = listening.port.as_ref().filter(|_| !listening.reads_port) {
        let setting = Setting { value: port.value.to_string(), origin: port.origin.clone() };
        proposal.environment.insert("PORT".to_owned(), setting);
    }
    let takes_port = model.commands().any(|(_, command, _)| command.to_string().contains(PORT));
    if let Some((file, flag)) = made[0].flag.as_ref().filter(|_| !takes_port) {
        let origin = Origin::line(file, flag.line);
        proposal.diagnostics.push(messages::port_flag(&first.name, flag, &origin));
        if let Some(port) = flag.default {
            let setting = Setting { value: port.to_string(), origin };
            proposal.environment.insert("PORT".to_owned(), setting);
        }
    }
    let command = Command::Exec(vec![first.name.clone()]);
    match keeps_detected {
        true => proposal.processes.push(listening.process(command, Origin::file(&first.file))),
        false => proposal.process_missing = Some(messages::declared_build(&declared::origin(model))),
    }
    proposal.decisions.push(go.decision);
    proposal.decisions.extend(decision);
    let replaced =
        Overridden::new(format!("go build {}", first.arguments.join(" ")), Origin::file(&first.file));
    proposal.decisions.extend(declared::decision(model, (!keeps_detected).then_some(replaced)));
    if let Some(evidence) = cgo.evidence {
        proposal.decisions.push(Decision::new("cgo", "used", evidence));
    }
    proposal.versions.push(go.tool);
    proposal.diagnostics.extend(go.diagnostics);
    proposal.diagnostics.extend(cgo.diagnostics);
    let instead = |port: u16| format!("\":\" + cmp.Or(os.Getenv(\"PORT\"), \"{port}\")");
    proposal.diagnostics.extend(listening.diagnostics("go", instead));
    Ok(proposal)
}

/// What would end the build.
fn checked(modules: &Modules) -> Result<(), Vec<Diagnostic>> {
    let problems = modules.check();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Whether modules are downloaded. Without a go.sum the go command still builds programs that import
/// none of the modules that are required.
///
/// Errors: a program imports a module whose bytes no go.sum names.
fn downloads(tree: &dyn SourceTree, modules: &Modules, made: &[Made]) -> Result<bool, Vec<Diagnostic>> {
    if modules.is_vendored {
        return Ok(false);
    }
    if tree.files().iter().any(|file| matches!(file.path.name(), "go.sum" | "go.work.sum")) {
        return Ok(modules.required().next().is_some());
    }
    let imports = |module: &str| {
        made.iter().flat_map(|made| made.files.values()).any(|file| file.imports(module).is_some())
    };
    match modules.required().find(|required| imports(&required.value)) {
        Some(required) => Err(vec![messages::no_sum(required)]),
        None => Ok(false),
    }
}

/// Packages for the build, and for the image of a program that answers requests.
fn packages(fetches: bool, options: &PlanOptions, listens: bool) -> Vec<Package> {
    let build = |name: &str, why: &str| Package::build(name, LayerKind::Runtime, why);
    let mut packages = vec![
        build(version::debian().package, "the go command"),
        build("findutils", "sorts what was downloaded"),
    ];
    // A module that no proxy has is fetched from its repository.
    let is_private = |name: &str| options.environment.contains_key(name);
    let netrc = options.secrets.iter().any(|secret| secret.as_str() == "netrc");
    if fetches && (netrc || is_private("GOPRIVATE") || is_private("GONOPROXY")) {
        packages.push(build("git", "private modules come from their repositories"));
    }
    if listens {
        packages.push(Package::run("media-types", LayerKind::Runtime, "types of files for `mime`"));
    }
    packages
}
