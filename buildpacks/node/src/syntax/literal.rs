//! [`JsLiteral`]: what stands in a script where a value is expected.

/// What stands where a value is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JsLiteral {
    /// A text.
    Text(String),
    /// A path from the file's own directory, wherever the value is used: `resolve('a')`.
    Path(String),
    /// A whole number, as it is written.
    Number(String),
    /// Yes or no.
    Bool(bool),
    /// `undefined` or `null`.
    Nothing,
    /// The result of calling a function of this name.
    Call(String),
    /// A value that only running the file would show, or several values that differ.
    Computed,
}
