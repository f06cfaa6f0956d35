//! A line for the shell as a list of simple commands, for callers that replace some of them and write the
//! line again. A line with more than that (substitutions, groups, loops) is no such list and stays as
//! it is.

use std::fmt;

use packwright_buildpack::shell_syntax::{self, Dialect, Joint, ShellCommand, TokenKind, WordPart, tokens};

/// One word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// As it is written.
    pub(crate) raw: String,
    /// Without quotes.
    pub(crate) text: String,
    /// Whether the shell does nothing to it but take its quotes away.
    pub(crate) plain: bool,
}

/// A simple command and what stands around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    /// What joins it to the one before: `&&`, `||`, `;`, `|`, `&`; nothing for the first.
    pub(crate) joint: &'static str,
    /// How many groups open before it.
    pub(crate) opens: usize,
    /// How many groups close behind it.
    pub(crate) closes: usize,
    /// Its words.
    pub(crate) words: Vec<Word>,
    /// Whether it goes to the background.
    pub(crate) background: bool,
}

impl Word {
    /// Whether it sets a variable: `NAME=value`.
    pub(crate) fn assigns(&self) -> bool {
        shell_syntax::Word::read(&self.raw).assigned().is_some()
    }

    fn append(&mut self, word: Word) {
        self.raw.push_str(&word.raw);
        self.text.push_str(&word.text);
        self.plain &= word.plain;
    }

    /// Whether it sends input or output elsewhere.
    fn redirects(&self) -> bool {
        self.raw.trim_start_matches(|first: char| first.is_ascii_digit()).starts_with(['<', '>'])
    }
}

impl Segment {
    /// A command of its own.
    pub(crate) fn new(words: Vec<Word>) -> Segment {
        Segment { joint: "", opens: 0, closes: 0, words, background: false }
    }

    /// The words that set variables, and the others.
    pub(crate) fn split(&self) -> (&[Word], &[Word]) {
        let start = self.words.iter().take_while(|word| word.assigns()).count();
        self.words.split_at(start)
    }

    /// The texts of the command's words, without variables before them.
    pub(crate) fn texts(&self) -> Vec<&str> {
        self.split().1.iter().map(|word| word.text.as_str()).collect()
    }

    /// Whether a program can be started with these words without a shell.
    pub(crate) fn needs_no_shell(&self) -> bool {
        let (variables, words) = self.split();
        let builtin = words.first().is_some_and(|word| {
            ["cd", "exec", "export", "set", "source", ".", ":"].contains(&word.text.as_str())
        });
        variables.is_empty()
            && !builtin
            && !self.background
            && !words.is_empty()
            && words.iter().all(|word| word.plain && !word.redirects())
    }
}

/// The commands of a line; `None` when it holds more than lists of simple commands.
pub(crate) fn parse(line: &str) -> Option<Vec<Segment>> {
    let line = line.trim();
    let script = shell_syntax::parse(line, Dialect::Bash);
    if script.rest.is_some() || line.contains('\n') {
        return None;
    }
    let mut segments: Vec<Segment> = Vec::new();
    for entry in &script.list {
        let pipeline = &entry.pipeline;
        let simple = |command: &ShellCommand| matches!(command, ShellCommand::Simple(_));
        if pipeline.is_negated || pipeline.is_timed || !pipeline.commands.iter().all(simple) {
            return None;
        }
        let mut joint = match entry.joint {
            _ if segments.is_empty() => "",
            Joint::And => "&&",
            Joint::Or => "||",
            Joint::Background => "&",
            Joint::Semicolon | Joint::Newline => ";",
        };
        for words in commands(&line[pipeline.start..pipeline.end])? {
            segments.push(Segment { joint, ..Segment::new(words) });
            joint = "|";
        }
        if let Some(last) = segments.last_mut() {
            last.background = entry.is_background;
        }
    }
    (!segments.is_empty()).then_some(segments)
}

