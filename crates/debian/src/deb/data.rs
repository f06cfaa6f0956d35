//! `data.tar`: the files of a package, checked member by member, moved to usr-merged places.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, Read};

use packwright_oci::{ContentSink, Entry, Node, RelPath, Tree};

use super::ar::plain;
use super::error::Problem;
use crate::elf::{self, Library};
use crate::rules::{self, Rules};

/// What the data archive holds.
#[derive(Default)]
pub(super) struct Data {
    pub(super) tree: Tree,
    pub(super) libraries: BTreeMap<RelPath, Library>,
    pub(super) texts: BTreeMap<RelPath, String>,
    /// Everything seen, left out or not, to find paths that come twice.
    seen: BTreeSet<String>,
    /// Regular files that were left out, by their place: a hard link may point at one.
    omitted: BTreeSet<RelPath>,
}

/// Debian's largest packages unpack to some GB.
const DATA_LIMIT: u64 = 8 << 30;
/// More members than any package has.
const MEMBER_LIMIT: usize = 500_000;
/// Longest path, as in Linux.
const PATH_LIMIT: usize = 4096;
/// Shared libraries up to this size are looked into.
const LIBRARY_LIMIT: u64 = 1 << 30;
/// Texts that composing reads are small.
const TEXT_LIMIT: u64 = 4 << 20;

pub(super) fn read(
    name: &str,
    member: &mut dyn Read,
    sink: &mut dyn ContentSink,
    rules: &Rules,
) -> Result<Data, Problem> {
    let mut data = Data::default();
    let limited = plain(name, "data.tar", member)?.take(DATA_LIMIT);
    let mut archive = tar::Archive::new(io::BufReader::with_capacity(1 << 17, limited));
    for entry in archive.entries().map_err(Problem::io("reading the data archive"))? {
        let entry = entry.map_err(Problem::io("reading the data archive"))?;
        data.take(entry, sink, rules)?;
    }
    if archive.into_inner().into_inner().limit() == 0 {
        return Err(Problem::TooLarge { what: "the data archive".to_owned(), limit: DATA_LIMIT });
    }
    Ok(data)
}

impl Data {
    fn take<R: Read>(
        &mut self,
        mut entry: tar::Entry<'_, R>,
        sink: &mut dyn ContentSink,
        rules: &Rules,
    ) -> Result<(), Problem> {
        let written = text(&entry.path_bytes())?;
        let kind = entry.header().entry_type();
        let Some(path) = place(&written)? else {
            return match kind.is_dir() {
                true => Ok(()),
                false => Err(Problem::Unsupported { path: written, what: "the root and not a directory" }),
            };
        };
        if !self.seen.insert(written.trim_start_matches("./").trim_end_matches('/').to_owned()) {
            return Err(Problem::Twice(written));
        }
        if self.seen.len() > MEMBER_LIMIT || written.len() > PATH_LIMIT {
            return Err(Problem::TooLarge {
                what: "the list of files".to_owned(),
                limit: MEMBER_LIMIT as u64,
            });
        }
        if rules.leaves_out(path.as_str(), kind.is_dir()).is_some() {
            if kind.is_file() {
                self.omitted.insert(path);
            }
            return Ok(());
        }
        let node = match kind {
            tar::EntryType::Directory => Node::Dir,
            tar::EntryType::Regular | tar::EntryType::Continuous => self.file(&path, &mut entry, sink)?,
            tar::EntryType::Symlink => {
                let target = text(&link_name(&entry, &written)?)?;
                if is_merge_link(&written, &target) {
                    return Ok(());
                }
                Node::Symlink { target }
            }
            tar::EntryType::Link => {
                let target = text(&link_name(&entry, &written)?)?;
                self.hardlink(&path, &target)?
            }
            tar::EntryType::Char | tar::EntryType::Block => {
                return Err(Problem::Unsupported { path: written, what: "a device" });
            }
            _ => return Err(Problem::Unsupported { path: written, what: "no file, directory or link" }),
        };
        let header = entry.header();
        let number = |value: io::Result<u64>| {
            value
                .ok()
                .and_then(|value| u32::try_from(value).ok())
                .ok_or(Problem::Unsupported { path: written.clone(), what: "of an owner that is no number" })
        };
        let mode = header.mode().map_err(Problem::io(format!("reading `{written}`")))? & 0o7777;
        let (uid, gid) = (number(header.uid())?, number(header.gid())?);
        let mode = if matches!(node, Node::Symlink { .. }) { 0o777 } else { mode };
        self.insert(path, Entry { node, mode, uid, gid, xattrs: BTreeMap::new() }, &written)
    }

