//! What can be read in JavaScript and TypeScript without running it: imports, names, and the
//! properties of a configuration's object.
//!
//! It works on tokens and not on a syntax tree: it must read every dialect (JSX, types,
//! decorators) that frameworks take, and what it is asked for stands in literals. Comments,
//! texts and regular expressions are told from code. What is computed is said to be computed.

mod listening;
mod literal;
mod properties;
mod script;
mod tokens;

pub(crate) use listening::ListenCall;
pub(crate) use literal::JsLiteral;
pub(crate) use script::JsSource;

#[cfg(test)]
mod tests;
