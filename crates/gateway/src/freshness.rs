//! The rules of the HTTP cache: which responses are stored, under which key, and how long they are fresh. Pure.
//!
//! The key of a response is made of the whole request and not of the fields in `Vary`: a server may look at a field that
//! it does not name there, and then one application could decide what another one gets.
//!
//! Source: RFC 9111, sections 3, 4 and 5; RFC 8246, "immutable".

use std::time::Duration;

use packwright_oci::{Digest, Hasher};

use crate::cache::Kept;
use crate::http::head::{Fields, values};

/// Request fields that differ in each run of a tool and do not change the response.
const OF_THE_RUN: [&str; 1] = ["npm-session"];

/// Fields of conditional requests, which bypass the cache.
const CONDITIONS: [&str; 5] =
    ["if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since"];

/// Fields that say how current an answer has to be; they are obeyed, and are no part of a key.
const CURRENCY: [&str; 2] = ["cache-control", "pragma"];

/// Response fields that are for one client or one moment only.
const NOT_KEPT: [&str; 4] = ["age", "set-cookie", "set-cookie2", "warning"];

/// The statuses that are kept: the content or a part of it is here, it is elsewhere, there is none.
const KEPT: [u16; 10] = [200, 206, 301, 302, 303, 307, 308, 404, 405, 410];

/// The key for the answer to a `GET` of `url` with `fields` (those of the credential among them); `None` if the answer
/// is not to come from the cache.
pub(crate) fn key(url: &str, fields: &Fields) -> Option<Digest> {
    let has = |name: &str| values(fields, name).next().is_some();
    // What is in no key is sent on as well: nothing in it may make the answer another one.
    let unkeyed = fields.iter().filter(|(name, _)| is_unkeyed(name));
    if unkeyed.into_iter().any(|(_, value)| !is_plain(value)) {
        return None;
    }
    if CONDITIONS.iter().any(|name| has(name)) || directives(fields).any(|(name, _)| name == "no-store") {
        return None;
    }
    let mut said: Vec<&(String, Vec<u8>)> = fields.iter().filter(|(name, _)| !is_unkeyed(name)).collect();
    // The order of different fields says nothing; that of the same one does.
    said.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut hasher = Hasher::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    part(b"packwright download 1");
    part(url.as_bytes());
    for (name, value) in said {
        part(name.as_bytes());
        part(value);
    }
    Some(hasher.finish())
}

fn is_unkeyed(name: &str) -> bool {
    OF_THE_RUN.contains(&name) || CURRENCY.contains(&name)
}

/// Whether a value has only what directives and numbers of runs are made of.
fn is_plain(value: &[u8]) -> bool {
    let of_words = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'=' | b',' | b' ');
    value.len() <= 100 && value.iter().all(of_words)
}

/// Whether an address names its content: a path that holds a digest of 64 digits or more, in one part or in several
/// that follow each other (`/0e/f9/6647…/file`). What is there never changes, whatever the server says of it.
pub(crate) fn names_its_content(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let mut digits = 0;
    path.split('/').any(|part| {
        let is_hex = !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        digits = if is_hex { digits + part.len() } else { 0 };
        digits >= 64
    })
}

/// The fields to store of a response that came at `now` (seconds since 1970), and since when it is current; `None` if it
/// may not be stored. Responses that are never fresh are stored too: locked builds use them by digest.
pub(crate) fn to_keep(status: u16, fields: &Fields, now: u64) -> Option<(Fields, u64)> {
    let forbidden = directives(fields).any(|(name, _)| name == "no-store" || name == "private");
    let varies = values(fields, "vary")
        .flat_map(|value| value.split(|byte| *byte == b','))
        .any(|part| part.trim_ascii() == b"*");
    let is_own = values(fields, "set-cookie").next().is_some();
    if !KEPT.contains(&status) || forbidden || varies || is_own {
        return None;
    }
    let kept = fields.iter().filter(|(name, _)| !NOT_KEPT.contains(&name.as_str())).cloned().collect();
    let age = values(fields, "age").next().and_then(number).unwrap_or(0);
    Some((kept, now.saturating_sub(age)))
}

/// Whether a program wants no kept answer.
pub(crate) fn asks_anew(request: &Fields) -> bool {
    directives(request).any(|(name, _)| name == "no-cache")
        || values(request, "pragma").any(|value| value.eq_ignore_ascii_case(b"no-cache"))
}

