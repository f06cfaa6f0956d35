//! `envVars` of services, and `envVarGroups`.

use std::collections::BTreeMap;

use packwright_planner::{
    Component, Diagnostic, Requested, ServiceReference, Variable, VariableValue, VersionRequest,
};

use crate::heroku::is_name;
use crate::render::resources::line_of;
use crate::table::Table;

/// Variables that say a version, and of what.
///
/// Source: render.com/docs, "Setting Your Python Version" and its kin.
const VERSIONS: &[(&str, &str)] = &[
    ("PYTHON_VERSION", "python"),
    ("NODE_VERSION", "node"),
    ("POETRY_VERSION", "poetry"),
    ("UV_VERSION", "uv"),
    ("BUN_VERSION", "bun"),
    ("RUSTUP_TOOLCHAIN", "rust"),
    ("ELIXIR_VERSION", "elixir"),
    ("ERLANG_VERSION", "erlang"),
];

/// Properties of services by Render's name, and by ours.
const PROPERTIES: &[(&str, &str)] = &[
    ("connectionString", "connection-string"),
    ("connectionPoolString", "connection-pool-string"),
    ("hostport", "host-port"),
    ("host", "host"),
    ("port", "port"),
    ("user", "user"),
    ("password", "password"),
    ("database", "database"),
];

/// Groups of variables that the file has, by name.
#[derive(Default, Clone)]
pub(super) struct Groups(BTreeMap<String, Vec<Variable>>);

/// What the variables of a service come to.
#[derive(Default)]
pub(super) struct Environment {
    pub(super) variables: Vec<Variable>,
    pub(super) versions: Vec<VersionRequest>,
    /// Variables that have another value in previews.
    pub(super) previews: Vec<Variable>,
}

impl Groups {
    /// Reads the groups of one level.
    pub(super) fn read(&mut self, table: &Table<'_>) {
        for row in table.tables("envVarGroups") {
            row.leave(&["region"]);
            let Some(name) = row.text("name") else {
                row.leave(&["envVars"]);
                row.document().refuse(line_of(&row.origin()), "a group has no `name`", "give it one");
                continue;
            };
            let mut group = Environment::default();
            for entry in row.tables("envVars") {
                group.add(&entry, &Groups::default());
            }
            let mut variables = group.variables;
            // Where a group names a version, it is a variable until a service uses the group.
            variables.extend(group.versions.into_iter().filter_map(|wish| {
                let (name, _) = VERSIONS.iter().find(|(_, tool)| *tool == wish.tool)?;
                let value = VariableValue::Literal(wish.version.value);
                Some(Variable::new(name, value, wish.version.origin))
            }));
            self.0.insert(name.value, variables);
        }
    }

    /// Reads the groups of several levels.
    pub(super) fn read_all<'a, 'b: 'a>(&mut self, tables: impl Iterator<Item = &'a Table<'b>>) {
        tables.for_each(|table| self.read(table));
    }
}

impl Environment {
    /// The variables of a service.
    pub(super) fn of(row: &Table<'_>, groups: &Groups) -> Environment {
        let mut environment = Environment::default();
        let entries = row.tables("envVars");
        // What a service says itself counts before what its groups say.
        let (grouped, own): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.has("fromGroup"));
        own.into_iter().chain(grouped).for_each(|entry| environment.add(entry, groups));
        environment
    }

    /// Gives them to a component.
    pub(super) fn give(self, component: &mut Component) {
        component.environment = self.variables;
        component.versions = self.versions;
    }

    fn add(&mut self, entry: &Table<'_>, groups: &Groups) {
        let document = entry.document();
        entry.leave(&["description"]);
        if let Some(group) = entry.text("fromGroup") {
            match groups.0.get(&group.value) {
                Some(variables) => {
                    for variable in variables {
                        if !self.knows(&variable.name) {
                            self.put(variable.clone());
                        }
                    }
                }
                None => {
                    let message =
                        format!("{}: the group `{}` is not in this file", group.origin, group.value);
                    document.say(
                        Diagnostic::info("render/group", message)
                            .why("its variables are on Render alone")
                            .fix("give the application those variables where it runs")
                            .at(group.origin),
                    );
                }
            }
            return;
        }
        let Some(key) = entry.text("key") else {
            entry.leave(&["value", "sync", "generateValue", "fromDatabase", "fromService", "previewValue"]);
            document.refuse(line_of(&entry.origin()), "a variable has no `key`", "name it");
            return;
        };
        if !is_name(&key.value) {
            entry.leave(&["value", "sync", "generateValue", "fromDatabase", "fromService", "previewValue"]);
            let message = format!("{:?} cannot be the name of a variable", key.value);
            document.refuse(line_of(&key.origin), &message, "use letters, digits and `_`");
            return;
        }
        let preview = entry.text("previewValue");
        if let Some(preview) = preview {
            self.previews.push(Variable::literal(&key.value, &preview.value, preview.origin));
        }
        let variable = value(entry, &key);
        if let ("PYTHON_VERSION", VariableValue::Literal(version)) = (key.value.as_str(), &variable.value)
            && version.split('.').count() != 3
        {
            let message = format!("{}: Render refuses the version `{version}` of Python", variable.origin);
            document.say(
                Diagnostic::info("render/python-version", message)
                    .why("it takes a version with all three numbers, such as `3.12.4`")
                    .fix("write all three, or put the version into .python-version")
                    .at(variable.origin.clone()),
            );
        }
        self.put(variable);
    }

    fn knows(&self, name: &str) -> bool {
        let tool = VERSIONS.iter().find(|(known, _)| *known == name).map(|(_, tool)| *tool);
        self.variables.iter().any(|known| known.name == name)
            || tool.is_some_and(|tool| self.versions.iter().any(|known| known.tool == tool))
    }

    /// A version is a wish and no variable; of two with one name the last counts.
    fn put(&mut self, variable: Variable) {
        let tool = VERSIONS.iter().find(|(name, _)| *name == variable.name).map(|(_, tool)| *tool);
        if let (Some(tool), VariableValue::Literal(version)) = (tool, &variable.value) {
            let version = Requested { value: version.trim().to_owned(), origin: variable.origin.clone() };
            self.versions.retain(|known| known.tool != tool);
            self.versions.push(VersionRequest { tool: tool.to_owned(), version });
            return;
        }
        match self.variables.iter_mut().find(|known| known.name == variable.name) {
            Some(known) => *known = variable,
            None => self.variables.push(variable),
        }
    }
}

