//! [`Loader`]: where the dynamic loader of an image finds libraries. Claims nothing; says what is found.
//!
//! Source: glibc's ld.so(8) and elf/dl-load.c (`_dl_map_object`), musl's ldso/dynlink.c (`load_library`).

use std::collections::BTreeMap;

use packwright_oci::RelPath;

use crate::elf::{Elf, Machine};
use crate::files::{Files, Kind, Unreadable};
use crate::image::Image;
use crate::ld_cache;
use crate::place::absolute;

/// A processor, under the names that matter here.
struct Processor {
    /// The image configuration's (`GOARCH`).
    name: &'static str,
    machine: Machine,
    /// Part of the default directories on Debian.
    triple: &'static str,
}

const fn processor(name: &'static str, number: u16, class: u8, data: u8, triple: &'static str) -> Processor {
    Processor { name, machine: Machine { number, class, data }, triple }
}

/// What else the processors of an image may execute: the older sets of instructions that they know.
///
/// Source: Linux, `CONFIG_IA32_EMULATION` (x86), `CONFIG_COMPAT` (arm64).
const ALSO: &[(&str, &str)] = &[("amd64", "386"), ("arm64", "arm")];

/// Source: System V ABI, "e_machine"; Debian's table of multiarch tuples.
const PROCESSORS: &[Processor] = &[
    processor("386", 3, 1, 1, "i386-linux-gnu"),
    processor("amd64", 62, 2, 1, "x86_64-linux-gnu"),
    processor("arm", 40, 1, 1, "arm-linux-gnueabihf"),
    processor("arm64", 183, 2, 1, "aarch64-linux-gnu"),
    processor("loong64", 258, 2, 1, "loongarch64-linux-gnu"),
    processor("mips64le", 8, 2, 1, "mips64el-linux-gnuabi64"),
    processor("ppc64le", 21, 2, 1, "powerpc64le-linux-gnu"),
    processor("riscv64", 243, 2, 1, "riscv64-linux-gnu"),
    processor("s390x", 22, 2, 2, "s390x-linux-gnu"),
];

/// A C library: each has a loader of its own, and what is made for one does not run with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Libc {
    Glibc,
    Musl,
    /// Another system's.
    Foreign,
}

/// Largest cache that is read, in bytes; one of 3,000 libraries has 300 kB.
const CACHE_MAX: u64 = 16 << 20;

/// The dynamic loader of an image.
pub(crate) struct Loader<'f, 'a> {
    files: &'f Files<'a>,
    processor: &'static Processor,
    /// What it executes besides.
    also: Option<&'static Processor>,
    /// The image's own; `None` for an image without a loader.
    pub(crate) libc: Option<Libc>,
    cache: BTreeMap<String, Vec<String>>,
    /// `LD_LIBRARY_PATH` of the image.
    environment: Vec<String>,
    /// `LD_PRELOAD` brings symbols that nothing else does; it is no matter here.
    defaults: Vec<String>,
}

/// A file that needs a library, and those that brought it.
pub(crate) struct Needing<'e> {
    /// Where it is.
    pub(crate) path: &'e RelPath,
    pub(crate) elf: &'e Elf,
    /// The directories of those that it was loaded for.
    pub(crate) inherited: &'e [String],
}

impl<'f, 'a> Loader<'f, 'a> {
    /// The loader of `image`; `None` where its processor is not known here.
    pub(crate) fn of(image: &Image<'a>, files: &'f Files<'a>) -> Result<Option<Loader<'f, 'a>>, Unreadable> {
        let named = |name: &str| PROCESSORS.iter().find(|known| known.name == name);
        let Some(processor) = named(&image.config.architecture) else { return Ok(None) };
        let also = ALSO.iter().find(|(name, _)| *name == processor.name).and_then(|(_, also)| named(also));
        let libc = libc_of(files);
        let mut cache = BTreeMap::new();
        let mut defaults = Vec::new();
        match libc {
            Some(Libc::Musl) => defaults = musl_directories(files)?,
            _ => {
                if let Some((path, _)) = files.find("/etc/ld.so.cache") {
                    cache = files
                        .bytes(&path, CACHE_MAX)?
                        .map(|bytes| ld_cache::parse(&bytes))
                        .unwrap_or_default();
                }
                let triples = [Some(processor), also].into_iter().flatten();
                let triples = triples.map(|processor| format!("lib/{}", processor.triple));
                // Whose they are is seen in the files.
                for dir in triples.chain(["lib64", "lib32", "lib"].map(str::to_owned)) {
                    defaults.extend([format!("/{dir}"), format!("/usr/{dir}")]);
                }
            }
        }
        let variable = image.config.env.iter().find(|(name, _)| name == "LD_LIBRARY_PATH");
        let environment = variable.map(|(_, value)| directories(value)).unwrap_or_default();
        Ok(Some(Loader { files, processor, also, libc, cache, environment, defaults }))
    }

