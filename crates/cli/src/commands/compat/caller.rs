//! Reads the files and variables that a command line of Nixpacks names.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use packwright::nixpacks::{Caller, CommandLine, ConfigFile};
use packwright::planner::Diagnostic;

use super::messages;
use crate::flags::nixpacks::Nixpacks;
use crate::host::Host;
use crate::report::Failure;

/// What `line` says about the application in `dir`, and remarks about the line itself.
///
/// Errors: a configuration that cannot be read.
pub(super) fn read(line: &Nixpacks, dir: &Path, host: &Host) -> Result<(Caller, Vec<Diagnostic>), Failure> {
    let mut said = Vec::new();
    let config = line.config.as_deref().map(|file| config(file, dir, host)).transpose()?;
    let environment = variables(&line.env, host, &mut said)?;
    let line = CommandLine {
        config,
        json_plan: line.json_plan.clone(),
        install: line.install_cmd.clone(),
        build: line.build_cmd.clone(),
        start: line.start_cmd.clone(),
        pkgs: line.pkgs.clone(),
        apt: line.apt.clone(),
        libs: line.libs.clone(),
    };
    Ok((Caller::new(line, environment), said))
}

/// Nixpacks looks for the file from the application's directory.
fn config(file: &Path, dir: &Path, host: &Host) -> Result<ConfigFile, Failure> {
    let shown = file.display().to_string();
    let ending = file.extension().and_then(|ending| ending.to_str());
    if !matches!(ending, Some("toml" | "json")) {
        return Err(messages::unknown_kind(&shown));
    }
    let text = fs::read_to_string(host.absolute(dir).join(file))
        .map_err(|error| messages::unreadable(&shown, &error))?;
    let name = file.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
    Ok(ConfigFile { name: name.ok_or_else(|| messages::unknown_kind(&shown))?, text })
}

/// `NAME=VALUE`, or `NAME` for what the environment has under it.
pub(super) fn variables(
    given: &[String],
    host: &Host,
    said: &mut Vec<Diagnostic>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut variables = BTreeMap::new();
    for text in given {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if name.is_empty() || name.as_bytes()[0].is_ascii_digit() || !name.bytes().all(letter) {
            said.push(messages::no_variable(
                name,
                "a name has letters, digits and `_`, and does not start with a digit",
            ));
            continue;
        }
        match value {
            value if value.contains('\0') => {
                said.push(messages::no_variable(name, "a value cannot hold a zero byte"));
            }
            "" => variables.extend(host.text(name)?.map(|value| (name.to_owned(), value))),
            value => {
                variables.insert(name.to_owned(), value.to_owned());
            }
        }
    }
    Ok(variables)
}
