//! [`Reference`]: one PEP 508 requirement, `name[extra]>=1 ; marker`, with the place it stands.

use packwright_planner::Origin;
use pep508_rs::{ExtraName, MarkerEnvironment, MarkerTree, PackageName, Requirement, VerbatimUrl};

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Normalised name.
    pub(crate) name: PackageName,
    /// Extras.
    pub(crate) extras: Vec<ExtraName>,
    /// The address in `name @ address`.
    pub(crate) address: Option<String>,
    /// Where it applies.
    pub(crate) marker: MarkerTree,
    /// The place it stands.
    pub(crate) origin: Origin,
}

/// Why a text is not a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReferenceError {
    /// What the grammar says.
    pub(crate) reason: String,
}

impl Reference {
    /// Reads a requirement as PEP 508 writes it.
    pub(crate) fn parse(text: &str, origin: Origin) -> Result<Reference, ReferenceError> {
        // The address is cut out first: the parser would replace variables in it by those of
        // this process, and a plan must not depend on these.
        let (text, address) = match text.split_once('@') {
            Some((name, rest)) => {
                let rest = rest.trim_start();
                let end = rest.find(" ;").unwrap_or(rest.len());
                let (address, marker) = rest.split_at(end);
                (format!("{name}{marker}"), Some(address.trim().to_owned()))
            }
            None => (text.to_owned(), None),
        };
        let parsed: Requirement<VerbatimUrl> = text
            .parse()
            .map_err(|error: pep508_rs::Pep508Error| ReferenceError { reason: error.message.to_string() })?;
        Ok(Reference { name: parsed.name, extras: parsed.extras, address, marker: parsed.marker, origin })
    }

    /// Whether it applies where the application runs.
    pub(crate) fn applies(&self, environment: &MarkerEnvironment) -> bool {
        self.marker.evaluate(environment, &[])
    }
}
