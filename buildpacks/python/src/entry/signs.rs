//! Looks for the signs of each framework in each module; every match becomes a [`AppEntry`].

use std::collections::BTreeSet;

use packwright_buildpack::planner::{Origin, RelPath, SourceTree};

use super::candidates::{dotted, is_identifier, stem};
use super::constructors::{self, Factories, FrameworkSign};
use super::import_root::{import_root, imports_from};
use super::parsed::Parsed;
use super::types::{AppEntry, NearMiss, Search};
use crate::framework::kinds::{AppKind, Gateway};
use crate::framework::table::{Framework, Launch, Mark, WORKERS};
use crate::syntax::ast::{Expr, Stmt};
use crate::syntax::{Behaviour, Call, Module, Scope, assignments, string};

/// Looks for the frameworks of `table` in `modules`.
pub(super) fn look(tree: &dyn SourceTree, modules: &[Parsed], table: &[&'static Framework]) -> Search {
    let factories = constructors::factories(modules);
    let mut found = Search::default();
    let imported_modules = imported_modules(modules);
    for read in modules {
        for framework in table {
            if let Some(line) = import_line(&read.module, framework.module) {
                let origin = Origin::line(&read.path, line);
                found.imported.entry(framework.id).or_insert(origin);
            }
        }
        let looking = FileSearch::at(tree, read, &factories, &imported_modules);
        let (entries, near) = looking.entries(table);
        found.near.extend(near);
        for entry in entries {
            match WORKERS.iter().any(|one| one == entry.framework) {
                true => found.workers.push(entry),
                false => found.web.push(entry),
            }
        }
    }
    found
}

/// The names of the functions that make applications.
pub(super) fn factories(modules: &[Parsed]) -> BTreeSet<String> {
    constructors::factories(modules)
        .keys()
        .filter_map(|path| path.rsplit('.').next())
        .map(str::to_owned)
        .collect()
}

/// Dotted paths of all that is imported from anywhere.
pub(super) fn imported_modules(modules: &[Parsed]) -> BTreeSet<String> {
    modules.iter().flat_map(|read| read.module.imports().map(|(_, path)| path.clone())).collect()
}

/// The line of the first import of `name` or of something in it, wherever it stands.
fn import_line(module: &Module, name: &str) -> Option<u32> {
    let is = |path: &str| path.split('.').next() == Some(name);
    let direct = module.top_level().into_iter().find(|statement| match statement {
        Stmt::Import(import) => import.names.iter().any(|alias| is(alias.name.as_str())),
        Stmt::ImportFrom(import) => {
            import.level == 0 && import.module.as_ref().is_some_and(|path| is(path.as_str()))
        }
        _ => false,
    });
    match direct {
        Some(statement) => Some(module.line(statement)),
        None => module.imports_anywhere(name).then_some(1),
    }
}

/// The entry of which `value` is the `.server`: Dash's name for the application below it, which
/// every version of Dash can be served by.
fn server_of(value: &Expr, found: &[AppEntry]) -> Option<usize> {
    let Expr::Attribute(attribute) = value else {
        return None;
    };
    let Expr::Name(name) = &*attribute.value else {
        return None;
    };
    let is_it = |entry: &AppEntry| entry.framework.id == "dash" && entry.name == name.id.as_str();
    (attribute.attr.as_str() == "server").then(|| found.iter().position(is_it)).flatten()
}

/// Whether a call has one of the values for an argument, which may stand first and without a name.
fn has_argument(call: &Call<'_>, wanted: Option<(&str, &[&str])>) -> bool {
    let Some((name, values)) = wanted else { return true };
    let value = call.keyword(name).or_else(|| call.node.arguments.args.first());
    value.and_then(string).is_some_and(|value| values.contains(&value))
}

pub(super) struct FileSearch<'a> {
    read: &'a Parsed,
    factories: &'a Factories,
    root: Option<RelPath>,
    uses_root: bool,
    module: String,
    here: String,
    is_imported: bool,
}

