//! The steps, from npm to the built application.
//!
//! ```text
//! node.npm ─▶ node.version ─▶ node.runtime ┐
//!         └─▶ node.manager-version ─▶ node.manager ─▶ node.lock ─▶ node.install ─▶ node.scripts ┬▶ node.prune
//!             (not with npm as it comes)             (without one)  (manifests)   (no network)  └▶ node.build
//! ```
//!
//! Packages are fetched by what manifests and locks say, without running a line of theirs. Their
//! install scripts run afterwards, without network. What the image needs of the packages does not
//! depend on the source, so an edit of a source file runs `node.build` alone.

mod build;
mod fetch;
mod install;
mod prune;
mod scripts;

use std::collections::BTreeMap;

use packwright_planner::{
    Command, Decision, Diagnostic, Input, LayerKind, Output, Package, RelPath, Role, Scope, Selection, Step,
    StepName,
};

use crate::application::{Application, Modules, Program};
use crate::inputs;
use crate::lock::LockedPackage;
use crate::manager::{Choice, Manager};
use crate::project::Project;
use crate::toolchain;
use crate::version::Tool;

pub(crate) use build::strangers;
pub(crate) use fetch::version;

/// All that the steps depend on.
#[derive(Clone, Copy)]
pub(crate) struct Work<'a> {
    /// What is built.
    pub(crate) project: Project<'a>,
    /// Who installs.
    pub(crate) choice: &'a Choice,
    /// The runtimes that the build has, the one that runs the package manager first.
    pub(crate) runtimes: &'a [Tool],
    /// What the rules recognised.
    pub(crate) application: &'a Application,
}

/// The steps and what was decided on the way.
pub(crate) struct Made {
    /// The steps in order.
    pub(crate) steps: Vec<Step>,
    /// What was decided.
    pub(crate) decisions: Vec<Decision>,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether something may be compiled.
    pub(crate) compiles: bool,
}

/// The steps that come after the runtimes.
///
/// Errors: packages that are taken from outside of the tree.
pub(crate) fn steps(work: &Work<'_>) -> Result<Made, Vec<Diagnostic>> {
    let mut made =
        Made { steps: Vec::new(), decisions: Vec::new(), diagnostics: Vec::new(), compiles: false };
    let installs = work.installs();
    if !installs && work.application.build.is_none() && !work.manager_in_image() {
        return Ok(made);
    }
    made.steps.extend(fetch::manager(work));
    let mut last = None;
    if installs {
        let named = fetch::source_settings(work).map_err(|problem| vec![problem])?;
        if work.project.locked.is_none() {
            made.steps.push(install::lock(work, &named)?);
        }
        made.steps.push(install::install(work, &named)?);
        last = Some("node.install");
        made.diagnostics.extend(scripts::unapproved(work));
        if let Some(scripts) = scripts::scripts(work)? {
            made.decisions.extend(scripts.decision);
            made.compiles = scripts.compiles;
            made.steps.push(scripts.step);
            last = Some("node.scripts");
        }
        if work.modules_in_image() {
            made.steps.push(prune::prune(work, last.unwrap_or("node.install")));
        }
    }
    made.steps.extend(build::build(work, last));
    Ok(made)
}

/// Debian packages that the steps need, and what the installed commands need in an image.
pub(crate) fn packages(work: &Work<'_>, made: &Made) -> Vec<Package> {
    let package = |name: &str, scope: Scope, why: &str| Package {
        name: name.to_owned(),
        scope,
        layer: LayerKind::System,
        why: why.to_owned(),
    };
    let mut packages: Vec<Package> =
        SHELL_TOOLS.iter().map(|name| package(name, Scope::Build, "scripts of packages expect it")).collect();
    if work.modules_in_image() && work.manager() == Manager::Pnpm {
        packages.push(package(
            "sed",
            Scope::Run,
            "commands that pnpm installs are shell scripts that use it",
        ));
    }
    if made.compiles {
        let why = "packages with native code are compiled where they bring no finished file";
        packages.push(package("build-essential", Scope::Build, why));
        if work.project.locked.is_none_or(|locked| locked.packages().any(is_old_gyp)) {
            let why = "node-gyp before version 10 uses distutils, which Python no longer brings";
            packages.push(package("python3-setuptools", Scope::Build, why));
        }
    }
    packages
}

/// Whether it is a node-gyp that reads Python's versions with a module that Python 3.12 took out.
fn is_old_gyp((name, package): (&str, &LockedPackage)) -> bool {
    let major = package.version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    name == "node-gyp" && major.is_some_and(|major| major < 10)
}

/// What scripts of packages expect to find on every Unix.
const SHELL_TOOLS: &[&str] = &["findutils", "grep", "gzip", "sed", "tar"];

/// What Node must be told where packages lie in archives: the application's own format decides
/// whether yarn made the loader for modules.
pub(crate) fn loader(work: &Work<'_>) -> Option<String> {
    let modules = inputs::manifests(&work.project).iter().any(|manifest| manifest.is_module);
    install::uses_pnp(work).then(|| match modules {
        true => "--require /app/.pnp.cjs --experimental-loader /app/.pnp.loader.mjs".to_owned(),
        false => "--require /app/.pnp.cjs".to_owned(),
    })
}

