//! Names of languages and tools as platforms and images spell them, with their versions. A translation of
//! other systems' vocabulary.

use packwright_planner::{Requested, VersionRequest};

/// Words for languages and tools that are known by another name here.
const TOOLS: &[(&str, &str)] = &[
    ("python", "python"),
    ("python3", "python"),
    ("pypy", "pypy"),
    ("node", "node"),
    ("nodejs", "node"),
    ("ruby", "ruby"),
    ("go", "go"),
    ("golang", "go"),
    ("php", "php"),
    ("java", "java"),
    ("openjdk", "java"),
    ("elixir", "elixir"),
    ("rust", "rust"),
    ("dotnet", "dotnet"),
    ("bun", "bun"),
    ("deno", "deno"),
];

/// The language or tool that `word` names, by the name it has here: `nodejs` is `node`.
pub(crate) fn tool(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    TOOLS.iter().find(|(known, _)| *known == word).map(|&(_, tool)| tool)
}

/// The language and the version that a runtime is called by: `python:3.12`, `python312`,
/// `nodejs20`, `node:20-alpine`, `python-3.11.2`, `docker.io/library/python:3.12-slim`. The
/// version is `None` when the name has none (`python`, `python:latest`).
pub(crate) fn runtime(name: &str) -> Option<(&'static str, Option<String>)> {
    let name = name.rsplit('/').next()?;
    let name = name.split('@').next()?;
    let letters = name.len() - name.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let (word, rest) = name.split_at(letters);
    let tool = tool(word)?;
    let joined = !rest.starts_with([':', '-', '=', '~', ' ']);
    let rest = rest.trim_start_matches([':', '-', '=', ' ']);
    let version: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let version = version.trim_end_matches('.');
    if version.is_empty() {
        return Some((tool, None));
    }
    // `python312`: the first digit is the major version; `nodejs20` has none but that.
    let version = match (joined && !version.contains('.'), tool) {
        (true, "python" | "php" | "ruby" | "go") if version.len() > 1 => {
            format!("{}.{}", &version[..1], &version[1..])
        }
        _ => version.to_owned(),
    };
    Some((tool, Some(version)))
}

/// The wish that a runtime's name is, with its version.
pub(crate) fn wish(name: &Requested<String>) -> Option<VersionRequest> {
    let (tool, version) = runtime(&name.value)?;
    let version = Requested { value: version?, origin: name.origin.clone() };
    Some(VersionRequest { tool: tool.to_owned(), version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_runtimes_are_understood() {
        let is = |name: &str, tool: &'static str, version: &str| {
            assert_eq!(runtime(name), Some((tool, Some(version.to_owned()))), "{name}");
        };
        is("python:3.12", "python", "3.12");
        is("python312", "python", "3.12");
        is("python39", "python", "3.9");
        is("nodejs20", "node", "20");
        is("node:20-alpine", "node", "20");
        is("python-3.11.2", "python", "3.11.2");
        is("docker.io/library/python:3.12-slim@sha256:00", "python", "3.12");
        is("php82", "php", "8.2");
        assert_eq!(runtime("python"), Some(("python", None)));
        assert_eq!(runtime("node:lts"), Some(("node", None)));
        assert_eq!(runtime("alpine:3.20"), None);
        assert_eq!(runtime(""), None);
    }
}