impl<'a> FileSearch<'a> {
    pub(super) fn at(
        tree: &dyn SourceTree,
        read: &'a Parsed,
        factories: &'a Factories,
        imported: &BTreeSet<String>,
    ) -> FileSearch<'a> {
        let parts = dotted(&read.path);
        let root = import_root(tree, &read.path, &read.module);
        let below = root.as_ref().map_or(0, RelPath::depth);
        let here = parts.join(".");
        let module = parts[below.min(parts.len())..].join(".");
        let is_imported = imported.iter().any(|path| {
            [&here, &module].iter().any(|own| {
                path.strip_prefix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        });
        FileSearch {
            read,
            factories,
            uses_root: root.is_none() && imports_from(tree, &read.path, &read.module),
            root,
            module,
            here,
            is_imported,
        }
    }

    /// Whether its module can be named: `__init__.py` at the root, or `my-app.py`, is none.
    pub(super) fn is_module(&self) -> bool {
        !self.module.is_empty() && self.module.split('.').all(is_identifier)
    }

    pub(super) fn entry(
        &self,
        (framework, sign): FrameworkSign,
        name: &str,
        line: u32,
        kind: AppKind,
    ) -> AppEntry {
        AppEntry {
            framework,
            sign,
            path: self.read.path.clone(),
            line,
            module: self.module.clone(),
            root: self.root.clone(),
            uses_root: self.uses_root,
            is_relative: self.read.module.has_relative_imports(),
            name: name.to_owned(),
            kind,
            hint: None,
            is_imported: self.is_imported,
        }
    }

    fn entries(&self, table: &[&'static Framework]) -> (Vec<AppEntry>, Vec<(&'static str, NearMiss)>) {
        let mut found = Vec::new();
        let mut near = Vec::new();
        let module = &self.read.module;
        if self.is_module() {
            for statement in module.top_level() {
                for (name, value) in assignments(statement) {
                    if let Some(inner) = server_of(value, &found) {
                        name.clone_into(&mut found[inner].name);
                        continue;
                    }
                    if let Some(made) = constructors::made_by(&Scope::of(module), value)
                        .or_else(|| self.made_elsewhere(value))
                    {
                        found.push(self.entry(made, name, module.line(statement), AppKind::Object));
                    }
                }
                self.definition(statement, table, &mut found, &mut near);
            }
        }
        self.near_objects(&found, &mut near);
        found.extend(self.files(table, &found));
        // A name that is assigned twice is one entry.
        found.dedup_by(|later, first| later.name == first.name && later.kind == first.kind);
        // The whole file, where the framework wants no name.
        for entry in &mut found {
            if let Launch::Program(line, _) = entry.sign.launch
                && line.contains("{file}")
                && entry.kind == AppKind::Object
            {
                entry.kind = AppKind::File;
            }
        }
        (found, near)
    }

    /// `app = create_app()`, with a function of another module.
    fn made_elsewhere(&self, value: &Expr) -> Option<FrameworkSign> {
        let call = match value {
            Expr::Call(call) => call,
            _ => return None,
        };
        let meaning = self.read.module.meaning(&call.func)?;
        let of = |path: &str| self.factories.get(path).filter(|factory| !factory.is_async);
        of(&meaning).or_else(|| of(&format!("{}.{meaning}", self.here))).map(|factory| factory.made)
    }

    /// Factories and classes at the top level.
    fn definition(
        &self,
        statement: &Stmt,
        table: &[&'static Framework],
        found: &mut Vec<AppEntry>,
        near: &mut Vec<(&'static str, NearMiss)>,
    ) {
        let module = &self.read.module;
        match statement {
            Stmt::FunctionDef(function) => {
                let Some(factory) = self.factories.get(&format!("{}.{}", self.here, function.name)) else {
                    return;
                };
                let line = module.line(&function.name);
                let takes_coroutine = factory.made.1.launch == Launch::Server(Gateway::Aiohttp);
                let reason = match (&factory.needs, factory.is_async && !takes_coroutine) {
                    (Some(argument), _) => {
                        Some(format!("`{}` needs the argument `{argument}`", function.name))
                    }
                    (None, true) => Some(format!("`{}` is a coroutine", function.name)),
                    (None, false) => None,
                };
                match reason {
                    Some(reason) => {
                        let origin = Origin::line(&self.read.path, line);
                        near.push((factory.made.0.id, NearMiss { origin, reason }));
                    }
                    None => {
                        let kind = match factory.is_async {
                            true => AppKind::Coroutine,
                            false => AppKind::Factory,
                        };
                        found.push(self.entry(factory.made, function.name.as_str(), line, kind));
                    }
                }
            }
            Stmt::ClassDef(class) => {
                for framework in table {
                    for sign in framework.signs {
                        if matches!(sign.mark, Mark::Class(name) if name == class.name.as_str()) {
                            let line = module.line(&class.name);
                            found.push(self.entry(
                                (framework, sign),
                                class.name.as_str(),
                                line,
                                AppKind::Object,
                            ));
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Calls and decorators that make the whole file an application.
    fn files(&self, table: &[&'static Framework], made: &[AppEntry]) -> Vec<AppEntry> {
        let mut found = Vec::new();
        let name = stem(&self.read.path);
        let is_page = self.read.path.parent().is_some_and(|dir| dir.name() == "pages");
        if name == "__init__" || is_page {
            return found;
        }
        let Behaviour { calls, decorators, imports } = self.read.module.behaviour();
        for framework in table {
            let uses = self.read.module.imported().contains(framework.module)
                || imports.values().any(|path| path.split('.').next() == Some(framework.module));
            if !uses || made.iter().any(|entry| entry.framework == *framework) {
                continue;
            }
            for sign in framework.signs {
                let (wanted, argument) = match &sign.mark {
                    Mark::Calls(wanted) => (*wanted, None),
                    Mark::CallsWith { calls, argument, values } => (*calls, Some((*argument, *values))),
                    Mark::Makes(_) | Mark::Class(_) => continue,
                };
                // What is imported by name needs one that can be written; a file does not.
                if sign.launch.names_the_module() && !self.module.split('.').all(is_identifier) {
                    continue;
                }
                let module = &self.read.module;
                let called = calls
                    .iter()
                    .find(|call| wanted.iter().any(|path| call.is(path)) && has_argument(call, argument))
                    .map(|call| module.line(call.node));
                let decorated = || {
                    let decorators = decorators.iter().filter(|_| argument.is_none());
                    decorators
                        .into_iter()
                        .find(|one| wanted.iter().any(|path| one.is(path)))
                        .map(|one| module.line(one.node))
                };
                if let Some(line) = called.or_else(decorated) {
                    found.push(self.entry((framework, sign), name, line, AppKind::File));
                    break;
                }
            }
        }
        found
    }

    /// Applications that are constructed where a server cannot name them.
    fn near_objects(&self, found: &[AppEntry], near: &mut Vec<(&'static str, NearMiss)>) {
        let module = &self.read.module;
        for call in module.behaviour().calls {
            let Some((framework, _)) = constructors::made_by_call(&Scope::of(module), call.node) else {
                continue;
            };
            let line = module.line(call.node);
            // One reason for each file is enough, and what a factory lacks is the better one.
            let is_said = near.iter().any(|(id, _)| *id == framework.id);
            if is_said || found.iter().any(|entry| entry.framework == framework) {
                continue;
            }
            let origin = Origin::line(&self.read.path, line);
            let reason = format!("makes a {} application where no server can name it", framework.name);
            near.push((framework.id, NearMiss { origin, reason }));
        }
    }
}
