//! `/etc/ld.so.cache`, in which the dynamic loader of glibc looks libraries up by name. Any bytes give a value.
//!
//! Source: glibc 2.36, sysdeps/generic/dl-cache.h (`struct cache_file_new`).

use std::collections::BTreeMap;

const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const HEADER: usize = 48;
const ENTRY: usize = 24;

/// The paths that the cache has for each name, in its order. Which processor a path is for is seen in the file there.
pub(crate) fn parse(bytes: &[u8]) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // Behind a cache of the old format, whose length differs, in files that have both.
    let Some(start) = bytes.windows(MAGIC.len()).position(|window| window == MAGIC) else { return found };
    let bytes = &bytes[start..];
    let count = number(bytes, MAGIC.len()).unwrap_or(0);
    for entry in 0..count {
        let at = HEADER + entry * ENTRY;
        let (Some(name), Some(path)) = (string(bytes, at + 4), string(bytes, at + 8)) else { break };
        found.entry(name).or_default().push(path);
    }
    found
}

/// The text that the number at `at` points to.
fn string(bytes: &[u8], at: usize) -> Option<String> {
    let rest = bytes.get(number(bytes, at)?..)?;
    let end = rest.iter().take(4096).position(|byte| *byte == 0)?;
    String::from_utf8(rest[..end].to_vec()).ok()
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(field.try_into().ok()?) as usize)
}
