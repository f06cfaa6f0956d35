//! [`Reference`]: one PEP 508 requirement, `name[extra]>=1 ; marker`, with the place it stands.

use packwright_buildpack::planner::{Diagnostic, Origin};
use pep440_rs::{Operator, Version, VersionSpecifier};
use pep508_rs::{
    ExtraName, MarkerEnvironment, MarkerTree, PackageName, Requirement, VerbatimUrl, VersionOrUrl,
};

use crate::messages;

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Normalised name.
    pub(crate) name: PackageName,
    /// Extras.
    pub(crate) extras: Vec<ExtraName>,
    /// The version in `name==version`, when nothing else is accepted.
    pub(crate) exact: Option<Version>,
    /// The newest version that is accepted: the exact one, or where the versions end.
    pub(crate) newest: Option<Newest>,
    /// The address in `name @ address`.
    pub(crate) address: Option<String>,
    /// Where it applies.
    pub(crate) marker: MarkerTree,
    /// The place it stands.
    pub(crate) origin: Origin,
}

/// Where the versions that a requirement accepts end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Newest {
    /// The last version, or the first that is too new.
    pub(crate) version: Version,
    /// Whether that version is accepted itself.
    pub(crate) is_accepted: bool,
}

impl Newest {
    /// Whether every accepted version comes before `since`.
    pub(crate) fn is_before(&self, since: &Version) -> bool {
        match self.is_accepted {
            true => self.version < *since,
            false => self.version <= *since,
        }
    }

    /// What `specifier` allows at most; `None` without an end.
    ///
    /// Source: PEP 440, "Version specifiers".
    fn of(specifier: &VersionSpecifier) -> Option<Newest> {
        let version = specifier.version();
        let up_to = |version: Version, is_accepted: bool| Some(Newest { version, is_accepted });
        // The first version behind all that begin with these numbers.
        let behind = |numbers: &[u64]| {
            let (last, front) = numbers.split_last()?;
            up_to(Version::new(front.iter().copied().chain([last.saturating_add(1)])), false)
        };
        match specifier.operator() {
            Operator::Equal | Operator::ExactEqual | Operator::LessThanEqual => up_to(version.clone(), true),
            Operator::LessThan => up_to(version.clone(), false),
            Operator::EqualStar => behind(version.release()),
            Operator::TildeEqual => version.release().split_last().and_then(|(_, front)| behind(front)),
            _ => None,
        }
    }
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
        check_names(&text)?;
        let parsed: Requirement<VerbatimUrl> = text
            .parse()
            .map_err(|error: pep508_rs::Pep508Error| ReferenceError { reason: error.message.to_string() })?;
        let newest = match &parsed.version_or_url {
            Some(VersionOrUrl::VersionSpecifier(specifiers)) => {
                specifiers.iter().filter_map(Newest::of).min()
            }
            _ => None,
        };
        let exact = parsed.version_or_url.and_then(|wanted| match wanted {
            VersionOrUrl::VersionSpecifier(specifiers) => specifiers
                .iter()
                .find(|one| matches!(one.operator(), Operator::Equal | Operator::ExactEqual))
                .map(|one| one.version().clone()),
            VersionOrUrl::Url(_) => None,
        });
        Ok(Reference {
            name: parsed.name,
            extras: parsed.extras,
            exact,
            newest,
            address,
            marker: parsed.marker,
            origin,
        })
    }

    /// Whether it applies where the application runs.
    pub(crate) fn applies(&self, environment: &MarkerEnvironment) -> bool {
        self.marker.evaluate(environment, &[])
    }
}

/// Refuses a name or extra that ends in `-`, `_` or `.`: pep508_rs 0.9 panics on those that are
/// followed by something else.
///
/// Source: PEP 508, "Names".
fn check_names(text: &str) -> Result<(), ReferenceError> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let text = text.trim_start();
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let extras =
        rest.trim_start().strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or_default();
    let wrong = |name: &&str| name.ends_with(['.', '-', '_']);
    match std::iter::once(name).chain(extras.split(',').map(str::trim)).find(wrong) {
        Some(name) => {
            Err(ReferenceError { reason: format!("the name `{name}` must end with a letter or digit") })
        }
        None => Ok(()),
    }
}

/// Refuses an address that nothing can be fetched from.
pub(super) fn check_address(reference: &Reference, at: &Origin) -> Result<(), Diagnostic> {
    match &reference.address {
        Some(address) if !is_fetched(address) => Err(messages::requirement_scheme(at, address)),
        _ => Ok(()),
    }
}

/// Whether uv fetches from `address` without keys of its own, as far as it is known before the variables in it
/// have values.
fn is_fetched(address: &str) -> bool {
    ["https://", "http://", "git+https://", "git+http://", "git+file:///app/", "${", "git+${"]
        .iter()
        .any(|scheme| address.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_versions_end() {
        let numpy = |text: &str| {
            let found = Reference::parse(text, Origin::Default(String::new())).unwrap().newest?;
            Some(format!("{}{}", if found.is_accepted { "<=" } else { "<" }, found.version))
        };
        for (text, expected) in [
            ("numpy==1.26.4", Some("<=1.26.4")),
            ("numpy<2", Some("<2")),
            ("numpy>=1.20,<2.0", Some("<2.0")),
            ("numpy<=1.26", Some("<=1.26")),
            ("numpy~=1.26", Some("<2")),
            ("numpy~=1.26.0", Some("<1.27")),
            ("numpy==1.26.*", Some("<1.27")),
            ("numpy<3,!=2.1,<2", Some("<2")),
            ("numpy>=1.26", None),
            ("numpy", None),
        ] {
            assert_eq!(numpy(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn names_that_end_oddly_are_refused() {
        for text in ["name-", "name- ==1", "name-\u{b9e}", "name[extra_]", "name [a, b.] >=1", "name.;x"] {
            assert!(Reference::parse(text, Origin::Default(String::new())).is_err(), "{text}");
        }
        for text in ["na-me", "name[a-b,c]>=1", "name ; python_version > '3'"] {
            assert!(Reference::parse(text, Origin::Default(String::new())).is_ok(), "{text}");
        }
    }
}
