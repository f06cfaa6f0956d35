//! Which settings a file names: `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "x.settings")`.

use crate::syntax::ast::{Expr, Stmt, Visitor, walk_expr, walk_stmt};
use crate::syntax::{Module, string};

/// The value that `module` gives to the environment variable `name` unless it is set.
pub(super) fn default_of_variable<'m>(module: &'m Module, name: &str) -> Option<(&'m str, u32)> {
    struct Find<'n, 'a> {
        name: &'n str,
        found: Option<&'a Expr>,
    }
    impl<'a> Visitor<'a> for Find<'_, 'a> {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            if let Stmt::Assign(assign) = statement
                && let [Expr::Subscript(target)] = assign.targets.as_slice()
                && string(&target.slice) == Some(self.name)
            {
                self.found.get_or_insert(&assign.value);
            }
            walk_stmt(self, statement);
        }
        fn visit_expr(&mut self, expression: &'a Expr) {
            if let Expr::Call(call) = expression
                && let Expr::Attribute(attribute) = &*call.func
                && attribute.attr.as_str() == "setdefault"
                && let [name, value] = &*call.arguments.args
                && string(name) == Some(self.name)
            {
                self.found.get_or_insert(value);
            }
            walk_expr(self, expression);
        }
    }
    let mut find = Find { name, found: None };
    find.visit_body(module.body());
    let value = find.found?;
    Some((string(value)?, module.line(value)))
}
