//! Reads Python source: imports, the meaning of names, the statements of the top level, calls. Accepts
//! text with syntax errors; runs nothing. The only module that uses the parser's crates.
//!
//! The parser is ruff's: it recovers from errors, follows the newest grammar, and costs about
//! 50 s of processor time to compile once. A grammar for highlighting (tree-sitter) would leave
//! string literals and names to us; RustPython's parser is not maintained.

pub(crate) mod ast;
mod calls;
mod depth;
mod expressions;
mod module;
mod names;
mod scope;

pub(crate) use calls::{Behaviour, Call};
pub(crate) use expressions::{assignments, string, variable, variables_in};
pub(crate) use module::Module;
pub(crate) use scope::Scope;

#[cfg(test)]
mod tests;
