//! The builder of a root: adds to the packages' tree what their maintainer scripts would have made.

use std::collections::BTreeMap;

use packwright_oci::{Digest, Entry, Node, RelPath, Tree};

use super::accounts::Accounts;
use super::composed::{Root, ScriptNote};
use super::error::RootError;
use crate::alternatives::Offer;
use crate::deb::Unpacked;
use crate::rules::{self, Rules};
use crate::scripts::reviewed::ReviewedEffect;
use crate::scripts::{FileEffect, ScriptEffects, Unsupported};

/// A root that is not complete yet.
pub(super) struct RootBuilder {
    tree: Tree,
    made: BTreeMap<Digest, Vec<u8>>,
    notes: Vec<ScriptNote>,
}

/// Directories every root has, with their modes. base-files brings most of them.
const DIRECTORIES: [(&str, u32); 16] = [
    ("dev", 0o755),
    ("etc", 0o755),
    ("home", 0o755),
    ("opt", 0o755),
    ("proc", 0o755),
    ("root", 0o700),
    ("run", 0o755),
    ("sys", 0o755),
    ("tmp", 0o1777),
    ("usr/bin", 0o755),
    ("usr/lib", 0o755),
    ("usr/local/bin", 0o755),
    ("usr/sbin", 0o755),
    ("var/cache", 0o755),
    ("var/lib", 0o755),
    ("var/tmp", 0o1777),
];

/// Where the C library looks names up when no package says otherwise.
const NAME_SERVICES: &str = "\
passwd:         files
group:          files
shadow:         files
hosts:          files dns
networks:       files
protocols:      db files
services:       db files
";

impl RootBuilder {
    pub(super) fn new(tree: Tree) -> RootBuilder {
        RootBuilder { tree, made: BTreeMap::new(), notes: Vec::new() }
    }

    pub(super) fn finish(mut self) -> Root {
        self.notes.sort();
        Root { tree: self.tree, made: self.made, notes: self.notes }
    }

    pub(super) fn tree_mut(&mut self) -> &mut Tree {
        &mut self.tree
    }

    /// The usual directories, and the links of usr-merge.
    pub(super) fn directories(&mut self, packages: &[&Unpacked]) -> Result<(), RootError> {
        for (path, mode) in DIRECTORIES {
            if self.tree.get(path).is_none() {
                self.insert(path, Entry::dir(mode))?;
            }
        }
        for name in rules::MERGED {
            let merged = format!("usr/{name}");
            if self.tree.get(&merged).is_some() {
                self.insert(name, Entry::symlink(merged))?;
            }
        }
        if packages.iter().any(|package| package.name == "base-files") {
            // The package has directories here, which its script turns into links.
            self.replace("var/run", Entry::symlink("/run"))?;
            self.replace("var/lock", Entry::symlink("/run/lock"))?;
            self.insert("run/lock", Entry::dir(0o1777))?;
        }
        Ok(())
    }

