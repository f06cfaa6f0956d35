//! Heroku's files: reading and writing them.

mod reading;
mod rules;
mod writing;
