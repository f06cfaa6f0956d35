//! Whether a script has to be read by bash: what other shells read in another way, refuse or do not
//! have. It says nothing about the programs that the script starts.

use packwright_shell_syntax::{Dialect, Operation, Simple, Word, WordPart, parse};

use super::words::is_flag;

/// Whether a text that was written for bash needs it.
pub(in crate::compose) fn needs_bash(text: &str) -> bool {
    let script = parse(text, Dialect::Portable);
    script.rest.is_some()
        || script.commands().into_iter().any(is_of_bash)
        || script.words().into_iter().any(is_word_of_bash)
}

fn is_of_bash(command: &Simple) -> bool {
    let words = command.unquoted();
    let Some((program, arguments)) = words.split_first() else { return false };
    let has = |wanted: &[&str]| arguments.iter().any(|word| wanted.contains(&word.as_str()));
    let is_program = match program.as_str() {
        "[[" | "source" | "function" | "declare" | "typeset" | "let" | "pushd" | "popd" | "shopt"
        | "mapfile" | "readarray" => true,
        "set" => {
            has(&["pipefail", "errtrace", "functrace"]) || arguments.iter().any(|word| is_flag(word, 'E'))
        }
        "trap" => has(&["ERR", "DEBUG", "RETURN"]),
        "[" | "test" => has(&["=="]),
        "echo" => arguments.first().is_some_and(|word| is_flag(word, 'e')),
        "read" => arguments.first().is_some_and(|word| word.starts_with('-') && word != "-r"),
        _ => false,
    };
    is_program || command.redirections.iter().any(|redirection| redirection.operator.starts_with('&'))
}

fn is_word_of_bash(word: &Word) -> bool {
    word.parts.iter().any(|part| match part {
        WordPart::Text { text, is_quoted: false } => {
            text.split_once('{').is_some_and(|(_, rest)| rest.contains(['.', ',']) && rest.contains('}'))
        }
        WordPart::Parameter { name, operation: Operation::Other(_), raw, .. } => {
            // `${#name}`, `${name#…}`, `${name%…}` and `${name?…}` are every shell's.
            let behind = raw.trim_start_matches("${").trim_start_matches(name.as_str());
            !raw.starts_with("${#") && !behind.trim_start_matches(':').starts_with(['#', '%', '?'])
        }
        WordPart::Parameter { name, .. } => name.starts_with("BASH"),
        _ => false,
    })
}
