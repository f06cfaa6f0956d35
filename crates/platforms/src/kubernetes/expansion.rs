//! `$(NAME)` in the commands and variables of a container, which Kubernetes expands from the container's
//! variables. `$$` is a dollar sign, and an unknown name stays as it is.
//!
//! Source: the API reference of Kubernetes, "Container", `command` and `args`; the design document
//! "Variable expansion in pod command, args, and env".

use std::collections::BTreeMap;

use packwright_planner::Command;

/// The variables of a container, with their values as far as those are in the manifests and no
/// secrets.
pub(super) type Known = BTreeMap<String, Option<String>>;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// The value of a variable that only the running container has.
    Variable(String),
}

/// A text as far as it is known; nothing when a part of it is known to the running container only.
pub(super) fn expanded(text: &str, known: &Known) -> Option<String> {
    match pieces(text, known).as_slice() {
        [] => Some(String::new()),
        [Piece::Text(text)] => Some(text.clone()),
        _ => None,
    }
}

/// A command of these words. Where a value is known to the running container only, a shell fills it
/// in, which does the same for variables as Kubernetes does.
pub(super) fn command(words: &[String], known: &Known) -> Command {
    let whole: Option<Vec<String>> = words.iter().map(|word| expanded(word, known)).collect();
    match whole {
        Some(words) => Command::Exec(words),
        None => {
            let words: Vec<String> = words.iter().map(|word| shell_word(&pieces(word, known))).collect();
            Command::Shell(format!("exec {}", words.join(" ")))
        }
    }
}

/// A word for a shell.
fn shell_word(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Variable(name) => format!("\"${{{name}}}\""),
        Piece::Text(text) => packwright_shell_syntax::quote(text),
    };
    match pieces {
        [] => "''".to_owned(),
        pieces => pieces.iter().map(piece).collect(),
    }
}

fn pieces(text: &str, known: &Known) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let after = &from[1..];
        let name = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        rest = match (after.chars().next(), name) {
            (Some('$'), _) => {
                plain.push('$');
                &after[1..]
            }
            (_, Some((name, behind))) => {
                match known.get(name) {
                    Some(Some(value)) => plain.push_str(value),
                    Some(None) => {
                        if !plain.is_empty() {
                            pieces.push(Piece::Text(std::mem::take(&mut plain)));
                        }
                        pieces.push(Piece::Variable(name.to_owned()));
                    }
                    None => {
                        plain.push_str("$(");
                        plain.push_str(name);
                        plain.push(')');
                    }
                }
                behind
            }
            _ => {
                plain.push('$');
                after
            }
        };
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_what_kubernetes_makes_of_them() {
        let known: Known = [("A".to_owned(), Some("one".to_owned())), ("S".to_owned(), None)].into();
        let is = |text: &str, wanted: Option<&str>| {
            assert_eq!(expanded(text, &known).as_deref(), wanted, "{text}")
        };
        is("plain", Some("plain"));
        is("", Some(""));
        is("$(A)-$(A)", Some("one-one"));
        is("$$(A)", Some("$(A)"));
        is("$$$(A)", Some("$one"));
        is("$(NONE)", Some("$(NONE)"));
        is("$A ${A} $", Some("$A ${A} $"));
        is("$(A", Some("$(A"));
        is("$(S)", None);
    }

    #[test]
    fn a_shell_fills_in_what_only_the_container_knows() {
        let known: Known = [("A".to_owned(), Some("a b".to_owned())), ("S".to_owned(), None)].into();
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(command(&words(&["run", "$(A)"]), &known), Command::exec(["run", "a b"]));
        let shell = command(&words(&["run", "--x=$(A)/$(S)", "it's $HOME", ""]), &known);
        assert_eq!(shell.to_string(), r#"exec run '--x=a b/'"${S}" 'it'\''s $HOME' ''"#);
    }
}
