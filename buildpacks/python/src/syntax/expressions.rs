//! What single statements and expressions say: assigned names, texts, environment variables.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Stmt};

/// Names that `statement` assigns, with the value. Of a call whose result is unpacked, the first
/// name gets the call: what makes an application and more returns the application first.
pub(crate) fn assignments(statement: &Stmt) -> Vec<(&str, &Expr)> {
    match statement {
        Stmt::Assign(assign) => assign
            .targets
            .iter()
            .filter_map(|target| match (target, &*assign.value) {
                (Expr::Name(name), value) => Some((name.id.as_str(), value)),
                (Expr::Tuple(names), value @ Expr::Call(_)) => match names.elts.first() {
                    Some(Expr::Name(name)) => Some((name.id.as_str(), value)),
                    _ => None,
                },
                _ => None,
            })
            .collect(),
        Stmt::AnnAssign(assign) => match (&*assign.target, &assign.value) {
            (Expr::Name(name), Some(value)) => vec![(name.id.as_str(), &**value)],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The text of a string literal.
pub(crate) fn string(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::StringLiteral(literal) => Some(literal.value.to_str()),
        _ => None,
    }
}

/// The environment variable that `expression` itself reads, and whether it must be set:
/// `os.environ["X"]`, `os.environ.get("X")`, `os.getenv("X")`, and the `env("X")`, `config("X")`
/// of settings libraries.
pub(crate) fn variable(expression: &Expr) -> Option<(&str, bool)> {
    match expression {
        Expr::Subscript(subscript) => match last_name(&subscript.value)? {
            "environ" | "env" => Some((string(&subscript.slice)?, true)),
            _ => None,
        },
        Expr::Call(call) => {
            let first = call.arguments.args.first()?;
            let has_default = call.arguments.args.len() > 1
                || call
                    .arguments
                    .keywords
                    .iter()
                    .any(|keyword| keyword.arg.as_ref().is_some_and(|name| name.as_str() == "default"));
            let must = match &*call.func {
                Expr::Attribute(attribute) => {
                    let of = last_name(&attribute.value)?;
                    match (of, attribute.attr.as_str()) {
                        ("environ", "get" | "setdefault" | "pop") => false,
                        (_, "getenv") => false,
                        ("env" | "config" | "environ", _) => !has_default,
                        _ => return None,
                    }
                }
                Expr::Name(name) => match name.id.as_str() {
                    "getenv" => false,
                    "env" | "config" => !has_default,
                    _ => return None,
                },
                _ => return None,
            };
            Some((string(first)?, must))
        }
        _ => None,
    }
}

fn last_name(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}

/// The variables read anywhere in `expression`: name and whether it must be set.
pub(crate) fn variables_in(expression: &Expr) -> Vec<(String, bool)> {
    let mut reads = Reads::default();
    reads.visit_expr(expression);
    reads.all
}

#[derive(Default)]
pub(super) struct Reads {
    pub(super) names: BTreeSet<String>,
    all: Vec<(String, bool)>,
}

impl<'a> Visitor<'a> for Reads {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Some((name, must)) = variable(expression) {
            self.names.insert(name.to_owned());
            self.all.push((name.to_owned(), must));
        }
        walk_expr(self, expression);
    }
}
