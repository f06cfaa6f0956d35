//! Blueprints: reading and writing them.

mod hostile;
mod reading;
mod rules;
mod writing;
