//! [`Expected`]: the contents that a step may receive, from the lock. Pure.
//!
//! | Answer | With the digest of the record | With another one |
//! |---|---|---|
//! | bytes at an address of the record | passed on, from the cache however old | refused |
//! | bytes at another address | passed on when the record has them at some address: a mirror, a new place of the same file | refused |
//! | a document in which versions are looked up | passed on | passed on, from hosts of the record or of a rule: it changes whenever something is published, and what it leads to must be in the record |
//! | another status than 2xx | passed on without its bytes | passed on without its bytes |
//!
//! An address of the record has no query. Queries hold signatures and tokens, which must not reach a lock; a signature is
//! another one each time; and a digest of a query would let whoever reads the lock try guesses of a short token. So the
//! contents of all queries of one path stand side by side, and a server may answer `/file?version=1` with the bytes that
//! the record has of `/file?version=2`. A record with queries would not keep it from that: it may redirect the first one
//! to an address that is not in the record, where all bytes of the record are allowed. What holds is that no bytes enter
//! that are not in the record. In the download cache the whole address is the key, so that each query gets its own.

use std::collections::{BTreeMap, BTreeSet};

use packwright_oci::Digest;

use crate::http::head::{Fields, values};
use crate::record::Transfer;

/// The contents that a step may receive, by address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    at: BTreeMap<String, Recorded>,
    contents: BTreeSet<Digest>,
    hosts: BTreeSet<String>,
}

/// What the record has of an address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Recorded {
    contents: BTreeSet<Digest>,
    /// Whether all of them were documents in which versions are looked up: another server must not make one of a file.
    looks_up: bool,
}

/// The constraint on one response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Constraint<'a> {
    /// The digests that its content may have.
    wanted: &'a BTreeSet<Digest>,
    /// Whether the record has its address.
    is_recorded: bool,
    /// Whether index documents from its host may have any content.
    may_look_up: bool,
}

impl Expected {
    /// Adds a content of `address`, which is written as [`Transfer::address`] has it: without credentials and query. An
    /// address may have several. `looks_up` is that of [`Transfer::looks_up`].
    pub fn insert(&mut self, address: &str, digest: Digest, looks_up: bool) {
        let recorded = self.at.entry(address.to_owned()).or_default();
        recorded.looks_up = looks_up && (recorded.looks_up || recorded.contents.is_empty());
        recorded.contents.insert(digest);
        self.contents.insert(digest);
        self.hosts.extend(origin(address).map(str::to_owned));
    }

    /// Whether a response that an earlier run received is allowed now.
    pub fn accepts(&self, transfer: &Transfer) -> bool {
        let constraint = self.at(&transfer.address, false);
        !transfer.brought_bytes() || constraint.has(&transfer.digest) || constraint.bears(transfer.looks_up)
    }

    /// What an answer from `address` has to be; `is_named` tells that a rule of the caller names its host.
    pub(crate) fn at(&self, address: &str, is_named: bool) -> Constraint<'_> {
        match self.at.get(address) {
            Some(recorded) => {
                Constraint { wanted: &recorded.contents, is_recorded: true, may_look_up: recorded.looks_up }
            }
            None => {
                let is_known = is_named || origin(address).is_some_and(|origin| self.hosts.contains(origin));
                Constraint {
                    wanted: &self.contents,
                    is_recorded: false,
                    may_look_up: is_known && !names_a_file(address),
                }
            }
        }
    }
}

impl Constraint<'_> {
    /// Whether the record has these bytes for the answer.
    pub(crate) fn has(&self, digest: &Digest) -> bool {
        self.wanted.contains(digest)
    }

    /// Whether the response may have any content, because it is an index document (`looks_up`) from a known host.
    pub(crate) fn bears(&self, looks_up: bool) -> bool {
        looks_up && self.may_look_up
    }

    /// Whether the record has its address.
    pub(crate) fn is_recorded(&self) -> bool {
        self.is_recorded
    }

    /// Why an answer with the digest `found` is refused, as the end of a sentence.
    pub(crate) fn refusal(&self, found: &Digest) -> String {
        if !self.is_recorded {
            return format!("the lock has neither the address nor its bytes, which have the digest {found}");
        }
        let wanted: Vec<String> = self.wanted.iter().map(Digest::to_string).collect();
        format!("its bytes have the digest {found}, and the lock has {}", wanted.join(" or "))
    }
}

/// What to do about an answer that is not in the record.
pub(crate) const REMEDY: &str =
    "if the change is meant, make the lock anew with `packwright lock` and look at the difference";

/// Scheme and host of an address.
fn origin(address: &str) -> Option<&str> {
    let start = address.find("://")? + 3;
    let end = address[start..].find('/').map_or(address.len(), |length| start + length);
    Some(&address[..end])
}

/// Endings of files that programs install or run, whatever type a server gives them.
const ENDINGS: [&str; 22] = [
    "br", "bz2", "cjs", "crate", "deb", "exe", "gem", "gz", "jar", "js", "mjs", "node", "phar", "py", "sh",
    "so", "tar", "tgz", "whl", "xz", "zip", "zst",
];

/// Whether the path of an address ends as a file does that is no document.
fn names_a_file(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&&*ending.to_ascii_lowercase()))
}

