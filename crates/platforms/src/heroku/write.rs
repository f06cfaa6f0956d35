//! Writes `app.json`, `Procfile`, `Aptfile` and `.python-version`.

use crate::write::{Conversion, Converted};

/// Writes Heroku's files.
pub(crate) fn write(_conversion: &Conversion<'_>) -> Converted {
    Converted::default()
}
