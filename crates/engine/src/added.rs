//! The packages that come into an image because a file of it needs a library that nothing else brings. They change no
//! step that fetches, so that what was fetched stays, and everything that is found out is a function of it.
//!
//! ```text
//! steps that fetch ──▶ what their files lack ──▶ packages for later steps and the image   (AskedBy::Downloads)
//! finished image   ──▶ what it still lacks   ──▶ packages for the image alone             (AskedBy::Image)
//! ```

use std::collections::BTreeSet;

use packwright_debian::RULES_VERSION;
use packwright_debian::root::RootError;
use packwright_oci::{Hasher, ImageConfig, Tree};
use packwright_planner::{AddedPackage, AskedBy, Diagnostic, Lock, Plan, Scope};
use packwright_verify::{Image, Missing};

use crate::context::BuildContext;
use crate::error::BuildError;
use crate::event::Event;
use crate::growth::Candidate;
use crate::lacking::{self, Adding, Lacking};
use crate::library_archive::LibraryArchive;
use crate::namespace::LACKING;
use crate::packages::{Roots, StoreCheck};
use crate::steps::Steps;
use crate::stored_files::{StoredFiles, unreadable};
use crate::{contents_index, step_dir};

/// `lock` with the packages for what the steps that fetch, which were run, brought into the image; `None` when nothing
/// is to be added. `roots` are those of `lock`.
pub(crate) fn for_downloads(
    context: &BuildContext<'_>,
    plan: &Plan,
    lock: &Lock,
    roots: &Roots<'_>,
    steps: &Steps<'_>,
    archive: &dyn LibraryArchive,
    check: StoreCheck,
) -> Result<Option<Lock>, BuildError> {
    let mut hasher = Hasher::new();
    hasher.update_framed(packwright_verify::RULES.to_string().as_bytes());
    hasher.update_framed(RULES_VERSION.to_string().as_bytes());
    hasher.update_framed(lock.architecture.as_bytes());
    for package in lock.packages.iter().filter(|package| package.scope == Scope::Run) {
        hasher.update_framed(package.digest.hex().as_bytes());
    }
    for (name, setting) in &plan.environment {
        hasher.update_framed(name.as_bytes());
        hasher.update_framed(setting.value.as_bytes());
    }
    let mut places = Vec::new();
    for (step, done) in steps.first_done() {
        for output in step.outputs.iter().filter(|output| output.layer.is_some()) {
            let place = step_dir::place(step, &output.path)?;
            hasher.update_framed(place.as_str().as_bytes());
            hasher.update_framed(done.digest.hex().as_bytes());
            places.push((place, &done.tree));
        }
    }
    if places.is_empty() {
        return Ok(None);
    }
    let key = hasher.finish();
    let lacking = match context.store.record::<Vec<Lacking>>(LACKING, &key)? {
        Some(known) => known.value,
        None => {
            let mut tree = roots.image()?.tree;
            for (place, output) in places {
                tree = tree.overlaid(&output.filter(|path, _| path.is_within(&place)));
            }
            let (lacking, is_final) = of_tree(context, plan, &lock.architecture, &tree, archive)?;
            if is_final {
                context.store.put_record(LACKING, &key, &lacking)?;
            }
            lacking
        }
    };
    add(context, plan, lock, &lacking, AskedBy::Downloads, archive, check)
}

/// What the files of `tree` lack, and whether the archive could be asked.
fn of_tree(
    context: &BuildContext<'_>,
    plan: &Plan,
    architecture: &str,
    tree: &Tree,
    archive: &dyn LibraryArchive,
) -> Result<(Vec<Lacking>, bool), BuildError> {
    let env = plan.environment.iter().map(|(name, setting)| (name.clone(), setting.value.clone())).collect();
    let config = ImageConfig { architecture: architecture.to_owned(), env, ..ImageConfig::default() };
    let contents = StoredFiles(context.store);
    let image = Image { tree, contents: &contents, config: &config, processes: &[] };
    let found = packwright_verify::lacking_libraries(&image).map_err(unreadable)?;
    let packages = lacking::packages(context, archive, &found, Adding::Libraries)?;
    let is_final = packages.is_some();
    Ok((lacking::of(&found, &packages.unwrap_or_default()), is_final))
}

