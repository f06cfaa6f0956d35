//! A script of the source: its commands, and what in them depends on running as a script.

use super::context::ScriptContext;
use packwright_shell_syntax::{TokenKind, Word, WordPart, tokens};

use crate::command::SHELLS;
use crate::compose::line::{self, Part};
use crate::{Command, Origin, RelPath, Requested, text};

/// Words by which a script knows its own name. What it is called with is nothing, for the lines
/// as for the script.
const OF_SCRIPTS: &[&str] = &["$0", "${0", "BASH_SOURCE"];

/// A script of the source.
pub(super) struct Script {
    pub(super) path: String,
    pub(super) body: String,
    /// The options of its shell, `-ex` for example.
    options: Option<String>,
    is_bash: bool,
    /// Whether it runs in the shell of the line.
    pub(super) is_sourced: bool,
    pub(super) origin: Origin,
}

impl Script {
    /// Its lines, behind what prepares them, as a command.
    pub(super) fn command(&self, preparing: &str) -> Command {
        let options = self.options.as_ref().map_or_else(String::new, |options| format!("set {options}; "));
        let text = format!("{preparing}{options}{}", self.body);
        match self.is_bash && line::needs_bash(&text) {
            true => Command::Exec(vec!["bash".to_owned(), "-c".to_owned(), text]),
            false => Command::Shell(text),
        }
    }
}

/// How a part names a script.
pub(super) struct ScriptCall<'a> {
    shell: Option<&'a str>,
    options: Option<&'a str>,
    written: &'a str,
    path: RelPath,
}

/// The script that a part names, with nothing that it is called with.
pub(super) fn named(part: &Part) -> Option<ScriptCall<'_>> {
    let ([words], false) = (part.commands.as_slice(), part.elsewhere) else { return None };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let is_options = |word: &str| word.starts_with('-') && !word.starts_with("--") && !word.contains('c');
    let is_shell = |word: &str| SHELLS.contains(&word);
    let (shell, options, written) = match words.as_slice() {
        [shell, path] if matches!(*shell, "." | "source") || is_shell(shell) => (Some(*shell), None, *path),
        [shell, options, path] if is_shell(shell) && is_options(options) => {
            (Some(*shell), Some(*options), *path)
        }
        [path] if path.starts_with("./") || path.ends_with(".sh") => (None, None, *path),
        _ => return None,
    };
    let path = written.trim_start_matches("./").parse().ok()?;
    Some(ScriptCall { shell, options, written, path })
}

impl ScriptCall<'_> {
    /// Whether it runs in the shell of the line.
    pub(super) fn is_sourced(&self) -> bool {
        matches!(self.shell, Some("." | "source"))
    }

    /// The text of the script, if the source has it.
    pub(super) fn content(&self, context: ScriptContext<'_>) -> Option<String> {
        text(context.tree, self.path.as_str()).ok()?
    }

    /// The script, if it can be taken for its lines.
    pub(super) fn script(&self, context: ScriptContext<'_>, content: String) -> Option<Script> {
        let ScriptCall { shell, options, written, path } = self;
        if content.contains('\r') {
            return None;
        }
        let head = Head::of(&content)?;
        let body = if head.is_there { content.split_once('\n')?.1.to_owned() } else { content };
        let is_bash = match shell {
            None => head.shell.is_some_and(|shell| shell == "bash"),
            Some(shell) => matches!(*shell, "bash" | "source"),
        };
        let outer: RelPath = match context.root {
            Some(root) => root.join(path.as_str()).ok()?,
            None => path.clone(),
        };
        let script = Script {
            path: path.to_string(),
            body: at_home(&body, written, self.is_sourced())?,
            options: options.map(str::to_owned).or(head.options.filter(|_| shell.is_none())),
            is_bash,
            is_sourced: self.is_sourced(),
            origin: Origin::line(&outer, if head.is_there { 2 } else { 1 }),
        };
        let command = Requested { value: Command::shell(&script.body), origin: script.origin.clone() };
        let is_told = |words: &Vec<String>| {
            (context.known)(words) || words.last().is_some_and(|word| word.ends_with(".sh"))
        };
        let speaks = |part: &Part| part.commands.iter().any(is_told);
        line::read(&command).parts().any(speaks).then_some(script)
    }
}

