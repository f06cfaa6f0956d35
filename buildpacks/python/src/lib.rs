//! The Python buildpack.
