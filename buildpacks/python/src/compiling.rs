//! Packages that are built although others get them as wheels: because a lock file, or the version
//! asked for, has none for the chosen Python, or because `--no-binary` says so. The steps get a
//! compiler for them.

use std::collections::BTreeSet;

use packwright_planner::{Decision, Diagnostic, LayerKind, Origin, Package, Scope};

use crate::data::Delivery;
use crate::dependencies::Dependencies;
use crate::manifest::locked::Locked;
use crate::messages;
use crate::packages::COMPILER;
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

/// What `dependencies` need with the Python `delivery`, according to `locked` when there is a lock
/// file; nothing is added to the packages that are `known`. `more` is a Python that `locked` holds
/// more wheels for.
pub(crate) fn needed(
    locked: Option<&Locked>,
    dependencies: &Dependencies,
    (delivery, more): (&Delivery, Option<&str>),
    known: &[Package],
) -> Compiling {
    let built = dependencies.from_source();
    let Some(first) = built.values().next() else {
        return Compiling::default();
    };
    let lacking: Vec<&str> = built.keys().map(String::as_str).collect();
    let origin = locked.map_or_else(|| first.clone(), |locked| Origin::file(&locked.path));
    let names = COMPILER.iter().map(|&name| name.to_owned()).chain(runtime::headers(delivery));
    let known: BTreeSet<&str> = known.iter().map(|package| package.name.as_str()).collect();
    let why = match locked {
        Some(locked) => format!("{} holds no wheel of {}", locked.path, lacking.join(", ")),
        None => format!("{} built from source", messages::list_is(&lacking)),
    };
    let package =
        |name: String| Package { name, scope: Scope::Build, layer: LayerKind::System, why: why.clone() };
    let told = match locked {
        Some(_) => messages::built_from_source(&lacking, delivery.name, more, &origin),
        None => messages::built_as_asked(&lacking, delivery.name, &origin),
    };
    Compiling {
        packages: names.filter(|name| !known.contains(name.as_str())).map(package).collect(),
        decisions: vec![Decision {
            subject: "python packages built from source".to_owned(),
            value: lacking.join(", "),
            origin,
            losers: Vec::new(),
        }],
        diagnostics: vec![told],
    }
}
