//! Files of directories that others made: regular ones alone are opened, since a named pipe would hang the caller
//! and a device may have no end. Nothing is written here.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

/// Whether the last part of a path may be a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinalLink {
    /// For a path that the caller named.
    Followed,
    /// For a name in a directory that others made.
    Refused,
}

/// The file at `path`, open for reading.
///
/// Errors: there is none; it is no regular file.
pub(crate) fn open_regular(path: &Path, link: FinalLink) -> io::Result<File> {
    let flags = match link {
        FinalLink::Followed => OFlags::NONBLOCK,
        FinalLink::Refused => OFlags::NONBLOCK | OFlags::NOFOLLOW,
    };
    let not_regular = || io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
    let opened = OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path);
    let file = opened.map_err(|error| match Errno::from_io_error(&error) {
        // A link that is not followed; a socket or a device without a driver.
        Some(Errno::LOOP | Errno::NXIO) => not_regular(),
        _ => error,
    })?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(not_regular()) }
}

/// The content of the file at `path`, which has at most `most` bytes.
///
/// Errors: there is none; it is no regular file; it is larger, which is known before anything is read.
pub fn read_regular(path: &Path, link: FinalLink, most: u64) -> io::Result<Vec<u8>> {
    let file = open_regular(path, link)?;
    let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {most} bytes"));
    if file.metadata()?.len() > most {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_regular_files_are_opened_and_none_hangs() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("file"), "four").unwrap();
        symlink("file", at("link")).unwrap();
        symlink("/dev/zero", at("zeros")).unwrap();
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();

        let read = |name: &str, link| read_regular(&at(name), link, 4).map_err(|error| error.to_string());
        let not_regular = Err("it is not a regular file".to_owned());
        assert_eq!(read("file", FinalLink::Refused).unwrap(), b"four");
        assert_eq!(read("link", FinalLink::Followed).unwrap(), b"four");
        assert_eq!(read("link", FinalLink::Refused), not_regular);
        for name in ["zeros", "pipe", "socket", ""] {
            assert_eq!(read(name, FinalLink::Followed), not_regular, "{name}");
            assert_eq!(read(name, FinalLink::Refused), not_regular, "{name}");
        }
        std::fs::write(at("file"), "five.").unwrap();
        assert_eq!(read("file", FinalLink::Followed).unwrap_err(), "it has more than 4 bytes");
    }
}
