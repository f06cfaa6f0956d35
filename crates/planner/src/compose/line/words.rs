//! The words of simple commands, and what a command does for those beside it.

use packwright_shell_syntax::{Token, TokenKind, Word, tokens};

use super::pieces::pieces;
use crate::Command;

/// Words that open blocks, which stand before the first command in them.
const OPENERS: &[&str] =
    &["if", "then", "else", "elif", "while", "until", "do", "function", "time", "!", "exec"];

/// What a part does for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compose) enum Kind {
    /// It says how those behind it run.
    Prepares,
    /// It says whether those behind it run.
    Asks,
    /// It changes nothing.
    Idle,
    /// It does the work.
    Works,
}

/// The words of a command, without variables that are set for it and without quotes.
pub(super) fn split(text: &str) -> Vec<String> {
    let words = written(text).into_iter().skip_while(|word| Word::read(word).assigned().is_some());
    words.map(bare).collect()
}

/// All words of a command, without quotes.
pub(super) fn all(text: &str) -> Vec<String> {
    written(text).into_iter().map(bare).collect()
}

/// The words as they are written; a pipe is a word of its own, a redirection a part of the word that it touches.
fn written(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    let mut start = None;
    for token in tokens(text) {
        let is_pipe = matches!(token.kind, TokenKind::Operator("|" | "|&"));
        match token.kind {
            TokenKind::Blank | TokenKind::Newline | TokenKind::Continuation | TokenKind::Comment => {}
            _ if is_pipe => {}
            _ => {
                start.get_or_insert(token.start);
                continue;
            }
        }
        words.extend(start.take().map(|start| &text[start..token.start]));
        if is_pipe {
            words.push("|");
        }
    }
    words.extend(start.map(|start| &text[start..]));
    words
}

/// A word without its quotes.
fn bare(word: &str) -> String {
    let bare = |token: Token| match token.kind {
        TokenKind::Word => Word::read(token.text(word)).unquoted(),
        TokenKind::Open => token.text(word).trim_matches(['"', '\'']).to_owned(),
        _ => token.text(word).to_owned(),
    };
    tokens(word).into_iter().map(bare).collect()
}

/// The words of the simple commands of a pipeline; none where variables alone are set.
pub(super) fn pipeline(words: &[String]) -> Vec<Vec<String>> {
    let commands = words.split(|word| word == "|").filter(|words| !words.is_empty());
    commands.map(<[String]>::to_vec).collect()
}

/// The words of what may be the simple commands of a text that cannot be taken apart; good enough
/// to say something about them.
pub(in crate::compose) fn guessed(command: &Command) -> Vec<Vec<String>> {
    let text = command.to_string();
    text.split(['&', ';', '|', '(', ')', '\n', '{', '}'])
        .map(|part| split(part.trim()))
        .map(|words| {
            words.into_iter().skip_while(|word| OPENERS.contains(&word.as_str())).collect::<Vec<_>>()
        })
        .filter(|words: &Vec<String>| words.first().is_some_and(|word| !word.starts_with('#')))
        .collect()
}

/// What a simple command or a pipeline does for those beside it.
pub(super) fn kind(words: &[String]) -> Kind {
    let is_pipeline = words.iter().any(|word| word == "|");
    let says = |word: &String| word.contains(['>', '`']) || word.contains("$(");
    match words.first().map(String::as_str) {
        Some(_) if is_pipeline => Kind::Works,
        None => Kind::Prepares,
        Some(
            "set" | "export" | "unset" | "umask" | "ulimit" | "shopt" | "cd" | "pushd" | "popd" | "source"
            | "." | "trap" | "alias" | "declare" | "typeset" | "readonly" | "shift",
        ) => Kind::Prepares,
        Some("[" | "[[" | "test" | "command" | "which" | "type" | "hash") => Kind::Asks,
        Some("true" | ":" | "echo" | "printf") if !words.iter().any(says) => Kind::Idle,
        // The end of a script that has come so far.
        Some("exit" | "return") if matches!(words.get(1).map(String::as_str), None | Some("0" | "$?")) => {
            Kind::Idle
        }
        Some(_) => Kind::Works,
    }
}

/// Whether a preparation says how its own shell goes on, and nothing to programs.
pub(super) fn is_of_shell(words: &[String]) -> bool {
    match words.first().map(String::as_str) {
        // That a shell exports what it reads is for programs.
        Some("set") => !exports_all(&words[1..]),
        Some("trap" | "shopt" | "alias" | "shift") => true,
        _ => false,
    }
}

fn exports_all(options: &[String]) -> bool {
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let Some(letters) = option.strip_prefix(['-', '+']) else { return false };
        if letters.contains('a')
            || letters.ends_with('o') && options.next().is_some_and(|name| name == "allexport")
        {
            return true;
        }
    }
    false
}

/// Whether a command makes its shell end at the first failure.
pub(super) fn stops_at_failure(words: &[String]) -> bool {
    let Some("set") = words.first().map(String::as_str) else { return false };
    words.iter().skip(1).any(|word| word == "errexit" || is_flag(word, 'e'))
}

/// Whether a word has the one-letter option `letter`.
pub(super) fn is_flag(word: &str, letter: char) -> bool {
    word.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains(letter))
}

/// Whether an alternative, that what is behind `||`, does nothing but say something or give up.
pub(super) fn is_harmless(text: &str) -> bool {
    let is_word = |text: &str| {
        let words = split(text);
        matches!(
            words.first().map(String::as_str),
            Some("true" | ":" | "echo" | "printf" | "exit" | "return")
        )
    };
    match text.strip_prefix('{').and_then(|inner| inner.trim_end().strip_suffix('}')) {
        Some(inner) => pieces(inner).iter().all(|piece| !piece.is_whole && is_word(&piece.text)),
        None => is_word(text),
    }
}