/// Whether `kept` may be handed out at `now` without asking the server. Nothing is current for longer than `max_age`
/// but what says that it never changes; what was current in the future is not, since one of the clocks is wrong.
pub(crate) fn is_current(kept: &Kept, request: &Fields, now: u64, max_age: Duration) -> bool {
    let Some(age) = now.checked_sub(kept.current_at) else { return false };
    let is_older = directives(request).any(|(name, value)| {
        name == "max-age"
            && value.as_deref().and_then(|value| value.parse().ok()).is_some_and(|most: u64| age > most)
    });
    if is_older || asks_anew(request) {
        return is_immutable(&kept.fields, age);
    }
    is_immutable(&kept.fields, age)
        || lifetime(&kept.fields).is_some_and(|lifetime| age < lifetime.min(max_age.as_secs()))
        || says_nothing(&kept.fields) && age < max_age.as_secs()
}

/// Whether a server says neither how long an answer is current nor gives a way to ask. Then the caller's `max_age`
/// decides, as it does for indexes of archives.
///
/// Source: RFC 9111, section 4.2.2, heuristic freshness.
pub(crate) fn says_nothing(fields: &Fields) -> bool {
    let speaks = ["cache-control", "expires", "pragma"];
    speaks.iter().all(|name| values(fields, name).next().is_none()) && validators(fields).next().is_none()
}

/// The fields by which a program says what it has already. A build that knows what to expect leaves them out, so that it
/// always gets the bytes.
pub(crate) fn asks_for_a_change(field: &str) -> bool {
    matches!(field, "if-none-match" | "if-modified-since")
}

/// Within its lifetime; RFC 8246 lets nobody ask again for these, whatever they say.
fn is_immutable(fields: &Fields, age: u64) -> bool {
    directives(fields).any(|(name, _)| name == "immutable")
        && lifetime(fields).is_some_and(|lifetime| age < lifetime)
}

/// The fields that ask whether `kept` is still current.
pub(crate) fn conditions(kept: &Kept) -> Fields {
    validators(&kept.fields).collect()
}

fn validators(fields: &Fields) -> impl Iterator<Item = (String, Vec<u8>)> {
    let asks = [("etag", "if-none-match"), ("last-modified", "if-modified-since")];
    asks.into_iter().filter_map(|(own, asks)| Some((asks.to_owned(), values(fields, own).next()?.to_vec())))
}

/// `kept` after a server said with `fields` at `now` that it is still current.
///
/// Source: RFC 9111, section 3.2.
pub(crate) fn renewed(kept: &Kept, fields: &Fields, now: u64) -> Kept {
    let newer: Fields = fields
        .iter()
        .filter(|(name, _)| !NOT_KEPT.contains(&name.as_str()) && !name.starts_with("content-"))
        .cloned()
        .collect();
    let is_newer = |name: &str| newer.iter().any(|(other, _)| other == name);
    let mut all: Fields = kept.fields.iter().filter(|(name, _)| !is_newer(name)).cloned().collect();
    all.extend(newer);
    Kept { fields: all, current_at: now, ..kept.clone() }
}

/// Seconds for which an answer says that it is current.
fn lifetime(fields: &Fields) -> Option<u64> {
    if directives(fields).any(|(name, _)| name == "no-cache") {
        return Some(0);
    }
    let of = |wanted: &str| {
        directives(fields).find(|(name, _)| name == wanted).and_then(|(_, value)| value?.parse::<u64>().ok())
    };
    of("s-maxage").or_else(|| of("max-age"))
}

/// The directives of `Cache-Control`: names in lower case, values without quotes.
fn directives(fields: &Fields) -> impl Iterator<Item = (String, Option<String>)> {
    values(fields, "cache-control").flat_map(|value| {
        let text = String::from_utf8_lossy(value).into_owned();
        let parts: Vec<(String, Option<String>)> = text
            .split(',')
            .map(|part| match part.split_once('=') {
                Some((name, value)) => {
                    (name.trim().to_ascii_lowercase(), Some(value.trim().trim_matches('"').to_owned()))
                }
                None => (part.trim().to_ascii_lowercase(), None),
            })
            .collect();
        parts
    })
}

fn number(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests;
