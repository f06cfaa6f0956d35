//! A strict tar reader: it refuses archives that other readers interpret differently. It gives members one
//! by one and never unpacks.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::mem;

use super::error::TarError;
use super::header_block::{HeaderBlock, MemberType, until_nul};
use super::limits::ArchiveLimits;
use super::pax;
use super::ustar::{BLOCK, OCTAL_7, OCTAL_11, field, padding};
use crate::{PathError, RelPath};

/// One member's header, combined with its extended headers.
#[derive(Debug)]
pub(crate) struct ParsedMember {
    /// `None` for the root itself.
    pub(crate) path: Option<RelPath>,
    pub(crate) kind: MemberType,
    pub(crate) size: u64,
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// The text of a link; empty for the rest.
    pub(crate) link: String,
    pub(crate) xattrs: BTreeMap<String, Vec<u8>>,
}

/// Reads the members of an archive in order.
pub(crate) struct TarReader<R> {
    reader: R,
    limits: ArchiveLimits,
    offset: u64,
    entries: u64,
    /// Bytes of names and attributes of all members so far.
    names: u64,
    /// Bytes left of the current member's content, and of the padding after it.
    content: u64,
    padding: usize,
    /// Whether reading the current content has failed.
    failed: bool,
}

/// The extended headers of the member that follows them.
#[derive(Default)]
struct ExtendedHeaders {
    records: Option<BTreeMap<String, Vec<u8>>>,
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
}

impl<R: Read> TarReader<R> {
    pub(crate) fn new(reader: R, limits: ArchiveLimits) -> TarReader<R> {
        TarReader { reader, limits, offset: 0, entries: 0, names: 0, content: 0, padding: 0, failed: false }
    }

    /// The next member; skips unread content of the current one. `None` at the end of the archive, after a
    /// check that nothing follows.
    pub(crate) fn next(&mut self) -> Result<Option<ParsedMember>, TarError> {
        let mut extended = ExtendedHeaders::default();
        loop {
            self.finish_member()?;
            let offset = self.offset;
            let mut block = [0; BLOCK];
            let more = self.fill_unless_ended(&mut block)?;
            if !more || block.iter().all(|byte| *byte == 0) {
                self.finish_archive()?;
                return if extended.is_empty() { Ok(None) } else { Err(TarError::Truncated) };
            }
            self.entries += 1;
            if self.entries > self.limits.entries {
                return Err(TarError::Limit { what: "members", limit: self.limits.entries });
            }
            let raw = HeaderBlock::read(&block, offset)?;
            match raw.flag {
                b'x' | b'L' | b'K' => self.take_extended(&raw, &mut extended)?,
                _ => {
                    let received = self.member(&raw, extended)?;
                    self.count_names(&received)?;
                    self.expect_content(received.size)?;
                    return Ok(Some(received));
                }
            }
        }
    }

