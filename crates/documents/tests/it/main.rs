//! What the readers make of texts and the printers of values.

mod json;
mod limits;
mod print;
mod properties;
mod shown;
mod toml;
mod values;
mod yaml;
