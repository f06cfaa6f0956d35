//! [`RelPath`]: a path inside a tree that cannot leave it.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A relative path that cannot leave its root: UTF-8, `/` between parts, no empty part, no `.`
/// and no `..`, no leading or trailing `/`, no NUL. Ordered by bytes, so a parent sorts before
/// its children.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelPath(String);

/// Why a text is not a [`RelPath`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The text is empty.
    #[error("the path is empty")]
    Empty,
    /// The text starts with `/`.
    #[error("`{0}` is absolute")]
    Absolute(String),
    /// A part is empty, `.` or `..`.
    #[error("`{path}` has the part `{part}`")]
    Part {
        /// The whole text.
        path: String,
        /// The part that is not allowed.
        part: String,
    },
    /// The text holds a NUL byte.
    #[error("the path {0:?} has a NUL byte")]
    Nul(String),
}

impl RelPath {
    /// The text of the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path's last part.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The path without its last part; `None` for a path of one part.
    pub fn parent(&self) -> Option<RelPath> {
        self.0.rsplit_once('/').map(|(parent, _)| RelPath(parent.to_owned()))
    }

    /// The parts from first to last.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// How many parts the path has; at least one.
    pub fn depth(&self) -> usize {
        self.parts().count()
    }

    /// This path with `tail` below it.
    pub fn join(&self, tail: &str) -> Result<RelPath, PathError> {
        format!("{}/{tail}", self.0).parse()
    }

    /// Whether this path is `other` or lies below it.
    pub fn is_within(&self, other: &RelPath) -> bool {
        self.0.strip_prefix(other.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The path relative to `base`; `None` unless it is below `base`.
    pub fn below(&self, base: &RelPath) -> Option<RelPath> {
        let rest = self.0.strip_prefix(base.as_str())?.strip_prefix('/')?;
        Some(RelPath(rest.to_owned()))
    }
}

impl FromStr for RelPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<RelPath, PathError> {
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        if text.contains('\0') {
            return Err(PathError::Nul(text.to_owned()));
        }
        if text.starts_with('/') {
            return Err(PathError::Absolute(text.to_owned()));
        }
        match text.split('/').find(|part| matches!(*part, "" | "." | "..")) {
            Some(part) => Err(PathError::Part { path: text.to_owned(), part: part.to_owned() }),
            None => Ok(RelPath(text.to_owned())),
        }
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for RelPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl AsRef<std::path::Path> for RelPath {
    fn as_ref(&self) -> &std::path::Path {
        self.0.as_ref()
    }
}

impl Borrow<str> for RelPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for RelPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RelPath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<RelPath, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
