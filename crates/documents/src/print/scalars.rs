//! What the printers share: quoted strings, spellings of numbers, indentation, and the error for a value that a
//! format cannot hold.

use std::fmt::Write;

use std::collections::BTreeSet;

use crate::value::Entry;

/// A value that a format has no spelling for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("TOML cannot say {what} at `{path}`")]
pub struct Unprintable {
    /// Where it is: names and positions from 0, with dots between.
    pub path: String,
    /// What it is: `nothing`, a kind of value, a number in its spelling.
    pub what: String,
}

pub(super) fn indent(out: &mut String, depth: usize) {
    (0..depth).for_each(|_| out.push_str("  "));
}

/// The text between double quotes as JSON, YAML and TOML read it: in all three the named escapes and
/// those of four digits mean the same.
pub(super) fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if is_printable(letter) => out.push(letter),
            // All that is not printable has four digits.
            letter => {
                write!(out, "\\u{:04x}", u32::from(letter)).expect("a string takes all that is written")
            }
        }
    }
    out.push('"');
}

/// Whether the character may be in a text as it is, in YAML 1.1 and 1.2 and without moving a line.
/// Source: YAML 1.2.2, 5.1, "Character Set".
pub(super) fn is_printable(letter: char) -> bool {
    match letter {
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        ' '..='~' => true,
        letter => letter >= '\u{a0}',
    }
}

/// The entries in order, without those whose name comes again.
pub(super) fn last_of_each(entries: &[Entry]) -> Vec<&Entry> {
    let mut names = BTreeSet::new();
    let mut kept: Vec<&Entry> = entries.iter().rev().filter(|entry| names.insert(&entry.key)).collect();
    kept.reverse();
    kept
}

/// A spelling of the number that JSON, YAML 1.1 and 1.2 and TOML take for the same number; `None`
/// when there is none.
pub(super) fn number(spelling: &str) -> Option<String> {
    let (sign, digits) = match spelling.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", spelling.strip_prefix('+').unwrap_or(spelling)),
    };
    let digits = digits.replace('_', "");
    for (prefix, radix) in [("0x", 16), ("0X", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = digits.strip_prefix(prefix) {
            let is_unsigned = digits.chars().all(|digit| digit.is_digit(radix));
            let value = is_unsigned.then(|| u128::from_str_radix(digits, radix).ok())?;
            return value.map(|value| format!("{sign}{value}"));
        }
    }
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits.as_str(), None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let all = [whole, fraction.unwrap_or_default()];
    if !all.iter().all(|text| are_digits(text)) || all.iter().all(|text| text.is_empty()) {
        return None;
    }
    let mut number = format!("{sign}{}", zeroless(whole));
    if let Some(fraction) = fraction {
        number.push('.');
        number.push_str(if fraction.is_empty() { "0" } else { fraction });
    }
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !are_digits(digits) {
            return None;
        }
        number.push('e');
        number.push_str(exponent);
    }
    Some(number)
}

/// The digits without zeros in front of them.
pub(super) fn zeroless(digits: &str) -> &str {
    match digits.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    }
}
