//! [`Resources`]: what one list of a Blueprint declares.

use packwright_planner::{BackingService, Component, Origin, Overlay, Requested};

pub(super) fn line_of(origin: &Origin) -> u32 {
    match origin {
        Origin::File { line: Some(line), .. } => *line,
        _ => 1,
    }
}

/// What one list of resources holds.
#[derive(Default)]
pub(super) struct Resources {
    pub(super) components: Vec<Component>,
    pub(super) services: Vec<BackingService>,
    pub(super) domains: Vec<Requested<String>>,
    /// What is different in previews.
    pub(super) previews: Vec<packwright_planner::Variable>,
}

impl Resources {
    pub(super) fn add(&mut self, more: Resources) {
        self.components.extend(more.components);
        self.services.extend(more.services);
        self.domains.extend(more.domains);
        self.previews.extend(more.previews);
    }

    /// These resources as what is different in an environment.
    pub(super) fn into_overlay(self, name: Requested<String>) -> Overlay {
        let mut overlay =
            Overlay { name, environment: Vec::new(), services: self.services, processes: Vec::new() };
        for part in self.components {
            for variable in part.environment {
                if !overlay.environment.iter().any(|known| known.name == variable.name) {
                    overlay.environment.push(variable);
                }
            }
            overlay.processes.extend(part.processes);
        }
        overlay
    }
}