    fn insert(&mut self, path: RelPath, entry: Entry, written: &str) -> Result<(), Problem> {
        // Two written paths can have one place: `bin/x` and `usr/bin/x`.
        if self.tree.get(path.as_str()).is_some_and(|there| !(there.is_dir() && entry.is_dir())) {
            return Err(Problem::Twice(written.to_owned()));
        }
        Ok(self.tree.insert(path, entry)?)
    }

    fn file<R: Read>(
        &mut self,
        path: &RelPath,
        entry: &mut tar::Entry<'_, R>,
        sink: &mut dyn ContentSink,
    ) -> Result<Node, Problem> {
        let expected = entry.size();
        let storing = || Problem::io(format!("storing `{path}`"));
        let library = elf::is_candidate(path) && expected <= LIBRARY_LIMIT;
        let kept = rules::is_kept(path.as_str()) && expected <= TEXT_LIMIT;
        let (digest, size) = if library || kept {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(Problem::io(format!("reading `{path}`")))?;
            if let Some(found) = elf::read_library(&bytes).filter(|_| library) {
                self.libraries.insert(path.clone(), found);
            }
            let stored = sink.store(&mut Cursor::new(&bytes)).map_err(storing())?;
            if kept {
                let text = String::from_utf8(bytes).map_err(|_| Problem::NotUtf8(path.to_string()))?;
                self.texts.insert(path.clone(), text);
            }
            stored
        } else {
            sink.store(entry).map_err(storing())?
        };
        if size != expected {
            let source = io::Error::from(io::ErrorKind::UnexpectedEof);
            return Err(Problem::Io { what: format!("reading `{path}`"), source });
        }
        Ok(Node::File { digest, size })
    }

    fn hardlink(&self, path: &RelPath, target: &str) -> Result<Node, Problem> {
        let fail = || Problem::Hardlink { path: path.to_string(), target: target.to_owned() };
        let place = place(target)?.ok_or_else(fail)?;
        match self.tree.get(place.as_str()).map(|entry| &entry.node) {
            Some(Node::File { .. }) => Ok(Node::Hardlink { target: place }),
            Some(Node::Hardlink { target }) => Ok(Node::Hardlink { target: target.clone() }),
            // A second name outside of a file whose first name is left out.
            None if self.omitted.contains(&place) => Err(Problem::Unsupported {
                path: path.to_string(),
                what: "a hard link to a file that is left out",
            }),
            _ => Err(fail()),
        }
    }
}

/// The usr-merged place of a path as tar has it; `None` for the root itself.
fn place(written: &str) -> Result<Option<RelPath>, Problem> {
    let path = written.strip_prefix("./").unwrap_or(written);
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() || path == "." {
        return Ok(None);
    }
    let path: RelPath = path.parse()?;
    Ok(Some(rules::merged(path.as_str()).parse()?))
}

/// base-files brings the usr-merge links itself in newer suites; [`crate::compose`] makes them.
fn is_merge_link(written: &str, target: &str) -> bool {
    let path = written.trim_start_matches("./").trim_end_matches('/');
    rules::MERGED.contains(&path) && target.trim_start_matches('/') == format!("usr/{path}")
}

fn link_name<R: Read>(entry: &tar::Entry<'_, R>, written: &str) -> Result<Vec<u8>, Problem> {
    match entry.link_name_bytes() {
        Some(name) if !name.is_empty() => Ok(name.into_owned()),
        _ => Err(Problem::Hardlink { path: written.to_owned(), target: String::new() }),
    }
}

fn text(bytes: &[u8]) -> Result<String, Problem> {
    let fail = || Problem::NotUtf8(String::from_utf8_lossy(bytes).into_owned());
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| fail())
}
