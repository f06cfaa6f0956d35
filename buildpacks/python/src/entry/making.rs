//! What makes an application: calls of a framework's class, and functions that return one.

use std::collections::{BTreeMap, BTreeSet};

use packwright_planner::RelPath;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};

use super::dotted;
use crate::framework::{FRAMEWORKS, Framework};
use crate::syntax::{Module, assignments};

/// Functions that give an application, by dotted path.
pub(super) type Factories = BTreeMap<String, &'static Framework>;

/// The factories of `modules`, also under the names by which other modules pass them on.
pub(super) fn factories(modules: &[(&RelPath, Module)]) -> Factories {
    let mut found = Factories::new();
    for (path, module) in modules {
        for statement in module.top_level() {
            if let Stmt::FunctionDef(function) = statement
                && let Some(framework) = made_in(module, function)
            {
                let mut parts = dotted(path);
                parts.push(function.name.as_str());
                found.insert(parts.join("."), framework);
                if parts.first() == Some(&"src") {
                    found.insert(parts[1..].join("."), framework);
                }
            }
        }
    }
    // A package that imports from a package that imports: deeper chains are not worth a look.
    for _ in 0..2 {
        for (path, module) in modules {
            for (name, target) in module.imports() {
                if let Some(&framework) = found.get(target) {
                    let mut parts = dotted(path);
                    parts.push(name);
                    found.entry(parts.join(".")).or_insert(framework);
                }
            }
        }
    }
    found
}

/// The framework whose application `function` makes and returns.
fn made_in(module: &Module, function: &StmtFunctionDef) -> Option<&'static Framework> {
    let needs_argument = function
        .parameters
        .posonlyargs
        .iter()
        .chain(&function.parameters.args)
        .chain(&function.parameters.kwonlyargs)
        .any(|parameter| parameter.default.is_none());
    if function.is_async || needs_argument {
        return None;
    }
    let mut making = Making { module, made: Vec::new(), returned: BTreeSet::new(), returns_call: None };
    making.visit_body(&function.body);
    making.returns_call.or_else(|| {
        making.made.iter().find(|(name, _)| making.returned.contains(name)).map(|&(_, framework)| framework)
    })
}

struct Making<'m> {
    module: &'m Module,
    made: Vec<(String, &'static Framework)>,
    returned: BTreeSet<String>,
    returns_call: Option<&'static Framework>,
}

impl<'a> Visitor<'a> for Making<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            // What an inner function returns is its own affair.
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => return,
            Stmt::Return(back) => match back.value.as_deref() {
                Some(Expr::Name(name)) => {
                    self.returned.insert(name.id.to_string());
                }
                Some(value) => self.returns_call = self.returns_call.or(made_by(self.module, value)),
                None => {}
            },
            _ => {
                for (name, value) in assignments(statement) {
                    if let Some(framework) = made_by(self.module, value) {
                        self.made.push((name.to_owned(), framework));
                    }
                }
            }
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        walk_expr(self, expression);
    }
}

/// The framework whose class `expression` calls; classes of this module that derive from it
/// count.
pub(super) fn made_by(module: &Module, expression: &Expr) -> Option<&'static Framework> {
    let Expr::Call(call) = expression else {
        return None;
    };
    let class_of = |class: &Expr| {
        FRAMEWORKS.iter().copied().find(|one| one.classes.iter().any(|path| module.names(class, path)))
    };
    class_of(&call.func).or_else(|| {
        let Expr::Name(name) = &*call.func else {
            return None;
        };
        module.top_level().into_iter().find_map(|statement| match statement {
            Stmt::ClassDef(class) if class.name.as_str() == name.id.as_str() => {
                class.arguments.iter().flat_map(|bases| &bases.args).find_map(class_of)
            }
            _ => None,
        })
    })
}
