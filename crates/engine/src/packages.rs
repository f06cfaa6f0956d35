//! Packages become root file systems: each is fetched and unpacked once, ever; roots are
//! composed of them as values.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use packwright_debian::{Accounts, RULES_VERSION, Rules, SolvedPackage, Unpacked, compose, deb};
use packwright_oci::{ContentSink, Digest, Hasher, Tree};
use packwright_planner::{
    AskedBy, Base, LayerKind, Lock, LockedDownload, LockedPackage, Plan, Scope, StepName,
};
use packwright_store::Store;
use serde::{Deserialize, Serialize};

use crate::context::BuildContext;
use crate::error::BuildError;
use crate::event::Event;
use crate::namespace::{BASE, PACKAGE};
use crate::{archive, fetch};

/// The root file systems that a lock's packages make: for the steps, and one of layers for the image. Made when first
/// asked for.
pub(crate) struct Roots<'a> {
    context: &'a BuildContext<'a>,
    suite: &'a str,
    lock: &'a Lock,
    check: StoreCheck,
    unpacked: OnceCell<BTreeMap<String, Unpacked>>,
    first: OnceCell<RootTree>,
    build: OnceCell<RootTree>,
}

/// How often work is done again that found damage in the store. Each time what was found is gone, and the next
/// damage may be found behind it.
const DAMAGE_TRIES: usize = 8;

/// Does `work` until it meets no damage in the store. What is damaged is told and made anew.
pub(crate) fn until_undamaged<T>(
    context: &BuildContext<'_>,
    work: impl Fn(StoreCheck) -> Result<T, BuildError>,
) -> Result<T, BuildError> {
    let mut result = work(StoreCheck::Trusted);
    for _ in 0..DAMAGE_TRIES {
        if !result.as_ref().is_err_and(BuildError::is_damage) {
            break;
        }
        context.tell_damage();
        result = work(StoreCheck::Verified);
    }
    context.tell_damage();
    result
}

/// Whether what records say is there is taken to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreCheck {
    /// It is; a file that is gone or damaged is found when it is read.
    Trusted,
    /// It is read and compared by digest, file by file: something was found damaged.
    Verified,
}

/// A tree with its own digest.
#[derive(Debug, Clone)]
pub(crate) struct RootTree {
    pub(crate) tree: Tree,
    pub(crate) digest: Digest,
}

/// The record of a composed root.
#[derive(Serialize, Deserialize)]
struct Composed {
    tree: Digest,
}

