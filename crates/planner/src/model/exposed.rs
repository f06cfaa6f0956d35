//! [`Exposed`]: secrets that stand in files for everybody to read, whether a file counts or not.

use serde::Serialize;

use super::{Component, Declarations, Variable, VariableValue, Weight};
use crate::Origin;

/// A variable whose value stands in a file and looks like a secret. The value is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exposed {
    /// The variable's name.
    pub name: String,
    /// The line that has the value.
    pub origin: Origin,
    /// How much the file counts: passwords of a development machine are seldom secret.
    pub weight: Weight,
}

/// All of them in `files`, those of other environments than production among them.
pub(super) fn in_files(files: &[Declarations]) -> Vec<Exposed> {
    let mut found: Vec<Exposed> = Vec::new();
    for file in files {
        let of_parts = file.components.iter().flat_map(variables);
        let elsewhere = file.overlays.iter().flat_map(|overlay| &overlay.environment);
        for variable in of_parts.chain(elsewhere).filter(|variable| variable.value == VariableValue::Withheld)
        {
            let Variable { name, origin, .. } = variable;
            if !found.iter().any(|known| known.name == *name && known.origin == *origin) {
                found.push(Exposed { name: name.clone(), origin: origin.clone(), weight: file.weight });
            }
        }
    }
    found
}

fn variables(part: &Component) -> impl Iterator<Item = &Variable> {
    part.environment.iter().chain(part.hints.iter().flat_map(|hints| &hints.environment))
}
