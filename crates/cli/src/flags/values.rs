//! The values that flags take, each with its grammar and the message for what is not of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use packwright::Destination;
use packwright::oci::RelPath;
use packwright::planner::SecretName;

/// The name of a platform.
pub(crate) fn platform(text: &str) -> Result<String, String> {
    let names: Vec<&str> = packwright::platforms().iter().map(|platform| platform.name).collect();
    match names.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("it is none of {}", names.join(", "))),
    }
}

/// The name of a platform whose files can be written.
pub(crate) fn written_platform(text: &str) -> Result<String, String> {
    let all = packwright::platforms();
    let written = all.iter().filter(|platform| platform.write.is_some());
    let names: Vec<&str> = written.map(|platform| platform.name).collect();
    match names.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("it is none of {}", names.join(", "))),
    }
}

/// `NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A secret and where its value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretFlag {
    pub(crate) name: SecretName,
    pub(crate) from: SecretFrom,
}

/// Where the value of a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SecretFrom {
    /// In this environment variable.
    Variable(String),
    /// In this file.
    File(PathBuf),
}

/// A destination as it was written, and whether it names the image there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    destination: Destination,
    is_named: bool,
}

impl Output {
    /// The destination, under `name` unless it names the image itself.
    ///
    /// Errors: `name` is none that the destination can have.
    pub(crate) fn named(&self, name: Option<&str>) -> Result<Destination, String> {
        let Some(name) = name.filter(|_| !self.is_named) else {
            return Ok(self.destination.clone());
        };
        // A layout knows tags alone: the part behind the colon of `me/app:v1`.
        let tag = || match name.rsplit('/').next().and_then(|last| last.split_once(':')) {
            Some((_, tag)) => tag,
            None => "latest",
        };
        let text = match &self.destination {
            Destination::Layout { dir, .. } => format!("oci:{}:{}", dir.display(), tag()),
            Destination::OciArchive { file, .. } => format!("oci-archive:{}:{}", file.display(), tag()),
            Destination::DockerArchive { file, .. } => format!("docker-archive:{}:{name}", file.display()),
        };
        output(&text).map(|output| output.destination)
    }
}

/// Reads `NAME=VALUE`.
pub(crate) fn assignment(text: &str) -> Result<Assignment, String> {
    let (name, value) = text.split_once('=').ok_or("it has no `=`: write NAME=VALUE")?;
    let first = name.bytes().next().ok_or("there is no name in front of the `=`")?;
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if first.is_ascii_digit() || !name.bytes().all(word) {
        return Err("a name has letters, digits and `_`, and does not start with a digit".to_owned());
    }
    if value.contains('\0') {
        return Err("a value cannot hold a zero byte".to_owned());
    }
    Ok(Assignment { name: name.to_owned(), value: value.to_owned() })
}

/// The assignments as an environment; of several to one name the last one counts.
pub(crate) fn environment(assignments: &[Assignment]) -> BTreeMap<String, String> {
    assignments.iter().map(|set| (set.name.clone(), set.value.clone())).collect()
}

/// Reads `ID`, `ID=env:VARIABLE` or `ID=FILE`.
pub(crate) fn secret(text: &str) -> Result<SecretFlag, String> {
    let (id, from) = match text.split_once('=') {
        None => (text, SecretFrom::Variable(text.to_owned())),
        Some((id, from)) => match from.strip_prefix("env:") {
            Some(variable) => (id, SecretFrom::Variable(variable.to_owned())),
            None => (id, SecretFrom::File(from.into())),
        },
    };
    let name = id.parse().map_err(|error: packwright::planner::NameError| error.to_string())?;
    match &from {
        SecretFrom::Variable(variable) if variable.is_empty() => {
            Err("there is no name behind `env:`".to_owned())
        }
        SecretFrom::File(file) if file.as_os_str().is_empty() => {
            Err("there is no file behind the `=`".to_owned())
        }
        _ => Ok(SecretFlag { name, from }),
    }
}

/// Reads a destination.
pub(crate) fn output(text: &str) -> Result<Output, String> {
    let destination: Destination =
        text.parse().map_err(|error: packwright::DestinationError| format!("{error}; {}", error.fix()))?;
    let is_named = text.split_once(':').is_some_and(|(_, rest)| rest.contains(':'));
    Ok(Output { destination, is_named })
}

/// Reads a whole number of seconds, minutes, hours or days: `90s`, `30m`, `12h`, `7d`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let grammar = "write a whole number with a unit: `90s`, `30m`, `12h`, `7d`";
    let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];
    let seconds = units
        .iter()
        .find_map(|(unit, seconds)| Some(number(text.strip_suffix(unit)?)?.checked_mul(*seconds)));
    match seconds {
        Some(Some(seconds)) => Ok(Duration::from_secs(seconds)),
        Some(None) => Err("this is longer than can be counted".to_owned()),
        None => Err(grammar.to_owned()),
    }
}

/// Reads a whole number of bytes, or of units of 1024: `512M`, `2G`, `10GiB`.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let grammar = "write a whole number of bytes, or with a unit: `512M`, `2G`, `1T`";
    let bare = text.strip_suffix("iB").unwrap_or(text);
    let units = [("K", 10), ("M", 20), ("G", 30), ("T", 40)];
    let with_unit = units.iter().find_map(|(unit, bits)| Some((number(bare.strip_suffix(unit)?)?, *bits)));
    let (count, bits) = match with_unit {
        Some(found) => found,
        None => (number(text).ok_or(grammar)?, 0),
    };
    count.checked_mul(1 << bits).ok_or_else(|| "this is more than can be counted".to_owned())
}

/// A decimal number of digits alone.
fn number(text: &str) -> Option<u64> {
    match !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => text.parse().ok(),
        false => None,
    }
}

/// A directory below another one: `apps/web`, also as `./apps/web/`.
pub(crate) fn subdirectory(text: &str) -> Result<RelPath, String> {
    let inner = text.trim_start_matches("./").trim_end_matches('/');
    inner.parse().map_err(|_| "name a directory below DIR, such as `backend` or `apps/web`".to_owned())
}

#[cfg(test)]
mod tests;
