//! `package.json`: its values, and the reader that takes them out of the text; whether it stands there in another form.

mod read;
mod values;

use packwright_buildpack::planner::{RelPath, SourceTree, has};

pub(crate) use values::{DependencyKind, FILE, PackageJson, beside};

/// The manifest at the top in a form that is not read, where there is no `package.json`.
pub(crate) fn in_other_form(tree: &dyn SourceTree) -> Option<RelPath> {
    let by_pnpm = ["pnpm-lock.yaml", "pnpm-workspace.yaml"].iter().any(|file| has(tree, file));
    let mut forms = values::OTHER_FORMS.iter().filter(|(_, alone)| *alone || by_pnpm);
    let (name, _) = forms.find(|(name, _)| has(tree, name)).filter(|_| !has(tree, FILE))?;
    name.parse().ok()
}
