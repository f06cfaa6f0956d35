//! What a source file defines, brings in and names, read without a compiler: enough for rules about paths.

use std::collections::{BTreeMap, BTreeSet};

/// The names of one file.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Items of its own.
    pub(super) defines: BTreeSet<String>,
    /// What `use` brings in, by the name that it has here.
    pub(super) imports: BTreeMap<String, Vec<String>>,
    /// The modules of which `use` brings in everything.
    pub(super) all_of: Vec<Vec<String>>,
    /// Every path that it writes, those of `use` too.
    pub(super) paths: BTreeSet<Vec<String>>,
}

/// The names in a source text.
pub(super) fn names(text: &str) -> Names {
    let words = words(&code(text));
    let mut names = Names::default();
    let mut at = 0;
    while at < words.len() {
        match words[at].as_str() {
            // What is for tests alone: the item behind the attribute.
            "#" if words[at..].starts_with(&["#", "[", "cfg", "(", "test", ")", "]"].map(str::to_owned)) => {
                at = behind_item(&words, at + 7);
            }
            "use" => {
                at = tree(&words, at + 1, &mut Vec::new(), &mut names);
            }
            "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "mod" | "union"
                if at + 1 < words.len() =>
            {
                let is_file = words[at] == "mod" && words.get(at + 2).is_some_and(|word| word == ";");
                if !is_file {
                    names.defines.insert(words[at + 1].clone());
                }
                at += 2;
            }
            "macro_rules" => {
                names.defines.extend(words.get(at + 2).cloned());
                at += 3;
            }
            word if is_name(word) && words.get(at + 1).is_some_and(|next| next == "::") => {
                let mut path = vec![words[at].clone()];
                while words.get(at + 1).is_some_and(|next| next == "::")
                    && words.get(at + 2).is_some_and(|next| is_name(next))
                {
                    path.push(words[at + 2].clone());
                    at += 2;
                }
                names.paths.insert(path);
                at += 1;
            }
            _ => at += 1,
        }
    }
    names
}

/// Reads a tree of `use` from `at` on; gives where it ends.
fn tree(words: &[String], mut at: usize, path: &mut Vec<String>, names: &mut Names) -> usize {
    let length = path.len();
    loop {
        match words.get(at).map(String::as_str) {
            Some("::") => at += 1,
            Some("{") => {
                at += 1;
                while words.get(at).is_some_and(|word| word != "}") {
                    at = tree(words, at, path, names);
                    if words.get(at).is_some_and(|word| word == ",") {
                        at += 1;
                    }
                }
                at += 1;
                break;
            }
            Some("*") => {
                names.all_of.push(path.clone());
                path.push("*".to_owned());
                names.paths.insert(path.clone());
                at += 1;
                break;
            }
            Some(word) if is_name(word) => {
                // `a::{self}` is `a`.
                if word != "self" || path.is_empty() {
                    path.push(word.to_owned());
                }
                at += 1;
                match words.get(at).map(String::as_str) {
                    Some("::") => {}
                    next => {
                        let alias = (next == Some("as")).then(|| words[at + 1].clone());
                        at += if alias.is_some() { 2 } else { 0 };
                        let name = alias.or_else(|| path.last().cloned()).expect("a word was read");
                        names.imports.insert(name, path.clone());
                        names.paths.insert(path.clone());
                        break;
                    }
                }
            }
            _ => break,
        }
    }
    path.truncate(length);
    at
}

/// Where the item that begins at `at` ends: behind its `;`, or behind its braces.
fn behind_item(words: &[String], mut at: usize) -> usize {
    let mut deep = 0_usize;
    while let Some(word) = words.get(at) {
        at += 1;
        match word.as_str() {
            "{" => deep += 1,
            "}" => {
                deep = deep.saturating_sub(1);
                if deep == 0 {
                    break;
                }
            }
            ";" if deep == 0 => break,
            _ => {}
        }
    }
    at
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// The text without comments and without what stands in quotes.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(raw) = raw_string(rest).filter(|_| !code.ends_with(is_word)) {
            raw
        } else if first == '"' {
            quoted(rest, '"')
        } else if first == '\'' {
            character(rest)
        } else {
            0
        };
        if skipped == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.push(' ');
            rest = &rest[skipped..];
        }
    }
    code
}

fn is_word(last: char) -> bool {
    last.is_alphanumeric() || last == '_'
}

/// How long the raw string at the beginning of `text` is.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inside = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - inside.len();
    Some(inside.find(&end).map_or(text.len(), |at| start + at + end.len()))
}

/// How long the text in quotes at the beginning of `text` is.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            character if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// How long the character at the beginning of `text` is; a lifetime is none.
fn character(text: &str) -> usize {
    let mut characters = text.chars().skip(1);
    match (characters.next(), characters.next()) {
        (Some('\\'), _) => quoted(text, '\''),
        (Some(one), Some('\'')) => one.len_utf8() + 2,
        _ => 0,
    }
}

/// Names, `::`, and every other character for itself.
fn words(code: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            ':' if rest.starts_with("::") => 2,
            first if is_word(first) => rest.find(|next| !is_word(next)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        if !first.is_whitespace() {
            words.push(rest[..length].to_owned());
        }
        rest = &rest[length..];
    }
    words
}
