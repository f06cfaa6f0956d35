//! Expressions and functions that construct an application: calls of a framework's class, and
//! factories, which are functions that return such an object.

use std::collections::{BTreeMap, BTreeSet};

use super::candidates::dotted;
use super::parsed::Parsed;
use crate::framework::table::{Framework, Mark, Sign, WEB, WORKERS};
use crate::syntax::ast::{Expr, ExprCall, Stmt, StmtFunctionDef, Visitor, walk_stmt};
use crate::syntax::{Module, Scope, assignments};

/// A framework, and the sign by which its application was recognised.
pub(super) type FrameworkSign = (&'static Framework, &'static Sign);

/// A function that gives an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Factory {
    /// What it gives.
    pub(super) made: FrameworkSign,
    /// Whether it must be awaited.
    pub(super) is_async: bool,
    /// The first argument that it cannot do without.
    pub(super) needs: Option<String>,
}

/// Functions that give an application, by dotted path.
pub(super) type Factories = BTreeMap<String, Factory>;

/// The functions of `modules` that make applications, also under the names by which other
/// modules pass them on.
pub(super) fn factories(modules: &[Parsed]) -> Factories {
    let mut found = Factories::new();
    for Parsed { path, module } in modules {
        for statement in module.top_level() {
            if let Stmt::FunctionDef(function) = statement
                && let Some(factory) = factory(module, function)
            {
                let mut parts = dotted(path);
                parts.push(function.name.as_str());
                // Imports are written as seen from some directory above.
                for from in 1..parts.len() - 1 {
                    found.entry(parts[from..].join(".")).or_insert_with(|| factory.clone());
                }
                found.insert(parts.join("."), factory);
            }
        }
    }
    // A package that imports from a package that imports: deeper chains are not worth a look.
    for _ in 0..2 {
        pass_on(modules, &mut found);
        for Parsed { path, module } in modules {
            for (name, target) in module.imports() {
                if let Some(factory) = found.get(target).cloned() {
                    let mut parts = dotted(path);
                    parts.push(name);
                    found.entry(parts.join(".")).or_insert(factory);
                }
            }
        }
    }
    found
}

/// Functions that return what a known factory of another module, or of their own, gives.
fn pass_on(modules: &[Parsed], found: &mut Factories) {
    for Parsed { path, module } in modules {
        let here = dotted(path).join(".");
        for statement in module.top_level() {
            let Stmt::FunctionDef(function) = statement else { continue };
            let own = format!("{here}.{}", function.name);
            if found.contains_key(&own) {
                continue;
            }
            let scope = Scope::inside(module, function);
            let Some(Stmt::Return(back)) = function.body.last() else { continue };
            let call = back.value.as_deref().and_then(|value| value.as_call_expr());
            let Some(meaning) = call.and_then(|call| scope.meaning(&call.func)) else { continue };
            let known = found.get(&meaning).or_else(|| found.get(&format!("{here}.{meaning}")));
            if let Some(made) = known.filter(|known| !known.is_async).map(|known| known.made) {
                let factory = Factory { made, is_async: function.is_async, needs: needs(function) };
                found.insert(own, factory);
            }
        }
    }
}

/// The first argument that a function cannot do without.
fn needs(function: &StmtFunctionDef) -> Option<String> {
    let parameters = &function.parameters;
    parameters
        .posonlyargs
        .iter()
        .chain(&parameters.args)
        .chain(&parameters.kwonlyargs)
        .find(|parameter| parameter.default.is_none())
        .map(|parameter| parameter.parameter.name.to_string())
}

fn factory(module: &Module, function: &StmtFunctionDef) -> Option<Factory> {
    let made = made_in(module, function)?;
    Some(Factory { made, is_async: function.is_async, needs: needs(function) })
}

/// The framework whose application `function` makes and returns: what it returns, or what it
/// says that it returns.
fn made_in(module: &Module, function: &StmtFunctionDef) -> Option<FrameworkSign> {
    let mut making = BodyVisitor::new(Scope::inside(module, function));
    making.visit_body(&function.body);
    let own = || {
        let name = finished(module, function)?;
        objects(module).find(|(object, _)| *object == name).map(|(_, made)| made)
    };
    let BodyVisitor { made, returned, returns_call, .. } = making;
    let by_name = || made.iter().find(|(name, _)| returned.contains(name)).map(|&(_, made)| made);
    let by_annotation = || class_of(&Scope::of(module), function.returns.as_deref()?);
    returns_call.or_else(by_name).or_else(own).or_else(by_annotation)
}

/// The applications that stand at the top level of `module`.
fn objects(module: &Module) -> impl Iterator<Item = (&str, FrameworkSign)> {
    let statements = module.top_level().into_iter();
    statements
        .flat_map(assignments)
        .filter_map(|(name, value)| made_by(&Scope::of(module), value).map(|made| (name, made)))
}

