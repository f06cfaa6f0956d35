//! What follows from damage: the entry goes, and with it every note that a root is whole and every result that was
//! made from it. This file looks for no damage; it is called where bytes are read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use packwright_oci::{Digest, Node};
use packwright_planner::Diagnostic;

use crate::ports::MadeFrom;
use crate::proof::digest_of;
use crate::records;
use crate::store::Store;
use crate::usage::entries;

impl Store {
    /// A warning for each damaged entry that was removed since the last call. The build goes on as if the
    /// entry had never been stored.
    pub fn take_damage(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut *self.damage.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    /// Removes a damaged entry and adds a warning to [`Store::take_damage`].
    pub(crate) fn discard(&self, path: &Path, why: &str) {
        // When it cannot be removed it is found damaged again, which is no worse.
        let _ = fs::remove_file(path);
        self.report_damage(path, why);
    }

    /// [`Store::discard`] for a copy of the content `digest`, with all that may be wrong because of it.
    pub(crate) fn discard_content(&self, path: &Path, digest: &Digest, why: &str) {
        self.discard(path, why);
        if path.starts_with(self.path().join("files")) {
            self.distrust(&BTreeSet::from([*digest]), None);
        }
    }

    /// Reads both copies of a content and removes what is damaged. A caller that finds some calls
    /// [`Store::distrust`].
    pub(crate) fn discard_if_damaged(&self, digest: &Digest) {
        for executable in [false, true] {
            let path = self.file_path(digest, executable);
            let Ok(mut file) = fs::File::open(&path) else { continue };
            if digest_of(&mut file).is_ok_and(|found| found != *digest) {
                self.discard(&path, &format!("its content is not {digest}"));
            }
        }
    }

    pub(crate) fn report_damage(&self, path: &Path, why: &str) {
        let message = format!("`{}` was damaged and is removed", path.display());
        self.report(
            Diagnostic::warning("store/damaged", message)
                .why(why)
                .fix("nothing for now: it is made anew; if this comes back, check the disk"),
        );
    }

    pub(crate) fn report(&self, diagnostic: Diagnostic) {
        self.damage.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(diagnostic);
    }

    /// Forgets what may be wrong because of the damaged `contents` and the damaged root of the tree `root`: notes
    /// that roots are whole, and results of work that was done with these.
    ///
    /// When the damage happened is not known, so results from before go as well; they are made again. What cannot
    /// be removed is left: each root is compared with its tree before it is used.
    pub(crate) fn distrust(&self, contents: &BTreeSet<Digest>, root: Option<&Digest>) {
        let mut trees = BTreeMap::new();
        let mut may_hold = |tree: &Digest| {
            root == Some(tree) || *trees.entry(*tree).or_insert_with(|| self.may_hold(tree, contents))
        };
        for (path, found) in entries(&self.path().join("roots")).unwrap_or_default() {
            let is_suspect = match path.file_stem().and_then(|name| name.to_str()).map(Digest::from_hex) {
                Some(Ok(tree)) => may_hold(&tree),
                _ => true,
            };
            if !found.is_dir() && is_suspect {
                let _ = fs::remove_file(&path);
            }
        }
        let mut removed = 0;
        for (namespace, found) in entries(&self.path().join("records")).unwrap_or_default() {
            if !found.is_dir() {
                continue;
            }
            for (path, _) in entries(&namespace).unwrap_or_default() {
                let Ok(bytes) = fs::read(&path) else { continue };
                let made_from = records::checked(&bytes).map(|(json, _)| MadeFrom::of_record(json));
                let is_suspect = match made_from {
                    Some(MadeFrom::Trees(trees)) => trees.iter().any(&mut may_hold),
                    Some(MadeFrom::Unknown) => true,
                    Some(MadeFrom::NoResult) | None => false,
                };
                if is_suspect && fs::remove_file(&path).is_ok() {
                    removed += 1;
                }
            }
        }
        if removed > 0 {
            let message = format!("{removed} results that were made from it are removed");
            self.report(
                Diagnostic::warning("store/distrusted", message)
                    .why("work that used a damaged file may have a wrong result")
                    .fix("nothing for now: they are made anew; images built in the meantime should be built again"),
            );
        }
    }

    /// Whether the tree has one of `contents`. One that is not stored any more may have had.
    fn may_hold(&self, tree: &Digest, contents: &BTreeSet<Digest>) -> bool {
        self.tree(tree).map_or(true, |tree| {
            tree.iter().any(|(_, entry)| match &entry.node {
                Node::File { digest, .. } => contents.contains(digest),
                _ => false,
            })
        })
    }
}
