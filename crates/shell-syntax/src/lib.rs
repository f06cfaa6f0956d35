//! The one reader of shell scripts: [`tokens`] gives a text's tokens with their byte offsets and loses
//! nothing, [`parse`] gives its commands as a tree, [`split`] the words of a line that a program, and
//! not a shell, takes apart. Every function is total: any text has tokens, and text that cannot be
//! read as commands is returned as [`Script::rest`]. Nothing here expands a variable, looks at a
//! file or runs a command, and nothing knows what a command does: that is for the callers.
//!
//! `brush-parser` 0.4.0 (MIT) was tried first and not taken. Its tokens have character offsets instead of
//! byte offsets and leave out comments and continued lines; a quote or here-document without an
//! end is an error without the tokens before it, where our callers keep the readable part of a line;
//! 100,000 times `$(` overflow its stack and abort the process; and it brings 74 crates (among them
//! `insta`, `cached` with a global cache, and `tracing`) that compile for 62 seconds of CPU time.
//!
//! Source: POSIX.1-2024, Shell Command Language, 2.2 to 2.10; Bash Reference Manual, "Shell Syntax"
//! and "Shell Commands", for what only bash has.

mod dialect;
mod fields;
mod lexer;
mod nesting;
mod parser;
mod parts;
mod quote;
mod shebang;
mod token;
mod tree;

pub use dialect::Dialect;
pub use fields::{quote, split};
pub use lexer::tokens;
pub use parser::parse;
pub use shebang::{Shebang, shebang};
pub use token::{Token, TokenKind};
pub use tree::{
    Compound, Joint, List, ListItem, Operation, Pipeline, Redirection, Rest, Script, ShellCommand, Simple,
    Word, WordPart,
};

#[cfg(test)]
mod tests;
