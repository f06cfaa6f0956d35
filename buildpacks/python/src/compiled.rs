//! Packages that must be compiled although wheels of them exist: the lock file, or the version that
//! is required, has no wheel for the chosen Python, or `--no-binary` forbids wheels. The build gets a
//! compiler for them.

use packwright_buildpack::native::compiler;
use packwright_buildpack::planner::{Decision, Diagnostic, LayerKind, Network, Origin, Package};

use crate::dependencies::{Built, Dependencies};
use crate::messages;
use crate::native_project::ProjectCompiler;
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
    let why = format!("{} built from source", messages::list_is(&all));
    let names = all.join(", ");
    Compiling {
        packages: packages(&why, &[], delivery, known),
        decisions: vec![Decision::new("python packages built from source", names, first.origin().clone())],
        diagnostics,
    }
}

/// What the project's own code needs to be compiled; `network` is that of the steps that build.
pub(crate) fn of_project(
    own: &ProjectCompiler,
    delivery: &Delivery,
    network: Network,
    known: &[Package],
) -> Compiling {
    let (language, rust): (_, &[&str]) = match own.is_rust {
        true => ("rust", &["rustc", "cargo"]),
        false => ("c", &[]),
    };
    let is_alone = own.is_rust && network == Network::None;
    Compiling {
        packages: packages("the project's own code is compiled", rust, delivery, known),
        decisions: vec![Decision::new("python project compiled from", language, own.origin.clone())],
        diagnostics: is_alone.then(|| messages::crates_need_network(&own.origin)).into_iter().collect(),
    }
}

/// A compiler, the headers of Python and `more`, less what is `known`.
fn packages(why: &str, more: &[&str], delivery: &Delivery, known: &[Package]) -> Vec<Package> {
    let build = |name: String| Package::build(name, LayerKind::System, why);
    let headers = runtime::headers(delivery).map(build);
    let more = more.iter().map(|name| build((*name).to_owned()));
    let all = compiler(why).into_iter().chain(headers).chain(more);
    all.filter(|package| known.iter().all(|known| known.name != package.name)).collect()
}
