//! Path patterns as regular expressions of nginx.

/// The expression that matches what the pattern `glob` chooses (see `Selection`), without anchors.
/// It stands between quotes in nginx's configuration, so it holds no backslash and no bare quote.
pub(crate) fn regex(glob: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_u32;
    let mut chars = glob.trim_matches('/').chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '*' if chars.peek() == Some(&'*') => {
                chars.next();
                // `**/` also stands for no directory at all.
                match chars.next_if_eq(&'/') {
                    Some(_) => out += "(?:.*/)?",
                    None => out += ".*",
                }
            }
            '*' => out += "[^/]*",
            '?' => out += "[^/]",
            '{' => {
                depth += 1;
                out += "(?:";
            }
            '}' if depth > 0 => {
                depth -= 1;
                out.push(')');
            }
            ',' if depth > 0 => out.push('|'),
            '"' => out += "[\\\"]",
            '.' | '+' | '$' | '(' | ')' | '|' | '[' | '}' => {
                out.push('[');
                out.push(char);
                out.push(']');
            }
            // Neither stands alone in a set; any character is close enough for a file name.
            '^' | ']' | '\\' => out.push('.'),
            plain => out.push(plain),
        }
    }
    out + "(?:/.*)?"
}

#[cfg(test)]
mod tests;
