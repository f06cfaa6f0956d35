//! The libraries and symbol versions that ELF files need: of a process's program all that is loaded with it, of every
//! other file what it needs itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use packwright_oci::{Node, RelPath};

use crate::elf::Elf;
use crate::files::{Files, Kind, Unreadable};
use crate::findings::{self, Finding, Missing, Starts};
use crate::image::Image;
use crate::loader::{Loader, Needing};
use crate::place::is_of_distribution;

/// Libraries that the driver of a graphics card brings, which a container runtime mounts.
///
/// Source: the NVIDIA Container Toolkit's list of driver libraries (`libnvidia-container`, src/nvc_info.c).
const OF_DRIVERS: &[&str] = &[
    "libcuda.so.",
    "libcudadebugger.so.",
    "libnvcuvid.so.",
    "libnvidia-",
    "libnvoptix.so.",
    "libGLX_nvidia.so.",
];

/// What keeps the program at `program` from being loaded; adds what is loaded with it to `followed`.
pub(crate) fn of_program(
    files: &Files<'_>,
    loader: &Loader<'_, '_>,
    program: &RelPath,
    elf: &Elf,
    starts: &Starts<'_>,
    followed: &mut BTreeSet<RelPath>,
) -> Result<Vec<Finding>, Unreadable> {
    if !loader.executes(elf) {
        return Ok(vec![starts.foreign(program, &loader.name_of(elf), loader.name()).into()]);
    }
    if let Some(path) = &elf.interpreter
        && files.find(path).is_none()
    {
        return Ok(vec![starts.no_loader(program, path).into()]);
    }
    let mut found = Vec::new();
    // Under the names by which others may need them.
    let mut loaded: BTreeMap<String, RelPath> = BTreeMap::new();
    let mut lacking: BTreeSet<String> = BTreeSet::new();
    let mut queue: VecDeque<(RelPath, Elf, Vec<String>)> =
        VecDeque::from([(program.clone(), elf.clone(), Vec::new())]);
    let mut all: Vec<(RelPath, Elf)> = Vec::new();
    while let Some((path, elf, inherited)) = queue.pop_front() {
        let needing = Needing { path: &path, elf: &elf, inherited: &inherited };
        for name in &elf.needed {
            if loaded.contains_key(name) || lacking.contains(name) || loader.is_library(name) {
                continue;
            }
            let Some(library) = loader.find(name, &needing)? else {
                lacking.insert(name.clone());
                if !is_of_driver(name) {
                    let lacking = Missing::Library(name.clone());
                    found.push(Finding::lacks(starts.no_library(program, &path, name), lacking));
                }
                continue;
            };
            let Kind::Elf(elf) = &*files.kind(&library)? else { continue };
            loaded.insert(name.clone(), library.clone());
            if let Some(soname) = &elf.soname {
                loaded.entry(soname.clone()).or_insert_with(|| library.clone());
            }
            queue.push_back((library, elf.clone(), loader.inherited(&needing)));
        }
        all.push((path, elf));
    }
    let mut said = BTreeSet::new();
    for (path, elf) in &all {
        for (library, version) in missing_versions(files, elf, &|name| Ok(loaded.get(name).cloned()))? {
            if said.insert((library.clone(), version.clone())) {
                found.push(starts.no_version(program, path, &version, &library).into());
            }
        }
    }
    followed.extend(all.into_iter().map(|(path, _)| path));
    Ok(found)
}

/// What keeps files from being loaded that no process loads when it starts: those that are not in `followed`.
pub(crate) fn findings(
    image: &Image<'_>,
    files: &Files<'_>,
    followed: &BTreeSet<RelPath>,
) -> Result<Vec<Finding>, Unreadable> {
    let Some(loader) = Loader::of(image, files)? else { return Ok(Vec::new()) };
    // Every file by its name, made when something is missed.
    let mut names: Option<BTreeMap<&str, Vec<&RelPath>>> = None;
    let mut libraries = findings::Needing::new();
    let mut versions: BTreeMap<(RelPath, String), Vec<RelPath>> = BTreeMap::new();
    for (path, entry) in image.tree.iter() {
        if !matches!(entry.node, Node::File { .. })
            || is_of_distribution(path)
            || followed.contains(path)
            || !is_candidate(path, entry.mode)
        {
            continue;
        }
        let Kind::Elf(elf) = &*files.kind(path)? else { continue };
        if !loads(&loader, elf) {
            continue;
        }
        let needing = Needing { path, elf, inherited: &[] };
        for name in &elf.needed {
            if is_of_driver(name) || loader.is_library(name) || loader.find(name, &needing)?.is_some() {
                continue;
            }
            if !names.get_or_insert_with(|| by_name(image)).contains_key(name.as_str()) {
                libraries.entry(name.clone()).or_default().push(path.clone());
            }
        }
        for (library, version) in missing_versions(files, elf, &|name| loader.find(name, &needing))? {
            // One that has the version may be loaded before, as an interpreter does that brings its own.
            let others = names.get_or_insert_with(|| by_name(image)).get(library.name());
            if !any_offers(files, others.into_iter().flatten().copied(), &version)? {
                versions.entry((library, version)).or_default().push(path.clone());
            }
        }
    }
    Ok(findings::libraries(&libraries).chain(findings::versions(&versions)).collect())
}

/// Whether something in this image may load it.
pub(crate) fn loads(loader: &Loader<'_, '_>, elf: &Elf) -> bool {
    loader.executes(elf) && !loader.is_of_other_libc(elf)
}

fn by_name<'a>(image: &Image<'a>) -> BTreeMap<&'a str, Vec<&'a RelPath>> {
    let mut names: BTreeMap<&str, Vec<&RelPath>> = BTreeMap::new();
    for (path, _) in image.tree.iter() {
        names.entry(path.name()).or_default().push(path);
    }
    names
}

/// Whether one of the libraries offers the version.
fn any_offers<'a>(
    files: &Files<'_>,
    libraries: impl Iterator<Item = &'a RelPath>,
    version: &str,
) -> Result<bool, Unreadable> {
    for library in libraries {
        if let Kind::Elf(elf) = &*files.kind(library)?
            && elf.offers.contains(version)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a file may be a program or a library: by its mode, or by its name.
fn is_candidate(path: &RelPath, mode: u32) -> bool {
    let name = path.name();
    mode & 0o111 != 0 || name.ends_with(".so") || name.contains(".so.") || name.ends_with(".node")
}

fn is_of_driver(name: &str) -> bool {
    OF_DRIVERS.iter().any(|begin| name.starts_with(begin))
}

/// The versions that `elf` needs of libraries which do not offer them: library, version; each once, in its order.
fn missing_versions(
    files: &Files<'_>,
    elf: &Elf,
    find: &dyn Fn(&str) -> Result<Option<RelPath>, Unreadable>,
) -> Result<Vec<(RelPath, String)>, Unreadable> {
    let mut missing = Vec::new();
    for (name, version) in &elf.requires {
        let Some(library) = find(name)? else { continue };
        let Kind::Elf(offering) = &*files.kind(&library)? else { continue };
        // The loader takes a library without versions for any.
        if !offering.offers.is_empty() && !offering.offers.contains(version) {
            let found = (library, version.clone());
            if !missing.contains(&found) {
                missing.push(found);
            }
        }
    }
    Ok(missing)
}