/// The variable of one entry.
fn value(entry: &Table<'_>, key: &Requested<String>) -> Variable {
    let document = entry.document();
    let name = &key.value;
    let generated = entry.flag("generateValue").is_some_and(|flag| flag.value);
    let synced = entry.flag("sync").is_none_or(|flag| flag.value);
    let reference = reference(entry);
    // An empty value in YAML is none; the variable is there and empty.
    if entry.has("value") && entry.has("sync") {
        let origin = &key.origin;
        document.say(
            Diagnostic::warning(
                "render/value-and-sync",
                format!("{origin}: `{name}` has `value` and `sync`"),
            )
            .why("`sync: false` asks for the value in Render's dashboard, and Render refuses both together")
            .fix("take one of the two out")
            .at(origin.clone()),
        );
    }
    let literal = entry.text("value").or_else(|| {
        entry.has("value").then(|| Requested { value: String::new(), origin: key.origin.clone() })
    });
    let kinds = [literal.is_some(), generated, reference.is_some()].iter().filter(|&&is| is).count();
    if kinds > 1 {
        let message = format!("`{name}` has more than one value");
        document.refuse(line_of(&key.origin), &message, "keep one of `value`, `generateValue` and `from…`");
    }
    if let Some(literal) = literal {
        let value = match literal.value.is_empty() {
            true => VariableValue::Literal(String::new()),
            false => Variable::literal(name, &literal.value, key.origin.clone()).value,
        };
        return Variable::new(name, value, literal.origin);
    }
    let value = match reference {
        Some(reference) => VariableValue::Service(reference),
        None if generated => VariableValue::Generated,
        None => {
            let refers = entry.has("fromDatabase") || entry.has("fromService");
            if synced && kinds == 0 && !refers {
                let message = format!("`{name}` has no value");
                document.refuse(
                    line_of(&key.origin),
                    &message,
                    "write `value`, or `sync: false` to be asked for it",
                );
            }
            VariableValue::Required
        }
    };
    Variable::new(name, value, key.origin.clone())
}

/// What another service tells.
fn reference(entry: &Table<'_>) -> Option<ServiceReference> {
    let database = entry.table("fromDatabase");
    let from = database.or_else(|| entry.table("fromService"))?;
    from.leave(&["type"]);
    let service = from.text("name");
    let property = from.text("property").map(|property| {
        let known = PROPERTIES.iter().find(|(name, _)| *name == property.value);
        known.map_or(property.value, |(_, ours)| (*ours).to_owned())
    });
    let property = property.or_else(|| from.text("envVarKey").map(|key| key.value));
    match (service, property) {
        (Some(service), Some(property)) => Some(ServiceReference { service: service.value, property }),
        _ => {
            let line = line_of(&from.origin());
            let message = "a reference has no `name`, or neither `property` nor `envVarKey`";
            from.document().refuse(line, message, "say which service is meant, and what of it");
            None
        }
    }
}

/// Render's word for a property, or nothing when it is the name of a variable.
pub(super) fn property(ours: &str) -> Option<&'static str> {
    PROPERTIES.iter().find(|(_, known)| *known == ours).map(|(name, _)| *name)
}

/// The variable in which Render looks for the version of a tool.
pub(super) fn version_variable(tool: &str) -> Option<&'static str> {
    VERSIONS.iter().find(|(_, known)| *known == tool).map(|(name, _)| *name)
}
