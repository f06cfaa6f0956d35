//! The part of ELF that identifies a shared library: its SONAME and machine. Reads headers, never
//! code.
//!
//! Source: System V ABI, "Object Files" and "Dynamic Linking".

use packwright_oci::RelPath;
use serde::{Deserialize, Serialize};

/// A 64-bit little-endian shared library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// The name programs ask for.
    pub soname: String,
    /// `e_machine`: 62 is x86-64, 183 is AArch64.
    pub machine: u16,
}

/// Whether the name is one the linker's cache could list: `lib*.so*` or `ld-*.so*`.
pub(crate) fn is_candidate(path: &RelPath) -> bool {
    let name = path.name();
    (name.starts_with("lib") || name.starts_with("ld-"))
        && (name.ends_with(".so") || name.contains(".so."))
        && path.as_str().starts_with("usr/")
}

const TYPE_SHARED: u64 = 3;
const SEGMENT_LOAD: u64 = 1;
const SEGMENT_DYNAMIC: u64 = 2;
const DYNAMIC_NULL: u64 = 0;
const DYNAMIC_STRINGS: u64 = 5;
const DYNAMIC_SONAME: u64 = 14;

/// The library in `bytes`; `None` when they are something else or have no SONAME.
pub(crate) fn read_library(bytes: &[u8]) -> Option<Library> {
    // Class 2 is 64 bits, data 1 is little-endian.
    if bytes.get(..6)? != [0x7f, b'E', b'L', b'F', 2, 1] || number(bytes, 16, 2)? != TYPE_SHARED {
        return None;
    }
    let machine = number(bytes, 18, 2)? as u16;
    let table = number(bytes, 32, 8)?;
    let entry_size = number(bytes, 54, 2)?;
    let count = number(bytes, 56, 2)?;
    let mut loads = Vec::new();
    let mut dynamic = None;
    for at in 0..count {
        let start = usize::try_from(table.checked_add(at * entry_size)?).ok()?;
        let field = |offset: usize| number(bytes, start.checked_add(offset)?, 8);
        match number(bytes, start, 4)? {
            SEGMENT_LOAD => loads.push((field(8)?, field(16)?, field(32)?)),
            SEGMENT_DYNAMIC => dynamic = Some((field(8)?, field(32)?)),
            _ => {}
        }
    }
    let (from, length) = dynamic?;
    let mut soname = None;
    let mut strings = None;
    for at in 0..length / 16 {
        let start = usize::try_from(from.checked_add(at * 16)?).ok()?;
        let value = number(bytes, start.checked_add(8)?, 8)?;
        match number(bytes, start, 8)? {
            DYNAMIC_NULL => break,
            DYNAMIC_SONAME => soname = Some(value),
            DYNAMIC_STRINGS => strings = Some(value),
            _ => {}
        }
    }
    // The string table is given by its address in memory; a segment tells its place in the file.
    let address = strings?;
    let (offset, base, _) =
        loads.into_iter().find(|(_, base, size)| address.checked_sub(*base).is_some_and(|at| at < *size))?;
    let start = offset.checked_add(address - base)?.checked_add(soname?)?;
    let rest = bytes.get(usize::try_from(start).ok()?..)?;
    let end = rest.iter().take(256).position(|byte| *byte == 0)?;
    let soname = std::str::from_utf8(&rest[..end]).ok()?;
    let plain = !soname.is_empty() && !soname.contains('/');
    plain.then(|| Library { soname: soname.to_owned(), machine })
}

fn number(bytes: &[u8], start: usize, length: usize) -> Option<u64> {
    let field = bytes.get(start..start.checked_add(length)?)?;
    Some(field.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}
