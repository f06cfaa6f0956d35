//! Reads conda's `environment.yml`: its pip part, and those of conda's packages that are on
//! Python's index too. A package that only conda has is an
//! error that names the package.

mod names;

use packwright_buildpack::documents::Value;
use packwright_buildpack::files::{self, Document};
use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, SourceTree};

use super::reference::Reference;
use crate::messages;
use names::{CONDA_TOOLS, published_as};

/// What an environment file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Environment {
    /// The file.
    pub(crate) path: RelPath,
    /// The wanted Python.
    pub(crate) python: Option<(String, Origin)>,
    /// Everything that can be installed, as requirements.
    pub(crate) requirements: Vec<String>,
    /// The same, read.
    pub(crate) listed: Vec<Reference>,
    /// Names that conda has under another one than the index: conda's, the index's.
    pub(crate) renamed: Vec<(String, String)>,
}

/// The names by which conda finds it.
pub(crate) const FILES: &[&str] = &["environment.yml", "environment.yaml"];

/// Reads the environment file at the root; `None` when there is none.
///
/// Errors: a form that is not understood; packages that only conda has.
pub(crate) fn read(tree: &dyn SourceTree) -> Result<Option<Environment>, Vec<Diagnostic>> {
    for name in FILES {
        let path: RelPath = name.parse().expect("a relative path");
        let document = files::yaml_file(tree, &path).map_err(|error| vec![error.diagnostic("python")])?;
        if let Some(document) = document {
            return environment(&document).map(Some);
        }
    }
    Ok(None)
}

fn environment(document: &Document) -> Result<Environment, Vec<Diagnostic>> {
    let mut found = Environment {
        path: document.path.clone(),
        python: None,
        requirements: Vec::new(),
        listed: Vec::new(),
        renamed: Vec::new(),
    };
    let mut problems = Vec::new();
    let mut foreign = Vec::new();
    for item in document.value.get("dependencies").map_or(&[][..], Value::items) {
        for line in item.get("pip").map_or(&[][..], Value::items) {
            problems.extend(found.add(line.word().unwrap_or_default(), &document.origin(line)).err());
        }
        let Some(text) = item.word() else { continue };
        let at = document.origin(item);
        let spec = Spec::parse(text);
        if spec.name == "python" {
            found.python = spec.version.map(|version| (version, at));
        } else if CONDA_TOOLS.contains(&spec.name.as_str()) {
            // Every build has its own.
        } else if let Some(name) = published_as(&spec.name) {
            if name != spec.name {
                found.renamed.push((spec.name.clone(), name.to_owned()));
            }
            let version = spec.version.as_deref().map(specifier).unwrap_or_default();
            problems.extend(found.add(&format!("{name}{version}"), &at).err());
        } else {
            foreign.push((spec.name, at));
        }
    }
    if let Some((_, at)) = foreign.first() {
        let names: Vec<&str> = foreign.iter().map(|(name, _)| name.as_str()).collect();
        problems.push(messages::conda_only(at, &names));
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

impl Environment {
    fn add(&mut self, line: &str, at: &Origin) -> Result<(), Diagnostic> {
        if line.starts_with('-') || line.starts_with('.') {
            return Err(messages::requirement_unreadable(at, line, "options and paths are not read here"));
        }
        let reference = Reference::parse(line, at.clone())
            .map_err(|error| messages::requirement_unreadable(at, line, &error.reason))?;
        super::reference::check_address(&reference, at)?;
        self.requirements.push(line.to_owned());
        self.listed.push(reference);
        Ok(())
    }
}

/// One of conda's own specifications: `name`, `name=1.2`, `name=1.2=build`, `channel::name>=1`.
///
/// Source: conda documentation, "Package match specifications".
struct Spec {
    name: String,
    /// A number, which takes all that begin with it, or conditions with operators.
    version: Option<String>,
}

impl Spec {
    fn parse(text: &str) -> Spec {
        let text = text.rsplit("::").next().unwrap_or(text).trim();
        let end = text.find(|c: char| "=<>!~ [".contains(c)).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let rest = rest.split('[').next().unwrap_or_default().trim();
        let version = if rest.starts_with("==") || rest.starts_with(['<', '>', '!', '~']) {
            rest.replace(' ', "")
        } else {
            let fuzzy = rest.trim_start_matches('=').trim();
            match fuzzy.split_once(['=', ' ']) {
                // A build belongs to one version.
                Some((exact, _)) => format!("=={exact}"),
                None => fuzzy.trim_end_matches(".*").to_owned(),
            }
        };
        Spec { name: name.trim().to_lowercase(), version: (!version.is_empty()).then_some(version) }
    }
}

/// conda's version as PEP 440 writes it: a bare number takes what begins with it.
fn specifier(version: &str) -> String {
    if !version.starts_with(|first: char| first.is_ascii_digit()) {
        return version.to_owned();
    }
    match version.split('.').count() {
        0..3 => format!("=={version}.*"),
        _ => format!("=={version}"),
    }
}
