//! A model completed by a plan: what no file declares and the plan detected, for those who write a
//! platform's files from it.

use super::{AppModel, Component, DeclaredProcess, Port, ProcessKind, Wish};
use crate::{Plan, Requested, Setting, ToolVersion};

impl AppModel {
    /// This model with what `plan` knows about the application that it builds: the language, its
    /// versions, how each process starts, the port. What the files declare stays.
    pub fn completed(mut self, plan: &Plan) -> AppModel {
        let root = plan.root.as_ref();
        let at = self.components.iter().position(|component| component.dir() == root);
        let at = at.unwrap_or_else(|| {
            let root = plan.root.clone().map(|value| {
                let origin = crate::Origin::Detected("the directory of the application".to_owned());
                Requested { value, origin }
            });
            self.components.push(Component { root, ..Component::default() });
            self.components.len() - 1
        });
        complete(&mut self.components[at], plan);
        self
    }
}

fn complete(component: &mut Component, plan: &Plan) {
    for ToolVersion { tool, wanted, origin, .. } in &plan.versions {
        let version = Requested { value: wanted.clone(), origin: origin.clone() };
        // The plan has decided between all wishes.
        component.versions.retain(|wish| wish.tool != *tool);
        component.versions.push(Wish { tool: tool.clone(), version });
    }
    if component.language.is_none()
        && let Some(owner) = plan.buildpacks.first()
    {
        let origin = crate::Origin::Detected("the files of the source".to_owned());
        component.language = Some(Requested { value: owner.clone(), origin });
    }
    for process in &plan.processes {
        match component.processes.iter_mut().find(|known| known.name == process.name) {
            Some(known) => known.command = Some(process.command.clone()),
            None => component.processes.push(DeclaredProcess::new(
                process.name.clone(),
                process.command.clone(),
                process.origin.clone(),
            )),
        }
    }
    let port = plan.environment.get("PORT").map(|Setting { origin, .. }| origin.clone());
    for process in component.processes.iter_mut().filter(|process| process.kind == ProcessKind::Web) {
        if process.port.is_none()
            && let Some(origin) = &port
        {
            process.port = Some(Requested { value: Port::Variable, origin: origin.clone() });
        }
    }
}
