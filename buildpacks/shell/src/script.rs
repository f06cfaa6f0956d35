//! What a shell script says of itself: the programs it calls, and whether it reads `PORT`. Runs nothing.

use packwright_shell_syntax::{TokenKind, tokens};

/// The words of a script, each with the number of its line, from 1. Quotes and operators separate
/// words; comments have none.
pub(crate) fn words(text: &str) -> Vec<(u32, &str)> {
    let separates = |char: char| !(char.is_alphanumeric() || "_-.".contains(char));
    let mut found = Vec::new();
    let mut line = 1;
    for token in tokens(text) {
        let token_text = token.text(text);
        if token.kind != TokenKind::Comment {
            for (number, part) in (line..).zip(token_text.split('\n')) {
                found
                    .extend(part.split(separates).filter(|word| !word.is_empty()).map(|word| (number, word)));
            }
        }
        line += token_text.matches('\n').count() as u32;
    }
    found
}

#[cfg(test)]
mod tests;
