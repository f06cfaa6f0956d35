//! Times as Go writes them: `1m30s`, `500ms`.

use packwright_documents::Content;

use crate::table::Table;

/// What a number without a unit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare {
    /// Thousandths of a second.
    Milliseconds,
    /// Seconds.
    Seconds,
}

/// The time in whole seconds, parts of one rounded up.
pub(super) fn seconds(table: &Table<'_>, key: &str, bare: Bare) -> Option<u32> {
    let value = table.value(key)?;
    if value.text() == Some("") {
        // Old files have empty times, and flyctl passes over them.
        return None;
    }
    let seconds = match &value.content {
        Content::Number(number) => number.parse::<u64>().ok().map(|number| match bare {
            Bare::Milliseconds => number.div_ceil(1000),
            Bare::Seconds => number,
        }),
        Content::Text(text) => parse(text),
        _ => None,
    };
    let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
    if seconds.is_none() {
        table.document().refuse(
            value.line,
            &format!("`{key}` is no time"),
            "write one such as `30s` or `1m30s`",
        );
    }
    seconds
}

/// Source: Go, package time, `ParseDuration`.
fn parse(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut nanoseconds = 0f64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        nanoseconds += number
            * match &rest[..letters] {
                "ns" => 1.0,
                "us" | "µs" | "μs" => 1e3,
                "ms" => 1e6,
                "s" => 1e9,
                "m" => 60e9,
                "h" => 3600e9,
                _ => return None,
            };
        rest = &rest[letters..];
    }
    Some((nanoseconds / 1e9).ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn times_of_go() {
        let is = |text: &str, seconds: Option<u64>| assert_eq!(parse(text), seconds, "{text}");
        is("30s", Some(30));
        is("1m21s", Some(81));
        is("500ms", Some(1));
        is("1.5h", Some(5400));
        is("0", Some(0));
        is("2h45m0.5s", Some(9901));
        for wrong in ["", "5", "s", "1x", "-1s", "1s2", "..s", "é"] {
            is(wrong, None);
        }
    }
}
