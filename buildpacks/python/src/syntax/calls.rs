//! All calls and decorators of a module, those in functions and behind `if __name__ == "__main__"`
//! included, with the imports that are made there.

use std::collections::BTreeMap;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Stmt};

use super::names::{imported, join};

/// One call.
pub(crate) struct Call<'a> {
    /// The dotted path of what is called, as far as names tell: `uvicorn.run`, `app.run`.
    pub(crate) path: Option<String>,
    /// The name behind the last dot.
    pub(crate) method: Option<&'a str>,
    /// The call itself.
    pub(crate) node: &'a ExprCall,
}

/// One decorator of a function or class.
pub(crate) struct Decorated<'a> {
    /// The dotted path of the decorator, without its arguments.
    pub(crate) path: String,
    /// The decorator.
    pub(crate) node: &'a Expr,
}

impl Call<'_> {
    /// Whether this calls `wanted`: a dotted path, `.name` for any method of that name, or
    /// `module.*` for anything of a module.
    pub(crate) fn is(&self, wanted: &str) -> bool {
        match wanted.strip_prefix('.') {
            Some(method) => self.method == Some(method),
            None => self.path.as_deref().is_some_and(|path| fits(path, wanted)),
        }
    }

    /// The argument named `name`.
    pub(crate) fn keyword(&self, name: &str) -> Option<&Expr> {
        let named = |keyword: &&ruff_python_ast::Keyword| {
            keyword.arg.as_ref().is_some_and(|arg| arg.as_str() == name)
        };
        self.node.arguments.keywords.iter().find(named).map(|keyword| &keyword.value)
    }
}

impl Decorated<'_> {
    /// As [`Call::is`].
    pub(crate) fn is(&self, wanted: &str) -> bool {
        match wanted.strip_prefix('.') {
            Some(method) => self.path.rsplit('.').next() == Some(method),
            None => fits(&self.path, wanted),
        }
    }
}

fn fits(path: &str, wanted: &str) -> bool {
    match wanted.strip_suffix(".*") {
        Some(module) => path.strip_prefix(module).is_some_and(|rest| rest.starts_with('.')),
        None => path == wanted,
    }
}

/// Imports, calls and decorators of a whole module.
#[derive(Default)]
struct BehaviourVisitor<'a> {
    dotted: &'a str,
    is_package: bool,
    imports: BTreeMap<String, String>,
    calls: Vec<&'a ExprCall>,
    decorators: Vec<&'a Expr>,
}

/// What a whole module does.
pub(crate) struct Behaviour<'a> {
    /// All calls, in order.
    pub(crate) calls: Vec<Call<'a>>,
    /// All decorators, in order.
    pub(crate) decorators: Vec<Decorated<'a>>,
    /// What names stand for, wherever they are imported.
    pub(crate) imports: BTreeMap<String, String>,
}

/// The calls and decorators in `body`, anywhere; `own_imports` are those of the module's top level.
pub(super) fn collect<'a>(
    body: &'a [Stmt],
    dotted: &'a str,
    is_package: bool,
    own_imports: &BTreeMap<String, String>,
) -> Behaviour<'a> {
    let mut walk = BehaviourVisitor { dotted, is_package, ..BehaviourVisitor::default() };
    walk.visit_body(body);
    let mut imports = walk.imports;
    imports.extend(own_imports.iter().map(|(name, path)| (name.clone(), path.clone())));
    // `from x import *` may give a name that nothing else explains.
    let meaning = |expression: &Expr| meaning(&imports, expression);
    let calls = walk
        .calls
        .into_iter()
        .map(|node| Call {
            path: meaning(&node.func),
            method: match &*node.func {
                Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
                _ => None,
            },
            node,
        })
        .collect();
    let decorators = walk
        .decorators
        .into_iter()
        .filter_map(|node| {
            let named = match node {
                Expr::Call(call) => &*call.func,
                other => other,
            };
            Some(Decorated { path: meaning(named)?, node })
        })
        .collect();
    Behaviour { calls, decorators, imports }
}

fn meaning(imports: &BTreeMap<String, String>, expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(name) => {
            let name = name.id.as_str();
            Some(imports.get(name).cloned().unwrap_or_else(|| name.to_owned()))
        }
        Expr::Attribute(attribute) => {
            Some(join(&meaning(imports, &attribute.value)?, attribute.attr.as_str()))
        }
        _ => None,
    }
}

impl<'a> Visitor<'a> for BehaviourVisitor<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.imports.extend(imported(statement, self.dotted, self.is_package));
        match statement {
            Stmt::FunctionDef(function) => {
                self.decorators.extend(function.decorator_list.iter().map(|one| &one.expression));
            }
            Stmt::ClassDef(class) => {
                self.decorators.extend(class.decorator_list.iter().map(|one| &one.expression));
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression {
            self.calls.push(call);
        }
        walk_expr(self, expression);
    }
}
