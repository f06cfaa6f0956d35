//! Finds the hosts of credentials in the settings of package managers, which name a credential as a variable: in `.npmrc`
//! and `.yarnrc` by line, in `.yarnrc.yml` and `bunfig.toml` by table. Pure: text in, variables with addresses out.
//!
//! If no file names the registry, it is the one in the caller's settings. If there is none either, only the client
//! knows its default registry, and the credential has no host.
//!
//! Source: npm, "npmrc", "Auth related configuration"; yarn, "Settings (.yarnrc.yml)"; bun, "bunfig.toml",
//! `install.registry` and `install.scopes`.

use packwright_buildpack::credentials::{in_addresses, variables};
use packwright_buildpack::documents::{Value, toml, yaml};

/// A variable, and an address of a host that it is for.
pub(crate) type Bound = (String, String);

/// Where the caller sets npm's registry.
const OF_NPM: [&str; 2] = ["${npm_config_registry}", "${NPM_CONFIG_REGISTRY}"];

/// Ends of the keys that are credentials, in lower case.
const CREDENTIALS: [&str; 4] = ["_auth", "_authtoken", "_password", "username"];

/// What `.npmrc` says, and `.yarnrc`, which has spaces in the place of `=`.
pub(crate) fn of_npmrc(text: &str) -> Vec<Bound> {
    let lines: Vec<(&str, &str)> = text.lines().filter_map(line).collect();
    let registry = lines.iter().filter(|(key, _)| *key == "registry").map(|(_, value)| (*value).to_owned());
    let mut usual: Vec<String> = registry.collect();
    if usual.is_empty() {
        usual.extend(OF_NPM.map(str::to_owned));
    }
    let mut bound = Vec::new();
    for (key, value) in lines {
        let (place, name) = key.rsplit_once(':').unwrap_or(("", key));
        if CREDENTIALS.contains(&name.to_ascii_lowercase().as_str()) {
            let addresses = match place.is_empty() {
                true => usual.clone(),
                false => vec![place.to_owned()],
            };
            bound.extend(each(value, &addresses));
        }
    }
    bound.extend(in_addresses(text));
    bound
}

/// A key with its value, without quotes.
fn line(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.starts_with(['#', ';']) {
        return None;
    }
    // A key may be in quotes, which hold no `=` then.
    let (key, value) = line.split_once('=').or_else(|| line.split_once(char::is_whitespace))?;
    Some((plain(key), plain(value)))
}

