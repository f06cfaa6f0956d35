//! [`Caller`]: what the caller of a command line of Nixpacks says about the application: variables,
//! secrets, the options of the plan.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use packwright_engine::planner::{
    Diagnostic, Origin, Plan, PlanOptions, SecretName, Variable, VariableValue,
};
use packwright_platforms::nixpacks::{CommandLine, ConfigFile};

use super::{line, messages};
use crate::flags::LogFlags;
use crate::report::Failure;
use crate::surroundings::Surroundings;
use crate::terminal::tell_notices;

/// How the names of variables begin that speak to Nixpacks.
const NIXPACKS: &str = "NIXPACKS_";

/// The shortest text that can be searched for in what a build leaves.
const SHORTEST_SECRET: usize = 8;

/// What the caller says.
pub(super) struct Caller {
    /// The options that are about the plan.
    pub(super) line: CommandLine,
    /// All variables but those that choose an application.
    pub(super) environment: BTreeMap<String, String>,
    /// Variables of the configuration that do not speak to Nixpacks.
    in_config: BTreeMap<String, String>,
    /// Variables that look like secrets, with their values.
    pub(super) secrets: BTreeMap<SecretName, String>,
    /// The application of a workspace.
    app: Option<String>,
    said: Vec<Diagnostic>,
}

impl Caller {
    /// What `line` says about the application in `dir`.
    ///
    /// Errors: a configuration that cannot be read.
    pub(super) fn read(
        line: &line::Nixpacks,
        dir: &Path,
        surroundings: &Surroundings,
    ) -> Result<Caller, Failure> {
        let mut said = Vec::new();
        let config = line.config.as_deref().map(|file| config(file, dir, surroundings)).transpose()?;
        let mut environment = variables(&line.env, surroundings, &mut said)?;
        let mut in_config = config.as_ref().map(ConfigFile::variables).unwrap_or_default();
        // Plans have it, and nobody reads it.
        in_config.remove("NIXPACKS_METADATA");
        in_config.retain(|name, _| !environment.contains_key(name));
        let (speak, rest) = in_config.into_iter().partition(|(name, _)| name.starts_with(NIXPACKS));
        environment.extend::<BTreeMap<_, _>>(speak);
        let in_config: BTreeMap<String, String> = rest;
        let app = ["NIXPACKS_NX_APP_NAME", "NIXPACKS_TURBO_APP_NAME", "NIXPACKS_MOON_APP_NAME"]
            .into_iter()
            .filter_map(|name| environment.remove(name))
            .find(|name| !name.is_empty());
        let secrets = secrets(&environment);
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
        Ok(Caller { line, environment, in_config, secrets, app, said })
    }

    /// The caller with the variables of the configuration, without those that `plan`, which was made
    /// without them, sets to the same values: they were printed into it.
    pub(super) fn settled(&self, plan: Option<&Plan>) -> Caller {
        let set = |name: &str| Some(&plan?.environment.get(name)?.value);
        let edited = self.in_config.iter().filter(|(name, value)| set(name) != Some(*value));
        let mut environment = self.environment.clone();
        environment.extend(edited.map(|(name, value)| (name.clone(), value.clone())));
        Caller {
            line: self.line.clone(),
            secrets: secrets(&environment),
            environment,
            in_config: BTreeMap::new(),
            app: self.app.clone(),
            said: self.said.clone(),
        }
    }

    /// The caller as if nothing were declared but `speaking`, variables that a printed plan has:
    /// without the configuration, without commands and packages.
    pub(super) fn detecting(&self, speaking: &BTreeMap<String, String>) -> Caller {
        const DECLARE: [&str; 7] =
            ["INSTALL_CMD", "BUILD_CMD", "START_CMD", "PKGS", "APT_PKGS", "LIBS", "CONFIG_FILE"];
        let mut environment = speaking.clone();
        environment.extend(self.environment.clone());
        environment.retain(|name, _| !DECLARE.iter().any(|bare| name.strip_prefix(NIXPACKS) == Some(bare)));
        Caller {
            line: CommandLine { config: Some(nothing()), ..CommandLine::default() },
            secrets: secrets(&environment),
            environment,
            in_config: BTreeMap::new(),
            app: self.app.clone(),
            said: Vec::new(),
        }
    }

    /// What is chosen about the plan: variables that speak to Nixpacks are no part of the image.
    pub(super) fn options(&self) -> PlanOptions {
        let is_secret = |name: &str| self.secrets.keys().any(|secret| secret.as_str() == name);
        let own = self.environment.iter().filter(|(name, _)| !name.starts_with(NIXPACKS) && !is_secret(name));
        PlanOptions {
            environment: own.map(|(name, value)| (name.clone(), value.clone())).collect(),
            secrets: self.secrets.keys().cloned().collect(),
            app: self.app.clone(),
            ..PlanOptions::default()
        }
    }

    /// Tells on standard error what there is to say about the command line, and `more`.
    pub(super) fn tell(&self, surroundings: &Surroundings, more: Vec<Diagnostic>) {
        let all: Vec<Diagnostic> = self.said().into_iter().chain(more).collect();
        tell_notices(&all, LogFlags::default(), surroundings.terminal);
    }

    /// What there is to say about the command line.
    pub(super) fn said(&self) -> Vec<Diagnostic> {
        let mut said = self.said.clone();
        if !self.secrets.is_empty() {
            let names: Vec<String> = self.secrets.keys().map(ToString::to_string).collect();
            said.push(messages::secrets(&names));
        }
        said
    }
}

/// The variables that look like secrets.
fn secrets(environment: &BTreeMap<String, String>) -> BTreeMap<SecretName, String> {
    let is_secret = |name: &str, value: &str| {
        let looked_at = Variable::literal(name, value, Origin::Option("--env".to_owned()));
        looked_at.value == VariableValue::Withheld && value.len() >= SHORTEST_SECRET
    };
    let kept = environment.iter().filter(|(name, value)| is_secret(name, value));
    kept.filter_map(|(name, value)| Some((name.parse().ok()?, value.clone()))).collect()
}

/// A configuration that says nothing.
fn nothing() -> ConfigFile {
    ConfigFile { name: "nixpacks.json".parse().expect("a path"), text: "{}".to_owned() }
}

/// Nixpacks looks for the file from the application's directory.
fn config(file: &Path, dir: &Path, surroundings: &Surroundings) -> Result<ConfigFile, Failure> {
    let shown = file.display().to_string();
    let ending = file.extension().and_then(|ending| ending.to_str());
    if !matches!(ending, Some("toml" | "json")) {
        return Err(messages::unknown_kind(&shown));
    }
    let text = fs::read_to_string(surroundings.absolute(dir).join(file))
        .map_err(|error| messages::unreadable(&shown, &error))?;
    let name = file.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
    Ok(ConfigFile { name: name.ok_or_else(|| messages::unknown_kind(&shown))?, text })
}

/// `NAME=VALUE`, or `NAME` for what the environment has under it.
fn variables(
    given: &[String],
    surroundings: &Surroundings,
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
            "" => variables.extend(surroundings.text(name)?.map(|value| (name.to_owned(), value))),
            value => {
                variables.insert(name.to_owned(), value.to_owned());
            }
        }
    }
    Ok(variables)
}
