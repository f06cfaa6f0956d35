//! The root and what is mounted into it, by open files and never by path twice.
//!
//! Sources are opened once and cloned from the open file. Targets are resolved by `openat2` in the root, so that
//! a symbolic link in an image (`/data -> /etc`) means the root's own `/etc`. Runs in the child: no allocation, no
//! panic.

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags,
};

use crate::descriptors::{ROOT, descriptor, set_root, tell};
use crate::message::Message;
use crate::script::{IfMissing, InsidePath};
use crate::syscall::check_long;

const HANDLE: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);
pub(super) const DIRECTORY: OFlags = HANDLE.union(OFlags::DIRECTORY);

/// Overlay directories are named to the kernel by number, as paths in this directory: short, free of characters
/// that the option's syntax gives a meaning to, and resolved beforehand.
const OPEN_FILES: &CStr = c"/proc/self/fd";

/// The kernel takes at most 256 bytes in one mount option, the final zero included.
const OPTION_SIZE: usize = 256;

pub(super) fn make_private() -> Result<(), Errno> {
    rustix::mount::mount_change(c"/", MountPropagationFlags::REC | MountPropagationFlags::PRIVATE)
}

pub(super) fn overlay_root(lowers: &[CString], upper: &CStr, work: &CStr) -> Result<(), Errno> {
    let upper = rustix::fs::open(upper, DIRECTORY, Mode::empty())?;
    let work = rustix::fs::open(work, DIRECTORY, Mode::empty())?;
    let overlay = rustix::mount::fsopen(c"overlay", FsOpenFlags::FSOPEN_CLOEXEC)?;
    let mut number = DecimalText::default();
    let mut list = [0u8; OPTION_SIZE];
    let mut used = 0;
    let mut first = None;
    // They get consecutive numbers, as there is no gap below the last open one.
    for lower in lowers {
        let lower = rustix::fs::open(lower.as_c_str(), DIRECTORY, Mode::empty())?;
        let text = number.of(lower.as_raw_fd()).to_bytes();
        if used > 0 {
            used = append(&mut list, used, b":");
        }
        used = append(&mut list, used, text);
        first.get_or_insert(lower.as_raw_fd());
        // Has to stay open: the kernel finds it by this number below.
        std::mem::forget(lower);
    }
    rustix::process::chdir(OPEN_FILES)?;
    match CStr::from_bytes_until_nul(&list) {
        Ok(list) => rustix::mount::fsconfig_set_string(overlay.as_fd(), c"lowerdir", list)?,
        // More than fit in one option: newer kernels (6.8) take them one by one.
        Err(_) => {
            for lower in first.unwrap_or(0)..first.unwrap_or(0) + lowers.len() as i32 {
                rustix::mount::fsconfig_set_string(overlay.as_fd(), c"lowerdir+", number.of(lower))?;
            }
        }
    }
    rustix::mount::fsconfig_set_string(overlay.as_fd(), c"upperdir", number.of(upper.as_raw_fd()))?;
    rustix::mount::fsconfig_set_string(overlay.as_fd(), c"workdir", number.of(work.as_raw_fd()))?;
    rustix::mount::fsconfig_set_flag(overlay.as_fd(), c"userxattr")?;
    rustix::mount::fsconfig_create(overlay.as_fd())?;
    // SAFETY: the range holds the lower directories only, whose owners were forgotten above. The file system has its
    // own hold on them by now.
    let first = first.unwrap_or(i32::MAX);
    check_long(unsafe { libc::syscall(libc::SYS_close_range, first, first + lowers.len() as i32 - 1, 0) })?;
    let root = rustix::mount::fsmount(
        overlay.as_fd(),
        FsMountFlags::FSMOUNT_CLOEXEC,
        MountAttrFlags::MOUNT_ATTR_NODEV | MountAttrFlags::MOUNT_ATTR_NOSUID,
    )?;
    // Any directory will do to hang it on until it is the root; this one is sure to be there.
    attach(&root, &upper)?;
    set_root(root)
}

pub(super) fn directory_root(path: &CStr) -> Result<(), Errno> {
    let place = rustix::fs::open(path, DIRECTORY, Mode::empty())?;
    let root = clone_tree(&place)?;
    set_attributes(&root, libc::MOUNT_ATTR_NODEV | libc::MOUNT_ATTR_NOSUID)?;
    attach(&root, &place)?;
    set_root(root)
}

