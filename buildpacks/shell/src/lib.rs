//! The shell buildpack: a script that starts the application, and nothing else.
//!
//! It owns an application that no other buildpack claims more strongly: a `start.sh` at the root. The script
//! runs in the shell that its first line names; known programs that it calls come from Debian.

mod data;
mod messages;
mod script;

use packwright_planner::{
    Buildpack, Claim, Command, Decision, Diagnostic, Language, LayerKind, Origin, Package, PlanContext,
    Process, Proposal, RelPath, Requested, Role, Scope, find, text,
};
use packwright_shell_syntax::{Shebang, shebang};

use data::{EXPECTED, PROGRAMS, SHELLS};

/// The shell buildpack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shell;

/// The script when the caller names none.
const SCRIPT: &str = "start.sh";

/// What is true of every application that is a shell script.
const LANGUAGE: Language = Language::new("shell", "shell").manifests(&[SCRIPT]).source_suffixes(&[".sh"]);

/// The variable by which the caller names the script.
const OPTION: &str = "PACKWRIGHT_SHELL_SCRIPT";

impl Buildpack for Shell {
    fn language(&self) -> &Language {
        &LANGUAGE
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        named(context).map(|script| Claim::Program.by(script.origin))
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        if context.role != Role::Owner {
            return Ok(None);
        }
        let Some(Requested { value, origin }) = named(context) else { return Ok(None) };
        propose(context, &value, &origin).map(Some).map_err(|problem| vec![*problem])
    }
}

/// The script's path and what names it.
fn named(given: &PlanContext<'_>) -> Option<Requested<String>> {
    if let Some(value) = given.options.environment.get(OPTION) {
        let origin = Origin::Option(format!("--env {OPTION}={value}"));
        return Some(Requested { value: value.trim().trim_start_matches("./").to_owned(), origin });
    }
    let file = find(given.tree, SCRIPT)?;
    Some(Requested { value: SCRIPT.to_owned(), origin: Origin::file(&file.path) })
}

fn propose(given: &PlanContext<'_>, name: &str, origin: &Origin) -> Result<Proposal, Box<Diagnostic>> {
    let missing = || Box::new(messages::no_script(name, origin));
    let path: RelPath = name.parse().map_err(|_| missing())?;
    let content = text(given.tree, name).map_err(|error| Box::new(messages::unreadable(&path, &error)))?;
    let content = content.ok_or_else(missing)?;
    let first = Origin::line(&path, 1);
    let (interpreter, chosen_by) = match shebang(&content) {
        Some(interpreter) => (interpreter, first.clone()),
        None => {
            let plain = Shebang { program: "sh".to_owned(), arguments: Vec::new() };
            (plain, Origin::Default(format!("{path} names no shell in its first line")))
        }
    };
    let shell_name = interpreter.name().to_owned();
    let Some(&(_, package)) = SHELLS.iter().find(|(known, _)| *known == shell_name) else {
        return Err(Box::new(messages::unknown_shell(&shell_name, &first)));
    };
    let mut proposal = Proposal::new();
    let run =
        |name: &str, layer, why: String| Package { name: name.to_owned(), scope: Scope::Run, layer, why };
    let shell = package.map(|name| run(name, LayerKind::Runtime, format!("{chosen_by} names it")));
    proposal.packages.extend(shell);
    let expected =
        EXPECTED.iter().map(|name| run(name, LayerKind::Runtime, "scripts take it for granted".to_owned()));
    proposal.packages.extend(expected);
    let words = script::words(&content);
    for &(program, name) in PROGRAMS {
        let line = words.iter().find(|&&(_, word)| word == program).map(|&(line, _)| line);
        let known = proposal.packages.iter().any(|package| package.name == name);
        if let Some(line) = line.filter(|_| !known) {
            proposal.packages.push(run(name, LayerKind::System, format!("{path}:{line} names {program}")));
        }
    }
    let listens = words.iter().any(|&(_, word)| word == "PORT");
    let command = [vec![shell_name.clone()], interpreter.arguments, vec![name.to_owned()]].concat();
    proposal.processes.push(Process {
        name: if listens { "web" } else { "worker" }.parse().expect("a process name"),
        command: Command::Exec(command),
        origin: origin.clone(),
    });
    proposal.decisions.push(Decision {
        subject: "shell".to_owned(),
        value: shell_name,
        origin: chosen_by,
        overridden: Vec::new(),
    });
    let carried = content.split('\n').next().is_some_and(|line| line.ends_with('\r'));
    proposal.diagnostics.extend(carried.then(|| messages::carriage_return(&first)));
    Ok(proposal)
}
