//! [`Named`]: the packages and version requests that a name of another system stands for.

use packwright_planner::{Diagnostic, PackageSystem, Requested, Scope, SystemPackage, VersionRequest};

use crate::dir_view::DirView;

/// Packages of Debian: what they are called there, and where they are needed.
///
/// `a | b` is the first of the two that the archive has: libraries were renamed between releases.
pub(super) type Parts = &'static [(&'static str, Scope)];

/// What a name comes to.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Packages of the system.
    pub(crate) packages: Vec<SystemPackage>,
    /// Versions of languages and tools.
    pub(crate) version_requests: Vec<VersionRequest>,
    /// What there is to say.
    pub(crate) told: Vec<Diagnostic>,
}

impl Named {
    pub(super) fn debian(&mut self, name: &Requested<String>, parts: &[(&str, Scope)]) {
        for (debian, scope) in parts {
            let value = Requested { value: (*debian).to_owned(), origin: name.origin.clone() };
            self.packages.push(SystemPackage { name: value, system: PackageSystem::Debian, scope: *scope });
        }
    }

    pub(super) fn wish(&mut self, tool: &str, version: &str, name: &Requested<String>) {
        let version = Requested { value: version.to_owned(), origin: name.origin.clone() };
        self.version_requests.push(VersionRequest { tool: tool.to_owned(), version });
    }

    pub(super) fn say(&mut self, diagnostic: Diagnostic, name: &Requested<String>) {
        self.told.push(diagnostic.at(name.origin.clone()));
    }

    /// A package that nobody here knows: it will be missing, and people are told.
    pub(super) fn unknown(&mut self, platform: &str, name: &Requested<String>, whose: &str) {
        let Requested { value, origin } = name;
        let message = format!("{origin}: no Debian package is known for `{value}` of {whose}");
        let told = Diagnostic::warning(&format!("{platform}/unknown-package"), message)
            .why("packages of the system come from Debian; this one will be missing")
            .fix("name the Debian package instead, in `aptPkgs`, an Aptfile or `PACKWRIGHT_PACKAGES`");
        self.say(told, name);
        let package = SystemPackage { name: name.clone(), system: PackageSystem::Nix, scope: Scope::Run };
        self.packages.push(package);
    }
}

/// The languages whose own files are in the component: they bring their language themselves, so
/// that a package with it is only a wish for a version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Present {
    /// The languages and their package managers, by name.
    tools: Vec<&'static str>,
}

impl Present {
    /// The languages with a manifest in the directory that is looked at. A language that is only
    /// recognised brings nothing.
    pub(crate) fn of(view: &DirView<'_>) -> Present {
        let built = view.languages.iter().filter(|language| language.is_supported);
        let present = built.filter(|language| language.manifests.iter().any(|name| view.has(name)));
        let tools = present.flat_map(|language| {
            std::iter::once(language.name).chain(language.package_managers.iter().copied())
        });
        Present { tools: tools.collect() }
    }

    /// Whether `tool` is one of these languages or a package manager of one.
    pub(crate) fn has(&self, tool: &str) -> bool {
        self.tools.contains(&tool)
    }
}
