//! [`Ignoring`]: which files of a directory are not part of the application.
//!
//! Three files say so, each in its own dialect, and any of them is enough: `.gitignore` (in
//! every directory), `.dockerignore` and `.slugignore` (at the root). Before them stands a short
//! list of what never belongs into an image: version control, secrets, and what the tools of a
//! language make, which each language declares.

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use packwright_oci::RelPath;

use crate::{Diagnostic, Language, Origin};

/// The file names that [`Ignoring::read`] understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoreFile {
    /// `.gitignore`: patterns apply to its own directory and below.
    Git,
    /// `.dockerignore`: at the root; patterns are anchored there, `!` takes back.
    Docker,
    /// `.slugignore`: at the root; as `.gitignore`, without `!`.
    Slug,
}

/// The rules that apply in a directory. Cheap to extend on the way down a walk.
#[derive(Debug, Clone, Default)]
pub struct Ignoring {
    never: Vec<(&'static str, &'static str)>,
    never_beside: Vec<(&'static str, &'static str)>,
    manifests: Vec<&'static str>,
    layers: Vec<Rules>,
}

#[derive(Debug, Clone)]
struct Rules {
    base: Option<RelPath>,
    file: RelPath,
    patterns: Gitignore,
    has_exceptions: bool,
}

/// Names that never belong into an image, at any depth, and why.
const NEVER: &[(&str, &str)] = &[
    (".git", "version control"),
    (".hg", "version control"),
    (".svn", "version control"),
    (".bzr", "version control"),
    (".jj", "version control"),
    (".env", "secrets of a developer's machine"),
    (".envrc", "secrets of a developer's machine"),
    (".DS_Store", "file manager droppings"),
];

/// `.env.<these>` are templates without secrets.
const TEMPLATES: &[&str] = &["example", "sample", "template", "dist", "defaults"];

impl IgnoreFile {
    /// The kind of ignore file that `path` is, by its name and place.
    pub fn of(path: &RelPath) -> Option<IgnoreFile> {
        match (path.name(), path.depth()) {
            (".gitignore", _) => Some(IgnoreFile::Git),
            (".dockerignore", 1) => Some(IgnoreFile::Docker),
            (".slugignore", 1) => Some(IgnoreFile::Slug),
            _ => None,
        }
    }
}

impl Ignoring {
    /// The built-in rules, and what `languages` declare as never part of an image.
    pub fn new<'a>(languages: impl IntoIterator<Item = &'a Language>) -> Ignoring {
        let mut ignoring = Ignoring::default();
        for language in languages {
            ignoring.never.extend(language.never_in_image);
            ignoring.never_beside.extend(language.never_beside);
            ignoring.manifests.extend(language.manifests);
        }
        ignoring
    }

    /// These rules and those of the ignore file at `path`, which says `text`. Lines that are no
    /// pattern are reported and left out.
    pub fn read(&self, kind: IgnoreFile, path: &RelPath, text: &str) -> (Ignoring, Vec<Diagnostic>) {
        let mut builder = GitignoreBuilder::new("");
        let mut diagnostics = Vec::new();
        let mut has_exceptions = false;
        for (index, line) in text.lines().enumerate() {
            let origin = Origin::line(path, index as u32 + 1);
            let Some(pattern) = pattern(kind, line) else {
                continue;
            };
            if pattern.starts_with('!') {
                if kind == IgnoreFile::Slug {
                    diagnostics.push(
                        Diagnostic::warning(
                            "ignore/no-exceptions",
                            format!("{origin}: .slugignore knows no `!` patterns"),
                        )
                        .fix("leave the line out, and ignore less in the lines above")
                        .at(origin),
                    );
                    continue;
                }
                has_exceptions = true;
            }
            if let Err(error) = builder.add_line(None, &pattern) {
                diagnostics.push(
                    Diagnostic::warning(
                        "ignore/not-a-pattern",
                        format!("{origin}: `{line}` is not a pattern"),
                    )
                    .why(error.to_string())
                    .at(origin),
                );
            }
        }
        let mut extended = self.clone();
        match builder.build() {
            Ok(patterns) => extended.layers.push(Rules {
                base: path.parent(),
                file: path.clone(),
                patterns,
                has_exceptions: has_exceptions && kind == IgnoreFile::Docker,
            }),
            Err(error) => diagnostics.push(
                Diagnostic::warning("ignore/not-usable", format!("{path} cannot be used"))
                    .why(error.to_string())
                    .at(Origin::file(path)),
            ),
        }
        (extended, diagnostics)
    }

    /// Whether `path` is a file that tells one of the languages that an application is at the top.
    pub fn is_manifest(&self, path: &RelPath) -> bool {
        self.manifests.contains(&path.as_str())
    }

    /// Why `path` is ignored; `None` when it is not. Asked for directories before what is in
    /// them.
    pub fn reason(&self, path: &RelPath, is_dir: bool) -> Option<String> {
        if let Some(why) = self.never(path.name()) {
            return Some(why.to_owned());
        }
        self.named_by(path, is_dir)
    }

    /// The ignore file that names `path`, whatever never belongs into an image; `None` when none does.
    pub fn named_by(&self, path: &RelPath, is_dir: bool) -> Option<String> {
        self.layers.iter().find_map(|rules| {
            let seen = match &rules.base {
                Some(base) => path.below(base)?,
                None => path.clone(),
            };
            let verdict = match rules.has_exceptions {
                true => rules.patterns.matched_path_or_any_parents(seen.as_str(), is_dir),
                false => rules.patterns.matched(seen.as_str(), is_dir),
            };
            verdict.is_ignore().then(|| rules.file.to_string())
        })
    }

    fn never(&self, name: &str) -> Option<&'static str> {
        if let Some(kind) = name.strip_prefix(".env.") {
            let template = kind.rsplit('.').next().is_some_and(|last| TEMPLATES.contains(&last));
            return (!template).then_some("secrets of a developer's machine");
        }
        NEVER.iter().chain(&self.never).find(|(never, _)| *never == name).map(|(_, why)| *why)
    }

    /// Why a directory other than the top is ignored that holds a file called `name`; `None` when it
    /// is not.
    pub fn reason_beside(&self, name: &str) -> Option<&'static str> {
        self.never_beside.iter().find(|(mark, _)| *mark == name).map(|(_, why)| *why)
    }

    /// Whether an ignored directory may still hold files that are not ignored.
    pub fn must_descend(&self, path: &RelPath) -> bool {
        self.never(path.name()).is_none() && self.layers.iter().any(|rules| rules.has_exceptions)
    }
}

/// `line` as a gitignore pattern of the same meaning; `None` for blank lines and comments.
fn pattern(kind: IgnoreFile, line: &str) -> Option<String> {
    match kind {
        IgnoreFile::Git | IgnoreFile::Slug => Some(line.trim_end_matches('\r').to_owned()),
        // Source: Docker documentation, "Build context", "Syntax": patterns are relative to the
        // root, leading and trailing slashes do not matter, `#` in the first column comments.
        IgnoreFile::Docker => {
            if line.starts_with('#') {
                return None;
            }
            let trimmed = line.trim();
            let (sign, body) = match trimmed.strip_prefix('!') {
                Some(body) => ("!", body.trim()),
                None => ("", trimmed),
            };
            let mut body = body.trim_matches('/');
            while let Some(rest) = body.strip_prefix("./") {
                body = rest;
            }
            match body {
                "" => None,
                "." => Some(format!("{sign}/*")),
                _ => Some(format!("{sign}/{body}")),
            }
        }
    }
}

#[cfg(test)]
mod tests;
