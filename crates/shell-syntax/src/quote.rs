//! Where a quoted text or a substitution begins, and where the quoted and bracketed texts end that cannot hold
//! commands. The others end where the [lexer](crate::lexer) says so.

const OPENERS: [&str; 7] = ["'", "\"", "`", "$(", "${", "$'", "$\""];

/// Whether a quoted text or a substitution begins at the start of `rest`.
pub(crate) fn begins(rest: &str) -> bool {
    OPENERS.iter().any(|opener| rest.starts_with(opener))
}

/// The offset behind the `))` that closes the `((` at `at`; `None` when `((` opens two subshells or the
/// expression is longer than any that is written. One pass without recursion: a text that fails here
/// is read again as commands.
pub(crate) fn brackets(text: &str, at: usize) -> Option<usize> {
    const LONGEST: usize = 1024;
    let bytes = &text.as_bytes()[..text.len().min(at + LONGEST)];
    if !bytes[at..].windows(2).any(|pair| pair == b"))") {
        return None;
    }
    let (mut open, mut quote) = (0usize, None);
    let mut letters = bytes.iter().enumerate().skip(at);
    while let Some((at, byte)) = letters.next() {
        match (*byte, quote) {
            (b'\\', None | Some(b'"')) => drop(letters.next()),
            (byte, Some(begun)) if byte == begun => quote = None,
            (_, Some(_)) => {}
            (byte @ (b'\'' | b'"'), None) => quote = Some(byte),
            (b'(', None) => open += 1,
            (b')', None) if open > 1 => open -= 1,
            (b')', None) => return (bytes[at - 1] == b')').then_some(at + 1),
            _ => {}
        }
    }
    None
}

/// The offset behind `closing`, which no backslash stands before.
pub(crate) fn escaped(bytes: &[u8], from: usize, closing: u8) -> Option<usize> {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match *byte {
            b'\\' => at += 2,
            byte if byte == closing => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}
