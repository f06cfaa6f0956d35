//! One header block of a foreign archive: checks checksum and format, reads fields. The reader handles extended
//! headers.

use super::error::TarError;
use super::ustar::{BLOCK, checksum, field};

/// The type of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberType {
    Dir,
    File,
    Symlink,
    Hardlink,
    CharDevice,
    BlockDevice,
    Fifo,
}

/// A header block whose checksum and format are right.
pub(super) struct HeaderBlock<'a> {
    pub(super) block: &'a [u8; BLOCK],
    pub(super) flag: u8,
    posix: bool,
}

impl<'a> HeaderBlock<'a> {
    pub(super) fn read(block: &'a [u8; BLOCK], offset: u64) -> Result<HeaderBlock<'a>, TarError> {
        if octal(&block[field::CHECKSUM]) != Some(checksum(block)) {
            return Err(TarError::Checksum { offset });
        }
        let posix = match &block[field::MAGIC] {
            b"ustar\x0000" => true,
            b"ustar  \0" => false,
            _ => return Err(TarError::Format { offset }),
        };
        Ok(HeaderBlock { block, flag: block[field::TYPE], posix })
    }

    /// The path of name and prefix; GNU headers keep other things where POSIX has the prefix.
    pub(super) fn path(&self) -> Vec<u8> {
        let name = until_nul(&self.block[field::NAME]);
        match until_nul(&self.block[field::PREFIX]) {
            prefix if self.posix && !prefix.is_empty() => [prefix, b"/", name].concat(),
            _ => name.to_vec(),
        }
    }

    pub(super) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.path()).into_owned()
    }

    pub(super) fn number(&self, range: std::ops::Range<usize>) -> Option<u64> {
        number(&self.block[range])
    }

    pub(super) fn size(&self) -> Result<u64, TarError> {
        self.number(field::SIZE).ok_or_else(|| TarError::Number { member: self.shown(), field: "size" })
    }

    pub(super) fn kind(&self, path: &str) -> Result<MemberType, TarError> {
        Ok(match self.flag {
            b'0' | 0 => MemberType::File,
            b'1' => MemberType::Hardlink,
            b'2' => MemberType::Symlink,
            b'3' => MemberType::CharDevice,
            b'4' => MemberType::BlockDevice,
            b'5' => MemberType::Dir,
            b'6' => MemberType::Fifo,
            flag => {
                return Err(TarError::Type { member: path.to_owned(), flag: char::from(flag) });
            }
        })
    }
}

pub(super) fn until_nul(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    &field[..end]
}

/// Octal digits, or GNU's big-endian form marked by the first bit. Never negative.
fn number(field: &[u8]) -> Option<u64> {
    match field {
        [0x80, digits @ ..] => digits
            .iter()
            .try_fold(0_u64, |number, digit| number.checked_mul(256)?.checked_add(u64::from(*digit))),
        _ => octal(field),
    }
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = field.trim_ascii_start();
    let end = text.iter().rposition(|byte| !matches!(byte, 0 | b' ')).map_or(0, |last| last + 1);
    let digits = &text[..end];
    if digits.is_empty() || !digits.iter().all(|digit| matches!(digit, b'0'..=b'7')) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}
