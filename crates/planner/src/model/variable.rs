//! [`Variable`]: an environment variable that a file declares. It never holds the value of a secret.

use serde::Serialize;

use super::secret::is_secret;
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

impl Variable {
    /// A variable with the value that the file has, for build and run; a value that looks like
    /// a secret is not kept.
    pub fn literal(name: &str, value: &str, origin: Origin) -> Variable {
        let value = match is_secret(name, value) {
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
