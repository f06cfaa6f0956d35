//! The Blueprint specification as rules in code, because no package publishes its schema.
//!
//! Source: render.com/docs/blueprint-spec.

use packwright_documents::{Content, Value};

/// Keys of services, and the kinds that have them; all have those without kinds.
const KEYS: &[(&str, &[&str])] = &[
    ("type", &[]),
    ("name", &[]),
    ("plan", &[]),
    ("runtime", &["web", "pserv", "worker", "cron"]),
    ("rootDir", &["web", "pserv", "worker", "cron"]),
    ("buildCommand", &["web", "pserv", "worker", "cron"]),
    ("startCommand", &["web", "pserv", "worker", "cron"]),
    ("dockerCommand", &["web", "pserv", "worker", "cron"]),
    ("dockerfilePath", &["web", "pserv", "worker", "cron"]),
    ("image", &["web", "pserv", "worker", "cron"]),
    ("envVars", &["web", "pserv", "worker", "cron"]),
    ("preDeployCommand", &["web", "pserv", "worker"]),
    ("initialDeployHook", &["web", "pserv", "worker"]),
    ("numInstances", &["web", "pserv", "worker"]),
    ("scaling", &["web", "pserv", "worker"]),
    ("disk", &["web", "pserv", "worker"]),
    ("maxShutdownDelaySeconds", &["web", "pserv", "worker"]),
    ("schedule", &["cron"]),
    ("healthCheckPath", &["web"]),
    ("domains", &["web"]),
    ("staticPublishPath", &["web"]),
    ("routes", &["web"]),
    ("ipAllowList", &["keyvalue"]),
];

/// What is not as the specification has it.
pub(super) fn breaches(root: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let list = |key: &str| root.get(key).map(Value::items).unwrap_or_default();
    for entry in root.entries() {
        if !["services", "databases", "envVarGroups"].contains(&entry.key.as_str()) {
            found.push(format!("the file has {}", entry.key));
        }
    }
    let names = |items: &[Value]| -> Vec<String> {
        items.iter().map(|item| item.text_of("name").unwrap_or_default().to_owned()).collect()
    };
    let (services, databases) = (names(list("services")), names(list("databases")));
    let groups = names(list("envVarGroups"));
    for names in [&services, &databases, &groups] {
        let unique: std::collections::BTreeSet<_> = names.iter().collect();
        if unique.len() != names.len() || names.iter().any(String::is_empty) {
            found.push(format!("names: {names:?}"));
        }
    }
    for service in list("services") {
        one(service, &mut found);
        for variable in service.get("envVars").map(Value::items).unwrap_or_default() {
            self::variable(variable, &mut found);
            let refers = |key: &str| variable.at(&[key, "name"]).and_then(Value::text);
            let known = refers("fromDatabase").is_none_or(|name| databases.iter().any(|known| known == name))
                && refers("fromService").is_none_or(|name| services.iter().any(|known| known == name))
                && variable.text_of("fromGroup").is_none_or(|name| groups.iter().any(|known| known == name));
            if !known {
                found.push(format!("a reference to nothing: {variable:?}"));
            }
        }
    }
    for group in list("envVarGroups") {
        for variable in group.get("envVars").map(Value::items).unwrap_or_default() {
            let allowed = ["key", "value", "generateValue"];
            if variable.entries().iter().any(|entry| !allowed.contains(&entry.key.as_str())) {
                found.push(format!("a group has {variable:?}"));
            }
        }
    }
    found
}

fn one(service: &Value, found: &mut Vec<String>) {
    let kind = service.text_of("type").unwrap_or_default();
    let name = service.text_of("name").unwrap_or_default();
    for entry in service.entries() {
        let known = KEYS.iter().find(|(key, _)| *key == entry.key);
        if !known.is_some_and(|(_, kinds)| kinds.is_empty() || kinds.contains(&kind)) {
            found.push(format!("{name} ({kind}) has {}", entry.key));
        }
    }
    let runtime = service.text_of("runtime");
    let wanted = match (kind, runtime) {
        ("keyvalue", None) => vec!["ipAllowList"],
        (_, Some("static")) => vec!["staticPublishPath"],
        (_, Some("image")) => vec!["image"],
        ("cron", Some(_)) => vec!["schedule"],
        (_, Some(_)) => vec![],
        (_, None) => vec!["runtime"],
    };
    for key in wanted {
        if service.get(key).is_none() {
            found.push(format!("{name} has no {key}"));
        }
    }
    if kind == "web" && runtime == Some("static") && service.get("plan").is_some() {
        found.push(format!("{name} is a site with a plan"));
    }
    let delay = service.get("maxShutdownDelaySeconds").and_then(Value::word);
    if delay.is_some_and(|delay| !delay.parse().is_ok_and(|seconds: u32| (1..=300).contains(&seconds))) {
        found.push(format!("{name} has maxShutdownDelaySeconds {delay:?}"));
    }
    if let Some(scaling) = service.get("scaling") {
        let count =
            |key: &str| scaling.get(key).and_then(Value::word).and_then(|word| word.parse::<u32>().ok());
        let (min, max) = (count("minInstances"), count("maxInstances"));
        let target = count("targetCPUPercent").is_some_and(|percent| (1..=90).contains(&percent));
        if !(min >= Some(1) && min <= max && target) {
            found.push(format!("{name} scales {scaling:?}"));
        }
    }
    if let Some(disk) = service.get("disk")
        && (disk.text_of("name").is_none()
            || !disk.text_of("mountPath").is_some_and(|path| path.starts_with('/')))
    {
        found.push(format!("{name} has the disk {disk:?}"));
    }
}

fn variable(variable: &Value, found: &mut Vec<String>) {
    let keys: Vec<&str> = variable.entries().iter().map(|entry| entry.key.as_str()).collect();
    let shapes: &[&[&str]] = &[
        &["key", "value"],
        &["key", "generateValue"],
        &["key", "sync"],
        &["key", "fromDatabase"],
        &["key", "fromService"],
        &["fromGroup"],
    ];
    if !shapes.contains(&keys.as_slice()) {
        found.push(format!("a variable has {keys:?}"));
    }
    if let Some(value) = variable.get("value")
        && !matches!(value.content, Content::Text(_))
    {
        found.push(format!("the value {value:?} is no text"));
    }
}
