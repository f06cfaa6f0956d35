//! [`Exposed`]: secrets that are readable in files of the source, whether those files are used or not.

use std::collections::BTreeSet;

use serde::Serialize;

use super::component::Component;
use super::declarations::{Declarations, FileWeight};
use super::variable::{Variable, VariableValue};
use crate::origin::Origin;

/// A variable, or a word of a command, whose value stands in a file and looks like a secret. The
/// value is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exposed {
    /// The variable's name; `a command` where no variable has the secret.
    pub name: String,
    /// The line that has the value.
    pub origin: Origin,
    /// How much the file counts: passwords of a development machine are seldom secret.
    pub weight: FileWeight,
}

/// All of them in `files`, those of other environments than production among them, and those in
/// commands, which were found before. Each is there once.
pub(super) fn in_files(files: &[Declarations], in_commands: &[Exposed]) -> Vec<Exposed> {
    let of_file = |file: &Declarations| -> Vec<Exposed> {
        let of_parts = file.components.iter().flat_map(variables);
        let elsewhere = file.overlays.iter().flat_map(|overlay| &overlay.environment);
        let withheld = of_parts.chain(elsewhere).filter(|variable| variable.value == VariableValue::Withheld);
        let exposed = |Variable { name, origin, .. }: &Variable| Exposed {
            name: name.clone(),
            origin: origin.clone(),
            weight: file.weight,
        };
        withheld.map(exposed).collect()
    };
    let mut known: BTreeSet<(String, Origin)> = BTreeSet::new();
    let found = files.iter().flat_map(of_file).chain(in_commands.iter().cloned());
    found.filter(|secret| known.insert((secret.name.clone(), secret.origin.clone()))).collect()
}

fn variables(part: &Component) -> impl Iterator<Item = &Variable> {
    part.environment.iter().chain(part.hints.iter().flat_map(|hints| &hints.environment))
}
