//! Names of packages in other systems as Debian's: what Nixpkgs, Ubuntu and mise call something,
//! what of it a build needs and what a running application needs.
//!
//! The tables are data, every group with its reason. Whether an archive has a package is not known
//! here; a name that no table knows is named to people, never dropped in silence.

mod apt;
mod gathered;
mod nix;

use packwright_planner::{Diagnostic, PackageSystem, Requested, Scope, SystemPackage, VersionRequest};

pub(crate) use gathered::Gathered;

use crate::sight::Sight;
use crate::words::tool;

/// Packages of Debian: what they are called there, and where they are needed.
///
/// `a | b` is the first of the two that the archive has: libraries were renamed between releases.
type Parts = &'static [(&'static str, Scope)];

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

/// The languages whose own files are in the component: they bring their language themselves, so
/// that a package with it is only a wish for a version.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Present {
    python: bool,
    node: bool,
}

impl Present {
    /// The languages with files in the directory that is looked at.
    pub(crate) fn of(sight: &Sight<'_>) -> Present {
        let any = |names: &[&str]| names.iter().any(|name| sight.has(name));
        let script = |ending: &str| !sight.names("", |name| name.ends_with(ending)).is_empty();
        Present {
            python: any(&["requirements.txt", "pyproject.toml", "Pipfile", "setup.py"]) || script(".py"),
            node: sight.has("package.json"),
        }
    }

    fn has(self, tool: &str) -> bool {
        match tool {
            "python" | "uv" | "poetry" | "pdm" | "pipenv" => self.python,
            "node" | "npm" | "pnpm" | "yarn" | "bun" => self.node,
            _ => false,
        }
    }
}

impl Named {
    fn debian(&mut self, name: &Requested<String>, parts: &[(&str, Scope)]) {
        for (debian, scope) in parts {
            let value = Requested { value: (*debian).to_owned(), origin: name.origin.clone() };
            self.packages.push(SystemPackage { name: value, system: PackageSystem::Debian, scope: *scope });
        }
    }

    fn wish(&mut self, tool: &str, version: &str, name: &Requested<String>) {
        let version = Requested { value: version.to_owned(), origin: name.origin.clone() };
        self.version_requests.push(VersionRequest { tool: tool.to_owned(), version });
    }

    fn say(&mut self, diagnostic: Diagnostic, name: &Requested<String>) {
        self.told.push(diagnostic.at(name.origin.clone()));
    }

