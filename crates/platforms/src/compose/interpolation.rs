//! Interpolation: `${NAME:-default}` in the values of a Compose file. Compose fills it in from the caller's
//! variables, which are unknown here, so only defaults are filled in.
//!
//! Source: compose-spec, 12-interpolation.md.

/// How deep references may lie in each other's defaults; what is deeper stays as it is written.
const DEPTH: usize = 16;

/// A text whose references are filled in as far as the file says with what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Interpolated {
    /// The text. References without a default are still there, as `${NAME}`.
    pub(super) text: String,
    /// The names of those.
    pub(super) asks: Vec<String>,
    /// Whether there was a reference with a default, so that the caller may say something else.
    pub(super) may: bool,
}

/// Fills in what `text` refers to; `$$` is a dollar sign.
pub(super) fn filled(text: &str) -> Interpolated {
    let mut filled = Interpolated::default();
    fill(text, 0, &mut filled);
    filled
}

fn fill(text: &str, depth: usize, filled: &mut Interpolated) {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        filled.text.push_str(before);
        let after = &from[1..];
        rest = match after.chars().next() {
            Some('$') => {
                filled.text.push('$');
                &after[1..]
            }
            Some('{') => match closing(after) {
                Some(end) if depth < DEPTH => {
                    braced(&after[1..end], depth, filled);
                    &after[end + 1..]
                }
                _ => {
                    filled.text.push('$');
                    after
                }
            },
            _ => match name_length(after) {
                0 => {
                    filled.text.push('$');
                    after
                }
                length => {
                    ask(&after[..length], filled);
                    &after[length..]
                }
            },
        };
    }
    filled.text.push_str(rest);
}

/// Fills in what stands between the braces of `${…}`.
fn braced(inner: &str, depth: usize, filled: &mut Interpolated) {
    let (name, rest) = inner.split_at(name_length(inner));
    let default = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-'));
    let instead = rest.starts_with(":+") || rest.starts_with('+');
    match default {
        _ if name.is_empty() => {
            filled.text.push_str("${");
            filled.text.push_str(inner);
            filled.text.push('}');
        }
        Some(default) => {
            filled.may = true;
            fill(default, depth + 1, filled);
        }
        // What stands there only when the caller has the variable.
        None if instead => filled.may = true,
        None => ask(name, filled),
    }
}

fn ask(name: &str, filled: &mut Interpolated) {
    filled.text.push_str("${");
    filled.text.push_str(name);
    filled.text.push('}');
    filled.asks.push(name.to_owned());
}

/// The place of the brace that closes the one at the start of `text`.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The length of the name of a variable at the start of `text`.
fn name_length(text: &str) -> usize {
    let is_first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    match text.bytes().next() {
        Some(first) if is_first(first) => {
            text.bytes().take_while(|&byte| is_first(byte) || byte.is_ascii_digit()).count()
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_filled_in_with_their_defaults() {
        let is = |text: &str, wanted: &str, asks: &[&str]| {
            let found = filled(text);
            assert_eq!((found.text.as_str(), found.asks.as_slice()), (wanted, &asks.map_to()[..]), "{text}");
        };
        is("plain", "plain", &[]);
        is("$$HOME and $$", "$HOME and $", &[]);
        is("${A:-one}/${B-two}", "one/two", &[]);
        is("${A:-${B:-deep}}", "deep", &[]);
        is("${A:?say it}", "${A}", &["A"]);
        is("$A-${B}", "${A}-${B}", &["A", "B"]);
        is("${A:-${B}}", "${B}", &["B"]);
        is("${A:+x}", "", &[]);
        is("$1 $ ${", "$1 $ ${", &[]);
        is("${1} ${}", "${1} ${}", &[]);
        is("${A:-{\"a\": {}}}", "{\"a\": {}}", &[]);
        let deep = "${A:-".repeat(99);
        assert_eq!(filled(&deep).text, deep);
    }

    trait Owned {
        fn map_to(&self) -> Vec<String>;
    }

    impl Owned for [&str] {
        fn map_to(&self) -> Vec<String> {
            self.iter().map(|&text| text.to_owned()).collect()
        }
    }
}