    /// The current member's content.
    pub(crate) fn content(&mut self) -> MemberContent<'_, R> {
        MemberContent(self)
    }

    /// Whether a read from the archive failed, as opposed to the destination of a copy.
    pub(crate) fn failed(&self) -> bool {
        self.failed
    }

    pub(crate) fn into_inner(self) -> R {
        self.reader
    }

    fn expect_content(&mut self, size: u64) -> Result<(), TarError> {
        let end = self.offset.checked_add(size);
        if end.is_none_or(|end| end > self.limits.total_size) {
            return Err(self.too_large());
        }
        self.content = size;
        self.padding = padding(size);
        Ok(())
    }

    fn count_names(&mut self, received: &ParsedMember) -> Result<(), TarError> {
        let path = received.path.as_ref().map_or(0, |path| path.as_str().len());
        let xattrs: usize = received.xattrs.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.names += (path + received.link.len() + xattrs) as u64;
        if self.names > self.limits.names_size {
            return Err(TarError::Limit {
                what: "bytes of names and attributes",
                limit: self.limits.names_size,
            });
        }
        Ok(())
    }

    fn too_large(&self) -> TarError {
        TarError::Limit { what: "bytes", limit: self.limits.total_size }
    }

    fn finish_member(&mut self) -> Result<(), TarError> {
        io::copy(&mut self.content(), &mut io::sink())?;
        let mut zeros = [0; BLOCK];
        let length = mem::take(&mut self.padding);
        // Writers do not always zero this padding, and no reader looks at it.
        self.fill(&mut zeros[..length])
    }

    fn finish_archive(&mut self) -> Result<(), TarError> {
        let mut rest = vec![0; 64 << 10];
        loop {
            let length = match self.reader.read(&mut rest) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            self.offset += length as u64;
            if rest[..length].iter().any(|byte| *byte != 0) {
                return Err(TarError::TrailingBytes);
            }
            if self.offset > self.limits.total_size {
                return Err(self.too_large());
            }
        }
    }

    /// Fills `block`; gives whether the archive had more bytes. An archive that stops between two
    /// members is complete to every reader, and umoci writes such layers.
    fn fill_unless_ended(&mut self, block: &mut [u8; BLOCK]) -> Result<bool, TarError> {
        let mut start = Vec::new();
        self.reader.by_ref().take(1).read_to_end(&mut start)?;
        let Some(first) = start.first() else {
            return if self.offset == 0 { Err(TarError::Truncated) } else { Ok(false) };
        };
        self.offset += 1;
        block[0] = *first;
        self.fill(&mut block[1..])?;
        Ok(true)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), TarError> {
        self.reader.read_exact(bytes)?;
        self.offset += bytes.len() as u64;
        if self.offset > self.limits.total_size {
            return Err(self.too_large());
        }
        Ok(())
    }

    fn take_extended(
        &mut self,
        raw: &HeaderBlock<'_>,
        extended: &mut ExtendedHeaders,
    ) -> Result<(), TarError> {
        let broken = |problem: String| TarError::Extended { member: raw.shown(), problem };
        let size = raw.size()?;
        if size > self.limits.pax_size {
            return Err(TarError::Limit { what: "bytes of extended header", limit: self.limits.pax_size });
        }
        self.expect_content(size)?;
        let mut bytes = Vec::new();
        self.content().read_to_end(&mut bytes)?;
        let twice = if raw.flag == b'x' {
            let records = pax::decode(&bytes).map_err(broken)?;
            extended.records.replace(records).is_some()
        } else {
            // GNU tar writes a NUL at the end, which counts.
            let text = bytes.strip_suffix(b"\0").unwrap_or(&bytes).to_vec();
            let place = if raw.flag == b'L' { &mut extended.path } else { &mut extended.link };
            place.replace(text).is_some()
        };
        if twice {
            return Err(broken("it is there twice".to_owned()));
        }
        Ok(())
    }

    fn member(&self, raw: &HeaderBlock<'_>, extended: ExtendedHeaders) -> Result<ParsedMember, TarError> {
        let ExtendedHeaders { records, path, link } = extended;
        let mut records = records.unwrap_or_default();
        let path = self.text(raw, "path", raw.path(), path, records.remove("path"))?;
        let kind = raw.kind(&path)?;
        let is_link = matches!(kind, MemberType::Symlink | MemberType::Hardlink);
        let has_long_link = link.is_some() || records.contains_key("linkpath");
        if has_long_link && !is_link {
            return Err(TarError::Extended {
                member: path,
                problem: "it names a link's target, but the member is no link".to_owned(),
            });
        }
        let link = if is_link {
            let short = until_nul(&raw.block[field::LINK]).to_vec();
            self.text(raw, "link target", short, link, records.remove("linkpath"))?
        } else {
            String::new()
        };
        let size = agreed(&path, "size", raw.number(field::SIZE), records.remove("size"), OCTAL_11)?;
        let uid = agreed(&path, "uid", raw.number(field::UID), records.remove("uid"), OCTAL_7)?;
        let gid = agreed(&path, "gid", raw.number(field::GID), records.remove("gid"), OCTAL_7)?;
        let missing = |field| TarError::Number { member: path.clone(), field };
        let owner = |id, field| u32::try_from(id).map_err(|_| missing(field));
        let received = ParsedMember {
            path: relative(&path, kind)?,
            kind,
            size,
            mode: (raw.number(field::MODE).ok_or_else(|| missing("mode"))? & 0o7777) as u32,
            uid: owner(uid, "uid")?,
            gid: owner(gid, "gid")?,
            link,
            xattrs: xattrs(&path, records)?,
        };
        if received.size > 0 && received.kind != MemberType::File {
            return Err(TarError::Content { member: path });
        }
        Ok(received)
    }

    /// The text that header, GNU long name and PAX record agree on.
    fn text(
        &self,
        raw: &HeaderBlock<'_>,
        what: &'static str,
        short: Vec<u8>,
        long: Option<Vec<u8>>,
        record: Option<Vec<u8>>,
    ) -> Result<String, TarError> {
        if long.is_some() && record.is_some() {
            return Err(TarError::Disagreement { member: raw.shown(), field: what });
        }
        let bytes = record.or(long).unwrap_or(short);
        if bytes.len() > self.limits.path_length {
            return Err(TarError::Limit { what: "bytes in a path", limit: self.limits.path_length as u64 });
        }
        if bytes.is_empty() || bytes.contains(&0) {
            return Err(TarError::Extended {
                member: raw.shown(),
                problem: format!("its {what} is empty or has a NUL byte"),
            });
        }
        String::from_utf8(bytes).map_err(|error| TarError::NotUtf8 {
            member: String::from_utf8_lossy(error.as_bytes()).into_owned(),
        })
    }
}

