//! [`RootProof`]: what was found when a root was compared with its tree, file by file and byte by byte, so that the
//! next step compares stamps alone. It is kept in the root's marker. This file makes and removes nothing.
//!
//! A proof has one digest per directory, over the stamps of the directory and of all that lies in it. Links that
//! other roots get to the same contents change stamps; then the directories concerned are read again, and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::os::fd::AsFd;

use packwright_oci::{Digest, Entry, Hasher, Node, Tree};
use rustix::fs::{AtFlags, FileType, Stat};

use crate::confined_dir::{self, ConfinedDir};
use crate::listing::{Listing, first_name};
use crate::stat_cache::Stamp;
use crate::store;

/// The directories of a root in the order of its tree's listings, each with the digest of its stamps.
pub(crate) type RootProof = Vec<String>;

/// How many boots a marker remembers: machines that share a store have a boot each.
const BOOTS: usize = 4;

/// Threads that read files.
const THREADS: usize = 2;

/// Hexadecimal digits of a digest that a proof keeps.
const DIGITS: usize = 32;

/// In what a root differs from its tree.
#[derive(Debug, Default)]
pub(crate) struct RootDamage {
    /// The contents that some file of the root should have and has not.
    pub(crate) contents: BTreeSet<Digest>,
}

/// The proof of `boot` in the text of a marker.
pub(crate) fn of_boot(marker: &[u8], boot: &str) -> Option<RootProof> {
    read(marker).remove(boot)
}

/// The text of a marker that has the `proof` of `boot` besides what `marker` had.
pub(crate) fn noted(marker: &[u8], boot: &str, proof: RootProof) -> io::Result<Vec<u8>> {
    let mut boots = read(marker);
    boots.insert(boot.to_owned(), proof);
    while boots.len() > BOOTS {
        // Which one does not matter: it costs its machine one reading.
        let Some(other) = boots.keys().find(|other| *other != boot).cloned() else { break };
        boots.remove(&other);
    }
    Ok(serde_json::to_vec(&boots)?)
}

/// A marker of an earlier version has one boot and no proof.
fn read(marker: &[u8]) -> BTreeMap<String, RootProof> {
    serde_json::from_slice(marker).unwrap_or_default()
}

