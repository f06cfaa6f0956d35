//! The libraries and symbol versions that ELF files need: of a process's program all that is loaded with it, of every
//! other file what it needs itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use packwright_oci::{Node, RelPath};

use crate::elf::Elf;
use crate::files::{Files, Kind, Unreadable};
use crate::findings::{self, Finding, NeedingFile, Starts, Use};
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
                    let told = starts.no_library(program, &path, name);
                    found.push(Finding::lacks_library(told, name, &path, Use::Start));
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
    let mut found = lacking(image, files, followed)?;
    let mut versions: BTreeMap<(RelPath, String), Vec<RelPath>> = BTreeMap::new();
    for path in candidates(image, files, &loader, followed)? {
        let Kind::Elf(elf) = &*files.kind(path)? else { continue };
        let needing = Needing { path, elf, inherited: &[] };
        for (library, version) in missing_versions(files, elf, &|name| loader.find(name, &needing))? {
            // One that has the version may be loaded before, as an interpreter does that brings its own.
            let others = names.get_or_insert_with(|| by_name(image)).get(library.name());
            if !any_offers(files, others.into_iter().flatten().copied(), &version)? {
                versions.entry((library, version)).or_default().push(path.clone());
            }
        }
    }
    found.extend(findings::versions(&versions));
    Ok(found)
}

/// The libraries that are missing for the files that are not in `followed`.
pub(crate) fn lacking(
    image: &Image<'_>,
    files: &Files<'_>,
    followed: &BTreeSet<RelPath>,
) -> Result<Vec<Finding>, Unreadable> {
    let Some(loader) = Loader::of(image, files)? else { return Ok(Vec::new()) };
    let mut names: Option<BTreeSet<&str>> = None;
    let mut missing: BTreeMap<String, Vec<RelPath>> = BTreeMap::new();
    let candidates = candidates(image, files, &loader, followed)?;
    for path in &candidates {
        let Kind::Elf(elf) = &*files.kind(path)? else { continue };
        let needing = Needing { path, elf, inherited: &[] };
        for name in &elf.needed {
            if is_of_driver(name) || loader.is_library(name) || loader.find(name, &needing)?.is_some() {
                continue;
            }
            let names = names.get_or_insert_with(|| image.tree.iter().map(|(path, _)| path.name()).collect());
            if !names.contains(name.as_str()) {
                missing.entry(name.clone()).or_default().push((*path).clone());
            }
        }
    }
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let named = loaded_by_name(files, &loader, &candidates)?;
    let used = |path: RelPath| {
        let used = if named.contains(&path) { Use::Name } else { Use::Path };
        NeedingFile { path, used }
    };
    let missing =
        missing.into_iter().map(|(library, files)| (library, files.into_iter().map(used).collect()));
    Ok(findings::libraries(&missing.collect()).collect())
}

/// The ELF files that something in the image may load and that are not in `followed`, by path.
fn candidates<'a>(
    image: &Image<'a>,
    files: &Files<'_>,
    loader: &Loader<'_, '_>,
    followed: &BTreeSet<RelPath>,
) -> Result<Vec<&'a RelPath>, Unreadable> {
    let mut found = Vec::new();
    for (path, entry) in image.tree.iter() {
        if matches!(entry.node, Node::File { .. })
            && !is_of_distribution(path)
            && !followed.contains(path)
            && is_candidate(path, entry.mode)
            && matches!(&*files.kind(path)?, Kind::Elf(elf) if loads(loader, elf))
        {
            found.push(path);
        }
    }
    Ok(found)
}

/// Those of `candidates` that are loaded by a name, and what is loaded with them.
fn loaded_by_name(
    files: &Files<'_>,
    loader: &Loader<'_, '_>,
    candidates: &[&RelPath],
) -> Result<BTreeSet<RelPath>, Unreadable> {
    let mut queue: VecDeque<(RelPath, Vec<String>)> = VecDeque::new();
    for path in candidates {
        let is_program = matches!(&*files.kind(path)?, Kind::Elf(elf) if elf.interpreter.is_some());
        if is_program || is_module(path.name()) {
            queue.push_back(((*path).clone(), Vec::new()));
        }
    }
    let mut named = BTreeSet::new();
    while let Some((path, inherited)) = queue.pop_front() {
        if is_of_distribution(&path) || !named.insert(path.clone()) {
            continue;
        }
        let Kind::Elf(elf) = &*files.kind(&path)? else { continue };
        let needing = Needing { path: &path, elf, inherited: &inherited };
        for name in &elf.needed {
            if let Some(library) = loader.find(name, &needing)? {
                queue.push_back((library, loader.inherited(&needing)));
            }
        }
    }
    Ok(named)
}

/// Whether Python or Node imports a file of this name.
///
/// Source: PEP 3149 (ABI tags: `cpython-313-…`, `abi3`), which every build tool writes; a library that is loaded by its path
/// has none. Node.js, "C++ addons" (`.node`).
fn is_module(name: &str) -> bool {
    name.ends_with(".node")
        || name.ends_with(".abi3.so")
        || name.ends_with(".so") && (name.contains(".cpython-") || name.contains(".pypy"))
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
