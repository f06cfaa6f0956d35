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

/// The programs that lines for the shell can count on: `sh`, bash and Debian's coreutils; names, sorted. An
/// image whose processes are no lines for the shell has `sh` alone.
///
/// Source: the list of files of Debian's coreutils 9.1; a test looks for each in an image of trixie (9.7).
pub const BASE_PROGRAMS: &[&str] = &[
    "[",
    "arch",
    "b2sum",
    "base32",
    "base64",
    "basename",
    "basenc",
    "bash",
    "cat",
    "chcon",
    "chgrp",
    "chmod",
    "chown",
    "chroot",
    "cksum",
    "comm",
    "cp",
    "csplit",
    "cut",
    "date",
    "dd",
    "df",
    "dir",
    "dircolors",
    "dirname",
    "du",
    "echo",
    "env",
    "expand",
    "expr",
    "factor",
    "false",
    "fmt",
    "fold",
    "groups",
    "head",
    "hostid",
    "id",
    "install",
    "join",
    "link",
    "ln",
    "logname",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mknod",
    "mktemp",
    "mv",
    "nice",
    "nl",
    "nohup",
    "nproc",
    "numfmt",
    "od",
    "paste",
    "pathchk",
    "pinky",
    "pr",
    "printenv",
    "printf",
    "ptx",
    "pwd",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "runcon",
    "seq",
    "sh",
    "sha1sum",
    "sha224sum",
    "sha256sum",
    "sha384sum",
    "sha512sum",
    "shred",
    "shuf",
    "sleep",
    "sort",
    "split",
    "stat",
    "stdbuf",
    "stty",
    "sum",
    "sync",
    "tac",
    "tail",
    "tee",
    "test",
    "timeout",
    "touch",
    "tr",
    "true",
    "truncate",
    "tsort",
    "tty",
    "uname",
    "unexpand",
    "uniq",
    "unlink",
    "users",
    "vdir",
    "wc",
    "who",
    "whoami",
    "yes",
];

/// Commands that bash has in itself, sorted.
///
/// Source: `compgen -b` of bash 5.2.
pub const BUILTINS: &[&str] = &[
    ".",
    ":",
    "[",
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "cd",
    "command",
    "compgen",
    "complete",
    "compopt",
    "continue",
    "declare",
    "dirs",
    "disown",
    "echo",
    "enable",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fc",
    "fg",
    "getopts",
    "hash",
    "help",
    "history",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "wait",
];

/// Whether a line for the shell can count on the command `name` without a package of its own.
pub fn has_program(name: &str) -> bool {
    BASE_PROGRAMS.binary_search(&name).is_ok() || BUILTINS.binary_search(&name).is_ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_the_shell_and_of_coreutils_are_there_and_others_are_not() {
        assert!(BUILTINS.is_sorted() && BASE_PROGRAMS.is_sorted());
        for (name, is_there) in
            [("local", true), ("[", true), ("uniq", true), ("hostname", false), ("", false)]
        {
            assert_eq!(has_program(name), is_there, "{name}");
        }
    }
}
