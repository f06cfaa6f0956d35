//! What can be read in JavaScript and TypeScript without running it: imports, names, and the
//! properties of a configuration's object.
//!
//! It works on tokens and not on a syntax tree: it must read every dialect (JSX, types,
//! decorators) that frameworks take, and the values that rules look for are literals. Comments,
//! texts and regular expressions are kept apart from code. A computed value is marked as computed.

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
