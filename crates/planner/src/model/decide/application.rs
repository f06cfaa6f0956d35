//! The part of a model that is about one application: what files declare for it, and what the caller sets.

use packwright_oci::RelPath;

use super::caller::{has_command, is_callers, part};
use super::merge::Merger;
use crate::decision::Decision;
use crate::model::app_model::AppModel;
use crate::model::component::Component;

impl AppModel {
    /// What files declare for the application in `root`, without how the caller builds and starts it.
    pub(crate) fn said_by_files(&self, root: Option<&RelPath>) -> Component {
        let mut component = self.component(root);
        component.processes.retain(|process| !is_callers(&process.origin));
        component.versions.retain(|request| !is_callers(&request.version.origin));
        component.packages.retain(|package| !is_callers(&package.name.origin));
        if has_command(&component.phases) {
            component.phases.clear();
        }
        let texts = [&mut component.language, &mut component.manager, &mut component.publish];
        texts.into_iter().for_each(|text| {
            text.take_if(|value| is_callers(&value.origin));
        });
        component
    }

    /// What is declared for the application in `root`, and what was decided because the caller
    /// speaks of it: readers take the caller's words for the application at the top, which is the
    /// one that is built.
    pub(crate) fn application(&self, root: Option<&RelPath>) -> (Component, Vec<Decision>) {
        let component = self.component(root);
        let said = part(&self.component(None));
        if root.is_none() || said.is_empty() {
            return (component, Vec::new());
        }
        let mut merger = Merger::default();
        let judged = merger.component(vec![said, component.clone()]);
        let Component { root, name, hints, customs, .. } = component;
        (Component { root, name, hints, customs, ..judged }, merger.into_decisions())
    }
}