/// `lock` with the packages for what is `lacking`; `None` when none is to be added. A package counts only when it has the
/// library where the loader looks.
pub(crate) fn add(
    context: &BuildContext<'_>,
    plan: &Plan,
    lock: &Lock,
    lacking: &[Lacking],
    asked_by: AskedBy,
    archive: &dyn LibraryArchive,
    check: StoreCheck,
) -> Result<Option<Lock>, BuildError> {
    let is_there =
        |name: &str| lock.packages.iter().any(|package| package.name == name && package.scope == Scope::Run);
    let candidate = |lacking: &Lacking| Candidate { cost: lacking.cost, name: lacking.package.clone() };
    let mut candidates: BTreeSet<Candidate> =
        lacking.iter().filter(|lacking| !is_there(&lacking.package)).map(candidate).collect();
    // Once more without those that do not hold what they were taken for.
    while !candidates.is_empty() {
        let growth = archive.grow(context, &lock.packages, &candidates, asked_by)?;
        let grown = Lock {
            packages: growth.packages,
            substituted: lock
                .substituted
                .iter()
                .cloned()
                .chain(growth.substituted)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            ..lock.clone()
        };
        let tree = match Roots::new(context, plan, &grown, check).image() {
            Ok(root) => root.tree,
            // One has scripts that cannot be replaced, say. Without it the image is as it was.
            Err(BuildError::Root(_)) if candidates.len() > 1 => {
                let mut fitting = BTreeSet::new();
                for candidate in &candidates {
                    let own = lacking.iter().filter(|lacking| lacking.package == candidate.name);
                    let own: Vec<Lacking> = own.cloned().collect();
                    if add(context, plan, lock, &own, asked_by, archive, check)?.is_some() {
                        fitting.insert(candidate.clone());
                    }
                }
                if fitting == candidates {
                    return Ok(None);
                }
                candidates = fitting;
                continue;
            }
            Err(BuildError::Root(error)) => {
                context.tell(Event::Noticed(cannot_add(&growth.taken, &error)));
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let holds = |lacking: &&Lacking| {
            let missing = Missing::Library(lacking.library.clone());
            let places = contents_index::places_of(&missing, context.architecture);
            places.iter().any(|place| tree.resolve(&format!("/{place}")).is_some())
        };
        let mut added: Vec<AddedPackage> = lock.added.clone();
        for name in &growth.taken {
            if let Some(lacking) = lacking.iter().filter(|lacking| lacking.package == *name).find(holds) {
                let why = format!("`/{}` needs `{}`", lacking.path, lacking.library);
                added.push(AddedPackage { name: name.clone(), why });
            }
        }
        if added.len() == lock.added.len() + growth.taken.len() {
            added.sort();
            return Ok((added != lock.added).then_some(Lock { added, ..grown }));
        }
        candidates.retain(|candidate| added.iter().any(|added| added.name == candidate.name));
    }
    Ok(None)
}

/// What there is to say when packages cannot be part of an image.
fn cannot_add(packages: &BTreeSet<String>, error: &RootError) -> Diagnostic {
    let names: Vec<String> = packages.iter().map(|name| format!("`{name}`")).collect();
    let message = format!("{} would bring what the image lacks, and cannot be added", names.join(", "));
    Diagnostic::warning("image/library-not-added", message).why(error.to_string())
}

/// Tells which packages are in the image because a file of it needs them.
pub(crate) fn tell(context: &BuildContext<'_>, lock: &Lock) {
    for AddedPackage { name, why } in &lock.added {
        let message = format!("the Debian package `{name}` was added: {why}, which nothing else brings");
        let fix = format!(
            "to choose it yourself, name `{name}` in `Aptfile` or with `--env PACKWRIGHT_PACKAGES={name}`"
        );
        context.tell(Event::Noticed(Diagnostic::info("image/library-added", message).fix(fix)));
    }
}
