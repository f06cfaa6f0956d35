//! Secrets in commands: assignments, options and bare words. What is taken out is replaced so
//! that the command still works where it can: a variable then comes from the environment.

use std::ops::Range;

use packwright_shell_syntax::{self as syntax, TokenKind, tokens};

use super::predicates::{is_secret, is_secret_value};
use super::rules::{BLOT, is_dummy, is_harmless, is_secret_name, words};
use super::text::hidden;
use crate::Command;

/// How deep scripts inside of scripts are looked at.
const DEPTH: usize = 4;

/// Programs whose option `-c` has a script.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "zsh", "ksh"];

/// First words of options that are switches: what follows them is no secret.
const SWITCHES: &[&str] =
    &["NO", "DISABLE", "ENABLE", "SKIP", "WITHOUT", "WITH", "USE", "REQUIRE", "ALLOW", "ASK"];

/// A command without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blotted {
    /// The command; `***` stands where a secret was that no variable can stand for.
    pub(crate) command: Command,
    /// The variables that the command set and now takes from the environment.
    pub(crate) variables: Vec<String>,
    /// What was blotted out and leaves the command without something that it needs.
    pub(crate) lost: Vec<String>,
}

/// The command without its secrets; nothing when it has none.
pub(crate) fn blotted(command: &Command) -> Option<Blotted> {
    let mut pen = Pen::default();
    let command = match command {
        Command::Shell(line) => Command::Shell(pen.script(line, 0)),
        Command::Exec(words) => Command::Exec(pen.words(words)),
    };
    let Pen { variables, lost } = pen;
    (!variables.is_empty() || !lost.is_empty()).then_some(Blotted { command, variables, lost })
}

/// What was blotted out.
#[derive(Default)]
struct Pen {
    variables: Vec<String>,
    lost: Vec<String>,
}

/// One word of a script and what it means.
struct Word<'a> {
    raw: &'a str,
    range: Range<usize>,
    plain: String,
}

impl Pen {
    fn variable(&mut self, name: &str) {
        if !self.variables.iter().any(|known| known == name) {
            self.variables.push(name.to_owned());
        }
    }

    /// The text of a script without its secrets.
    fn script(&mut self, text: &str, depth: usize) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut from = 0;
        let mut asked: Option<String> = None;
        let mut logs_in = false;
        for word in words_of(text) {
            let ends = text[from..word.range.start].contains([';', '&', '|', '\n']);
            logs_in = word.plain == "curl" || logs_in && !ends;
            shown.push_str(&text[from..word.range.start]);
            from = word.range.end;
            let option = asked.take();
            match option {
                Some(option) if is_value_of(&option, &word.plain) => {
                    self.lost.push(format!("the value of `{option}`"));
                    shown.push_str(BLOT);
                }
                _ => shown.push_str(&self.word(&word, depth)),
            }
            asked = is_asking(&word.plain, logs_in).then_some(word.plain);
        }
        shown.push_str(&text[from..]);
        self.rest(shown)
    }

    fn word(&mut self, word: &Word<'_>, depth: usize) -> String {
        let Word { raw, plain, .. } = word;
        let quote = raw.chars().next().filter(|first| "'\"".contains(*first));
        let is_one = |quote: char| raw.len() > 1 && raw.ends_with(quote) && raw.matches(quote).count() >= 2;
        if let Some(quote) = quote.filter(|quote| is_one(*quote) && plain.contains(char::is_whitespace)) {
            return self.quoted(raw, quote, depth);
        }
        let Some((name, value)) = plain.split_once('=') else { return (*raw).to_owned() };
        // A `$` in single quotes is a letter like others.
        let is_literal = raw.split_once('=').is_some_and(|(_, value)| value.starts_with('\''));
        let is_hidden = is_secret(name, value) && !is_dummy(value)
            || is_literal && value.starts_with('$') && is_secret_name(name) && value.len() > 1;
        if !is_hidden {
            return (*raw).to_owned();
        }
        if is_variable(name) {
            self.variable(name);
            return match depth {
                0 => format!("{name}=\"${name}\""),
                // Quotes would end those around the script.
                _ => format!("{name}=${name}"),
            };
        }
        if !is_secret_name(name) {
            // The secret is a part of the value, and found as that.
            return (*raw).to_owned();
        }
        self.lost.push(format!("the value of `{name}`"));
        format!("{name}={BLOT}")
    }

    /// A word in quotes that has blanks in it may be a script.
    fn quoted(&mut self, raw: &str, quote: char, depth: usize) -> String {
        let inner = &raw[1..raw.len() - 1];
        if depth >= DEPTH || quote == '\'' && inner.contains('\'') {
            return raw.to_owned();
        }
        match quote {
            '"' => {
                let script = self.script(&inner.replace("\\\"", "\""), depth + 1);
                format!("\"{}\"", script.replace('"', "\\\""))
            }
            _ => format!("'{}'", self.script(inner, depth + 1)),
        }
    }

    /// The words of a program and its arguments without their secrets.
    fn words(&mut self, words: &[String]) -> Vec<String> {
        let base = |word: &str| word.rsplit('/').next().unwrap_or(word).to_owned();
        let mut shown: Vec<String> = Vec::new();
        // The words before are `env` and what it sets.
        let mut of_env = false;
        let mut of_shell = false;
        let mut asked: Option<String> = None;
        let logs_in = words.first().is_some_and(|word| base(word) == "curl");
        for (number, word) in words.iter().enumerate() {
            let is_script = of_shell && number > 0 && {
                let before = &words[number - 1];
                before.starts_with('-') && !before.starts_with("--") && before.ends_with('c')
            };
            let option = asked.take();
            if is_script {
                shown.push(self.script(word, 0));
            } else if let Some(option) = option.filter(|option| is_value_of(option, word)) {
                self.lost.push(format!("the value of `{option}`"));
                shown.push(BLOT.to_owned());
            } else if let Some((name, value)) = word.split_once('=')
                && is_secret(name, value)
                && !is_dummy(value)
                && (is_secret_name(name) || of_env && is_variable(name))
            {
                if of_env && is_variable(name) {
                    // Without the word the program gets the variable that `env` has.
                    self.variable(name);
                    continue;
                }
                self.lost.push(format!("the value of `{name}`"));
                shown.push(format!("{name}={BLOT}"));
            } else {
                let word = self.rest(word.clone());
                shown.push(word);
            }
            asked = is_asking(word, logs_in).then(|| word.clone());
            let is_setting = word.split_once('=').is_some_and(|(name, _)| is_variable(name));
            of_env = base(word) == "env" || of_env && is_setting;
            of_shell |= SHELLS.contains(&base(word).as_str());
        }
        shown
    }

    /// The text without secrets that stand anywhere.
    fn rest(&mut self, text: String) -> String {
        if !is_secret_value(&text) {
            return text;
        }
        self.lost.push("an address with a password, or a key".to_owned());
        hidden(&text)
    }
}

