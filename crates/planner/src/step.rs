//! [`Step`]: one unit of work with declared inputs, commands and outputs.

use std::collections::BTreeMap;

use packwright_oci::RelPath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::command::Command;
use crate::layer_kind::LayerKind;
use crate::name::{SecretName, StepName};
use crate::selection::Selection;

/// One unit of work in the sandbox. It sees its root, its inputs and nothing else; only its
/// declared outputs outlive it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The step's name, unique in the plan.
    pub name: StepName,
    /// What it is for, for people.
    pub why: String,
    /// What people can do when one of its commands fails, besides reading what it printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Texts that tell, in one of the last lines of a failed command's output, that the network or a
    /// server failed, so that the same build may succeed at another time. A step that fetches is tried
    /// again, from a clean root, when such a line has one of them and is no warning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transient: Vec<String>,
    /// The directory of the source that is `/app` to this step, where it is not all of the source:
    /// the step sees the files below it and no others, and what it leaves below `/app` lies in this
    /// directory for steps without it and for the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub dir: Option<RelPath>,
    /// What it may see besides the build packages, applied in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// What it runs, in `/app`, one after the other; the first failure ends the step.
    pub commands: Vec<Command>,
    /// Its environment, on top of the fixed world.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Variables of the caller's environment that it obeys, such as a package index to use
    /// instead of the default; `PREFIX_*` means all with that prefix. They choose where bytes
    /// come from and not which, so they are not part of the step's key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// Variables of the caller's environment that a file of the source names, `.npmrc` with
    /// `${NPM_TOKEN}` for example. They are obeyed like [`Step::settings`], but a source file must not
    /// reach for whatever the caller's environment holds: only those that are known to be a package
    /// client's are passed on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source_settings: Vec<String>,
    /// Which of its settings and secrets are credentials, by name, and for which hosts. One `*` in a name matches one or
    /// more characters. A step that fetches through the gateway sees placeholders instead, and the gateway sends the
    /// values to these hosts only. Credentials change no byte that is fetched, so they are not in the step's key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub credentials: BTreeMap<String, Credential>,
    /// Directories that live on between builds and are never part of an output.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caches: Vec<Cache>,
    /// Secrets it is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretName>,
    /// Whether it reaches the network.
    #[serde(default)]
    pub network: Network,
    /// What it leaves behind.
    pub outputs: Vec<Output>,
    /// Whether its outputs answer an open question (which versions?). They are small texts, go
    /// into the lock, and are taken from there instead of running the step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resolves: bool,
}

/// Something a step may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// All outputs of an earlier step, in their places.
    Step(StepName),
    /// Source files, below `/app`.
    Source(Selection),
}

/// The hosts that a credential of a step is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// The hosts of these addresses: `https://host/path`, `//host:port/path`. `${NAME}` is replaced by the value of a
    /// setting, a secret or a variable of the step, which may hold several addresses; an address with a variable that
    /// is not set is ignored. If the credential's name has a `*`, an address with a name (`shop=https://host/simple`)
    /// counts only for the credential with that name in place of the `*` (`UV_INDEX_SHOP_PASSWORD`).
    Hosts(Vec<String>),
    /// The secret is a netrc file, which names its hosts itself.
    Netrc,
}

/// A directory that lives on between builds of one application, when the caller names the application; else it is
/// empty, and ends with the step. No other application ever sees it, since nothing checks what its steps put there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// Steps that name the same cache share it.
    pub name: String,
    /// Where it is mounted, from the root.
    #[schemars(with = "String")]
    pub path: RelPath,
}

/// Whether a step reaches the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// No network but its own loopback.
    #[default]
    None,
    /// The host's network, to fetch what the inputs name.
    Fetch,
}

/// A path that a step leaves behind, with all below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The path from the root.
    #[schemars(with = "String")]
    pub path: RelPath,
    /// The layer it becomes in the image; without one it is for later steps only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<LayerKind>,
    /// Paths below it that are dropped before it is kept, because they differ from run to run
    /// or have no use in an image; patterns as in [`Selection`], relative to the path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scrub: Vec<String>,
}

impl Step {
    /// A step that does nothing yet: no inputs, no commands, no network, no outputs.
    pub fn new(name: StepName, why: impl Into<String>) -> Step {
        Step {
            name,
            why: why.into(),
            hint: None,
            transient: Vec::new(),
            dir: None,
            inputs: Vec::new(),
            commands: Vec::new(),
            environment: BTreeMap::new(),
            settings: Vec::new(),
            source_settings: Vec::new(),
            credentials: BTreeMap::new(),
            caches: Vec::new(),
            secrets: Vec::new(),
            network: Network::None,
            outputs: Vec::new(),
            resolves: false,
        }
    }

    /// This step, after the step `earlier`, whose outputs it sees.
    pub fn after(mut self, earlier: StepName) -> Step {
        self.inputs.push(Input::Step(earlier));
        self
    }

    /// This step, with these source files in sight.
    pub fn sees(mut self, source: Selection) -> Step {
        self.inputs.push(Input::Source(source));
        self
    }

    /// This step, with one more command at the end.
    pub fn runs(mut self, command: Command) -> Step {
        self.commands.push(command);
        self
    }

    /// This step, with the variable `name`, in place of an earlier value.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Step {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// This step, with one more output.
    pub fn leaves(mut self, output: Output) -> Step {
        self.outputs.push(output);
        self
    }

    /// This step, with what people can do when it fails.
    pub fn hinted(mut self, hint: impl Into<String>) -> Step {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the variable `name` is among the step's settings, whoever named it.
    pub fn obeys(&self, name: &str) -> bool {
        self.lists(name) || self.source_settings.iter().any(|setting| setting == name)
    }

    /// Adds hosts, by their addresses, to those that the credential `name` is for.
    pub fn bind(&mut self, name: &str, addresses: impl IntoIterator<Item = String>) {
        let bound = self.credentials.entry(name.to_owned()).or_insert_with(|| Credential::Hosts(Vec::new()));
        if let Credential::Hosts(known) = bound {
            for address in addresses {
                if !known.contains(&address) {
                    known.push(address);
                }
            }
        }
    }

    /// Whether the variable `name` is among the settings that the step's maker listed.
    pub fn lists(&self, name: &str) -> bool {
        self.settings.iter().any(|setting| match setting.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == setting,
        })
    }
}

impl Output {
    /// A path that becomes part of a layer of the image.
    pub fn layer(path: RelPath, layer: LayerKind) -> Output {
        Output { path, layer: Some(layer), scrub: Vec::new() }
    }

    /// A path that is for later steps only.
    pub fn between_steps(path: RelPath) -> Output {
        Output { path, layer: None, scrub: Vec::new() }
    }

    /// This output, without what these patterns choose below it.
    pub fn without<T: ToString>(mut self, scrub: impl IntoIterator<Item = T>) -> Output {
        self.scrub.extend(scrub.into_iter().map(|pattern| pattern.to_string()));
        self
    }
}
