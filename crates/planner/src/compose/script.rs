//! Scripts of the source that a declared build runs, taken for the lines in them. They are read and
//! never run.

use super::line::{self, Kind};
use crate::{Command, Origin, RelPath, Requested, SourceTree, Task, text};

/// How deep scripts may run each other.
const DEPTH: usize = 3;

/// Words by which a script knows that it is one.
const OF_SCRIPTS: &[&str] = &["$0", "${0", "$1", "${1", "$@", "$#", "$*", "BASH_SOURCE"];

/// The command as the tasks it comes to: a script that it runs stands there with its lines, with
/// the script's own line for their origin. `known` says whether a language knows a command by its
/// words; a script without such a command stays what it is.
pub(super) fn expanded(
    tree: &dyn SourceTree,
    root: Option<&RelPath>,
    command: Requested<Command>,
    known: &dyn Fn(&[String]) -> bool,
) -> Vec<Task> {
    let commands = lines(tree, root, command, known, DEPTH);
    commands.into_iter().map(Task::Run).collect()
}

fn lines(
    tree: &dyn SourceTree,
    root: Option<&RelPath>,
    command: Requested<Command>,
    known: &dyn Fn(&[String]) -> bool,
    depth: usize,
) -> Vec<Requested<Command>> {
    let read = line::read(&command);
    let Some(chain) = read.chain().filter(|_| depth > 0) else { return vec![command] };
    let scripts: Vec<Option<Script>> = chain.iter().map(|part| script(tree, root, part, known)).collect();
    if scripts.iter().all(Option::is_none) {
        return vec![command];
    }
    let ours = |words: &[String]| {
        let last = words.last().map(|word| word.trim_start_matches("./"));
        words.first().is_some_and(|word| word == "chmod")
            && scripts.iter().flatten().any(|script| Some(script.path.as_str()) == last)
    };
    let mut made = Vec::new();
    let mut preparing = String::new();
    let mut between: Vec<&line::Part> = Vec::new();
    let flush = |between: &mut Vec<&line::Part>, preparing: &str, made: &mut Vec<Requested<Command>>| {
        let texts: Vec<String> = between.iter().map(|part| part.command.value.to_string()).collect();
        if let Some(first) = between.first() {
            let value = Command::Shell(format!("{preparing}{}", texts.join(" && ")));
            made.push(Requested { value, origin: first.command.origin.clone() });
        }
        between.clear();
    };
    for (part, script) in chain.iter().zip(&scripts) {
        match script {
            Some(script) => {
                flush(&mut between, &preparing, &mut made);
                let inner = Requested { value: script.command(&preparing), origin: script.origin.clone() };
                made.extend(lines(tree, root, inner, known, depth - 1));
            }
            None if part.kind == Kind::Prepares => {
                flush(&mut between, &preparing, &mut made);
                preparing.push_str(&format!("{} && ", part.command.value));
            }
            None if part.commands.iter().any(|words| ours(words)) => {}
            None => between.push(part),
        }
    }
    flush(&mut between, &preparing, &mut made);
    made
}

/// A script of the source.
struct Script {
    path: String,
    body: String,
    bash: bool,
    origin: Origin,
}

impl Script {
    fn command(&self, preparing: &str) -> Command {
        let text = format!("{preparing}{}", self.body);
        match self.bash && line::needs_bash(&self.body) {
            true => Command::Exec(vec!["bash".to_owned(), "-c".to_owned(), text]),
            false => Command::Shell(text),
        }
    }
}

/// The script that a part runs, if it can be taken for its lines.
fn script(
    tree: &dyn SourceTree,
    root: Option<&RelPath>,
    part: &line::Part,
    known: &dyn Fn(&[String]) -> bool,
) -> Option<Script> {
    let [words] = part.commands.as_slice() else { return None };
    if part.elsewhere {
        return None;
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (shell, path) = match words.as_slice() {
        [shell @ ("bash" | "sh" | "dash" | "." | "source"), path] => (Some(*shell), *path),
        [path] if path.starts_with("./") || path.ends_with(".sh") => (None, *path),
        _ => return None,
    };
    let path: RelPath = path.trim_start_matches("./").parse().ok()?;
    let content = text(tree, path.as_str()).ok()??;
    let first = content.lines().next().unwrap_or_default();
    let has_shell = first.starts_with("#!");
    if has_shell && !first.contains("sh") || content.contains('\r') {
        return None;
    }
    let (body, number) = match (has_shell, content.split_once('\n')) {
        (true, Some((_, rest))) => (rest.to_owned(), 2),
        (true, None) => return None,
        (false, _) => (content.clone(), 1),
    };
    let outer: RelPath = match root {
        Some(root) => format!("{root}/{path}").parse().ok()?,
        None => path.clone(),
    };
    let origin = Origin::line(&outer, number);
    let bash = matches!(shell, Some("bash")) || shell.is_none() && first.contains("bash");
    let script = Script { path: path.to_string(), body, bash, origin: origin.clone() };
    let read = line::read(&Requested { value: Command::shell(&script.body), origin });
    let speaks = |part: &line::Part| {
        part.commands
            .iter()
            .any(|words| known(words) || words.last().is_some_and(|word| word.ends_with(".sh")))
    };
    let own = OF_SCRIPTS.iter().any(|word| script.body.contains(word));
    (!own && read.parts().any(speaks)).then_some(script)
}
