//! [`Store::verify`]: reads the whole store and removes what is damaged. Builds check what they use as they use it;
//! this is for what lies unused, and for people who want to know.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use packwright_oci::Digest;

use crate::error::StoreError;
use crate::proof::digest_of;
use crate::store::Store;
use crate::usage::entries;

/// What [`Store::verify`] read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Verified {
    /// Entries that were read: contents, blobs, trees, records and roots.
    pub entries: u64,
    /// Those that were damaged, and are removed.
    pub damaged: u64,
}

impl Store {
    /// Reads every content, blob, tree, record and root and compares it with its name. What is damaged is removed,
    /// with the results that were made from it; [`Store::take_damage`] has a warning for each. `goes_on` is called
    /// between entries, and before every pause while another process makes a root.
    ///
    /// Errors: [`StoreError::Cancelled`] when `goes_on` returns `false`; a directory that cannot be listed.
    pub fn verify(&self, goes_on: &mut dyn FnMut() -> bool) -> Result<Verified, StoreError> {
        let mut verified = Verified::default();
        let mut contents = BTreeSet::new();
        for room in ["files", "blobs"] {
            for (path, found) in self.contents(room)? {
                next(goes_on)?;
                verified.entries += 1;
                let name = path.file_stem().and_then(|name| name.to_str()).map(Digest::from_hex);
                let Some(Ok(digest)) = name else { continue };
                let is_whole = found.is_file()
                    && fs::File::open(&path)
                        .and_then(|mut file| digest_of(&mut file))
                        .is_ok_and(|found| found == digest);
                if !is_whole {
                    verified.damaged += 1;
                    self.discard(&path, &format!("its content is not {digest}"));
                    if room == "files" {
                        contents.insert(digest);
                    }
                }
            }
        }
        if !contents.is_empty() {
            self.distrust(&contents, None);
        }
        for (path, _) in entries(&self.path().join("trees"))? {
            next(goes_on)?;
            verified.entries += 1;
            if let Some(digest) = digest_of_name(&path)
                && let Err(StoreError::Corrupted { .. }) = self.tree(&digest)
            {
                verified.damaged += 1;
            }
        }
        let records = self.gc_roots()?.iter().filter(|found| found.names.is_some()).count();
        verified.entries += records as u64;
        for (path, found) in entries(&self.path().join("roots"))? {
            let Some(digest) = digest_of_name(&path).filter(|_| found.is_dir()) else { continue };
            next(goes_on)?;
            verified.entries += 1;
            verified.damaged += u64::from(!self.verify_root(&digest, &mut |_| goes_on())?);
        }
        Ok(verified)
    }
}

fn next(goes_on: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
    match goes_on() {
        true => Ok(()),
        false => Err(StoreError::Cancelled),
    }
}

fn digest_of_name(path: &Path) -> Option<Digest> {
    Digest::from_hex(path.file_stem()?.to_str()?).ok()
}
