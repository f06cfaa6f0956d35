//! Reads pip's requirements files: continued lines, comments, options, hashes, and the files
//! they include.
//!
//! Source: pip documentation, "Requirements File Format"; pip `req/req_file.py`.

mod encoding;
mod lines;

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, SourceTree};

use super::local::Local;
use super::reference::Reference;
use crate::messages;
use lines::LogicalLine;

/// What a requirements file and the files it includes say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Requirements {
    /// The files, in the order of reading; the one that was asked for first.
    pub(crate) files: Vec<RelPath>,
    /// The requirements, without constraints.
    pub(crate) listed: Vec<Reference>,
    /// Whether every requirement comes with a hash, which makes the files a lock.
    pub(crate) hashed: bool,
    /// Options for the installer, as uv spells them.
    pub(crate) options: Vec<String>,
    /// Variables that options and addresses name as `${NAME}`.
    pub(crate) variables: Vec<String>,
    /// Directories of the tree that `--find-links` names, archives and repositories in the tree.
    pub(crate) links: Vec<RelPath>,
    /// Directories of the tree that are packages.
    pub(crate) local: Vec<Local>,
    /// What `--no-binary` names, with its place.
    pub(crate) no_binary: Vec<(String, Origin)>,
    /// Whether a package comes from version control.
    pub(crate) versioned: bool,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// One reading, with what it has found so far.
struct Reading<'a> {
    tree: &'a dyn SourceTree,
    found: Requirements,
    problems: Vec<Diagnostic>,
    with_hash: Option<Origin>,
    without_hash: Option<(String, Origin)>,
    requires_hashes: bool,
}

