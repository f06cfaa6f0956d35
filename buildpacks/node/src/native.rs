//! What packages need of the system: Debian packages for the build and for the image, variables,
//! programs that they would download.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use packwright_buildpack::native::{self as kit, Native};
use packwright_buildpack::planner::{Command, LayerKind, Origin, Package, Role, Scope, Setting};

use crate::application::{AppContext, Application, Modules};
use crate::manifest::PackageJson;
use crate::messages;
use crate::project::NodeProject;
use table::{COMPILED, DOWNLOADS, FOR_TESTS, Fetches, NEEDS, Need};

/// What a set of packages needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Debian packages, sorted by name, those of the build first.
    pub(crate) packages: Vec<Package>,
    /// Variables of the image, with the package that wants them.
    pub(crate) environment: BTreeMap<String, Setting>,
}

/// What packages of these exact names need in `suite`.
pub(crate) fn needs(names: &BTreeSet<&str>, suite: &str) -> Needs {
    let mut found = Needs::default();
    for need in NEEDS {
        let Some(name) = need.packages.iter().find(|name| names.contains(**name)) else { continue };
        let Need { run, build, why, .. } = *need;
        kit::add(&mut found.packages, Native { run, build, why }.packages(name, true, suite));
        for (variable, value) in need.environment {
            let origin = Origin::Detected(format!("{name} is installed: it {why}"));
            let setting = Setting { value: (*value).to_owned(), origin };
            found.environment.insert((*variable).to_owned(), setting);
        }
    }
    found.packages.sort_by(|a, b| (a.scope, &a.name).cmp(&(b.scope, &b.name)));
    found
}

/// What the install script of this version of the package fetches, when no variable keeps it from
/// that and nothing can be compiled in its place. A version that is not
/// written in numbers counts as 0.0.
pub(crate) fn fetches_at_install(name: &str, version: &str) -> Option<&'static str> {
    let found = DOWNLOADS.iter().find(|download| download.package == name)?;
    let fetches = match found.fetches {
        Fetches::Always => true,
        Fetches::Before(first, second) => {
            let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
            (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < (first, second)
        }
        Fetches::Never => false,
    };
    let kept_back = !install_environment(&BTreeSet::from([name])).is_empty();
    (fetches && !kept_back && !compiles(name)).then_some(found.why)
}

/// Variables for the steps that install these packages and run their scripts: they prevent
/// downloads that no build needs.
pub(crate) fn install_environment(names: &BTreeSet<&str>) -> BTreeMap<String, String> {
    let by_download =
        DOWNLOADS.iter().filter(|found| names.contains(found.package)).flat_map(|found| found.keeps_back);
    let by_need = NEEDS
        .iter()
        .filter(|need| need.packages.iter().any(|name| names.contains(*name)))
        .flat_map(|need| need.install);
    by_download.chain(by_need).map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Whether the package is compiled when no finished file fits.
pub(crate) fn compiles(name: &str) -> bool {
    COMPILED.contains(&name)
}

/// Adds what the application's packages need. What only development dependencies bring is for
/// the build, unless the image has them too; browsers for tests are left out of both.
pub(crate) fn add(subject: &AppContext<'_>, application: &mut Application) {
    let project = &subject.project;
    let manifests = [project.app, project.root];
    let normal: BTreeSet<&str> = manifests
        .iter()
        .flat_map(|manifest| manifest.dependencies.keys().chain(manifest.optional_dependencies.keys()))
        .map(String::as_str)
        .collect();
    let installed: BTreeSet<&str> = NEEDS
        .iter()
        .flat_map(|need| need.packages)
        .copied()
        .filter(|name| match FOR_TESTS.contains(name) {
            true => normal.contains(name),
            false => project.installs(name),
        })
        .collect();
    let mut found = needs(&installed, subject.suite);
    // What stands alone has of the packages only what its build took in, which can be what the application asks
    // for itself, and is not what its tools use.
    let is_there = |name: &&str| match application.modules {
        Modules::None => normal.contains(name),
        Modules::Production => !is_development(project, name),
        Modules::All => true,
    };
    let in_image: BTreeSet<&str> = installed.iter().copied().filter(is_there).collect();
    let owns = project.context.role == Role::Owner;
    let mut run = needs(&in_image, subject.suite);
    if !owns || application.modules == Modules::None && application.site.is_some() {
        run = Needs::default();
    }
    found.packages.retain(|package| {
        package.scope == Scope::Build || run.packages.iter().any(|run| run.name == package.name)
    });
    application.packages.extend(found.packages);
    if application.processes.iter().any(|process| calls_pm2(&process.command)) {
        let why = "pm2 asks it for the size of a page and the ticks of the clock";
        kit::add(&mut application.packages, [Package::run("libc-bin", LayerKind::System, why)]);
    }
    for (name, setting) in run.environment {
        application.environment.entry(name).or_insert(setting);
    }
    for name in ["playwright", "playwright-core", "playwright-chromium"] {
        if let Some(range) = project.app.dependencies.get(name) {
            application.diagnostics.push(messages::browser_unusable(name, &range.origin));
            break;
        }
    }
}

/// Whether the package is there for development alone, by the manifests or by the lock file.
fn is_development(project: &NodeProject<'_>, name: &str) -> bool {
    let manifests = [project.app, project.root];
    let normal = |manifest: &&PackageJson| {
        manifest.dependencies.contains_key(name) || manifest.optional_dependencies.contains_key(name)
    };
    let by_manifest = manifests.iter().any(|manifest| manifest.dev_dependencies.contains_key(name));
    let by_lock = project.locked.is_some_and(|locked| locked.is_development(name));
    !manifests.iter().any(normal) && (by_lock || by_manifest && project.locked.is_none())
}

/// Whether a process is started by pm2, which asks `getconf` about the machine. Source: pidusage, its `procfile.js`.
fn calls_pm2(command: &Command) -> bool {
    let words = command.simple_commands();
    words
        .iter()
        .flatten()
        .any(|word| matches!(word.rsplit('/').next(), Some("pm2" | "pm2-runtime" | "pm2-docker")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_a_script_fetches_is_a_question_of_the_version() {
        let cases = [
            ("sharp", "0.32.6", true),
            ("sharp", "0.33.0", false),
            ("sharp", "1.0.0", false),
            ("ffmpeg-static", "5.2.0", true),
            // What they say holds the word, and they fetch nothing.
            ("nx", "20.0.0", false),
            ("@swc/core", "1.9.0", false),
            // Kept back by a variable.
            ("cypress", "13.0.0", false),
            // Compiled, when nothing can be fetched.
            ("bcrypt", "5.1.1", false),
            ("express", "5.0.0", false),
        ];
        for (name, version, expected) in cases {
            assert_eq!(fetches_at_install(name, version).is_some(), expected, "{name} {version}");
        }
    }

    #[test]
    fn each_package_is_there_once() {
        for (index, found) in DOWNLOADS.iter().enumerate() {
            assert!(
                DOWNLOADS[..index].iter().all(|other| other.package != found.package),
                "{}",
                found.package
            );
        }
    }
}
