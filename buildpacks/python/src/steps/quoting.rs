//! Commands whose words may hold `${NAME}`, a variable of the caller.

use packwright_buildpack::planner::Command;

/// A command in exec form, or in shell form when a word holds `${NAME}`.
pub(crate) fn command(words: Vec<String>) -> Command {
    if !words.iter().any(|word| word.contains("${")) {
        return Command::Exec(words);
    }
    let quoted: Vec<String> = words
        .iter()
        .map(|word| match word.contains("${") {
            true => with_variables(word),
            false => Command::Exec(vec![word.clone()]).to_string(),
        })
        .collect();
    Command::Shell(quoted.join(" "))
}

/// `word` between double quotes, where only `${NAME}` means something to the shell.
fn with_variables(word: &str) -> String {
    let mut quoted = String::from("\"");
    let mut rest = word;
    while let Some(found) = rest.find(['\\', '"', '`', '$']) {
        quoted.push_str(&rest[..found]);
        rest = &rest[found..];
        let name = rest.strip_prefix("${").and_then(|rest| rest.split_once('}')).map(|(name, _)| name);
        let is_name = |name: &&str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        match name.filter(is_name) {
            Some(name) => {
                quoted.push_str(&rest[..name.len() + 3]);
                rest = &rest[name.len() + 3..];
            }
            None => {
                quoted.push('\\');
                quoted.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    quoted + rest + "\""
}