    /// Whether the image's processor executes it.
    pub(crate) fn executes(&self, elf: &Elf) -> bool {
        let mut processors = [Some(self.processor), self.also].into_iter().flatten();
        elf.system.is_none() && processors.any(|known| known.machine == elf.machine)
    }

    /// The processor that `elf` is for, or the system where it is another one.
    pub(crate) fn name_of(&self, elf: &Elf) -> String {
        if let Some(system) = elf.system {
            return system.to_owned();
        }
        let known = PROCESSORS.iter().find(|known| known.machine == elf.machine);
        known.map_or_else(|| format!("the ELF machine {}", elf.machine.number), |known| known.name.to_owned())
    }

    /// The image's processor.
    pub(crate) fn name(&self) -> &'static str {
        self.processor.name
    }

    /// Whether it is made for another C library than the image's.
    pub(crate) fn is_of_other_libc(&self, elf: &Elf) -> bool {
        made_for(elf).is_some_and(|libc| self.libc != Some(libc))
    }

    /// Whether the loader itself is the library `name`: musl's is its C library, under every name that has a part of it.
    ///
    /// Source: musl, ldso/dynlink.c, `load_library` (`reserved`).
    pub(crate) fn is_library(&self, name: &str) -> bool {
        const PARTS: &[&str] = &["c", "pthread", "rt", "m", "dl", "util", "xnet"];
        let part = name.strip_prefix("lib").and_then(|rest| rest.split_once('.'));
        self.libc == Some(Libc::Musl) && part.is_some_and(|(part, _)| PARTS.contains(&part))
    }

    /// The library `name` for `needing`.
    pub(crate) fn find(&self, name: &str, needing: &Needing<'_>) -> Result<Option<RelPath>, Unreadable> {
        let origin = needing.path.parent().map_or_else(|| "/".to_owned(), |dir| format!("/{dir}"));
        if name.contains('/') {
            return self.fitting(&self.expanded(name, &origin, needing.elf), needing.elf);
        }
        let own = |list: &[String]| -> Vec<String> {
            list.iter().map(|dir| self.expanded(dir, &origin, needing.elf)).collect()
        };
        let runpath = own(&needing.elf.runpath);
        let rpath = self.inherited(needing);
        let before = if runpath.is_empty() || self.libc == Some(Libc::Musl) { rpath } else { Vec::new() };
        for dir in before.iter().chain(&self.environment).chain(&runpath) {
            if let Some(found) = self.fitting(&format!("{dir}/{name}"), needing.elf)? {
                return Ok(Some(found));
            }
        }
        for path in self.cache.get(name).into_iter().flatten() {
            if let Some(found) = self.fitting(path, needing.elf)? {
                return Ok(Some(found));
            }
        }
        for dir in &self.defaults {
            if let Some(found) = self.fitting(&format!("{dir}/{name}"), needing.elf)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The directories in which what `needing` brings is looked for, too.
    pub(crate) fn inherited(&self, needing: &Needing<'_>) -> Vec<String> {
        let origin = needing.path.parent().map_or_else(|| "/".to_owned(), |dir| format!("/{dir}"));
        // A file with RUNPATH has no RPATH that counts; musl hands both on.
        let own = match (needing.elf.runpath.is_empty(), self.libc) {
            (false, Some(Libc::Musl)) => &needing.elf.runpath,
            (false, _) => &Vec::new(),
            (true, _) => &needing.elf.rpath,
        };
        own.iter()
            .map(|dir| self.expanded(dir, &origin, needing.elf))
            .chain(needing.inherited.iter().cloned())
            .collect()
    }

    /// `path`, which `elf` names, with the loader's own variables.
    fn expanded(&self, path: &str, origin: &str, elf: &Elf) -> String {
        let triple = self.also.filter(|also| also.machine == elf.machine).unwrap_or(self.processor).triple;
        let library = format!("lib/{triple}");
        let platform = triple.split('-').next().unwrap_or_default();
        let mut text = path.to_owned();
        for (variable, value) in [("ORIGIN", origin), ("LIB", &*library), ("PLATFORM", platform)] {
            text = text.replace(&format!("${{{variable}}}"), value).replace(&format!("${variable}"), value);
        }
        absolute("/", &text)
    }

    /// The file at `path`, when it is for the same processor as `elf`, which needs it; the loader passes over others.
    fn fitting(&self, path: &str, elf: &Elf) -> Result<Option<RelPath>, Unreadable> {
        let Some((path, _)) = self.files.find(path) else { return Ok(None) };
        let fits = matches!(&*self.files.kind(&path)?, Kind::Elf(found) if found.machine == elf.machine && found.system == elf.system);
        Ok(fits.then_some(path))
    }
}

fn directories(list: &str) -> Vec<String> {
    list.split([':', ';']).filter(|dir| dir.starts_with('/')).map(str::to_owned).collect()
}

/// The C library whose loader the image has.
fn libc_of(files: &Files<'_>) -> Option<Libc> {
    let names = ["lib", "lib64", "usr/lib", "usr/lib64"].into_iter().filter_map(|dir| {
        let (dir, _) = files.find(dir)?;
        let inside = files.tree.below(&dir).filter(move |(path, _)| path.parent().as_ref() == Some(&dir));
        inside.map(|(path, _)| libc_of_loader(path.name())).find(Option::is_some).flatten()
    });
    let mut names: Vec<Libc> = names.collect();
    // A musl beside glibc is a package of its own there.
    names.sort_by_key(|libc| *libc == Libc::Musl);
    names.first().copied()
}

/// The C library whose loader is called `name`.
///
/// Source: the ABI list of glibc's wiki; musl's configure (`ld-musl-$ARCH.so.1`).
fn libc_of_loader(name: &str) -> Option<Libc> {
    match name {
        name if name.starts_with("ld-musl-") => Some(Libc::Musl),
        name if name.starts_with("ld-linux")
            || name.starts_with("ld64.so.")
            || name.starts_with("ld.so.") =>
        {
            Some(Libc::Glibc)
        }
        _ => None,
    }
}

/// The C library that a file is made for, as its loader and its needs tell.
fn made_for(elf: &Elf) -> Option<Libc> {
    let loader = elf.interpreter.as_deref().and_then(|path| path.rsplit('/').next());
    let needed = elf.needed.iter().map(String::as_str);
    loader.into_iter().chain(needed).find_map(|name| match name {
        "libc.so.6" => Some(Libc::Glibc),
        // Musl's own name for it, and Alpine's.
        "libc.so" => Some(Libc::Musl),
        name if name.starts_with("libc.musl-") => Some(Libc::Musl),
        // Linux has had `libc.so.6` since 1997, with `.1` on some processors; the numbers of the BSDs are others.
        name if name.starts_with("libc.so.") && name != "libc.so.6.1" => Some(Libc::Foreign),
        name => libc_of_loader(name),
    })
}

/// The directories that musl looks into.
fn musl_directories(files: &Files<'_>) -> Result<Vec<String>, Unreadable> {
    let configured = files.find("/etc").and_then(|(etc, _)| {
        files
            .tree
            .below(&etc)
            .map(|(path, _)| path.clone())
            .find(|path| path.name().starts_with("ld-musl-") && path.name().ends_with(".path"))
    });
    if let Some(path) = configured
        && let Some(text) = files.text(&path, 65_536)?
    {
        return Ok(text.split([':', '\n']).filter(|dir| !dir.is_empty()).map(str::to_owned).collect());
    }
    Ok(["/lib", "/usr/local/lib", "/usr/lib"].map(str::to_owned).to_vec())
}