pub(super) fn file_system(kind: &CStr, options: &CStr, flags: u32, target: &InsidePath) -> Result<(), Errno> {
    let target = ensure(target, FileType::Directory)?;
    rustix::process::fchdir(&target)?;
    rustix::mount::mount(kind, c".", kind, MountFlags::from_bits_retain(flags), options)
}

pub(super) fn terminals(options: &CStr, target: &InsidePath) -> Result<(), Errno> {
    let flags = (libc::MS_NOSUID | libc::MS_NOEXEC) as u32;
    match file_system(c"devpts", options, flags, target) {
        Err(Errno::PERM | Errno::ACCESS | Errno::NODEV | Errno::INVAL) => {
            tell(Message::NoTerminals);
            Ok(())
        }
        other => other,
    }
}

pub(super) fn bind(
    source: &CStr,
    target: &InsidePath,
    attributes: u64,
    if_missing: IfMissing,
) -> Result<(), Errno> {
    let source = match rustix::fs::open(source, HANDLE, Mode::empty()) {
        Err(Errno::NOENT) if if_missing == IfMissing::Skip => return Ok(()),
        other => other?,
    };
    let kind = FileType::from_raw_mode(rustix::fs::fstat(&source)?.st_mode);
    let tree = clone_tree(&source)?;
    set_attributes(&tree, attributes)?;
    attach(&tree, &ensure(target, kind)?)
}

pub(super) fn symlink(content: &CStr, target: &InsidePath) -> Result<(), Errno> {
    let Some((last, parents)) = target.levels.split_last() else { return Err(Errno::INVAL) };
    let parent = ensure_levels(parents, FileType::Directory)?;
    rustix::fs::symlinkat(content, &parent, last.1.as_c_str())
}

/// Sets a number of the kernel that is a namespace's own. A kernel that refuses leaves the sampling of the parent, which
/// kills later.
pub(super) fn bound(name: &CStr, most: &[u8]) -> Result<(), Errno> {
    let Ok(place) = resolve(c"proc/sys/kernel") else { return Ok(()) };
    let flags = OFlags::WRONLY | OFlags::CLOEXEC;
    if let Ok(file) = rustix::fs::openat(&place, name, flags, Mode::empty()) {
        let _ = rustix::io::write(&file, most);
    }
    Ok(())
}

pub(super) fn freeze(path: &CStr) -> Result<(), Errno> {
    let place = match resolve(path) {
        Err(Errno::NOENT) => return Ok(()),
        other => other?,
    };
    let tree = clone_tree(&place)?;
    set_attributes(&tree, libc::MOUNT_ATTR_RDONLY)?;
    attach(&tree, &place)
}

pub(super) fn hide(path: &CStr) -> Result<(), Errno> {
    let place = match resolve(path) {
        Err(Errno::NOENT) => return Ok(()),
        other => other?,
    };
    if FileType::from_raw_mode(rustix::fs::fstat(&place)?.st_mode) == FileType::Directory {
        rustix::process::fchdir(&place)?;
        return rustix::mount::mount(
            c"tmpfs",
            c".",
            c"tmpfs",
            MountFlags::RDONLY | MountFlags::NOEXEC,
            c"size=1",
        );
    }
    let nothing = rustix::fs::open(c"/dev/null", HANDLE, Mode::empty())?;
    let tree = clone_tree(&nothing)?;
    set_attributes(&tree, libc::MOUNT_ATTR_RDONLY)?;
    attach(&tree, &place)
}

/// Swaps the root of the file system and lets go of the host's.
pub(super) fn enter() -> Result<(), Errno> {
    rustix::process::fchdir(descriptor(ROOT))?;
    // The old root comes to lie on top of the new one, both at `/`, from where it is taken off.
    rustix::process::pivot_root(c".", c".")?;
    rustix::mount::unmount(c".", UnmountFlags::DETACH)?;
    rustix::process::chdir(c"/")
}