/// Reads the requirements file at `path`. `None` when there is none.
///
/// Errors: all lines that cannot be used, each with its place.
pub(crate) fn read(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<Requirements>, Vec<Diagnostic>> {
    let content = match encoding::decoded(tree, path) {
        Ok(Some(content)) => content,
        Ok(None) => return Ok(None),
        Err(problem) => return Err(vec![problem]),
    };
    let mut reading = Reading {
        tree,
        found: Requirements::default(),
        problems: Vec::new(),
        with_hash: None,
        without_hash: None,
        requires_hashes: false,
    };
    reading.file(path, &content, Role::Requirements);
    reading.finish().map(Some)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Requirements,
    Constraints,
}

impl Reading<'_> {
    fn file(&mut self, path: &RelPath, content: &str, role: Role) {
        self.found.files.push(path.clone());
        for line in lines::logical(content) {
            let origin = Origin::line(path, line.number);
            self.variables(&line.text);
            if let Err(problem) = self.line(path, &line, &origin, role) {
                self.problems.push(problem);
            }
        }
    }

    fn line(
        &mut self,
        path: &RelPath,
        line: &LogicalLine,
        origin: &Origin,
        role: Role,
    ) -> Result<(), Diagnostic> {
        let (requirement, options) = lines::split_options(&line.text);
        let words = packwright_buildpack::shell_syntax::split(options)
            .ok_or_else(|| messages::requirement_unreadable(origin, &line.text, "a quote is not closed"))?;
        if requirement.is_empty() {
            return self.options(path, &words, origin, role);
        }
        let hashes =
            lines::hashes(&words).map_err(|word| messages::requirement_option_unknown(origin, &word))?;
        if let Some(path_written) = local(requirement) {
            return self.local(path, path_written, Use::Wheel, origin, role);
        }
        let named = match address_alone(requirement) {
            Some(address) => format!("{} @ {requirement}", named_by(address)),
            None => requirement.to_owned(),
        };
        let reference = Reference::parse(&named, origin.clone())
            .map_err(|error| messages::requirement_unreadable(origin, requirement, &error.reason))?;
        if let Some(address) = &reference.address
            && (address.starts_with("./") || address.starts_with("../") || address.starts_with("file:"))
        {
            return self.local(path, address, Use::Wheel, origin, role);
        }
        super::reference::check_address(&reference, origin)?;
        self.repository(&reference);
        if role == Role::Constraints {
            return Ok(());
        }
        match hashes {
            0 => {
                let name = reference.name.to_string();
                self.without_hash.get_or_insert((name, origin.clone()));
            }
            _ => {
                self.with_hash.get_or_insert(origin.clone());
            }
        }
        self.found.listed.push(reference);
        Ok(())
    }

    /// A line of options only.
    fn options(
        &mut self,
        path: &RelPath,
        words: &[String],
        origin: &Origin,
        role: Role,
    ) -> Result<(), Diagnostic> {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let (name, attached) = lines::option(word);
            let mut value = || {
                attached
                    .clone()
                    .or_else(|| words.next().cloned())
                    .ok_or_else(|| messages::requirement_option_empty(origin, &name))
            };
            match name.as_str() {
                "-r" | "--requirement" => self.include(path, &value()?, origin, role)?,
                "-c" | "--constraint" => {
                    self.include(path, &value()?, origin, Role::Constraints)?;
                }
                "-i" | "--index-url" | "--pypi-url" => self.option("--default-index", value()?),
                "--extra-index-url" => self.option("--index", value()?),
                "-f" | "--find-links" => {
                    let value = value()?;
                    self.find_links(path, &value, origin)?;
                }
                "--no-binary" | "--only-binary" => {
                    let value = value()?;
                    for package in value.split(',').filter(|name| !name.is_empty()) {
                        self.option(&name, package.to_owned());
                        if name == "--no-binary" {
                            self.found.no_binary.push((package.to_owned(), origin.clone()));
                        }
                    }
                }
                "--trusted-host" => self.option("--allow-insecure-host", value()?),
                "--no-index" => self.found.options.push("--no-index".to_owned()),
                "--pre" => self.option("--prerelease", "allow".to_owned()),
                "--require-hashes" => self.requires_hashes = true,
                // uv prefers wheels and has no features of that name.
                "--prefer-binary" => {}
                "--use-feature" => {
                    value()?;
                }
                "-e" | "--editable" => {
                    let value = value()?;
                    self.editable(path, &value, origin, role)?;
                }
                _ => return Err(messages::requirement_option_unknown(origin, word)),
            }
        }
        Ok(())
    }

    fn option(&mut self, name: &str, value: String) {
        self.found.options.extend([name.to_owned(), value]);
    }

    /// `-e`: a directory, or a repository, which is installed like any other.
    fn editable(
        &mut self,
        path: &RelPath,
        value: &str,
        origin: &Origin,
        role: Role,
    ) -> Result<(), Diagnostic> {
        let Some(address) = address_alone(value).filter(|_| !value.starts_with("file:")) else {
            return self.local(path, value, Use::Editable, origin, role);
        };
        let named = format!("{} @ {value}", named_by(address));
        let reference = Reference::parse(&named, origin.clone())
            .map_err(|error| messages::requirement_unreadable(origin, value, &error.reason))?;
        super::reference::check_address(&reference, origin)?;
        self.repository(&reference);
        self.without_hash.get_or_insert((reference.name.to_string(), origin.clone()));
        self.found.listed.push(reference);
        Ok(())
    }

    /// A path in the tree: an archive, or a directory that is a package.
    fn local(
        &mut self,
        path: &RelPath,
        value: &str,
        how: Use,
        origin: &Origin,
        role: Role,
    ) -> Result<(), Diagnostic> {
        let value = value.split(" ;").next().unwrap_or(value).trim();
        let bare = value.split(['[', '#']).next().unwrap_or(value);
        if role == Role::Constraints {
            return Err(messages::requirement_unreadable(origin, value, "a constraint is no path"));
        }
        if is_archive(bare) {
            let archive = super::paths::beside(path, bare).and_then(|path| path.parse::<RelPath>().ok());
            let archive = archive.ok_or_else(|| messages::include_escapes(origin, value))?;
            if packwright_buildpack::planner::find(self.tree, archive.as_str()).is_none() {
                return Err(messages::include_missing(origin, &archive));
            }
            return Err(messages::requirement_archive(origin, &archive));
        }
        // uv takes paths in an included file from where it runs, as pip does.
        let top: RelPath = "requirements.txt".parse().expect("a relative path");
        let dir = super::paths::directory(&top, bare, origin)?;
        let name = dir.as_ref().map_or(".".to_owned(), ToString::to_string);
        match Local::read(self.tree, dir, how == Use::Editable, origin) {
            Ok(local) => {
                self.without_hash.get_or_insert((name, origin.clone()));
                self.found.local.push(local);
            }
            Err(problems) => self.problems.extend(problems),
        }
        Ok(())
    }

    /// Notes a repository, and where it lies when that is in the tree.
    fn repository(&mut self, reference: &Reference) {
        let Some(address) = reference.address.as_ref().filter(|address| address.starts_with("git+")) else {
            return;
        };
        self.found.versioned = true;
        let inside = address.strip_prefix("git+file:///app/").and_then(|rest| rest.split(['@', '#']).next());
        self.found.links.extend(inside.and_then(|dir| dir.parse().ok()));
    }

    fn find_links(&mut self, path: &RelPath, value: &str, origin: &Origin) -> Result<(), Diagnostic> {
        if value.contains("://") {
            self.option("--find-links", value.to_owned());
            return Ok(());
        }
        let dir = beside(path, value).ok_or_else(|| messages::include_escapes(origin, value))?;
        self.option("--find-links", format!("/app/{dir}"));
        self.found.links.push(dir);
        Ok(())
    }

    fn include(
        &mut self,
        path: &RelPath,
        value: &str,
        origin: &Origin,
        role: Role,
    ) -> Result<(), Diagnostic> {
        if value.contains("://") {
            return Err(messages::include_remote(origin, value));
        }
        let target = beside(path, value).ok_or_else(|| messages::include_escapes(origin, value))?;
        // A file that includes itself, directly or not, is read once, as uv does.
        if self.found.files.contains(&target) {
            return Ok(());
        }
        match encoding::decoded(self.tree, &target)? {
            Some(content) => self.file(&target, &content, role),
            None => return Err(messages::include_missing(origin, &target)),
        }
        Ok(())
    }

    fn variables(&mut self, line: &str) {
        self.found.variables.extend(super::index::variables([line]));
    }

    fn finish(mut self) -> Result<Requirements, Vec<Diagnostic>> {
        match (&self.with_hash, &self.without_hash) {
            (Some(with), Some((name, without))) => {
                self.problems.push(messages::hash_missing(name, without, with));
            }
            (None, Some((name, without))) if self.requires_hashes => {
                self.problems.push(messages::hash_missing(name, without, without));
            }
            (Some(_), None) => self.found.hashed = true,
            _ => {}
        }
        self.found.variables.sort();
        self.found.variables.dedup();
        match self.problems.is_empty() {
            true => Ok(self.found),
            false => Err(self.problems),
        }
    }
}

