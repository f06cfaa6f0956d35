//! `nltk.txt`: the data of NLTK that Heroku downloads in the build. They are no packages, and no step downloads them.
//!
//! Source: Heroku Dev Center, "Python NLTK"; NLTK documentation, "Installing NLTK Data".

use packwright_buildpack::planner::{Diagnostic, RelPath, SourceTree};

use crate::dependencies::Dependencies;
use crate::manifest::text;
use crate::messages;

/// What is said of the file where NLTK is installed; without NLTK, Heroku does not read it either.
pub(crate) fn remark(tree: &dyn SourceTree, dependencies: &Dependencies) -> Option<Diagnostic> {
    let path: RelPath = "nltk.txt".parse().expect("a relative path");
    let source = text(tree, &path).ok().flatten()?;
    let names: Vec<&str> = source.split_whitespace().collect();
    (dependencies.have("nltk") && !names.is_empty()).then(|| messages::nltk_data(&path, &names))
}
