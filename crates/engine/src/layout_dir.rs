//! [`LayoutDir`]: an OCI image layout in a directory, as a source and as a sink.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use packwright_oci::layout::{MAX_DOCUMENT_SIZE, blob_path, index_path, layout_files, version_path};
use packwright_oci::{
    ContentSource, Descriptor, Digest, Hasher, Image, ImageSink, ImageSource, Layout, LayoutFile,
    TransferError,
};
use packwright_store::{LockKind, LockWait, Store, StoreError, lock_file};

use crate::error::BuildError;
use crate::regular_file::{FinalLink, open_regular, read_regular};
use crate::whole_file::{disk, whole_file};

/// An OCI image layout in a directory. What was there before stays whole until a new image is, and
/// other images stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutDir {
    /// The directory; made when it is not there.
    pub dir: PathBuf,
    /// The name of the image that is put or read.
    pub tag: String,
}

impl ImageSource for LayoutDir {
    fn descriptor(&self) -> Result<Descriptor, TransferError> {
        let layout = Layout::read(&mut |path| {
            read_regular(&self.dir.join(path.as_str()), FinalLink::Refused, MAX_DOCUMENT_SIZE)
        })?;
        Ok(layout.find(Some(&self.tag))?.clone())
    }

    fn open(&self, descriptor: &Descriptor) -> io::Result<Box<dyn Read + '_>> {
        let path = self.dir.join(blob_path(&descriptor.digest).as_str());
        Ok(Box::new(open_regular(&path, FinalLink::Refused)?))
    }
}

impl ImageSink for LayoutDir {
    fn put(&mut self, image: &Image, layers: &dyn ContentSource) -> Result<(), TransferError> {
        self.write(image, layers, None, &mut |_| true).map_err(BuildError::in_transfer)
    }
}

impl LayoutDir {
    /// Writes `image`. A blob that is there already stays when it has the right digest. It is read for that, unless
    /// `store` knows that nothing changed it since it was read the last time. `waiting` is called while another
    /// build writes into the same layout, see [`packwright_store::lock_file`].
    pub(crate) fn write(
        &self,
        image: &Image,
        layers: &dyn ContentSource,
        store: Option<&Store>,
        waiting: &mut dyn FnMut(&LockWait<'_>) -> bool,
    ) -> Result<(), BuildError> {
        let dir = self.dir.as_path();
        fs::create_dir_all(dir).map_err(|source| disk(dir, source))?;
        // Two builds into one layout must not lose each other's entry in its index.
        let only_one = fs::File::open(dir).map_err(|source| disk(dir, source))?;
        lock_file(&only_one, dir, LockKind::Exclusive, waiting)?;
        let index = dir.join(index_path().as_str());
        let existing = match read_regular(&index, FinalLink::Refused, MAX_DOCUMENT_SIZE) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(BuildError::Disk { path: index, source }),
        };
        if existing.is_none() && is_other(dir)? {
            return Err(BuildError::NotALayout { path: dir.to_owned() });
        }
        let mut parts = layout_files(image, Some(&self.tag), existing.as_deref())?;
        // The mark of a layout comes first, so that one whose writing was interrupted is taken up
        // again; the index stays last.
        parts.sort_by_key(|(path, _)| *path != version_path());
        let mut known = store.map(|store| store.known_files(dir)).transpose()?;
        for (inner, part) in parts {
            let path = dir.join(inner.as_str());
            if inner == index_path() {
                // The index names blobs; their names must be on the disk before its own is.
                sync_dir(&dir.join("blobs/sha256"))?;
            }
            match part {
                LayoutFile::Bytes(bytes) => {
                    let found = read_regular(&path, FinalLink::Refused, bytes.len() as u64);
                    if !found.is_ok_and(|found| found == bytes) {
                        whole_file(&path, |out| out.write_all(&bytes).map_err(|source| disk(&path, source)))?;
                    }
                }
                LayoutFile::Blob { digest, size } => {
                    let has_length = fs::symlink_metadata(&path).is_ok_and(|found| found.len() == size);
                    if has_length {
                        let found = match &mut known {
                            Some(known) => known.digest(&inner),
                            None => digest_of(&path),
                        };
                        // One that cannot be read is replaced as well.
                        if found.is_ok_and(|found| found == Some(digest)) {
                            continue;
                        }
                    }
                    let mut blob = layers.open(&digest).map_err(|error| from_store(&path, error))?;
                    whole_file(&path, |out| {
                        io::copy(&mut blob, out).map(drop).map_err(|error| from_store(&path, error))
                    })?;
                }
            }
        }
        sync_dir(dir)?;
        match known {
            Some(known) => Ok(known.save()?),
            None => Ok(()),
        }
    }
}

/// The digest of the regular file at `path`; `None` when something else is there.
fn digest_of(path: &Path) -> io::Result<Option<Digest>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut hasher = HashingWriter(Hasher::new());
    io::copy(&mut fs::File::open(path)?, &mut hasher)?;
    Ok(Some(hasher.0.finish()))
}

/// Hashes what is written to it.
struct HashingWriter(Hasher);

impl Write for HashingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until the names in `dir` are on the disk.
fn sync_dir(dir: &Path) -> Result<(), BuildError> {
    fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(|source| disk(dir, source))
}

/// Whether `dir` is there and holds something that is no layout.
fn is_other(dir: &Path) -> Result<bool, BuildError> {
    match fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_some() && !dir.join("oci-layout").exists()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(disk(dir, source)),
    }
}

/// What the store found wrong is the store's error, the rest that of the file written.
fn from_store(path: &Path, error: io::Error) -> BuildError {
    match error.downcast::<StoreError>() {
        Ok(error) => BuildError::Store(error),
        Err(error) => disk(path, error),
    }
}

#[cfg(test)]
mod tests {
    use packwright_oci::conformance::{image, image_sink, image_source};
    use packwright_oci::{Platform, pull};

    use super::*;

    #[test]
    fn a_directory_keeps_the_promises_of_a_layout() {
        let dir = tempfile::tempdir().unwrap();
        let mut layout = LayoutDir { dir: dir.path().join("layout"), tag: "app".to_owned() };
        let platform = Platform { os: "linux".to_owned(), architecture: "amd64".to_owned(), variant: None };
        image_sink(&mut layout, &|layout| pull(layout, &platform).ok().map(|image| image.digest)).unwrap();
        let (image, layers) = image(&[3; 100]).unwrap();
        layout.put(&image, &layers).unwrap();
        image_source(&layout, &image, &layers).unwrap();
    }
}
