//! [`Caller`]: what the caller of Railpack's command line says about the application: variables, secrets, the options of the
//! plan.

use std::collections::BTreeMap;

use packwright_engine::planner::{Diagnostic, PlanOptions, SecretName};

use crate::compat;

/// How the names of variables begin that speak to Railpack.
const RAILPACK: &str = "RAILPACK_";

/// The options of a command line that are about the plan.
#[derive(Debug, Clone, Default)]
pub struct CommandLine {
    /// `--build-cmd`.
    pub build: Option<String>,
    /// `--start-cmd`.
    pub start: Option<String>,
    /// `--config-file`, from the application's directory.
    pub config: Option<String>,
    /// `--previous`: `NAME@VERSION`.
    pub previous: Vec<String>,
}

/// What the caller says.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Variables that speak to Railpack, options among them.
    speaking: BTreeMap<String, String>,
    /// The others, which only the build gets.
    build: BTreeMap<String, String>,
    secrets: BTreeMap<SecretName, String>,
    app: Option<String>,
    previous: Vec<String>,
}

impl Caller {
    /// What `line` says, and `environment`, the variables of its `--env`. An option counts where no variable of the same
    /// meaning is set.
    ///
    /// Source: railwayapp/railpack, `core/core.go`, `GetConfig`: options, then variables, then the file.
    pub fn new(line: CommandLine, environment: BTreeMap<String, String>) -> Caller {
        let (mut speaking, build): (BTreeMap<_, _>, BTreeMap<_, _>) =
            environment.into_iter().partition(|(name, _)| name.starts_with(RAILPACK));
        for (name, value) in
            [("BUILD_CMD", line.build), ("START_CMD", line.start), ("CONFIG_FILE", line.config)]
        {
            let name = format!("{RAILPACK}{name}");
            let is_set = speaking.get(&name).is_some_and(|value| !value.is_empty());
            if let Some(value) = value.filter(|value| !value.is_empty() && !is_set) {
                speaking.insert(name, value);
            }
        }
        let app = ["RAILPACK_NX_APP", "RAILPACK_ANGULAR_PROJECT"]
            .into_iter()
            .filter_map(|name| speaking.remove(name))
            .find(|name| !name.is_empty());
        let secrets = compat::secrets(&build);
        let is_secret = |name: &str| secrets.keys().any(|secret| secret.as_str() == name);
        let build = build.into_iter().filter(|(name, _)| !is_secret(name)).collect();
        Caller { speaking, build, secrets, app, previous: line.previous }
    }

    /// The variables that look like secrets, with their values: the build is given them as secrets.
    pub fn secrets(&self) -> &BTreeMap<SecretName, String> {
        &self.secrets
    }

    pub(super) fn speaking(&self) -> &BTreeMap<String, String> {
        &self.speaking
    }

    pub(super) fn build(&self) -> &BTreeMap<String, String> {
        &self.build
    }

    /// What is chosen about the plan. No variable of the caller's is in the image: for Railpack all are secrets.
    pub(super) fn options(&self) -> PlanOptions {
        PlanOptions {
            addressed: vec![RAILPACK.to_owned()],
            secrets: self.secrets.keys().cloned().collect(),
            app: self.app.clone(),
            ..PlanOptions::default()
        }
    }

    /// The caller with the versions of an earlier build for those of `tools` that have one; nothing when none has.
    pub(super) fn with_previous(&self, tools: &[&str]) -> Option<Caller> {
        let of = |tool: &&str| {
            let known = self.previous.iter().filter_map(|text| text.split_once('@'));
            let mut known = known.filter(|(name, version)| name == tool && !version.is_empty());
            known.next().map(|(name, version)| format!("{name}@{version}"))
        };
        let wanted: Vec<String> = tools.iter().filter_map(of).collect();
        if wanted.is_empty() {
            return None;
        }
        let mut caller = self.clone();
        let packages = caller.speaking.entry(format!("{RAILPACK}PACKAGES")).or_default();
        for package in wanted {
            packages.push_str(&format!(" {package}"));
        }
        Some(caller)
    }

    /// What there is to say about the variables.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        if self.secrets.is_empty() && self.build.is_empty() {
            return Vec::new();
        }
        let secrets = self.secrets.keys().map(SecretName::as_str);
        let names: Vec<&str> = secrets.chain(self.build.keys().map(String::as_str)).collect();
        let message = format!("given to the build, and kept out of the image: {}", names.join(", "));
        let why = "Railpack's `--env` are secrets of the build";
        let fix = "set them where the image runs; `deploy.variables` of railpack.json are in the image";
        vec![Diagnostic::info("compat/build-variables", message).why(why).fix(fix)]
    }
}
