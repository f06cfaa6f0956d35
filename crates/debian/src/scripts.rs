//! Maintainer scripts: read, judged, never run. A script is harmless, or its work is read off it
//! and done by us, or it is reviewed with what we do in its place, or the package is refused by
//! name.
//!
//! Nothing is believed of a script but what its commands say: `course` tells which of them run
//! when the package is installed for the first time, `harmless` which of those need nothing
//! from us and which are done by us. Comments that say who generated a section decide nothing.
//! Whatever is left must be in [`reviewed`].

use crate::alternatives::Offer;
use crate::deb::Unpacked;

mod course;
mod harmless;
pub mod reviewed;
mod shell;

pub use harmless::Deed;

use harmless::Weight;
use reviewed::{Effect, Reviewed};

/// What must be done in place of a package's scripts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instead {
    /// Generic names it offers.
    pub offers: Vec<Offer>,
    /// What its scripts do that we do. Of a reviewed package as far as it can be done.
    pub duties: Vec<Duty>,
    /// The reviewed row, when its scripts do more than that.
    pub reviewed: Option<&'static Reviewed>,
}

/// One thing to do, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// What.
    pub deed: Deed,
    /// `preinst` or `postinst`.
    pub script: &'static str,
    /// The command.
    pub line: String,
}

/// A script that nobody has reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// The package.
    pub package: String,
    /// `preinst` or `postinst`.
    pub script: &'static str,
    /// The first command that is not known to be harmless, or the line that cannot be read.
    pub line: String,
}

/// Judges the scripts that run when a package is installed.
pub fn judge(package: &Unpacked) -> Result<Instead, Unsupported> {
    let row = reviewed::find(&package.name);
    let mut instead = Instead::default();
    for name in ["preinst", "postinst"] {
        let Some(script) = package.scripts.get(name) else { continue };
        for arguments in calls(name, package) {
            match (first_unknown(name, script, arguments, &mut instead), row) {
                (None, _) => {}
                (Some(_), Some(row)) => instead.reviewed = Some(row),
                (Some(line), None) => {
                    return Err(Unsupported { package: package.name.clone(), script: name, line });
                }
            }
        }
    }
    // Whoever is reviewed was reviewed for this, too.
    if !instead.duties.is_empty() {
        instead.reviewed = instead.reviewed.or(row);
    }
    if instead.reviewed.is_some() {
        instead.duties.retain(|duty| !matches!(duty.deed, Deed::Absent(_)));
    }
    Ok(instead)
}

impl Instead {
    /// The effects of the reviewed row, if there is one.
    pub fn effects(&self) -> &'static [Effect] {
        self.reviewed.map_or(&[], |row| row.effects)
    }
}

/// How a script is called when its package is installed for the first time. `None` is an
/// argument that depends on other packages.
fn calls(name: &str, package: &Unpacked) -> Vec<&'static [Option<&'static str>]> {
    let interested = package.triggers.lines().any(|line| line.trim_start().starts_with("interest"));
    match name {
        "preinst" => vec![&[Some("install")]],
        _ if interested => vec![&[Some("configure"), Some("")], &[Some("triggered"), None]],
        _ => vec![&[Some("configure"), Some("")]],
    }
}

/// The first command that may do something unknown; collects what is known on the way.
fn first_unknown(
    name: &'static str,
    script: &str,
    arguments: &[Option<&str>],
    instead: &mut Instead,
) -> Option<String> {
    let interpreter = script.lines().next().unwrap_or_default();
    let shell =
        interpreter.strip_prefix("#!").unwrap_or_default().split_whitespace().next().unwrap_or_default();
    if !["/bin/sh", "/bin/bash", "/bin/dash", "/usr/bin/sh", "/usr/bin/bash"].contains(&shell) {
        return Some(interpreter.to_owned());
    }
    let course = match course::course(script, arguments) {
        Ok(course) => course,
        Err(unreadable) => return Some(unreadable.line),
    };
    let mut first = course.writes.first().cloned();
    for ran in &course.commands {
        match harmless::weigh(ran) {
            Weight::Harmless => {}
            Weight::Offer(offer) if instead.offers.contains(&offer) => {}
            Weight::Offer(offer) => instead.offers.push(offer),
            Weight::Deeds(deeds) => {
                let duty = |deed| Duty { deed, script: name, line: ran.text.clone() };
                instead.duties.extend(deeds.into_iter().map(duty));
            }
            Weight::Unknown => first = first.or_else(|| Some(ran.text.clone())),
        }
    }
    first
}

#[cfg(test)]
mod tests;
