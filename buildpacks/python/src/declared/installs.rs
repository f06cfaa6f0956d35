//! What the commands of a declared build install: the lists of requirements and the groups that
//! they name. The commands themselves are not run.

use packwright_buildpack::planner::{
    Command, Component, Decision, Diagnostic, Origin, Overridden, RelPath, Requested, SourceTree, Task, has,
};

use super::classify::classify;
use crate::manager::{Manager, Manifests};
use crate::messages;

/// Options that name a list.
const LIST: &[&str] = &["-r", "--requirement"];

/// Options of installers that name groups and extras.
const GROUPS: &[&str] = &["--with", "--extra", "--group", "-E", "--extras", "--groups", "-G"];

/// The list of requirements that the plan installs from: the usual one, where a command names it or
/// none names another one that is there.
pub(crate) fn list(tree: &dyn SourceTree, model: &Component) -> Option<Requested<RelPath>> {
    let named = lists(tree, model);
    let is_usual = |list: &Requested<RelPath>| list.value.as_str() == "requirements.txt";
    match named.iter().any(is_usual) {
        true => None,
        false => named.into_iter().next(),
    }
}

/// What there is to say: which list took the place of the usual one, and what the commands install
/// and the plan's own steps do not.
pub(crate) fn remarks(
    tree: &dyn SourceTree,
    model: &Component,
    manifests: &Manifests,
    manager: Manager,
) -> (Vec<Decision>, Vec<Diagnostic>) {
    let mut decisions = Vec::new();
    let mut diagnostics = Vec::new();
    if let Some(list) = list(tree, model).filter(|_| manager == Manager::Pip) {
        let usual = "requirements.txt";
        let loser =
            has(tree, usual).then(|| Overridden::new(usual, Origin::file(&usual.parse().expect("a path"))));
        decisions
            .push(Decision::new("list of requirements", list.value.to_string(), list.origin).over(loser));
    }
    let read = manifests.requirements.as_ref().filter(|_| manager == Manager::Pip);
    for list in lists(tree, model) {
        if !read.is_some_and(|read| read.files.contains(&list.value)) {
            diagnostics.push(messages::list_left_out(&list.value, &list.origin));
        }
    }
    for (name, origin) in groups(model) {
        diagnostics.push(messages::group_left_out(&name, &origin));
    }
    (decisions, diagnostics)
}

/// The lists that commands which install name and that are in the tree, each once.
fn lists(tree: &dyn SourceTree, model: &Component) -> Vec<Requested<RelPath>> {
    let mut found: Vec<Requested<RelPath>> = Vec::new();
    for (words, origin) in installs(model) {
        let values =
            words.windows(2).filter(|pair| LIST.contains(&pair[0].as_str())).map(|pair| pair[1].as_str());
        let joined = words.iter().filter_map(|word| word.strip_prefix("--requirement="));
        for name in values.chain(joined) {
            let name = name.trim_start_matches("./");
            if let (Ok(value), true) = (name.parse(), has(tree, name))
                && !found.iter().any(|list| list.value == value)
            {
                found.push(Requested { value, origin: origin.clone() });
            }
        }
    }
    found
}

/// Groups and extras that commands which install name.
fn groups(model: &Component) -> Vec<(String, Origin)> {
    let mut found = Vec::new();
    for (words, origin) in installs(model) {
        let values =
            words.windows(2).filter(|pair| GROUPS.contains(&pair[0].as_str())).map(|pair| pair[1].as_str());
        let joined = words.iter().filter_map(|word| {
            let (option, value) = word.split_once('=')?;
            GROUPS.contains(&option).then_some(value)
        });
        let own = words.iter().filter_map(|word| word.strip_prefix(".[")?.strip_suffix(']'));
        let all =
            words.iter().map(String::as_str).filter(|word| matches!(*word, "--all-extras" | "--all-groups"));
        let names = values.chain(joined).chain(own).chain(all).filter(|name| *name != "main");
        found.extend(names.map(|name| (name.to_owned(), origin.clone())));
    }
    found
}

/// The commands that install, by their words. What runs in another directory or under a condition
/// is not among them.
fn installs(model: &Component) -> Vec<(Vec<String>, Origin)> {
    let mut found = Vec::new();
    for command in commands(model) {
        let text = match &command.value {
            Command::Shell(text) => text.clone(),
            Command::Exec(words) if words.len() == 3 && words[1].ends_with('c') => words[2].clone(),
            Command::Exec(words) => words.join(" "),
        };
        for statement in text.split(['\n', ';']) {
            for part in statement.split("&&") {
                let words = part.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned());
                let words: Vec<String> = words.take_while(|word| word != "||").collect();
                match words.first().map(String::as_str) {
                    Some("cd" | "pushd") => return found,
                    Some("[" | "[[" | "test" | "if") => break,
                    _ if classify(&words) == Some(packwright_buildpack::planner::CommandKind::Installs) => {
                        found.push((words, command.origin.clone()));
                    }
                    _ => {}
                }
            }
        }
    }
    found
}

fn commands(model: &Component) -> impl Iterator<Item = &Requested<Command>> {
    model.phases.iter().flat_map(|phase| &phase.tasks).filter_map(|task| match task {
        Task::Run(command) => Some(command),
        Task::Detected => None,
    })
}
