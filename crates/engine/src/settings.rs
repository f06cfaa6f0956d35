//! Settings: variables of the caller's environment that choose package indexes. Their values may
//! hold passwords, in addresses or as a whole; those are treated as secrets are.

use std::collections::BTreeMap;

use packwright_planner::{SecretName, Step};
use percent_encoding::percent_decode_str;

use crate::secret::Secret;

/// Parts of the names of variables that are credentials as a whole, in lower case:
/// `UV_INDEX_X_PASSWORD`, `NODE_AUTH_TOKEN`, `npm_config_//host/:_authToken`.
const WHOLE: [&str; 6] = ["auth", "cookie", "credential", "passw", "secret", "token"];

fn is_proxy(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("_proxy")
}

fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WHOLE.iter().any(|part| name.contains(part))
}

/// Whether the value of a setting is a credential as a whole, and not the choice of a way to have one: `GOAUTH`,
/// `npm_config_auth_type`, `npm_config_always_auth`.
pub(crate) fn is_whole_credential(name: &str, value: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let others = WHOLE.iter().filter(|part| **part != "auth");
    let of_auth = lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.starts_with("auth"));
    let is_choice = lower.ends_with("type") || matches!(value, "true" | "false");
    !is_choice && (of_auth || others.into_iter().any(|part| lower.contains(part)))
}

/// The passwords in the settings that `step` obeys. Those too short to be found are left out.
pub(crate) fn passwords(settings: &BTreeMap<String, String>, step: &Step) -> Vec<Secret> {
    let mut found = Vec::new();
    for (name, value) in settings.iter().filter(|(name, _)| step.obeys(name)) {
        let whole = is_credential(name).then_some(value.as_str());
        let inside = value.split_whitespace().filter_map(|word| {
            let (_, user, _) = user_of(word)?;
            // A user alone is a token; beside a password it is a name.
            Some(user.split_once(':').map_or(user, |(_, password)| password))
        });
        let secret_name = called(name);
        for value in whole.into_iter().chain(inside) {
            // Clients decode what they take out of an address.
            let decoded: Vec<u8> = percent_decode_str(value).collect();
            let decoded = (decoded != value.as_bytes()).then_some(decoded);
            for value in [value.as_bytes().to_vec()].into_iter().chain(decoded) {
                found.extend(Secret::new(SecretName::clone(&secret_name), value).ok());
            }
        }
    }
    found
}

/// The name of a setting as that of a secret, which knows fewer characters.
fn called(name: &str) -> SecretName {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(60).collect();
    plain.parse().unwrap_or_else(|_| "setting".parse().expect("a secret's name"))
}

/// The settings that `step` obeys without anything secret: which indexes it asks, and not by which proxy.
pub(crate) fn indexes(settings: &BTreeMap<String, String>, step: &Step) -> BTreeMap<String, String> {
    let open = |word: &str| match user_of(word) {
        Some((before, _, host)) => format!("{before}{host}"),
        None => word.to_owned(),
    };
    settings
        .iter()
        .filter(|(name, _)| step.obeys(name) && !is_credential(name) && !is_proxy(name))
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
            ("TOY_//host.test/:_authToken", "a-long-token"),
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
        let expected: [(&str, &[u8]); 5] = [
            ("TOY___host_test___authToken", b"a-long-token"),
            ("TOY_EXTRA", b"only-a-token"),
            ("TOY_INDEX", b"pass%40word"),
            ("TOY_INDEX", b"pass@word"),
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