impl<'a> Roots<'a> {
    pub(crate) fn new(
        context: &'a BuildContext<'a>,
        plan: &'a Plan,
        lock: &'a Lock,
        check: StoreCheck,
    ) -> Roots<'a> {
        let Base::Debian { suite, .. } = &plan.base;
        let (first, build) = (OnceCell::new(), OnceCell::new());
        Roots { context, suite, lock, check, unpacked: OnceCell::new(), first, build }
    }

    /// What the lock has of what steps fetch.
    pub(crate) fn fetched(&self) -> &'a BTreeMap<StepName, Vec<LockedDownload>> {
        &self.lock.fetched
    }

    /// The root of the steps that fetch, and of those that they build on: the packages that the plan asks for.
    pub(crate) fn first(&self) -> Result<&RootTree, BuildError> {
        if self.lock.packages.iter().all(|package| package.asked_by != AskedBy::Downloads) {
            return self.build();
        }
        if let Some(root) = self.first.get() {
            return Ok(root);
        }
        let root = self.composed(&|package| package.asked_by == AskedBy::Plan)?;
        Ok(self.first.get_or_init(|| root))
    }

    /// The root of the other steps: all packages but those for the finished image alone.
    pub(crate) fn build(&self) -> Result<&RootTree, BuildError> {
        if let Some(root) = self.build.get() {
            return Ok(root);
        }
        let root = self.composed(&|package| package.asked_by <= AskedBy::Downloads)?;
        Ok(self.build.get_or_init(|| root))
    }

    /// All packages of the image.
    pub(crate) fn image(&self) -> Result<RootTree, BuildError> {
        self.composed(&|package| package.scope == Scope::Run)
    }

    /// The image's package layers from the bottom up; each holds what the packages up to its
    /// kind make different from the packages below.
    pub(crate) fn layers(&self) -> Result<Vec<(LayerKind, Tree)>, BuildError> {
        let kinds: BTreeSet<LayerKind> = self
            .lock
            .packages
            .iter()
            .filter(|package| package.scope == Scope::Run)
            .map(|package| package.layer)
            .collect();
        let mut below = Tree::new();
        let mut layers = Vec::new();
        for kind in kinds {
            let root = self.composed(&|package| package.scope == Scope::Run && package.layer <= kind)?;
            layers.push((kind, root.tree.changes_from(&below)));
            below = root.tree;
        }
        Ok(layers)
    }

    /// The root that the chosen packages make.
    fn composed(&self, keep: &dyn Fn(&LockedPackage) -> bool) -> Result<RootTree, BuildError> {
        let chosen: Vec<&LockedPackage> = self.lock.packages.iter().filter(|package| keep(package)).collect();
        let key = key(&chosen);
        let store = self.context.store;
        let _only_one = self.context.only_one(BASE, &key)?;
        if let Some(record) = store.record::<Composed>(BASE, &key)? {
            let digest = record.value.tree;
            if let Ok(tree) = store.tree(&digest)
                && (self.check == StoreCheck::Trusted || store.verify_all_of(&tree))
            {
                return Ok(RootTree { tree, digest });
            }
        }
        let all = self.unpacked()?;
        let unpacked: Vec<&Unpacked> = chosen.iter().filter_map(|package| all.get(&package.name)).collect();
        let root = compose(&unpacked, &Accounts::standard())?;
        for bytes in root.made.values() {
            store.add_file(&mut bytes.as_slice()).map_err(|source| self.context.disk(source))?;
        }
        let digest = store.put_tree(&root.tree)?;
        store.commit()?;
        store.put_record(BASE, &key, &Composed { tree: digest })?;
        Ok(RootTree { tree: root.tree, digest })
    }

    /// All packages by name, with their files in the store.
    fn unpacked(&self) -> Result<&BTreeMap<String, Unpacked>, BuildError> {
        if let Some(done) = self.unpacked.get() {
            return Ok(done);
        }
        let store = self.context.store;
        let mut done = BTreeMap::new();
        let mut missing = Vec::new();
        for package in &self.lock.packages {
            match store.record::<Unpacked>(PACKAGE, &package_key(package))? {
                Some(record) if self.has_all_of(&record.value.tree) => {
                    done.insert(package.name.clone(), record.value);
                }
                _ => missing.push(package),
            }
        }
        if !missing.is_empty() {
            self.fetch(&missing)?;
            for (package, unpacked) in missing.iter().zip(self.unpack(&missing)?) {
                done.insert(package.name.clone(), unpacked);
            }
        }
        Ok(self.unpacked.get_or_init(|| done))
    }

    fn has_all_of(&self, tree: &Tree) -> bool {
        match self.check {
            StoreCheck::Trusted => self.context.store.has_all_of(tree),
            StoreCheck::Verified => self.context.store.verify_all_of(tree),
        }
    }

    fn fetch(&self, packages: &[&LockedPackage]) -> Result<(), BuildError> {
        let missing: Vec<&&LockedPackage> = packages
            .iter()
            .filter(|package| !self.context.store.has_blob(&package.digest, Some(package.size)))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let mirror = self.context.mirror.as_ref().ok_or(BuildError::NoMirror)?;
        let mut wanted = Vec::new();
        for package in missing {
            let url = archive::address(self.suite, mirror, package)?;
            wanted.push((url, package.digest, package.size));
        }
        fetch::fetch_blobs(self.context, "Debian packages", &wanted)
    }

    /// Unpacks `packages` on all threads; the results in the given order.
    fn unpack(&self, packages: &[&LockedPackage]) -> Result<Vec<Unpacked>, BuildError> {
        let context = self.context;
        context.tell(Event::UnpackStarted { packages: packages.len() });
        let next = AtomicUsize::new(0);
        let results: Mutex<Vec<Option<Result<Unpacked, BuildError>>>> =
            Mutex::new(packages.iter().map(|_| None).collect());
        std::thread::scope(|scope| {
            for _ in 0..context.jobs.get() {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(package) = packages.get(index) else { return };
                        let result = match context.cancellation.is_cancelled() {
                            true => Err(BuildError::Cancelled),
                            false => unpack(context.store, package),
                        };
                        let failed = result.is_err();
                        results.lock().expect("no thread panics while it holds the results")[index] =
                            Some(result);
                        if failed {
                            next.store(packages.len(), Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        let results = results.into_inner().expect("no thread panics while it holds the results");
        let mut unpacked = Vec::new();
        for result in results.into_iter().flatten() {
            unpacked.push(result?);
        }
        // One write-out makes all files of all packages last; then the records may say so.
        context.store.commit()?;
        for (package, unpacked) in packages.iter().zip(&unpacked) {
            context.store.put_record(PACKAGE, &package_key(package), unpacked)?;
        }
        context.tell(Event::UnpackEnded);
        Ok(unpacked)
    }
}

fn unpack(store: &Store, package: &LockedPackage) -> Result<Unpacked, BuildError> {
    let chosen = SolvedPackage {
        name: package.name.clone(),
        version: package.version.clone(),
        architecture: package.architecture.clone(),
        pocket: package.pocket.clone(),
        path: package.path.clone(),
        digest: package.digest,
        size: package.size,
    };
    let blob = store.open_blob(&package.digest)?;
    Ok(deb::unpack(&chosen, blob, &mut FileSink(store), &Rules::image())?)
}

/// The store as the place where packages put their files.
pub(crate) struct FileSink<'a>(pub(crate) &'a Store);

impl ContentSink for FileSink<'_> {
    fn store(&mut self, content: &mut dyn Read) -> io::Result<(Digest, u64)> {
        self.0.add_file(content)
    }
}

/// Where what was made of a package is kept.
pub(crate) fn package_key(package: &LockedPackage) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update_framed(RULES_VERSION.to_string().as_bytes());
    hasher.update_framed(package.digest.hex().as_bytes());
    hasher.finish()
}

fn key(packages: &[&LockedPackage]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update_framed(RULES_VERSION.to_string().as_bytes());
    for package in packages {
        hasher.update_framed(package.digest.hex().as_bytes());
    }
    hasher.finish()
}
