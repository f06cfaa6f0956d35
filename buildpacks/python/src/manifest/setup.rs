//! Reads `setup.cfg` and `setup.py` as far as they are read without being run: lists of strings
//! that are written down as such.

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, SourceTree};

use super::document::text;
use super::reference::Reference;
use crate::messages;
use crate::syntax::ast::{Expr, Stmt};
use crate::syntax::{Module, assignments, string};

/// What they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setup {
    /// The file that messages name: `setup.py` when there is one.
    pub(crate) path: RelPath,
    /// What the project needs; `None` when only running `setup.py` tells.
    pub(crate) dependencies: Option<Vec<Reference>>,
    /// The same as they are written.
    pub(crate) lines: Vec<String>,
    /// `python_requires`.
    pub(crate) requires_python: Option<(String, Origin)>,
}

/// A value of `setup.py`'s call.
enum Said<T> {
    /// It is not there.
    Nothing,
    /// It is written down.
    Plainly(T),
    /// It is computed.
    Computed,
}

/// Reads both in `dir`, the root without one; `None` when there is neither.
///
/// Errors: not text; a requirement that is none.
pub(crate) fn read_at(
    tree: &dyn SourceTree,
    dir: Option<&RelPath>,
) -> Result<Option<Setup>, Vec<Diagnostic>> {
    let path = |name: &str| -> RelPath {
        let path = dir.map_or(name.to_owned(), |dir| format!("{dir}/{name}"));
        path.parse().expect("a name below a relative path")
    };
    let (script_path, config_path) = (path("setup.py"), path("setup.cfg"));
    let script = text(tree, &script_path).map_err(|problem| vec![problem])?;
    let config = text(tree, &config_path).map_err(|problem| vec![problem])?;
    // Linters keep their settings in setup.cfg too.
    let config = config.filter(|config| script.is_some() || section(config, "options").next().is_some());
    if script.is_none() && config.is_none() {
        return Ok(None);
    }
    let call = script.as_deref().map_or(Call::default(), |script| Call::read(script, &script_path));
    let mut listed: Said<Vec<(String, Origin)>> = call.install_requires;
    if let (Said::Nothing, Some(config)) = (&listed, &config) {
        listed = config_list(config, &config_path);
    }
    let lines = match &listed {
        Said::Plainly(lines) => lines.iter().map(|(line, _)| line.clone()).collect(),
        _ => Vec::new(),
    };
    let dependencies = match listed {
        Said::Computed => None,
        Said::Nothing => Some(Vec::new()),
        Said::Plainly(lines) => Some(references(lines)?),
    };
    let requires_python = match call.python_requires {
        Said::Plainly(wanted) => Some(wanted),
        _ => config.as_deref().and_then(|config| {
            let (line, text) = section(config, "options").find_map(|(line, key, value)| {
                (key == "python_requires" && !value.is_empty()).then_some((line, value))
            })?;
            Some((text, Origin::line(&config_path, line)))
        }),
    };
    let path = if script.is_some() { script_path } else { config_path };
    Ok(Some(Setup { path, dependencies, lines, requires_python }))
}

fn references(lines: Vec<(String, Origin)>) -> Result<Vec<Reference>, Vec<Diagnostic>> {
    let mut references = Vec::new();
    let mut problems = Vec::new();
    for (line, at) in lines {
        match Reference::parse(&line, at.clone()) {
            Ok(reference) => references.push(reference),
            Err(error) => problems.push(messages::requirement_unreadable(&at, &line, &error.reason)),
        }
    }
    if problems.is_empty() { Ok(references) } else { Err(problems) }
}

/// What the call of `setup` says.
struct Call {
    install_requires: Said<Vec<(String, Origin)>>,
    python_requires: Said<(String, Origin)>,
}

impl Default for Call {
    fn default() -> Call {
        Call { install_requires: Said::Nothing, python_requires: Said::Nothing }
    }
}

