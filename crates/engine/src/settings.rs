//! Settings: variables of the caller's environment that choose package indexes. Their values may
//! hold passwords, in addresses or as a whole; those are treated as secrets are.

use std::collections::BTreeMap;

use packwright_planner::{SecretName, Step};

use crate::Secret;

/// Ends of the names of variables that are credentials as a whole, `UV_INDEX_X_PASSWORD` for
/// example.
const WHOLE: [&str; 2] = ["_PASSWORD", "_TOKEN"];

/// The passwords in the settings that `step` obeys. Those too short to be found are left out.
pub(crate) fn passwords(settings: &BTreeMap<String, String>, step: &Step) -> Vec<Secret> {
    let mut found = Vec::new();
    for (name, value) in settings.iter().filter(|(name, _)| step.obeys(name)) {
        let Ok(secret_name) = name.parse::<SecretName>() else { continue };
        let whole = WHOLE.iter().any(|end| name.ends_with(end)).then_some(value.as_str());
        let inside = value.split_whitespace().filter_map(|word| {
            let (_, user, _) = user_of(word)?;
            // A user alone is a token; beside a password it is a name.
            Some(user.split_once(':').map_or(user, |(_, password)| password))
        });
        for value in whole.into_iter().chain(inside) {
            found.extend(Secret::new(SecretName::clone(&secret_name), value).ok());
        }
    }
    found
}

/// The settings that `step` obeys without anything secret: which indexes it asks.
pub(crate) fn indexes(settings: &BTreeMap<String, String>, step: &Step) -> BTreeMap<String, String> {
    let open = |word: &str| match user_of(word) {
        Some((before, _, host)) => format!("{before}{host}"),
        None => word.to_owned(),
    };
    settings
        .iter()
        .filter(|(name, _)| step.obeys(name) && !WHOLE.iter().any(|end| name.ends_with(end)))
        .map(|(name, value)| (name.clone(), value.split_whitespace().map(open).collect::<Vec<_>>().join(" ")))
        .collect()
}

/// An address in three parts: up to `//`, the user with password, and what follows their `@`.
fn user_of(word: &str) -> Option<(&str, &str, &str)> {
    let start = word.find("://")? + 3;
    let (before, rest) = word.split_at(start);
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let at = rest[..host_end].rfind('@')?;
    Some((before, &rest[..at], &rest[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> (BTreeMap<String, String>, Step) {
        let step = r#"{ "name": "toy", "why": "", "commands": [], "outputs": [], "settings": ["TOY_*"] }"#;
        let settings = [
            ("TOY_INDEX", "mine=https://me:pass%40word@index.test/a@b https://open.test/simple"),
            ("TOY_EXTRA", "https://only-a-token@index.test"),
            ("TOY_MINE_PASSWORD", "hunter22"),
            ("OTHER_PASSWORD", "not obeyed"),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        (settings, serde_json::from_str(step).unwrap())
    }

    #[test]
    fn passwords_are_found_in_addresses_and_as_a_whole() {
        let (settings, step) = settings();
        let found = passwords(&settings, &step);
        let shown: Vec<_> = found.iter().map(|secret| (secret.name.as_str(), secret.value())).collect();
        let expected: [(&str, &[u8]); 3] = [
            ("TOY_EXTRA", b"only-a-token"),
            ("TOY_INDEX", b"pass%40word"),
            ("TOY_MINE_PASSWORD", b"hunter22"),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn indexes_are_told_apart_without_their_passwords() {
        let (settings, step) = settings();
        let shown: Vec<(String, String)> = indexes(&settings, &step).into_iter().collect();
        let expected = [
            ("TOY_EXTRA", "https://index.test"),
            ("TOY_INDEX", "mine=https://index.test/a@b https://open.test/simple"),
        ];
        assert_eq!(shown, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
