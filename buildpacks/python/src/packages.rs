//! The Debian packages that requirements need, for their build and for their use. The
//! interpreter's own are in [`crate::runtime`].

use packwright_buildpack::planner::{Decision, LayerKind, Origin, Overridden, Package, Scope};

use crate::dependencies::Dependencies;
use crate::native::{Need, needs};
use crate::releases::Delivery;
use crate::runtime;

/// What every compilation needs: the compiler, the program by which builds find libraries, and
/// what scripts of builds take for granted. Debian calls the latter essential, so that nothing
/// depends on them by name: `pg_config` is a script for perl, `configure` one for sed and grep.
pub(crate) const COMPILER: &[&str] =
    &["build-essential", "pkgconf", "perl-base", "sed", "grep", "findutils", "diffutils", "tar", "gzip"];

/// All packages, for the image first. `apps` are the applications of Django, where it is one.
pub(crate) fn packages(delivery: &Delivery, dependencies: &Dependencies, apps: &[String]) -> Vec<Package> {
    let needs = needs(dependencies, apps, delivery);
    let mut packages: Vec<Package> = Vec::new();
    for need in &needs {
        packages.extend(need.run.iter().map(|name| Package {
            name: name.clone(),
            scope: Scope::Run,
            layer: LayerKind::System,
            why: why(need),
        }));
    }
    let build =
        |name: String, why: String| Package { name, scope: Scope::Build, layer: LayerKind::System, why };
    let sources: Vec<&Need> = needs.iter().filter(|need| need.from_source).collect();
    if let Some(first) = sources.first() {
        let compiler = COMPILER.iter().map(|&name| name.to_owned()).chain(runtime::headers(delivery));
        packages.extend(compiler.map(|name| build(name, why(first))));
    }
    for need in sources {
        packages.extend(need.build.iter().map(|name| build(name.clone(), why(need))));
    }
    packages
}

/// One decision for each requirement that needs something of the system.
pub(crate) fn decisions(delivery: &Delivery, dependencies: &Dependencies, apps: &[String]) -> Vec<Decision> {
    needs(dependencies, apps, delivery)
        .iter()
        .map(|need| Decision {
            subject: format!("system packages for {}", need.who),
            value: match (need.run.join(" "), need.build.join(" ")) {
                (run, build) if build.is_empty() => match run.is_empty() {
                    true => "a compiler for the build".to_owned(),
                    false if need.from_source => format!("{run}, and a compiler for the build"),
                    false => run,
                },
                (run, build) if run.is_empty() => format!("a compiler and {build} for the build"),
                (run, build) => format!("{run}, and a compiler and {build} for the build"),
            },
            origin: Origin::Detected(why(need)),
            overridden: Vec::<Overridden>::new(),
        })
        .collect()
}

fn why(need: &Need) -> String {
    format!("{} {}", need.who, need.why)
}
