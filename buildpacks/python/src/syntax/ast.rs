//! The parser's own types, as far as other modules match on them. No module outside of `syntax`
//! names the crates that they come from: those have no stable interface.

pub(crate) use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
pub(crate) use ruff_python_ast::{Expr, ExprCall, Number, Operator, Parameters, Stmt, StmtFunctionDef};