/// How a directory is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Wheel,
    Editable,
}

/// The file that `value` names when it is written in the file at `path`; `None` when it leaves
/// the tree.
fn beside(path: &RelPath, value: &str) -> Option<RelPath> {
    super::paths::beside(path, value)?.parse().ok()
}

/// The path of a requirement that is one: a directory, an archive or a wheel.
fn local(requirement: &str) -> Option<&str> {
    let is_path = requirement == "."
        || ["./", "../", "/", "file:", ".["].iter().any(|start| requirement.starts_with(start))
        || (is_archive(requirement) && !requirement.contains("://"));
    is_path.then_some(requirement)
}

fn is_archive(path: &str) -> bool {
    [".whl", ".tar.gz", ".zip"].iter().any(|end| path.ends_with(end))
}

/// The address of a requirement that is nothing else.
fn address_alone(requirement: &str) -> Option<&str> {
    // Which address a variable holds is known when the build runs: `git+${LIBRARY}@1.0`.
    if requirement.starts_with("git+${") {
        return Some(requirement.split(" ;").next().unwrap_or(requirement));
    }
    let (scheme, _) = requirement.split_once("://")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let alone = !scheme.is_empty() && scheme.chars().all(plain);
    alone.then(|| requirement.split(" ;").next().unwrap_or(requirement))
}

/// The name of the package at an address, as far as the address tells: its `#egg=`, the name of
/// a wheel, that of a repository. Only what is known about the application hangs on it.
fn named_by(address: &str) -> String {
    let (path, fragment) = address.split_once('#').unwrap_or((address, ""));
    let egg = fragment.split('&').find_map(|part| part.strip_prefix("egg="));
    let last = path.rsplit('/').next().unwrap_or_default();
    let last = last.split('@').next().unwrap_or_default().trim_end_matches(".git");
    let name = egg.map_or(last, |egg| egg.split('[').next().unwrap_or(egg));
    let end = name.find('-').filter(|_| egg.is_none() && is_archive(name)).unwrap_or(name.len());
    let plain: String =
        name[..end].chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let plain = plain.trim_matches(['-', '_']);
    if plain.is_empty() { "unnamed".to_owned() } else { plain.to_owned() }
}
