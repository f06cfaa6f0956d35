//! What every image contains, whatever its language: the base packages and variables of the image contract.

use std::collections::BTreeMap;

use crate::{LayerKind, Origin, Package, PlanOptions, Scope, Setting};

/// The Debian suite when no buildpack needs another.
pub const DEFAULT_SUITE: &str = "trixie";

/// Directories of programs that every image has.
pub(super) const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Packages of the base layer, with what they are for.
const PACKAGES: &[(&str, &str)] = &[
    ("base-files", "the directories and the system's name"),
    ("libc6", "the C library"),
    ("dash", "`sh`"),
    ("bash", "the shell that Procfile lines are written for"),
    ("coreutils", "what shell lines expect to find"),
    ("ca-certificates", "TLS to other services"),
    ("tzdata", "time zones"),
    ("tini", "the first process: passes signals on and reaps children"),
];

pub(super) fn packages() -> Vec<Package> {
    PACKAGES
        .iter()
        .map(|&(name, why)| Package {
            name: name.to_owned(),
            scope: Scope::Run,
            layer: LayerKind::Base,
            why: why.to_owned(),
        })
        .collect()
}

/// Programs of the base that only lines for the shell expect.
const FOR_SHELL_LINES: &[&str] = &["bash", "coreutils"];

/// What lines for the shell can count on without a package of their own: commands of the shell itself, and
/// those programs of [`FOR_SHELL_LINES`] that processes use.
///
/// Sources: POSIX.1-2024, Shell Command Language, 2.15; bash(1), "Shell Builtin Commands"; Debian's coreutils.
const PROGRAMS: &[&str] = &[
    ".", ":", "[", "alias", "basename", "bash", "break", "cat", "cd", "chmod", "command", "continue", "cp",
    "cut", "date", "dirname", "echo", "env", "eval", "exec", "exit", "export", "false", "head", "hostname",
    "id", "kill", "ln", "ls", "mkdir", "mktemp", "mv", "nohup", "nproc", "printenv", "printf", "pwd", "read",
    "readonly", "realpath", "return", "rm", "seq", "set", "sh", "shift", "sleep", "sort", "source", "stat",
    "tail", "tee", "test", "timeout", "touch", "tr", "trap", "true", "type", "ulimit", "umask", "uname",
    "unset", "wait", "wc",
];

/// Whether a shell of the image has the command `name` without a package of its own.
pub fn has_program(name: &str) -> bool {
    PROGRAMS.contains(&name)
}

/// Leaves to the steps what an image needs whose processes are no lines for the shell.
pub(super) fn without_tools(packages: &mut [Package]) {
    for package in packages.iter_mut().filter(|package| package.layer == LayerKind::Base) {
        if FOR_SHELL_LINES.contains(&package.name.as_str()) {
            package.scope = Scope::Build;
        }
    }
}

pub(super) fn environment() -> BTreeMap<String, Setting> {
    let contract = || Origin::Default("every image has it".to_owned());
    [("HOME", "/app"), ("LANG", "C.UTF-8")]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Setting { value: value.to_owned(), origin: contract() }))
        .collect()
}

/// The variables in which the caller asks for packages, with where these are needed.
const ASKED: [(&str, Scope); 2] =
    [("PACKWRIGHT_PACKAGES", Scope::Run), ("PACKWRIGHT_BUILD_PACKAGES", Scope::Build)];

/// Packages that the caller asks for by name, separated by commas or blanks.
pub(super) fn asked_for(options: &PlanOptions) -> Vec<Package> {
    let asked = ASKED.iter().filter_map(|&(variable, scope)| {
        let names = options.environment.get(variable)?;
        Some(names.split([',', ' ', '\n']).filter(|name| !name.is_empty()).map(move |name| Package {
            name: name.to_owned(),
            scope,
            layer: LayerKind::System,
            why: format!("asked for with --env {variable}"),
        }))
    });
    asked.flatten().collect()
}

/// Adds `more` to `packages`, each name once. What the image needs is there for the build too.
pub(super) fn add(packages: &mut Vec<Package>, more: impl IntoIterator<Item = Package>) {
    let named = packages.iter().enumerate().map(|(at, package)| (package.name.clone(), at));
    let mut places: BTreeMap<String, usize> = named.collect();
    for package in more {
        match places.get(&package.name).map(|&at| &mut packages[at]) {
            None => {
                places.insert(package.name.clone(), packages.len());
                packages.push(package);
            }
            Some(known) if known.scope == Scope::Build && package.scope == Scope::Run => *known = package,
            Some(_) => {}
        }
    }
}