impl Work<'_> {
    pub(crate) fn manager(&self) -> Manager {
        self.choice.manager
    }

    /// Whether there is anything to install.
    pub(crate) fn installs(&self) -> bool {
        inputs::manifests(&self.project).iter().any(|manifest| manifest.all_dependencies().next().is_some())
            || self.project.workspace.is_some()
            || self.project.locked.is_some_and(|locked| locked.packages().next().is_some())
    }

    /// Whether the application is Node's own, and not work for another language.
    pub(crate) fn owns(&self) -> bool {
        self.project.given.role == Role::Owner
    }

    /// Whether installed packages are part of the image.
    pub(crate) fn modules_in_image(&self) -> bool {
        self.owns() && self.application.modules != Modules::None
    }

    /// Whether the package manager is part of the image.
    pub(crate) fn manager_in_image(&self) -> bool {
        self.owns() && self.application.programs.contains(&Program::Manager) && self.manager() != Manager::Bun
    }

    /// The inputs that every step has which runs the package manager.
    pub(crate) fn tools(&self) -> Vec<Input> {
        let mut inputs = vec![after("node.npm")];
        inputs.extend(self.runtimes.iter().map(|&tool| after(toolchain::runtime_step(tool))));
        if self.manager() != Manager::Bun {
            inputs.push(after("node.manager"));
        }
        inputs
    }

    /// The environment that every such step has.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let mut environment: BTreeMap<String, String> =
            FIXED.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let own: &[(&str, &str)] = match self.manager() {
            Manager::Npm | Manager::Yarn | Manager::Bun => &[],
            Manager::Pnpm => PNPM,
            Manager::Berry => BERRY,
        };
        environment.extend(own.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        environment.insert("PATH".to_owned(), self.path().join(":"));
        environment
    }

    /// The directories of programs: the application's own, the runtimes', the manager's, npm's,
    /// the system's.
    fn path(&self) -> Vec<String> {
        let mut path: Vec<String> = bin_dirs(&self.project);
        for tool in self.runtimes {
            path.push(format!("/opt/{}/bin", tool.name()));
        }
        path.extend(["/opt/manager/bin", "/opt/npm", SYSTEM_PATH].map(str::to_owned));
        path
    }
}

/// The directories of the installed packages' commands: the application's, then the root's.
pub(crate) fn bin_dirs(project: &Project<'_>) -> Vec<String> {
    let own = project.dir().map(|dir| format!("/app/{dir}/node_modules/.bin"));
    own.into_iter().chain(["/app/node_modules/.bin".to_owned()]).collect()
}

/// Directories of programs that every root has.
const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What every step of this buildpack is told: nobody is there to answer, nothing is to be
/// reported, no git hooks.
const FIXED: &[(&str, &str)] = &[
    ("ADBLOCK", "1"),
    ("ASTRO_TELEMETRY_DISABLED", "1"),
    ("CI", "1"),
    ("DISABLE_OPENCOLLECTIVE", "1"),
    ("DO_NOT_TRACK", "1"),
    ("GATSBY_TELEMETRY_DISABLED", "1"),
    ("HUSKY", "0"),
    ("LEFTHOOK", "0"),
    ("NEXT_TELEMETRY_DISABLED", "1"),
    ("NG_CLI_ANALYTICS", "false"),
    ("NO_UPDATE_NOTIFIER", "1"),
    ("NUXT_TELEMETRY_DISABLED", "1"),
    ("NX_DAEMON", "false"),
    ("PRISMA_HIDE_UPDATE_MESSAGE", "1"),
    ("SKIP_INSTALL_SIMPLE_GIT_HOOKS", "1"),
    ("STORYBOOK_DISABLE_TELEMETRY", "1"),
    ("TURBO_TELEMETRY_DISABLED", "1"),
    ("npm_config_audit", "false"),
    ("npm_config_fund", "false"),
    ("npm_config_progress", "false"),
    ("npm_config_update_notifier", "false"),
];

/// pnpm is the one that was brought; every call of it must name the same store.
const PNPM: &[(&str, &str)] = &[
    ("npm_config_manage_package_manager_versions", "false"),
    ("npm_config_package_manager_strict", "false"),
    ("npm_config_store_dir", "/packwright/cache/pnpm"),
];

/// Archives lie in the project, so that later steps and the image find them.
const BERRY: &[(&str, &str)] = &[
    ("YARN_ENABLE_GLOBAL_CACHE", "false"),
    ("YARN_ENABLE_PROGRESS_BARS", "false"),
    ("YARN_ENABLE_TELEMETRY", "false"),
];

pub(crate) fn name(text: &str) -> StepName {
    text.parse().expect("the names of steps are constants")
}

pub(crate) fn path(text: &str) -> RelPath {
    text.parse().expect("the paths of steps are constants")
}

/// An input that is all outputs of the step `step`.
pub(crate) fn after(step: &str) -> Input {
    Input::Step(name(step))
}

/// An input that is all source files but installed packages.
pub(crate) fn whole_source() -> Input {
    let exclude = vec!["**/node_modules".to_owned()];
    Input::Source(Selection { exclude, ..Selection::all() })
}

/// The words of a command line.
pub(crate) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// A command in exec form.
pub(crate) fn exec(line: &[&str]) -> Command {
    Command::Exec(words(line))
}

/// The commands that run one of our own programs with npm's Node: as a file, so that what people
/// read when it fails is a line.
pub(crate) fn program(file: &str, text: &str, arguments: &[String]) -> [Command; 2] {
    let file = format!("/tmp/{file}");
    let mut line = words(&["/opt/npm/node", &file]);
    line.extend(arguments.iter().cloned());
    [Command::write(&file, text), Command::Exec(line)]
}

/// Everything that a step changed or added below `/app`.
pub(crate) fn app_output(layer: Option<LayerKind>, scrub: Vec<String>) -> Output {
    Output { path: path("app"), layer, scrub }
}

/// A step without commands.
pub(crate) fn step(step_name: &str, why: &str) -> Step {
    Step::new(name(step_name), why)
}
