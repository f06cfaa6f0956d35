//! Encodes a tree as a layer in one pass: tar, digest of the tar, blocks, compressor, digest of the
//! stored bytes, destination. Memory is bounded by the number of blocks in flight.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use super::blocks::{BlockWriter, with_blocks};
use super::error::LayerError;
use super::options::LayerOptions;
use super::whiteout;
use crate::tarball::{self, Member, MemberKind};
use crate::{ContentSource, DiffId, Digest, Entry, Hasher, Node, RelPath, Tree};

/// What [`encode_layer`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodedLayer {
    /// Digest of the stored bytes.
    pub digest: Digest,
    /// Length of the stored bytes.
    pub size: u64,
    /// Digest of the uncompressed archive.
    pub diff_id: DiffId,
    /// Length of the uncompressed archive in bytes.
    pub tar_size: u64,
    /// The media type of the stored bytes.
    pub media_type: &'static str,
}

/// Writes `tree` as a layer to `out`. Every content is checked against its entry while it is
/// read. After an error, `out` holds an incomplete layer, which the caller discards.
///
/// The attributes in the entry of a hard link are not written: all names of a file have the attributes of
/// the file, since they are one inode. A whiteout is written with mode 0 and owner 0.
pub fn encode_layer(
    tree: &Tree,
    contents: &dyn ContentSource,
    options: &LayerOptions,
    out: &mut dyn Write,
) -> Result<EncodedLayer, LayerError> {
    let mut stored = HashingWriter { out, hasher: Hasher::new() };
    let (diff_id, tar_size) = with_blocks(options, &mut stored, |blocks| {
        let mut archive = LayerWriter { blocks, hasher: Hasher::new(), epoch: options.epoch };
        archive.tree(tree, contents)?;
        archive.write(&tarball::END)?;
        let tar_size = archive.hasher.length();
        Ok((DiffId(archive.hasher.finish()), tar_size))
    })?;
    stored.out.flush().map_err(LayerError::Write)?;
    Ok(EncodedLayer {
        size: stored.hasher.length(),
        digest: stored.hasher.finish(),
        diff_id,
        tar_size,
        media_type: options.compression.media_type(),
    })
}

/// A writer that hashes the bytes it passes on.
struct HashingWriter<'a> {
    out: &'a mut dyn Write,
    hasher: Hasher,
}

