//! Dotted paths of modules.

use ruff_python_ast::Stmt;

/// The part of a dotted path before the first dot.
pub(super) fn first_part(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// The dotted path of `name` in the module `base`.
pub(super) fn join(base: &str, name: &str) -> String {
    match base {
        "" => name.to_owned(),
        _ => format!("{base}.{name}"),
    }
}

/// The absolute path of `from <dots><module> import …` in the module `dotted`.
pub(super) fn absolute(dotted: &str, is_package: bool, level: u32, module: Option<&str>) -> String {
    let module = module.unwrap_or_default();
    if level == 0 {
        return module.to_owned();
    }
    let mut parts: Vec<&str> = dotted.split('.').collect();
    let up = level as usize - usize::from(is_package);
    parts.truncate(parts.len().saturating_sub(up));
    if !module.is_empty() {
        parts.push(module);
    }
    parts.join(".")
}

/// The names that an import statement gives: the local name and the dotted path that it stands for. None for other
/// statements, and none for `*`. `dotted` is the module with the statement; relative imports begin there.
pub(super) fn imported(statement: &Stmt, dotted: &str, is_package: bool) -> Vec<(String, String)> {
    match statement {
        Stmt::Import(import) => (import.names.iter())
            .map(|alias| {
                let path = alias.name.as_str();
                match &alias.asname {
                    Some(name) => (name.to_string(), path.to_owned()),
                    None => (first_part(path).to_owned(), first_part(path).to_owned()),
                }
            })
            .collect(),
        Stmt::ImportFrom(import) => {
            let named = import.module.as_ref().map(|name| name.as_str());
            let base = absolute(dotted, is_package, import.level, named);
            let names = import.names.iter().filter(|alias| alias.name.as_str() != "*");
            names
                .map(|alias| {
                    let local = alias.asname.as_ref().unwrap_or(&alias.name);
                    (local.to_string(), join(&base, alias.name.as_str()))
                })
                .collect()
        }
        _ => Vec::new(),
    }
}