/// The types of documents in which package managers look versions up, and of git's answers, which git checks against
/// the name of the commit.
const LOOKED_UP: [&str; 7] = [
    "application/json",
    "application/vnd.npm.install-v1+json",
    "application/vnd.pypi.simple.v1+html",
    "application/vnd.pypi.simple.v1+json",
    "application/x-git-upload-pack-advertisement",
    "application/x-git-upload-pack-result",
    "text/html",
];

/// Whether an answer from `address` is a document in which package managers look versions up, as far as its fields and
/// its address say. The log of Go's checksums is one: it grows, and is signed.
///
/// Source: go.dev/ref/mod, "Checksum database".
pub(crate) fn looks_up(address: &str, fields: &Fields) -> bool {
    let kind = values(fields, "content-type").next().unwrap_or_default();
    let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    let path = origin(address).map_or(address, |origin| &address[origin.len()..]);
    LOOKED_UP.iter().any(|known| known.as_bytes() == kind)
        || path.contains("/sumdb/")
        || path.starts_with("/tile/8/")
        || path.starts_with("/lookup/") && path.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> Expected {
        let mut expected = Expected::default();
        expected.insert("https://files.test/a.whl", Digest::of(b"a"), false);
        expected.insert("https://index.test/simple/a/", Digest::of(b"page"), true);
        expected
    }

    #[test]
    fn bytes_are_those_of_the_record() {
        let expected = expected();
        let at = |address: &str, bytes: &[u8]| expected.at(address, false).has(&Digest::of(bytes));
        assert!(at("https://files.test/a.whl", b"a"));
        assert!(!at("https://files.test/a.whl", b"page"), "another address has these");
        assert!(at("https://mirror.test/a.whl", b"a"), "the same bytes from elsewhere");
        assert!(!at("https://mirror.test/a.whl", b"b"));
    }

    #[test]
    fn versions_are_looked_up_at_known_hosts() {
        let expected = expected();
        let bears = |address: &str, is_allowed| expected.at(address, is_allowed).bears(true);
        assert!(bears("https://index.test/simple/a/", false));
        assert!(bears("https://index.test/simple/b/", false));
        assert!(!bears("http://index.test/simple/a/", false));
        assert!(!bears("https://other.test/simple/a/", false));
        assert!(bears("https://other.test/simple/a/", true), "the caller names it");
        assert!(!expected.at("https://index.test/simple/a/", true).bears(false));
        assert!(
            !bears("https://files.test/a.whl", true),
            "a file stays one, whatever type the server gives it"
        );
        assert!(!bears("https://index.test/simple/b-1.0.whl", false));
        assert!(!bears("https://index.test/install.sh", true));
    }

    #[test]
    fn what_entered_before_may_be_what_is_expected() {
        let transfer = |address: &str, bytes: &[u8], looks_up| Transfer {
            address: address.to_owned(),
            method: "GET".to_owned(),
            status: 200,
            size: bytes.len() as u64,
            digest: Digest::of(bytes),
            looks_up,
            cached: false,
        };
        let expected = expected();
        assert!(expected.accepts(&transfer("https://files.test/a.whl", b"a", false)));
        assert!(!expected.accepts(&transfer("https://files.test/a.whl", b"b", false)));
        assert!(expected.accepts(&transfer("https://index.test/simple/a/", b"another page", true)));
        assert!(!expected.accepts(&transfer("https://other.test/simple/a/", b"another page", true)));
        let missing = Transfer { status: 404, ..transfer("https://files.test/b.whl", b"not here", false) };
        assert!(expected.accepts(&missing));
    }

    #[test]
    fn documents_of_versions_are_known_by_their_type() {
        let fields = |kind: &str| vec![("content-type".to_owned(), kind.as_bytes().to_vec())];
        let is = |address: &str, kind: &str| looks_up(address, &fields(kind));
        assert!(is("https://a.test/simple/x/", "Text/HTML; charset=utf-8"));
        assert!(is("https://a.test/x", "application/vnd.pypi.simple.v1+json"));
        assert!(is("https://a.test/sumdb/sum.test/tile/8/0/001", "application/octet-stream"));
        assert!(is("https://sum.test/lookup/host.test/module@v1.0.0", "text/plain"));
        for (address, kind) in [
            ("https://a.test/install.sh", "text/plain"),
            ("https://a.test/a.tgz", "application/octet-stream"),
            ("https://a.test/a.zip", "application/zip"),
            ("https://a.test/x/lookup/y@z", "text/x-shellscript"),
        ] {
            assert!(!is(address, kind), "{address}");
        }
        assert!(!looks_up("https://a.test/simple/x/", &Fields::new()));
    }

    #[test]
    fn the_refusal_names_both_digests() {
        let expected = expected();
        let (found, wanted) = (Digest::of(b"b"), Digest::of(b"a"));
        let why = expected.at("https://files.test/a.whl", false).refusal(&found);
        assert_eq!(why, format!("its bytes have the digest {found}, and the lock has {wanted}"));
        let why = expected.at("https://files.test/b.whl", false).refusal(&found);
        assert_eq!(
            why,
            format!("the lock has neither the address nor its bytes, which have the digest {found}")
        );
    }
}
