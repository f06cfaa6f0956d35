//! Which hosts the credentials of package indexes are for: those of the indexes that a manifest names, since
//! `UV_INDEX_<NAME>_USERNAME` and `…_PASSWORD` have the index's name, and those of addresses with variables in them.

use packwright_buildpack::credentials::bind_addresses;
use packwright_buildpack::documents::Value;
use packwright_buildpack::files;
use packwright_buildpack::planner::{SourceTree, Step};

/// Where manifests name indexes: the file, and the keys of the list.
const INDEXES: &[(&str, &[&str])] = &[
    ("pyproject.toml", &["tool", "uv", "index"]),
    ("pyproject.toml", &["tool", "pdm", "source"]),
    ("pyproject.toml", &["tool", "poetry", "source"]),
    ("uv.toml", &["index"]),
    ("Pipfile", &["source"]),
    ("Pipfile.lock", &["_meta", "sources"]),
];

/// Binds the credentials of `steps` to the hosts of the indexes that the manifests of `tree` name. What cannot be read
/// is reported where it is read for its contents.
pub(crate) fn bind(tree: &dyn SourceTree, steps: &mut [Step]) {
    bind_addresses(tree, steps);
    for (name, url) in INDEXES.iter().flat_map(|(file, keys)| named(tree, file, keys)) {
        for what in ["USERNAME", "PASSWORD"] {
            let variable = format!("UV_INDEX_{name}_{what}");
            for step in steps.iter_mut().filter(|step| step.obeys(&variable)) {
                step.bind(&variable, [url.clone()]);
            }
        }
    }
}

/// Names, as they stand in variables, and addresses without users.
fn named(tree: &dyn SourceTree, file: &str, keys: &[&str]) -> Vec<(String, String)> {
    let Ok(path) = file.parse() else { return Vec::new() };
    let document = match file.ends_with(".lock") {
        true => files::json_file(tree, &path),
        false => files::toml_file(tree, &path),
    };
    let Ok(Some(document)) = document else { return Vec::new() };
    let list = document.value.at(keys).map(Value::items).unwrap_or_default();
    let named = list.iter().filter_map(|table| Some((table.text_of("name")?, table.text_of("url")?)));
    named.map(|(name, url)| (as_variable(name), without_user(url))).collect()
}

/// Source: uv documentation, "Authentication", "Providing credentials directly".
fn as_variable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{}", &rest[end..])
}
