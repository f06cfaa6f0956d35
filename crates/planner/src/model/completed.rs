//! A model completed by a plan: writers of platform files get what the plan detected where no file declares it.

use std::collections::BTreeMap;

use super::{AppModel, Component, DeclaredProcess, Port, ProcessKind, VersionRequest};
use crate::compose::without_releases;
use crate::{
    Buildpack, Origin, Plan, ProcessName, RelPath, Requested, Setting, SourceTree, Subtree, ToolVersion,
};

impl AppModel {
    /// This model with what `plan` knows about the application that it builds: the language, its
    /// versions, how each process starts, the port. What the files declare stays, but for commands
    /// of the build that are the release command now. `tree` and `buildpacks` are those of the plan.
    pub fn completed(
        mut self,
        plan: &Plan,
        tree: &dyn SourceTree,
        buildpacks: &[&dyn Buildpack],
    ) -> AppModel {
        let root = plan.root.as_ref();
        self.hand_on(root);
        let at = self.components.iter().position(|component| component.dir() == root);
        let at = at.unwrap_or_else(|| {
            let root = plan.root.clone().map(|value| Requested { value, origin: directory() });
            self.components.push(Component { root, ..Component::default() });
            self.components.len() - 1
        });
        let component = &mut self.components[at];
        match root {
            None => without_releases(component, tree, None, buildpacks),
            Some(root) => {
                without_releases(component, &Subtree::new(tree, root.clone()), Some(root), buildpacks)
            }
        }
        complete(component, plan);
        self
    }
}

impl AppModel {
    /// Hands what the caller says of the application at the top on to the one that is built.
    fn hand_on(&mut self, root: Option<&RelPath>) {
        let (whole, top) = (self.application(root).0, self.said_by_files(None));
        if root.is_none() || top == self.component(None) {
            return;
        }
        self.components.retain(|component| component.dir() != root && component.dir().is_some());
        let root = || root.cloned().map(|value| Requested { value, origin: directory() });
        let top = Some(top).filter(|top| !top.is_empty());
        let built = Component { root: whole.root.clone().or_else(root), ..whole };
        self.components.splice(0..0, top.into_iter().chain([built]));
    }
}

fn directory() -> Origin {
    Origin::Detected("the directory of the application".to_owned())
}

fn complete(component: &mut Component, plan: &Plan) {
    for ToolVersion { tool, wanted, origin, .. } in &plan.versions {
        let version = Requested { value: wanted.clone(), origin: origin.clone() };
        // The plan has decided between all version_requests.
        component.versions.retain(|request| request.tool != *tool);
        component.versions.push(VersionRequest { tool: tool.clone(), version });
    }
    if component.language.is_none()
        && let Some(owner) = plan.buildpacks.first()
    {
        let origin = Origin::Detected("the files of the source".to_owned());
        component.language = Some(Requested { value: owner.clone(), origin });
    }
    let named = component.processes.iter().enumerate().map(|(at, known)| (known.name.clone(), at));
    let places: BTreeMap<ProcessName, usize> = named.collect();
    for process in &plan.processes {
        match places.get(&process.name).map(|&at| &mut component.processes[at]) {
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