/// Reads one member's content to its end.
pub(crate) struct MemberContent<'a, R>(&'a mut TarReader<R>);

impl<R: Read> Read for MemberContent<'_, R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let members = &mut *self.0;
        let most = usize::try_from(members.content).unwrap_or(usize::MAX).min(bytes.len());
        if most == 0 {
            return Ok(0);
        }
        let length = match members.reader.read(&mut bytes[..most]) {
            Ok(length) => length,
            Err(error) => {
                members.failed = error.kind() != io::ErrorKind::Interrupted;
                return Err(error);
            }
        };
        if length == 0 {
            members.failed = true;
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends inside a member"));
        }
        members.content -= length as u64;
        members.offset += length as u64;
        Ok(length)
    }
}

impl ExtendedHeaders {
    fn is_empty(&self) -> bool {
        self.records.is_none() && self.path.is_none() && self.link.is_none()
    }
}

/// The path below the root of a member's name, or of the name that a hard link points at; `None` for the root.
/// Leading slashes, empty parts and `.` are left out, as containerd, Docker and umoci do it: kaniko writes the
/// root as `/` and absolute link targets. A name with `..` is refused, also where it would stay below the root.
pub(crate) fn below_root(name: &str) -> Result<Option<RelPath>, PathError> {
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    match parts.contains(&"..") {
        true => Err(PathError::Part { path: name.to_owned(), part: "..".to_owned() }),
        false if parts.is_empty() => Ok(None),
        false => parts.join("/").parse().map(Some),
    }
}

/// The path of a member below the root; `None` for the root, which only a directory can be.
fn relative(name: &str, kind: MemberType) -> Result<Option<RelPath>, TarError> {
    let path = below_root(name)?;
    let names_a_directory = path.is_none() || name.ends_with('/') || name.ends_with("/.");
    if kind != MemberType::Dir && names_a_directory {
        return Err(TarError::NotADirectory { member: name.to_owned() });
    }
    Ok(path)
}

/// The number that header and PAX record agree on. The record overrides the header only if the number
/// does not fit into the header.
fn agreed(
    member: &str,
    field: &'static str,
    header: Option<u64>,
    record: Option<Vec<u8>>,
    most: u64,
) -> Result<u64, TarError> {
    let missing = || TarError::Number { member: member.to_owned(), field };
    let Some(record) = record else {
        return header.ok_or_else(missing);
    };
    let record = pax::decimal(&record).ok_or_else(missing)?;
    if record <= most && header != Some(record) {
        return Err(TarError::Disagreement { member: member.to_owned(), field });
    }
    Ok(record)
}

fn xattrs(member: &str, records: BTreeMap<String, Vec<u8>>) -> Result<BTreeMap<String, Vec<u8>>, TarError> {
    let mut xattrs = BTreeMap::new();
    for (key, value) in records {
        if key.starts_with("GNU.sparse.") {
            return Err(TarError::Type { member: member.to_owned(), flag: 'S' });
        }
        if let Some(name) = key.strip_prefix(pax::XATTR) {
            if name.is_empty() {
                return Err(TarError::Extended {
                    member: member.to_owned(),
                    problem: "an extended attribute has no name".to_owned(),
                });
            }
            xattrs.insert(name.to_owned(), value);
        }
        // Times, names of owners, comments and vendors' records do not reach a tree.
    }
    Ok(xattrs)
}
