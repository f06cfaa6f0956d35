//! Tests of the readers and printers.

mod json;
mod limits;
mod print;
mod properties;
mod shown;
mod toml;
mod values;
mod yaml;
