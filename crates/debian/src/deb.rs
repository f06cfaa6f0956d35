//! Unpacks one `.deb`, as a stream, into a tree and its control data. Maintainer scripts are read and never
//! run; the contents of files go to a sink and are named by digest.
//!
//! Strict where others are lenient: no absolute path, no `..`, no path twice, no devices, no
//! hard link to anything but an earlier file, sizes limited, digest checked at the end.
//!
//! Source: deb(5), deb-control(5).

use std::collections::BTreeMap;
use std::io::Read;

use packwright_oci::{ContentSink, Digest, RelPath, Tree};
use serde::{Deserialize, Serialize};

use crate::elf::Library;
use crate::rules::Rules;
use crate::solve::SolvedPackage;

mod ar;
mod control;
mod data;
mod error;

pub use error::{DebError, Problem};

use ar::{Archive, Checked};

/// A package read to its end. Composing needs nothing else of it, so this value can be kept in
/// place of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unpacked {
    /// Package name.
    pub name: String,
    /// Version with epoch and revision.
    pub version: String,
    /// `amd64`, `all`.
    pub architecture: String,
    /// The control paragraph as it is in the package, ending in a newline.
    pub control: String,
    /// Maintainer scripts by name: `preinst`, `postinst`, `prerm`, `postrm`, `config`.
    pub scripts: BTreeMap<String, String>,
    /// Configuration files it declares, as absolute paths.
    pub conffiles: Vec<String>,
    /// The `md5sums` member; empty when there is none.
    pub md5sums: String,
    /// The `triggers` member; empty when there is none.
    pub triggers: String,
    /// Its files, in usr-merged places, without what the rules leave out.
    pub tree: Tree,
    /// Shared libraries among the files, for the linker's cache.
    pub libraries: BTreeMap<RelPath, Library>,
    /// Contents that composing reads.
    pub texts: BTreeMap<RelPath, String>,
}

/// Reads the package file that `chosen` describes. Contents go to `sink` in the order of the
/// file.
///
/// Errors: another file than `chosen` says (found at the end; what the sink took by then is
/// harmless, as nothing refers to it), a malformed or hostile archive, a sink that fails.
pub fn unpack(
    chosen: &SolvedPackage,
    read: impl Read,
    sink: &mut dyn ContentSink,
    rules: &Rules,
) -> Result<Unpacked, DebError> {
    unpack_inner(chosen, read, sink, rules).map_err(|problem| DebError {
        package: chosen.name.clone(),
        version: chosen.version.clone(),
        problem: Box::new(problem),
    })
}

fn unpack_inner(
    chosen: &SolvedPackage,
    read: impl Read,
    sink: &mut dyn ContentSink,
    rules: &Rules,
) -> Result<Unpacked, error::Problem> {
    let mut archive = Archive::open(Checked::new(read))?;
    let format = archive.text("debian-binary")?;
    if !format.starts_with("2.") {
        return Err(error::Problem::Format { version: format.trim().to_owned() });
    }
    let control = archive.member("control.tar", |name, member| control::read(name, member))?;
    let data = archive.member("data.tar", |name, member| data::read(name, member, sink, rules))?;
    let (digest, size) = archive.finish()?;
    check_identity(chosen, digest, size, &control)?;
    Ok(Unpacked {
        name: chosen.name.clone(),
        version: chosen.version.clone(),
        architecture: chosen.architecture.clone(),
        control: control.paragraph,
        scripts: control.scripts,
        conffiles: control.conffiles,
        md5sums: control.md5sums,
        triggers: control.triggers,
        tree: data.tree,
        libraries: data.libraries,
        texts: data.texts,
    })
}

fn check_identity(
    chosen: &SolvedPackage,
    digest: Digest,
    size: u64,
    control: &control::Control,
) -> Result<(), error::Problem> {
    if digest != chosen.digest || size != chosen.size {
        return Err(error::Problem::NotAsListed {
            digest: chosen.digest,
            size: chosen.size,
            found: digest,
            found_size: size,
        });
    }
    let expected =
        [("Package", &chosen.name), ("Version", &chosen.version), ("Architecture", &chosen.architecture)];
    for (field, expected) in expected {
        let found = field_of(&control.paragraph, field).unwrap_or_default();
        if found != *expected {
            return Err(error::Problem::OtherPackage { field, expected: expected.clone(), found });
        }
    }
    Ok(())
}

impl Unpacked {
    /// A field of the control paragraph, continuation lines joined by blanks.
    pub fn field(&self, name: &str) -> Option<String> {
        field_of(&self.control, name)
    }
}

fn field_of(paragraph: &str, name: &str) -> Option<String> {
    let mut lines = paragraph.lines();
    let first = lines.by_ref().find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })?;
    let rest = lines.take_while(|line| line.starts_with([' ', '\t']));
    Some(rest.fold(first, |value, line| format!("{value} {}", line.trim())))
}

#[cfg(test)]
mod tests;