/// The application of the module's top level that `function` works on and returns: before it ran,
/// the application is not whole.
pub(super) fn finished<'f>(module: &Module, function: &'f StmtFunctionDef) -> Option<&'f str> {
    let Stmt::Return(back) = function.body.last()? else {
        return None;
    };
    let Some(Expr::Name(name)) = back.value.as_deref() else {
        return None;
    };
    let name = name.id.as_str();
    let mut making = BodyVisitor::new(Scope::inside(module, function));
    making.visit_body(&function.body);
    let is_parameter = function.parameters.iter().any(|one| one.name().as_str() == name);
    let is_own = !is_parameter && !making.assigned.contains(name);
    let works = function.body.len()
        > 1 + usize::from(
            matches!(function.body.first(), Some(Stmt::Expr(one)) if one.value.is_string_literal_expr()),
        );
    (is_own && works && objects(module).any(|(object, _)| object == name)).then_some(name)
}

struct BodyVisitor<'m> {
    scope: Scope<'m>,
    assigned: BTreeSet<String>,
    made: Vec<(String, FrameworkSign)>,
    returned: BTreeSet<String>,
    returns_call: Option<FrameworkSign>,
}

impl<'m> BodyVisitor<'m> {
    fn new(scope: Scope<'m>) -> BodyVisitor<'m> {
        BodyVisitor {
            scope,
            assigned: BTreeSet::new(),
            made: Vec::new(),
            returned: BTreeSet::new(),
            returns_call: None,
        }
    }
}

impl<'a> Visitor<'a> for BodyVisitor<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            // What an inner function returns is not what this function returns.
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => return,
            Stmt::Return(back) => match back.value.as_deref() {
                Some(Expr::Name(name)) => {
                    self.returned.insert(name.id.to_string());
                }
                Some(value) => self.returns_call = self.returns_call.or(made_by(&self.scope, value)),
                None => {}
            },
            _ => {
                for (name, value) in assignments(statement) {
                    self.assigned.insert(name.to_owned());
                    if let Some(made) = made_by(&self.scope, value) {
                        self.made.push((name.to_owned(), made));
                    }
                }
            }
        }
        walk_stmt(self, statement);
    }

    /// Statements are all that matters.
    fn visit_expr(&mut self, _: &'a Expr) {}
}

/// The framework whose class `expression` calls; classes of this module that derive from it
/// count.
pub(super) fn made_by(scope: &Scope<'_>, expression: &Expr) -> Option<FrameworkSign> {
    match expression {
        Expr::Call(call) => made_by_call(scope, call),
        _ => None,
    }
}

/// As [`made_by`].
pub(super) fn made_by_call(scope: &Scope<'_>, call: &ExprCall) -> Option<FrameworkSign> {
    class_of(scope, &call.func).or_else(|| method_of(scope, &call.func)).or_else(|| {
        let Expr::Name(name) = &*call.func else {
            return None;
        };
        scope.module().top_level().into_iter().find_map(|statement| match statement {
            Stmt::ClassDef(class) if class.name.as_str() == name.id.as_str() => {
                class.arguments.iter().flat_map(|bases| &bases.args).find_map(|base| class_of(scope, base))
            }
            _ => None,
        })
    })
}

fn classes() -> impl Iterator<Item = (FrameworkSign, &'static str)> {
    WEB.iter().chain(WORKERS).flat_map(|framework| {
        framework.signs.iter().flat_map(move |sign| {
            let classes: &'static [&'static str] = match sign.mark {
                Mark::Makes(classes) => classes,
                Mark::Calls(_) | Mark::CallsWith { .. } | Mark::Class(_) => &[],
            };
            classes.iter().map(move |&path| ((framework, sign), path))
        })
    })
}

fn class_of(scope: &Scope<'_>, class: &Expr) -> Option<FrameworkSign> {
    // Most names of a module are not worth the table.
    scope.meaning(class)?;
    classes().find(|(_, path)| scope.names(class, path)).map(|(made, _)| made)
}

/// A call of a method `module.Class.method` of the table, in a module that imports the class.
fn method_of(scope: &Scope<'_>, function: &Expr) -> Option<FrameworkSign> {
    let Expr::Attribute(attribute) = function else {
        return None;
    };
    classes()
        .filter_map(|(made, path)| Some((made, path.rsplit_once('.')?)))
        .find(|(_, (class, method))| {
            let is_class = class.rsplit('.').next().is_some_and(|name| name.starts_with(char::is_uppercase));
            is_class && attribute.attr.as_str() == *method && scope.imports(class)
        })
        .map(|(made, _)| made)
}
