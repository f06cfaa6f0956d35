//! [`Module`]: one parsed file, with its imports and what its names mean.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{CmpOp, Expr, ModModule, Stmt};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;

use super::calls::{self, Behaviour};
use super::depth;
use super::expressions::Reads;
use super::names::{absolute, first_part, imported, join};

/// One parsed file.
pub(crate) struct Module {
    tree: ModModule,
    dotted: String,
    is_package: bool,
    line_starts: Vec<usize>,
    /// What names of this module stand for, as dotted paths: `F` → `fastapi.FastAPI`.
    imports: BTreeMap<String, String>,
    /// Modules of which everything is imported.
    stars: Vec<String>,
    /// The first parts of the modules that are imported by absolute path.
    absolute: BTreeSet<String>,
}

impl Module {
    /// Parses `text`, the source of the module with the dotted path `dotted`; `is_package` for
    /// an `__init__.py`. What cannot be parsed is left out, and so is a text that nests beyond all
    /// measure.
    pub(crate) fn parse(text: &str, dotted: &str, is_package: bool) -> Module {
        let text = if depth::is_too_deep(text) { "" } else { text };
        let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
        let tree = match parsed.try_into_module() {
            Some(module) => module.into_syntax(),
            None => unreachable!("module mode gives a module"),
        };
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let mut module = Module {
            line_starts: std::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect(),
            imports: BTreeMap::new(),
            stars: Vec::new(),
            absolute: BTreeSet::new(),
            dotted: dotted.to_owned(),
            is_package,
            tree,
        };
        let mut imports = BTreeMap::new();
        let mut stars = Vec::new();
        let mut firsts = BTreeSet::new();
        for statement in module.top_level() {
            imports.extend(imported(statement, dotted, is_package));
            match statement {
                Stmt::Import(import) => {
                    for alias in &import.names {
                        let path = alias.name.as_str();
                        firsts.insert(first_part(path).to_owned());
                    }
                }
                Stmt::ImportFrom(import) => {
                    let named = import.module.as_ref().map(|name| name.as_str());
                    let base = absolute(dotted, is_package, import.level, named);
                    if import.level == 0 {
                        firsts.insert(first_part(&base).to_owned());
                    }
                    let has_star = import.names.iter().any(|alias| alias.name.as_str() == "*");
                    stars.extend(has_star.then_some(base));
                }
                _ => {}
            }
        }
        module.imports = imports;
        module.stars = stars;
        module.absolute = firsts;
        module
    }

    /// The statements that run when the module is imported, those in `if`, `try` and `with`
    /// included; what runs only as a script or for type checkers is left out.
    pub(crate) fn top_level(&self) -> Vec<&Stmt> {
        let mut found = Vec::new();
        flatten(&self.tree.body, &mut found);
        found
    }

    /// The statements of the whole module, in order.
    pub(crate) fn body(&self) -> &[Stmt] {
        &self.tree.body
    }

    /// Whether the module imports from its own package, which only a module of a package can.
    pub(crate) fn has_relative_imports(&self) -> bool {
        self.top_level().iter().any(|statement| matches!(statement, Stmt::ImportFrom(one) if one.level > 0))
    }

    /// Whether the module asks whether it is run as a program.
    pub(crate) fn is_program(&self) -> bool {
        self.tree.body.iter().any(|statement| match statement {
            Stmt::If(branch) => matches!(&*branch.test, Expr::Compare(_)) && is_guard(&branch.test),
            _ => false,
        })
    }

    /// The line, from 1, on which `node` starts.
    pub(crate) fn line(&self, node: &impl Ranged) -> u32 {
        let offset = node.range().start().to_usize();
        self.line_starts.partition_point(|&start| start <= offset) as u32
    }