/// Options of curl that are followed by a user and a password.
const USERS: &[&str] = &["-u", "--user", "-U", "--proxy-user"];

/// Whether `word` is an option whose value, a secret, is the next word. `logs_in` says whether curl
/// is there.
fn is_asking(word: &str, logs_in: bool) -> bool {
    if logs_in && USERS.contains(&word) {
        return true;
    }
    let Some(name) = word.strip_prefix("--").filter(|name| !name.contains('=')) else { return false };
    let words = words(name);
    let is_switch = words.first().is_some_and(|first| SWITCHES.contains(&first.as_str()));
    // `--ssl-key` has the path of a file.
    let is_path = ["SSL", "TLS"].iter().any(|word| words.iter().any(|known| known == word));
    is_secret_name(name) && !is_switch && !is_path
}

fn is_value_of(option: &str, word: &str) -> bool {
    if USERS.contains(&option) {
        let password = word.split_once(':').map_or("", |(_, password)| password);
        return !password.is_empty() && !is_harmless("password", password);
    }
    !word.starts_with('-') && !is_harmless(option, word)
}

fn is_variable(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit()) && name.bytes().all(is_part)
}

/// The words of a script, and what is left of each without its quotes: also those of comments,
/// here-documents, arrays and process substitutions.
fn words_of(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    words_in(text, 0..text.len(), 0, &mut words);
    words
}

fn words_in<'a>(text: &'a str, place: Range<usize>, depth: usize, words: &mut Vec<Word<'a>>) {
    for token in tokens(&text[place.clone()]) {
        let range = place.start + token.start..place.start + token.end;
        let raw = &text[range.clone()];
        let inside = match token.kind {
            TokenKind::Comment | TokenKind::Arithmetic => Some(1),
            TokenKind::Document => Some(0),
            TokenKind::Word if raw.starts_with(['<', '>']) => Some(2),
            TokenKind::Word => syntax::Word::read(raw).assigned().and_then(|name| {
                let value = raw.find('=').filter(|equals| raw[*equals..].starts_with("=("));
                value.map(|equals| equals + 2).filter(|_| !name.is_empty())
            }),
            _ => None,
        };
        match (inside.filter(|_| depth < DEPTH), token.kind) {
            (Some(start), _) => words_in(text, range.start + start..range.end, depth + 1, words),
            (None, TokenKind::Word) => {
                words.push(Word { raw, range, plain: syntax::Word::read(raw).unquoted() })
            }
            // The text of an open quote is looked at, too.
            (None, TokenKind::Open) => words.push(Word { raw, range, plain: without_quotes(raw) }),
            (None, _) => {}
        }
    }
}

fn without_quotes(raw: &str) -> String {
    raw.chars().filter(|letter| !"'\"\\".contains(*letter)).collect()
}
