//! Roots: trees as directories, in which steps run. Their files are hard links into `files`, so a root takes
//! little more space than its directories. A root is never written into; the sandbox puts an overlay above it.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use packwright_oci::{Digest, Entry, Node, Tree};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use crate::confined_dir::ConfinedDir;
use crate::error::StoreError;
use crate::listing::{Listing, first_name, listings};
use crate::lock::LockWait;
use crate::proof::{self, RootDamage, RootProof};
use crate::store::{self, Store};
use crate::{layout, lock};

/// The kernel's id of the current boot. A root from an earlier boot may lack bytes that never reached the disk
/// before a crash, whatever its stamps say.
const BOOT: &str = "/proc/sys/kernel/random/boot_id";

/// How often a link is tried to a content that other processes replace at the same time.
const TRIES: usize = 100;

/// Threads that make links. More do not help, since they wait for the same directory locks.
const THREADS: usize = 2;

impl Store {
    /// The root of the stored tree `digest`. The first call makes it, which takes about a second per
    /// 100,000 files. `waiting` is called while another process makes the same root, see [`Store::lock`].
    ///
    /// Directories have mode 0755, files 0555 when their owner may execute them, else 0444;
    /// owners and extended attributes are left out. Hard links of the tree are links.
    ///
    /// The root is what its tree says: in each boot all its files are read once and compared by digest, and
    /// after that whatever has other stamps than then. One that is not whole is removed, reported by
    /// [`Store::take_damage`] and made anew; results that were made from it or from a damaged content are removed.
    ///
    /// Errors: [`StoreError::Missing`] and [`StoreError::Corrupted`] for contents that are missing or damaged,
    /// [`StoreError::NotOnDisk`] for whiteouts.
    pub fn root(
        &self,
        digest: &Digest,
        waiting: &mut dyn FnMut(&LockWait<'_>) -> bool,
    ) -> Result<PathBuf, StoreError> {
        let root = self.path().join("roots").join(digest.hex());
        let marker = root.with_extension("made");
        let boot = fs::read_to_string(BOOT).unwrap_or_default().trim().to_owned();
        let tree = self.tree(digest)?;
        let listings = listings(&tree)?;
        let known = known_proof(&marker, &boot);
        if let Some(known) = &known
            && ConfinedDir::open(&root).is_ok_and(|top| proof::holds(&top, &listings, known))
        {
            return Ok(root);
        }
        let name = format!("locks/root-{}", digest.hex());
        let _alone = lock::acquire(&self.path().join(name), waiting)?;
        if fs::symlink_metadata(&root).is_ok() {
            // Read again: another process may have noted its proof meanwhile.
            let known = known_proof(&marker, &boot);
            match self.prove(&root, &tree, &listings, known.as_ref()) {
                Ok(proof) => {
                    self.note_proof(&marker, &boot, proof)?;
                    return Ok(root);
                }
                Err(damage) => self.drop_root(digest, &root, &marker, &damage)?,
            }
        }
        let scratch = self.scratch_with(waiting)?;
        let draft = scratch.path().join("root");
        self.lay_out(&tree, &listings, &draft)?;
        fs::rename(&draft, &root).map_err(StoreError::io("make", &root))?;
        match self.prove(&root, &tree, &listings, None) {
            Ok(proof) => self.note_proof(&marker, &boot, proof)?,
            Err(damage) => {
                self.drop_root(digest, &root, &marker, &damage)?;
                return Err(StoreError::Corrupted { path: root, digest: *digest });
            }
        }
        Ok(root)
    }

    /// Whether the root of `digest`, which is there, is what its tree says. Reads all of it; removes it when it is
    /// not, or when its tree is not stored any more.
    pub(crate) fn verify_root(
        &self,
        digest: &Digest,
        waiting: &mut dyn FnMut(&LockWait<'_>) -> bool,
    ) -> Result<bool, StoreError> {
        let root = self.path().join("roots").join(digest.hex());
        let marker = root.with_extension("made");
        let name = format!("locks/root-{}", digest.hex());
        let _alone = lock::acquire(&self.path().join(name), waiting)?;
        let tree = self.tree(digest).ok();
        let proven = tree.as_ref().ok_or_else(RootDamage::default).and_then(|tree| {
            let listings = listings(tree).map_err(|_| RootDamage::default())?;
            self.prove(&root, tree, &listings, None)
        });
        match proven {
            Ok(_) => Ok(true),
            Err(damage) => self.drop_root(digest, &root, &marker, &damage).map(|()| false),
        }
    }

    fn prove(
        &self,
        root: &Path,
        tree: &Tree,
        listings: &[Listing<'_>],
        known: Option<&RootProof>,
    ) -> Result<RootProof, RootDamage> {
        let top = ConfinedDir::open(root).map_err(|_| RootDamage::default())?;
        proof::prove(&top, tree, listings, known)
    }

    fn note_proof(&self, marker: &Path, boot: &str, proof: RootProof) -> Result<(), StoreError> {
        let text = proof::noted(&fs::read(marker).unwrap_or_default(), boot, proof);
        let draft = self.draft_path();
        text.and_then(|text| fs::write(&draft, text))
            .and_then(|()| fs::rename(&draft, marker))
            .map_err(StoreError::io("write", marker))
    }

    /// Removes a root that is not what its tree says, and everything that may be wrong because of that.
    fn drop_root(
        &self,
        digest: &Digest,
        root: &Path,
        marker: &Path,
        damage: &RootDamage,
    ) -> Result<(), StoreError> {
        match fs::remove_file(marker) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io("remove", marker)(error));
            }
            _ => {}
        }
        let removed = match fs::symlink_metadata(root) {
            Ok(found) if !found.is_dir() => fs::remove_file(root),
            _ => self.retire(root),
        };
        removed.map_err(StoreError::io("remove", root))?;
        self.report_damage(root, &format!("it was not the tree {digest} any more"));
        for content in &damage.contents {
            self.discard_if_damaged(content);
        }
        self.distrust(&damage.contents, Some(digest));
        Ok(())
    }