/// The first line of a script, where it names a shell.
struct Head {
    is_there: bool,
    shell: Option<String>,
    options: Option<String>,
}

impl Head {
    /// Nothing when another program than a shell runs the script.
    fn of(content: &str) -> Option<Head> {
        let Some(first) = content.lines().next().and_then(|line| line.strip_prefix("#!")) else {
            return Some(Head { is_there: false, shell: None, options: None });
        };
        let is_env = |word: &&str| word.ends_with("/env") || *word == "-S";
        let mut words = first.split_whitespace().skip_while(is_env);
        let shell = words.next()?.rsplit('/').next()?.to_owned();
        let options: Vec<&str> = words.collect();
        let is_option = |word: &&str| word.starts_with(['-', '+']) && !word.starts_with("--");
        if !SHELLS.contains(&shell.as_str()) || !options.iter().all(is_option) {
            return None;
        }
        let options = (!options.is_empty()).then(|| options.join(" "));
        Some(Head { is_there: true, shell: Some(shell), options })
    }
}

/// The lines with the script's directory in context of the usual ways to ask for it; nothing when
/// they depend on its name in another way.
fn at_home(body: &str, written: &str, is_sourced: bool) -> Option<String> {
    if !asks_for_itself(body) {
        return Some(body.to_owned());
    }
    let dir = match written.rsplit_once('/') {
        Some((dir, _)) if !dir.is_empty() => dir,
        _ => ".",
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    if !dir.bytes().all(is_plain) {
        return None;
    }
    let mut names = vec!["${BASH_SOURCE[0]}", "${BASH_SOURCE}", "$BASH_SOURCE"];
    if !is_sourced {
        names.extend(["$0", "${0}"]);
    }
    let whole = format!("$(cd {dir} && pwd)");
    let replaced = |word: &str| {
        let mut word = word.to_owned();
        for name in &names {
            for name in [format!("\"{name}\""), (*name).to_owned()] {
                for (before, behind) in [("$(dirname ", ")"), ("$(dirname -- ", ")"), ("`dirname ", "`")] {
                    word = word.replace(&format!("{before}{name}{behind}"), dir);
                }
                for program in ["realpath ", "readlink -f "] {
                    for inner in [format!("\"$({program}{name})\""), format!("$({program}{name})")] {
                        word = word.replace(&format!("$(dirname {inner})"), &whole);
                    }
                }
            }
        }
        word = word.replace("${0%/*}", if is_sourced { "${0%/*}" } else { dir });
        word = word.replace("${BASH_SOURCE%/*}", dir).replace("${BASH_SOURCE[0]%/*}", dir);
        // Where that asks where it is by going there, it is there.
        for there in [format!("$(cd \"{dir}\" && pwd)"), format!("$(cd {dir} && pwd)")] {
            if dir == "." {
                word = word.replace(&there, "$PWD");
            }
        }
        word
    };
    let home: String = tokens(body)
        .into_iter()
        .map(|token| match token.text(body) {
            word if token.kind == TokenKind::Word && asks_for_itself(word) => replaced(word),
            other => other.to_owned(),
        })
        .collect();
    (!asks_for_itself(&home)).then_some(home)
}

/// Whether a shell would put the script's own name into a text. Where that cannot be seen, it would.
fn asks_for_itself(text: &str) -> bool {
    tokens(text).into_iter().any(|token| match token.kind {
        TokenKind::Comment => false,
        TokenKind::Word => word_asks(&Word::read(token.text(text))),
        _ => names_script(token.text(text)),
    })
}

fn word_asks(word: &Word) -> bool {
    word.parts.iter().any(|part| match part {
        WordPart::Text { .. } => false,
        WordPart::Parameter { name, .. } if name == "0" || name == "BASH_SOURCE" => true,
        WordPart::Parameter { operation, .. } => operation.word().is_some_and(word_asks),
        WordPart::Substitution { raw, .. } => {
            asks_for_itself(raw.trim_start_matches(['$', '(', '`']).trim_end_matches([')', '`']))
        }
        WordPart::Other { raw } => names_script(raw),
        _ => true,
    })
}

fn names_script(text: &str) -> bool {
    OF_SCRIPTS.iter().any(|word| text.contains(word))
}
