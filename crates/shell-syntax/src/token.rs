//! The tokens of a text as values. They lie side by side: joined, their texts are the text again. Tokens are
//! lexical: whether `if` opens a block is for the parser to know.

/// A token: its kind and where it begins and ends in the text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// The offset of its first byte.
    pub start: usize,
    /// The offset behind its last byte.
    pub end: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenKind {
    /// White space within a line.
    Blank,
    /// A line end.
    Newline,
    /// A backslash and a line end between words.
    Continuation,
    /// `#` and the rest of its line.
    Comment,
    /// A word with its quotes, expansions, process substitutions and, as in bash, the elements of `name=(…)`.
    Word,
    /// The number before a redirection: the `2` of `2>&1`.
    Descriptor,
    /// `>`, `<<-` and their like.
    Redirection(&'static str),
    /// What separates commands or groups them: `&&`, `;`, `(`.
    Operator(&'static str),
    /// `((…))`.
    Arithmetic,
    /// The text of a here-document with the line that ends it; the line end behind it is a token of its own.
    Document,
    /// All of the rest, from a word or here-document on that has no end.
    Open,
}

impl Token {
    /// The token's text in the text it was read from.
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        &source[self.start..self.end]
    }
}
