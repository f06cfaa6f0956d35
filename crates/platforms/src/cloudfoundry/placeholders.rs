//! `((name))` in a manifest: values that are filled in when the application is pushed.

/// Whether a text has a part that is filled in when the application is pushed.
pub(super) fn is_given(text: &str) -> bool {
    text.split_once("((").is_some_and(|(_, rest)| rest.contains("))"))
}
