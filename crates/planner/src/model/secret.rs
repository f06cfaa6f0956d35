//! Recognises secrets by names and values. It knows texts alone, no file and no platform. In doubt a text is a
//! secret: one that is withheld can be set where the image runs, and one that is shipped cannot be recalled.

mod command;
mod predicates;
mod rules;
mod text;

pub(crate) use command::{Blotted, blotted};
pub(super) use predicates::is_secret;
pub use predicates::is_secret_value;
pub use rules::is_secret_name;
pub(super) use text::hidden;

#[cfg(test)]
mod tests;
