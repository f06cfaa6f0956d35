//! [`Variable`]: a variable of the environment that a file declares, and which of them are
//! secrets.

use serde::Serialize;

use crate::{Origin, ServiceReference};

/// A variable that a file declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value, or where it comes from.
    pub value: VariableValue,
    /// Who has it.
    pub scope: Scoped,
    /// What it is for, where the file says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The line that declares it.
    pub origin: Origin,
}

/// Where the value of a variable comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VariableValue {
    /// The file has it.
    Literal(String),
    /// The file has it and it looks like a secret. The value is not kept.
    Withheld,
    /// Somebody has to give it.
    Required,
    /// Somebody may give it.
    Optional,
    /// The platform makes up a random text once.
    Generated,
    /// Another service tells it.
    Service(ServiceReference),
    /// It is in a group or store of secrets that the file names.
    Elsewhere(String),
}

/// Who has a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scoped {
    /// The build alone.
    Build,
    /// The running application alone.
    Run,
    /// Both.
    Both,
}

/// Words that, as a part of a variable's name, say that its value is a secret.
const SECRET_WORDS: &[&str] = &[
    "SECRET",
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PWD",
    "CREDENTIAL",
    "CREDENTIALS",
    "DSN",
    "SALT",
    "APIKEY",
];

/// Words that, as the last part of a name, say so; elsewhere they do not (`KEY_PREFIX`).
const SECRET_ENDINGS: &[&str] = &["KEY", "KEYS", "AUTH"];

/// Words before `KEY` that make it a public one.
const PUBLIC_KEYS: &[&str] = &["PUBLIC", "PUBLISHABLE", "CACHE", "SORT", "PRIMARY", "PARTITION"];

/// Beginnings of the values that well-known issuers of credentials hand out.
const SECRET_BEGINNINGS: &[&str] = &[
    "-----BEGIN",
    "AKIA",
    "ASIA",
    "AIza",
    "SG.",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "npm_",
    "pypi-",
    "sk-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "whsec_",
    "xoxb-",
    "xoxp-",
    "eyJhbGciOi",
];

impl Variable {
    /// A variable with the value that the file has, for build and run; a value that looks like
    /// a secret is not kept.
    pub fn literal(name: &str, value: &str, origin: Origin) -> Variable {
        let secret = is_secret_value(value) || is_secret_name(name) && !is_placeholder(value);
        let value = match secret {
            true => VariableValue::Withheld,
            false => VariableValue::Literal(value.to_owned()),
        };
        Variable::new(name, value, origin)
    }

    /// A variable for build and run.
    pub fn new(name: &str, value: VariableValue, origin: Origin) -> Variable {
        Variable { name: name.to_owned(), value, scope: Scoped::Both, description: None, origin }
    }
}

/// Whether a variable of this name holds a secret, as far as a name can tell.
pub fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(['_', '-', '.']).filter(|word| !word.is_empty()).collect();
    if words.iter().any(|word| SECRET_WORDS.contains(word)) {
        return true;
    }
    match words.as_slice() {
        [.., before, last] => SECRET_ENDINGS.contains(last) && !PUBLIC_KEYS.contains(before),
        _ => false,
    }
}

/// Whether a value is a secret whatever its name: a key that is known by its beginning, or an
/// address with a password.
pub fn is_secret_value(value: &str) -> bool {
    let value = value.trim();
    let long = value.len() >= 16;
    if long && SECRET_BEGINNINGS.iter().any(|beginning| value.starts_with(beginning)) {
        return true;
    }
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let password = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':'));
    is_scheme && password.is_some_and(|(_, password)| !password.is_empty() && !is_reference(password))
}

/// Whether a value stands for a secret that is somewhere else, or says that there is none.
fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    let switch = ["", "true", "false", "0", "1", "yes", "no", "on", "off", "none", "null"];
    switch.contains(&value.to_ascii_lowercase().as_str()) || is_reference(value)
}

fn is_reference(value: &str) -> bool {
    value.starts_with("${") && value.ends_with('}') || value.starts_with('$') && !value.contains(' ')
}
