//! A text as tokens that lie side by side: joined, their texts are the text again. Tokens are
//! lexical: whether `if` opens a block is for the parser to know.
//!
//! Source: POSIX.1-2024, Shell Command Language, 2.3 and 2.7.4.

use crate::quote::{self, Inside};

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

const OPERATORS: [&str; 11] = ["&&", "&", "||", "|&", "|", ";;&", ";;", ";&", ";", "(", ")"];
const REDIRECTIONS: [&str; 12] = ["&>>", "&>", "<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">&", ">|", ">"];

/// The tokens of a text, in their order.
pub fn tokens(text: &str) -> Vec<Token> {
    tokens_from(text, 0)
}

/// The tokens of a text from an offset on.
pub(crate) fn tokens_from(text: &str, from: usize) -> Vec<Token> {
    let mut lexer = Lexer::new(text, from, 0);
    let mut tokens = Vec::new();
    while lexer.at < text.len() {
        tokens.push(lexer.token());
    }
    tokens
}

/// The offset behind the `)` that closes the commands that begin at `from`; `None` when nothing does.
pub(crate) fn closing(text: &str, from: usize, depth: usize) -> Option<usize> {
    if depth > quote::DEPTH {
        return None;
    }
    let mut lexer = Lexer::new(text, from, depth);
    let mut nesting = Nesting::default();
    while lexer.at < text.len() {
        let token = lexer.token();
        if token.kind == TokenKind::Open {
            return None;
        }
        if nesting.is_closed_by(token.kind, token.text(text)) {
            return Some(token.end);
        }
    }
    None
}

/// A here-document whose text begins on the next line.
struct Awaited {
    end: String,
    /// Whether tabs may stand before its last line.
    is_indented: bool,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// The here-document operator whose delimiter is the next word.
    announced: Option<&'static str>,
    awaited: Vec<Awaited>,
    /// Whether the text of a here-document begins here.
    is_due: bool,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, at: usize, depth: usize) -> Lexer<'a> {
        Lexer { text, at, depth, announced: None, awaited: Vec::new(), is_due: false }
    }

    /// Reads the token that begins here; the text must not be at its end.
    fn token(&mut self) -> Token {
        let start = self.at;
        let (kind, end) = self.next();
        self.at = end;
        match kind {
            TokenKind::Redirection(operator @ ("<<" | "<<-")) => self.announced = Some(operator),
            TokenKind::Word => {
                if let Some(operator) = self.announced.take() {
                    let end = self.text[start..end].chars().filter(|c| !"'\"\\".contains(*c)).collect();
                    self.awaited.push(Awaited { end, is_indented: operator == "<<-" });
                }
            }
            TokenKind::Blank | TokenKind::Continuation => {}
            _ => self.announced = None,
        }
        self.is_due = kind == TokenKind::Newline && !self.awaited.is_empty();
        Token { kind, start, end }
    }

    fn next(&mut self) -> (TokenKind, usize) {
        let (text, at) = (self.text, self.at);
        let rest = &text[at..];
        if self.is_due {
            return match self.awaited.remove(0).end_in(text, at) {
                Some(end) => (TokenKind::Document, end),
                None => (TokenKind::Open, text.len()),
            };
        }
        let length = |ends: fn(char) -> bool| at + rest.find(ends).unwrap_or(rest.len());
        match rest.chars().next() {
            Some('\n') => return (TokenKind::Newline, at + 1),
            Some('#') => return (TokenKind::Comment, length(|c| c == '\n')),
            Some(blank) if blank.is_whitespace() => {
                return (TokenKind::Blank, length(|c| c == '\n' || !c.is_whitespace()));
            }
            Some('\\') if rest.starts_with("\\\n") => return (TokenKind::Continuation, at + 2),
            Some('(') if rest.starts_with("((") => {
                if let Some(end) = quote::brackets(text, at) {
                    return (TokenKind::Arithmetic, end);
                }
            }
            Some('0'..='9') => {
                let end = length(|c| !c.is_ascii_digit());
                if text[end..].starts_with(['<', '>']) && !is_process(&text[end..]) {
                    return (TokenKind::Descriptor, end);
                }
            }
            _ => {}
        }
        if !is_process(rest) {
            if let Some(found) = REDIRECTIONS.into_iter().find(|found| rest.starts_with(found)) {
                return (TokenKind::Redirection(found), at + found.len());
            }
            if let Some(found) = OPERATORS.into_iter().find(|found| rest.starts_with(found)) {
                return (TokenKind::Operator(found), at + found.len());
            }
        }
        match word_end(text, at, self.depth) {
            Some(end) => (TokenKind::Word, end),
            None => (TokenKind::Open, text.len()),
        }
    }
}

