//! Leaves out objects that are not complete when their module is imported: `app = Flask(__name__)` at
//! the top level, and beside it a function that gives `app` its routes and returns it. A server that
//! was given the object would answer every request with 404.

use packwright_buildpack::planner::SourceTree;

use super::candidates::{self, dotted};
use super::constructors::finished;
use super::parsed::{Parsed, parse};
use super::types::AppEntry;
use crate::framework::kinds::AppKind;
use crate::manifest::text;
use crate::syntax::ast::{Expr, Stmt};

/// What gives an application something to answer.
const ROUTES: &[&str] = &[
    "route",
    "get",
    "post",
    "put",
    "delete",
    "patch",
    "websocket",
    "api_route",
    "add_url_rule",
    "add_api_route",
    "register_blueprint",
    "include_router",
    "mount",
    "add_routes",
    "add_route",
];

/// Takes away objects that a function of their own module finishes, unless something gives them
/// routes when it is imported, or runs them by name.
pub(super) fn sort_out(entries: &mut Vec<AppEntry>, modules: &[Parsed], tree: &dyn SourceTree) {
    entries.retain(|entry| {
        let is_plain = entry.kind == AppKind::Object && entry.hint.is_none();
        let own = modules.iter().find(|read| read.path == entry.path).filter(|_| is_plain);
        own.is_none_or(|own| !is_finished_later(entry, own) || has_routes(entry, modules, tree))
    });
}

/// Whether a function of the module returns the object after working on it, and the module itself
/// does not call that function.
fn is_finished_later(entry: &AppEntry, own: &Parsed) -> bool {
    let statements = own.module.top_level();
    let mut finishers = statements.iter().filter_map(|statement| match statement {
        Stmt::FunctionDef(function) => {
            (finished(&own.module, function)? == entry.name).then_some(function.name.as_str())
        }
        _ => None,
    });
    let calls = |name: &str| {
        statements.iter().any(|statement| match statement {
            Stmt::Expr(one) => called(&one.value) == Some(name),
            Stmt::Assign(one) => called(&one.value) == Some(name),
            _ => false,
        })
    };
    finishers.any(|name| !calls(name))
}

fn called(expression: &Expr) -> Option<&str> {
    Some(expression.as_call_expr()?.func.as_name_expr()?.id.as_str())
}

/// Whether a top-level statement of any file gives the object a route: a decorator, or a call.
fn has_routes(entry: &AppEntry, modules: &[Parsed], tree: &dyn SourceTree) -> bool {
    let gives = |read: &Parsed| gives_routes(entry, read);
    // Files that do not know the framework, or lie deeper, were not read until now.
    let unread = candidates::files(tree).into_iter().filter_map(|path| {
        let is_read = modules.iter().any(|read| read.path == *path);
        let source = text(tree, path).ok().flatten().filter(|_| !is_read)?;
        let may = source.contains(&entry.name) && ROUTES.iter().any(|word| source.contains(word));
        may.then(|| Parsed { module: parse(path, &source), path: path.clone() })
    });
    modules.iter().any(gives) || unread.into_iter().any(|read| gives(&read))
}

fn gives_routes(entry: &AppEntry, read: &Parsed) -> bool {
    let full = format!("{}.{}", dotted(&entry.path).join("."), entry.name);
    let seen = format!("{}.{}", entry.module, entry.name);
    let is_it = |object: &Expr| match read.path == entry.path {
        true => object.as_name_expr().is_some_and(|name| name.id.as_str() == entry.name),
        false => read.module.meaning(object).is_some_and(|path| path == full || path == seen),
    };
    let call = |one: &Expr| {
        let function = one.as_call_expr().and_then(|call| call.func.as_attribute_expr());
        function.is_some_and(|one| ROUTES.contains(&one.attr.as_str()) && is_it(&one.value))
    };
    read.module.top_level().into_iter().any(|statement| match statement {
        Stmt::FunctionDef(function) => function.decorator_list.iter().any(|one| call(&one.expression)),
        Stmt::ClassDef(class) => class.decorator_list.iter().any(|one| call(&one.expression)),
        Stmt::Expr(one) => call(&one.value),
        _ => false,
    })
}
