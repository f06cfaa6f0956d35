//! The stub resolver's DNS messages: a query in, a response out, as bytes. Pure. No other server is ever asked, so that
//! a query carries nothing out of the build.
//!
//! Source: RFC 1035, section 4; RFC 6891 for the additional record that newer programs send, which is passed over.

use std::net::Ipv4Addr;

/// What is known of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// This address stands for it.
    Address(Ipv4Addr),
    /// It may not be reached, or is no name of a host.
    Unknown,
}

const HEADER: usize = 12;
const TYPE_A: u16 = 1;
const CLASS_INTERNET: u16 = 1;

const NO_ERROR: u8 = 0;
const FORMAT_ERROR: u8 = 1;
const NAME_ERROR: u8 = 3;
const NOT_IMPLEMENTED: u8 = 4;

/// Seconds for which a program may keep an answer; names never change their address during a step.
const TTL: u32 = 3600;

struct Question {
    name: String,
    kind: u16,
    class: u16,
    /// Where the question ends.
    end: usize,
}

/// The answer to `query`; `None` for what is no query at all. `lookup` is asked for the name, whatever the record: one
/// that is known has an address (A) and no other record.
pub(crate) fn answer(query: &[u8], lookup: &mut dyn FnMut(&str) -> Lookup) -> Option<Vec<u8>> {
    let header = query.get(..HEADER)?;
    let is_answer = header[2] & 0x80 != 0;
    if is_answer {
        return None;
    }
    let opcode = header[2] >> 3 & 0x0f;
    if opcode != 0 {
        return Some(reply(query, None, NOT_IMPLEMENTED, None));
    }
    let questions = u16::from_be_bytes([header[4], header[5]]);
    let Some(question) = (questions == 1).then(|| question(query)).flatten() else {
        return Some(reply(query, None, FORMAT_ERROR, None));
    };
    let (code, address) = match lookup(&question.name) {
        Lookup::Unknown => (NAME_ERROR, None),
        Lookup::Address(address) if question.kind == TYPE_A && question.class == CLASS_INTERNET => {
            (NO_ERROR, Some(address))
        }
        Lookup::Address(_) => (NO_ERROR, None),
    };
    Some(reply(query, Some(&question), code, address))
}

fn question(query: &[u8]) -> Option<Question> {
    let mut name = String::new();
    let mut at = HEADER;
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        // Two high bits are a pointer, which a question has no use for.
        if length > 63 || name.len() + length > 255 {
            return None;
        }
        let label = query.get(at..at + length)?;
        if !name.is_empty() {
            name.push('.');
        }
        // What is no text is kept apart from all names that are.
        name.extend(label.iter().map(|byte| {
            if byte.is_ascii_graphic() && *byte != b'.' { char::from(*byte) } else { '\u{fffd}' }
        }));
        at += length;
    }
    let number = |at: usize| Some(u16::from_be_bytes([*query.get(at)?, *query.get(at + 1)?]));
    Some(Question { name, kind: number(at)?, class: number(at + 2)?, end: at + 4 })
}

fn reply(query: &[u8], question: Option<&Question>, code: u8, address: Option<Ipv4Addr>) -> Vec<u8> {
    let mut bytes = query[..HEADER].to_vec();
    // An answer, of an authority, with recursion as it was desired, and available.
    bytes[2] = 0x84 | query[2] & 0x79;
    bytes[3] = 0x80 | code;
    let counts = [u16::from(question.is_some()), u16::from(address.is_some()), 0, 0];
    for (number, count) in counts.into_iter().enumerate() {
        bytes[4 + 2 * number..6 + 2 * number].copy_from_slice(&count.to_be_bytes());
    }
    if let Some(question) = question {
        bytes.extend_from_slice(&query[HEADER..question.end]);
    }
    if let Some(address) = address {
        // The name is that of the question.
        bytes.extend_from_slice(&[0xc0, HEADER as u8]);
        bytes.extend_from_slice(&TYPE_A.to_be_bytes());
        bytes.extend_from_slice(&CLASS_INTERNET.to_be_bytes());
        bytes.extend_from_slice(&TTL.to_be_bytes());
        bytes.extend_from_slice(&4u16.to_be_bytes());
        bytes.extend_from_slice(&address.octets());
    }
    bytes
}

#[cfg(test)]
mod tests;