impl Call {
    fn read(script: &str, path: &RelPath) -> Call {
        let module = Module::parse(script, "setup", false);
        let computed = Call { install_requires: Said::Computed, python_requires: Said::Computed };
        let calls = module.top_level().into_iter().filter_map(|statement| match statement {
            Stmt::Expr(expression) => expression.value.as_call_expr(),
            _ => None,
        });
        let mut calls = calls.filter(|call| match &*call.func {
            Expr::Name(name) => name.id.as_str() == "setup",
            Expr::Attribute(attribute) => attribute.attr.as_str() == "setup",
            _ => false,
        });
        let Some(call) = calls.next() else {
            return computed;
        };
        // `**arguments` may hold anything.
        if call.arguments.keywords.iter().any(|keyword| keyword.arg.is_none()) {
            return computed;
        }
        let value = |name: &str| {
            let keyword = call
                .arguments
                .keywords
                .iter()
                .find(|keyword| keyword.arg.as_ref().is_some_and(|arg| arg.as_str() == name));
            keyword.map(|keyword| &keyword.value)
        };
        let origin = |expression: &Expr| Origin::line(path, module.line(expression));
        Call {
            install_requires: match value("install_requires") {
                None => Said::Nothing,
                Some(one) if let Some(list) = list_of(&module, one) => {
                    let all = list.iter().map(|one| Some((string(one)?.to_owned(), origin(one))));
                    all.collect::<Option<Vec<_>>>().map_or(Said::Computed, Said::Plainly)
                }
                Some(_) => Said::Computed,
            },
            python_requires: match value("python_requires") {
                None => Said::Nothing,
                Some(one) => {
                    string(one).map_or(Said::Computed, |text| Said::Plainly((text.to_owned(), origin(one))))
                }
            },
        }
    }
}

/// The items of a list or tuple, or of the one that the top level gives to a name and nothing changes later.
fn list_of<'m>(module: &'m Module, expression: &'m Expr) -> Option<&'m [Expr]> {
    match expression {
        Expr::List(list) => Some(&list.elts),
        Expr::Tuple(tuple) => Some(&tuple.elts),
        Expr::Name(name) => {
            let statements = module.top_level();
            let is_it = |target: &&str| *target == name.id.as_str();
            let mut given =
                statements.iter().flat_map(|one| assignments(one)).filter(|(name, _)| is_it(name));
            let (_, value) = given.next()?;
            let is_plain = |one: &Expr| matches!(one, Expr::List(_) | Expr::Tuple(_));
            // `requires += […]`, `requires.append(…)`, a second assignment: only running it tells.
            let changes = module.behaviour().calls.iter().any(|call| {
                let named = call.path.as_deref().and_then(|path| path.strip_prefix(name.id.as_str()));
                named.is_some_and(|rest| rest.starts_with('.'))
            });
            let adds = statements.iter().any(|one| {
                matches!(one, Stmt::AugAssign(add) if add.target.as_name_expr().is_some_and(|target| target.id == name.id))
            });
            let is_settled = given.next().is_none() && !changes && !adds && is_plain(value);
            is_settled.then(|| list_of(module, value)).flatten()
        }
        _ => None,
    }
}

/// `install_requires` of `[options]`, which may run over several lines.
fn config_list(config: &str, path: &RelPath) -> Said<Vec<(String, Origin)>> {
    let mut lines = Vec::new();
    let mut found = false;
    for (line, key, value) in section(config, "options") {
        if key != "install_requires" {
            continue;
        }
        found = true;
        if value.starts_with("file:") || value.starts_with("attr:") {
            return Said::Computed;
        }
        if !value.is_empty() {
            lines.push((value, Origin::line(path, line)));
        }
    }
    if found { Said::Plainly(lines) } else { Said::Nothing }
}

/// The lines of a section as number, key and value; a line that goes on has the key of the one
/// it belongs to.
///
/// Source: Python documentation, `configparser`, "Supported INI File Structure".
fn section<'a>(config: &'a str, wanted: &'a str) -> impl Iterator<Item = (u32, String, String)> + 'a {
    let mut inside = false;
    let mut key = String::new();
    config.lines().enumerate().filter_map(move |(index, line)| {
        let text = line.trim();
        if text.starts_with(['#', ';']) || text.is_empty() {
            return None;
        }
        if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'))
            && !line.starts_with(char::is_whitespace)
        {
            inside = name.trim() == wanted;
            key.clear();
            return None;
        }
        if !inside {
            return None;
        }
        let number = index as u32 + 1;
        if line.starts_with(char::is_whitespace) && !key.is_empty() {
            return Some((number, key.clone(), text.to_owned()));
        }
        let (name, value) = text.split_once(['=', ':'])?;
        key = name.trim().to_lowercase();
        Some((number, key.clone(), value.trim().to_owned()))
    })
}
