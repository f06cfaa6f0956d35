//! Tests come with the first working version.
