//! The kernel's list of mounts, `/proc/<pid>/mountinfo`, as values. A parser; reads no file.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MountLine<'a> {
    pub(crate) device: u64,
    /// Which directory of the file system is mounted.
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    /// The kind of the file system, `tmpfs` for example.
    pub(crate) kind: &'a [u8],
    options: &'a [u8],
    super_options: &'a [u8],
}

impl MountLine<'_> {
    /// Whether the file system itself has this option.
    pub(crate) fn has_super_option(&self, name: &str) -> bool {
        has(self.super_options, name)
    }

    pub(crate) fn is_read_only(&self) -> bool {
        has(self.options, "ro") || has(self.super_options, "ro")
    }
}

fn has(options: &[u8], name: &str) -> bool {
    options.split(|&byte| byte == b',').any(|option| option == name.as_bytes())
}

/// Each mount, in the order of the list. Lines that are not understood are left out.
///
/// Source: proc_pid_mountinfo(5): `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`.
pub(crate) fn mounts(mountinfo: &[u8]) -> impl Iterator<Item = MountLine<'_>> {
    mountinfo.split(|&byte| byte == b'\n').filter_map(mount)
}

fn mount(line: &[u8]) -> Option<MountLine<'_>> {
    let words: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
    let separator = words.iter().position(|word| *word == b"-")?;
    let (major, minor) = std::str::from_utf8(words.get(2)?).ok()?.split_once(':')?;
    Some(MountLine {
        device: rustix::fs::makedev(major.parse().ok()?, minor.parse().ok()?),
        root: OsString::from_vec(unescaped(words.get(3)?)).into(),
        target: OsString::from_vec(unescaped(words.get(4)?)).into(),
        kind: words.get(separator + 1)?,
        options: words.get(5)?,
        super_options: words.get(separator + 3)?,
    })
}

/// Blanks, tabs, line ends and backslashes are written as `\` and three octal digits.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        let digits = tail.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(|_| byte == b'\\') {
            Some(escaped) => {
                plain.push(escaped);
                rest = &tail[3..];
            }
            None => {
                plain.push(byte);
                rest = tail;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn each_mount_is_read_with_its_place_and_its_options() {
        let mountinfo = b"\
36 35 98:0 / / rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n\
40 36 0:47 / /dev/shm rw,nosuid - tmpfs tmpfs rw,size=1k\n\
41 36 0:48 /tmpfs /a\\040b\\134 ro shared:1 master:2 - tmpfs x rw\n\
42 36 0:49 / /- rw - overlay tmpfs ro\n\
nonsense\n";
        let all: Vec<MountLine<'_>> = mounts(mountinfo).collect();
        let targets: Vec<&Path> = all.iter().map(|mount| mount.target.as_path()).collect();
        assert_eq!(targets, ["/", "/dev/shm", "/a b\\", "/-"].map(Path::new));
        let kinds: Vec<&[u8]> = all.iter().map(|mount| mount.kind).collect();
        assert_eq!(kinds, [&b"ext3"[..], b"tmpfs", b"tmpfs", b"overlay"]);
        assert_eq!(all[2].root, Path::new("/tmpfs"));
        assert_eq!(all[1].device, rustix::fs::makedev(0, 47));
        let read_only: Vec<bool> = all.iter().map(MountLine::is_read_only).collect();
        assert_eq!(read_only, [false, false, true, true]);
        assert!(all[1].has_super_option("size=1k") && !all[1].has_super_option("nosuid"));
    }
}
