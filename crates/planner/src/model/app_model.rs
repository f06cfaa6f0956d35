//! [`AppModel`]: what all platform files together declare about an application.

use packwright_oci::RelPath;
use serde::Serialize;

use super::component::Component;
use super::declarations::{FileWeight, Overlay};
use super::exposed::Exposed;
use super::service::BackingService;
use crate::decision::Decision;
use crate::diagnostic::Diagnostic;
use crate::origin::Requested;

/// The name and version of the model's format.
pub const MODEL_FORMAT: &str = "packwright.model/1";

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
    pub weight: FileWeight,
    /// Their paths.
    pub files: Vec<RelPath>,
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
