//! [`AppModel`]: what platform files declare about an application, whichever platform wrote
//! them. Readers in the `platforms` crate make one [`Declarations`] of each file; [`decide()`] makes
//! one model of all of them, and says what won and what lost.
//!
//! Everything is declared and nothing resolved: a password that a platform makes up, a port that
//! it chooses and an address that it will know are kinds of values here.

mod checked;
mod completed;
mod component;
mod decide;
mod exposed;
mod process;
mod secret;
mod service;
mod variable;

use packwright_oci::RelPath;
use serde::Serialize;

pub use component::{
    BuildWork, Component, Customs, DeclaredBuild, PackageSystem, Phase, Strategy, SystemPackage, Task,
    VersionRequest,
};
pub use decide::{Chosen, decide};
pub use exposed::Exposed;
pub use process::{DeclaredProcess, Health, Moment, Port, Probe, ProcessKind, Scale, Stop};
pub(crate) use secret::{Blotted, blotted};
pub use secret::{is_secret_name, is_secret_value};
pub use service::{BackingService, ServiceKind, ServiceReference, StaticMount, Volume};
pub use variable::{Scoped, Variable, VariableValue};

use crate::{Decision, Diagnostic, Requested};

/// The name and version of the model's format.
pub const MODEL_FORMAT: &str = "packwright.model/1";

/// What the files of one platform declare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Declarations {
    /// The platform's name as `--platform` takes it: `heroku`, `render`.
    pub platform: String,
    /// The files that were read, the most telling first; at least one.
    pub files: Vec<RelPath>,
    /// How much the files count.
    pub weight: Weight,
    /// The application's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Requested<String>>,
    /// The parts of the application that are built and run, in the order of the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
    /// What the application needs beside it: databases, caches, queues.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<BackingService>,
    /// Names under which it is reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<Requested<String>>,
    /// What is different in other environments than production.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<Overlay>,
    /// What the reader has to say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Diagnostic>,
}

/// How much a file counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// It says how the source is built and run: it counts before what is detected.
    Decides,
    /// It describes an image that something else builds, or a machine for development: what it
    /// says fills the gaps that are left, unless the caller chooses its platform.
    Hints,
}

/// What is different in one environment, `review` or `staging`. It reaches no image; writers that
/// know such environments write it, the others report it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overlay {
    /// The environment's name and its line.
    pub name: Requested<String>,
    /// Variables that are set differently there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<Variable>,
    /// Services in place of those of production.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<BackingService>,
    /// Processes that are started differently, or in another number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<DeclaredProcess>,
}

/// What all platform files together declare, decided per field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppModel {
    /// [`MODEL_FORMAT`].
    pub format: String,
    /// The application's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Requested<String>>,
    /// Its parts: one for each directory that the files name, the one at the top first.
    pub components: Vec<Component>,
    /// What it needs beside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<BackingService>,
    /// Names under which it is reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<Requested<String>>,
    /// What is different in other environments than production.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<Overlay>,
    /// What was decided between files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    /// What the readers, and the comparison of their files, have to say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Diagnostic>,
    /// Secrets that stand in files, those that are not read on the chosen platform among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exposed: Vec<Exposed>,
    /// The files behind it, by platform, in falling precedence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<PlatformFiles>,
}

/// The files of one platform that were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlatformFiles {
    /// The platform's name.
    pub platform: String,
    /// How much its files count in this model.
    pub weight: Weight,
    /// Their paths.
    pub files: Vec<RelPath>,
}

impl Declarations {
    /// Declarations of one file, without content yet.
    pub fn new(platform: &str, file: &RelPath, weight: Weight) -> Declarations {
        Declarations {
            platform: platform.to_owned(),
            files: vec![file.clone()],
            weight,
            name: None,
            components: Vec::new(),
            services: Vec::new(),
            domains: Vec::new(),
            overlays: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// The only component of a file that describes one application; made when there is none.
    pub fn component(&mut self) -> &mut Component {
        if self.components.is_empty() {
            self.components.push(Component::default());
        }
        &mut self.components[0]
    }
}

impl Default for AppModel {
    /// The model of a tree without platform files.
    fn default() -> AppModel {
        AppModel {
            format: MODEL_FORMAT.to_owned(),
            name: None,
            components: Vec::new(),
            services: Vec::new(),
            domains: Vec::new(),
            overlays: Vec::new(),
            decisions: Vec::new(),
            diagnostics: Vec::new(),
            exposed: Vec::new(),
            files: Vec::new(),
        }
    }
}

impl AppModel {
    /// What is declared for the application in `root` (the top of the tree when there is none);
    /// an empty component when nothing is.
    pub fn component(&self, root: Option<&RelPath>) -> Component {
        let here = |component: &&Component| component.dir() == root;
        self.components.iter().find(here).cloned().unwrap_or_default()
    }

    /// The model as canonical JSON: two spaces, a newline at the end.
    pub fn to_json(&self) -> String {
        let value = serde_json::to_value(self).expect("a model has string keys only");
        let mut text = serde_json::to_string_pretty(&value).expect("a value is always JSON");
        text.push('\n');
        text
    }
}
