//! Where files come from, told from their paths. Reads nothing.

use packwright_oci::RelPath;

/// Whether the distribution's packages own this place; what their files need of each other is their solver's work.
///
/// Source: Filesystem Hierarchy Standard 3.0, 4.1 and 4.9 (`/usr/local` is the administrator's), 3.13 (`/opt`).
pub(crate) fn is_of_distribution(path: &RelPath) -> bool {
    let mut parts = path.as_str().split('/');
    match parts.next() {
        Some("usr") => parts.next() != Some("local"),
        Some("bin" | "sbin") => true,
        Some(top) => top.starts_with("lib") && parts.next().is_some(),
        None => false,
    }
}

/// `path` as an absolute path without `.` and `..`, as far as text tells: a `..` behind a link is taken for the
/// directory above the link. `dir` is absolute.
pub(crate) fn absolute(dir: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{dir}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
