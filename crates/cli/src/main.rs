//! The packwright command.
fn main() {}
