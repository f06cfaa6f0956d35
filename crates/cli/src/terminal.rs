//! What people and programs see on the way: progress, problems, the summary. Turns values into
//! text; [`crate::output`] writes it.

pub(crate) mod json;
mod live;
pub(crate) mod notices;
pub(crate) mod numbers;
mod plain;
pub(crate) mod problem;
pub(crate) mod progress;
pub(crate) mod progress_text;
pub(crate) mod show;
pub(crate) mod style;
pub(crate) mod summary;
