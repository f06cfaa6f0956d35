//! The Debian packages that requirements need, for their build and for their use. The
//! interpreter's own are in [`crate::runtime`].

use packwright_buildpack::native::compiler;
use packwright_buildpack::planner::{Decision, LayerKind, Origin, Package};

use crate::dependencies::Dependencies;
use crate::native::{NativeNeed, needs};
use crate::releases::Delivery;
use crate::runtime;

/// All packages, for the image first. `apps` are the applications of Django, where it is one.
pub(crate) fn packages(delivery: &Delivery, dependencies: &Dependencies, apps: &[String]) -> Vec<Package> {
    let needs = needs(dependencies, apps, delivery);
    let layer = LayerKind::System;
    let mut packages: Vec<Package> = Vec::new();
    for need in &needs {
        packages.extend(need.run.iter().map(|name| Package::run(name, layer, why(need))));
    }
    let sources: Vec<&NativeNeed> = needs.iter().filter(|need| need.from_source).collect();
    if let Some(first) = sources.first() {
        packages.extend(compiler(&why(first)));
        packages.extend(runtime::headers(delivery).map(|name| Package::build(name, layer, why(first))));
    }
    for need in sources {
        packages.extend(need.build.iter().map(|name| Package::build(name, layer, why(need))));
    }
    packages
}

/// One decision for each requirement that needs something of the system.
pub(crate) fn decisions(delivery: &Delivery, dependencies: &Dependencies, apps: &[String]) -> Vec<Decision> {
    needs(dependencies, apps, delivery)
        .iter()
        .map(|need| {
            let value = match (need.run.join(" "), need.build.join(" ")) {
                (run, build) if build.is_empty() => match run.is_empty() {
                    true => "a compiler for the build".to_owned(),
                    false if need.from_source => format!("{run}, and a compiler for the build"),
                    false => run,
                },
                (run, build) if run.is_empty() => format!("a compiler and {build} for the build"),
                (run, build) => format!("{run}, and a compiler and {build} for the build"),
            };
            Decision::new(format!("system packages for {}", need.who), value, Origin::Detected(why(need)))
        })
        .collect()
}

fn why(need: &NativeNeed) -> String {
    format!("{} {}", need.who, need.why)
}