fn plain(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

/// What `.yarnrc.yml` says: a registry and its credentials stand in one table, or the table is called as the registry.
pub(crate) fn of_yarnrc(text: &str) -> Vec<Bound> {
    let mut bound = in_addresses(text);
    let documents = yaml(text).unwrap_or_default();
    let Some(root) = documents.first() else { return bound };
    let usual: Vec<String> = match root.text_of("npmRegistryServer") {
        Some(registry) => vec![registry.to_owned()],
        None => vec!["${YARN_NPM_REGISTRY_SERVER}".to_owned()],
    };
    bound.extend(of_table(root, YARN_KEYS, &usual));
    // Without one of its own, a scope has the registry of all others.
    for scope in root.get("npmScopes").iter().flat_map(|scopes| scopes.entries()) {
        let own = scope.value.text_of("npmRegistryServer").map(|registry| vec![registry.to_owned()]);
        bound.extend(of_table(&scope.value, YARN_KEYS, own.as_ref().unwrap_or(&usual)));
    }
    for registry in root.get("npmRegistries").iter().flat_map(|registries| registries.entries()) {
        bound.extend(of_table(&registry.value, YARN_KEYS, std::slice::from_ref(&registry.key)));
    }
    bound
}

const YARN_KEYS: &[&str] = &["npmAuthToken", "npmAuthIdent"];

/// What `bunfig.toml` says. bun takes `$NAME` as well.
pub(crate) fn of_bunfig(text: &str) -> Vec<Bound> {
    let text = &braced(text);
    let mut bound = in_addresses(text);
    let Ok(root) = toml(text) else { return bound };
    let Some(install) = root.get("install") else { return bound };
    let usual = ["${BUN_CONFIG_REGISTRY}", OF_NPM[0], OF_NPM[1]].map(str::to_owned);
    let registries = install.get("registry").into_iter();
    let scopes = install.get("scopes").into_iter().flat_map(|scopes| scopes.entries());
    for registry in registries.chain(scopes.map(|scope| &scope.value)) {
        let own = registry.text_of("url").map(|url| vec![url.to_owned()]);
        bound.extend(of_table(
            registry,
            &["token", "username", "password"],
            own.as_deref().unwrap_or(&usual),
        ));
    }
    bound
}

/// `$NAME` as `${NAME}`.
fn braced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        out.push_str(before);
        match end {
            0 => out.push('$'),
            _ => out.push_str(&format!("${{{}}}", &after[..end])),
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

fn of_table(table: &Value, keys: &[&str], addresses: &[String]) -> Vec<Bound> {
    keys.iter().filter_map(|key| table.text_of(key)).flat_map(|value| each(value, addresses)).collect()
}

/// Each variable of a value with each address.
fn each(value: &str, addresses: &[String]) -> Vec<Bound> {
    let with = |name: &str| {
        let addresses = addresses.iter().map(|address| (name.to_owned(), address.clone()));
        addresses.collect::<Vec<_>>()
    };
    variables(value).flat_map(with).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line for each variable: `NAME for ADDRESS`.
    fn shown(bound: Vec<Bound>) -> Vec<String> {
        bound.into_iter().map(|(name, address)| format!("{name} for {address}")).collect()
    }

    #[test]
    fn npmrc_names_the_host_in_the_key() {
        let text = "//npm.test/:_authToken=${NPM_TOKEN}\n; //no.test/:_authToken=${NOT_ME}\n\
                    //git.test:8443/api/v4/:_password = \"${PASSWORD-}\"\n@a:registry=https://${U}:${P}@a.test/\n\
                    registry=${REGISTRY}\n_auth=${AUTH}\nca=${CA}\n";
        let expected = [
            "NPM_TOKEN for //npm.test/",
            "PASSWORD for //git.test:8443/api/v4/",
            "AUTH for ${REGISTRY}",
            "U for https://a.test/",
            "P for https://a.test/",
        ];
        assert_eq!(shown(of_npmrc(text)), expected);
        let expected = ["AUTH for ${npm_config_registry}", "AUTH for ${NPM_CONFIG_REGISTRY}"];
        assert_eq!(shown(of_npmrc("_auth=${AUTH}")), expected);
        let yarn = "\"//npm.test/:_authToken\" \"${TOKEN}\"\nregistry \"https://npm.test/\"\n";
        assert_eq!(shown(of_npmrc(yarn)), ["TOKEN for //npm.test/"]);
    }

    #[test]
    fn yarnrc_names_the_host_beside_the_token() {
        let text = "npmAuthToken: \"${MAIN-}\"\nnpmScopes:\n  own:\n    npmRegistryServer: https://own.test\n    \
                    npmAuthIdent: ${OWN}\n  other:\n    npmAuthToken: ${OTHER}\nnpmRegistries:\n  \
                    \"//third.test/x\":\n    npmAuthToken: ${THIRD}\n";
        let expected = [
            "MAIN for ${YARN_NPM_REGISTRY_SERVER}",
            "OWN for https://own.test",
            "OTHER for ${YARN_NPM_REGISTRY_SERVER}",
            "THIRD for //third.test/x",
        ];
        assert_eq!(shown(of_yarnrc(text)), expected);
        let text = "npmRegistryServer: https://main.test\nnpmAuthToken: ${MAIN}\n";
        assert_eq!(shown(of_yarnrc(text)), ["MAIN for https://main.test"]);
    }

    #[test]
    fn bunfig_names_the_host_beside_the_token() {
        let text = "[install]\nregistry = { url = \"https://main.test\", token = \"$MAIN\" }\n[install.scopes]\n\
                    own = { url = \"https://own.test\", username = \"me\", password = \"${OWN}\" }\n\
                    other = \"https://$USER:$PASS@other.test\"\nthird = { token = \"$THIRD\" }\n";
        let expected = [
            "USER for https://other.test/",
            "PASS for https://other.test/",
            "MAIN for https://main.test",
            "OWN for https://own.test",
            "THIRD for ${BUN_CONFIG_REGISTRY}",
            "THIRD for ${npm_config_registry}",
            "THIRD for ${NPM_CONFIG_REGISTRY}",
        ];
        assert_eq!(shown(of_bunfig(text)), expected);
    }
}
