//! Writes `envVars` and `envVarGroups`.

use packwright_documents::{Content, Entry, Value};
use packwright_planner::{Component, Scoped, ServiceKind, ServiceReference, Variable, VariableValue};

use super::super::environment::{property, version_variable};
use crate::heroku::is_declared;
use crate::render::write::blueprint::{Blueprint, entry, text};
use crate::write::Loss;

/// What Render's key-value stores tell.
const OF_STORES: &[&str] = &["connectionString", "host", "port"];

impl Blueprint<'_> {
    /// The variables of a part that has `count` services. What is random is shared by all of
    /// them, in a group. `builds` says whether Render builds it, and is to know its versions.
    pub(super) fn variables(&mut self, part: &Component, count: usize, builds: bool) -> Vec<Value> {
        let mut own = Vec::new();
        let mut shared = Vec::new();
        let declared: Vec<&Variable> = part.environment.iter().filter(|known| is_declared(known)).collect();
        let narrow: Vec<&&Variable> = declared.iter().filter(|known| known.scope != Scoped::Both).collect();
        if let Some(first) = narrow.first() {
            let names: Vec<String> = narrow.iter().map(|variable| format!("`{}`", variable.name)).collect();
            let what = format!("build and run both have these on Render: {}", names.join(", "));
            self.lose(Loss::Scope, what, "check that the build may know them", &first.origin);
        }
        for variable in declared {
            let row = Value::from(Content::Map(self.variable(variable)));
            match variable.value == VariableValue::Generated && count > 1 {
                true => shared.push(row),
                false => own.push(row),
            }
        }
        own.extend(self.told(part));
        if builds {
            own.extend(self.versions(part));
        }
        if !shared.is_empty() {
            let name = part.name.as_ref().map_or("shared", |name| &name.value);
            let name = match part.dir() {
                None => format!("{name}-secrets"),
                Some(dir) => format!("{}-{name}-secrets", dir.as_str().replace('/', "-")),
            };
            let group = vec![entry("name", text(&name)), entry("envVars", Content::List(shared))];
            self.groups.push(Value::from(Content::Map(group)));
            own.push(Value::from(Content::Map(vec![entry("fromGroup", text(&name))])));
        }
        own
    }

    /// Variables that another platform sets for its services by itself, and Render does not.
    fn told(&mut self, part: &Component) -> Vec<Value> {
        let mut rows = Vec::new();
        for service in &self.model.services {
            let address = |name: &&String| {
                let name: &str = name;
                (name.ends_with("_URL") || name.ends_with("_URI")) && part.variable(name).is_none()
            };
            for name in service.tells.iter().filter(address) {
                let from = ServiceReference {
                    service: service.name.clone(),
                    property: "connection-string".to_owned(),
                };
                if let Some(reference) = self.reference(&from) {
                    rows.push(Value::from(Content::Map(vec![entry("key", text(name)), reference])));
                }
            }
        }
        rows
    }

    fn variable(&mut self, variable: &Variable) -> Vec<Entry> {
        let name = &variable.name;
        let key = entry("key", text(name));
        let asked = || entry("sync", Content::Bool(false));
        let secret = |blueprint: &mut Self, what: String| {
            blueprint.lose(Loss::Secret, what, "give it in Render's dashboard", &variable.origin);
        };
        match &variable.value {
            VariableValue::Literal(value) => vec![key, entry("value", text(value))],
            VariableValue::Generated => vec![key, entry("generateValue", Content::Bool(true))],
            VariableValue::Required => vec![key, asked()],
            VariableValue::Optional => {
                secret(self, format!("Render asks for `{name}`, which may be left empty"));
                vec![key, asked()]
            }
            VariableValue::Withheld => {
                secret(self, format!("the value of `{name}` looks like a secret and is not written"));
                vec![key, asked()]
            }
            VariableValue::Elsewhere(place) => {
                secret(self, format!("the value of `{name}` is in {place}"));
                vec![key, asked()]
            }
            VariableValue::Service(from) => match self.reference(from) {
                Some(reference) => vec![key, reference],
                None => {
                    let what =
                        format!("Render does not tell {} of {} for `{name}`", from.property, from.service);
                    self.lose(Loss::ServiceBinding, what, "give it in Render's dashboard", &variable.origin);
                    vec![key, asked()]
                }
            },
        }
    }

    /// The reference to a database or a store of this Blueprint.
    fn reference(&self, from: &ServiceReference) -> Option<Entry> {
        let service = self.model.services.iter().find(|service| service.name == from.service)?;
        let told = property(&from.property)?;
        let name = entry("name", text(&service.name));
        match service.kind {
            ServiceKind::Postgres if told != "hostport" => {
                Some(entry("fromDatabase", Content::Map(vec![name, entry("property", text(told))])))
            }
            ServiceKind::Redis if OF_STORES.contains(&told) => {
                let row = vec![entry("type", text("keyvalue")), name, entry("property", text(told))];
                Some(entry("fromService", Content::Map(row)))
            }
            _ => None,
        }
    }

    /// Versions of languages and tools.
    fn versions(&mut self, part: &Component) -> Vec<Value> {
        let mut rows = Vec::new();
        for wish in &part.versions {
            let version = &wish.version.value;
            let full =
                version.split('.').count() == 3 && version.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            match version_variable(&wish.tool).filter(|_| wish.tool != "python" || full) {
                Some(variable) => {
                    rows.push(Value::from(Content::Map(vec![
                        entry("key", text(variable)),
                        entry("value", text(version)),
                    ])));
                }
                None => {
                    let what = format!("the version {version} of {} is not written", wish.tool);
                    let instead =
                        "say it in a file of the language; Render wants all three numbers of Python's";
                    self.lose(Loss::Versions, what, instead, &wish.version.origin);
                }
            }
        }
        rows
    }
}