    /// The effects of a reviewed row, and a note of it.
    pub(super) fn reviewed(&mut self, package: &str, effects: &ScriptEffects) -> Result<(), RootError> {
        if let Some(row) = effects.reviewed {
            self.notes.push(ScriptNote { package: package.to_owned(), text: row.reason.to_owned() });
        }
        for effect in effects.reviewed_effects() {
            match *effect {
                ReviewedEffect::Install(from, to) => {
                    if let Some(entry) = self.tree.get(from).cloned().filter(|_| self.tree.get(to).is_none())
                    {
                        self.insert(to, entry)?;
                    }
                }
                ReviewedEffect::Link(path, target) => {
                    let beside = match path.rsplit_once('/') {
                        Some((directory, _)) if !target.starts_with('/') => format!("{directory}/{target}"),
                        _ => target.to_owned(),
                    };
                    if self.tree.get(path).is_none() && self.is_there(&beside) {
                        self.insert(path, Entry::symlink(target))?;
                    }
                }
                ReviewedEffect::Empty(path) => {
                    if self.tree.get(path).is_none() {
                        self.bytes(path, Vec::new(), 0o644)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The effects of known commands in a package's scripts; returns those that cannot be produced.
    pub(super) fn commands(
        &mut self,
        package: &str,
        effects: &ScriptEffects,
    ) -> Result<Vec<Unsupported>, RootError> {
        let mut unsupported = Vec::new();
        for effect in &effects.commands {
            // A path that no package may bring is not made for a script either.
            let is_left_out = |path: &str| {
                Rules::image().leaves_out(&rules::merged(path.trim_matches('/')), true).is_some()
            };
            let done = match &effect.effect {
                FileEffect::Directory(path, _)
                | FileEffect::Empty(path)
                | FileEffect::Link { path, .. }
                | FileEffect::Copy { to: path, .. }
                    if is_left_out(path) =>
                {
                    true
                }
                FileEffect::Absent(path) => {
                    let path = rules::merged(path.trim_matches('/'));
                    !self.is_there(&path) && self.tree.get(&path).is_none()
                }
                FileEffect::Directory(path, _) if self.is_there(path) => self.is_directory(path),
                FileEffect::Directory(path, mode) => {
                    let place = self.place(path);
                    self.insert(&place, Entry::dir(*mode))?;
                    true
                }
                FileEffect::Empty(path) if self.is_there(path) => true,
                FileEffect::Empty(path) => {
                    let place = self.place(path);
                    self.bytes(&place, Vec::new(), 0o644)?;
                    true
                }
                FileEffect::Link { path, .. } | FileEffect::Copy { to: path, .. }
                    if self.tree.get(&self.place(path)).is_some() =>
                {
                    !self.is_directory(path)
                }
                FileEffect::Link { path, target } => {
                    let place = self.place(path);
                    self.insert(&place, Entry::symlink(target.clone()))?;
                    true
                }
                FileEffect::Copy { from, to } => {
                    let place = self.place(to);
                    let source =
                        self.tree.resolve(from).and_then(|from| self.tree.get(from.as_str()).cloned());
                    match source.filter(|entry| matches!(entry.node, Node::File { .. })) {
                        Some(entry) => {
                            self.insert(&place, entry)?;
                            true
                        }
                        None => false,
                    }
                }
            };
            if !done && effects.reviewed.is_none() {
                let (script, line) = (effect.script, effect.line.clone());
                unsupported.push(Unsupported { package: package.to_owned(), script, line });
            }
        }
        Ok(unsupported)
    }

    /// Where an absolute path lies, its directory's links followed as far as they are there.
    fn place(&self, path: &str) -> String {
        let path = rules::merged(path.trim_matches('/'));
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", &path));
        match self.tree.resolve(parent) {
            Some(parent) => format!("{parent}/{name}"),
            None => path,
        }
    }

    fn is_directory(&self, path: &str) -> bool {
        self.tree
            .resolve(path)
            .is_some_and(|path| self.tree.get(path.as_str()).is_some_and(|entry| entry.is_dir()))
    }

    /// Generic names: of several offers that of the highest priority, of equal ones that of the
    /// package whose name sorts first.
    pub(super) fn alternatives(&mut self, effects: &[ScriptEffects]) -> Result<(), RootError> {
        let mut best: BTreeMap<&str, &Offer> = BTreeMap::new();
        for offer in effects.iter().flat_map(|effects| &effects.offers) {
            let there = offer.links.first().is_some_and(|main| self.is_there(&main.target));
            let better = best.get(offer.name.as_str()).is_none_or(|other| other.priority < offer.priority);
            if there && better {
                best.insert(&offer.name, offer);
            }
        }
        for link in best.into_values().flat_map(|offer| &offer.links) {
            let path = rules::merged(link.link.trim_start_matches('/'));
            if !self.is_there(&link.target) || self.tree.get(&path).is_some() {
                continue;
            }
            self.insert(&path, Entry::symlink(format!("/etc/alternatives/{}", link.name)))?;
            self.insert(&format!("etc/alternatives/{}", link.name), Entry::symlink(link.target.clone()))?;
        }
        Ok(())
    }

    /// Users and groups.
    pub(super) fn accounts(&mut self, accounts: &Accounts, packages: &[&Unpacked]) -> Result<(), RootError> {
        let master = |name: &str| {
            let path = format!("usr/share/base-passwd/{name}.master");
            packages.iter().find_map(|package| package.texts.get(path.as_str())).map(String::as_str)
        };
        let files = accounts.files(master("passwd"), master("group"), self.is_there("/usr/bin/bash"));
        self.file("etc/passwd", files.passwd, 0o644)?;
        self.file("etc/group", files.group, 0o644)?;
        // Group 42 is `shadow` on every Debian system.
        for (path, text) in [("etc/shadow", files.shadow), ("etc/gshadow", files.gshadow)] {
            let entry = self.keep(text.into_bytes(), 0o640).owned_by(0, 42);
            self.replace(path, entry)?;
        }
        Ok(())
    }

    /// `/etc/shells`, from the lists the shells' packages bring.
    pub(super) fn shells(&mut self, packages: &[&Unpacked]) -> Result<(), RootError> {
        let lists: BTreeMap<&RelPath, &String> = packages
            .iter()
            .flat_map(|package| &package.texts)
            .filter(|(path, _)| path.as_str().starts_with("usr/share/debianutils/shells.d/"))
            .collect();
        let mut text = String::from("# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n");
        for shell in
            lists.values().flat_map(|list| list.lines()).map(str::trim).filter(|line| line.starts_with('/'))
        {
            let name = shell.rsplit('/').next().unwrap_or(shell);
            for line in [format!("/bin/{name}\n"), format!("/usr/bin/{name}\n")] {
                if !text.contains(&line) {
                    text.push_str(&line);
                }
            }
        }
        if lists.is_empty() { Ok(()) } else { self.file("etc/shells", text, 0o644) }
    }

    /// UTC, where the zones are there.
    pub(super) fn time_zone(&mut self) -> Result<(), RootError> {
        if self.is_there("/usr/share/zoneinfo/Etc/UTC") {
            self.replace("etc/localtime", Entry::symlink("/usr/share/zoneinfo/Etc/UTC"))?;
            self.file("etc/timezone", "Etc/UTC\n".to_owned(), 0o644)?;
        }
        Ok(())
    }

    /// `/etc/nsswitch.conf`, unless a package's default was installed.
    pub(super) fn name_services(&mut self) -> Result<(), RootError> {
        if self.tree.get("etc/nsswitch.conf").is_some() {
            return Ok(());
        }
        self.file("etc/nsswitch.conf", NAME_SERVICES.to_owned(), 0o644)
    }

    /// The package's entry in the database that scanners read.
    ///
    /// Source: distroless, PACKAGE_METADATA.md.
    pub(super) fn database(&mut self, package: &Unpacked) -> Result<(), RootError> {
        let stem = format!("var/lib/dpkg/status.d/{}", package.name);
        self.file(&stem, package.control.clone(), 0o644)?;
        // Only files that are in the root; paths stay as the package writes them.
        let sums: String = package
            .md5sums
            .lines()
            .filter(|line| {
                let path = line.split_once(' ').map_or("", |(_, path)| path.trim_start());
                package.tree.get(&rules::merged(path)).is_some()
            })
            .map(|line| format!("{line}\n"))
            .collect();
        if sums.is_empty() { Ok(()) } else { self.file(&format!("{stem}.md5sums"), sums, 0o644) }
    }

    /// A text file in place of what was there.
    pub(super) fn file(&mut self, path: &str, text: String, mode: u32) -> Result<(), RootError> {
        self.bytes(path, text.into_bytes(), mode)
    }

    /// A file in place of what was there.
    pub(super) fn bytes(&mut self, path: &str, bytes: Vec<u8>, mode: u32) -> Result<(), RootError> {
        let entry = self.keep(bytes, mode);
        self.replace(path, entry)
    }

    fn keep(&mut self, bytes: Vec<u8>, mode: u32) -> Entry {
        let digest = Digest::of(&bytes);
        let size = bytes.len() as u64;
        self.made.insert(digest, bytes);
        Entry::file(digest, size, mode)
    }

    fn is_there(&self, path: &str) -> bool {
        self.tree.resolve(path).is_some_and(|path| {
            self.tree.get(path.as_str()).is_some_and(|entry| !matches!(entry.node, Node::Whiteout))
        })
    }

    fn replace(&mut self, path: &str, entry: Entry) -> Result<(), RootError> {
        if let Ok(path) = path.parse() {
            self.tree.remove(&path);
        }
        self.insert(path, entry)
    }

    fn insert(&mut self, path: &str, entry: Entry) -> Result<(), RootError> {
        let fail = |reason: String| RootError::Blocked { path: path.to_owned(), reason };
        let place: RelPath =
            path.parse().map_err(|error: packwright_oci::PathError| fail(error.to_string()))?;
        self.tree.insert(place, entry).map_err(|error| fail(error.to_string()))
    }
}
