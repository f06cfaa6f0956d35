//! PAX records: `<length> <key>=<value>\n`, the length counting itself.
//!
//! Source: POSIX.1-2017, pax, "pax Extended Header".

use std::collections::BTreeMap;

/// What precedes the name of an extended attribute in its record's key.
pub(super) const XATTR: &str = "SCHILY.xattr.";

/// The records in the order of their keys.
pub(super) fn encode(records: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3; // the space, `=` and the line feed
        let mut length = rest + decimal_digits(rest);
        if rest + decimal_digits(length) != length {
            length = rest + decimal_digits(length);
        }
        out.extend_from_slice(format!("{length} {key}=").as_bytes());
        out.extend_from_slice(value);
        out.push(b'\n');
    }
    out
}

fn decimal_digits(number: usize) -> usize {
    number.to_string().len()
}

/// The records of one PAX header; the text says what is wrong with them.
pub(super) fn decode(mut bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut records = BTreeMap::new();
    while !bytes.is_empty() {
        let (record, rest) = cut(bytes).ok_or("a record has a wrong length")?;
        let body = record.strip_suffix(b"\n").ok_or("a record does not end in a line feed")?;
        let equals = body.iter().position(|byte| *byte == b'=').ok_or("a record has no `=`")?;
        let key = std::str::from_utf8(&body[..equals]).map_err(|_| "a key is not UTF-8")?;
        if key.is_empty() || key.contains('\0') {
            return Err("a key is empty or has a NUL byte".to_owned());
        }
        if records.insert(key.to_owned(), body[equals + 1..].to_vec()).is_some() {
            return Err(format!("the key `{key}` is there twice"));
        }
        bytes = rest;
    }
    Ok(records)
}

/// One record without its length, and what follows it.
fn cut(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = bytes.iter().take(20).position(|byte| *byte == b' ')?;
    let length = decimal(&bytes[..space])?;
    let length = usize::try_from(length).ok()?;
    if length <= space + 1 || length > bytes.len() {
        return None;
    }
    Some((&bytes[space + 1..length], &bytes[length..]))
}

/// A number of plain digits: no sign, no space.
pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}
