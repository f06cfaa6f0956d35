//! Writes `variables` and `relationships`.

use std::collections::BTreeSet;

use packwright_planner::{Scoped, ServiceKind, Variable, VariableValue};

use super::super::variables::PARTS;
use super::application::ApplicationWriter;
use super::project::{is_offered, service_name};
use crate::entries::Entries;
use crate::platformsh::dialect::Dialect;
use crate::write::Loss;

impl ApplicationWriter<'_> {
    pub(super) fn variables(&mut self, entries: &mut Entries) {
        let mut env = Entries::default();
        // The platform sets its own variables.
        let others = |variable: &&Variable| !variable.name.starts_with("PLATFORM_");
        for variable in self.part.environment.iter().filter(others) {
            let name = &variable.name;
            match &variable.value {
                VariableValue::Literal(_) if name == "PORT" => {
                    let what = "PORT is not written: the platform chooses it";
                    let instead = "let the process listen where PORT says";
                    self.lose(Loss::Variables, what, instead, &variable.origin);
                }
                VariableValue::Literal(value) => {
                    env.text(name, value);
                    if variable.scope != Scoped::Both {
                        let what = format!("{name} is there in the build and at run time");
                        self.lose(
                            Loss::Scope,
                            what,
                            "set it with `variable:create`, which knows the difference",
                            &variable.origin,
                        );
                    }
                }
                VariableValue::Service(_) => self.told(variable),
                value => {
                    let instead = match value {
                        VariableValue::Generated => {
                            "set one with `variable:create --sensitive true`, or use PLATFORM_PROJECT_ENTROPY"
                        }
                        _ => {
                            "set it with `variable:create --sensitive true --visible-build false`, named `env:` and its name"
                        }
                    };
                    let what = format!("{name} ({}) is not written", value.description());
                    self.lose(Loss::Secret, what, instead, &variable.origin);
                }
            }
        }
        let mut variables = Entries::default();
        variables.map("env", env);
        entries.map("variables", variables);
    }

    /// Says what becomes of a variable that a service tells.
    fn told(&mut self, variable: &Variable) {
        let VariableValue::Service(reference) = &variable.value else { return };
        let name = &variable.name;
        if self.dialect == Dialect::Upsun
            && relationship(variable).is_some()
            && self.is_there(&reference.service)
        {
            if variable.scope != Scoped::Run {
                self.lose(
                    Loss::Scope,
                    format!("{name} is there at run time alone"),
                    "nothing",
                    &variable.origin,
                );
            }
            return;
        }
        let what = format!(
            "{name}, the {} of `{}`, is not told by that name",
            reference.property, reference.service
        );
        let instead = "make it in a file `.environment` of PLATFORM_RELATIONSHIPS";
        self.lose(Loss::ServiceBinding, what, instead, &variable.origin);
    }

    /// The services that this application is told about, each with its relationships' names.
    pub(super) fn relationships(&mut self, entries: &mut Entries) {
        let referring = |part: &packwright_planner::Component| -> BTreeSet<String> {
            let services = part.environment.iter().filter_map(|variable| match &variable.value {
                VariableValue::Service(reference) => Some(reference.service.clone()),
                _ => None,
            });
            services.collect()
        };
        let own = referring(self.part);
        // Where nothing says which part needs a service, each has all of them.
        let nobody = |name: &String| !self.model.components.iter().any(|part| referring(part).contains(name));
        let mut relationships = Entries::default();
        let mut known = BTreeSet::new();
        for service in self.model.services.iter().filter(|service| is_offered(&service.kind)) {
            if !own.contains(&service.name) && !nobody(&service.name) {
                continue;
            }
            let of_service = |variable: &&Variable| matches!(&variable.value, VariableValue::Service(reference) if reference.service == service.name);
            let named = self.part.environment.iter().filter(of_service).filter_map(relationship);
            let mut names: BTreeSet<String> = match self.dialect {
                Dialect::Upsun => named.collect(),
                Dialect::Platformsh => BTreeSet::new(),
            };
            if names.is_empty() {
                names.insert(service_name(&service.name));
            }
            for name in names.into_iter().filter(|name| known.insert(name.clone())) {
                relationships
                    .text(&name, format!("{}:{}", service_name(&service.name), endpoint(&service.kind)));
            }
        }
        entries.map("relationships", relationships);
    }

    fn is_there(&self, service: &str) -> bool {
        self.model.services.iter().any(|known| known.name == service && is_offered(&known.kind))
    }
}

/// The relationship that makes Upsun set this very variable.
fn relationship(variable: &Variable) -> Option<String> {
    let VariableValue::Service(reference) = &variable.value else { return None };
    let (end, _) = PARTS.iter().find(|(_, property)| *property == reference.property)?;
    let name = variable.name.strip_suffix(end)?.strip_suffix('_')?;
    let fits = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    fits.then(|| name.to_ascii_lowercase())
}

/// The name of a service's only endpoint.
fn endpoint(kind: &ServiceKind) -> &str {
    kind.name()
}
