//! [`Files`]: the files of an image with what there is to know of their contents, each read once. Follows links
//! inside the image alone.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;

use packwright_oci::{Digest, Entry, MemoryStore, Node, RelPath, Tree};

use crate::elf::{self, Elf};

/// Opens file contents by digest, to be read in parts.
pub trait Contents {
    /// The content. Fails with `NotFound` for an unknown digest.
    fn open(&self, digest: &Digest) -> io::Result<Box<dyn ReadSeek + '_>>;
}

/// A reader that can be set to a place.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

impl Contents for MemoryStore {
    fn open(&self, digest: &Digest) -> io::Result<Box<dyn ReadSeek + '_>> {
        match self.get(digest) {
            Some(content) => Ok(Box::new(Cursor::new(content))),
            None => Err(io::Error::new(io::ErrorKind::NotFound, format!("no content {digest}"))),
        }
    }
}

/// Why an image could not be looked at.
#[derive(Debug, thiserror::Error)]
#[error("`/{path}` of the image cannot be read")]
pub struct Unreadable {
    /// The file.
    pub path: RelPath,
    /// Why.
    pub source: io::Error,
}

/// As much of a file's beginning as the kernel looks at, in bytes.
///
/// Source: Linux, include/uapi/linux/binfmts.h, `BINPRM_BUF_SIZE`.
const HEAD: u64 = 256;

/// What a file is to the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A program or library.
    Elf(Elf),
    /// It begins as ELF and cannot be read as such.
    BrokenElf,
    /// A script, with its first line behind `#!`, its end as it is written.
    Script(String),
    /// A program of another system, by that system's name.
    Foreign(&'static str),
    /// Anything else.
    Other,
}

/// The files of an image.
pub(crate) struct Files<'a> {
    /// All of them.
    pub(crate) tree: &'a Tree,
    contents: &'a dyn Contents,
    kinds: RefCell<BTreeMap<Digest, Rc<Kind>>>,
}

impl<'a> Files<'a> {
    pub(crate) fn new(tree: &'a Tree, contents: &'a dyn Contents) -> Files<'a> {
        Files { tree, contents, kinds: RefCell::default() }
    }

    /// The file, directory or other thing at the end of all links.
    pub(crate) fn find(&self, path: &str) -> Option<(RelPath, &'a Entry)> {
        let path = self.tree.resolve(path)?;
        let entry = self.tree.get(path.as_str())?;
        Some((path, entry))
    }

    /// Digest and size of the regular file at `path`, which is no link.
    pub(crate) fn content(&self, path: &RelPath) -> Option<(Digest, u64)> {
        match &self.tree.get(path.as_str())?.node {
            Node::File { digest, size } => Some((*digest, *size)),
            Node::Hardlink { target } => match self.tree.get(target.as_str())?.node {
                Node::File { digest, size } => Some((digest, size)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What the regular file at `path`, which is no link, is to the kernel.
    pub(crate) fn kind(&self, path: &RelPath) -> Result<Rc<Kind>, Unreadable> {
        let Some((digest, size)) = self.content(path) else { return Ok(Rc::new(Kind::Other)) };
        if let Some(known) = self.kinds.borrow().get(&digest) {
            return Ok(known.clone());
        }
        let kind =
            self.read_kind(&digest, size).map_err(|source| Unreadable { path: path.clone(), source })?;
        let kind = Rc::new(kind);
        self.kinds.borrow_mut().insert(digest, kind.clone());
        Ok(kind)
    }

    fn read_kind(&self, digest: &Digest, size: u64) -> io::Result<Kind> {
        if size < 4 {
            return Ok(Kind::Other);
        }
        let mut content = self.contents.open(digest)?;
        let mut head = Vec::new();
        content.by_ref().take(HEAD).read_to_end(&mut head)?;
        Ok(match head.as_slice() {
            [0x7f, b'E', b'L', b'F', ..] => {
                content.seek(SeekFrom::Start(0))?;
                elf::read(content, size).map_or(Kind::BrokenElf, Kind::Elf)
            }
            [b'#', b'!', rest @ ..] => {
                let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
                Kind::Script(String::from_utf8_lossy(line).into_owned())
            }
            // Source: Apple, <mach-o/loader.h> and <mach-o/fat.h>. A Java class begins as a fat Mach-O file does, and
            // has a version where that has the number of its architectures.
            [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] => Kind::Foreign("macOS"),
            [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 1..=20, ..] => Kind::Foreign("macOS"),
            [b'M', b'Z', ..] => Kind::Foreign("Windows"),
            _ => Kind::Other,
        })
    }

    /// The whole text of the regular file at `path`, which is no link; `None` when it is larger than `most` bytes or no
    /// text.
    pub(crate) fn text(&self, path: &RelPath, most: u64) -> Result<Option<String>, Unreadable> {
        Ok(self.bytes(path, most)?.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// All bytes of the regular file at `path`, which is no link; `None` when there are more than `most`.
    pub(crate) fn bytes(&self, path: &RelPath, most: u64) -> Result<Option<Vec<u8>>, Unreadable> {
        let Some((digest, size)) = self.content(path).filter(|(_, size)| *size <= most) else {
            return Ok(None);
        };
        let read = || {
            let mut bytes = Vec::with_capacity(size as usize);
            self.contents.open(&digest)?.take(most).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map(Some).map_err(|source| Unreadable { path: path.clone(), source })
    }
}
