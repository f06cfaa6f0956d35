//! Heroku's files as they are found.
