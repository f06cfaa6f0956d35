//! Package names of Nixpkgs, Ubuntu and mise, translated to Debian's, with the scope in which each is needed
//! (build or run). The tables translate other systems' vocabulary; they say nothing about what a language
//! needs.
//!
//! The tables are data, every group with its reason. Whether an archive has a package is not known
//! here; a name that no table knows is named to people, never dropped in silence.

mod apt;
mod component_builder;
mod nix;
pub(crate) mod translation;

use packwright_planner::{Diagnostic, Requested, Scope};

use crate::names::translation::{Named, Present};
use crate::tool_names::tool;

pub(crate) use component_builder::ComponentBuilder;

/// Where Debian puts programs of these packages, which is on no image's path.
pub(crate) const GAMES: (&str, &[&str]) = ("/usr/games", &["cowsay", "fortune-mod"]);

/// What a package of Nixpkgs comes to; `platform` is the beginning of codes.
pub(crate) fn nix(platform: &str, name: &Requested<String>, present: &Present) -> Named {
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
pub(crate) fn mise(platform: &str, name: &str, version: &Requested<String>, present: &Present) -> Named {
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
pub(crate) fn tool_of(language_name: &Requested<String>, present: &Present) -> Named {
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
    present: &Present,
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
