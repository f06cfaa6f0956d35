//! `/etc/ld.so.cache`: what `ldconfig` would write for a tree. Needed where libraries lie
//! outside the default directories, and by programs that read the cache, such as Python's
//! `ctypes.util.find_library`.
//!
//! Source: glibc 2.36, sysdeps/generic/dl-cache.h (`struct cache_file_new`), elf/cache.c.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use packwright_oci::{Entry, Node, RelPath, Tree};

use crate::elf::{self, Library};

/// What differs between architectures.
struct Machine {
    /// Debian's name.
    architecture: &'static str,
    /// Multiarch triple, part of the default directories.
    triple: &'static str,
    /// `e_machine`.
    elf: u16,
    /// `FLAG_ELF_LIBC6` with the flag of the ABI.
    flags: u32,
}

const MACHINES: [Machine; 2] = [
    Machine { architecture: "amd64", triple: "x86_64-linux-gnu", elf: 62, flags: 0x0303 },
    Machine { architecture: "arm64", triple: "aarch64-linux-gnu", elf: 183, flags: 0x0a03 },
];

/// The cache for `tree`. Also adds the SONAME links that packages leave to `ldconfig`.
/// `configured` are texts of `/etc/ld.so.conf` and the files it includes, in their order.
///
/// `None` for an architecture whose flags we do not know; programs then find libraries in the
/// default directories only.
pub(crate) fn compose(
    architecture: &str,
    tree: &mut Tree,
    libraries: &BTreeMap<RelPath, Library>,
    configured: &[&str],
) -> Option<Vec<u8>> {
    let machine = MACHINES.iter().find(|machine| machine.architecture == architecture)?;
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let links = links(machine, tree, libraries);
    for directory in directories(machine, configured) {
        let inside = libraries
            .iter()
            .filter(|(path, library)| is_in(path, &directory) && library.machine == machine.elf);
        for (path, library) in inside {
            let Ok(link) = format!("{directory}/{}", library.soname).parse::<RelPath>() else { continue };
            if tree.get(link.as_str()).is_none()
                && tree.insert(link.clone(), Entry::symlink(path.name())).is_err()
            {
                continue;
            }
            let shown = shown(machine, &link);
            found.entry(library.soname.clone()).or_insert(shown);
        }
        // Alternatives: the library itself lies elsewhere.
        for (link, soname) in links.iter().filter(|(link, _)| is_in(link, &directory)) {
            found.entry(soname.clone()).or_insert_with(|| shown(machine, link));
        }
    }
    Some(write(machine.flags, found))
}

fn is_in(path: &RelPath, directory: &str) -> bool {
    path.parent().is_some_and(|parent| parent.as_str() == directory)
}

/// ldconfig writes the merged directories by their short names.
fn shown(machine: &Machine, link: &RelPath) -> String {
    match link.as_str().strip_prefix("usr/lib/") {
        Some(rest) if rest.starts_with(machine.triple) => format!("/lib/{rest}"),
        _ => format!("/{link}"),
    }
}

/// Links that are called like the library they lead to in the end, with its SONAME.
fn links(machine: &Machine, tree: &Tree, libraries: &BTreeMap<RelPath, Library>) -> Vec<(RelPath, String)> {
    tree.iter()
        .filter(|(path, entry)| matches!(entry.node, Node::Symlink { .. }) && elf::is_candidate(path))
        .filter_map(|(path, _)| {
            let library = libraries.get(&tree.resolve(path.as_str())?)?;
            let fits = library.machine == machine.elf && library.soname == path.name();
            fits.then(|| (path.clone(), library.soname.clone()))
        })
        .collect()
}

fn directories(machine: &Machine, configured: &[&str]) -> Vec<String> {
    let lines = configured
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| line.starts_with('/'))
        .map(str::to_owned);
    let defaults = [format!("/usr/lib/{}", machine.triple), "/usr/lib".to_owned()];
    let mut seen = BTreeSet::new();
    lines
        .chain(defaults)
        .map(|directory| crate::rules::merged(directory.trim_matches('/')))
        .filter(|directory| seen.insert(directory.clone()))
        .collect()
}

const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const HEADER: usize = 48;
const ENTRY: usize = 24;
/// `cache_file_new_flags_endian_little`
const LITTLE_ENDIAN: u8 = 2;

fn write(flags: u32, found: BTreeMap<String, String>) -> Vec<u8> {
    let mut entries: Vec<(String, String)> = found.into_iter().collect();
    // The linker searches by bisection in falling order.
    entries.sort_by(|left, right| compare(right.0.as_bytes(), left.0.as_bytes()));
    let strings_at = HEADER + entries.len() * ENTRY;
    let mut strings = Vec::new();
    let mut table = Vec::new();
    let mut place = |text: &str| {
        let at = (strings_at + strings.len()) as u32;
        strings.extend_from_slice(text.as_bytes());
        strings.push(0);
        at.to_le_bytes()
    };
    for (soname, path) in &entries {
        table.extend_from_slice(&flags.to_le_bytes());
        table.extend_from_slice(&place(soname));
        table.extend_from_slice(&place(path));
        // OS version and hardware capabilities: any.
        table.extend_from_slice(&[0; 12]);
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&(entries.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&(strings.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&[LITTLE_ENDIAN, 0, 0, 0]);
    // No extensions, and three unused words.
    bytes.extend_from_slice(&[0; 16]);
    bytes.extend_from_slice(&table);
    bytes.extend_from_slice(&strings);
    bytes
}

/// `_dl_cache_libcmp`: runs of digits compare as numbers and sort after anything else.
fn compare(mut left: &[u8], mut right: &[u8]) -> Ordering {
    while let Some(first) = left.first() {
        let second = right.first();
        match (first.is_ascii_digit(), second.is_some_and(u8::is_ascii_digit)) {
            (true, true) => {
                let (left_number, left_rest) = leading_number(left);
                let (right_number, right_rest) = leading_number(right);
                if left_number != right_number {
                    return left_number.cmp(&right_number);
                }
                (left, right) = (left_rest, right_rest);
            }
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (false, false) => match second {
                Some(second) if first == second => (left, right) = (&left[1..], &right[1..]),
                Some(second) => return first.cmp(second),
                None => return Ordering::Greater,
            },
        }
    }
    if right.is_empty() { Ordering::Equal } else { Ordering::Less }
}

fn leading_number(text: &[u8]) -> (u64, &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (
        digits
            .iter()
            .fold(0, |number: u64, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))),
        rest,
    )
}

#[cfg(test)]
mod tests;
