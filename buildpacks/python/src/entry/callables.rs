//! Applications that are no framework's: a function that follows PEP 3333 or ASGI, an object of a class that
//! does, and whatever object a module gives the name by which servers find it. Asked for only when no framework
//! is found.

use packwright_buildpack::planner::SourceTree;

use super::candidates::{self, stem_rank};
use super::constructors;
use super::parsed::{Parsed, read};
use super::signs::{FileSearch, imported_modules};
use super::types::AppEntry;
use crate::framework::kinds::{AppKind, Gateway};
use crate::framework::table::{CALLABLES, Framework, Launch};
use crate::manifest::text;
use crate::syntax::ast::{Expr, Parameters, Stmt, Visitor, walk_expr};
use crate::syntax::{Module, Scope, assignments};

/// Names by which servers, and the people who start them, find an application.
///
/// Source: gunicorn and uWSGI look for `application`; the examples of uvicorn, hypercorn and granian name `app`.
const NAMES: &[&str] = &["app", "application", "asgi", "wsgi", "asgi_app", "wsgi_app", "api"];

/// The applications that the modules of the tree hold, the likely files first. `asked` is the kind of server
/// that the project asks for, when it is one kind.
pub(crate) fn callables(tree: &dyn SourceTree, asked: Option<Gateway>) -> Vec<AppEntry> {
    let mut modules: Vec<Parsed> = Vec::new();
    for path in candidates::files(tree) {
        let Some(source) = text(tree, path).ok().flatten() else { continue };
        let is_protocol = source.contains("start_response") || source.contains("receive");
        let is_usual =
            stem_rank(path) < candidates::usual() && NAMES.iter().any(|name| source.contains(name));
        if is_protocol || is_usual {
            modules.extend(read(path, &source));
        }
    }
    let factories = constructors::factories(&modules);
    let imported = imported_modules(&modules);
    let mut found = Vec::new();
    for read in &modules {
        let search = FileSearch::at(tree, read, &factories, &imported);
        if !search.is_module() {
            continue;
        }
        for (name, line, gateway) in in_module(read, asked) {
            let framework = row(gateway);
            found.push(search.entry((framework, &framework.signs[0]), &name, line, AppKind::Object));
        }
    }
    let name = |entry: &AppEntry| NAMES.iter().position(|&known| known == entry.name).unwrap_or(NAMES.len());
    found.sort_by_key(|entry| {
        (candidates::depth(&entry.path), stem_rank(&entry.path), name(entry), entry.line)
    });
    found
}

fn row(gateway: Gateway) -> &'static Framework {
    let is_it = |one: &&Framework| one.signs[0].launch == Launch::Server(gateway);
    CALLABLES.iter().find(is_it).expect("there is a row for each protocol")
}

/// Name, line and protocol of each.
fn in_module(read: &Parsed, asked: Option<Gateway>) -> Vec<(String, u32, Gateway)> {
    let module = &read.module;
    let mut found = Vec::new();
    for statement in module.top_level() {
        match statement {
            Stmt::FunctionDef(function) if !function.name.starts_with('_') => {
                if let Some(gateway) = protocol(&function.parameters, function.is_async, false) {
                    found.push((function.name.to_string(), module.line(&function.name), gateway));
                }
            }
            _ => {
                for (name, value) in assignments(statement) {
                    let Expr::Call(call) = value else { continue };
                    let own = class_of(module, &call.func);
                    let gateway = own.or_else(|| {
                        let by_path = Scope::of(module).meaning(&call.func).and_then(|path| spoken_by(&path));
                        let is_worker = constructors::made_by(&Scope::of(module), value).is_some();
                        let is_name = NAMES.contains(&name) && stem_rank(&read.path) < candidates::usual();
                        (is_name && !is_worker && !is_called(module, name)).then(|| by_path.or(asked))?
                    });
                    found.extend(gateway.map(|gateway| (name.to_owned(), module.line(statement), gateway)));
                }
            }
        }
    }
    // What another of them is made from is a part of it: `application = app.wsgifunc()`.
    let parts: Vec<String> = module.top_level().into_iter().flat_map(assignments).flat_map(parts).collect();
    let is_part = |name: &String| found.len() > 1 && parts.contains(name);
    let whole: Vec<_> = found.iter().filter(|(name, ..)| !is_part(name)).cloned().collect();
    if whole.is_empty() { found } else { whole }
}

/// The names, other than its own, that the value of an assignment is made from.
fn parts((name, value): (&str, &Expr)) -> Vec<String> {
    struct Names(Vec<String>);
    impl<'a> Visitor<'a> for Names {
        fn visit_expr(&mut self, expression: &'a Expr) {
            if let Expr::Name(name) = expression {
                self.0.push(name.id.to_string());
            }
            walk_expr(self, expression);
        }
    }
    let mut names = Names(Vec::new());
    if NAMES.contains(&name) {
        names.visit_expr(value);
    }
    names.0.retain(|one| one != name);
    names.0
}

/// The protocol of a function with these parameters.
///
/// Source: PEP 3333, "The Application/Framework Side"; ASGI specification 3.0, "Applications".
fn protocol(parameters: &Parameters, is_async: bool, is_method: bool) -> Option<Gateway> {
    let named = parameters.posonlyargs.iter().chain(&parameters.args);
    let names: Vec<&str> =
        named.skip(usize::from(is_method)).map(|one| one.parameter.name.as_str()).collect();
    match (names.as_slice(), is_async) {
        ([_, "start_response"], false) => Some(Gateway::Wsgi),
        (["scope", "receive", "send"], true) => Some(Gateway::Asgi),
        _ => None,
    }
}

/// The protocol of the objects of a class of this module, which `function` calls.
fn class_of(module: &Module, function: &Expr) -> Option<Gateway> {
    let name = function.as_name_expr()?.id.as_str();
    module.top_level().into_iter().find_map(|statement| match statement {
        Stmt::ClassDef(class) if class.name.as_str() == name => {
            class.body.iter().find_map(|inner| match inner {
                Stmt::FunctionDef(method) if method.name.as_str() == "__call__" => {
                    protocol(&method.parameters, method.is_async, true)
                }
                _ => None,
            })
        }
        _ => None,
    })
}

/// The protocol that the path of a class names: `ariadne.asgi.GraphQL`, `strawberry.asgi.GraphQL`,
/// `ariadne.wsgi.GraphQL`.
fn spoken_by(path: &str) -> Option<Gateway> {
    let class = path.rsplit('.').next().unwrap_or(path).to_lowercase();
    // `asgiref.wsgi.WsgiToAsgi`: the last word is what comes out.
    if class.ends_with("toasgi") {
        return Some(Gateway::Asgi);
    }
    if class.ends_with("towsgi") {
        return Some(Gateway::Wsgi);
    }
    let says = |word: &str| path.to_lowercase().split(['.', '_']).any(|part| part == word);
    match (says("asgi"), says("wsgi")) {
        (true, false) => Some(Gateway::Asgi),
        (false, true) => Some(Gateway::Wsgi),
        _ => None,
    }
}

/// Whether a module calls `name` itself, as programs for a terminal do: `app()`.
fn is_called(module: &Module, name: &str) -> bool {
    module.behaviour().calls.iter().any(|call| call.path.as_deref() == Some(name))
}
