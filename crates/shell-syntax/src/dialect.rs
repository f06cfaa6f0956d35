//! The two ways of reading a script. Which one a caller takes depends on whether it must know every command.

/// Which texts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// What all shells read in the same way. Everything else, in words and here-documents too, is [`Script::rest`](crate::Script::rest):
    /// for callers that must know every command that a script may run.
    Portable,
    /// What bash reads, as far as the tree has a value for it; a word or a here-document may hold anything.
    Bash,
}