    /// The dotted path that the name or attribute `expression` stands for.
    pub(crate) fn meaning(&self, expression: &Expr) -> Option<String> {
        match expression {
            Expr::Name(name) => {
                let name = name.id.as_str();
                Some(self.imports.get(name).cloned().unwrap_or_else(|| name.to_owned()))
            }
            Expr::Attribute(attribute) => {
                let base = self.meaning(&attribute.value)?;
                Some(join(&base, attribute.attr.as_str()))
            }
            _ => None,
        }
    }

    /// Whether `expression` names `path`, a dotted path such as `fastapi.FastAPI`.
    pub(crate) fn names(&self, expression: &Expr, path: &str) -> bool {
        let Some(meaning) = self.meaning(expression) else {
            return false;
        };
        if meaning == path {
            return true;
        }
        path.rsplit_once('.')
            .is_some_and(|(module, name)| meaning == name && self.stars.iter().any(|star| star == module))
    }

    /// The first parts of all modules that the module imports by absolute path.
    pub(crate) fn imported(&self) -> &BTreeSet<String> {
        &self.absolute
    }

    /// What names of the module stand for: local name and dotted path.
    pub(crate) fn imports(&self) -> impl Iterator<Item = (&str, &String)> {
        self.imports.iter().map(|(name, path)| (name.as_str(), path))
    }

    /// Whether any statement, in functions too, imports from the top-level module `name`.
    pub(crate) fn imports_anywhere(&self, name: &str) -> bool {
        let mut imports = Imports { name, found: false };
        imports.visit_body(&self.tree.body);
        imports.found
    }

    /// The dotted path of the module itself, and whether it is a package.
    pub(super) fn place(&self) -> (&str, bool) {
        (&self.dotted, self.is_package)
    }

    /// The modules of which everything is imported, in order.
    pub(crate) fn stars(&self) -> &[String] {
        &self.stars
    }

    /// Calls and decorators anywhere in the module.
    pub(crate) fn behaviour(&self) -> Behaviour<'_> {
        calls::collect(&self.tree.body, &self.dotted, self.is_package, &self.imports)
    }

    /// The environment variables that the module reads anywhere.
    pub(crate) fn variables(&self) -> BTreeSet<String> {
        let mut reads = Reads::default();
        reads.visit_body(&self.tree.body);
        reads.names
    }
}

fn flatten<'a>(body: &'a [Stmt], found: &mut Vec<&'a Stmt>) {
    for statement in body {
        match statement {
            Stmt::If(branch) => {
                if !is_guard(&branch.test) {
                    flatten(&branch.body, found);
                }
                for clause in &branch.elif_else_clauses {
                    flatten(&clause.body, found);
                }
            }
            Stmt::Try(attempt) => {
                flatten(&attempt.body, found);
                for handler in &attempt.handlers {
                    let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                    flatten(&handler.body, found);
                }
                flatten(&attempt.orelse, found);
                flatten(&attempt.finalbody, found);
            }
            Stmt::With(block) => flatten(&block.body, found),
            other => found.push(other),
        }
    }
}

/// Whether a condition keeps its branch from running on import.
fn is_guard(test: &Expr) -> bool {
    match test {
        Expr::Name(name) => name.id.as_str() == "TYPE_CHECKING",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "TYPE_CHECKING",
        Expr::Compare(compare) => {
            matches!(*compare.ops, [CmpOp::Eq])
                && matches!(&*compare.left, Expr::Name(name) if name.id.as_str() == "__name__")
        }
        _ => false,
    }
}

struct Imports<'n> {
    name: &'n str,
    found: bool,
}

impl<'a> Visitor<'a> for Imports<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.found |= match statement {
            Stmt::Import(import) => {
                import.names.iter().any(|alias| first_part(alias.name.as_str()) == self.name)
            }
            Stmt::ImportFrom(import) => {
                import.level == 0
                    && import.module.as_ref().is_some_and(|module| first_part(module.as_str()) == self.name)
            }
            _ => false,
        };
        walk_stmt(self, statement);
    }
}
