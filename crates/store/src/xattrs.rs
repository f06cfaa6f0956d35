//! Extended attributes: which ones become part of a tree, and which ones overlayfs uses as marks.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::BorrowedFd;

use rustix::buffer::spare_capacity;
use rustix::io::Errno;

/// The marks that overlayfs keeps in its own attributes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OverlayMarks {
    /// The directory hides what the lower layers have in it.
    pub(crate) opaque: bool,
    /// The empty file stands for a deletion.
    pub(crate) whiteout: bool,
}

/// The attribute of file capabilities, the only one outside `user.` that a container sees.
pub(crate) const CAPABILITY: &str = "security.capability";

/// Reads the attributes of an open file. File systems without attributes have none.
pub(crate) fn read(fd: BorrowedFd<'_>) -> io::Result<(BTreeMap<String, Vec<u8>>, OverlayMarks)> {
    let mut kept = BTreeMap::new();
    let mut marks = OverlayMarks::default();
    for name in names(fd)? {
        match name.strip_prefix("user.").or_else(|| name.strip_prefix("trusted.")) {
            Some("overlay.opaque") => marks.opaque = value(fd, &name)? == b"y",
            Some("overlay.whiteout") => marks.whiteout = true,
            _ => {}
        }
        if name == CAPABILITY {
            kept.insert(name.clone(), portable_capability(value(fd, &name)?));
        } else if name.starts_with("user.") && !name.starts_with("user.overlay.") {
            kept.insert(name.clone(), value(fd, &name)?);
        }
    }
    Ok((kept, marks))
}

fn names(fd: BorrowedFd<'_>) -> io::Result<Vec<String>> {
    let length = match rustix::fs::flistxattr_query(fd) {
        Ok(0) | Err(Errno::OPNOTSUPP | Errno::PERM | Errno::ACCESS) => return Ok(Vec::new()),
        Ok(length) => length,
        Err(error) => return Err(error.into()),
    };
    let mut list: Vec<u8> = Vec::with_capacity(length);
    rustix::fs::flistxattr(fd, spare_capacity(&mut list))?;
    Ok(list
        .split(|byte| *byte == 0)
        .filter_map(|name| std::str::from_utf8(name).ok())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect())
}

fn value(fd: BorrowedFd<'_>, name: &str) -> io::Result<Vec<u8>> {
    let length = rustix::fs::fgetxattr_query(fd, name)?;
    let mut value = Vec::with_capacity(length);
    if length > 0 {
        rustix::fs::fgetxattr(fd, name, spare_capacity(&mut value))?;
    }
    Ok(value)
}

/// Turns capabilities of revision 3, which name the user namespace they were set in, into revision 2, which
/// images use.
///
/// Source: linux/capability.h, `VFS_CAP_REVISION_3`.
fn portable_capability(mut value: Vec<u8>) -> Vec<u8> {
    const REVISION: std::ops::Range<usize> = 3..4;
    const LENGTH_2: usize = 20;
    const LENGTH_3: usize = 24;
    if value.len() == LENGTH_3 && value[REVISION] == [3] {
        value.truncate(LENGTH_2);
        value[3] = 2;
    }
    value
}

#[cfg(test)]
mod tests;
