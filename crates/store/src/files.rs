//! The file contents of a store, by digest. Trees name them, roots are hard links to them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use packwright_oci::{ContentSink, ContentSource, Digest, Hasher};
use rustix::fs::AtFlags;

use crate::error::StoreError;
use crate::format::{EXECUTABLE, PLAIN};
use crate::layout;
use crate::store::{self, Store};
use crate::verified_reader::VerifiedReader;

/// Contents below this size are hashed in memory first, so that a content that is already stored is not
/// written again. In bytes.
const SMALL: usize = 256 * 1024;

/// Size of the read buffer, enough for most source files. In bytes.
const USUAL: usize = 32 * 1024;

impl Store {
    /// Stores what `content` reads to its end; gives its digest and length in bytes. Contents
    /// that are stored already, see [`Store::has_file`], are not written again. Nothing is flushed to the disk;
    /// [`Store::commit`] does that.
    ///
    /// Errors: an error of `content` is returned unchanged; an error of the store carries a [`StoreError`].
    pub fn add_file(&self, content: &mut dyn Read) -> io::Result<(Digest, u64)> {
        let mut head = Vec::with_capacity(USUAL);
        content.take(SMALL as u64).read_to_end(&mut head)?;
        if head.len() < SMALL {
            let (digest, size) = (Digest::of(&head), head.len() as u64);
            if !self.has_file(&digest, size) {
                self.store_small(&digest, &head)?;
            }
            return Ok((digest, size));
        }
        let draft = self.draft_path();
        let result = self.stream(&draft, head, content);
        if result.is_err() {
            let _ = fs::remove_file(&draft);
        }
        result
    }

    fn store_small(&self, digest: &Digest, content: &[u8]) -> Result<(), StoreError> {
        let draft = self.draft_path();
        let write = || {
            let mut file = create(&draft)?;
            file.write_all(content)?;
            seal(&file, PLAIN)?;
            fs::rename(&draft, self.file_path(digest, false))
        };
        write().map_err(StoreError::io("write", &draft))
    }

    /// Stores `head` and what `rest` reads, without holding all of it in memory.
    fn stream(&self, draft: &Path, head: Vec<u8>, rest: &mut dyn Read) -> io::Result<(Digest, u64)> {
        let unwritable = |error| io::Error::from(StoreError::io("write", draft)(error));
        let mut file = create(draft).map_err(unwritable)?;
        let mut hasher = Hasher::new();
        let mut buffer = head;
        while !buffer.is_empty() {
            hasher.update(&buffer);
            file.write_all(&buffer).map_err(unwritable)?;
            buffer.clear();
            rest.take(SMALL as u64).read_to_end(&mut buffer)?;
        }
        let size = hasher.length();
        let digest = hasher.finish();
        if self.has_file(&digest, size) {
            fs::remove_file(draft).map_err(unwritable)?;
        } else {
            seal(&file, PLAIN).map_err(unwritable)?;
            fs::rename(draft, self.file_path(&digest, false)).map_err(unwritable)?;
        }
        Ok((digest, size))
    }

    /// Whether the content `digest` is stored with `size` bytes and was not written into since. Looks at the length,
    /// the mode and the modification time, which a write changes; reading checks the rest.
    pub fn has_file(&self, digest: &Digest, size: u64) -> bool {
        self.has_copy(digest, size, false)
    }

    /// The same for one of the two copies of a content.
    fn has_copy(&self, digest: &Digest, size: u64, executable: bool) -> bool {
        let name = layout::file_name(digest, executable);
        let found = rustix::fs::statat(&self.files, name.as_str(), AtFlags::SYMLINK_NOFOLLOW);
        found.is_ok_and(|found| found.st_size as u64 == size && store::is_sealed(&found, executable))
    }

    /// Opens the content `digest` and checks it while it is read.
    pub fn open_file(&self, digest: &Digest) -> Result<VerifiedReader<'_>, StoreError> {
        let path = self.file_path(digest, false);
        match File::open(&path) {
            Ok(file) => Ok(VerifiedReader::new(self, file, path, *digest)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(StoreError::Missing { part: "files", digest: *digest })
            }
            Err(error) => Err(StoreError::io("open", &path)(error)),
        }
    }

    /// Opens the content `digest` to read parts of it. Nothing checks what is read: for questions whose answers enter no
    /// image.
    pub fn open_file_unverified(&self, digest: &Digest) -> Result<File, StoreError> {
        let path = self.file_path(digest, false);
        File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::Missing { part: "files", digest: *digest },
            _ => StoreError::io("open", &path)(error),
        })
    }

    /// Makes the executable copy of `digest` unless it exists. All hard links of a file share one mode, so a
    /// content that is used with both modes needs two files.
    pub(crate) fn ensure_twin(&self, digest: &Digest, size: u64) -> io::Result<()> {
        let path = self.file_path(digest, true);
        if self.has_copy(digest, size, true) {
            return Ok(());
        }
        let mut source = self.open_file(digest)?;
        let draft = self.draft_path();
        let mut file = create(&draft)?;
        io::copy(&mut source, &mut file)?;
        seal(&file, EXECUTABLE)?;
        fs::rename(&draft, &path)
    }
}

impl ContentSource for Store {
    fn open(&self, digest: &Digest) -> io::Result<Box<dyn Read + '_>> {
        match self.open_file(digest) {
            Ok(reader) => Ok(Box::new(reader)),
            Err(error) => Err(error.into()),
        }
    }
}

/// The kind tells a missing content from a damaged one.
impl From<StoreError> for io::Error {
    fn from(error: StoreError) -> io::Error {
        let kind = match &error {
            StoreError::Missing { .. } => io::ErrorKind::NotFound,
            StoreError::Corrupted { .. } => io::ErrorKind::InvalidData,
            StoreError::Io { source, .. } => source.kind(),
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn seal(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    Ok(rustix::fs::futimens(file, &store::fixed_times())?)
}

/// Implemented for the reference, so that several threads can store contents at once.
impl ContentSink for &Store {
    fn store(&mut self, content: &mut dyn Read) -> io::Result<(Digest, u64)> {
        self.add_file(content)
    }
}
