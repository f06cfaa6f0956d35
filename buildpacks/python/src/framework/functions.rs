//! Functions that Google's Functions Framework serves: one function of one file, by name.
//!
//! Source: functions-framework-python, README and `functions_framework/_cli.py`; Google Cloud documentation,
//! "Configure Cloud Run functions", for the variables and the file.

use packwright_buildpack::planner::{Command, Decision, Origin, Overridden, Process, RelPath, SourceTree};

use super::application::Application;
use super::web::framework_decision;
use crate::configuration::Configuration;
use crate::dependencies::Dependencies;
use crate::manifest::text;
use crate::messages;
use crate::syntax::Module;
use crate::syntax::ast::Stmt;

const PACKAGE: &str = "functions-framework";

/// Decorators that make a function one of the framework.
const DECORATORS: &[&str] =
    &["functions_framework.http", "functions_framework.cloud_event", "functions_framework.typed"];

/// Variables that name the function, and the file; the framework's own first.
const TARGETS: &[&str] = &["FUNCTION_TARGET", "GOOGLE_FUNCTION_TARGET"];
const SOURCES: &[&str] = &["FUNCTION_SOURCE", "GOOGLE_FUNCTION_SOURCE"];

/// `None` when the project does not ask for the framework, or its file is not there.
pub(super) fn recognise(
    tree: &dyn SourceTree,
    configuration: &Configuration,
    dependencies: &Dependencies,
) -> Option<Application> {
    let said = |names: &[&str]| names.iter().find_map(|name| configuration.get(name));
    let file = said(SOURCES).map_or("main.py", |source| source.value.trim_start_matches("./"));
    let path: RelPath = file.parse().ok()?;
    let source = text(tree, &path).ok()??;
    let module = Module::parse(&source, "main", false);
    let is_imported = module.imported().contains("functions_framework");
    if !dependencies.have(PACKAGE) && !is_imported {
        return None;
    }
    // A file that starts a server of its own, or makes an application, only uses a part of the framework.
    let mut application = Application::default();
    if !dependencies.have(PACKAGE) {
        let origin = Origin::file(&path);
        application.diagnostics.push(messages::framework_not_required(
            "Functions Framework",
            PACKAGE,
            &origin,
        ));
    }
    let functions = functions(&module, &path);
    let target = match said(TARGETS) {
        Some(target) => Some((target.value.clone(), target.origin.clone())),
        None => functions.first().filter(|_| functions.len() == 1).cloned(),
    };
    let Some((name, origin)) = target else {
        application.process_missing = Some(messages::function_unclear(&path, &functions, TARGETS[0]));
        application.decisions.push(framework_decision("functions-framework", Origin::file(&path)));
        return Some(application);
    };
    let others: Vec<_> = functions.into_iter().filter(|(other, _)| *other != name).collect();
    let words = |word: &str| Command::Exec(vec![word.to_owned()]).to_string();
    let line = format!(
        "functions-framework --target={} --source={} --port=$PORT",
        words(&name),
        words(path.as_str())
    );
    let what = format!("function `{name}` of the Functions Framework in {origin}");
    application.processes.push(Process::web(Command::shell(line), Origin::Detected(what)));
    application.decisions.push(framework_decision("functions-framework", Origin::file(&path)));
    application.decisions.push(
        Decision::new("application", name, origin)
            .over(others.into_iter().map(|(other, origin)| Overridden::new(other, origin))),
    );
    Some(application)
}

/// The functions that a decorator makes ones of the framework; without any, those that take just a request.
fn functions(module: &Module, path: &RelPath) -> Vec<(String, Origin)> {
    let mut decorated = Vec::new();
    let mut plain = Vec::new();
    for statement in module.top_level() {
        let Stmt::FunctionDef(function) = statement else { continue };
        let found = (function.name.to_string(), Origin::line(path, module.line(&function.name)));
        let is_decorator = |expression| {
            module.meaning(expression).is_some_and(|meaning| DECORATORS.contains(&meaning.as_str()))
        };
        let marks = function.decorator_list.iter().map(|one| match one.expression.as_call_expr() {
            Some(call) => &*call.func,
            None => &one.expression,
        });
        let required = function.parameters.iter().filter(|one| one.default().is_none()).count();
        match marks.into_iter().any(is_decorator) {
            true => decorated.push(found),
            false if required == 1 && !function.name.starts_with('_') => plain.push(found),
            false => {}
        }
    }
    if decorated.is_empty() { plain } else { decorated }
}
