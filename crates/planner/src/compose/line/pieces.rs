//! A shell text in pieces at `&&`, `||`, `;` and line ends, as far as they can be told apart. It
//! knows quotes, comments, continued lines, here-documents and blocks, which are one piece each; it
//! expands nothing. Where it does not see how a text goes on, the last piece has all of the rest.

use super::quoted;

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
    /// Whether it is more than one simple command or a pipeline of them: a block, a function, a
    /// here-document, a job.
    pub(super) is_whole: bool,
}

/// A piece on the way.
struct Growing {
    joint: Joint,
    text: String,
    lines: u32,
    from: Option<usize>,
    is_whole: bool,
}

/// What is open and ends elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    If,
    Loop,
    Braces,
    Brackets,
    /// `[[`, in which everything is an expression.
    Test,
    /// `case` up to `in`.
    Case,
    /// A pattern of `case`.
    Pattern,
    /// The commands of a pattern.
    ChosenPlatform,
}

/// How much of a function's head was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Function {
    None,
    /// `function`; the name follows.
    Word,
    /// All of it; the body follows.
    Head,
}

/// A here-document whose text begins on the next line.
struct Document {
    end: String,
    /// Whether its end may have tabs before it.
    is_indented: bool,
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    now: Growing,
    pieces: Vec<Piece>,
    blocks: Vec<Block>,
    documents: Vec<Document>,
    function: Function,
    /// Whether a word that stands here is the name of a command.
    names_command: bool,
}

/// The pieces of `text` in their order.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut scan = Scan {
        text,
        at: 0,
        line: 0,
        now: Growing::new(Joint::Line),
        pieces: Vec::new(),
        blocks: Vec::new(),
        documents: Vec::new(),
        function: Function::None,
        names_command: true,
    };
    let mut is_clear = true;
    while is_clear && scan.at < text.len() {
        is_clear = scan.symbol().is_some();
    }
    scan.finished(is_clear)
}

impl Growing {
    fn new(joint: Joint) -> Growing {
        Growing { joint, text: String::new(), lines: 0, from: None, is_whole: false }
    }

    fn done(self, text: &str, end: usize, pieces: &mut Vec<Piece>) {
        let Some(from) = self.from else { return };
        // A block is kept with its lines and comments.
        let own = if self.is_whole { text[from..end].to_owned() } else { self.text };
        let (joint, lines, is_whole) = (self.joint, self.lines, self.is_whole);
        pieces.push(Piece { joint, text: own.trim_end().to_owned(), lines, place: (from, end), is_whole });
    }
}

