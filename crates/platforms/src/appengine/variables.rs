//! `env_variables` and `build_env_variables`. A variable that configures Google's buildpacks is read for
//! what it means; all others are declared as they are.

use packwright_planner::{
    BuildWork, Command, Component, Phase, Requested, Scoped, Task, Variable, VersionRequest,
};

use super::messages;
use crate::table::Table;

/// Variables that name a version, and of what. `*` is the runtime's language.
const VERSIONS: &[(&str, &str)] = &[
    ("GOOGLE_PYTHON_VERSION", "python"),
    ("GOOGLE_NODEJS_VERSION", "node"),
    ("GOOGLE_GO_VERSION", "go"),
    ("GOOGLE_RUBY_VERSION", "ruby"),
    ("GOOGLE_JAVA_VERSION", "java"),
    ("GOOGLE_RUNTIME_VERSION", "*"),
    ("GOOGLE_NODE_NPM_VERSION", "npm"),
];

/// Variables of Google's buildpacks without a meaning here.
const WITHOUT_EFFECT: &[&str] = &[
    "GOOGLE_RUNTIME",
    "GOOGLE_DEVMODE",
    "GOOGLE_CLEAR_SOURCE",
    "GOOGLE_FUNCTION_TARGET",
    "GOOGLE_FUNCTION_SIGNATURE_TYPE",
    "GOOGLE_FUNCTION_SOURCE",
    "GOOGLE_BUILDABLE",
    "GOOGLE_GOLDFLAGS",
    "GOOGLE_GOGCFLAGS",
    "GOOGLE_MAVEN_BUILD_ARGS",
    "GOOGLE_GRADLE_BUILD_ARGS",
    "GOOGLE_VENDOR_NPM_DEPENDENCIES",
    "X_GOOGLE_TARGET_PLATFORM",
];

/// Reads the variables of a service.
pub(super) fn read(table: &Table<'_>, component: &mut Component) {
    for (name, value) in table.pairs("build_env_variables") {
        build(table, component, &name, value);
    }
    for (name, value) in table.pairs("env_variables") {
        let mut variable = Variable::literal(&name, &value.value, value.origin);
        variable.scope = Scoped::Run;
        match component.environment.iter_mut().find(|known| known.name == name) {
            Some(known) if known.value == variable.value => known.scope = Scoped::Both,
            _ => component.environment.push(variable),
        }
    }
}

fn build(table: &Table<'_>, component: &mut Component, name: &str, value: Requested<String>) {
    let document = table.document();
    if let Some((_, tool)) = VERSIONS.iter().find(|(known, _)| *known == name) {
        let runtimes = component.versions.first().map(|wish| wish.tool.clone());
        let tool = if *tool == "*" { runtimes } else { Some((*tool).to_owned()) };
        if let Some(tool) = tool {
            // It counts before the number in the runtime's name.
            component.versions.insert(0, VersionRequest { tool, version: value });
        }
        return;
    }
    match name {
        "GOOGLE_PYTHON_PACKAGE_MANAGER" => component.manager = Some(value),
        // Scripts of package.json, in this order; an empty text is none of them.
        "GOOGLE_NODE_RUN_SCRIPTS" => {
            let scripts = value.value.split(',').map(str::trim).filter(|script| !script.is_empty());
            let run = |script: &str| {
                let value_of = Command::exec(["npm", "run", script]);
                Task::Run(Requested { value: value_of, origin: value.origin.clone() })
            };
            let tasks = scripts.map(run).collect();
            component.phases.push(Phase { name: "build".to_owned(), work: BuildWork::Build, tasks });
        }
        name if WITHOUT_EFFECT.contains(&name) => document.say(messages::no_effect(name, &value.origin)),
        name => {
            let mut variable = Variable::literal(name, &value.value, value.origin);
            variable.scope = Scoped::Build;
            component.environment.push(variable);
        }
    }
}
