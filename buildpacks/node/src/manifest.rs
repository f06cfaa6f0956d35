//! `package.json`: its values, and the reader that takes them out of the text.

mod read;
mod values;

pub(crate) use values::{DependencyKind, FILE, PackageJson, beside};
