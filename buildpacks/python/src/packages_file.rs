//! `packages.txt`: the Debian packages of an application of Streamlit or Gradio, as the places that run such
//! applications install them.
//!
//! Source: Streamlit Community Cloud documentation, "App dependencies"; Hugging Face documentation, "Spaces
//! dependencies".

use packwright_buildpack::planner::{Decision, Diagnostic, LayerKind, Origin, Package, RelPath, SourceTree};

use crate::framework::application::Application;
use crate::manifest::text;
use crate::messages;

/// The file.
const FILE: &str = "packages.txt";

/// Frameworks whose hosts read it.
const READ_FOR: &[&str] = &["streamlit", "gradio"];

/// Names that older systems had, and Debian's now. Source: Debian's package tracker, `mesa`: the transitional
/// package is gone since trixie.
const RENAMED: &[(&str, &str)] = &[("libgl1-mesa-glx", "libgl1")];

/// What the file asks for.
#[derive(Debug, Default)]
pub(crate) struct AskedPackages {
    /// The packages, for the image.
    pub(crate) packages: Vec<Package>,
    /// That the file was read.
    pub(crate) decisions: Vec<Decision>,
    /// What of it is no package, or that it is not read.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Reads the file for `application`.
pub(crate) fn read(tree: &dyn SourceTree, application: &Application) -> AskedPackages {
    let mut asked = AskedPackages::default();
    let path: RelPath = FILE.parse().expect("a relative path");
    let Ok(Some(source)) = text(tree, &path) else { return asked };
    let framework = application.decisions.iter().find(|decision| decision.subject == "python framework");
    let is_read = framework.is_some_and(|decision| READ_FOR.contains(&decision.value.as_str()));
    if !is_read {
        asked.diagnostics.push(messages::packages_file_unread(&path));
        return asked;
    }
    for (line, number) in source.lines().zip(1..) {
        let line = line.split('#').next().unwrap_or_default();
        let origin = Origin::line(&path, number);
        for word in line.split_whitespace() {
            if !is_name(word) {
                asked.diagnostics.push(messages::packages_file_name(word, &origin));
                continue;
            }
            let name = RENAMED.iter().find(|(old, _)| *old == word).map_or(word, |(_, new)| new);
            asked.packages.push(Package::run(name, LayerKind::System, format!("{origin} asks for it")));
        }
    }
    let names: Vec<&str> = asked.packages.iter().map(|package| package.name.as_str()).collect();
    if !names.is_empty() {
        asked.decisions.push(Decision::new("system packages", names.join(" "), Origin::file(&path)));
    }
    asked
}

/// Whether it is the name of a Debian package.
///
/// Source: Debian Policy, 5.6.1, "Source" and 5.6.7, "Package".
fn is_name(word: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    word.len() >= 2
        && word.bytes().next().is_some_and(is_letter)
        && word.bytes().all(|byte| is_letter(byte) || b"+.-".contains(&byte))
}
