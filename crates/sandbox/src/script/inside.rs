//! The caller's texts and paths as the kernel takes them: without a zero byte, and absolute where they are paths
//! inside the root.

use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path};

use crate::error::SandboxError;

/// A path inside the root, with each of its parents, outermost first, so that missing ones can be made.
#[derive(Debug)]
pub(crate) struct InsidePath {
    /// Path from the root, and its last component.
    pub(crate) levels: Vec<(CString, CString)>,
}

impl InsidePath {
    /// # Errors
    ///
    /// If the path is relative, is `/`, or holds `..` or a zero byte.
    pub(crate) fn new(field: &'static str, path: &Path) -> Result<Self, SandboxError> {
        inside_text(field, path)?;
        let mut prefix = OsString::new();
        let mut levels = Vec::new();
        for component in path.components() {
            let Component::Normal(name) = component else { continue };
            if !prefix.is_empty() {
                prefix.push("/");
            }
            prefix.push(name);
            levels.push((text(field, &prefix)?, text(field, name)?));
        }
        if levels.is_empty() {
            return Err(SandboxError::CoversRoot);
        }
        Ok(Self { levels })
    }
}

/// `value` ended by a zero byte; `field` names it in errors.
pub(super) fn text(field: &'static str, value: &OsStr) -> Result<CString, SandboxError> {
    CString::new(value.as_bytes()).map_err(|error| {
        let value = OsString::from_vec(error.into_vec());
        SandboxError::ZeroByte { field, value }
    })
}

/// A path of the host.
pub(super) fn path_text(field: &'static str, path: &Path) -> Result<CString, SandboxError> {
    text(field, path.as_os_str())
}

/// An absolute path inside the root.
pub(super) fn inside_text(field: &'static str, path: &Path) -> Result<CString, SandboxError> {
    if !path.is_absolute() || path.components().any(|component| component == Component::ParentDir) {
        return Err(SandboxError::NotAbsolute { field, path: path.to_path_buf() });
    }
    path_text(field, path)
}
