//! Files in `.gitignore` syntax that keep other files from being uploaded, converted to a list of patterns as
//! far as a list without exceptions can express them. Nothing is looked up in the tree.

use packwright_planner::{Diagnostic, IgnoreFile, Ignoring, Origin, RelPath, Requested, Selection};

use crate::dir_view::Seen;

/// A line of the file.
struct Line<'a> {
    /// The pattern, without `!`.
    pattern: &'a str,
    /// Whether it takes files back.
    is_exception: bool,
    origin: Origin,
}

/// The patterns of a file, and what there is to say; `platform` is the beginning of codes.
///
/// A pattern from which a later line with `!` takes something back is left out: rather a file too
/// many in the image than one that the application needs too few.
pub(crate) fn patterns(platform: &str, seen: &Seen) -> (Vec<Requested<String>>, Vec<Diagnostic>) {
    let (mut patterns, mut told) = (Vec::new(), Vec::new());
    let lines: Vec<Line<'_>> = seen.text.lines().enumerate().filter_map(|line| read(seen, line)).collect();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_exception) {
        let Line { pattern, origin, .. } = line;
        let mut later = lines[number + 1..].iter().filter(|later| later.is_exception);
        if let Some(exception) = later.find(|exception| takes(pattern, exception.pattern)) {
            told.push(taken_back(platform, origin, pattern, exception.pattern));
        } else if Selection::of([pattern]).matcher().is_err() {
            told.push(no_pattern(platform, origin, pattern));
        } else {
            patterns.push(Requested { value: (*pattern).to_owned(), origin: origin.clone() });
        }
    }
    (patterns, told)
}

fn read<'a>(seen: &Seen, (index, line): (usize, &'a str)) -> Option<Line<'a>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (pattern, is_exception) = match line.strip_prefix('!') {
        Some(pattern) => (pattern, true),
        // `\#` and `\!` are names that begin with these characters.
        None => (line.strip_prefix('\\').unwrap_or(line), false),
    };
    let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
    Some(Line { pattern, is_exception, origin: Origin::line(&seen.path, line) })
}

/// Whether a pattern takes a file that the exception names, or a directory above it.
fn takes(pattern: &str, exception: &str) -> bool {
    // A path that the exception is about.
    let path = exception.trim_matches('/').replace("**", "x").replace(['*', '?'], "x");
    let Ok(path) = path.parse::<RelPath>() else { return true };
    let Ok(file) = ".gitignore".parse::<RelPath>() else { return true };
    let (rules, _) = Ignoring::default().read(IgnoreFile::Git, &file, pattern);
    let takes = |path: &RelPath, is_dir| rules.reason(path, is_dir).is_some();
    let mut above = path.parent();
    while let Some(dir) = above {
        if takes(&dir, true) {
            return true;
        }
        above = dir.parent();
    }
    takes(&path, true) || takes(&path, false)
}

fn taken_back(platform: &str, at: &Origin, pattern: &str, exception: &str) -> Diagnostic {
    let message = format!("{at}: `{pattern}` leaves nothing out");
    Diagnostic::warning(&format!("{platform}/ignore-exception"), message)
        .why(format!("`!{exception}` takes back a part of it, which is not followed here"))
        .fix("name what is to be left out, without exceptions")
        .at(at.clone())
}

fn no_pattern(platform: &str, at: &Origin, pattern: &str) -> Diagnostic {
    Diagnostic::warning(&format!("{platform}/ignore-pattern"), format!("{at}: `{pattern}` is no pattern"))
        .why("it leaves nothing out")
        .fix("correct the pattern, or delete the line")
        .at(at.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The patterns that are left, and the lines that are told.
    fn check(text: &str, left: &[&str], told: &[&str]) {
        let seen = Seen { path: ".xignore".parse().unwrap(), text: text.to_owned() };
        let (patterns, diagnostics) = patterns("x", &seen);
        let patterns: Vec<&str> = patterns.iter().map(|pattern| pattern.value.as_str()).collect();
        let told_at: Vec<String> =
            diagnostics.iter().map(|told| told.at.as_ref().unwrap().to_string()).collect();
        assert_eq!(patterns, left, "{text}");
        assert_eq!(told_at, told, "{text}");
    }

    #[test]
    fn patterns_that_are_taken_back_are_left_out() {
        check("docs/\n\n# a\n*.md\n  x  \n\\#y\n", &["docs/", "*.md", "x", "#y"], &[]);
        check("*\n!src\n!requirements.txt\n", &[], &[".xignore:1"]);
        check("docs/\n*.md\n!README.md\n", &["docs/"], &[".xignore:2"]);
        check("a/b/\n/c\n!a/b/keep/**\n", &["/c"], &[".xignore:1"]);
        check("!early\nearly\n", &["early"], &[]);
        check("a\n!b\n", &["a"], &[]);
        check("[a\n", &[], &[".xignore:1"]);
        check("!/\nx\n!\n", &[], &[".xignore:2"]);
    }
}