/// Whether nothing in the root `top` changed since `known`.
pub(crate) fn holds(top: &ConfinedDir, listings: &[Listing<'_>], known: &RootProof) -> bool {
    known.len() == listings.len()
        && listings.iter().zip(known).all(|(listing, known)| stamps(top, listing).as_ref() == Some(known))
}

/// Compares the root `top` with `tree`. Directories with the stamps of `known` are taken to be as they were.
pub(crate) fn prove(
    top: &ConfinedDir,
    tree: &Tree,
    listings: &[Listing<'_>],
    known: Option<&RootProof>,
) -> Result<RootProof, RootDamage> {
    let known =
        |number: usize| known.filter(|known| known.len() == listings.len()).map(|known| &known[number]);
    let numbered: Vec<(usize, &Listing<'_>)> = listings.iter().enumerate().collect();
    let share = numbered.len().div_ceil(THREADS).max(1);
    let parts: Vec<Vec<Result<String, RootDamage>>> = std::thread::scope(|scope| {
        let prove_part = |part: &[(usize, &Listing<'_>)]| -> Vec<Result<String, RootDamage>> {
            part.iter().map(|(number, listing)| prove_dir(top, tree, listing, known(*number))).collect()
        };
        let workers: Vec<_> =
            numbered.chunks(share).map(|part| scope.spawn(move || prove_part(part))).collect();
        let joined = workers.into_iter().map(|worker| match worker.join() {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect()
    });
    let mut proof = RootProof::new();
    let mut damage: Option<RootDamage> = None;
    for result in parts.into_iter().flatten() {
        match result {
            Ok(stamps) => proof.push(stamps),
            Err(found) => damage.get_or_insert_default().contents.extend(found.contents),
        }
    }
    match damage {
        None => Ok(proof),
        Some(damage) => Err(damage),
    }
}

fn prove_dir(
    top: &ConfinedDir,
    tree: &Tree,
    listing: &Listing<'_>,
    known: Option<&String>,
) -> Result<String, RootDamage> {
    // Before the files are read, so that a later change is one of the stamps.
    let stamps = stamps(top, listing).ok_or_else(RootDamage::default)?;
    if known == Some(&stamps) {
        return Ok(stamps);
    }
    let (path, members) = listing;
    let dir = top.dir(path).map_err(|_| RootDamage::default())?;
    let found = confined_dir::list(dir.as_fd()).map_err(|_| RootDamage::default())?;
    let own = rustix::fs::fstat(&dir).map_err(|_| RootDamage::default())?;
    let mut damage = RootDamage::default();
    let mut whole = found.len() == members.len() && store::has_fixed_time(&own) && permissions(&own) == 0o755;
    for (name, entry) in members {
        // Sorted by the bytes of their names.
        let at = found.binary_search_by(|found| found.name.as_slice().cmp(name.as_bytes()));
        let stat = at.ok().map(|at| &found[at].stat);
        let is_right = stat.is_some_and(|stat| is_entry(top, path, name, stat, tree, entry));
        if let (false, Node::File { digest, .. }) = (is_right, first_name(tree, entry)) {
            damage.contents.insert(*digest);
        }
        whole &= is_right;
    }
    if whole { Ok(stamps) } else { Err(damage) }
}

/// Whether `name` in the directory `path` of a root, which has the metadata `stat`, is what `entry` says.
fn is_entry(top: &ConfinedDir, path: &str, name: &str, stat: &Stat, tree: &Tree, entry: &Entry) -> bool {
    let at = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    let kind = FileType::from_raw_mode(stat.st_mode);
    match first_name(tree, entry) {
        Node::Dir => kind == FileType::Directory,
        Node::File { digest, size } => {
            kind == FileType::RegularFile
                && stat.st_size as u64 == *size
                && store::is_sealed(stat, entry.mode & 0o100 != 0)
                && has_digest(top, &at, digest)
        }
        Node::Symlink { target } => {
            let dir = top.dir(path);
            let text = dir.and_then(|dir| confined_dir::read_link(dir.as_fd(), name.as_bytes()));
            kind == FileType::Symlink && text.is_ok_and(|text| text == target.as_bytes())
        }
        Node::Hardlink { .. } | Node::Whiteout => false,
    }
}

fn has_digest(top: &ConfinedDir, path: &str, digest: &Digest) -> bool {
    top.file(path).and_then(|mut file| digest_of(&mut file)).is_ok_and(|found| found == *digest)
}

/// The digest of what `read` reads to its end.
pub(crate) fn digest_of(read: &mut dyn Read) -> io::Result<Digest> {
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 128 << 10];
    loop {
        match read.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(length) => hasher.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn permissions(stat: &Stat) -> u32 {
    stat.st_mode & 0o7777
}

/// The digest of the stamps of a directory and of what its tree has in it; `None` when something is not there.
/// An entry too many changes the times of its directory.
fn stamps(top: &ConfinedDir, (path, members): &Listing<'_>) -> Option<String> {
    let dir = top.dir(path).ok()?;
    let mut hasher = Hasher::new();
    let own = rustix::fs::fstat(&dir).ok()?;
    hasher.update(&own.st_mode.to_le_bytes());
    Stamp::of(&own).hash(&mut hasher);
    for (name, _) in members {
        let stat = rustix::fs::statat(&dir, *name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        hasher.update(&stat.st_mode.to_le_bytes());
        // A directory below has a digest of its own.
        if FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
            Stamp::of(&stat).hash(&mut hasher);
        }
    }
    let mut text = hasher.finish().hex();
    text.truncate(DIGITS);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_that_share_a_store_keep_their_proofs() {
        let first = noted(b"a boot id, as earlier versions wrote it", "one", vec!["1".to_owned()]).unwrap();
        let both = noted(&first, "two", vec!["2".to_owned()]).unwrap();
        assert_eq!(of_boot(&both, "one"), Some(vec!["1".to_owned()]));
        assert_eq!(of_boot(&both, "two"), Some(vec!["2".to_owned()]));
        assert_eq!(of_boot(&both, "three"), None);
        let many = (0..10).fold(both, |text, boot| noted(&text, &boot.to_string(), Vec::new()).unwrap());
        assert_eq!(read(&many).len(), BOOTS);
        assert_eq!(of_boot(&many, "9"), Some(Vec::new()), "the newest is never the one that goes");
    }
}