/// Whether a process substitution, `<(…)` or `>(…)`, begins here.
fn is_process(rest: &str) -> bool {
    rest.starts_with("<(") || rest.starts_with(">(")
}

/// The offset behind the word that begins at `at`; `None` when something in it has no end.
fn word_end(text: &str, mut at: usize, depth: usize) -> Option<usize> {
    while let Some(next) = text[at..].chars().next() {
        let rest = &text[at..];
        at = match next {
            _ if quote::begins(rest) => quote::end(text, at, depth, Inside::Nothing)?,
            '\\' if rest.starts_with("\\\n") => {
                let behind = rest.trim_start_matches("\\\n");
                if behind.chars().next().is_none_or(is_edge) && !is_process(behind) {
                    return Some(at);
                }
                text.len() - behind.len()
            }
            '\\' => at + 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '=' if rest.starts_with("=(") => closing(text, at + 2, depth + 1)?,
            '<' | '>' if is_process(rest) => closing(text, at + 2, depth + 1)?,
            edge if is_edge(edge) => return Some(at),
            other => at + other.len_utf8(),
        };
    }
    Some(at)
}

/// Whether a word ends before this character.
fn is_edge(next: char) -> bool {
    next.is_whitespace() || ";&|()<>".contains(next)
}

impl Awaited {
    /// The offset behind its last line, the line end aside.
    fn end_in(&self, text: &str, from: usize) -> Option<usize> {
        let mut end = from;
        for line in text[from..].split_inclusive('\n') {
            let bare = line.strip_suffix('\n').unwrap_or(line);
            let read = if self.is_indented { bare.trim_start_matches('\t') } else { bare };
            if read == self.end {
                return Some(end + bare.len());
            }
            end += line.len();
        }
        None
    }
}

/// What is open in the commands of a substitution, as far as its `)` depends on it.
struct Nesting {
    brackets: usize,
    /// For each open `case`, how many brackets were open before it.
    cases: Vec<usize>,
    /// Whether the word of a `case` was read and its `in` was not.
    is_case_head: bool,
    /// Whether a word that stands here would be the name of a command.
    names_command: bool,
}

impl Default for Nesting {
    fn default() -> Nesting {
        Nesting { brackets: 0, cases: Vec::new(), is_case_head: false, names_command: true }
    }
}

impl Nesting {
    fn is_closed_by(&mut self, kind: TokenKind, text: &str) -> bool {
        match kind {
            TokenKind::Operator(")") if self.cases.last() == Some(&self.brackets) => {
                self.names_command = true
            }
            TokenKind::Operator(")") if self.brackets == 0 => return true,
            TokenKind::Operator(")") => {
                self.brackets -= 1;
                self.names_command = false;
            }
            TokenKind::Operator(operator) => {
                self.brackets += usize::from(operator == "(");
                self.names_command = true;
            }
            TokenKind::Newline => self.names_command = true,
            TokenKind::Word => self.word(text),
            _ => {}
        }
        false
    }

    fn word(&mut self, text: &str) {
        match text {
            "in" if self.is_case_head => {
                self.is_case_head = false;
                self.names_command = true;
                return;
            }
            "case" if self.names_command => {
                self.cases.push(self.brackets);
                self.is_case_head = true;
            }
            "esac" if self.names_command => drop(self.cases.pop()),
            _ => {}
        }
        let opens = ["if", "then", "elif", "else", "while", "until", "do", "{", "!", "time"];
        self.names_command &= opens.contains(&text);
    }
}
