//! [`Configuration`]: the variables that the application is built and run with, as far as their values are
//! known when the plan is made: the caller's, those of platform files, those that a declared start sets.
//! Looks at no file of the application.

use std::collections::BTreeMap;

use packwright_buildpack::planner::{Component, Origin, PlanContext, ProcessName, Requested, VariableValue};
use packwright_buildpack::shell_syntax::{Dialect, parse};

/// Variables with their values, and who set each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Configuration {
    values: BTreeMap<String, Requested<String>>,
}

impl Configuration {
    /// What the application gets: what its declared start sets for itself, then the caller's words, then those
    /// of platform files.
    pub(crate) fn of(context: &PlanContext<'_>) -> Configuration {
        let mut values = BTreeMap::new();
        for variable in &context.model.environment {
            if let VariableValue::Literal(value) = &variable.value {
                let origin = variable.origin.clone();
                values.insert(variable.name.clone(), Requested { value: value.clone(), origin });
            }
        }
        for (name, value) in &context.options.environment {
            let origin = Origin::Option(format!("--env {name}={value}"));
            values.insert(name.clone(), Requested { value: value.clone(), origin });
        }
        values.extend(set_by_start(context.model));
        Configuration { values }
    }

    /// The value of a variable.
    pub(crate) fn get(&self, name: &str) -> Option<&Requested<String>> {
        self.values.get(name)
    }

    /// What is set by others than the caller, whose variables reach the steps without help.
    pub(crate) fn of_files(&self) -> impl Iterator<Item = (&String, &String)> {
        let is_callers = |said: &Requested<String>| matches!(said.origin, Origin::Option(_));
        self.values.iter().filter(move |(_, said)| !is_callers(said)).map(|(name, said)| (name, &said.value))
    }
}

/// The variables that the declared `web` process sets for what it starts: `A=b gunicorn …`,
/// `env A=b gunicorn …`, `export A=b`, `gunicorn --env A=b …`.
fn set_by_start(model: &Component) -> Vec<(String, Requested<String>)> {
    let mut found = Vec::new();
    for (_, command, origin) in model.commands().filter(|(name, ..)| **name == ProcessName::web()) {
        for simple in parse(&command.script(), Dialect::Bash).commands() {
            let assigned =
                simple.assignments.iter().filter_map(|(name, word)| Some((name.clone(), word.literal()?)));
            let worded = simple.words.iter().filter_map(|word| {
                let text = word.literal()?;
                let text = text.strip_prefix("--env=").unwrap_or(&text);
                let (name, value) = text.split_once('=')?;
                is_name(name).then(|| (name.to_owned(), value.to_owned()))
            });
            for (name, value) in assigned.chain(worded) {
                found.push((name, Requested { value, origin: origin.clone() }));
            }
        }
    }
    found
}

/// Whether it is written as variables of configuration are: `DJANGO_SETTINGS_MODULE`.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.chars().all(|one| one.is_ascii_uppercase() || one.is_ascii_digit() || one == '_')
}
