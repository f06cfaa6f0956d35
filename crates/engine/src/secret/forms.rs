//! The forms in which a secret is searched for: its lines, its line ends, its encodings. Pure values;
//! nothing is searched here.
//!
//! README.md, "Secrets", lists the same forms for people.

/// A shorter line of a secret is found by chance in what a step leaves.
pub(super) const SHORTEST_LINE: usize = 16;

/// A shorter base64 text is found by chance.
const SHORTEST_BASE64: usize = 8;

/// The whole value with every kind of line end: as it is, joined, with LF, CR LF and CR, and with the two
/// line ends as the letters `\n` and `\r\n`. Without the white space around it.
pub(super) fn wholes(value: &[u8], shortest: usize) -> Vec<Vec<u8>> {
    let trimmed = value.trim_ascii();
    let value = if trimmed.len() < shortest { value } else { trimmed };
    let lines = split(value);
    let mut wholes = vec![value.to_vec()];
    if lines.len() > 1 {
        let ends: [&[u8]; 6] = [b"", b"\n", b"\r\n", b"\r", b"\\n", b"\\r\\n"];
        wholes.extend(ends.map(|end| lines.join(end)));
    }
    wholes.retain(|whole| whole.len() >= shortest);
    unique(wholes)
}

/// The lines of a value that has several, without the white space around them. The letters `\n` and `\r` are
/// line ends too, as in a key inside of JSON.
pub(super) fn lines(value: &[u8]) -> Vec<&[u8]> {
    let lines = split(value);
    let lines = if lines.len() > 1 { lines } else { Vec::new() };
    lines.into_iter().map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()).collect()
}

/// Whether a line gives its secret away. The first and last line of a PEM file are the same in all of them.
pub(super) fn is_telling(line: &[u8]) -> bool {
    let is_armour = [b"-----BEGIN ".as_slice(), b"-----END "]
        .iter()
        .any(|mark| memchr::memmem::find(line, mark).is_some());
    line.len() >= SHORTEST_LINE && !is_armour
}

/// `value` as it is and in every encoding, without repetitions.
pub(super) fn encoded(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![value.to_vec(), reversed(value), value.escape_ascii().to_string().into_bytes()];
    forms.extend(hexadecimal(value));
    forms.extend(percent_encoded(value));
    forms.extend(json_escaped(value));
    forms.extend(base64(value));
    unique(forms)
}

fn unique(mut forms: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut seen = std::collections::BTreeSet::new();
    forms.retain(|form| seen.insert(form.clone()));
    forms
}

fn split(value: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = value;
    let mut at = 0;
    while at < rest.len() {
        let end = match &rest[at..] {
            [b'\r', b'\n', ..] => 2,
            [b'\n' | b'\r', ..] => 1,
            [b'\\', b'r', b'\\', b'n', ..] => 4,
            [b'\\', b'n' | b'r', ..] => 2,
            _ => {
                at += 1;
                continue;
            }
        };
        lines.push(&rest[..at]);
        rest = &rest[at + end..];
        at = 0;
    }
    lines.push(rest);
    lines
}

fn reversed(value: &[u8]) -> Vec<u8> {
    value.iter().rev().copied().collect()
}

fn hexadecimal(value: &[u8]) -> [Vec<u8>; 2] {
    let lower: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    [lower.to_ascii_uppercase().into_bytes(), lower.into_bytes()]
}

/// As the common encoders do it: of all reserved letters, of all but `/` (Python), of what JavaScript's
/// `encodeURIComponent` and `encodeURI` encode, and as a form.
fn percent_encoded(value: &[u8]) -> Vec<Vec<u8>> {
    let with = |kept: &[u8], upper: bool| -> Vec<u8> {
        let encode = |byte: u8| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => vec![byte],
            _ if kept.contains(&byte) => vec![byte],
            _ if upper => format!("%{byte:02X}").into_bytes(),
            _ => format!("%{byte:02x}").into_bytes(),
        };
        value.iter().flat_map(|byte| encode(*byte)).collect()
    };
    let kept: [&[u8]; 4] = [b"-._~", b"-._~/", b"-._~!'()*", b"-._~!'()*;/?:@&=+$,#"];
    let mut forms: Vec<Vec<u8>> =
        kept.iter().flat_map(|kept| [with(kept, true), with(kept, false)]).collect();
    let form = with(b"-._* ", true);
    forms.push(form.into_iter().map(|byte| if byte == b' ' { b'+' } else { byte }).collect());
    forms
}

/// As the common writers do it: what must be escaped, also `/` (PHP), also what matters in HTML (Go), and all
/// that is not ASCII (Python). A value that is not UTF-8 has no such form.
fn json_escaped(value: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(value) else { return Vec::new() };
    let with = |slash: bool, html: bool, ascii: bool| -> Vec<u8> {
        let mut out = String::new();
        for letter in text.chars() {
            match letter {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{8}' => out.push_str("\\b"),
                '\u{c}' => out.push_str("\\f"),
                '/' if slash => out.push_str("\\/"),
                '<' | '>' | '&' if html => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
                _ if letter < ' ' || ascii && !letter.is_ascii() => {
                    let mut units = [0; 2];
                    letter
                        .encode_utf16(&mut units)
                        .iter()
                        .for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
                }
                _ => out.push(letter),
            }
        }
        out.into_bytes()
    };
    let styles = [
        (false, false, false),
        (true, false, false),
        (false, true, false),
        (false, false, true),
        (true, false, true),
    ];
    styles.into_iter().map(|(slash, html, ascii)| with(slash, html, ascii)).collect()
}

/// Base64 in both alphabets at all three alignments: what stands before a secret decides which of the three is
/// found. Without the last letters, which depend on what follows.
fn base64(value: &[u8]) -> Vec<Vec<u8>> {
    const DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut forms = Vec::new();
    for last in [b"+/", b"-_"] {
        for value in (0..3).filter_map(|before| value.get(before..)) {
            let digit = |bits: u32| match bits as usize & 63 {
                number @ 0..62 => DIGITS[number],
                number => last[number - 62],
            };
            let text: Vec<u8> = value
                .chunks_exact(3)
                .flat_map(|part| {
                    let bits = u32::from_be_bytes([0, part[0], part[1], part[2]]);
                    [18, 12, 6, 0].map(|shift| digit(bits >> shift))
                })
                .collect();
            if text.len() >= SHORTEST_BASE64 {
                forms.push(text);
            }
        }
    }
    forms
}
