//! `env` and `addons` of `app.json`.

use packwright_documents::{Content, Entry, Value};
use packwright_planner::{BackingService, Scoped, ServiceKind, Variable, VariableValue};

use super::super::is_declared;
use crate::heroku::write::entries::{entry, text};
use crate::write::{Converted, Loss};

/// Add-ons by the kind of service they are.
const ADDONS: &[(ServiceKind, &str)] = &[
    (ServiceKind::Postgres, "heroku-postgresql"),
    (ServiceKind::Redis, "heroku-redis"),
    (ServiceKind::Kafka, "heroku-kafka"),
    (ServiceKind::Mysql, "jawsdb"),
    (ServiceKind::Memcached, "memcachier"),
    (ServiceKind::Elasticsearch, "bonsai"),
    (ServiceKind::Rabbitmq, "cloudamqp"),
];

/// Names of Heroku's own plans; those that end with `-` go on with a number or a word.
const PLANS: &[&str] =
    &["mini", "basic", "essential-", "standard-", "premium-", "private-", "shield-", "hobby-"];

/// Variables below `env`.
pub(super) fn variables(variables: &[Variable], out: &mut Converted) -> Vec<Entry> {
    let (told, variables): (Vec<&Variable>, Vec<&Variable>) = variables
        .iter()
        .filter(|variable| is_declared(variable))
        .partition(|variable| variable.name == "PORT");
    for variable in told {
        // A port of its own would keep the router from finding the process.
        let what = "`PORT` is not written: Heroku chooses it for every process";
        out.lose(Loss::Variables, what, "have the process listen where PORT says", Some(&variable.origin));
    }
    let narrow: Vec<&&Variable> =
        variables.iter().filter(|variable| variable.scope != Scoped::Both).collect();
    if let Some(first) = narrow.first() {
        let names: Vec<String> = narrow.iter().map(|variable| format!("`{}`", variable.name)).collect();
        let what = format!("build and run both have these on Heroku: {}", names.join(", "));
        out.lose(Loss::Scope, what, "check that the build may know them", Some(&first.origin));
    }
    let one = |variable: &Variable| {
        let mut entries = Vec::new();
        if let Some(description) = &variable.description {
            entries.push(entry("description", text(description)));
        }
        let mut lose =
            |loss, what: String, instead: &str| out.lose(loss, what, instead, Some(&variable.origin));
        match &variable.value {
            VariableValue::Literal(value) => entries.push(entry("value", text(value))),
            VariableValue::Generated => entries.push(entry("generator", text("secret"))),
            VariableValue::Required => entries.push(entry("required", Content::Bool(true))),
            VariableValue::Optional => entries.push(entry("required", Content::Bool(false))),
            VariableValue::Withheld => {
                lose(
                    Loss::Secret,
                    format!("the value of `{}` looks like a secret and is not written", variable.name),
                    "give it with `heroku config:set`",
                );
                entries.push(entry("required", Content::Bool(true)));
            }
            VariableValue::Elsewhere(place) => {
                let what = format!("the value of `{}` is in {place}", variable.name);
                lose(Loss::Secret, what, "give it with `heroku config:set`");
                entries.push(entry("required", Content::Bool(true)));
            }
            VariableValue::Service(from) => {
                let what = format!(
                    "`{}` is {} of {}, which Heroku tells in variables of its own names",
                    variable.name, from.property, from.service
                );
                lose(
                    Loss::ServiceBinding,
                    what,
                    "read the add-on's variable, or set this one to the same value",
                );
                // A variable that the add-on sets must not be asked for.
                if variable.name.ends_with("_URL") && from.property == "connection-string" {
                    entries.push(entry("required", Content::Bool(false)));
                } else {
                    entries.push(entry("required", Content::Bool(true)));
                }
            }
        }
        entry(&variable.name, Content::Map(entries))
    };
    variables.into_iter().map(one).collect()
}

pub(super) fn addons(services: &[BackingService], out: &mut Converted) -> Vec<Value> {
    let mut used: Vec<&str> = Vec::new();
    let mut addons = Vec::new();
    for service in services {
        let origin = Some(&service.origin);
        let Some((_, slug)) = ADDONS.iter().find(|(kind, _)| *kind == service.kind) else {
            let what = format!("the add-on for `{}` ({}) is not known", service.name, service.kind);
            out.lose(Loss::Services, what, "choose one and add it below `addons`", origin);
            continue;
        };
        let is_plan = |plan: &&str| {
            PLANS.iter().any(|known| plan == known || known.ends_with('-') && plan.starts_with(known))
        };
        let plan = service.plan.as_deref().filter(is_plan);
        if let (Some(plan), None) = (&service.plan, plan) {
            let what = format!("`{plan}` is no plan of Heroku's");
            out.lose(Loss::Scale, what, "choose a plan: `heroku addons:plans`", origin);
        }
        let what = format!("`{}` becomes the add-on `{slug}`, which sets variables of its own", service.name);
        out.lose(Loss::ServiceBinding, what, "have the application read them", origin);
        let full = plan.map_or_else(|| (*slug).to_owned(), |plan| format!("{slug}:{plan}"));
        let alias = used.contains(slug).then(|| alias(&service.name));
        used.push(slug);
        if alias.is_none() && service.version.is_none() {
            addons.push(Value::from(text(&full)));
            continue;
        }
        let mut row = vec![entry("plan", text(&full))];
        row.extend(alias.map(|alias| entry("as", text(&alias))));
        let options =
            |version: &String| entry("options", Content::Map(vec![entry("version", text(version))]));
        row.extend(service.version.as_ref().map(options));
        addons.push(Value::from(Content::Map(row)));
    }
    addons
}

/// The name under which a second add-on of a kind is attached: letters, digits and `_`.
fn alias(name: &str) -> String {
    let letter =
        |symbol: char| if symbol.is_ascii_alphanumeric() { symbol.to_ascii_uppercase() } else { '_' };
    let alias: String = name.chars().map(letter).collect();
    if alias.starts_with(|c: char| c.is_ascii_alphabetic()) { alias } else { format!("A_{alias}") }
}
