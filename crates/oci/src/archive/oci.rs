//! `oci-archive`: an image layout as one tar archive.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};

use super::error::ArchiveError;
use super::writer::ArchiveWriter;
use crate::layout::{Layout, LayoutFile, index_path, layout_files, version_path};
use crate::ports::{ImageSink, TransferError};
use crate::tarball::{ArchiveLimits, MemberType, TarError, TarReader};
use crate::{ContentSink, ContentSource, Digest, Image, RelPath, uncompressed};

/// The largest `index.json` that is read, in bytes.
const MAX_FILE_SIZE: u64 = 8 << 20;

/// `oci-archive` as a sink: each image put into it is an archive of its own in `out`.
pub struct OciArchive<'a> {
    /// The destination of the archive.
    pub out: &'a mut dyn Write,
    /// The image's name in the layout.
    pub name: Option<String>,
    /// The time of all members, in seconds since 1970.
    pub epoch: u64,
}

impl ImageSink for OciArchive<'_> {
    fn put(&mut self, image: &Image, layers: &dyn ContentSource) -> Result<(), TransferError> {
        Ok(write_oci_archive(image, self.name.as_deref(), layers, self.epoch, self.out)?)
    }
}

/// Writes a layout of one image to `out`, its members all of the time `epoch`. `blobs` opens
/// the layers; they are checked while they are copied.
pub fn write_oci_archive(
    image: &Image,
    name: Option<&str>,
    blobs: &dyn ContentSource,
    epoch: u64,
    out: &mut dyn Write,
) -> Result<(), ArchiveError> {
    let mut archive = ArchiveWriter { out, epoch };
    archive.dir("blobs")?;
    archive.dir("blobs/sha256")?;
    for (path, part) in layout_files(image, name, None)? {
        match part {
            LayoutFile::Bytes(bytes) => archive.bytes(path.as_str(), &bytes)?,
            LayoutFile::Blob { digest, size } => {
                let mut blob = blobs.open(&digest).map_err(|source| ArchiveError::Blob { digest, source })?;
                archive.copy(path.as_str(), &digest, size, &mut blob)?;
            }
        }
    }
    archive.finish()
}

/// Reads a layout from an archive, plain or compressed, with its members in any order.
/// Every blob goes to `sink` and is checked against its name. Files that the specification does
/// not know are ignored.
pub fn read_oci_archive(
    read: impl Read,
    sink: &mut dyn ContentSink,
    limits: &ArchiveLimits,
) -> Result<Layout, ArchiveError> {
    let mut members = TarReader::new(uncompressed(read).map_err(TarError::from)?, *limits);
    let mut files: BTreeMap<RelPath, Vec<u8>> = BTreeMap::new();
    let mut seen: BTreeSet<RelPath> = BTreeSet::new();
    while let Some(member) = members.next()? {
        let Some(path) = member.path else { continue };
        let refused = |problem| ArchiveError::Member { path: path.clone(), problem };
        match member.kind {
            MemberType::Dir => continue,
            MemberType::File => {}
            _ => return Err(refused("is neither a file nor a directory")),
        }
        if !seen.insert(path.clone()) {
            return Err(refused("is there twice"));
        }
        if let Some(hex) = path.as_str().strip_prefix("blobs/sha256/") {
            let digest = Digest::from_hex(hex).map_err(|_| refused("is not named by a digest"))?;
            let (found, size) =
                sink.store(&mut members.content()).map_err(|source| match members.failed() {
                    true => ArchiveError::Tar(source.into()),
                    false => ArchiveError::Blob { digest, source },
                })?;
            if found != digest || size != member.size {
                return Err(ArchiveError::Corrupted { digest });
            }
        } else if path == version_path() || path == index_path() {
            if member.size > MAX_FILE_SIZE {
                return Err(refused("is larger than any sound one"));
            }
            let mut bytes = Vec::new();
            members.content().read_to_end(&mut bytes).map_err(TarError::from)?;
            files.insert(path, bytes);
        }
    }
    let file = |path: RelPath| files.get(&path).ok_or(ArchiveError::Missing(path));
    Ok(Layout::parse(file(version_path())?, file(index_path())?)?)
}
