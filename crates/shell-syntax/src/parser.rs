//! The recursive descent: tokens in, a tree of commands out. Decides nothing about what a command does.
//!
//! Source: POSIX.1-2024, Shell Command Language, 2.9 and 2.10.

use crate::dialect::Dialect;
use crate::lexer::tokens_from;
use crate::parts::{self, Parts};
use crate::token::{Token, TokenKind};
use crate::tree::{
    Compound, Joint, List, ListItem, Pipeline, Redirection, Rest, Script, ShellCommand, Simple, Word,
    assigned,
};

/// Deeper nesting than any script has; beyond it reading would exhaust the stack.
pub(crate) const DEPTH: usize = 60;

const RESERVED: [&str; 8] = ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

/// The commands of a script.
pub fn parse(text: &str, dialect: Dialect) -> Script {
    Parser::new(text, 0, dialect, 0).script()
}

/// What was read, or the offset at which it cannot be read.
pub(crate) type Outcome<T> = Result<T, usize>;

pub(crate) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// The index of the next token.
    at: usize,
    /// The offset behind the last token that is part of a command.
    end: usize,
    dialect: Dialect,
    depth: usize,
    /// The here-documents whose texts follow on the next line: whether each is taken as it is.
    awaited: Vec<bool>,
}

/// A list that could not be read to its end.
struct Failed {
    joint: Joint,
    start: usize,
    at: usize,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str, from: usize, dialect: Dialect, depth: usize) -> Parser<'a> {
        let tokens = if depth > DEPTH { Vec::new() } else { tokens_from(text, from) };
        Parser { text, tokens, at: 0, end: from, dialect, depth, awaited: Vec::new() }
    }

    pub(crate) fn script(mut self) -> Script {
        let mut list = List::new();
        let failed = match self.entries(&mut list) {
            Ok(joint) if self.depth > DEPTH || self.peek().is_some() || !self.awaited.is_empty() => {
                Some(Failed { joint, start: self.offset(), at: self.offset() })
            }
            Ok(_) => None,
            Err(failed) => Some(failed),
        };
        let rest = failed.map(|Failed { joint, start, at }| {
            // An entry whose here-document does not end before that is not read either.
            let reaches = |entry: &ListItem| entry.pipeline.documents_end.is_some_and(|end| end >= start);
            let cut = list.iter().position(reaches).and_then(|first| list.drain(first..).next());
            let (joint, start) = cut.map_or((joint, start), |cut| (cut.joint, cut.pipeline.start));
            Rest { joint, start, at, line: self.line(at) }
        });
        Script { list, rest }
    }

    fn line(&self, at: usize) -> String {
        let start = self.text[..at].rfind('\n').map_or(0, |at| at + 1);
        self.text[start..].lines().next().unwrap_or_default().trim().to_owned()
    }

    /// The offset of the next token.
    fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |token| token.start)
    }

    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    fn kind(&self) -> Option<TokenKind> {
        self.peek().map(|token| token.kind)
    }

    /// The text of the next token when that is a word.
    fn raw(&self) -> Option<&'a str> {
        self.peek().filter(|token| token.kind == TokenKind::Word).map(|token| token.text(self.text))
    }

    fn bump(&mut self) {
        self.end = self.peek().map_or(self.end, |token| token.end);
        self.at += 1;
    }

    fn take(&mut self, operator: &str) -> bool {
        let is_there =
            self.kind().is_some_and(|kind| matches!(kind, TokenKind::Operator(found) if found == operator));
        if is_there {
            self.bump();
        }
        is_there
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_there = self.raw() == Some(word);
        if is_there {
            self.bump();
        }
        is_there
    }

    /// Skips blanks, continued lines and a comment.
    fn blanks(&mut self) {
        while let Some(token) = self.peek() {
            match token.kind {
                // Shells differ in what besides blank and tab ends a word.
                TokenKind::Blank if self.dialect == Dialect::Portable => {
                    if token.text(self.text).chars().any(|c| c != ' ' && c != '\t') {
                        return;
                    }
                }
                TokenKind::Blank | TokenKind::Continuation | TokenKind::Comment => {}
                _ => return,
            }
            self.at += 1;
        }
    }

    /// Skips line ends, too, with the here-documents that follow them.
    fn newlines(&mut self) -> Outcome<()> {
        loop {
            self.blanks();
            if self.kind() != Some(TokenKind::Newline) {
                return Ok(());
            }
            self.newline()?;
        }
    }

    fn newline(&mut self) -> Outcome<()> {
        self.at += 1;
        while self.kind() == Some(TokenKind::Document) {
            let document = self.peek().map_or("", |token| token.text(self.text));
            let is_literal = !self.awaited.is_empty() && self.awaited.remove(0);
            // Commands in the text would run.
            let runs = document.contains("$(") || document.contains(['`', '\\']);
            if self.dialect == Dialect::Portable && !is_literal && runs {
                return Err(self.offset());
            }
            self.at += 1;
            if !self.awaited.is_empty() && self.kind() == Some(TokenKind::Newline) {
                self.at += 1;
            }
        }
        Ok(())
    }

    fn expect(&mut self, word: &str) -> Outcome<()> {
        self.newlines()?;
        if self.take_word(word) { Ok(()) } else { Err(self.offset()) }
    }

    /// Whether a list ends here.
    fn is_list_end(&self) -> bool {
        match self.kind() {
            None | Some(TokenKind::Operator(")" | ";;" | ";&" | ";;&")) => true,
            _ => self.raw().is_some_and(|word| RESERVED.contains(&word)),
        }
    }

    fn list(&mut self) -> Outcome<List> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.offset());
        }
        let mut list = List::new();
        self.entries(&mut list).map_err(|failed| failed.at)?;
        self.depth -= 1;
        Ok(list)
    }

    /// Reads commands up to a reserved word, a closing sign or the end; says what separates the last from that.
    fn entries(&mut self, list: &mut List) -> Result<Joint, Failed> {
        let mut joint = Joint::Newline;
        loop {
            let start = self.offset();
            self.newlines().map_err(|at| Failed { joint, start, at })?;
            if self.is_list_end() {
                return Ok(joint);
            }
            self.chain(joint, list)?;
            self.blanks();
            joint = match self.kind() {
                Some(TokenKind::Operator(";")) => Joint::Semicolon,
                Some(TokenKind::Operator("&")) => Joint::Background,
                Some(TokenKind::Newline) => Joint::Newline,
                // Reserved words are read as such behind a separator only.
                None | Some(TokenKind::Operator(")" | ";;" | ";&" | ";;&")) => return Ok(Joint::Newline),
                _ => {
                    let at = self.offset();
                    let last = list.pop();
                    let (joint, start) = last.map_or((joint, at), |last| (last.joint, last.pipeline.start));
                    return Err(Failed { joint, start, at });
                }
            };
            if joint == Joint::Background {
                list.last_mut().into_iter().for_each(|last| last.is_background = true);
            }
            if joint != Joint::Newline {
                self.at += 1;
            }
        }
    }

    /// Pipelines joined by `&&` and `||`.
    fn chain(&mut self, first: Joint, list: &mut List) -> Result<(), Failed> {
        let mut joint = first;
        loop {
            let start = self.offset();
            let pipeline = self.pipeline().map_err(|at| Failed { joint, start, at })?;
            list.push(ListItem { joint, pipeline, is_background: false });
            self.blanks();
            joint = match self.kind() {
                Some(TokenKind::Operator("&&")) => Joint::And,
                Some(TokenKind::Operator("||")) => Joint::Or,
                _ => return Ok(()),
            };
            self.at += 1;
            self.newlines().map_err(|at| Failed { joint, start: self.offset(), at })?;
        }
    }

    fn pipeline(&mut self) -> Outcome<Pipeline> {
        let start = self.offset();
        let (mut is_negated, mut is_timed) = (false, false);
        loop {
            if self.take_word("!") {
                is_negated = !is_negated;
            } else if self.dialect == Dialect::Bash && self.take_word("time") {
                is_timed = true;
            } else {
                break;
            }
            self.blanks();
        }
        let mut commands = vec![self.command()?];
        loop {
            self.blanks();
            if !(self.take("|") || self.dialect == Dialect::Bash && self.take("|&")) {
                break;
            }
            self.newlines()?;
            commands.push(self.command()?);
        }
        let documents_end = (!self.awaited.is_empty()).then(|| self.documents_end());
        Ok(Pipeline { is_negated, is_timed, commands, start, end: self.end, documents_end })
    }

    /// The offset behind the here-documents that follow this line.
    fn documents_end(&self) -> usize {
        let line = self.tokens[self.at..].iter().position(|token| token.kind == TokenKind::Newline);
        let Some(line) = line else { return self.text.len() };
        let behind = self.tokens[self.at + line..].iter();
        let documents =
            behind.take_while(|token| matches!(token.kind, TokenKind::Newline | TokenKind::Document));
        documents
            .filter(|token| token.kind == TokenKind::Document)
            .last()
            .map_or(self.text.len(), |last| last.end)
    }

    fn command(&mut self) -> Outcome<ShellCommand> {
        self.blanks();
        let is_bash = self.dialect == Dialect::Bash;
        let compound = match (self.raw(), self.kind()) {
            (Some("if"), _) => self.conditional()?,
            (Some("case"), _) => self.case()?,
            (Some("for"), _) => self.each()?,
            (Some("select"), _) if is_bash => self.each()?,
            (Some("while" | "until"), _) => self.repeat()?,
            (Some("{"), _) => {
                self.bump();
                let list = self.list()?;
                self.expect("}")?;
                Compound::Group(list)
            }
            (Some("[["), _) if is_bash => self.test()?,
            (Some(word), _) if RESERVED.contains(&word) => return Err(self.offset()),
            (_, Some(TokenKind::Operator("("))) => {
                self.bump();
                let list = self.list()?;
                if !self.take(")") {
                    return Err(self.offset());
                }
                Compound::Subshell(list)
            }
            (_, Some(TokenKind::Arithmetic)) if is_bash => {
                self.bump();
                Compound::Arithmetic
            }
            _ => match self.function()? {
                Some(function) => return Ok(ShellCommand::Compound(function, Vec::new())),
                None => return Ok(ShellCommand::Simple(self.simple()?)),
            },
        };
        let mut redirections = Vec::new();
        loop {
            self.blanks();
            match self.redirection()? {
                Some(redirection) => redirections.push(redirection),
                None => return Ok(ShellCommand::Compound(compound, redirections)),
            }
        }
    }

    /// `[[ … ]]`, in which operators and line ends are parts of an expression.
    fn test(&mut self) -> Outcome<Compound> {
        loop {
            self.bump();
            match self.kind() {
                None | Some(TokenKind::Open) => return Err(self.offset()),
                _ if self.take_word("]]") => return Ok(Compound::Test),
                _ => {}
            }
        }
    }

    fn conditional(&mut self) -> Outcome<Compound> {
        let mut branches = Vec::new();
        let mut otherwise = List::new();
        while branches.is_empty() && self.take_word("if") || self.take_word("elif") {
            let condition = self.list()?;
            self.expect("then")?;
            branches.push((condition, self.list()?));
        }
        if self.take_word("else") {
            otherwise = self.list()?;
        }
        self.expect("fi")?;
        Ok(Compound::If { branches, otherwise })
    }

    fn case(&mut self) -> Outcome<Compound> {
        self.bump();
        self.blanks();
        let word = self.word()?.ok_or(self.offset())?;
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.newlines()?;
            if self.raw() == Some("esac") {
                break;
            }
            self.take("(");
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                patterns.push(self.word()?.ok_or(self.offset())?);
                self.blanks();
                if !self.take("|") {
                    break;
                }
            }
            if !self.take(")") {
                return Err(self.offset());
            }
            arms.push((patterns, self.list()?));
            self.newlines()?;
            let is_bash = self.dialect == Dialect::Bash;
            let ends = self.take(";;") || is_bash && (self.take(";&") || self.take(";;&"));
            if !ends && self.raw() != Some("esac") {
                return Err(self.offset());
            }
        }
        self.expect("esac")?;
        Ok(Compound::Case { word, arms })
    }

    fn each(&mut self) -> Outcome<Compound> {
        self.bump();
        self.blanks();
        if self.dialect == Dialect::Bash && self.kind() == Some(TokenKind::Arithmetic) {
            self.bump();
            self.blanks();
            self.take(";");
            self.body()?;
            return Ok(Compound::Arithmetic);
        }
        let name =
            self.raw().filter(|raw| parts::name_length(raw) == raw.len()).ok_or(self.offset())?.to_owned();
        self.bump();
        self.newlines()?;
        let mut words = None;
        if self.take_word("in") {
            let mut found = Vec::new();
            self.blanks();
            while let Some(word) = self.word()? {
                found.push(word);
                self.blanks();
            }
            words = Some(found);
        }
        self.take(";");
        Ok(Compound::For { name, words, body: self.body()? })
    }

    fn repeat(&mut self) -> Outcome<Compound> {
        self.bump();
        let condition = self.list()?;
        Ok(Compound::While { condition, body: self.body()? })
    }

    /// `do … done`
    fn body(&mut self) -> Outcome<List> {
        self.expect("do")?;
        let body = self.list()?;
        self.expect("done")?;
        Ok(body)
    }

    fn function(&mut self) -> Outcome<Option<Compound>> {
        let start = (self.at, self.end);
        let has_keyword = self.take_word("function");
        self.blanks();
        let is_name = |raw: &&str| raw.chars().all(|c| c.is_alphanumeric() || "_-.:".contains(c));
        let name = self.raw().filter(is_name).map(str::to_owned);
        self.at += 1;
        self.blanks();
        let has_brackets = self.take("(");
        self.blanks();
        let Some(name) = name.filter(|_| {
            // Without `()` other shells than bash would run the body.
            has_brackets || has_keyword && self.dialect == Dialect::Bash
        }) else {
            (self.at, self.end) = start;
            return Ok(None);
        };
        if has_brackets && !self.take(")") {
            return Err(self.offset());
        }
        self.newlines()?;
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.offset());
        }
        let body = Box::new(self.command()?);
        self.depth -= 1;
        Ok(Some(Compound::Function { name, body }))
    }

    fn simple(&mut self) -> Outcome<Simple> {
        let start = self.offset();
        let mut simple = Simple::default();
        loop {
            self.blanks();
            if let Some(redirection) = self.redirection()? {
                simple.redirections.push(redirection);
                continue;
            }
            let Some(token) = self.peek().filter(|token| token.kind == TokenKind::Word) else { break };
            match assigned(token.text(self.text)).filter(|_| simple.words.is_empty()) {
                Some(name) if token.text(self.text)[name.len()..].starts_with('=') => {
                    self.check_documents(token)?;
                    let value = self.parts().value(token.start + name.len() + 1, token.end)?;
                    simple.assignments.push((name.to_owned(), value));
                    self.bump();
                }
                _ => simple.words.extend(self.word()?),
            }
        }
        if simple.words.is_empty() && simple.assignments.is_empty() && simple.redirections.is_empty() {
            return Err(self.offset());
        }
        simple.text = one_line(&self.text[start..self.end]);
        Ok(simple)
    }

    fn parts(&self) -> Parts<'a> {
        Parts { text: self.text, dialect: self.dialect, depth: self.depth }
    }

    /// A word; `None` where another token stands.
    fn word(&mut self) -> Outcome<Option<Word>> {
        let Some(token) = self.peek().filter(|token| token.kind == TokenKind::Word) else { return Ok(None) };
        self.check_documents(token)?;
        let word = self.parts().word(token.start, token.end, false)?;
        self.bump();
        Ok(Some(word))
    }

    /// A line end within a word: shells differ in where the text of a here-document begins then.
    fn check_documents(&self, word: Token) -> Outcome<()> {
        let is_split = !self.awaited.is_empty() && word.text(self.text).contains('\n');
        if is_split && self.dialect == Dialect::Portable { Err(word.start) } else { Ok(()) }
    }

    fn redirection(&mut self) -> Outcome<Option<Redirection>> {
        let start = self.offset();
        if self.kind() == Some(TokenKind::Descriptor) {
            self.bump();
        }
        let Some(TokenKind::Redirection(operator)) = self.kind() else { return Ok(None) };
        self.bump();
        self.blanks();
        let target = self.word()?.ok_or(self.offset())?;
        if matches!(operator, "<<" | "<<-") {
            self.awaited.push(target.is_quoted());
        }
        let is_plain =
            |text: String| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_number =
            |text: String| !text.is_empty() && text.trim_end_matches('-').chars().all(|c| c.is_ascii_digit());
        let is_portable = match operator {
            "<<" | "<<-" => target.literal().is_some_and(is_plain),
            ">&" | "<&" => target.literal().is_some_and(is_number),
            // `a &> b` is two commands in some shells; the same programs run and the same file is written.
            other => other != "<<<",
        };
        if self.dialect == Dialect::Portable && !is_portable {
            return Err(start);
        }
        Ok(Some(Redirection { operator, target, text: one_line(&self.text[start..self.end]) }))
    }
}

/// A text with its white space as single blanks.
fn one_line(text: &str) -> String {
    text.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}
