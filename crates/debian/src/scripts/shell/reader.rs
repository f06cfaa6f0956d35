//! The recursive descent itself: characters in, [`Node`]s out. Decides nothing about what a
//! command does.

use super::{Node, Part, Redirection, Simple, Unreadable, Word};

/// Deeper nesting than any script has; beyond it reading would exhaust the stack.
pub(super) const DEPTH: usize = 60;

const RESERVED: [&str; 8] = ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// Here-documents whose text begins after the line: delimiter, whether tabs are stripped,
    /// whether it is taken as it is.
    pub(super) awaited: Vec<(String, bool, bool)>,
}

pub(super) type Outcome<T> = Result<T, Unreadable>;

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Reader<'a> {
        Reader { text, at: 0, depth: 0, awaited: Vec::new() }
    }

    pub(super) fn script(mut self) -> Outcome<Vec<Node>> {
        let nodes = self.list()?;
        self.blanks();
        if self.at < self.text.len() || !self.awaited.is_empty() { Err(self.unreadable()) } else { Ok(nodes) }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let there = self.rest().starts_with(text);
        if there {
            self.at += text.len();
        }
        there
    }

    pub(super) fn unreadable(&self) -> Unreadable {
        let start = self.text[..self.at].rfind('\n').map_or(0, |at| at + 1);
        Unreadable { line: self.text[start..].lines().next().unwrap_or_default().trim().to_owned() }
    }

    /// Blanks, continued lines and a comment.
    fn blanks(&mut self) {
        loop {
            if !(self.take(" ") || self.take("\t") || self.take("\\\n")) {
                break;
            }
        }
        let at_word_start = self.text[..self.at].chars().next_back().is_none_or(|c| " \t\n;&|()".contains(c));
        if at_word_start && self.peek() == Some('#') {
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    fn newlines(&mut self) -> Outcome<()> {
        loop {
            self.blanks();
            if !self.newline()? {
                return Ok(());
            }
        }
    }

    /// The end of a line with the here-documents that follow it.
    fn newline(&mut self) -> Outcome<bool> {
        if !self.take("\n") {
            return Ok(false);
        }
        for (delimiter, strips, literal) in std::mem::take(&mut self.awaited) {
            loop {
                let line = self.rest().split_inclusive('\n').next().ok_or_else(|| self.unreadable())?;
                // Commands in the text would run.
                if !literal && (line.contains("$(") || line.contains('`') || line.contains('\\')) {
                    return Err(self.unreadable());
                }
                self.at += line.len();
                let line = line.strip_suffix('\n').unwrap_or(line);
                if (if strips { line.trim_start_matches('\t') } else { line }) == delimiter {
                    break;
                }
            }
        }
        Ok(true)
    }

    /// The reserved word here, without taking it.
    fn reserved(&self) -> Option<&'static str> {
        RESERVED.into_iter().find(|word| self.is_word(word))
    }

    fn is_word(&self, word: &str) -> bool {
        let Some(after) = self.rest().strip_prefix(word) else { return false };
        after.chars().next().is_none_or(|c| " \t\n;&|()<>".contains(c)) || after.starts_with("\\\n")
    }

    fn expect(&mut self, word: &str) -> Outcome<()> {
        self.newlines()?;
        if self.is_word(word) && self.take(word) { Ok(()) } else { Err(self.unreadable()) }
    }

    /// Commands up to a reserved word, a closing sign or the end.
    pub(super) fn list(&mut self) -> Outcome<Vec<Node>> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.unreadable());
        }
        let mut nodes = Vec::new();
        loop {
            self.newlines()?;
            let ends =
                self.rest().is_empty() || self.rest().starts_with(')') || self.rest().starts_with(";;");
            if ends || self.reserved().is_some() {
                break;
            }
            nodes.push(self.and_or()?);
            self.blanks();
            if self.rest().starts_with(";;") {
                break;
            }
            // A command in the background runs as well as any other.
            let separated = self.take(";") || self.take("&") || self.newline()?;
            let ends = self.rest().is_empty() || self.rest().starts_with(')');
            if !separated && !ends {
                return Err(self.unreadable());
            }
        }
        self.depth -= 1;
        Ok(nodes)
    }

    fn and_or(&mut self) -> Outcome<Node> {
        let mut left = self.pipeline()?;
        loop {
            self.blanks();
            let and = self.take("&&");
            if !and && !self.take("||") {
                return Ok(left);
            }
            self.newlines()?;
            let right = self.pipeline()?;
            let (one, other) = (Box::new(left), Box::new(right));
            left = if and { Node::And(one, other) } else { Node::Or(one, other) };
        }
    }

    fn pipeline(&mut self) -> Outcome<Node> {
        self.blanks();
        let mut negated = false;
        while self.is_word("!") {
            self.take("!");
            self.blanks();
            negated = !negated;
        }
        let mut commands = vec![self.command()?];
        loop {
            self.blanks();
            if self.rest().starts_with("||") || !self.take("|") {
                break;
            }
            self.newlines()?;
            commands.push(self.command()?);
        }
        match (negated, commands.len()) {
            (false, 1) => Ok(commands.remove(0)),
            _ => Ok(Node::Pipeline { negated, commands }),
        }
    }

    fn command(&mut self) -> Outcome<Node> {
        self.blanks();
        for (word, read) in [
            ("if", Reader::conditional as fn(&mut Self) -> Outcome<Node>),
            ("case", Reader::case),
            ("for", Reader::each),
            ("while", Reader::repeat),
            ("until", Reader::repeat),
            ("{", Reader::group),
        ] {
            if self.is_word(word) {
                self.take(word);
                return read(self);
            }
        }
        if self.rest().starts_with("((") {
            return Err(self.unreadable());
        }
        if self.take("(") {
            let nodes = self.list()?;
            if !self.take(")") {
                return Err(self.unreadable());
            }
            return Ok(Node::Subshell(nodes, self.redirections()?));
        }
        match self.function()? {
            Some(function) => Ok(function),
            None => self.simple(),
        }
    }

    fn group(&mut self) -> Outcome<Node> {
        let nodes = self.list()?;
        self.expect("}")?;
        Ok(Node::Group(nodes, self.redirections()?))
    }

    fn conditional(&mut self) -> Outcome<Node> {
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            let condition = self.list()?;
            self.expect("then")?;
            branches.push((condition, self.list()?));
            match self.reserved() {
                Some("elif") => self.expect("elif")?,
                Some("else") => {
                    self.expect("else")?;
                    otherwise = self.list()?;
                    break;
                }
                _ => break,
            }
        }
        self.expect("fi")?;
        self.closed(Node::If { branches, otherwise })
    }

    fn case(&mut self) -> Outcome<Node> {
        self.blanks();
        let word = self.word()?.ok_or_else(|| self.unreadable())?;
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.newlines()?;
            if self.is_word("esac") {
                break;
            }
            self.take("(");
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                patterns.push(self.word()?.ok_or_else(|| self.unreadable())?);
                self.blanks();
                if !self.take("|") {
                    break;
                }
            }
            if !self.take(")") {
                return Err(self.unreadable());
            }
            arms.push((patterns, self.list()?));
            self.newlines()?;
            if !self.take(";;") && !self.is_word("esac") {
                return Err(self.unreadable());
            }
        }
        self.expect("esac")?;
        self.closed(Node::Case { word, arms })
    }

    fn each(&mut self) -> Outcome<Node> {
        self.blanks();
        let name = self.name().ok_or_else(|| self.unreadable())?;
        self.newlines()?;
        let mut words = Vec::new();
        let arguments = !self.is_word("in");
        if !arguments {
            self.take("in");
            loop {
                self.blanks();
                match self.word()? {
                    Some(word) => words.push(word),
                    None => break,
                }
            }
        }
        self.take(";");
        self.expect("do")?;
        let body = self.list()?;
        self.expect("done")?;
        self.closed(Node::For { name, words, arguments, body })
    }

    fn repeat(&mut self) -> Outcome<Node> {
        let condition = self.list()?;
        self.expect("do")?;
        let body = self.list()?;
        self.expect("done")?;
        self.closed(Node::While { condition, body })
    }

    /// A compound command with its redirections.
    fn closed(&mut self, node: Node) -> Outcome<Node> {
        let redirections = self.redirections()?;
        Ok(if redirections.is_empty() { node } else { Node::Group(vec![node], redirections) })
    }

    pub(super) fn name(&mut self) -> Option<String> {
        let end = self.rest().find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let name = &self.rest()[..end.unwrap_or(self.rest().len())];
        let good = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        good.then(|| {
            self.at += name.len();
            name.to_owned()
        })
    }

    fn function(&mut self) -> Outcome<Option<Node>> {
        let start = self.at;
        // bash's `function name ()`; without `()` other shells would run the body.
        if self.is_word("function") {
            self.take("function");
            self.blanks();
        }
        let end = self.rest().find(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c));
        let name = self.rest()[..end.unwrap_or(self.rest().len())].to_owned();
        self.at += name.len();
        self.blanks();
        if name.is_empty() || !self.take("(") {
            self.at = start;
            return Ok(None);
        }
        self.blanks();
        if !self.take(")") {
            return Err(self.unreadable());
        }
        self.newlines()?;
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.unreadable());
        }
        let body = Box::new(self.command()?);
        self.depth -= 1;
        Ok(Some(Node::Function { name, body }))
    }

    fn simple(&mut self) -> Outcome<Node> {
        let start = self.at;
        let mut simple = Simple::default();
        let mut end;
        loop {
            end = self.at;
            self.blanks();
            if let Some(redirection) = self.redirection()? {
                simple.redirections.extend(redirection);
                continue;
            }
            if simple.words.is_empty()
                && let Some(assignment) = self.assignment()?
            {
                simple.assignments.push(assignment);
                continue;
            }
            match self.word()? {
                Some(word) => simple.words.push(word),
                None => break,
            }
        }
        if self.at == start {
            return Err(self.unreadable());
        }
        simple.text = self.written(start, end);
        Ok(Node::Simple(simple))
    }

    fn written(&self, start: usize, end: usize) -> String {
        let text = self.text[start..end].replace("\\\n", " ");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn assignment(&mut self) -> Outcome<Option<(String, Word)>> {
        let start = self.at;
        match self.name() {
            Some(name) if self.take("=") => Ok(Some((name, self.word()?.unwrap_or_default()))),
            _ => {
                self.at = start;
                Ok(None)
            }
        }
    }

    fn redirections(&mut self) -> Outcome<Vec<Redirection>> {
        let mut all = Vec::new();
        loop {
            self.blanks();
            match self.redirection()? {
                Some(redirection) => all.extend(redirection),
                None => return Ok(all),
            }
        }
    }

    /// A redirection; within, `None` when it joins descriptors.
    fn redirection(&mut self) -> Outcome<Option<Option<Redirection>>> {
        let start = self.at;
        let digits = self.rest().find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest().len());
        self.at += digits;
        let operator = [">>", ">&", ">|", "<&", "<>", "<<", ">", "<"]
            .into_iter()
            .find(|operator| self.rest().starts_with(operator));
        let Some(operator) = operator else {
            self.at = start;
            return Ok(None);
        };
        self.at += operator.len();
        if operator == "<<" {
            let strips = self.take("-");
            self.blanks();
            let word = self.word()?.ok_or_else(|| self.unreadable())?;
            let literal = word.0.iter().any(|part| matches!(part, Part::Text { quoted: true, .. }));
            let delimiter = word.literal().filter(|text| {
                !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            });
            self.awaited.push((delimiter.ok_or_else(|| self.unreadable())?, strips, literal));
            return Ok(Some(None));
        }
        self.blanks();
        let target = self.word()?.ok_or_else(|| self.unreadable())?;
        if operator.ends_with('&') {
            let number = target.literal().is_some_and(|text| {
                !text.is_empty() && text.trim_end_matches('-').chars().all(|c| c.is_ascii_digit())
            });
            return if number { Ok(Some(None)) } else { Err(self.unreadable()) };
        }
        let writes = operator != "<";
        Ok(Some(Some(Redirection { writes, target, text: self.written(start, self.at) })))
    }
}
