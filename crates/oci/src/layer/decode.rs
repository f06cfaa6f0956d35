//! Decodes a layer into a tree without unpacking it: file contents go to a sink, members become entries.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Cursor, Read};
use std::ops::Bound;

use super::error::LayerError;
use super::whiteout;
use crate::tarball::{ArchiveLimits, MemberType, ParsedMember, TarError, TarReader, below_root};
use crate::{ContentSink, DiffId, Digest, Entry, Hasher, Node, RelPath, Tree};

/// A layer that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedLayer {
    /// The members of the layer; whiteouts are entries.
    pub tree: Tree,
    /// Directories that hide what the layers below have in them. `None` is the root.
    pub opaque: BTreeSet<Option<RelPath>>,
    /// Directories of the tree that are not members of the layer. A layer may leave out parents;
    /// their attributes are then those in the layers below.
    pub implied: BTreeSet<RelPath>,
    /// Members that no tree can hold, in the order of their paths.
    pub omitted: Vec<OmittedMember>,
    /// Digest of the uncompressed archive.
    pub diff_id: DiffId,
    /// Length of the uncompressed archive in bytes.
    pub tar_size: u64,
}

/// A member of a layer that is not in its tree: a device or a named pipe, which a container
/// gets from its runtime and no ordinary user can create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OmittedMember {
    /// Its path.
    pub path: RelPath,
    /// What it is: `character device`, `block device` or `named pipe`.
    pub what: &'static str,
}

impl DecodedLayer {
    /// This layer applied to `lower`. Unlike [`Tree::overlaid`] it handles opaque directories and parents that
    /// the layer left out.
    ///
    /// Source: OCI image-spec, layer.md, "Applying Changesets" and "Opaque Whiteout".
    pub fn over(&self, lower: Tree) -> Tree {
        let hidden = |path: &RelPath| {
            let mut above = path.parent();
            loop {
                if self.opaque.contains(&above) {
                    return true;
                }
                match above {
                    Some(dir) => above = dir.parent(),
                    None => return false,
                }
            }
        };
        let lower = if self.opaque.is_empty() { lower } else { lower.filter(|path, _| !hidden(path)) };
        let mut upper = self.tree.clone();
        for path in &self.implied {
            if let Some(below) = lower.get(path.as_str()).filter(|entry| entry.is_dir()) {
                upper.set_attributes(path, below);
            }
        }
        lower.overlaid(&upper)
    }
}

/// Reads a layer, plain or compressed with gzip or zstd, to its very end. Contents of files go
/// to `sink` in the order of the members.
///
/// The caller checks digest and size of the stored bytes, ideally while they are read here. Refuses
/// what readers interpret differently: duplicate paths, names with `..`,
/// hard links to anything but an earlier file, sparse files, PAX records that contradict their
/// header, bytes after the end.
pub fn decode_layer(
    read: impl Read,
    sink: &mut dyn ContentSink,
    limits: &ArchiveLimits,
) -> Result<DecodedLayer, LayerError> {
    let plain = uncompressed(read).map_err(TarError::from)?;
    let hashed = HashingReader { read: plain, hasher: Hasher::new() };
    let mut members = TarReader::new(BufReader::with_capacity(64 << 10, hashed), *limits);
    let mut reading = LayerDecoder::default();
    while let Some(member) = members.next()? {
        reading.take(member, &mut members, sink)?;
    }
    let hasher = members.into_inner().into_inner().hasher;
    reading.finish(hasher.length(), DiffId(hasher.finish()))
}

/// The uncompressed bytes of `read`. The first bytes tell the compression: gzip of one or many
/// members, zstd of one or many frames, or none.
pub fn uncompressed<'a>(mut read: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let mut start = Vec::new();
    read.by_ref().take(4).read_to_end(&mut start)?;
    let kind = start.clone();
    let whole = BufReader::with_capacity(128 << 10, Cursor::new(start).chain(read));
    Ok(match kind.as_slice() {
        [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(whole)),
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(zstd::stream::read::Decoder::with_buffer(whole)?),
        _ => Box::new(whole),
    })
}

/// A reader that hashes the bytes it passes on.
struct HashingReader<R> {
    read: R,
    hasher: Hasher,
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let length = self.read.read(bytes)?;
        self.hasher.update(&bytes[..length]);
        Ok(length)
    }
}

#[derive(Default)]
struct LayerDecoder {
    members: BTreeMap<RelPath, Entry>,
    whiteouts: BTreeSet<RelPath>,
    opaque: BTreeSet<Option<RelPath>>,
    omitted: BTreeMap<RelPath, &'static str>,
    /// Whether the root had a member of its own.
    root: bool,
}

