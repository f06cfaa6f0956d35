//! The part of an ELF file that the dynamic loader reads before it runs anything: interpreter, needed libraries,
//! search paths, versions. Reads headers and tables, never code; any bytes give a value or `None`.
//!
//! `object` (gimli-rs) reads the formats of both classes and both byte orders. Only its low-level readers are used:
//! each takes the place and size of what it reads from the file itself, so reads are bounded here.
//!
//! Source: System V ABI, "Object Files" and "Dynamic Linking"; Linux Standard Base 5.0, 10.7 "Symbol Versioning".

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom};

use object::Endianness;
use object::elf as format;
use object::read::elf::{Dyn, FileHeader, ProgramHeader, SectionHeader};
use object::read::{ReadCache, ReadCacheOps, ReadRef, StringTable};

/// The most that is read of one file, in bytes: the dynamic section and the version tables of the largest libraries
/// have less than one hundredth of it.
const BUDGET: u64 = 32 << 20;

/// The most that is read at once, in bytes.
const PIECE: u64 = 8 << 20;

/// The most entries that are taken of one table.
const STRINGS: usize = 65_536;

/// What the dynamic loader reads of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Elf {
    /// `e_machine` with the class (1: 32 bits, 2: 64 bits) and the byte order (1: little, 2: big).
    pub(crate) machine: Machine,
    /// The system that it is for, where it is not Linux.
    pub(crate) system: Option<&'static str>,
    /// The program that loads it, as an absolute path; only programs have one.
    pub(crate) interpreter: Option<String>,
    /// The libraries that are loaded with it, in their order.
    pub(crate) needed: Vec<String>,
    /// Directories for these and for what they need in turn.
    pub(crate) rpath: Vec<String>,
    /// Directories for these alone. Where there are some, `rpath` does not count.
    pub(crate) runpath: Vec<String>,
    /// The name that others need it by.
    pub(crate) soname: Option<String>,
    /// The versions that it needs: library, version.
    pub(crate) requires: Vec<(String, String)>,
    /// The versions that it offers; empty for a library without versions.
    pub(crate) offers: BTreeSet<String>,
}

/// Which processors execute a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Machine {
    /// `e_machine`.
    pub(crate) number: u16,
    /// `EI_CLASS`.
    pub(crate) class: u8,
    /// `EI_DATA`.
    pub(crate) data: u8,
}

/// Reads `content`, which has `size` bytes; `None` when it is malformed.
pub(crate) fn read(mut content: impl Read + Seek, size: u64) -> Option<Elf> {
    let mut ident = [0; 16];
    content.seek(SeekFrom::Start(0)).ok()?;
    content.read_exact(&mut ident).ok()?;
    let cache = &ReadCache::new(Bounded { content, size, left: Cell::new(BUDGET) });
    match ident[4] {
        1 => read_as::<format::FileHeader32<Endianness>, _>(Pieces(cache)),
        2 => read_as::<format::FileHeader64<Endianness>, _>(Pieces(cache)),
        _ => None,
    }
}

fn read_as<'data, F, R>(data: R) -> Option<Elf>
where
    F: FileHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    let header = F::parse(data).ok()?;
    let endian = header.endian().ok()?;
    let ident = header.e_ident();
    let machine = Machine { number: header.e_machine(endian), class: ident.class, data: ident.data };
    let mut elf = Elf { machine, system: system_of(ident.os_abi), ..Elf::default() };
    let segments = header.program_headers(endian, data).ok()?;
    let mut dynamic = None;
    for segment in segments {
        if let Some(path) = segment.interpreter(endian, data).ok()? {
            elf.interpreter = Some(text(path)?);
        }
        dynamic = dynamic.or(segment.dynamic(endian, data).ok()?);
    }
    // A static program.
    let Some(dynamic) = dynamic else { return Some(elf) };
    let entries: Vec<(i64, u64)> = dynamic
        .iter()
        .map(|entry| (entry.d_tag(endian).into(), entry.d_val(endian).into()))
        .take_while(|(tag, _)| *tag != format::DT_NULL)
        .take(STRINGS)
        .collect();
    let value = |wanted: i64| entries.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| *value);
    // The table of names is given by its address in memory; a segment tells its place in the file.
    let Some(address) = value(format::DT_STRTAB) else { return Some(elf) };
    let place =
        segments.iter().filter(|segment| segment.p_type(endian) == format::PT_LOAD).find_map(|segment| {
            let (start, length) = segment.file_range(endian);
            let into = address.checked_sub(segment.p_vaddr(endian).into())?;
            (into < length).then(|| start.checked_add(into))?
        })?;
    let length = value(format::DT_STRSZ)?;
    let strings = StringTable::new(data, place, place.checked_add(length)?);
    let string = |offset: u64| text(strings.get(u32::try_from(offset).ok()?).ok()?);
    for (tag, value) in &entries {
        match *tag {
            format::DT_NEEDED => elf.needed.push(string(*value)?),
            format::DT_SONAME => elf.soname = Some(string(*value)?),
            format::DT_RPATH => elf.rpath = directories(&string(*value)?),
            format::DT_RUNPATH => elf.runpath = directories(&string(*value)?),
            _ => {}
        }
    }
    versions::<F, R>(&mut elf, header, endian, data);
    Some(elf)
}

