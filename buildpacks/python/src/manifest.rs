//! The files in which a Python project says what it needs. Each reader takes text and gives a
//! value. The readers decide nothing: `manager` chooses among the values.

pub(crate) mod conda;
mod document;
pub(crate) mod exact;
mod groups;
pub(crate) mod index;
pub(crate) mod inline;
mod json;
pub(crate) mod local;
pub(crate) mod locked;
mod markers;
pub(crate) mod named_files;
mod names;
mod paths;
pub(crate) mod pdm;
pub(crate) mod pipfile;
pub(crate) mod pylock;
pub(crate) mod pyproject;
mod reference;
pub(crate) mod requirements;
pub(crate) mod setup;
pub(crate) mod wheels;

pub(crate) use document::text;
pub(crate) use markers::marker_environment;
pub(crate) use paths::directory;
pub(crate) use reference::{Newest, Reference};
