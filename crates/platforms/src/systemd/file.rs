//! The text of a unit: sections, lines, and values as systemd and Quadlet read them back.
//!
//! Quadlet puts values into a command line of systemd, where `%` starts a specifier and `$` a
//! variable: both are doubled. Source: systemd.syntax(7), "Quoting"; systemd.service(5), "Command
//! lines".

use std::fmt::Write;

/// A unit that is being written.
pub(super) struct File {
    text: String,
}

impl File {
    pub(super) fn new() -> File {
        File { text: String::new() }
    }

    /// Starts a section.
    pub(super) fn section(&mut self, name: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        writeln!(self.text, "[{name}]").expect("a string takes all that is written");
    }

    /// Adds a line; a value never is more than one.
    pub(super) fn line(&mut self, key: &str, value: &str) {
        let value = value.replace(['\n', '\r'], " ");
        writeln!(self.text, "{key}={value}").expect("a string takes all that is written");
    }

    pub(super) fn text(self) -> String {
        self.text
    }
}

/// A word between quotes, where it needs them.
pub(super) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@,+".contains(letter);
    if word.chars().all(plain) {
        return word.to_owned();
    }
    let mut text = String::from("\"");
    for letter in word.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '%' => text.push_str("%%"),
            '$' => text.push_str("$$"),
            letter if letter.is_control() => {
                // Never more than two bytes: the control characters of Unicode end at U+009F.
                let mut bytes = [0; 4];
                for byte in letter.encode_utf8(&mut bytes).bytes() {
                    write!(text, "\\x{byte:02x}").expect("a string takes all that is written");
                }
            }
            letter => text.push(letter),
        }
    }
    text.push('"');
    text
}

/// A whole line as a value.
pub(super) fn line(text: &str) -> String {
    text.replace('%', "%%").replace('$', "$$").replace('\n', "; ")
}