/// The version tables, which sections tell; a file without sections has none to tell.
fn versions<'data, F, R>(elf: &mut Elf, header: &F, endian: Endianness, data: R) -> Option<()>
where
    F: FileHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    let sections = header.sections(endian, data).ok()?;
    // Entries that lead to each other again and again would be read for hours.
    let mut left = STRINGS;
    let mut one_more = || {
        left = left.checked_sub(1)?;
        Some(())
    };
    for section in sections.iter() {
        if let Some((mut needs, link)) = section.gnu_verneed(endian, data).ok().flatten() {
            let strings = sections.strings(endian, data, link).ok()?;
            while let Some((library, mut wanted)) = needs.next().ok()? {
                let file = text(library.file(endian, strings).ok()?)?;
                one_more()?;
                while let Some(version) = wanted.next().ok()? {
                    one_more()?;
                    let is_weak = version.vna_flags.get(endian) & format::VER_FLG_WEAK != 0;
                    if !is_weak {
                        elf.requires.push((file.clone(), text(version.name(endian, strings).ok()?)?));
                    }
                }
            }
        }
        if let Some((mut definitions, link)) = section.gnu_verdef(endian, data).ok().flatten() {
            let strings = sections.strings(endian, data, link).ok()?;
            while let Some((_, mut names)) = definitions.next().ok()? {
                one_more()?;
                if let Some(name) = names.next().ok()? {
                    elf.offers.insert(text(name.name(endian, strings).ok()?)?);
                }
            }
        }
    }
    Some(())
}

/// The system of a file, which Linux leaves open or calls its own.
///
/// Source: System V ABI, "EI_OSABI".
fn system_of(os_abi: u8) -> Option<&'static str> {
    match os_abi {
        format::ELFOSABI_NETBSD => Some("NetBSD"),
        format::ELFOSABI_SOLARIS => Some("Solaris"),
        format::ELFOSABI_FREEBSD => Some("FreeBSD"),
        format::ELFOSABI_OPENBSD => Some("OpenBSD"),
        _ => None,
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok().filter(|text| !text.is_empty())
}

fn directories(list: &str) -> Vec<String> {
    list.split(':').filter(|dir| !dir.is_empty()).map(str::to_owned).collect()
}

/// A cache that is asked for small pieces alone: it makes room for what is asked for before it reads.
struct Pieces<'a, R: ReadCacheOps>(&'a ReadCache<R>);

impl<R: ReadCacheOps> Clone for Pieces<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: ReadCacheOps> Copy for Pieces<'_, R> {}

impl<'a, R: ReadCacheOps> ReadRef<'a> for Pieces<'a, R> {
    fn len(self) -> Result<u64, ()> {
        self.0.len()
    }

    fn read_bytes_at(self, offset: u64, size: u64) -> Result<&'a [u8], ()> {
        if size > PIECE { Err(()) } else { self.0.read_bytes_at(offset, size) }
    }

    fn read_bytes_at_until(self, range: std::ops::Range<u64>, delimiter: u8) -> Result<&'a [u8], ()> {
        self.0.read_bytes_at_until(range, delimiter)
    }
}

/// A content of which no more than [`BUDGET`] is read, whatever it says about itself.
struct Bounded<R> {
    content: R,
    size: u64,
    left: Cell<u64>,
}

impl<R> Bounded<R> {
    fn spend(&self, bytes: usize) -> Result<(), ()> {
        self.left.set(self.left.get().checked_sub(bytes as u64).ok_or(())?);
        Ok(())
    }
}

impl<R: Read + Seek> ReadCacheOps for Bounded<R> {
    fn len(&mut self) -> Result<u64, ()> {
        Ok(self.size)
    }

    fn seek(&mut self, pos: u64) -> Result<u64, ()> {
        self.content.seek(SeekFrom::Start(pos)).map_err(drop)
    }

    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ()> {
        self.spend(buf.len())?;
        self.content.read(buf).map_err(drop)
    }

    fn read_exact(&mut self, buf: &mut [u8]) -> Result<(), ()> {
        self.spend(buf.len())?;
        self.content.read_exact(buf).map_err(drop)
    }
}
