//! Config vars as `app.json` declares them.

use packwright_planner::{Origin, Scoped, Variable, VariableValue};

use crate::table::{Document, Table};

/// Whether a text can name a variable on any system: no `=`, no space, nothing unseen.
pub(crate) fn is_name(text: &str) -> bool {
    let word = |symbol: char| symbol.is_ascii_graphic() && symbol != '=';
    !text.is_empty() && text.chars().all(word)
}

/// Whether a file declares the variable. Variables that builds of a platform have by themselves are
/// part of a model too; they have a file and no line, and are not written.
pub(crate) fn is_declared(variable: &Variable) -> bool {
    variable.scope != Scoped::Build || !matches!(variable.origin, Origin::File { line: None, .. })
}

/// The variables of `key`: `{NAME: text | {description, value, required, generator}}`. A list of
/// names, as old files have it, is a list of required ones.
pub(super) fn variables(table: &Table<'_>, key: &str) -> Vec<Variable> {
    let document = table.document();
    let Some(value) = table.value(key) else { return Vec::new() };
    if !value.items().is_empty() {
        let names = table.texts(key);
        let required = |name: packwright_planner::Requested<String>| {
            Variable::new(&name.value, VariableValue::Required, name.origin)
        };
        return names.into_iter().map(required).filter(|found| named(document, found, value.line)).collect();
    }
    let Some(environment) = table.table(key) else { return Vec::new() };
    let mut variables = Vec::new();
    for entry in environment.entries() {
        let origin = document.line(entry.line);
        let variable = match entry.value.entries().is_empty() {
            false => environment.table(&entry.key).map(|described| one(&described, &entry.key)),
            true if entry.value.kind() == "a map" => {
                Some(Variable::new(&entry.key, VariableValue::Required, origin))
            }
            true => environment
                .text(&entry.key)
                .map(|text| Variable::literal(&entry.key, &text.value, text.origin)),
        };
        variables.extend(variable.filter(|found| named(document, found, entry.line)));
    }
    variables
}

fn one(described: &Table<'_>, name: &str) -> Variable {
    let document = described.document();
    let value = described.text("value");
    let required = described.flag("required").is_none_or(|flag| flag.value);
    let generator = described.text("generator");
    let origin = described.origin();
    let generated = match &generator {
        Some(generator) if generator.value == "secret" => true,
        Some(generator) => {
            let message = format!("`{}` is no generator that Heroku has", generator.value);
            document.refuse(line(described), &message, "write `secret`, or leave `generator` out");
            false
        }
        None => false,
    };
    let mut variable = match value {
        Some(value) => Variable::literal(name, &value.value, value.origin),
        None if generated => Variable::new(name, VariableValue::Generated, origin),
        None if required => Variable::new(name, VariableValue::Required, origin),
        None => Variable::new(name, VariableValue::Optional, origin),
    };
    variable.scope = Scoped::Both;
    variable.description =
        described.text("description").map(|text| text.value).filter(|text| !text.is_empty());
    variable
}

fn line(table: &Table<'_>) -> u32 {
    match table.origin() {
        Origin::File { line: Some(line), .. } => line,
        _ => 1,
    }
}

fn named(document: &Document, variable: &Variable, line: u32) -> bool {
    if is_name(&variable.name) {
        return true;
    }
    let message = format!("{:?} cannot be the name of a variable", variable.name);
    document.refuse(line, &message, "use letters, digits and `_`");
    false
}
