//! [`deliver`]: an image goes to a place people name. What was there before stays whole until
//! the new image is.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use packwright_oci::archive::{PlainLayer, write_docker_archive, write_oci_archive};
use packwright_oci::layout::{index_path, layout_parts, version_path};
use packwright_oci::{Image, LayerDescriptor, Part, uncompressed};
use packwright_store::{Blobs, StoreError};

use crate::{BuildContext, BuildError, Destination};

/// Writes `image`, whose layers are in the context's store, to `destination`. `epoch` is the
/// time of an archive's members, in seconds since 1970.
///
/// A layout keeps its other images; blobs it has already are left alone. Archives and indexes
/// are written beside their place and renamed into it.
pub fn deliver(
    context: &BuildContext<'_>,
    image: &Image,
    epoch: u64,
    destination: &Destination,
) -> Result<(), BuildError> {
    match destination {
        Destination::Layout { dir, tag } => layout(context, image, dir, tag),
        Destination::OciArchive { file, tag } => whole_file(file, |out| {
            Ok(write_oci_archive(image, Some(tag), &Blobs(context.store), epoch, out)?)
        }),
        Destination::DockerArchive { file, name } => whole_file(file, |out| {
            let names: Vec<String> = name.iter().cloned().collect();
            let mut open = |layer: &LayerDescriptor| plain(context, layer);
            Ok(write_docker_archive(image, &names, &mut open, epoch, out)?)
        }),
    }
}

fn layout(context: &BuildContext<'_>, image: &Image, dir: &Path, tag: &str) -> Result<(), BuildError> {
    fs::create_dir_all(dir).map_err(|source| disk(dir, source))?;
    // Two builds into one layout must not lose each other's entry in its index.
    let only_one = fs::File::open(dir).map_err(|source| disk(dir, source))?;
    only_one.lock().map_err(|source| disk(dir, source))?;
    let index = dir.join(index_path());
    let existing = match fs::read(&index) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(BuildError::Disk { path: index, source }),
    };
    if existing.is_none() && is_other(dir)? {
        return Err(BuildError::NotALayout { path: dir.to_owned() });
    }
    let mut parts = layout_parts(image, Some(tag), existing.as_deref())?;
    // The mark of a layout comes first, so that one whose writing was interrupted is taken up
    // again; the index stays last.
    parts.sort_by_key(|(path, _)| *path != version_path());
    for (path, part) in parts {
        context.check_stop()?;
        let path = dir.join(path.as_str());
        match part {
            Part::Bytes(bytes) => {
                if !fs::read(&path).is_ok_and(|found| found == bytes) {
                    whole_file(&path, |out| out.write_all(&bytes).map_err(|source| disk(&path, source)))?;
                }
            }
            Part::Blob { digest, size } => {
                if fs::metadata(&path).is_ok_and(|found| found.len() == size) {
                    continue;
                }
                let mut blob = context.store.open_blob(&digest)?;
                whole_file(&path, |out| {
                    io::copy(&mut blob, out).map(drop).map_err(|error| from_store(&path, error))
                })?;
            }
        }
    }
    Ok(())
}

/// Whether `dir` is there and holds something that is no layout.
fn is_other(dir: &Path) -> Result<bool, BuildError> {
    match fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_some() && !dir.join("oci-layout").exists()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(disk(dir, source)),
    }
}

/// The uncompressed archive of a layer, with its length, which a tar header needs beforehand.
fn plain<'a>(context: &'a BuildContext<'_>, layer: &LayerDescriptor) -> io::Result<PlainLayer<'a>> {
    let open = || -> io::Result<_> {
        uncompressed(context.store.open_blob(&layer.digest).map_err(io::Error::other)?)
    };
    let size = io::copy(&mut open()?, &mut io::sink())?;
    Ok(PlainLayer { size, read: open()? })
}

/// Writes a file beside `path` and renames it into place when it is whole and on disk.
fn whole_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    fs::create_dir_all(dir).map_err(|source| disk(dir, source))?;
    let draft = draft_beside(path);
    let written = (|| {
        let file = fs::File::create(&draft).map_err(|source| disk(&draft, source))?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        write(&mut out)?;
        let file = out.into_inner().map_err(|error| disk(&draft, error.into_error()))?;
        file.sync_all().map_err(|source| disk(&draft, source))?;
        fs::rename(&draft, path).map_err(|source| disk(path, source))
    })();
    if written.is_err() {
        // The draft is ours; the error that matters is the first one.
        let _ = fs::remove_file(&draft);
    }
    written
}

fn draft_beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    static DRAFTS: AtomicU64 = AtomicU64::new(0);
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{name}.packwright-{}-{number}", std::process::id()))
}

/// What the store found wrong is the store's error, the rest that of the file written.
fn from_store(path: &Path, error: io::Error) -> BuildError {
    match error.downcast::<StoreError>() {
        Ok(error) => BuildError::Store(error),
        Err(error) => disk(path, error),
    }
}

fn disk(path: &Path, source: io::Error) -> BuildError {
    BuildError::Disk { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use packwright_oci::{DiffId, Digest, ImageConfig};
    use packwright_remote::{Client, ClientOptions};
    use packwright_store::Store;

    use super::*;
    use crate::Stop;

    #[test]
    fn a_layout_whose_writing_was_interrupted_is_taken_up_again() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("store")).unwrap();
        let client = Client::new(ClientOptions::default()).unwrap();
        let stop = Stop::new().unwrap();
        let context = BuildContext::new(&store, &client, &stop, SystemTime::UNIX_EPOCH, &|_| {});
        let bytes = b"a layer that is not in the store yet";
        let layer = LayerDescriptor {
            media_type: "application/vnd.oci.image.layer.v1.tar".to_owned(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
            diff_id: DiffId(Digest::of(bytes)),
            annotations: Default::default(),
        };
        let config = ImageConfig { architecture: "amd64".into(), os: "linux".into(), ..Default::default() };
        let image = Image::assemble(&config, vec![layer], Default::default()).unwrap();
        let destination = Destination::Layout { dir: dir.path().join("out"), tag: "latest".to_owned() };

        assert!(deliver(&context, &image, 0, &destination).is_err());
        store.add_blob(&mut bytes.as_slice(), None).unwrap();
        deliver(&context, &image, 0, &destination).unwrap();
        assert!(dir.path().join("out/index.json").is_file());

        let other = Destination::Layout { dir: dir.path().to_owned(), tag: "latest".to_owned() };
        assert!(matches!(deliver(&context, &image, 0, &other), Err(BuildError::NotALayout { .. })));
    }
}
