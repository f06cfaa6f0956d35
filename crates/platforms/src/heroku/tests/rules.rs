//! The schema of `app.json` as rules in code, because no package publishes the schema.
//!
//! Source: heroku/heroku-mcp-server, `src/utils/app-json.schema.json`.

use packwright_documents::{Content, Value};

const KEYS: &[&str] = &[
    "name",
    "description",
    "keywords",
    "website",
    "repository",
    "logo",
    "success_url",
    "scripts",
    "env",
    "formation",
    "addons",
    "buildpacks",
    "environments",
    "stack",
    "image",
];

const SIZES: &[&str] = &[
    "free",
    "eco",
    "hobby",
    "basic",
    "standard-1x",
    "standard-2x",
    "performance-m",
    "performance-l",
    "private-s",
    "private-m",
    "private-l",
    "shield-s",
    "shield-m",
    "shield-l",
];

/// What is not as the schema has it.
pub(super) fn breaches(value: &Value) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut expect = |holds: bool, what: String| {
        if !holds {
            breaches.push(what);
        }
    };
    only(value, KEYS, "the file", &mut expect);
    if let Some(name) = value.get("name") {
        let begins = name
            .text()
            .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || "-_.".contains(c)));
        expect(begins, "name".to_owned());
    }
    if let Some(scripts) = value.get("scripts") {
        only(scripts, &["postdeploy", "pr-predestroy"], "scripts", &mut expect);
        expect(scripts.entries().iter().all(|entry| entry.value.text().is_some()), "scripts".to_owned());
    }
    environment(value, &mut expect);
    formation(value, &mut expect);
    addons(value, &mut expect);
    for pack in value.get("buildpacks").map(Value::items).unwrap_or_default() {
        only(pack, &["url"], "buildpacks", &mut expect);
        expect(pack.text_of("url").is_some(), "buildpacks.url".to_owned());
    }
    if let Some(environments) = value.get("environments") {
        only(environments, &["test", "review", "production"], "environments", &mut expect);
        for environment in environments.entries() {
            let is_map = matches!(environment.value.content, Content::Map(_));
            expect(is_map, format!("environments.{}", environment.key));
        }
    }
    breaches
}

fn only(value: &Value, keys: &[&str], place: &str, expect: &mut dyn FnMut(bool, String)) {
    expect(matches!(value.content, Content::Map(_)), format!("{place} is no map"));
    for entry in value.entries() {
        expect(keys.contains(&entry.key.as_str()), format!("{place} has {}", entry.key));
    }
}

fn environment(value: &Value, expect: &mut dyn FnMut(bool, String)) {
    for entry in value.get("env").map(Value::entries).unwrap_or_default() {
        only(&entry.value, &["description", "value", "required", "generator"], &entry.key, expect);
        let is_text = |key: &str| entry.value.get(key).is_none_or(|value| value.text().is_some());
        expect(is_text("description") && is_text("value"), format!("env.{} has no texts", entry.key));
        let required =
            entry.value.get("required").is_none_or(|value| matches!(value.content, Content::Bool(_)));
        let generator = entry.value.text_of("generator").is_none_or(|generator| generator == "secret");
        expect(required && generator, format!("env.{}", entry.key));
    }
}

fn formation(value: &Value, expect: &mut dyn FnMut(bool, String)) {
    for entry in value.get("formation").map(Value::entries).unwrap_or_default() {
        only(&entry.value, &["quantity", "size"], &entry.key, expect);
        let quantity = entry.value.get("quantity").map(|value| &value.content);
        expect(
            matches!(quantity, Some(Content::Number(text)) if text.parse::<u32>().is_ok()),
            entry.key.clone(),
        );
        let size = entry.value.get("size");
        expect(
            size.is_none_or(|size| size.text().is_some_and(|size| SIZES.contains(&size))),
            entry.key.clone(),
        );
    }
}

fn addons(value: &Value, expect: &mut dyn FnMut(bool, String)) {
    for addon in value.get("addons").map(Value::items).unwrap_or_default() {
        if addon.text().is_some() {
            continue;
        }
        only(addon, &["plan", "as", "options"], "addons", expect);
        expect(addon.text_of("plan").is_some(), "addons.plan".to_owned());
    }
}
