//! What the commands of a declared build install: the lists of requirements and the groups that
//! they name. The commands themselves are not run.

use packwright_buildpack::planner::{
    Command, CommandKind, Component, Decision, Diagnostic, Origin, Overridden, RelPath, Requested,
    SourceTree, Task, has,
};
use packwright_buildpack::shell_syntax::{Compound, Dialect, Joint, ShellCommand, parse};

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
        let mut is_asked = false;
        for item in &parse(&command.value.script(), Dialect::Bash).list {
            is_asked &= item.joint.is_conditional();
            let Some(simple) = item.simple() else {
                is_asked |= matches!(item.pipeline.commands[..], [ShellCommand::Compound(Compound::Test, _)]);
                continue;
            };
            let words = simple.unquoted();
            match words.first().map(String::as_str) {
                Some("cd" | "pushd") => return found,
                Some("[" | "test") => is_asked = true,
                _ if is_asked || item.joint == Joint::Or => {}
                _ if classify(&words) == Some(CommandKind::Installs) => {
                    found.push((words, command.origin.clone()));
                }
                _ => {}
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

#[cfg(test)]
mod tests {
    use super::*;
    use packwright_buildpack::planner::{BuildWork, Phase};

    #[test]
    fn lists_are_those_that_the_shell_would_install() {
        let tree = packwright_buildpack::planner::MemoryTree::parse("//- /a.txt\n//- /my list.txt\n");
        for (line, expected) in [
            ("pip install -r a.txt >/dev/null 2>&1 || exit 1", Some("a.txt")),
            ("pip install -r 'my list.txt'", Some("my list.txt")),
            ("bash -ec \"pip install \\\n -r a.txt\"", Some("a.txt")),
            ("CI=1 pip install -r a.txt # the usual", Some("a.txt")),
            ("echo 'first; pip install -r a.txt'", None),
            ("cat <<E\npip install -r a.txt\nE", None),
            ("make # && pip install -r a.txt", None),
            ("[[ $A ]] && pip install -r a.txt", None),
            ("make || pip install -r a.txt", None),
            ("cd web; pip install -r a.txt", None),
        ] {
            let origin = Origin::Option("test".to_owned());
            let run = Requested { value: Command::shell(line), origin };
            let phases = vec![Phase::of("build", BuildWork::All, vec![run])];
            let model = Component { phases, ..Component::default() };
            let found = list(&tree, &model).map(|list| list.value.to_string());
            assert_eq!(found.as_deref(), expected, "{line}");
        }
    }
}
