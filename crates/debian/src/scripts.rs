//! Maintainer scripts are read and never run. Each command that may run is harmless, or has an effect
//! that the builder of a root produces itself; a script with any other command is accepted only when
//! its package has a row in [`reviewed`]. Every other package is refused by name.
//!
//! Only the commands themselves count: `abstract_run` finds those that may run when the package is
//! installed for the first time, `classify` says what each of them leaves behind. Comments that claim
//! a section was generated decide nothing.

use packwright_shell_syntax::shebang;

use crate::alternatives::Offer;
use crate::deb::Unpacked;

mod abstract_run;
mod classify;
pub mod reviewed;

pub use classify::FileEffect;

use classify::CommandClass;
use reviewed::{Reviewed, ReviewedEffect};

/// What the scripts of a package leave behind, for the builder of a root to produce.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptEffects {
    /// Generic names that the package offers.
    pub offers: Vec<Offer>,
    /// Effects of commands in the scripts. Those of a reviewed package may be impossible to produce.
    pub commands: Vec<CommandEffect>,
    /// The reviewed row, when the scripts also have commands that are not known.
    pub reviewed: Option<&'static Reviewed>,
}

/// One effect, and the command that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandEffect {
    /// The effect.
    pub effect: FileEffect,
    /// `preinst` or `postinst`.
    pub script: &'static str,
    /// The command as written.
    pub line: String,
}

/// A script with a command that is not known, of a package without a reviewed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// The package.
    pub package: String,
    /// `preinst` or `postinst`.
    pub script: &'static str,
    /// The first command that is not known, or the line that cannot be read.
    pub line: String,
}

/// The effects of the scripts that run when a package is installed.
///
/// Errors: a script with a command that is not known, unless the package has a reviewed row.
pub fn effects(package: &Unpacked) -> Result<ScriptEffects, Unsupported> {
    let row = reviewed::find(&package.name);
    let mut effects = ScriptEffects::default();
    for name in ["preinst", "postinst"] {
        let Some(script) = package.scripts.get(name) else { continue };
        for arguments in calls(name, package) {
            match (first_unknown(name, script, arguments, &mut effects), row) {
                (None, _) => {}
                (Some(_), Some(row)) => effects.reviewed = Some(row),
                (Some(line), None) => {
                    return Err(Unsupported { package: package.name.clone(), script: name, line });
                }
            }
        }
    }
    // The review of a package covers the known commands of its scripts, too.
    if !effects.commands.is_empty() {
        effects.reviewed = effects.reviewed.or(row);
    }
    if effects.reviewed.is_some() {
        effects.commands.retain(|effect| !matches!(effect.effect, FileEffect::Absent(_)));
    }
    Ok(effects)
}

impl ScriptEffects {
    /// The effects of the reviewed row, if there is one.
    pub fn reviewed_effects(&self) -> &'static [ReviewedEffect] {
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

/// The first command that may do something unknown; adds the effects of the others to `effects`.
fn first_unknown(
    name: &'static str,
    script: &str,
    arguments: &[Option<&str>],
    effects: &mut ScriptEffects,
) -> Option<String> {
    let shells = ["/bin/sh", "/bin/bash", "/bin/dash", "/usr/bin/sh", "/usr/bin/bash"];
    if !shebang(script).is_some_and(|shebang| shells.contains(&shebang.program.as_str())) {
        return Some(script.lines().next().unwrap_or_default().to_owned());
    }
    let trace = match abstract_run::trace(script, arguments) {
        Ok(trace) => trace,
        Err(line) => return Some(line),
    };
    let mut first = trace.writes.first().cloned();
    for command in &trace.commands {
        match classify::classify(command) {
            CommandClass::Harmless => {}
            CommandClass::Offer(offer) if effects.offers.contains(&offer) => {}
            CommandClass::Offer(offer) => effects.offers.push(offer),
            CommandClass::Effects(files) => {
                let effect = |effect| CommandEffect { effect, script: name, line: command.text.clone() };
                effects.commands.extend(files.into_iter().map(effect));
            }
            CommandClass::Unknown => first = first.or_else(|| Some(command.text.clone())),
        }
    }
    first
}

#[cfg(test)]
mod tests;
