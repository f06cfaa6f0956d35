//! A shell text in pieces at `&&`, `||`, `;` and line ends, as far as they can be told apart. A block, a
//! function and a line with a here-document are one piece each; where the text cannot be read, or
//! nothing behind a command runs in turn, the last piece has all of the rest. It expands nothing.

use packwright_shell_syntax::{
    Compound, Joint, ListItem, Pipeline, ShellCommand, Token, TokenKind, parse, tokens,
};

/// A piece of a text.
#[derive(Debug)]
pub(super) struct Piece {
    /// What stands before it.
    pub(super) joint: Joint,
    pub(super) text: String,
    /// Line ends before it.
    pub(super) lines: u32,
    /// Where it begins and ends in the text, in bytes.
    pub(super) place: (usize, usize),
    /// Whether it is more than one simple command or a pipeline of them: a block, a function, a
    /// here-document, a job.
    pub(super) is_whole: bool,
}

/// The pieces of `text` in their order.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let script = parse(text, packwright_shell_syntax::Dialect::Bash);
    let tokens = tokens(text);
    let mut cut = Cut { text, tokens: &tokens, lines: 0, counted: 0, pieces: Vec::new() };
    let mut list = script.list.into_iter().peekable();
    while let Some(entry) = list.next() {
        let ListItem { joint, ref pipeline, is_background } = entry;
        if is_background || pipeline.commands.iter().any(replaces_shell) {
            cut.whole(joint, pipeline.start, text.len());
            return cut.pieces;
        }
        match pipeline.documents_end {
            // The text of a here-document comes behind all that stands on its line.
            Some(end) => {
                while list.next_if(|next| next.pipeline.start < end).is_some() {}
                cut.whole(joint, pipeline.start, end);
            }
            None if is_plain(pipeline) => cut.plain(joint, pipeline.start, pipeline.end),
            None => cut.whole(joint, pipeline.start, pipeline.end),
        }
    }
    if let Some(rest) = script.rest.filter(|rest| rest.start < text.len()) {
        cut.whole(rest.joint, rest.start, text.len());
    }
    cut.pieces
}

/// Whether nothing behind a command runs because it is `exec`.
fn replaces_shell(command: &ShellCommand) -> bool {
    match command {
        ShellCommand::Simple(simple) => {
            simple.assignments.is_empty() && simple.words.first().is_some_and(|word| word.raw == "exec")
        }
        ShellCommand::Compound(..) => false,
    }
}

fn is_plain(pipeline: &Pipeline) -> bool {
    let is_simple = |command: &ShellCommand| {
        matches!(command, ShellCommand::Simple(_) | ShellCommand::Compound(Compound::Test, _))
    };
    !pipeline.is_negated && !pipeline.is_timed && pipeline.commands.iter().all(is_simple)
}

/// The pieces that were cut off a text so far.
struct Cut<'a> {
    text: &'a str,
    /// The tokens from the last piece on.
    tokens: &'a [Token],
    /// Line ends before the offset `counted`.
    lines: u32,
    counted: usize,
    pieces: Vec<Piece>,
}

impl Cut<'_> {
    /// A piece as it is written, with its lines and comments.
    fn whole(&mut self, joint: Joint, start: usize, end: usize) {
        self.push(joint, self.text[start..end].trim_end().to_owned(), (start, end), true);
    }

    /// A piece on one line.
    fn plain(&mut self, joint: Joint, start: usize, end: usize) {
        let first = self.tokens.iter().take_while(|token| token.start < start).count();
        self.tokens = &self.tokens[first..];
        let mut text = String::with_capacity(end - start);
        for token in self.tokens.iter().take_while(|token| token.start < end) {
            match token.kind {
                TokenKind::Comment => {}
                TokenKind::Continuation | TokenKind::Newline => text.push(' '),
                _ => text.push_str(token.text(self.text)),
            }
        }
        self.push(joint, text, (start, end), false);
    }

    fn push(&mut self, joint: Joint, text: String, place: (usize, usize), is_whole: bool) {
        self.lines += self.text[self.counted..place.0].matches('\n').count() as u32;
        self.counted = place.0;
        self.pieces.push(Piece { joint, text, lines: self.lines, place, is_whole });
    }
}