    /// A package that nobody here knows: it will be missing, and people are told.
    fn unknown(&mut self, platform: &str, name: &Requested<String>, whose: &str) {
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

/// Where Debian puts programs of these packages, which is on no image's path.
pub(crate) const GAMES: (&str, &[&str]) = ("/usr/games", &["cowsay", "fortune-mod"]);

/// What a package of Nixpkgs comes to; `platform` is the beginning of codes.
pub(crate) fn nix(platform: &str, name: &Requested<String>, present: Present) -> Named {
    let mut named = Named::default();
    let bare = nix::bare(&name.value);
    if let Some((tool, version)) = nix::language(&bare) {
        language(&mut named, platform, name, tool, version.as_deref(), present);
        return named;
    }
    match nix::known(&bare) {
        Some(nix::Known::Packages(parts)) => named.debian(name, parts),
        Some(nix::Known::There(why)) => {
            let message = format!("{}: `{}` needs no package", name.origin, name.value);
            named.say(Diagnostic::info(&format!("{platform}/package-there"), message).why(why), name);
        }
        None => named.unknown(platform, name, "Nixpkgs"),
    }
    named
}

/// What a package of Debian or Ubuntu comes to. `scope` is where it is needed as far as nothing is
/// known about it: what is known to be for a build alone stays out of the image.
pub(crate) fn apt(platform: &str, name: &Requested<String>, scope: Scope) -> Named {
    let mut named = Named::default();
    let text = name.value.trim();
    let (bare, version) = match text.split_once('=') {
        Some((bare, version)) => (bare, Some(version)),
        None => (text, None),
    };
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    // Source: Debian Policy, 5.6.1, "Source"; 5.6.12, "Version".
    let is_name = bare.len() > 1 && bare.bytes().all(letter) && bare.as_bytes()[0].is_ascii_alphanumeric();
    let is_version = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+~:-".contains(&byte))
    };
    let either = bare.contains('|')
        && bare.split('|').all(|name| name.trim().len() > 1 && name.trim().bytes().all(letter));
    if either && version.is_none() {
        // One of several, as plans have it: `libssl3t64 | libssl3`.
        named.debian(name, &[(text, scope)]);
        return named;
    }
    if !is_name || version.is_some_and(|version| !is_version(version)) {
        let message = format!("{}: `{}` is no name of a Debian package", name.origin, name.value);
        let told = Diagnostic::warning(&format!("{platform}/package-name"), message)
            .why("it is left out")
            .fix("write the package's name, or `name=version`");
        named.say(told, name);
        return named;
    }
    if let Some(version) = version {
        named.debian(name, &[(&format!("{bare} (= {version})"), scope)]);
        return named;
    }
    match apt::known(bare) {
        Some(parts) => {
            let within = |part: &(&'static str, Scope)| {
                (part.0, if scope == Scope::Build { Scope::Build } else { part.1 })
            };
            named.debian(name, &parts.iter().map(within).collect::<Vec<_>>());
        }
        None => named.debian(name, &[(&apt::spelled(bare), scope)]),
    }
    named
}

/// What a tool of mise comes to, as Railpack's `packages` name it, at a version.
///
/// Source: mise.jdx.dev, "Registry"; Railpack, `core/generate/context.go`, `applyPackagesFromConfig`.
pub(crate) fn mise(platform: &str, name: &str, version: &Requested<String>, present: Present) -> Named {
    let mut named = Named::default();
    let asked = Requested { value: name.to_owned(), origin: version.origin.clone() };
    let exact = Some(version.value.as_str()).filter(|version| !["", "latest", "*"].contains(version));
    // `zulu-8.86`, `temurin-21`: a vendor's build of that version.
    let exact = exact.map(|version| version.rsplit_once('-').map_or(version, |(_, number)| number));
    if nix::is_tool(name) || tool(name).is_some() {
        language(&mut named, platform, &asked, tool(name).unwrap_or(name), exact, present);
        return named;
    }
    if name.contains(':') {
        named.unknown(platform, &asked, "mise");
        return named;
    }
    match nix::known(name) {
        Some(nix::Known::Packages(parts)) => {
            named.debian(&asked, parts);
            if let Some(exact) = exact {
                named.say(debians_version(platform, &asked, exact), &asked);
            }
        }
        Some(nix::Known::There(_)) => {}
        None => named.unknown(platform, &asked, "mise"),
    }
    named
}

fn debians_version(platform: &str, name: &Requested<String>, version: &str) -> Diagnostic {
    let message = format!(
        "{}: `{}` is Debian's, whatever its version; asked for is {version}",
        name.origin, name.value
    );
    Diagnostic::warning(&format!("{platform}/package-version"), message)
        .why("packages of the system come from Debian, which has one version of each")
        .fix("leave the version out, or bring the program with the source")
}

fn with_its_files(platform: &str, name: &Requested<String>) -> Diagnostic {
    let message = format!("{}: `{}` comes with an application that has files of it", name.origin, name.value);
    Diagnostic::info(&format!("{platform}/package-with-files"), message)
        .why("Debian has no package of it; a lock file or manifest brings it to the build")
}

/// The programs of a language, for applications of another one.
pub(crate) fn tool_of(language_name: &Requested<String>, present: Present) -> Named {
    let mut named = Named::default();
    if !present.has(&language_name.value) {
        let parts = nix::system_of(&language_name.value).unwrap_or_default();
        named.debian(language_name, parts);
    }
    named
}

/// A language or one of its tools: a wish where it is the application's own, and a package of the
/// system beside that where it is not.
fn language(
    named: &mut Named,
    platform: &str,
    name: &Requested<String>,
    tool: &str,
    version: Option<&str>,
    present: Present,
) {
    if let Some(version) = version {
        named.wish(tool, version, name);
    }
    if present.has(tool) {
        return;
    }
    let java = |kind: &str| match version {
        Some(version) => format!("openjdk-{}-{kind}-headless", version.split('.').next().unwrap_or(version)),
        None => format!("default-{kind}-headless"),
    };
    match tool {
        "java" => named.debian(name, &[(&java("jdk"), Scope::Build), (&java("jre"), Scope::Run)]),
        _ => match nix::system_of(tool) {
            Some(parts) => {
                named.debian(name, parts);
                if let Some(version) = version {
                    // The wish stands beside it, for where the language turns out to be the application's.
                    let told = debians_version(platform, name, version);
                    named.say(Diagnostic { severity: packwright_planner::Severity::Info, ..told }, name);
                }
            }
            None => named.say(with_its_files(platform, name), name),
        },
    }
}

#[cfg(test)]
mod tests;
