//! Dotted paths of modules.

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
