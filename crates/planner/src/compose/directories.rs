//! The directories of the tree that hold an application.

use std::collections::BTreeMap;

use super::languages::{PlanInputs, strongest};
use super::rooted::Rooted;
use crate::{
    AppModel, Buildpack, Claim, Language, Overridden, PlanOptions, RelPath, Requested, SourceTree, Subtree,
};

/// How deep below the top an application is looked for.
const DEPTH: usize = 2;

/// Names of directories whose programs serve the people who work on the source, not its users: none
/// is taken for the application unless the caller names it.
pub const FOR_DEVELOPERS: &[&str] = &[
    "ci", "demo", "demos", "doc", "docs", "example", "examples", "fixtures", "script", "scripts", "test",
    "tests", "tools",
];

/// Names of directories in which no application is looked for, besides [`FOR_DEVELOPERS`]: scripts
/// that start one, and the code of others.
const BESIDE: &[&str] = &["bin", "vendor"];

/// Whether `dir` lies beside the application: it is for the people who work on the source, a tool's
/// own, or the tools of one of `languages` fill it. No application is looked for there.
pub fn is_beside<'a>(dir: &RelPath, languages: impl IntoIterator<Item = &'a Language>) -> bool {
    let neutral =
        |part: &str| part.starts_with('.') || FOR_DEVELOPERS.contains(&part) || BESIDE.contains(&part);
    dir.parts().any(neutral)
        || languages.into_iter().any(|language| dir.parts().any(|part| language.fills(part)))
}

/// A directory that holds an application.
pub(super) struct LocatedApplication {
    pub(super) dir: RelPath,
    pub(super) buildpack: String,
    pub(super) claim: Requested<Claim>,
    /// Whether the language is built, and not only recognised.
    pub(super) is_supported: bool,
}

impl LocatedApplication {
    pub(super) fn label(&self) -> String {
        format!("`{}` ({} {})", self.dir, self.buildpack, self.claim.value.meaning())
    }

    pub(super) fn overridden(&self) -> Overridden {
        Overridden { value: self.label(), origin: self.claim.origin.clone() }
    }
}

/// The directories that hold an application, none inside another, in the order of their paths.
pub(super) fn candidates(
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
    model: &AppModel,
    options: &PlanOptions,
) -> Vec<LocatedApplication> {
    let languages = || buildpacks.iter().map(|pack| pack.language());
    let names: Vec<&str> = languages().flat_map(|language| language.manifests).copied().collect();
    // Only directories with a telling file are asked about.
    let mut dirs: BTreeMap<RelPath, ()> = BTreeMap::new();
    for file in tree.files() {
        let Some(dir) = file.path.parent() else { continue };
        if dir.depth() <= DEPTH && names.contains(&file.path.name()) && !is_beside(&dir, languages()) {
            dirs.insert(dir, ());
        }
    }
    let mut candidates: Vec<LocatedApplication> = Vec::new();
    for dir in dirs.into_keys() {
        if candidates.iter().any(|outer| dir.is_within(&outer.dir)) {
            continue;
        }
        let inner = Subtree::new(tree, dir.clone());
        let options = PlanOptions { app: None, ..options.clone() };
        let component = model.component(Some(&dir));
        let answers =
            PlanInputs { tree: &inner, buildpacks, model: &component, options: &options }.candidates();
        if let Some(best) = strongest(&answers).filter(|best| best.claim.value > Claim::Tools) {
            let Language { name, is_supported, .. } = *best.buildpack.language();
            let mut claim = best.claim.clone();
            Rooted::new(&inner, &dir, &component).origin(&mut claim.origin);
            candidates.push(LocatedApplication { dir, buildpack: name.to_owned(), claim, is_supported });
        }
    }
    candidates
}
