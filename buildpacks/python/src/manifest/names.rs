//! Names of packages.

/// A package's name as indexes compare it.
///
/// Source: PEP 503, "Normalized Names".
pub(crate) fn normalised(name: &str) -> String {
    let mut out = String::new();
    for symbol in name.chars() {
        match symbol {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            other => out.extend(other.to_lowercase()),
        }
    }
    out
}
