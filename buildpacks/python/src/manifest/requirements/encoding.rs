//! The text of a requirements file in the encodings that pip reads.
//!
//! Source: pip, `utils/encoding.py`, `auto_decode`: byte order marks, then the comment of PEP 263. uv reads
//! UTF-16 with a byte order mark in the same way.

use packwright_buildpack::files;
use packwright_buildpack::planner::{Diagnostic, RelPath, SourceTree};

use crate::manifest::document::text;

/// The text of the file at `path`; `None` when there is none.
///
/// Errors: it is in none of these encodings.
pub(super) fn decoded(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<String>, Diagnostic> {
    let problem = match text(tree, path) {
        Ok(found) => return Ok(found),
        Err(problem) => problem,
    };
    let place = files::resolve(tree, path).ok().flatten();
    let bytes = place.and_then(|place| tree.read(&place).ok());
    bytes.and_then(|bytes| decode(&bytes)).map(Some).ok_or(problem)
}

fn decode(bytes: &[u8]) -> Option<String> {
    let units = |rest: &[u8], of: fn([u8; 2]) -> u16| -> Option<String> {
        let (pairs, rest) = rest.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| of(*pair)).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    match bytes {
        // The mark of UTF-32 begins as that of UTF-16 does.
        [0xff, 0xfe, 0, 0, ..] => None,
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_marks_tell_the_encoding() {
        let little: Vec<u8> = "\u{feff}flask==3\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "\u{feff}flask==3\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [&little, &big] {
            assert_eq!(decode(bytes).as_deref(), Some("flask==3\r\n"));
        }
        for bytes in [&little[..3], &[0xff, 0xfe, 0, 0, 1, 0, 0, 0], &[0xe4, 0x0a]] {
            assert_eq!(decode(bytes), None);
        }
    }
}
