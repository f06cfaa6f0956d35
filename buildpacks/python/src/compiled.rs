//! Packages that must be compiled although wheels of them exist: the lock file, or the version that
//! is required, has no wheel for the chosen Python, or `--no-binary` forbids wheels. The build gets a
//! compiler for them.

use std::collections::BTreeSet;

use packwright_buildpack::planner::{Decision, Diagnostic, LayerKind, Origin, Package, Scope};

use crate::dependencies::{Built, Dependencies};
use crate::messages;
use crate::packages::COMPILER;
use crate::releases::Delivery;
use crate::runtime;

/// What building makes necessary.
#[derive(Debug, Default)]
pub(crate) struct Compiling {
    /// The compiler and what builds find libraries with.
    pub(crate) packages: Vec<Package>,
    /// That it is needed.
    pub(crate) decisions: Vec<Decision>,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// What `dependencies` need with the Python `delivery`; nothing is added to the packages that are
/// `known`. `more` is a Python that the lock file holds more wheels for.
pub(crate) fn needed(
    dependencies: &Dependencies,
    delivery: &Delivery,
    more: Option<&str>,
    known: &[Package],
) -> Compiling {
    let built = dependencies.built();
    let Some(first) = built.values().next() else {
        return Compiling::default();
    };
    let all: Vec<&str> = built.keys().map(String::as_str).collect();
    let of = |is: fn(&Built) -> bool| -> Vec<&str> {
        built.iter().filter(|(_, why)| is(why)).map(|(name, _)| name.as_str()).collect()
    };
    // One message for each reason, with the first place.
    let mut diagnostics = Vec::new();
    let mut tell = |names: Vec<&str>, message: &dyn Fn(&[&str], &Origin) -> Diagnostic| {
        if let Some(why) = names.first().and_then(|name| built.get(*name)) {
            diagnostics.push(message(&names, why.origin()));
        }
    };
    let python = delivery.name;
    tell(of(|why| matches!(why, Built::Unlocked(_))), &|names, at| {
        messages::built_from_source(names, python, more, at)
    });
    tell(of(|why| matches!(why, Built::Old(_))), &|names, at| messages::built_since_old(names, python, at));
    tell(of(|why| matches!(why, Built::Asked(_))), &messages::built_as_asked);
    let known: BTreeSet<&str> = known.iter().map(|package| package.name.as_str()).collect();
    let names = COMPILER.iter().map(|&name| name.to_owned()).chain(runtime::headers(delivery));
    let package = |name: String| Package {
        name,
        scope: Scope::Build,
        layer: LayerKind::System,
        why: format!("{} built from source", messages::list_is(&all)),
    };
    Compiling {
        packages: names.filter(|name| !known.contains(name.as_str())).map(package).collect(),
        decisions: vec![Decision {
            subject: "python packages built from source".to_owned(),
            value: all.join(", "),
            origin: first.origin().clone(),
            overridden: Vec::new(),
        }],
        diagnostics,
    }
}
