//! [`CaptureRules`]: what the caller decides about a capture. Values only, nothing is read here.

use packwright_oci::{Entry, Node, RelPath};

use crate::xattrs::{CAPABILITY, OverlayMarks};

/// Setuid, setgid and sticky.
const SPECIAL_BITS: u32 = 0o7000;

/// How a directory becomes a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaptureRules {
    /// Owner of all entries.
    pub uid: u32,
    /// Group of all entries.
    pub gid: u32,
    /// How permission bits are taken over.
    pub modes: Modes,
    /// How the directory relates to a lower layer.
    pub layering: Layering,
    /// Most entries that are taken.
    pub max_entries: usize,
    /// Most parts that a path may have.
    pub max_depth: usize,
}

/// How permission bits are taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modes {
    /// Directories 0755; files 0755 when one of their execute bits is set, else 0644. No file capabilities.
    Normalised,
    /// As they are, with setuid, setgid and sticky.
    AsFound,
}

/// How a captured directory relates to a lower layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layering {
    /// A directory with all its files.
    Plain,
    /// The upper directory of an overlay: devices 0:0 and some attributes mean deletions.
    OverlayUpper,
}

/// An entry that was taken without rights that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrippedEntry {
    /// Where it is.
    pub path: RelPath,
    /// Its setuid, setgid and sticky bits; no other bits.
    pub mode: u32,
    /// Its file capabilities, as the attribute `security.capability` holds them.
    pub capabilities: Option<Vec<u8>>,
}

impl Default for CaptureRules {
    fn default() -> CaptureRules {
        CaptureRules {
            uid: 0,
            gid: 0,
            modes: Modes::Normalised,
            layering: Layering::Plain,
            max_entries: 1_000_000,
            max_depth: 256,
        }
    }
}

impl CaptureRules {
    /// The same rules with this owner and group.
    pub fn with_owner(mut self, uid: u32, gid: u32) -> CaptureRules {
        self.uid = uid;
        self.gid = gid;
        self
    }

    /// The same rules with another `modes`.
    pub fn with_modes(mut self, modes: Modes) -> CaptureRules {
        self.modes = modes;
        self
    }

    /// The same rules with another `layering`.
    pub fn with_layering(mut self, layering: Layering) -> CaptureRules {
        self.layering = layering;
        self
    }

    /// The same rules with another `max_entries`.
    pub fn with_max_entries(mut self, max_entries: usize) -> CaptureRules {
        self.max_entries = max_entries;
        self
    }

    /// The same rules with another `max_depth`.
    pub fn with_max_depth(mut self, max_depth: usize) -> CaptureRules {
        self.max_depth = max_depth;
        self
    }

    /// The mode that a directory with the bits `mode` gets in the tree.
    pub(crate) fn dir_mode(&self, mode: u32) -> u32 {
        match self.modes {
            Modes::Normalised => 0o755,
            Modes::AsFound => mode & 0o7777,
        }
    }

    /// The mode that a file with the bits `mode` gets in the tree.
    pub(crate) fn file_mode(&self, mode: u32) -> u32 {
        match self.modes {
            Modes::Normalised if mode & 0o111 != 0 => 0o755,
            Modes::Normalised => 0o644,
            Modes::AsFound => mode & 0o7777,
        }
    }

    /// Takes from `entry`, which has the bits `mode`, the rights that these rules leave out; says which.
    pub(crate) fn strip(&self, path: &RelPath, mode: u32, entry: &mut Entry) -> Option<StrippedEntry> {
        if self.modes == Modes::AsFound || entry.node == Node::Whiteout {
            return None;
        }
        let (mode, capabilities) = (mode & SPECIAL_BITS, entry.xattrs.remove(CAPABILITY));
        (mode != 0 || capabilities.is_some()).then(|| StrippedEntry {
            path: path.clone(),
            mode,
            capabilities,
        })
    }

    /// Whether an empty file with these marks is a whiteout.
    pub(crate) fn is_whiteout(&self, marks: &OverlayMarks) -> bool {
        self.layering == Layering::OverlayUpper && marks.whiteout
    }
}
