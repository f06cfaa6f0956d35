//! [`Index`]: a package index that a manifest names, and the options that pass it to uv.

use serde::Deserialize;

/// A package index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Index {
    /// Its name, which `UV_INDEX_<NAME>_USERNAME` and `…_PASSWORD` contain.
    pub(crate) name: Option<String>,
    /// Its address; `${NAME}` stands for a variable of the caller.
    pub(crate) url: String,
    /// Whether its certificate is checked.
    pub(crate) verified: bool,
}

/// `[[source]]` of a Pipfile, `[[tool.pdm.source]]`, `[[tool.poetry.source]]`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SourceTable {
    name: Option<String>,
    url: Option<String>,
    #[serde(default = "yes")]
    verify_ssl: bool,
}

fn yes() -> bool {
    true
}

impl SourceTable {
    /// Whether it is called like the public index, and is another one.
    pub(crate) fn replaces_public(&self) -> bool {
        let name = self.name.as_deref();
        name.is_some_and(|name| name.eq_ignore_ascii_case("pypi"))
            && self.url.as_deref().is_some_and(|url| !is_public(name, url))
    }

    /// The index it names; none for the public one, which is the tools' own default and may be
    /// replaced by the caller's settings.
    pub(crate) fn index(self) -> Option<Index> {
        let url = self.url?;
        match is_public(self.name.as_deref(), &url) {
            true => None,
            false => Some(Index { name: self.name, url, verified: self.verify_ssl }),
        }
    }
}

/// Whether a table names Python's public index, by its own host or by the one that it had before 2018 and that leads to
/// it.
fn is_public(name: Option<&str>, url: &str) -> bool {
    let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    name.is_none_or(|name| name.eq_ignore_ascii_case("pypi"))
        && matches!(labels.as_slice(), ["pypi", _] | ["pypi", "python", "org"])
}

/// Options that make uv use `indexes`; `replaces` when the first takes the place of the public
/// one.
pub(crate) fn options(indexes: &[Index], replaces: bool) -> Vec<String> {
    let mut options = Vec::new();
    for (at, index) in indexes.iter().enumerate() {
        let option = if at == 0 && replaces { "--default-index" } else { "--index" };
        let name = index.name.as_deref().map(|name| format!("{}=", plain(name))).unwrap_or_default();
        options.extend([option.to_owned(), format!("{name}{}", index.url)]);
        let host = index.url.split("://").nth(1).and_then(|rest| rest.split('/').next());
        if let (false, Some(host)) = (index.verified, host) {
            let host = host.rsplit('@').next().unwrap_or(host);
            options.extend(["--allow-insecure-host".to_owned(), host.to_owned()]);
        }
    }
    if indexes.len() > 1 || (!indexes.is_empty() && !replaces) {
        // The lock says which file it is by its hash, so it may come from any of them.
        options.extend(BEST_MATCH.map(str::to_owned));
    }
    options
}

/// Indexes are looked through as pip, pipenv, pdm and poetry do: a package may come from any of
/// them.
pub(crate) const BEST_MATCH: [&str; 2] = ["--index-strategy", "unsafe-best-match"];

/// A name as uv allows it.
fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    name.chars().map(plain).collect()
}

/// Names of variables in `${NAME}` within `texts`.
pub(crate) fn variables<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut found = Vec::new();
    for part in texts.into_iter().flat_map(|text| text.split("${").skip(1)) {
        let Some((name, _)) = part.split_once('}') else {
            continue;
        };
        // Source: pip, "Using environment variables": upper-case letters, digits, `_`.
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        if !name.is_empty() && name.bytes().all(plain) {
            found.push(name.to_owned());
        }
    }
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_the_public_index() {
        assert!(is_public(Some("pypi"), "https://pypi.host/simple"));
        assert!(is_public(None, &["https://pypi", "python", "org/simple"].join(".")));
        assert!(!is_public(Some("pypi"), "https://pypi.python.example/simple"));
        assert!(!is_public(Some("pypi"), "https://mirror.example/pypi/simple"));
    }
}