/// A path cannot lead out here, as there is no outside any more; that it did not is checked all the same, because
/// a working directory outside of the root once was a way out (CVE-2024-21626).
pub(super) fn working_directory(path: &CStr) -> Result<(), Errno> {
    let flags = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    let directory = rustix::fs::openat2(descriptor(ROOT), path, DIRECTORY, Mode::empty(), flags)?;
    rustix::process::fchdir(&directory)?;
    let mut buffer = [0u8; libc::PATH_MAX as usize];
    // SAFETY: pointer and length are those of one buffer.
    check_long(unsafe { libc::syscall(libc::SYS_getcwd, buffer.as_mut_ptr(), buffer.len()) })?;
    // Outside of the root, the kernel answers `(unreachable)/…`.
    if buffer.first() == Some(&b'/') { Ok(()) } else { Err(Errno::XDEV) }
}

/// Opens a path as a process inside would, without following `/proc`'s magic links.
fn resolve(path: &CStr) -> Result<OwnedFd, Errno> {
    let flags = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    rustix::fs::openat2(descriptor(ROOT), path, HANDLE, Mode::empty(), flags)
}

/// Opens a target, making what is missing: directories, and at the end a directory or an empty file.
pub(super) fn ensure(target: &InsidePath, kind: FileType) -> Result<OwnedFd, Errno> {
    ensure_levels(&target.levels, kind)
}

fn ensure_levels(levels: &[(CString, CString)], kind: FileType) -> Result<OwnedFd, Errno> {
    let mut place = rustix::fs::openat(descriptor(ROOT), c".", DIRECTORY, Mode::empty())?;
    for (index, (path, name)) in levels.iter().enumerate() {
        place = match resolve(path) {
            Err(Errno::NOENT) => {
                let last = index + 1 == levels.len();
                if last && kind != FileType::Directory {
                    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
                    rustix::fs::openat(&place, name.as_c_str(), flags, Mode::from_raw_mode(0o644))?;
                } else {
                    rustix::fs::mkdirat(&place, name.as_c_str(), Mode::from_raw_mode(0o755))?;
                }
                rustix::fs::openat(&place, name.as_c_str(), HANDLE | OFlags::NOFOLLOW, Mode::empty())?
            }
            other => other?,
        };
    }
    Ok(place)
}

/// A detached copy of a mount and all below it. Without those below it the kernel refuses in a user namespace,
/// as that would uncover what they cover.
pub(super) fn clone_tree(source: &OwnedFd) -> Result<OwnedFd, Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE
        | OpenTreeFlags::AT_EMPTY_PATH;
    rustix::mount::open_tree(source, c"", flags)
}

/// Adds attributes to a whole detached tree; those already set and locked stay.
fn set_attributes(tree: &OwnedFd, attributes: u64) -> Result<(), Errno> {
    // SAFETY: all zeros is a valid `mount_attr`.
    let mut wanted: libc::mount_attr = unsafe { std::mem::zeroed() };
    wanted.attr_set = attributes;
    let flags = libc::AT_EMPTY_PATH | libc::AT_RECURSIVE;
    let size = std::mem::size_of::<libc::mount_attr>();
    // SAFETY: pointer and size are those of one structure, which the kernel only reads.
    check_long(unsafe {
        libc::syscall(libc::SYS_mount_setattr, tree.as_raw_fd(), c"".as_ptr(), flags, &wanted, size)
    })
}

pub(super) fn attach(tree: &OwnedFd, place: &OwnedFd) -> Result<(), Errno> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    rustix::mount::move_mount(tree, c"", place, c"", flags)
}

/// Copies as much as fits, and says where the next goes.
fn append(buffer: &mut [u8], at: usize, bytes: &[u8]) -> usize {
    for (place, byte) in buffer.iter_mut().skip(at).zip(bytes) {
        *place = *byte;
    }
    at + bytes.len()
}

/// A decimal number as C string, without allocating.
#[derive(Default)]
struct DecimalText {
    digits: [u8; 12],
}

impl DecimalText {
    fn of(&mut self, number: i32) -> &CStr {
        let mut rest = number.unsigned_abs();
        let mut from = self.digits.len() - 1;
        while from > 0 {
            from -= 1;
            self.digits[from] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        CStr::from_bytes_until_nul(&self.digits[from..]).unwrap_or(c"")
    }
}
