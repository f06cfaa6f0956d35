//! The Debian packages: the interpreter for the image, and what the build needs besides.

use packwright_planner::{LayerKind, Package, Scope};

use crate::data::{Delivery, SOURCE_ONLY};
use crate::dependencies::Dependencies;

/// All packages, for the image first.
pub(crate) fn packages(delivery: &Delivery, dependencies: &Dependencies, fetches: bool) -> Vec<Package> {
    let version = delivery.name;
    let mut packages = vec![
        run(format!("python{version}-minimal"), "the interpreter"),
        run(format!("libpython{version}-stdlib"), "the standard library"),
        run("libstdc++6".to_owned(), "wheels with C++ code expect it on every Linux"),
        run("media-types".to_owned(), "types of files for the module `mimetypes`"),
        run("netbase".to_owned(), "names of ports and protocols for the module `socket`"),
    ];
    if fetches {
        packages.push(build("python3-pip-whl".to_owned(), "brings the installer"));
    }
    let mut compiles = false;
    for known in SOURCE_ONLY.iter().filter(|known| dependencies.have(known.name)) {
        let why = format!("{} is published as source", known.name);
        if !compiles {
            compiles = true;
            packages.push(build("build-essential".to_owned(), &why));
            packages.push(build(format!("python{version}-dev"), &why));
        }
        packages.extend(known.build.iter().map(|&name| build(name.to_owned(), &why)));
        packages.extend(known.run.iter().map(|&name| Package {
            layer: LayerKind::System,
            ..run(name.to_owned(), &format!("{} loads it", known.name))
        }));
    }
    packages
}

fn run(name: String, why: &str) -> Package {
    Package { name, scope: Scope::Run, layer: LayerKind::Runtime, why: why.to_owned() }
}

fn build(name: String, why: &str) -> Package {
    Package { scope: Scope::Build, ..run(name, why) }
}
