//! Settings: which variables of the host's environment a step may see. Steps list what their
//! clients obey; a list may also come from a file of the source, which must not be able to ask for
//! any variable it likes.

use std::collections::BTreeMap;

use packwright_engine::planner::{Diagnostic, Plan};

use crate::Catalog;

/// The variables among `given` that steps of a plan get, and remarks about those they do not.
pub(crate) struct Settings {
    pub(crate) passed_on: BTreeMap<String, String>,
    pub(crate) remarks: Vec<Diagnostic>,
}

impl Settings {
    /// Passes on those of the variables that a step of `plan` lists and that belong to a client
    /// which fetches, or to a proxy. Other variables go nowhere unless the caller names them as
    /// secrets.
    pub(crate) fn new(catalog: &Catalog, plan: &Plan, given: &BTreeMap<String, String>) -> Settings {
        let listed = given.iter().filter(|(name, _)| is_listed(plan, name));
        let (passed_on, withheld): (Vec<_>, Vec<_>) =
            listed.partition(|(name, _)| catalog.is_client_setting(name));
        let is_set = |name: &str| {
            plan.steps.iter().any(|step| {
                step.environment.contains_key(name)
                    || step.secrets.iter().any(|secret| secret.as_str() == name)
            })
        };
        let remarks = withheld.into_iter().filter(|(name, _)| !is_set(name)).map(|(name, _)| remark(name));
        Settings {
            remarks: remarks.collect(),
            passed_on: passed_on.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        }
    }
}

fn remark(name: &str) -> Diagnostic {
    Diagnostic::warning("settings/withheld", format!("the variable `{name}` is not passed on"))
        .why("a file of the source names it, and it is none of a package manager")
        .fix(format!("give it with `--secret {name}` if that is meant"))
}

fn is_listed(plan: &Plan, name: &str) -> bool {
    plan.steps.iter().any(|step| step.obeys(name))
}

impl Catalog {
    /// Whether steps of `plan` get the variable `name`, where the caller's settings have it.
    pub fn passes_on(&self, plan: &Plan, name: &str) -> bool {
        is_listed(plan, name) && self.is_client_setting(name)
    }

    /// Whether `name` is that of a variable which belongs to a package manager or a proxy.
    fn is_client_setting(&self, name: &str) -> bool {
        /// How such names begin, in lower case.
        const PREFIXES: [&str; 17] = [
            "all_proxy",
            "bun_",
            "corepack_",
            "http_proxy",
            "https_proxy",
            "no_proxy",
            "node_auth_token",
            "node_extra_ca_certs",
            "npm_",
            "pdm_",
            "pip_",
            "pipenv_",
            "pnpm_",
            "poetry_",
            "setuptools_scm_",
            "uv_",
            "yarn_",
        ];
        let name = name.to_ascii_lowercase();
        PREFIXES.iter().any(|start| name.starts_with(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use packwright_engine::planner::{MemoryTree, PlanOptions};

    #[test]
    fn a_file_of_the_source_cannot_ask_for_any_variable() {
        let npmrc = "//- /package.json\n{\"scripts\": {\"start\": \"node a.js\"}, \"dependencies\": {\"a\": \"1\"}}\n\
                     //- /package-lock.json\n{\"lockfileVersion\": 3, \"packages\": {}}\n//- /a.js\n\
                     //- /.npmrc\n//registry.test/:_authToken=${CLOUD_KEY}\n";
        let source = MemoryTree::parse(npmrc).into();
        let catalog = Catalog::default();
        let plan = catalog.plan(&source, &PlanOptions::default()).unwrap();
        let given = ["CLOUD_KEY", "npm_config_registry", "HOME"];
        let given = given.map(|name| (name.to_owned(), "value".to_owned())).into();
        let settings = Settings::new(&catalog, &plan, &given);
        assert_eq!(settings.passed_on.keys().collect::<Vec<_>>(), ["npm_config_registry"]);
        let remarks: Vec<&str> = settings.remarks.iter().map(|remark| remark.message.as_str()).collect();
        assert_eq!(remarks, ["the variable `CLOUD_KEY` is not passed on"]);
    }
}
