//! Values of Python expressions that settings are made of: texts, paths and lists of texts.
//! Any other expression has no value here.

use std::collections::BTreeMap;

use packwright_buildpack::planner::{Plan, RelPath};

use crate::syntax::ast::{Expr, Operator};
use crate::syntax::{Module, string};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A text, which may be a path.
    Text(String),
    /// The texts of a list or tuple; other items are left out.
    List(Vec<String>),
}

/// What the names of the settings stand for so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    names: BTreeMap<String, Value>,
    file: String,
}

impl Value {
    /// The path from the root of the image that the value names, taken from `/app`.
    pub(super) fn image_path(&self) -> Option<RelPath> {
        let Value::Text(text) = self else { return None };
        let absolute = match text.starts_with('/') {
            true => text.clone(),
            false => format!("/{}/{text}", Plan::app_dir()),
        };
        normal(&absolute).trim_start_matches('/').parse().ok()
    }
}

impl Scope {
    pub(super) fn new() -> Scope {
        Scope { names: BTreeMap::new(), file: String::new() }
    }

    /// From now on the names stand in the file at `path`.
    pub(super) fn set_file(&mut self, path: &RelPath) {
        self.file = format!("/{}/{path}", Plan::app_dir());
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.names.get(name)
    }

    /// `name = expression`.
    pub(super) fn set(&mut self, module: &Module, name: &str, expression: &Expr) {
        match self.value(module, expression) {
            Some(value) => self.names.insert(name.to_owned(), value),
            None => self.names.remove(name),
        };
    }

    /// `name += expression`, for lists.
    pub(super) fn extend(&mut self, module: &Module, name: &str, expression: &Expr) {
        let more = match self.value(module, expression) {
            Some(Value::List(more)) => more,
            Some(Value::Text(one)) => vec![one],
            None => return,
        };
        if let Some(Value::List(list)) = self.names.get_mut(name) {
            list.extend(more);
        }
    }

    /// The value of `expression`, when it can be known.
    pub(super) fn value(&self, module: &Module, expression: &Expr) -> Option<Value> {
        match expression {
            Expr::List(list) => Some(self.list(module, &list.elts)),
            Expr::Tuple(tuple) => Some(self.list(module, &tuple.elts)),
            Expr::BinOp(operation) => {
                let left = self.value(module, &operation.left);
                let right = self.value(module, &operation.right);
                match (operation.op, left, right) {
                    (Operator::Div, Some(Value::Text(left)), Some(Value::Text(right))) => {
                        Some(Value::Text(join(&left, &right)))
                    }
                    (Operator::Add, Some(Value::Text(left)), Some(Value::Text(right))) => {
                        Some(Value::Text(left + &right))
                    }
                    // What is known of a sum of lists is better than nothing.
                    (Operator::Add, Some(Value::List(mut left)), right) => {
                        if let Some(Value::List(right)) = right {
                            left.extend(right);
                        }
                        Some(Value::List(left))
                    }
                    (Operator::Add, None, Some(Value::List(right))) => Some(Value::List(right)),
                    _ => None,
                }
            }
            Expr::Name(name) => match name.id.as_str() {
                "__file__" => Some(Value::Text(self.file.clone())),
                other => self.names.get(other).cloned(),
            },
            Expr::Attribute(attribute) if attribute.attr.as_str() == "parent" => {
                self.text(module, &attribute.value).map(|path| Value::Text(parent(&path)))
            }
            Expr::Subscript(subscript) => self.parents(module, &subscript.value, &subscript.slice),
            Expr::Call(call) => self.call(module, &call.func, &call.arguments.args),
            other => string(other).map(|text| Value::Text(text.to_owned())),
        }
    }

    fn text(&self, module: &Module, expression: &Expr) -> Option<String> {
        match self.value(module, expression)? {
            Value::Text(text) => Some(text),
            Value::List(_) => None,
        }
    }

    fn list(&self, module: &Module, items: &[Expr]) -> Value {
        let mut texts = Vec::new();
        for item in items {
            match item {
                Expr::Starred(starred) => {
                    if let Some(Value::List(inner)) = self.value(module, &starred.value) {
                        texts.extend(inner);
                    }
                }
                other => texts.extend(self.text(module, other)),
            }
        }
        Value::List(texts)
    }

    /// `path.parents[1]`.
    fn parents(&self, module: &Module, value: &Expr, index: &Expr) -> Option<Value> {
        let Expr::Attribute(attribute) = value else {
            return None;
        };
        let Expr::NumberLiteral(number) = index else {
            return None;
        };
        let crate::syntax::ast::Number::Int(steps) = &number.value else {
            return None;
        };
        if attribute.attr.as_str() != "parents" {
            return None;
        }
        let mut path = self.text(module, &attribute.value)?;
        for _ in 0..=steps.as_u8()? {
            path = parent(&path);
        }
        Some(Value::Text(path))
    }

    fn call(&self, module: &Module, function: &Expr, arguments: &[Expr]) -> Option<Value> {
        let texts = || -> Option<Vec<String>> {
            arguments.iter().map(|argument| self.text(module, argument)).collect()
        };
        let joined = |texts: Vec<String>| texts.into_iter().reduce(|a, b| join(&a, &b));
        let path = match module.meaning(function).as_deref() {
            Some("pathlib.Path" | "pathlib.PurePath" | "os.path.join") => joined(texts()?)?,
            Some("str" | "os.fspath" | "os.path.abspath" | "os.path.realpath" | "os.path.normpath") => {
                texts()?.into_iter().next()?
            }
            Some("os.path.dirname") => parent(&texts()?.into_iter().next()?),
            _ => {
                let Expr::Attribute(method) = function else {
                    return None;
                };
                let path = self.text(module, &method.value)?;
                match method.attr.as_str() {
                    "resolve" | "absolute" | "as_posix" => path,
                    "joinpath" => join(&path, &joined(texts()?)?),
                    _ => return None,
                }
            }
        };
        Some(Value::Text(path))
    }
}

fn join(base: &str, tail: &str) -> String {
    match tail.starts_with('/') {
        true => tail.to_owned(),
        false => format!("{}/{tail}", base.trim_end_matches('/')),
    }
}

fn parent(path: &str) -> String {
    match normal(path).rsplit_once('/') {
        Some(("", _)) | None => "/".to_owned(),
        Some((parent, _)) => parent.to_owned(),
    }
}

/// The absolute `path` without empty parts, `.` and `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
