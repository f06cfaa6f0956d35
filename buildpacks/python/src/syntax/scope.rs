//! [`Scope`]: what names stand for at one place of a module: at its top level, or within a function that has
//! imports of its own.

use std::collections::BTreeMap;

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};

use super::module::Module;
use super::names::{imported, join};

/// The names of a module as one place sees them.
pub(crate) struct Scope<'m> {
    module: &'m Module,
    /// What the function imports itself: local name and dotted path.
    local: BTreeMap<String, String>,
}

impl<'m> Scope<'m> {
    /// The top level of `module`.
    pub(crate) fn of(module: &'m Module) -> Scope<'m> {
        Scope { module, local: BTreeMap::new() }
    }

    /// The body of `function`, which stands in `module`.
    pub(crate) fn inside(module: &'m Module, function: &StmtFunctionDef) -> Scope<'m> {
        let mut imports = LocalImports { module, found: BTreeMap::new() };
        imports.visit_body(&function.body);
        Scope { module, local: imports.found }
    }

    /// The module that it is of.
    pub(crate) fn module(&self) -> &'m Module {
        self.module
    }

    /// The dotted path that the name or attribute `expression` stands for.
    pub(crate) fn meaning(&self, expression: &Expr) -> Option<String> {
        match expression {
            Expr::Name(name) => match self.local.get(name.id.as_str()) {
                Some(path) => Some(path.clone()),
                None => self.module.meaning(expression),
            },
            Expr::Attribute(attribute) => {
                Some(join(&self.meaning(&attribute.value)?, attribute.attr.as_str()))
            }
            _ => None,
        }
    }

    /// Whether `expression` names `path`, a dotted path such as `fastapi.FastAPI`.
    pub(crate) fn names(&self, expression: &Expr, path: &str) -> bool {
        self.module.names(expression, path) || self.meaning(expression).is_some_and(|meaning| meaning == path)
    }

    /// Whether the module, or the function, imports `path`.
    pub(crate) fn imports(&self, path: &str) -> bool {
        self.local.values().any(|known| known == path)
            || self.module.imports().any(|(_, known)| known == path)
    }
}

struct LocalImports<'m> {
    module: &'m Module,
    found: BTreeMap<String, String>,
}

impl<'a> Visitor<'a> for LocalImports<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let (dotted, is_package) = self.module.place();
        self.found.extend(imported(statement, dotted, is_package));
        walk_stmt(self, statement);
    }

    /// Statements are all that matters.
    fn visit_expr(&mut self, _: &'a Expr) {}
}
