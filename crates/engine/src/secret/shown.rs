//! A line as a terminal or a viewer shows it: what hides between the letters of a secret is gone. Pure text.
//!
//! A line that is given to people is looked through in these forms too, since the command line and terminals
//! take the same sequences out after the secrets were redacted.

/// `line` in each of the ways in which its readers may see it.
pub(super) fn views(line: &[u8]) -> Vec<String> {
    if line.iter().all(|byte| (b' '..0x7f).contains(byte)) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(line);
    vec![rendered(&text), text.chars().filter(|letter| !is_unseen(*letter)).collect()]
}

/// `text` without control sequences and invisible letters; a backspace takes back the letter before it.
///
/// Source: ECMA-48, "Control sequences", "Control strings"; ECMA-35, "Escape sequences".
fn rendered(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{9b}' => skip_parameters(&mut letters),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut letters),
            '\x1b' if letters.next_if_eq(&'[').is_some() => skip_parameters(&mut letters),
            '\x1b' if letters.next_if(|next| "]PX^_".contains(*next)).is_some() => skip_string(&mut letters),
            '\x1b' => {
                while letters.next_if(|next| (' '..='/').contains(next)).is_some() {}
                letters.next();
            }
            '\x08' => {
                shown.pop();
            }
            _ if is_unseen(letter) => {}
            _ => shown.push(letter),
        }
    }
    shown
}

fn skip_parameters(letters: &mut impl Iterator<Item = char>) {
    letters.find(|next| ('\x40'..='\x7e').contains(next));
}

fn skip_string(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(next) = letters.next_if(|next| *next != '\x1b') {
        if matches!(next, '\x07' | '\u{9c}') {
            break;
        }
    }
}

/// Control characters, and letters without a width.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
