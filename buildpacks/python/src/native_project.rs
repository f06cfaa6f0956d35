//! Projects whose own code is compiled when they are installed: extension modules in C, C++, Cython or Rust. Says what
//! shows it; the packages of requirements are `compiled`'s and `native`'s affair.

use packwright_buildpack::planner::{Origin, RelPath, SourceTree};

use crate::manifest::text;
use crate::syntax::Module;

/// What compiles the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProjectCompiler {
    /// The line that shows it.
    pub(crate) origin: Origin,
    /// Whether it is Rust's, besides that of C, which links.
    pub(crate) is_rust: bool,
}

/// Requirements of a build that compile, and whether what they compile is Rust. Source: each one's documentation.
const BACKENDS: &[(&str, bool)] = &[
    ("cffi", false),
    ("cython", false),
    ("maturin", true),
    ("mesonpy", false),
    ("meson-python", false),
    ("nanobind", false),
    ("pybind11", false),
    ("scikit-build", false),
    ("scikit-build-core", false),
    ("setuptools-rust", true),
];

/// Arguments of `setup()` that name code to compile. Source: setuptools, "Building Extension Modules"; cffi, "Preparing
/// and Distributing modules"; setuptools-rust, "Usage with setup.py".
const ARGUMENTS: &[(&str, bool)] =
    &[("ext_modules", false), ("cffi_modules", false), ("rust_extensions", true)];

/// For the package in `dir`, the root without one; `None` for a project in Python alone.
pub(crate) fn compiler(tree: &dyn SourceTree, dir: Option<&RelPath>) -> Option<ProjectCompiler> {
    let path = |name: &str| -> RelPath {
        let path = dir.map_or(name.to_owned(), |dir| format!("{dir}/{name}"));
        path.parse().expect("a name below a relative path")
    };
    by_backend(tree, &path("pyproject.toml")).or_else(|| by_setup(tree, &path("setup.py")))
}

fn by_backend(tree: &dyn SourceTree, path: &RelPath) -> Option<ProjectCompiler> {
    let source = text(tree, path).ok().flatten()?;
    let document: toml::Table = source.parse().ok()?;
    let requires = document.get("build-system")?.get("requires")?.as_array()?;
    let names = requires.iter().filter_map(|line| line.as_str()).map(|line| {
        let is_more = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        line.trim().split(is_more).next().unwrap_or_default().to_lowercase().replace(['_', '.'], "-")
    });
    let (name, is_rust) =
        names.filter_map(|name| BACKENDS.iter().find(|(known, _)| *known == name)).max_by_key(|one| one.1)?;
    let line = source.lines().zip(1..).find(|(line, _)| line.to_lowercase().replace('_', "-").contains(name));
    let origin = line.map_or(Origin::file(path), |(_, number)| Origin::line(path, number));
    Some(ProjectCompiler { origin, is_rust: *is_rust })
}

fn by_setup(tree: &dyn SourceTree, path: &RelPath) -> Option<ProjectCompiler> {
    let source = text(tree, path).ok().flatten()?;
    let module = Module::parse(&source, "setup", false);
    module.behaviour().calls.iter().find_map(|call| {
        let (_, is_rust) = ARGUMENTS.iter().find(|(name, _)| call.keyword(name).is_some())?;
        Some(ProjectCompiler { origin: Origin::line(path, module.line(call.node)), is_rust: *is_rust })
    })
}
