//! Reads pip's requirements files: continued lines, comments, options, hashes, and the files
//! they include.
//!
//! Source: pip documentation, "Requirements File Format"; pip `req/req_file.py`.

mod lines;

use packwright_planner::{Diagnostic, Origin, RelPath, SourceTree};

use super::{Reference, text};
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
    /// Directories of the tree that `--find-links` names.
    pub(crate) links: Vec<RelPath>,
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
    let content = match text(tree, path) {
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
        let words = lines::words(options)
            .ok_or_else(|| messages::requirement_unreadable(origin, &line.text, "a quote is not closed"))?;
        if requirement.is_empty() {
            return self.options(path, &words, origin, role);
        }
        let hashes =
            lines::hashes(&words).map_err(|word| messages::requirement_option_unknown(origin, &word))?;
        if is_local(requirement) {
            return Err(messages::requirement_local(origin, requirement));
        }
        if requirement.contains("://") && !requirement.contains('@') {
            return Err(messages::requirement_unnamed(origin, requirement));
        }
        let reference = Reference::parse(requirement, origin.clone())
            .map_err(|error| messages::requirement_unreadable(origin, requirement, &error.reason))?;
        if let Some(address) = &reference.address
            && !address.starts_with("https://")
            && !address.starts_with("http://")
        {
            return Err(messages::requirement_address(origin, &reference.name, address));
        }
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
                    return Err(messages::requirement_local(origin, &format!("-e {}", value()?)));
                }
                _ => return Err(messages::requirement_option_unknown(origin, word)),
            }
        }
        Ok(())
    }

    fn option(&mut self, name: &str, value: String) {
        self.found.options.extend([name.to_owned(), value]);
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
        match text(self.tree, &target)? {
            Some(content) => self.file(&target, &content, role),
            None => return Err(messages::include_missing(origin, &target)),
        }
        Ok(())
    }

    fn variables(&mut self, line: &str) {
        for part in line.split("${").skip(1) {
            let Some((name, _)) = part.split_once('}') else {
                continue;
            };
            // Source: pip, "Using environment variables": upper-case letters, digits, `_`.
            let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            if !name.is_empty() && name.bytes().all(plain) {
                self.found.variables.push(name.to_owned());
            }
        }
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

/// The path that `value` names when it is written in the file at `path`; `None` when it leaves
/// the tree.
fn beside(path: &RelPath, value: &str) -> Option<RelPath> {
    let value = value.strip_prefix("file:").unwrap_or(value);
    if value.starts_with('/') {
        return None;
    }
    let parent = path.parent();
    let mut parts: Vec<&str> = parent.iter().flat_map(|dir| dir.parts()).collect();
    for part in value.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    parts.join("/").parse().ok()
}

/// Whether a requirement names a path: a directory, an archive or a wheel beside the file.
fn is_local(requirement: &str) -> bool {
    requirement == "."
        || requirement.starts_with("./")
        || requirement.starts_with("../")
        || requirement.starts_with('/')
        || requirement.starts_with("file:")
        || requirement.starts_with(".[")
        || [".whl", ".tar.gz", ".zip"]
            .iter()
            .any(|end| requirement.ends_with(end) && !requirement.contains("://"))
}