impl Scan<'_> {
    fn finished(mut self, is_clear: bool) -> Vec<Piece> {
        let is_open =
            !self.blocks.is_empty() || !self.documents.is_empty() || self.function != Function::None;
        if !is_clear || is_open {
            self.now.from.get_or_insert(self.at);
            self.now.lines = if self.now.text.is_empty() { self.line } else { self.now.lines };
            self.now.is_whole = true;
        }
        self.now.done(self.text, self.text.len(), &mut self.pieces);
        self.pieces
    }

    /// Reads what stands at the place; nothing when it is not clear what that is.
    fn symbol(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        if rest.starts_with("\\\n") {
            self.now.text.push(' ');
            self.line += 1;
            self.at += 2;
            return Some(());
        }
        if quoted::begins(rest) {
            self.take(quoted::end(rest)?);
            self.names_command = false;
            return Some(());
        }
        let symbol = rest.chars().next()?;
        let in_test = self.blocks.last() == Some(&Block::Test);
        match symbol {
            '\\' => {
                self.take(1 + rest[1..].chars().next().map_or(0, char::len_utf8));
                self.names_command = false;
            }
            '#' if self.begins_word() => self.at += rest.find('\n').unwrap_or(rest.len()),
            '\n' => self.line_end()?,
            ';' | '&' | '|' | '(' | ')' | '<' | '>' if in_test => self.take(1),
            ';' => self.semicolon(rest)?,
            '&' => self.ampersand(rest)?,
            '|' if rest.starts_with("||") => self.joined(Joint::Or, 2),
            '|' => {
                self.take(1 + usize::from(rest.starts_with("|&")));
                self.names_command = true;
            }
            '(' => self.opened(rest)?,
            ')' => self.closed()?,
            '<' if rest.starts_with("<<<") => self.take(3),
            '<' if rest.starts_with("<<") => self.document(rest)?,
            '<' | '>' => self.take(1),
            other if other.is_whitespace() => self.take(other.len_utf8()),
            _ => self.word(rest)?,
        }
        Some(())
    }

    /// Adds the next `length` bytes to the piece.
    fn take(&mut self, length: usize) {
        let part = &self.text[self.at..self.at + length];
        if self.now.from.is_none() && !part.trim().is_empty() {
            self.now.from = Some(self.at);
            self.now.lines = self.line;
        }
        if self.now.from.is_some() {
            self.now.text.push_str(part);
        }
        self.line += part.matches('\n').count() as u32;
        self.at += length;
    }

    fn begins_word(&self) -> bool {
        let before = self.text[..self.at].chars().next_back();
        before.is_none_or(|before| before.is_whitespace() || ";&|()".contains(before))
    }

    /// Whether a joint ends the piece here.
    fn is_outside(&self) -> bool {
        self.blocks.is_empty() && self.documents.is_empty() && self.function == Function::None
    }

    fn joined(&mut self, joint: Joint, length: usize) {
        self.names_command = true;
        if !self.is_outside() {
            // The text of a here-document comes behind all that stands on its line.
            self.now.is_whole = true;
            return self.take(length);
        }
        // A line may end behind `&&`: what joins is what was there first.
        if self.now.from.is_some() {
            let done = std::mem::replace(&mut self.now, Growing::new(joint));
            done.done(self.text, self.at, &mut self.pieces);
        }
        self.line += self.text[self.at..self.at + length].matches('\n').count() as u32;
        self.at += length;
    }

    fn line_end(&mut self) -> Option<()> {
        if !self.documents.is_empty() {
            self.now.is_whole = true;
            let texts = std::mem::take(&mut self.documents);
            for document in texts {
                self.take(document.length(&self.text[self.at..])?);
            }
            return Some(());
        }
        let goes_on = self.names_command && self.now.from.is_some();
        if self.blocks.is_empty() && goes_on {
            // Behind `|` and the head of a function a command goes on.
            self.now.text.push(' ');
            self.line += 1;
            self.at += 1;
        } else {
            self.joined(Joint::Line, 1);
        }
        Some(())
    }

    fn semicolon(&mut self, rest: &str) -> Option<()> {
        if !rest.starts_with(";;") && !rest.starts_with(";&") {
            self.joined(Joint::Then, 1);
            return Some(());
        }
        let last = self.blocks.last_mut().filter(|last| **last == Block::ChosenPlatform)?;
        *last = Block::Pattern;
        self.take(if rest.starts_with(";;&") { 3 } else { 2 });
        Some(())
    }

    fn ampersand(&mut self, rest: &str) -> Option<()> {
        let redirects = self.text[..self.at].ends_with(['>', '<']) || rest.starts_with("&>");
        match redirects {
            _ if rest.starts_with("&&") => self.joined(Joint::And, 2),
            true => self.take(1 + usize::from(rest.starts_with("&>"))),
            false if self.is_outside() => return None,
            false => {
                self.take(1);
                self.names_command = true;
            }
        }
        Some(())
    }

    fn opened(&mut self, rest: &str) -> Option<()> {
        if self.blocks.last() == Some(&Block::Pattern) {
            self.take(1);
        } else if rest.starts_with("((") {
            self.now.is_whole = true;
            self.take(quoted::brackets(rest)?);
            self.names_command = false;
        } else if self.text[..self.at].ends_with(['=', '<', '>']) {
            self.take(quoted::brackets(rest)?);
        } else if self.names_command {
            self.open(Block::Brackets);
            self.take(1);
        } else {
            let inside = rest[1..].trim_start_matches([' ', '\t']);
            inside.starts_with(')').then_some(())?;
            self.now.is_whole = true;
            self.function = Function::Head;
            self.names_command = true;
            self.take(rest.len() - inside.len() + 1);
        }
        Some(())
    }

    fn closed(&mut self) -> Option<()> {
        match self.blocks.last_mut()? {
            Block::Brackets => {
                self.blocks.pop();
                self.names_command = false;
            }
            pattern @ Block::Pattern => {
                *pattern = Block::ChosenPlatform;
                self.names_command = true;
            }
            _ => return None,
        }
        self.take(1);
        Some(())
    }

    fn document(&mut self, rest: &str) -> Option<()> {
        let is_indented = rest.starts_with("<<-");
        let start = 2 + usize::from(is_indented);
        let word = rest[start..].trim_start_matches([' ', '\t']);
        let start = rest.len() - word.len();
        let end = word.find(|c: char| c.is_whitespace() || ";&|()<>".contains(c)).unwrap_or(word.len());
        let name: String = word[..end].chars().filter(|c| !"'\"\\".contains(*c)).collect();
        if name.is_empty() {
            return None;
        }
        self.documents.push(Document { end: name, is_indented });
        self.take(start + end);
        Some(())
    }

    fn open(&mut self, block: Block) {
        self.blocks.push(block);
        self.now.is_whole |= block != Block::Test;
        self.function = Function::None;
        self.names_command = true;
    }

    fn close(&mut self, block: Block) -> Option<()> {
        self.blocks.pop().filter(|last| *last == block)?;
        self.names_command = false;
        Some(())
    }

    fn word(&mut self, rest: &str) -> Option<()> {
        let edge = |c: char| c.is_whitespace() || ";&|()<>'\"`$\\".contains(c);
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let end = rest.find(edge).unwrap_or(rest.len()).max(first);
        let next = rest[end..].chars().next();
        let is_alone =
            self.begins_word() && next.is_none_or(|next| next.is_whitespace() || ";&|()<>".contains(next));
        match (is_alone, &rest[..end]) {
            (true, word) => self.reserved(word)?,
            (false, _) => self.names_command = false,
        }
        self.take(end);
        Some(())
    }

    /// What a word that stands alone opens or closes.
    fn reserved(&mut self, word: &str) -> Option<()> {
        match (self.blocks.last_mut(), word) {
            (Some(Block::Test), "]]") => return self.close(Block::Test),
            (Some(block @ (Block::Pattern | Block::ChosenPlatform)), "esac")
                if *block == Block::Pattern || self.names_command =>
            {
                self.blocks.pop();
                self.names_command = false;
                return Some(());
            }
            (Some(case @ Block::Case), "in") => {
                *case = Block::Pattern;
                return Some(());
            }
            (Some(Block::Test | Block::Pattern | Block::Case), _) => return Some(()),
            _ => {}
        }
        if self.function == Function::Word {
            self.function = Function::Head;
            return Some(());
        }
        if !self.names_command {
            return Some(());
        }
        match word {
            "if" => self.open(Block::If),
            "while" | "until" => self.open(Block::Loop),
            "for" | "select" => {
                self.open(Block::Loop);
                self.names_command = false;
            }
            "case" => {
                self.open(Block::Case);
                self.names_command = false;
            }
            "{" => self.open(Block::Braces),
            "[[" => {
                self.open(Block::Test);
                self.names_command = false;
            }
            "then" | "else" | "elif" | "do" => drop(self.blocks.last()?),
            "fi" => self.close(Block::If)?,
            "done" => self.close(Block::Loop)?,
            "}" => self.close(Block::Braces)?,
            "!" | "time" => self.now.is_whole = true,
            "function" => {
                self.now.is_whole = true;
                self.function = Function::Word;
            }
            // Nothing behind it runs.
            "exec" if self.blocks.is_empty() => return None,
            _ => self.names_command = false,
        }
        Some(())
    }
}

impl Document {
    /// The length of its text, which follows the line end here, with its own last line.
    fn length(&self, text: &str) -> Option<usize> {
        let mut length = 1;
        for line in text.get(1..)?.split_inclusive('\n') {
            let bare = line.strip_suffix('\n').unwrap_or(line);
            length += bare.len();
            let told = if self.is_indented { bare.trim_start_matches('\t') } else { bare };
            if told == self.end {
                return Some(length);
            }
            length += line.len() - bare.len();
        }
        None
    }
}
