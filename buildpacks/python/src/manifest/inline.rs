//! Reads the block in which a script says itself what it needs, as comments at its top:
//!
//! ```text
//! # /// script
//! # requires-python = ">=3.11"
//! # dependencies = ["flask"]
//! # ///
//! ```
//!
//! Source: PEP 723; Python packaging user guide, "Inline script metadata".

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, SourceTree, find};
use serde::Deserialize;
use toml::Spanned;

use super::document::{origin, parse_toml, text};
use super::reference::{Reference, check_address};
use crate::messages;
use crate::project_files::{GATEWAYS, MAIN_FILES};

/// What a script says that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InlineScript {
    /// The script.
    pub(crate) path: RelPath,
    /// The line with which the block begins.
    pub(crate) origin: Origin,
    /// `requires-python`.
    pub(crate) requires_python: Option<(String, Origin)>,
    /// `dependencies`.
    pub(crate) listed: Vec<Reference>,
    /// The same as they are written.
    pub(crate) lines: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Block {
    requires_python: Option<Spanned<String>>,
    #[serde(default)]
    dependencies: Vec<Spanned<String>>,
    tool: Option<toml::Table>,
}

/// Reads the block of the file at the root that starts the application, which is the first with a block in the
/// order of [`MAIN_FILES`]; `None` when none has one.
///
/// Errors: not TOML; a dependency that is no requirement; packages from elsewhere, which only uv finds.
pub(crate) fn read(tree: &dyn SourceTree) -> Result<Option<InlineScript>, Vec<Diagnostic>> {
    for name in MAIN_FILES.iter().chain(GATEWAYS) {
        let Some(file) = find(tree, name) else { continue };
        // A file that is no text is none of a script either.
        let Ok(Some(source)) = text(tree, &file.path) else { continue };
        if let Some(content) = block(&source) {
            return parse(&file.path, &content).map(Some);
        }
    }
    Ok(None)
}

/// The content of the block, on the lines on which it stands; the other lines are empty.
fn block(source: &str) -> Option<String> {
    let lines: Vec<&str> = source.lines().map(str::trim_end).collect();
    let begin = lines.iter().position(|line| *line == "# /// script")?;
    let is_comment = |line: &&str| *line == "#" || line.starts_with("# ");
    let length = lines[begin + 1..].iter().take_while(|line| is_comment(line)).count();
    // The last line of the comment that closes it counts.
    let end = begin + 1 + lines[begin + 1..begin + 1 + length].iter().rposition(|line| *line == "# ///")?;
    let mut content = "\n".repeat(begin + 1);
    for line in &lines[begin + 1..end] {
        content.push_str(line.strip_prefix("# ").unwrap_or_default());
        content.push('\n');
    }
    Some(content)
}

fn parse(path: &RelPath, content: &str) -> Result<InlineScript, Vec<Diagnostic>> {
    let begin = content.bytes().take_while(|byte| *byte == b'\n').count().max(1) as u32;
    let at = Origin::line(path, begin);
    let block: Block = parse_toml(path, content).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let uv = block.tool.as_ref().and_then(|tool| tool.get("uv"));
    if let Some(key) = ["sources", "index"].into_iter().find(|key| uv.is_some_and(|uv| uv.get(key).is_some()))
    {
        problems.push(messages::inline_source(&at, key));
    }
    let mut listed = Vec::new();
    let mut lines = Vec::new();
    for line in &block.dependencies {
        let place = origin(path, content, line);
        match Reference::parse(line.as_ref(), place.clone()) {
            Ok(reference) => {
                problems.extend(check_address(&reference, &place).err());
                listed.push(reference);
                lines.push(line.as_ref().clone());
            }
            Err(error) => {
                problems.push(messages::requirement_unreadable(&place, line.as_ref(), &error.reason));
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let requires_python =
        block.requires_python.as_ref().map(|wanted| (wanted.as_ref().clone(), origin(path, content, wanted)));
    Ok(InlineScript { path: path.clone(), origin: at, requires_python, listed, lines })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_as_the_standard_has_them() {
        let flask = "\n\ndependencies = [\"flask\"]\n";
        for (source, expected) in [
            ("#!/usr/bin/env python\n# /// script\n# dependencies = [\"flask\"]\n# ///\n", Some(flask)),
            ("# /// script\n#\n# ///\n", Some("\n\n")),
            ("# /// script\n# a = 1\nimport os\n# ///\n", None),
            ("# /// other\n# ///\n", None),
        ] {
            assert_eq!(block(source).as_deref(), expected, "{source}");
        }
    }
}
