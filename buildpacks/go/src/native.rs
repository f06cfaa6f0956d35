//! Whether a program needs cgo, and which libraries of C it links: from its own `#cgo` lines, those of
//! vendored modules, and a table for modules whose source is not in the tree.

use packwright_buildpack::native;
use packwright_buildpack::planner::{Diagnostic, LayerKind, Origin, Package, PlanOptions};

use crate::data::{CGO_MODULES, LIBRARIES, OF_LIBC};
use crate::messages;
use crate::module::Modules;
use crate::program::Made;
use crate::version::SUITE;

/// What programs need of C.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cgo {
    /// Who needs a compiler of C; nothing when none is needed.
    pub(crate) evidence: Option<Origin>,
    /// Packages for the build and for the image.
    pub(crate) packages: Vec<Package>,
    /// Libraries that nothing here knows.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// What these programs need. `CGO_ENABLED` in `options` decides against all that is found.
pub(crate) fn needed(programs: &[Made], modules: &Modules, options: &PlanOptions) -> Cgo {
    let mut found = Cgo::default();
    let chosen = options.environment.get("CGO_ENABLED").map(String::as_str);
    if chosen == Some("0") {
        return found;
    }
    if chosen.is_some() {
        found.evidence = Some(Origin::Option("--env CGO_ENABLED".to_owned()));
    }
    let files = || programs.iter().flat_map(|made| &made.files);
    for (path, file) in files() {
        let Some(line) = file.imports("C") else { continue };
        found.evidence.get_or_insert(Origin::line(path, line));
        for (kind, word, line) in &file.cgo {
            let name = match kind.as_str() {
                "pkg-config" => word.as_str(),
                "LDFLAGS" => word.strip_prefix("-l").unwrap_or_default(),
                _ => "",
            };
            if kind == "pkg-config" {
                let why = "programs find libraries by it";
                native::add(&mut found.packages, [Package::build("pkgconf", LayerKind::System, why)]);
            }
            found.library(name, &Origin::line(path, *line));
        }
    }
    let is = |name: &str, row: &str| {
        name.strip_prefix(row).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let required = modules
        .required()
        .filter(|_| !modules.is_vendored)
        .map(|said| (said.value.as_str(), said.origin.clone()));
    let imports = files().flat_map(|(path, file)| {
        file.imports.iter().map(move |(import, line)| (import.as_str(), Origin::line(path, *line)))
    });
    let used: Vec<(&str, Origin)> = required.chain(imports).collect();
    for (module, libraries) in CGO_MODULES {
        let Some((_, origin)) = used.iter().find(|(name, _)| is(name, module)) else { continue };
        found.evidence.get_or_insert(origin.clone());
        libraries.iter().for_each(|name| found.library(name, origin));
    }
    if let Some(evidence) = &found.evidence {
        let why = format!("{evidence} needs a compiler of C");
        let compiler = ["gcc", "libc6-dev"].map(|name| Package::build(name, LayerKind::System, &why));
        native::add(&mut found.packages, compiler);
    }
    found
}

impl Cgo {
    fn library(&mut self, name: &str, at: &Origin) {
        if name.is_empty() || OF_LIBC.contains(&name) {
            return;
        }
        match LIBRARIES.iter().find(|library| library.names.contains(&name)) {
            Some(library) => {
                native::add(&mut self.packages, library.native.packages(&at.to_string(), true, SUITE))
            }
            None => self.diagnostics.push(messages::unknown_library(name, at)),
        }
    }
}
