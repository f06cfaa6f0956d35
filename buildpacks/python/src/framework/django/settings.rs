//! Reads Django settings as far as they can be known without running them: lists of apps, the
//! gateway modules, where static files go, which variables the secret key comes from.

use std::collections::{BTreeMap, BTreeSet};

use packwright_buildpack::planner::{Origin, RelPath, SourceTree, find};

mod value;

use crate::manifest::text;
use crate::syntax::ast::{Expr, Stmt};
use crate::syntax::{Module, assignments, string, variable, variables_in};
use value::{Scope, Value};

/// What settings say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// Whether the module is a file of the tree.
    pub(super) was_read: bool,
    /// `INSTALLED_APPS`, as far as it is written down.
    pub(super) apps: BTreeSet<String>,
    /// `WSGI_APPLICATION`.
    pub(super) wsgi_application: Option<(String, Origin)>,
    /// `ASGI_APPLICATION`.
    pub(super) asgi_application: Option<(String, Origin)>,
    /// `STATIC_ROOT`.
    pub(super) static_root: StaticRoot,
    /// Variables that `SECRET_KEY` is taken from.
    pub(super) secret_variables: Vec<String>,
    /// Variables of the environment that they read.
    pub(super) variables: BTreeSet<String>,
    /// Variables that must be set for the settings to load, with the first place.
    pub(super) needed_variables: BTreeMap<String, Origin>,
}

/// Where `collectstatic` puts its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum StaticRoot {
    /// Nowhere.
    #[default]
    Unset,
    /// Here, from the root of the image.
    Known(RelPath),
    /// The settings compute it.
    Computed,
}

/// Settings import settings; no sane chain is longer.
const MAX_FILES: usize = 16;

impl Settings {
    /// Reads the settings `module` and what it imports with `*`. `root` is the directory of
    /// `manage.py`.
    pub(super) fn read(tree: &dyn SourceTree, root: Option<&RelPath>, module: &str) -> Settings {
        let mut reading = Reading {
            tree,
            root,
            settings: Settings::default(),
            scope: Scope::new(),
            files: BTreeSet::new(),
        };
        reading.settings.was_read = reading.file(module);
        let Reading { mut settings, scope, .. } = reading;
        settings.apps = match scope.get("INSTALLED_APPS") {
            Some(Value::List(apps)) => apps.iter().cloned().collect(),
            _ => BTreeSet::new(),
        };
        settings.secret_variables.sort();
        settings.secret_variables.dedup();
        settings
    }
}

struct Reading<'t> {
    tree: &'t dyn SourceTree,
    root: Option<&'t RelPath>,
    settings: Settings,
    scope: Scope,
    files: BTreeSet<RelPath>,
}

impl Reading<'_> {
    fn file(&mut self, dotted: &str) -> bool {
        let Some(path) = file_of(self.tree, self.root, dotted) else {
            return false;
        };
        if self.files.len() >= MAX_FILES || !self.files.insert(path.clone()) {
            return true;
        }
        let Ok(Some(source)) = text(self.tree, &path) else {
            return false;
        };
        let module = Module::parse(&source, dotted, path.name() == "__init__.py");
        self.scope.set_file(&path);
        self.settings.variables.extend(module.variables());
        let mut stars = module.stars().iter();
        for statement in module.top_level() {
            match statement {
                Stmt::ImportFrom(import) if import.names.iter().any(|name| name.name.as_str() == "*") => {
                    if let Some(star) = stars.next() {
                        self.file(star);
                        self.scope.set_file(&path);
                    }
                }
                Stmt::AugAssign(assign) => {
                    if let Expr::Name(name) = &*assign.target {
                        self.scope.extend(&module, name.id.as_str(), &assign.value);
                    }
                    self.needs(&path, &module, &assign.value);
                }
                Stmt::Expr(expression) => {
                    self.call(&module, &expression.value);
                }
                _ => {
                    for (name, value) in assignments(statement) {
                        self.assign(&path, &module, name, value);
                    }
                    // What stands below an `if` may never run.
                    let is_certain = module.body().iter().any(|own| std::ptr::eq(own, statement));
                    if let Stmt::Assign(assign) = statement
                        && is_certain
                    {
                        self.needs(&path, &module, &assign.value);
                    }
                }
            }
        }
        true
    }

    fn assign(&mut self, path: &RelPath, module: &Module, name: &str, value: &Expr) {
        let origin = Origin::line(path, module.line(value));
        match name {
            "WSGI_APPLICATION" => {
                self.settings.wsgi_application = string(value).map(|text| (text.to_owned(), origin));
            }
            "ASGI_APPLICATION" => {
                self.settings.asgi_application = string(value).map(|text| (text.to_owned(), origin));
            }
            "STATIC_ROOT" => {
                self.settings.static_root = match value {
                    Expr::NoneLiteral(_) => StaticRoot::Unset,
                    _ => match self.scope.value(module, value).and_then(|value| value.image_path()) {
                        Some(path) => StaticRoot::Known(path),
                        // Below `/app` it is found even when a variable says otherwise.
                        None => match self.default_of(module, value) {
                            Some(path) if !path.as_str().starts_with("app/") => StaticRoot::Known(path),
                            _ => StaticRoot::Computed,
                        },
                    },
                };
            }
            "SECRET_KEY" => {
                let names = variables_in(value).into_iter().map(|(name, _)| name);
                self.settings.secret_variables.extend(names);
            }
            _ => {}
        }
        self.scope.set(module, name, value);
    }

    /// The path in the image that `value` takes when its variable is not set.
    fn default_of(&self, module: &Module, value: &Expr) -> Option<RelPath> {
        variable(value)?;
        let arguments = &value.as_call_expr()?.arguments;
        let default = arguments.find_argument_value("default", 1)?;
        self.scope.value(module, default)?.image_path()
    }

    /// `INSTALLED_APPS.append("x")` and its like.
    fn call(&mut self, module: &Module, expression: &Expr) {
        if let Expr::Call(call) = expression
            && let Expr::Attribute(method) = &*call.func
            && let Expr::Name(name) = &*method.value
            && matches!(method.attr.as_str(), "append" | "extend" | "insert")
            && let Some(last) = call.arguments.args.last()
        {
            self.scope.extend(module, name.id.as_str(), last);
        }
    }

    fn needs(&mut self, path: &RelPath, module: &Module, value: &Expr) {
        for (name, must) in variables_in(value) {
            if must {
                let origin = Origin::line(path, module.line(value));
                self.settings.needed_variables.entry(name).or_insert(origin);
            }
        }
    }
}

/// Whether the package that the module `dotted` names first is in the tree, below `root`.
pub(super) fn has_package(tree: &dyn SourceTree, root: Option<&RelPath>, dotted: &str) -> bool {
    let first = dotted.split('.').next().unwrap_or(dotted);
    let dir = root.map_or(first.to_owned(), |root| format!("{root}/{first}"));
    tree.files()
        .iter()
        .any(|file| file.path.as_str().strip_prefix(&dir).is_some_and(|rest| rest.starts_with('/')))
}

/// The file of the module `dotted`, looked for below `root`.
pub(super) fn file_of(tree: &dyn SourceTree, root: Option<&RelPath>, dotted: &str) -> Option<RelPath> {
    let prefix = root.map_or(String::new(), |dir| format!("{dir}/"));
    let base = format!("{prefix}{}", dotted.replace('.', "/"));
    [format!("{base}.py"), format!("{base}/__init__.py")]
        .iter()
        .find_map(|path| find(tree, path))
        .map(|file| file.path.clone())
}
