//! A shell text in pieces at `&&`, `||`, `;` and line ends, as far as they can be told apart. It
//! knows quotes, comments and continued lines; it expands nothing.

/// What stands before a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    And,
    Or,
    Then,
    Line,
}

/// A piece of a text.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) joint: Joint,
    pub(super) text: String,
    /// Line ends before it.
    pub(super) lines: u32,
    /// Where it begins and ends in the text, in bytes.
    pub(super) place: (usize, usize),
    /// Whether it goes on to the end of the text, because it has a here-document, a job, or
    /// another thing that hides where it ends.
    pub(super) is_rest: bool,
}

/// A piece on the way.
struct Growing {
    joint: Joint,
    text: String,
    lines: u32,
    from: Option<usize>,
}

impl Growing {
    fn new(joint: Joint) -> Growing {
        Growing { joint, text: String::new(), lines: 0, from: None }
    }

    fn push(&mut self, symbol: char, at: usize, line: u32) {
        if self.from.is_none() {
            if symbol.is_whitespace() {
                return;
            }
            self.from = Some(at);
            self.lines = line;
        }
        self.text.push(symbol);
    }

    fn done(self, end: usize, pieces: &mut Vec<Piece>) {
        if let Some(from) = self.from {
            let text = self.text.trim_end().to_owned();
            pieces.push(Piece {
                joint: self.joint,
                text,
                lines: self.lines,
                place: (from, end),
                is_rest: false,
            });
        }
    }

    /// The piece with all that follows in `text`.
    fn rest(self, text: &str, at: usize, line: u32, pieces: &mut Vec<Piece>) {
        let from = self.from.unwrap_or(at);
        let lines = if self.from.is_some() { self.lines } else { line };
        let rest = text[from..].trim_end().to_owned();
        pieces.push(Piece { joint: self.joint, text: rest, lines, place: (from, text.len()), is_rest: true });
    }
}

/// The pieces of `text` in their order.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut now = Growing::new(Joint::Line);
    let mut line = 0u32;
    let mut quote = None;
    let mut symbols = text.char_indices().peekable();
    while let Some((at, symbol)) = symbols.next() {
        let next = symbols.peek().map(|(_, next)| *next);
        let next_joint = match (symbol, quote, next) {
            ('`', None | Some('"'), _) | ('<', None, Some('<')) => {
                now.rest(text, at, line, &mut pieces);
                return pieces;
            }
            ('\\', None | Some('"'), _) => {
                match symbols.next() {
                    Some((at, '\n')) => {
                        line += 1;
                        now.push(' ', at, line);
                    }
                    Some((next_at, escaped)) => {
                        now.push('\\', at, line);
                        now.push(escaped, next_at, line);
                    }
                    None => now.push('\\', at, line),
                }
                continue;
            }
            ('#', None, _) if now.text.is_empty() || now.text.ends_with(char::is_whitespace) => {
                while symbols.next_if(|(_, next)| *next != '\n').is_some() {}
                continue;
            }
            ('|', None, Some('|')) => Joint::Or,
            ('&', None, Some('&')) => Joint::And,
            ('&', None, _) if !now.text.ends_with('>') && next != Some('>') => {
                now.rest(text, at, line, &mut pieces);
                return pieces;
            }
            (';', None, _) => Joint::Then,
            ('\n', None, _) => Joint::Line,
            (closing, Some(opened), _) if closing == opened => {
                quote = None;
                now.push(symbol, at, line);
                continue;
            }
            ('\'' | '"', None, _) => {
                quote = Some(symbol);
                now.push(symbol, at, line);
                continue;
            }
            _ => {
                now.push(symbol, at, line);
                line += u32::from(symbol == '\n');
                continue;
            }
        };
        if matches!(next_joint, Joint::Or | Joint::And) {
            symbols.next();
        }
        line += u32::from(symbol == '\n');
        // A line may end behind `&&`: what joins is what was there first.
        if now.from.is_some() {
            std::mem::replace(&mut now, Growing::new(next_joint)).done(at, &mut pieces);
        }
    }
    match quote {
        Some(_) => now.rest(text, text.len(), line, &mut pieces),
        None => now.done(text.len(), &mut pieces),
    }
    pieces
}