impl LayerDecoder {
    fn take<R: Read>(
        &mut self,
        member: ParsedMember,
        members: &mut TarReader<R>,
        sink: &mut dyn ContentSink,
    ) -> Result<(), LayerError> {
        let Some(path) = member.path.clone() else {
            // The root's attributes have no place in a tree.
            if std::mem::replace(&mut self.root, true) {
                return Err(TarError::NotADirectory { member: "./".to_owned() }.into());
            }
            return Ok(());
        };
        if path.name().starts_with(whiteout::PREFIX) {
            return self.whiteout(&path, &member);
        }
        if path.parts().any(|part| part.starts_with(whiteout::PREFIX)) {
            return Err(LayerError::WhiteoutName { path: path.to_string() });
        }
        let node = match member.kind {
            MemberType::Dir => Node::Dir,
            MemberType::Symlink => Node::Symlink { target: member.link },
            MemberType::Hardlink => return self.hardlink(path, &member.link),
            MemberType::File => {
                let stored = sink
                    .store(&mut members.content())
                    .and_then(|(digest, size)| complete(digest, size, member.size))
                    .map_err(|source| match members.failed() {
                        true => LayerError::Archive(source.into()),
                        false => LayerError::Store { path: path.clone(), source },
                    })?;
                Node::File { digest: stored, size: member.size }
            }
            MemberType::CharDevice => return self.omit(path, "character device"),
            MemberType::BlockDevice => return self.omit(path, "block device"),
            MemberType::Fifo => return self.omit(path, "named pipe"),
        };
        let entry =
            Entry { node, mode: member.mode, uid: member.uid, gid: member.gid, xattrs: member.xattrs };
        self.add(path, entry)
    }

    fn add(&mut self, path: RelPath, entry: Entry) -> Result<(), LayerError> {
        if self.omitted.contains_key(&path) || self.members.contains_key(&path) {
            return Err(LayerError::Duplicate { path });
        }
        self.members.insert(path, entry);
        Ok(())
    }

    fn omit(&mut self, path: RelPath, what: &'static str) -> Result<(), LayerError> {
        if self.omitted.contains_key(&path) || self.members.contains_key(&path) {
            return Err(LayerError::Duplicate { path });
        }
        self.omitted.insert(path, what);
        Ok(())
    }

    fn whiteout(&mut self, path: &RelPath, member: &ParsedMember) -> Result<(), LayerError> {
        let invalid = || LayerError::WhiteoutName { path: path.to_string() };
        if member.kind != MemberType::File || member.size > 0 {
            return Err(invalid());
        }
        let duplicate = || LayerError::Duplicate { path: path.clone() };
        if path.name() == whiteout::OPAQUE {
            return if self.opaque.insert(path.parent()) { Ok(()) } else { Err(duplicate()) };
        }
        let name = path.name().strip_prefix(whiteout::PREFIX).unwrap_or_default();
        if name.starts_with(whiteout::PREFIX) {
            return Err(invalid());
        }
        let gone = match path.parent() {
            Some(parent) => parent.join(name),
            None => name.parse(),
        };
        let gone = gone.map_err(|_| invalid())?;
        if self.whiteouts.insert(gone) { Ok(()) } else { Err(duplicate()) }
    }

    fn hardlink(&mut self, path: RelPath, link: &str) -> Result<(), LayerError> {
        let wrong = || LayerError::HardlinkTarget { path: path.clone(), target: link.to_owned() };
        let target = below_root(link).ok().flatten().ok_or_else(wrong)?;
        let found = self.members.get(&target).ok_or_else(wrong)?;
        // A link to a link is one to its file; all names carry the file's attributes.
        let (target, file) = match &found.node {
            Node::Hardlink { target } => (target.clone(), found),
            Node::File { .. } => (target, found),
            _ => return Err(wrong()),
        };
        let entry = Entry { node: Node::Hardlink { target }, ..file.clone() };
        self.add(path, entry)
    }

    fn has_members_below(&self, path: &RelPath) -> bool {
        let start = format!("{path}/");
        let mut after = self.members.range::<str, _>((Bound::Excluded(start.as_str()), Bound::Unbounded));
        after.next().is_some_and(|(next, _)| next.is_within(path))
    }

    fn finish(mut self, tar_size: u64, diff_id: DiffId) -> Result<DecodedLayer, LayerError> {
        for path in std::mem::take(&mut self.whiteouts) {
            match self.members.get(&path).map(Entry::is_dir) {
                // Removed beneath and made anew here: only what was inside must not shine through.
                Some(true) => {
                    self.opaque.insert(Some(path));
                }
                Some(false) => {}
                None if self.has_members_below(&path) => {
                    self.opaque.insert(Some(path));
                }
                None => {
                    self.members.insert(path, Entry::whiteout());
                }
            }
        }
        let mut tree = Tree::new();
        let paths: BTreeSet<RelPath> = self.members.keys().cloned().collect();
        for (path, entry) in self.members {
            tree.insert(path, entry)?;
        }
        for directory in self.opaque.iter().flatten() {
            if !tree.get(directory.as_str()).is_some_and(Entry::is_dir) {
                tree.insert(directory.clone(), Entry::dir(0o755))?;
            }
        }
        let implied = tree.iter().map(|(path, _)| path);
        let implied = implied.filter(|path| !paths.contains(path.as_str())).cloned().collect();
        Ok(DecodedLayer {
            tree,
            opaque: self.opaque,
            implied,
            omitted: self.omitted.into_iter().map(|(path, what)| OmittedMember { path, what }).collect(),
            diff_id,
            tar_size,
        })
    }
}

fn complete(digest: Digest, stored: u64, size: u64) -> io::Result<Digest> {
    if stored == size {
        return Ok(digest);
    }
    Err(io::Error::other(format!("{stored} of {size} bytes were read")))
}
