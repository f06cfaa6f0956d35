//! Blueprints as they are found, and as they are written.

mod reading;
mod rules;
mod writing;
