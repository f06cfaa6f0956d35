//! Maintainer scripts: read, judged, never run. A script is harmless, or reviewed with what we
//! do in its place, or the package is refused by name.
//!
//! Harmless are: sections that debhelper generated and whose effect we know, `update-alternatives
//! --install` with literal arguments (the links are made from them), and shell lines that do
//! nothing. Whatever is left must be in [`reviewed`].

use crate::alternatives::{self, Offer};
use crate::deb::Unpacked;

pub mod reviewed;

use reviewed::{Effect, Reviewed};

/// What must be done in place of a package's scripts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instead {
    /// Generic names it offers.
    pub offers: Vec<Offer>,
    /// The reviewed row, when its scripts do more than known snippets.
    pub reviewed: Option<&'static Reviewed>,
}

/// A script that nobody has reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// The package.
    pub package: String,
    /// `preinst` or `postinst`.
    pub script: &'static str,
    /// The first line that is not known to be harmless.
    pub line: String,
}

/// debhelper's generators whose sections need nothing from us, with the reason.
pub const SECTIONS: &[(&str, &str)] = &[
    ("dh_apparmor", "loads profiles into the host's kernel"),
    ("dh_bugfiles", "registers bug scripts"),
    ("dh_fontconfig", "the font cache is made at first use"),
    ("dh_icons", "an icon cache only speeds up desktops"),
    ("dh_installalternatives", "the links are read from the section"),
    ("dh_installcatalogs", "registers SGML catalogs"),
    ("dh_installdeb", "removes or moves files of earlier versions"),
    ("dh_installdocs", "registers manuals"),
    ("dh_installemacsen", "configures an editor"),
    ("dh_installinfo", "registers manuals"),
    ("dh_installinit", "there is no init system"),
    ("dh_installmenu", "registers desktop menus"),
    ("dh_installmime", "registers desktop programs"),
    ("dh_installmodules", "loads kernel modules"),
    ("dh_installsystemd", "there is no init system"),
    ("dh_installsystemduser", "there is no init system"),
    ("dh_installtmpfiles", "there is no init system"),
    ("dh_installudev", "there are no devices"),
    ("dh_installxfonts", "registers fonts of a display server"),
    ("dh_makeshlibs", "the linker's cache is made by us"),
    ("dh_pypy", "bytecode is compiled where Python runs"),
    ("dh_python2", "bytecode is compiled where Python runs"),
    ("dh_python3", "bytecode is compiled where Python runs"),
    ("dh_systemd_enable", "there is no init system"),
    ("dh_systemd_start", "there is no init system"),
    ("dh_usrlocal", "makes empty directories below /usr/local"),
];

/// Judges the scripts that run when a package is installed.
pub fn judge(package: &Unpacked) -> Result<Instead, Unsupported> {
    let row = reviewed::find(&package.name);
    let mut instead = Instead { offers: Vec::new(), reviewed: None };
    for name in ["preinst", "postinst"] {
        let Some(script) = package.scripts.get(name) else { continue };
        let outcome = remains(script, &mut instead.offers);
        match (outcome, row) {
            (None, _) => {}
            (Some(_), Some(row)) => instead.reviewed = Some(row),
            (Some(line), None) => {
                return Err(Unsupported { package: package.name.clone(), script: name, line });
            }
        }
    }
    Ok(instead)
}

impl Instead {
    /// The effects of the reviewed row, if there is one.
    pub fn effects(&self) -> &'static [Effect] {
        self.reviewed.map_or(&[], |row| row.effects)
    }
}

/// The first line that may do something; also collects the alternatives on the way.
fn remains(script: &str, offers: &mut Vec<Offer>) -> Option<String> {
    let mut first = None;
    let mut section: Option<bool> = None;
    let interpreter = script.lines().next().unwrap_or_default();
    if !["sh", "bash", "dash"].iter().any(|shell| interpreter.trim_end_matches(" -e").ends_with(shell)) {
        return Some(interpreter.to_owned());
    }
    for command in alternatives::commands(script) {
        if let Some(rest) = command.strip_prefix("# Automatically added by ") {
            let generator = rest.split(['/', ' ']).next().unwrap_or_default();
            section = Some(SECTIONS.iter().any(|(known, _)| *known == generator));
        }
        if command.starts_with("# End automatically added section") {
            section = None;
            continue;
        }
        match alternatives::offers(&command) {
            None => first = first.or(Some(command)),
            Some(found) if !found.is_empty() => offers.extend(found),
            Some(_) if section == Some(true) => {}
            Some(_) if command.contains("update-alternatives") && is_removal(&command) => {}
            Some(_) if is_idle(&command) => {}
            Some(_) => first = first.or(Some(command)),
        }
    }
    first
}

fn is_removal(command: &str) -> bool {
    command.contains("--remove") && !command.contains(['`', '>'])
}

/// Whether a line of shell does nothing: a comment, structure, a test without substitution, a
/// message, leaving.
fn is_idle(command: &str) -> bool {
    let line = command.split(" #").next().unwrap_or(command).trim();
    if line.is_empty() || line.starts_with('#') {
        return true;
    }
    line.split(';').map(str::trim).filter(|part| !part.is_empty()).all(is_idle_part)
}

fn is_idle_part(part: &str) -> bool {
    if part.contains(['`', '<', '>', '|', '&', '{', '}']) && !is_message(part) && !is_label(part) {
        return false;
    }
    if part.contains("$(") {
        return false;
    }
    let (first, rest) = part.split_once(' ').unwrap_or((part, ""));
    match first {
        "then" | "else" => rest.is_empty() || is_idle_part(rest.trim()),
        "if" | "elif" => {
            let test = rest.trim().trim_start_matches("! ");
            test.starts_with("[ ")
                || test.starts_with("test ")
                || test.starts_with("dpkg --compare-versions ")
        }
        "fi" | "esac" | ":" | "true" | "exit" | "return" | "set" | "shift" => true,
        "case" => rest
            .split_once(" in")
            .is_some_and(|(_, body)| body.trim().is_empty() || is_idle_part(body.trim())),
        "echo" => is_message(part),
        _ => is_label(part) || is_label_with_idle_body(part),
    }
}

/// `echo "…" >&2`: nothing but a message.
fn is_message(part: &str) -> bool {
    let text = part.replace(">&2", "").replace("1>&2", "");
    part.starts_with("echo ")
        && !text.contains(['>', '|', '&', '<'])
        && !text.contains("$(")
        && !text.replace("\\`", "").contains('`')
}

/// `configure|abort-upgrade)`: a label of `case`.
fn is_label(part: &str) -> bool {
    let Some(label) = part.strip_suffix(')') else { return false };
    // A blank inside, or a bracket before, would make it a command in a subshell.
    label
        .split('|')
        .map(|one| one.trim().trim_matches('"'))
        .all(|one| !one.is_empty() && one.chars().all(|c| c.is_ascii_alphanumeric() || "-*_".contains(c)))
}

fn is_label_with_idle_body(part: &str) -> bool {
    let Some((label, body)) = part.split_once(')') else { return false };
    is_label(&format!("{label})")) && is_idle_part(body.trim())
}

#[cfg(test)]
mod tests;