    /// Makes the directory `target` with all of `tree` in it.
    fn lay_out(&self, tree: &Tree, listings: &[Listing<'_>], target: &Path) -> Result<(), StoreError> {
        layout::make_dir(target)?;
        let top = ConfinedDir::open(target).map_err(StoreError::io("open", target))?;
        for (path, _) in listings.iter().filter(|(path, _)| !path.is_empty()) {
            rustix::fs::mkdirat(&top, *path, Mode::RWXU)
                .map_err(|error| StoreError::io("make", target.join(path))(error.into()))?;
        }
        let share = listings.len().div_ceil(THREADS).max(1);
        std::thread::scope(|scope| {
            let workers: Vec<_> =
                listings.chunks(share).map(|part| scope.spawn(|| self.fill_all(tree, &top, part))).collect();
            workers.into_iter().try_for_each(|worker| match worker.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })
    }

    fn fill_all(&self, tree: &Tree, top: &ConfinedDir, listings: &[Listing<'_>]) -> Result<(), StoreError> {
        for (path, members) in listings {
            let at = top.path().join(path);
            let dir = top.dir(path).map_err(StoreError::io("open", &at))?;
            for (name, entry) in members {
                self.fill(tree, &dir, name, entry, &at)?;
            }
            rustix::fs::fchmod(&dir, Mode::from_raw_mode(0o755))
                .and_then(|()| rustix::fs::futimens(&dir, &store::fixed_times()))
                .map_err(|error| StoreError::io("finish", &at)(error.into()))?;
        }
        Ok(())
    }

    fn fill(
        &self,
        tree: &Tree,
        dir: &OwnedFd,
        name: &str,
        entry: &Entry,
        at: &Path,
    ) -> Result<(), StoreError> {
        let io = |error: Errno| StoreError::io("make", at.join(name))(error.into());
        match first_name(tree, entry) {
            Node::File { digest, size } => self.link(digest, *size, entry.mode & 0o100 != 0, dir, name, at),
            Node::Symlink { target } => {
                rustix::fs::symlinkat(target.as_str(), dir, name).map_err(io)?;
                let flags = AtFlags::SYMLINK_NOFOLLOW;
                rustix::fs::utimensat(dir, name, &store::fixed_times(), flags).map_err(io)
            }
            // Directories were made before; the rest was refused before.
            Node::Dir | Node::Hardlink { .. } | Node::Whiteout => Ok(()),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one link has two ends with two parts each")]
    fn link(
        &self,
        digest: &Digest,
        size: u64,
        executable: bool,
        dir: &OwnedFd,
        name: &str,
        at: &Path,
    ) -> Result<(), StoreError> {
        let path = self.file_path(digest, executable);
        if executable {
            self.ensure_twin(digest, size).map_err(|error| from_io(error, &path))?;
        }
        let stored = layout::file_name(digest, executable);
        for _ in 0..TRIES {
            match rustix::fs::statat(&self.files, stored.as_str(), AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) if stat.st_size as u64 == size && store::is_sealed(&stat, executable) => {}
                Ok(_) => {
                    self.discard_content(
                        &path,
                        digest,
                        "its length, mode or time is not that of its content",
                    );
                    return Err(StoreError::Corrupted { path, digest: *digest });
                }
                Err(Errno::NOENT) => break,
                Err(error) => return Err(StoreError::io("look at", &path)(error.into())),
            }
            match rustix::fs::linkat(&self.files, stored.as_str(), dir, name, AtFlags::empty()) {
                Ok(()) => return Ok(()),
                // Another process stored the same content at this moment: the kernel links no file
                // that has just lost its last name to another one.
                Err(Errno::NOENT) => {}
                // Too many links (65,000 on ext4, and every empty file is the same one), or a file
                // system without links.
                Err(Errno::MLINK | Errno::PERM | Errno::XDEV | Errno::OPNOTSUPP) => {
                    return copy(&path, dir, name).map_err(StoreError::io("make", at.join(name)));
                }
                Err(error) => return Err(StoreError::io("make", at.join(name))(error.into())),
            }
        }
        Err(StoreError::Missing { part: "files", digest: *digest })
    }
}

/// The proof in `marker`; none where the kernel does not tell the boot.
fn known_proof(marker: &Path, boot: &str) -> Option<RootProof> {
    proof::of_boot(&fs::read(marker).ok()?, boot).filter(|_| !boot.is_empty())
}

fn copy(from: &Path, dir: &OwnedFd, name: &str) -> io::Result<()> {
    let mut source = fs::File::open(from)?;
    let mode = Mode::from_raw_mode(source.metadata()?.permissions().mode());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let mut target = fs::File::from(rustix::fs::openat(dir.as_fd(), name, flags, Mode::RUSR | Mode::WUSR)?);
    io::copy(&mut source, &mut target)?;
    rustix::fs::fchmod(&target, mode)?;
    Ok(rustix::fs::futimens(&target, &store::fixed_times())?)
}

/// The [`StoreError`] that the I/O error carries, or a new one.
fn from_io(error: io::Error, path: &Path) -> StoreError {
    match error.downcast::<StoreError>() {
        Ok(error) => error,
        Err(error) => StoreError::io("make", path)(error),
    }
}
