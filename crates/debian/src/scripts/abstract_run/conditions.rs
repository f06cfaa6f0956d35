//! `[ … ]`, `test` and `dpkg --compare-versions` where their outcome is known without running
//! them. Files are never known.
//!
//! Source: POSIX.1-2024, `test`; dpkg(1), `--compare-versions`.

use std::cmp::Ordering;

use crate::version;

/// The outcome of `[ … ]` or `test …`; `None` when it is not known.
pub(super) fn test(name: &str, words: &[Option<String>]) -> Option<bool> {
    let words = match (name, words.split_last()) {
        ("[", Some((Some(last), words))) if last == "]" => &words[1..],
        ("[", _) => return None,
        _ => &words[1..],
    };
    disjunction(words)
}

fn is(word: &Option<String>, text: &str) -> bool {
    word.as_deref() == Some(text)
}

fn disjunction(words: &[Option<String>]) -> Option<bool> {
    // With few words `-o` could be an operand.
    if words.len() > 3
        && let Some(at) = words.iter().position(|word| is(word, "-o"))
    {
        let (left, right) = (disjunction(&words[..at]), disjunction(&words[at + 1..]));
        return match (left, right) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
    }
    conjunction(words)
}

fn conjunction(words: &[Option<String>]) -> Option<bool> {
    if words.len() > 3
        && let Some(at) = words.iter().position(|word| is(word, "-a"))
    {
        let (left, right) = (conjunction(&words[..at]), conjunction(&words[at + 1..]));
        return match (left, right) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
    }
    match words {
        [] => Some(false),
        [one] => one.as_ref().map(|one| !one.is_empty()),
        [left, sign, right] if ["=", "==", "!="].iter().any(|known| is(sign, known)) => {
            let equal = left.as_ref()? == right.as_ref()?;
            Some(equal != is(sign, "!="))
        }
        [not, rest @ ..] if is(not, "!") => conjunction(rest).map(|outcome| !outcome),
        [sign, one] if is(sign, "-n") => one.as_ref().map(|one| !one.is_empty()),
        [sign, one] if is(sign, "-z") => one.as_ref().map(|one| one.is_empty()),
        _ => None,
    }
}

/// The outcome of `dpkg --compare-versions LEFT OPERATOR RIGHT`.
pub(super) fn compare_versions(words: &[Option<String>]) -> Option<bool> {
    let [Some(left), Some(operator), Some(right)] = words else { return None };
    let empty_is_later = operator.ends_with("-nl");
    let order = match (left.is_empty(), right.is_empty()) {
        (true, true) => Ordering::Equal,
        (false, false) => {
            version::check(left).ok()?;
            version::check(right).ok()?;
            version::compare(left, right)
        }
        (true, false) if empty_is_later => Ordering::Greater,
        (false, true) if empty_is_later => Ordering::Less,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    };
    match operator.trim_end_matches("-nl") {
        "lt" | "<<" => Some(order.is_lt()),
        "le" | "<=" | "<" => Some(order.is_le()),
        "eq" | "=" => Some(order.is_eq()),
        "ne" => Some(order.is_ne()),
        "ge" | ">=" | ">" => Some(order.is_ge()),
        "gt" | ">>" => Some(order.is_gt()),
        _ => None,
    }
}
