//! Answers: files by which one step tells later steps what it found.

use packwright_buildpack::step;

/// The absolute path of the answer `name`.
pub(crate) fn answer(name: &str) -> String {
    format!("/{}", step::answer("python", name))
}
