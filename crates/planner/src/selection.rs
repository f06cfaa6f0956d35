//! [`Selection`]: a set of files, by include and exclude patterns.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use packwright_oci::RelPath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Files chosen by patterns. A pattern is a path from the root of what is chosen from; `*` and
/// `?` stay within one part, `**` spans parts, `{a,b}` are alternatives. A pattern that names a
/// directory takes all below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// What is taken.
    pub include: Vec<String>,
    /// What is left out of that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("`{pattern}` is not a path pattern")]
pub struct SelectionError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub source: globset::Error,
}

impl Selection {
    /// Everything.
    pub fn all() -> Selection {
        Selection { include: vec!["**".to_owned()], exclude: Vec::new() }
    }

    /// What these patterns choose. Paths that are found in a tree are no patterns: see
    /// [`Selection::files`].
    pub fn of<T: ToString>(include: impl IntoIterator<Item = T>) -> Selection {
        Selection { include: include.into_iter().map(|path| path.to_string()).collect(), exclude: Vec::new() }
    }

    /// The files and directories at these paths, whatever characters are in their names.
    pub fn files<T: AsRef<str>>(paths: impl IntoIterator<Item = T>) -> Selection {
        let include = paths.into_iter().map(|path| Selection::literal(path.as_ref())).collect();
        Selection { include, exclude: Vec::new() }
    }

    /// The pattern that chooses the file or directory at `path` and no other.
    pub fn literal(path: &str) -> String {
        // What `escape` adds holds no backslash.
        globset::escape(path).replace('\\', "\\\\")
    }

    /// A test for whether a path is chosen.
    pub fn matcher(&self) -> Result<impl Fn(&RelPath) -> bool + use<>, SelectionError> {
        let include = compile(&self.include)?;
        let exclude = compile(&self.exclude)?;
        Ok(move |path: &RelPath| include.is_match(path.as_str()) && !exclude.is_match(path.as_str()))
    }
}

fn compile(patterns: &[String]) -> Result<GlobSet, SelectionError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let below = format!("{}/**", pattern.trim_end_matches('/'));
        for pattern in [pattern.trim_end_matches('/'), &below] {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            set.add(glob.map_err(|source| SelectionError { pattern: pattern.to_owned(), source })?);
        }
    }
    set.build().map_err(|source| SelectionError { pattern: patterns.join(", "), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_path_chooses_itself_and_what_is_below() {
        for path in ["apps/[x]", "a{b,c}", "a*b", "what?", "back\\slash", "[!a]", "a]b[", "$ '\n;", "**"] {
            let chosen = Selection::files([path]).matcher().unwrap();
            let is = |path: &str| chosen(&path.parse().unwrap());
            assert!(is(path) && is(&format!("{path}/below/it")), "{path}");
            for other in ["apps/x", "ab", "ac", "axb", "whatx", "backslash", "b", "a", "a]b", "x"] {
                assert!(!is(other), "{path} chooses {other}");
            }
            assert!(!is(&format!("{path}x")), "{path}");
        }
    }
}
