//! Settings: which variables of the host's environment a step may see. Buildpacks list what the
//! clients in a step obey; a file of the source may name others, and must not be able to ask for any
//! variable it likes.

use std::collections::BTreeMap;

use packwright_engine::planner::{Diagnostic, Plan};

use crate::catalog::Catalog;

/// The variables among `given` that steps of a plan get, and remarks about those they do not.
pub(crate) struct Settings {
    pub(crate) passed_on: BTreeMap<String, String>,
    pub(crate) remarks: Vec<Diagnostic>,
}

impl Settings {
    /// Passes on the variables that a buildpack lists among a step's settings, and of those that a
    /// file of the source names (`.npmrc` for one) the ones that clients of a language obey. A
    /// file of the source must not reach for others: they go nowhere unless the caller gives them
    /// as secrets.
    pub(crate) fn new(catalog: &Catalog, plan: &Plan, given: &BTreeMap<String, String>) -> Settings {
        let named = given.iter().filter(|(name, _)| plan.steps.iter().any(|step| step.obeys(name)));
        let (passed_on, withheld): (Vec<_>, Vec<_>) =
            named.partition(|(name, _)| catalog.passes_on(plan, name));
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

impl Catalog {
    /// Whether steps of `plan` get the variable `name`, where the caller's settings have it.
    pub fn passes_on(&self, plan: &Plan, name: &str) -> bool {
        plan.steps.iter().any(|step| step.lists(name))
            || plan.steps.iter().any(|step| step.obeys(name))
                && self.facts().iter().any(|language| language.obeys(name))
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

    /// The plan of `cases/house/settings-withheld`: made elsewhere, for a language that may have no
    /// buildpack here.
    #[test]
    fn a_plan_that_is_given_gets_the_variables_that_its_steps_list() {
        let plan = r#"{
            "format": "packwright.plan/1",
            "base": {"debian": {"suite": "trixie", "origin": {"default": "the current Debian stable"}}},
            "buildpacks": ["go"],
            "environment": {},
            "packages": [{"name": "golang-1.24-go", "scope": "build", "layer": "runtime", "why": "the compiler"}],
            "processes": [{"name": "web", "command": {"shell": "hello"}, "origin": {"file": {"path": "Procfile", "line": 1}}}],
            "source": {"include": ["**"], "exclude": ["**/*.go", "go.mod", "go.sum"]},
            "steps": [{
                "name": "go.modules",
                "why": "fetches",
                "inputs": [{"source": {"include": ["go.mod", "go.sum"]}}],
                "commands": [{"exec": ["go", "mod", "download"]}],
                "settings": ["GOPROXY", "GOPRIVATE", "HTTPS_PROXY", "https_proxy"],
                "network": "fetch",
                "outputs": [{"path": "opt/go-modules"}]
            }]
        }"#;
        let plan = Plan::from_text(plan).unwrap();
        let given = ["GOPRIVATE", "https_proxy", "GOOGLE_API_KEY"];
        let given = given.map(|name| (name.to_owned(), "x".to_owned())).into();
        let settings = Settings::new(&Catalog::default(), &plan, &given);
        assert_eq!(settings.passed_on.keys().collect::<Vec<_>>(), ["GOPRIVATE", "https_proxy"]);
        assert!(settings.remarks.is_empty(), "{:?}", settings.remarks);
    }

    #[test]
    fn what_a_step_lists_is_passed_on_whatever_language_it_is_of() {
        let source = MemoryTree::parse("//- /start.sh\n#!/bin/sh\n").into();
        let catalog = Catalog::default();
        let mut plan = catalog.plan(&source, &PlanOptions::default()).unwrap();
        let mut fetch = packwright_engine::planner::Step::new("x.fetch".parse().unwrap(), "fetches");
        fetch.settings = vec!["GOPRIVATE".to_owned(), "TEAPOT_*".to_owned()];
        plan.steps.push(fetch);
        let given = ["GOPRIVATE", "TEAPOT_MIRROR", "KETTLE_MIRROR"];
        let given = given.map(|name| (name.to_owned(), "value".to_owned())).into();
        let settings = Settings::new(&catalog, &plan, &given);
        assert_eq!(settings.passed_on.keys().collect::<Vec<_>>(), ["GOPRIVATE", "TEAPOT_MIRROR"]);
        assert!(settings.remarks.is_empty(), "{:?}", settings.remarks);
    }
}
