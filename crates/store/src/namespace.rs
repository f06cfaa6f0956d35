//! [`Namespace`]: keeps the keys of different kinds of work apart. The store knows no namespace by
//! name; the crate that stores results declares theirs.

use std::fmt;

/// The longest name, in bytes.
const LONGEST: usize = 40;

/// The namespace of the keys of one kind of work. Its name is a directory of the store and a part of the
/// names in other caches: after a change of the name, earlier results are not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace(&'static str);

impl Namespace {
    /// The namespace `name`: lower case letters, digits and `-`, a letter first, at most 40 bytes.
    ///
    /// # Panics
    ///
    /// Panics with any other name. In a constant, the compiler reports that.
    pub const fn new(name: &'static str) -> Namespace {
        let bytes = name.as_bytes();
        assert!(!bytes.is_empty() && bytes.len() <= LONGEST, "a namespace has 1 to 40 bytes");
        assert!(bytes[0].is_ascii_lowercase(), "a namespace starts with a letter");
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            let is_allowed = byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(is_allowed, "a namespace is made of lower case letters, digits and `-`");
            at += 1;
        }
        Namespace(name)
    }

    /// The name.
    pub fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
