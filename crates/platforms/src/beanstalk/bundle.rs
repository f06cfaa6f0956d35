//! [`Bundle`]: what the files of a source bundle declare, collected file by file.

use packwright_planner::{Diagnostic, FileWeight, Phase, Requested, VersionRequest};

use crate::beanstalk::options::Options;
use crate::dir_view::{DirView, Seen};

/// What was found so far.
#[derive(Default)]
pub(super) struct Bundle {
    pub(super) files: Vec<packwright_planner::RelPath>,
    pub(super) name: Option<Requested<String>>,
    pub(super) options: Options,
    pub(super) versions: Vec<VersionRequest>,
    pub(super) packages: Vec<packwright_planner::SystemPackage>,
    pub(super) phases: Vec<Phase>,
    pub(super) ignore: Vec<Requested<String>>,
    pub(super) release: super::commands::Release,
    pub(super) told: Vec<Diagnostic>,
}

impl Bundle {
    /// The file, when it is there and can be read; what is wrong with it is kept.
    pub(super) fn seen(&mut self, view: &DirView<'_>, name: &str) -> Option<Seen> {
        match view.read(PLATFORM, FileWeight::Decides, name)? {
            Ok(seen) => Some(seen),
            Err(refused) => {
                self.files.extend(refused.files);
                self.told.extend(refused.diagnostics);
                None
            }
        }
    }

    /// The value of a YAML file; what is wrong with it is kept.
    pub(super) fn yaml(&mut self, seen: &Seen) -> Option<packwright_documents::Value> {
        match seen.yaml(PLATFORM, FileWeight::Decides) {
            Ok(value) => Some(value),
            Err(refused) => {
                self.told.extend(refused.diagnostics);
                None
            }
        }
    }
}

/// The name of this reader.
pub(super) const PLATFORM: &str = "beanstalk";
