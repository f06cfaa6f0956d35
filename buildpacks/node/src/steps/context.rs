//! [`StepContext`]: what every step of this buildpack depends on, and what all of them have in
//! common.

use std::collections::BTreeMap;

use packwright_buildpack::planner::{Input, Role};

use super::environment::{SYSTEM_PATH, bin_dirs, of_manager};
use crate::application::{Application, ImageProgram, Modules};
use crate::inputs;
use crate::manager::{Linker, ManagerChoice, PackageManager};
use crate::manifest::PackageJson;
use crate::project::NodeProject;
use crate::version::JsRuntime;
use packwright_buildpack::step::after;

/// All that the steps depend on.
#[derive(Clone, Copy)]
pub(crate) struct StepContext<'a> {
    /// What is built.
    pub(crate) project: NodeProject<'a>,
    /// Who installs.
    pub(crate) choice: &'a ManagerChoice,
    /// The runtimes that the build has, the one that runs the package manager first.
    pub(crate) runtimes: &'a [JsRuntime],
    /// What the rules recognised.
    pub(crate) application: &'a Application,
}

impl StepContext<'_> {
    pub(crate) fn manager(&self) -> PackageManager {
        self.choice.manager
    }

    /// Whether there is anything to install.
    pub(crate) fn installs(&self) -> bool {
        inputs::manifests(&self.project).iter().any(|manifest| manifest.all_dependencies().next().is_some())
            || self.project.workspace.is_some()
            || !self.application.nested.is_empty()
            || self.project.locked.is_some_and(|locked| locked.packages().next().is_some())
    }

    /// Whether the application is Node's own, and not work for another language.
    pub(crate) fn owns(&self) -> bool {
        self.project.context.role == Role::Owner
    }

    /// Whether installed packages are part of the image.
    pub(crate) fn modules_in_image(&self) -> bool {
        self.owns() && self.application.modules != Modules::None
    }

    /// Whether the package manager is part of the image.
    pub(crate) fn manager_in_image(&self) -> bool {
        self.owns()
            && self.application.programs.contains(&ImageProgram::Manager)
            && self.manager() != PackageManager::Bun
    }

    /// The inputs that every step has which runs the package manager.
    pub(crate) fn tools(&self) -> Vec<Input> {
        let mut inputs = vec![after("node.npm")];
        inputs.extend(self.runtimes.iter().map(|&tool| after(tool.runtime_step())));
        if self.manager() != PackageManager::Bun {
            inputs.push(after("node.manager"));
        }
        inputs
    }

    /// The environment that every such step has.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let mut environment = of_manager(self.manager());
        environment.insert("PATH".to_owned(), self.path().join(":"));
        environment
    }

    /// The directories of programs: the application's own, the runtimes', the manager's, npm's,
    /// the system's.
    fn path(&self) -> Vec<String> {
        let mut path: Vec<String> = bin_dirs(&self.project);
        for tool in self.runtimes {
            path.push(format!("/opt/{}/bin", tool.name()));
        }
        path.extend(["/opt/manager/bin", "/opt/npm", SYSTEM_PATH].map(str::to_owned));
        path
    }

    /// What is left of a script of the application that runs at installation and installs others; `None` where
    /// it runs as it is.
    pub(super) fn relieved(&self, manifest: &PackageJson, script: &str) -> Option<&str> {
        let is_own = manifest.path == self.project.app.path;
        self.application.relieved.get(script).filter(|_| is_own).map(String::as_str)
    }

    /// Whether packages stay in archives, without `node_modules`.
    pub(super) fn uses_pnp(&self) -> bool {
        self.choice.berry.as_ref().is_some_and(|settings| settings.linker == Linker::Pnp)
    }

    /// The option that lets Node find packages that lie in archives; `None` where packages lie in
    /// directories. yarn makes the loader for modules only where a manifest says `"type": "module"`.
    pub(crate) fn loader(&self) -> Option<String> {
        let modules = inputs::manifests(&self.project).iter().any(|manifest| manifest.is_module);
        self.uses_pnp().then(|| match modules {
            true => "--require /app/.pnp.cjs --experimental-loader /app/.pnp.loader.mjs".to_owned(),
            false => "--require /app/.pnp.cjs".to_owned(),
        })
    }
}
