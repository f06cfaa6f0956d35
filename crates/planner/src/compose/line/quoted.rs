//! Quoted texts and substitutions of a shell text: where each ends. It expands nothing.

/// How deep they may stand inside each other; what is deeper is not followed.
const DEPTH: usize = 32;

/// What opens one.
const OPENERS: &[&str] = &["'", "\"", "`", "$(", "${", "$'"];

/// Whether one begins here.
pub(super) fn begins(text: &str) -> bool {
    OPENERS.iter().any(|opener| text.starts_with(opener))
}

/// The length of the one that begins here; nothing when it has no end.
pub(super) fn end(text: &str) -> Option<usize> {
    end_at(text, 0, Inside::Nothing)
}

/// The length of what stands in the brackets that open here.
pub(super) fn brackets(text: &str) -> Option<usize> {
    until(text, 1, b')', 0, Inside::Nothing)
}

/// What a text stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    /// Double quotes, in which a single quote is a letter.
    Quotes,
}

fn end_at(text: &str, depth: usize, inside: Inside) -> Option<usize> {
    let rest = text.get(1..)?;
    match (text.as_bytes()[0], rest.as_bytes().first()) {
        (b'\'', _) => rest.find('\'').map(|end| end + 2),
        (b'"', _) => until(text, 1, b'"', depth, Inside::Quotes),
        (b'`', _) => until(text, 1, b'`', depth, inside),
        (b'$', Some(b'(')) => until(text, 2, b')', depth, Inside::Nothing),
        (b'$', Some(b'{')) => until(text, 2, b'}', depth, inside),
        (b'$', Some(b'\'')) => escaped(text),
        _ => None,
    }
}

/// The length of `$'…'`, in which a quote may stand behind a backslash.
fn escaped(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().skip(2);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'\'' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The offset behind `closing`, looked for at `from`.
fn until(text: &str, from: usize, closing: u8, depth: usize, inside: Inside) -> Option<usize> {
    if depth > DEPTH {
        return None;
    }
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        let is_blank = at > 0 && bytes[at - 1].is_ascii_whitespace();
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == closing => return Some(at + 1),
            b'(' if closing == b')' => at = until(text, at + 1, b')', depth + 1, inside)?,
            b'#' if closing == b')' && is_blank => at += text[at..].find('\n')?,
            b'\'' if matches!(closing, b')' | b'}') && inside == Inside::Nothing => {
                at += end_at(&text[at..], depth + 1, inside)?;
            }
            b'"' | b'`' => at += end_at(&text[at..], depth + 1, inside)?,
            b'$' if matches!(bytes.get(at + 1), Some(b'(' | b'{')) => {
                at += end_at(&text[at..], depth + 1, inside)?;
            }
            _ => at += 1,
        }
    }
    None
}
