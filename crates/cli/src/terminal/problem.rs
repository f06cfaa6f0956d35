//! A problem as text:
//!
//! ```text
//! error: what went wrong
//!   why: the cause
//!   fix: what to do
//! ```

use packwright::planner::Severity;

use super::style::Style;
use crate::report::Report;

/// `report` as text with a line end, `tail` (the last lines of a step) between why and fix.
pub(crate) fn text(report: &Report, tail: &[String], style: Style) -> String {
    let label = match report.severity {
        Severity::Error => style.red("error:"),
        Severity::Warning => style.yellow("warning:"),
        Severity::Info => style.cyan("note:"),
    };
    let mut text = format!("{label} {}\n", indented(&report.message, "  "));
    for why in &report.why {
        text.push_str(&format!("  {} {}\n", style.bold("why:"), indented(why, "       ")));
    }
    for line in tail {
        text.push_str(&format!("       {} {}\n", style.dim("│"), harmless(line)));
    }
    if let Some(fix) = &report.fix {
        text.push_str(&format!("  {} {}\n", style.bold("fix:"), indented(fix, "       ")));
    }
    text
}

/// `text` with its further lines behind `indent`.
fn indented(text: &str, indent: &str) -> String {
    text.trim_end().lines().map(harmless).collect::<Vec<_>>().join(&format!("\n{indent}"))
}

/// `line` without control sequences that could move the cursor, change colours or set the window's
/// title. File names and the output of steps are untrusted.
pub(crate) fn harmless(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // Source: ECMA-48, "Control sequences": parameters, intermediates, a final byte.
            '\x1b' if characters.next_if_eq(&'[').is_some() => {
                characters.by_ref().find(|next| ('\x40'..='\x7e').contains(next));
            }
            // A string such as a title, up to BEL or ESC.
            '\x1b' if characters.next_if(|next| "]PX^_".contains(*next)).is_some() => {
                while let Some(next) = characters.next_if(|next| *next != '\x1b') {
                    if next == '\x07' {
                        break;
                    }
                }
            }
            '\x1b' => {
                characters.next();
            }
            '\t' => kept.push_str("    "),
            _ if character.is_control() => {}
            _ => kept.push(character),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_place() {
        let report = Report::new("two\nlines").why("a\nb").why("c").fix("d");
        let expected = "error: two\n  lines\n  why: a\n       b\n  why: c\n       │ x\n  fix: d\n";
        assert_eq!(text(&report, &["x".to_owned()], Style::new(false)), expected);
    }

    #[test]
    fn control_sequences_are_left_out() {
        assert_eq!(harmless("\x1b[1;31mred\x1b[0m"), "red");
        assert_eq!(harmless("a\x1b]0;title\x07b"), "ab");
        assert_eq!(harmless("a\x1b]0;title\x1b\\b"), "ab");
        assert_eq!(harmless("a\x1b7b\x08\u{9b}c\td"), "abc    d");
        assert_eq!(harmless("a\x1b"), "a");
    }
}