impl Write for HashingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.out.write(bytes)?;
        self.hasher.update(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Writes the tar archive of a tree into blocks, and hashes it.
struct LayerWriter<'a, 'b> {
    blocks: &'a mut BlockWriter<'b>,
    hasher: Hasher,
    epoch: u64,
}

impl LayerWriter<'_, '_> {
    fn tree(&mut self, tree: &Tree, contents: &dyn ContentSource) -> Result<(), LayerError> {
        let first_names = first_names(tree)?;
        let mut whiteouts: BTreeMap<Option<RelPath>, Vec<&RelPath>> = BTreeMap::new();
        for (path, entry) in tree.iter() {
            if path.name().starts_with(whiteout::PREFIX) {
                return Err(LayerError::WhiteoutName { path: path.to_string() });
            }
            if entry.node == Node::Whiteout {
                whiteouts.entry(path.parent()).or_default().push(path);
            }
        }
        self.whiteouts(whiteouts.get(&None))?;
        for (path, entry) in tree.iter() {
            match &entry.node {
                Node::Whiteout => {}
                Node::Dir => {
                    self.member(path, path.as_str(), MemberKind::Dir, entry)?;
                    self.whiteouts(whiteouts.get(&Some(path.clone())))?;
                }
                Node::Symlink { target } => {
                    self.member(path, path.as_str(), MemberKind::Symlink(target), entry)?;
                }
                Node::File { .. } | Node::Hardlink { .. } => {
                    self.file(path, entry, tree, &first_names, contents)?;
                }
            }
        }
        Ok(())
    }

    fn whiteouts(&mut self, paths: Option<&Vec<&RelPath>>) -> Result<(), LayerError> {
        let attributes = Entry::whiteout();
        for path in paths.into_iter().flatten() {
            let name = match path.parent() {
                Some(parent) => format!("{parent}/{}{}", whiteout::PREFIX, path.name()),
                None => format!("{}{}", whiteout::PREFIX, path.name()),
            };
            self.member(path, &name, MemberKind::File { size: 0 }, &attributes)?;
        }
        Ok(())
    }

    /// Writes one name of a file. The first name in order holds the content and the others are links to
    /// it, even if the tree has another name as the file.
    fn file(
        &mut self,
        path: &RelPath,
        entry: &Entry,
        tree: &Tree,
        first_names: &BTreeMap<&RelPath, &RelPath>,
        contents: &dyn ContentSource,
    ) -> Result<(), LayerError> {
        let (named, file) = match &entry.node {
            Node::Hardlink { target } => (target, tree.get(target.as_str())),
            _ => (path, Some(entry)),
        };
        let Some((file, Node::File { digest, size })) = file.map(|file| (file, &file.node)) else {
            return Err(no_target(path, named));
        };
        match first_names.get(named) {
            Some(first) if *first != path => {
                self.member(path, path.as_str(), MemberKind::Hardlink(first.as_str()), file)
            }
            _ => {
                self.member(path, path.as_str(), MemberKind::File { size: *size }, file)?;
                self.content(path, digest, *size, contents)
            }
        }
    }

    fn member(
        &mut self,
        path: &RelPath,
        name: &str,
        kind: MemberKind<'_>,
        entry: &Entry,
    ) -> Result<(), LayerError> {
        let header = tarball::header(&Member {
            path: name,
            kind,
            mode: entry.mode,
            uid: entry.uid,
            gid: entry.gid,
            mtime: self.epoch,
            xattrs: &entry.xattrs,
        })
        .map_err(|source| LayerError::Member { path: path.clone(), source })?;
        self.write(&header)
    }

    fn content(
        &mut self,
        path: &RelPath,
        digest: &Digest,
        size: u64,
        contents: &dyn ContentSource,
    ) -> Result<(), LayerError> {
        let unreadable =
            |source| LayerError::ContentUnreadable { path: path.clone(), digest: *digest, source };
        let corrupted = || LayerError::ContentCorrupted { path: path.clone(), digest: *digest };
        let mut content = contents.open(digest).map_err(unreadable)?;
        let mut hasher = Hasher::new();
        loop {
            let space = self.blocks.space()?;
            let length = match content.read(space) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(unreadable(error)),
            };
            let bytes = &space[..length];
            hasher.update(bytes);
            self.hasher.update(bytes);
            if hasher.length() > size {
                return Err(corrupted());
            }
            self.blocks.filled(length);
        }
        if hasher.length() != size || hasher.finish() != *digest {
            return Err(corrupted());
        }
        self.write(&tarball::END[..tarball::padding(size)])
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), LayerError> {
        self.hasher.update(bytes);
        while !bytes.is_empty() {
            let space = self.blocks.space()?;
            let length = space.len().min(bytes.len());
            space[..length].copy_from_slice(&bytes[..length]);
            self.blocks.filled(length);
            bytes = &bytes[length..];
        }
        Ok(())
    }
}

/// For every file with several names, the first of these in the order of paths.
fn first_names(tree: &Tree) -> Result<BTreeMap<&RelPath, &RelPath>, LayerError> {
    let mut first_names: BTreeMap<&RelPath, &RelPath> = BTreeMap::new();
    for (path, entry) in tree.iter() {
        let Node::Hardlink { target } = &entry.node else { continue };
        let file = tree.get(target.as_str());
        if !file.is_some_and(|file| matches!(file.node, Node::File { .. })) {
            return Err(no_target(path, target));
        }
        first_names.entry(target).or_insert(path.min(target));
    }
    Ok(first_names)
}

fn no_target(path: &RelPath, target: &RelPath) -> LayerError {
    LayerError::HardlinkTarget { path: path.clone(), target: target.to_string() }
}