/// The words of each command of a pipeline; `None` when one of them cannot be written again as words.
fn commands(pipeline: &str) -> Option<Vec<Vec<Word>>> {
    let mut commands: Vec<Vec<Word>> = vec![Vec::new()];
    let mut is_open = false;
    for token in tokens(pipeline) {
        let words = commands.last_mut()?;
        let word = match token.kind {
            TokenKind::Blank => {
                is_open = false;
                continue;
            }
            TokenKind::Operator("|") => {
                is_open = false;
                commands.push(Vec::new());
                continue;
            }
            TokenKind::Word => word(token.text(pipeline))?,
            TokenKind::Descriptor | TokenKind::Redirection(_) => {
                let raw = token.text(pipeline).to_owned();
                Word { text: raw.clone(), raw, plain: false }
            }
            _ => return None,
        };
        // A redirection and its target are one word where no blank is between them.
        match words.last_mut().filter(|_| is_open) {
            Some(last) => last.append(word),
            None => words.push(word),
        }
        is_open = true;
    }
    Some(commands)
}

fn word(raw: &str) -> Option<Word> {
    let word = shell_syntax::Word::read(raw);
    let is_known = |part: &WordPart| match part {
        WordPart::Text { .. } | WordPart::Parameter { .. } => true,
        WordPart::Other { raw } => raw.starts_with("$'"),
        _ => false,
    };
    let plain = word.literal().is_some() && !word.has_patterns();
    word.parts.iter().all(is_known).then(|| Word { raw: raw.to_owned(), text: word.unquoted(), plain })
}

/// The segments as one line again.
pub(crate) fn line(segments: &[Segment]) -> String {
    let mut line = String::new();
    for segment in segments {
        match segment.joint {
            "" => {}
            ";" => line.push_str("; "),
            joint => line.push_str(&format!(" {joint} ")),
        }
        line.push_str(&"{ ".repeat(segment.opens));
        line.push_str(&segment.to_string());
        line.push_str(&"; }".repeat(segment.closes));
    }
    if segments.last().is_some_and(|last| last.background) {
        line.push_str(" &");
    }
    line
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.words.iter().map(|word| word.raw.as_str()).collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Option<Vec<(&'static str, Vec<String>)>> {
        let words = |segment: &Segment| segment.words.iter().map(|word| word.text.clone()).collect();
        parse(text).map(|all| all.iter().map(|segment| (segment.joint, words(segment))).collect())
    }

    #[test]
    fn lists_of_commands() {
        let line = "NODE_ENV=production node 'a b.js' \"c \\\" d\" --x=1 2>&1 && b;c || d | e";
        let found = texts(line).unwrap();
        let joints: Vec<&str> = found.iter().map(|(joint, _)| *joint).collect();
        assert_eq!(joints, ["", "&&", ";", "||", "|"]);
        assert_eq!(found[0].1, ["NODE_ENV=production", "node", "a b.js", "c \" d", "--x=1", "2>&1"]);
    }

    #[test]
    fn a_line_comes_back_as_it_was() {
        for text in ["a && b", "a; b", "X=1 a 'b c' || d", "a | b", "a & b", "a &", "a > x 2>&1"] {
            assert_eq!(line(&parse(text).unwrap()), text, "{text}");
        }
    }

    #[test]
    fn more_than_lists_is_left_alone() {
        for text in
            ["(a)", "a $(b)", "a `b`", "if a; then b; fi", "a 'b", "a &&", "&& a", "! a", "a \"$(b)\"", "# a"]
        {
            assert_eq!(texts(text), None, "{text}");
        }
    }

    #[test]
    fn what_needs_a_shell() {
        for (text, needs) in [
            ("node a.js", false),
            ("node 'a b' \"c\"", false),
            ("node $X", true),
            ("X=1 node", true),
            ("node *.js", true),
            ("node ~/x", true),
            ("node a > b", true),
            ("cd x", true),
            ("node \"$X\"", true),
            ("node '$X'", false),
        ] {
            assert_eq!(!parse(text).unwrap()[0].needs_no_shell(), needs, "{text}");
        }
    }
}
