//! [`Caller`]: what the caller of Nixpacks' command line says about the application: variables,
//! secrets, the options of the plan.

use std::collections::BTreeMap;

use packwright_engine::planner::{Diagnostic, Plan, PlanOptions, SecretName};
use packwright_platforms::nixpacks::{CommandLine, ConfigFile};

use crate::compat::secrets;

/// How the names of variables begin that speak to Nixpacks.
const NIXPACKS: &str = "NIXPACKS_";

/// What the caller says.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The options that are about the plan.
    pub(super) line: CommandLine,
    /// All variables but those that choose an application.
    pub(super) environment: BTreeMap<String, String>,
    /// Variables of the configuration that do not speak to Nixpacks.
    in_config: BTreeMap<String, String>,
    secrets: BTreeMap<SecretName, String>,
    /// The application of a workspace.
    app: Option<String>,
}

impl Caller {
    /// What `line` says, and `environment`, the variables of its `--env`.
    pub fn new(line: CommandLine, mut environment: BTreeMap<String, String>) -> Caller {
        let mut in_config = line.config.as_ref().map(ConfigFile::variables).unwrap_or_default();
        // Plans have it, and Nixpacks does not read it.
        in_config.remove("NIXPACKS_METADATA");
        in_config.retain(|name, _| !environment.contains_key(name));
        let (speak, in_config): (BTreeMap<_, _>, BTreeMap<_, _>) =
            in_config.into_iter().partition(|(name, _)| name.starts_with(NIXPACKS));
        environment.extend(speak);
        let app = ["NIXPACKS_NX_APP_NAME", "NIXPACKS_TURBO_APP_NAME", "NIXPACKS_MOON_APP_NAME"]
            .into_iter()
            .filter_map(|name| environment.remove(name))
            .find(|name| !name.is_empty());
        Caller { line, secrets: secrets(&environment), environment, in_config, app }
    }

    /// The variables that look like secrets, with their values: they are kept out of the image, and
    /// the build is given them as secrets.
    pub fn secrets(&self) -> &BTreeMap<SecretName, String> {
        &self.secrets
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

    /// What there is to say about the command line.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        if self.secrets.is_empty() {
            return Vec::new();
        }
        let names: Vec<&str> = self.secrets.keys().map(SecretName::as_str).collect();
        let message = format!("kept out of the image, and given to the build: {}", names.join(", "));
        let remark = Diagnostic::info("compat/secrets", message)
            .why("they look like secrets, and what is in an image is known to everybody who has it")
            .fix("set them where the image runs");
        vec![remark]
    }
}

/// A configuration that says nothing.
fn nothing() -> ConfigFile {
    ConfigFile { name: "nixpacks.json".parse().expect("a path"), text: "{}".to_owned() }
}
