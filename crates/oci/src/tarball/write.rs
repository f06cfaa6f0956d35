//! Writes the header of one member: ustar if all fields fit, else with a PAX header before it that holds only
//! the fields that do not fit.

use std::collections::BTreeMap;

use super::pax;
use super::ustar::{BLOCK, OCTAL_7, OCTAL_11, checksum, field, padding};

/// One member to write. `path` has no trailing slash, whatever the kind.
pub(crate) struct Member<'a> {
    pub(crate) path: &'a str,
    pub(crate) kind: MemberKind<'a>,
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) mtime: u64,
    pub(crate) xattrs: &'a BTreeMap<String, Vec<u8>>,
}

/// The type of a member to write, with what only that type has.
#[derive(Clone, Copy)]
pub(crate) enum MemberKind<'a> {
    Dir,
    File { size: u64 },
    Symlink(&'a str),
    Hardlink(&'a str),
}

/// Why a member cannot be written so that every reader understands it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// More than twelve permission bits.
    #[error("its mode {0:o} has more than the twelve permission bits")]
    Mode(u32),
    /// The time does not fit into a header.
    #[error("the time {0} is after the year 2242")]
    Time(u64),
    /// The link's text is empty or has a NUL byte.
    #[error("its link target {0:?} is empty or has a NUL byte")]
    LinkTarget(String),
    /// The name of an extended attribute cannot be a PAX key.
    #[error("its extended attribute {0:?} has an empty name, `=` or a NUL byte")]
    XattrName(String),
}

/// The header blocks of `member`, PAX blocks first when there are any.
pub(crate) fn header(member: &Member<'_>) -> Result<Vec<u8>, HeaderError> {
    if member.mode > 0o7777 {
        return Err(HeaderError::Mode(member.mode));
    }
    if member.mtime > OCTAL_11 {
        return Err(HeaderError::Time(member.mtime));
    }
    let (flag, size, link) = match member.kind {
        MemberKind::File { size } => (b'0', size, ""),
        MemberKind::Hardlink(target) => (b'1', 0, target),
        MemberKind::Symlink(target) => (b'2', 0, target),
        MemberKind::Dir => (b'5', 0, ""),
    };
    if link.contains('\0') || (link.is_empty() && matches!(flag, b'1' | b'2')) {
        return Err(HeaderError::LinkTarget(link.to_owned()));
    }
    let mut path = member.path.to_owned();
    if flag == b'5' {
        path.push('/');
    }

    let mut records: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (name, value) in member.xattrs {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(HeaderError::XattrName(name.clone()));
        }
        records.insert(format!("{}{name}", pax::XATTR), value.clone());
    }
    let mut block = [0; BLOCK];
    match split(&path) {
        Some((prefix, name)) => {
            put(&mut block[field::NAME], name.as_bytes());
            put(&mut block[field::PREFIX], prefix.as_bytes());
        }
        None => {
            put(&mut block[field::NAME], &shortened(&path));
            records.insert("path".to_owned(), path.into_bytes());
        }
    }
    if link.is_ascii() && link.len() <= field::LINK.len() {
        put(&mut block[field::LINK], link.as_bytes());
    } else {
        put(&mut block[field::LINK], &shortened(link));
        records.insert("linkpath".to_owned(), link.as_bytes().to_vec());
    }
    number(&mut block[field::MODE], u64::from(member.mode));
    for (range, key, value, most) in [
        (field::UID, "uid", u64::from(member.uid), OCTAL_7),
        (field::GID, "gid", u64::from(member.gid), OCTAL_7),
        (field::SIZE, "size", size, OCTAL_11),
    ] {
        if value > most {
            records.insert(key.to_owned(), value.to_string().into_bytes());
        }
        number(&mut block[range], if value > most { 0 } else { value });
    }
    number(&mut block[field::MTIME], member.mtime);
    finish(&mut block, flag);

    let mut out = Vec::with_capacity(BLOCK);
    if !records.is_empty() {
        let records = pax::encode(&records);
        let mut extended = [0; BLOCK];
        // Python's name for it; readers ignore the name, but it must not hold a process id.
        put(&mut extended[field::NAME], b"././@PaxHeader");
        number(&mut extended[field::MODE], 0o644);
        number(&mut extended[field::UID], 0);
        number(&mut extended[field::GID], 0);
        number(&mut extended[field::SIZE], records.len() as u64);
        number(&mut extended[field::MTIME], 0);
        finish(&mut extended, b'x');
        out.extend_from_slice(&extended);
        out.extend_from_slice(&records);
        out.resize(out.len() + padding(records.len() as u64), 0);
    }
    out.extend_from_slice(&block);
    Ok(out)
}

fn finish(block: &mut [u8; BLOCK], flag: u8) {
    block[field::TYPE] = flag;
    put(&mut block[field::MAGIC], b"ustar\x0000");
    number(&mut block[field::DEV_MAJOR], 0);
    number(&mut block[field::DEV_MINOR], 0);
    let sum = format!("{:06o}\0 ", checksum(block));
    put(&mut block[field::CHECKSUM], sum.as_bytes());
}

fn put(field: &mut [u8], bytes: &[u8]) {
    field[..bytes.len()].copy_from_slice(bytes);
}

/// Octal digits that fill the field up to a closing NUL. The caller has checked that it fits.
fn number(field: &mut [u8], value: u64) {
    let digits = field.len() - 1;
    put(field, format!("{value:0digits$o}").as_bytes());
}

/// Prefix and name of a path that fits into the two fields; `None` when it needs a PAX record.
/// The cut is at the last `/` the prefix can reach, as Go's writer has it.
fn split(path: &str) -> Option<(&str, &str)> {
    if !path.is_ascii() {
        // Readers do not agree on the character set of ustar names.
        return None;
    }
    if path.len() <= field::NAME.len() {
        return Some(("", path));
    }
    let reach = path.trim_end_matches('/').len().min(field::PREFIX.len() + 1);
    let cut = path[..reach].rfind('/')?;
    let (prefix, name) = (&path[..cut], &path[cut + 1..]);
    (!prefix.is_empty() && name.len() <= field::NAME.len()).then_some((prefix, name))
}

/// What a reader without PAX sees: the ASCII part, cut to the field's length.
fn shortened(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii).take(field::NAME.len()).collect()
}
