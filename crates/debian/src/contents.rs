//! `Contents-<architecture>`: which packages of an archive hold a file. Reads one pass over the text and keeps what was
//! asked for alone: the index of a suite has a million lines.
//!
//! Source: the Debian wiki's "RepositoryFormat", "Contents indices".

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read};

use packwright_oci::Digest;

use crate::release::IndexFile;

/// Largest index that is read, in bytes of its text; that of a suite has some 200 MB for one architecture.
const TEXT_LIMIT: u64 = 4 << 30;

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ContentsError {
    /// It is not what the release file lists.
    #[error("`{name}` is not the file that the release lists")]
    NotAsListed {
        /// Its name in the release file.
        name: String,
    },
    /// It is no gzip file.
    #[error("`{name}` cannot be decompressed")]
    Decompress {
        /// Its name in the release file.
        name: String,
        /// Why.
        source: io::Error,
    },
}

/// The packages that hold each of the `wanted` files (paths from the root), sorted; files that none holds are left
/// out. `bytes` are checked against `file` first.
pub fn packages_with(
    file: &IndexFile,
    bytes: &[u8],
    wanted: &BTreeSet<String>,
) -> Result<BTreeMap<String, BTreeSet<String>>, ContentsError> {
    if Digest::of(bytes) != file.digest || bytes.len() as u64 != file.size {
        return Err(ContentsError::NotAsListed { name: file.name.clone() });
    }
    packages_with_unverified(file, bytes, wanted)
}

/// [`packages_with`] from bytes that need not be those of `file`: an index of another day, in which nothing is to be
/// trusted.
pub fn packages_with_unverified(
    file: &IndexFile,
    bytes: &[u8],
    wanted: &BTreeSet<String>,
) -> Result<BTreeMap<String, BTreeSet<String>>, ContentsError> {
    let text = flate2::read::MultiGzDecoder::new(bytes).take(TEXT_LIMIT);
    let mut reader = BufReader::with_capacity(1 << 18, text);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut line = Vec::with_capacity(4096);
    loop {
        line.clear();
        let length = reader
            .read_until(b'\n', &mut line)
            .map_err(|source| ContentsError::Decompress { name: file.name.clone(), source })?;
        if length == 0 {
            return Ok(found);
        }
        // Names may hold blanks; the packages do not.
        let Ok(line) = std::str::from_utf8(&line) else { continue };
        let Some((path, packages)) = line.trim_end().rsplit_once([' ', '\t']) else { continue };
        let path = path.trim_end();
        if wanted.contains(path) {
            // `area/section/name` or `section/name`, several behind commas.
            let names = packages.split(',').filter_map(|package| package.rsplit('/').next());
            found.entry(path.to_owned()).or_default().extend(names.map(str::to_owned));
        }
    }
}

/// The package to take for the library `soname` among those that hold it: the one that Debian's policy names after it,
/// with or without the suffix of the transition to 64-bit times; else the only one; else the shortest name, then the
/// first by the alphabet. Packages for compilers hold links for the linker under names without a version, and are none
/// to take.
///
/// Source: Debian Policy 8.1, "Run-time shared libraries", and 8.4, "Development files".
pub fn library_package<'a>(soname: &str, packages: &'a BTreeSet<String>) -> Option<&'a str> {
    let (name, version) = soname.split_once(".so.").unwrap_or((soname.trim_end_matches(".so"), ""));
    let dash =
        if name.ends_with(|last: char| last.is_ascii_digit()) && !version.is_empty() { "-" } else { "" };
    let policy = format!("{name}{dash}{version}").to_lowercase().replace('_', "-");
    let is_named_after = |package: &&String| package.strip_suffix("t64").unwrap_or(package) == policy;
    let for_running = || packages.iter().filter(|package| !package.ends_with("-dev"));
    let by_length = || for_running().min_by_key(|package| (package.len(), *package));
    for_running().find(is_named_after).or_else(by_length).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const INDEX: &str = "usr/bin/ffmpeg                 video/ffmpeg\n\
        usr/lib/x86_64-linux-gnu/libGL.so.1\tlibs/libgl1,contrib/libs/libgl1-other\n\
        usr/share/a name with blanks   non-free/doc/named\n";

    fn listed(text: &str) -> (IndexFile, Vec<u8>) {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(text.as_bytes()).unwrap();
        let bytes = writer.finish().unwrap();
        let (digest, size) = (Digest::of(&bytes), bytes.len() as u64);
        let name = "main/Contents-amd64.gz".to_owned();
        (IndexFile { path: name.clone(), name, digest, size }, bytes)
    }

    #[test]
    fn files_are_found_with_all_packages_that_hold_them() {
        let (file, bytes) = listed(INDEX);
        let wanted =
            ["usr/bin/ffmpeg", "usr/lib/x86_64-linux-gnu/libGL.so.1", "usr/share/a name with blanks", "gone"];
        let found = packages_with(&file, &bytes, &wanted.map(str::to_owned).into()).unwrap();
        let found: Vec<String> = found.iter().map(|(path, names)| format!("{path}: {names:?}")).collect();
        let expected = [
            "usr/bin/ffmpeg: {\"ffmpeg\"}",
            "usr/lib/x86_64-linux-gnu/libGL.so.1: {\"libgl1\", \"libgl1-other\"}",
            "usr/share/a name with blanks: {\"named\"}",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn other_bytes_than_those_that_are_listed_are_refused() {
        let (file, bytes) = listed(INDEX);
        let (other, _) = listed("");
        assert!(matches!(
            packages_with(&other, &bytes, &BTreeSet::new()),
            Err(ContentsError::NotAsListed { .. })
        ));
        let broken = &bytes[..bytes.len() / 2];
        let file = IndexFile { digest: Digest::of(broken), size: broken.len() as u64, ..file };
        assert!(matches!(
            packages_with(&file, broken, &BTreeSet::new()),
            Err(ContentsError::Decompress { .. })
        ));
    }

    #[test]
    fn the_package_that_policy_names_after_a_library_is_taken() {
        for (soname, packages, expected) in [
            ("libGL.so.1", vec!["libgl1", "libgl1-nvidia"], "libgl1"),
            ("libglib-2.0.so.0", vec!["a", "libglib-2.0-0t64"], "libglib-2.0-0t64"),
            ("libpq.so.5", vec!["libpq5"], "libpq5"),
            ("libvips-cpp.so.42", vec!["libvips42t64", "libvips-cpp42t64"], "libvips-cpp42t64"),
            ("libgobject-2.0.so.0", vec!["libglib2.0-0t64", "libglib2.0-0-other"], "libglib2.0-0t64"),
            ("libsox.so", vec!["libsox-dev", "libsox3-other"], "libsox3-other"),
        ] {
            let packages: BTreeSet<String> = packages.into_iter().map(str::to_owned).collect();
            assert_eq!(library_package(soname, &packages), Some(expected), "{soname}");
        }
        for packages in [BTreeSet::new(), BTreeSet::from(["libx-dev".to_owned()])] {
            assert_eq!(library_package("libx.so", &packages), None);
        }
    }
}
