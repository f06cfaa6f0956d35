//! [`Declarations`]: what the files of one platform declare, before anything is decided between
//! platforms.

use packwright_oci::RelPath;
use serde::Serialize;

use super::component::Component;
use super::process::DeclaredProcess;
use super::service::BackingService;
use super::variable::Variable;
use crate::diagnostic::Diagnostic;
use crate::origin::Requested;

/// What the files of one platform declare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Declarations {
    /// The platform's name as `--platform` takes it: `heroku`, `render`.
    pub platform: String,
    /// The files that were read, the most telling first; at least one.
    pub files: Vec<RelPath>,
    /// How much the files count.
    pub weight: FileWeight,
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
pub enum FileWeight {
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

impl Declarations {
    /// Declarations of one file, without content yet.
    pub fn new(platform: &str, file: &RelPath, weight: FileWeight) -> Declarations {
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
