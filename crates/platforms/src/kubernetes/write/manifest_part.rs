//! [`ManifestPart`]: one component of the model while its manifests are written, and what they all share.

use packwright_documents::Value;
use packwright_planner::{Component, DeclaredProcess};

use crate::container::writing::{self, map, text};

/// A part of the application that is written.
pub(super) struct ManifestPart<'a> {
    pub(super) component: &'a Component,
    pub(super) image: String,
    /// The application's name.
    pub(super) app: &'a str,
    /// What the names of its objects begin with, behind the application's.
    pub(super) start: String,
    /// The name of its map of variables, if it has any.
    pub(super) variables: Option<String>,
}

impl ManifestPart<'_> {
    /// The name of the objects of a process.
    pub(super) fn name(&self, process: &DeclaredProcess) -> String {
        let name = format!("{}-{}{}", self.app, self.start, writing::label(process.name.as_str()));
        name.chars().take(LONGEST).collect::<String>().trim_end_matches('-').to_owned()
    }

    pub(super) fn labels(&self, process: Option<&DeclaredProcess>) -> Value {
        let name = process.map(|process| {
            let name: String = format!("{}{}", self.start, process.name).chars().take(63).collect();
            name.trim_end_matches(['-', '_']).to_owned()
        });
        map([("app.kubernetes.io/name", name.map(text)), ("app.kubernetes.io/part-of", Some(text(self.app)))])
    }

    pub(super) fn metadata(&self, name: &str, process: Option<&DeclaredProcess>) -> Value {
        map([("name", Some(text(name))), ("labels", Some(self.labels(process)))])
    }
}

/// Where a service answers inside the cluster.
pub(super) const SERVICE_PORT: u16 = 80;

/// Whether a map or a secret can have such a key.
pub(super) fn is_key(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// The longest name of an object that all kinds take, CronJobs' included.
pub(super) const LONGEST: usize = 52;
