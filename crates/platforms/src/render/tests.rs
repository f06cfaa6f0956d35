//! Blueprints as they are found, and as they are written.

mod hostile;
mod reading;
mod rules;
mod writing;
