//! Removes what no model may hold before anything is decided: secrets in commands, in variables and in build
//! arguments, and variables that no environment can have. Afterwards no recognised secret is left in a model,
//! overridden values included.

use std::collections::BTreeSet;

use super::app_model::AppModel;
use super::component::{Component, Strategy, Task};
use super::declarations::{Declarations, FileWeight};
use super::exposed::Exposed;
use super::process::{DeclaredProcess, Probe};
use super::secret::{Blotted, blotted, hidden, is_secret};
use super::variable::{Variable, VariableValue};
use crate::command::Command;
use crate::diagnostic::{Diagnostic, Severity};
use crate::origin::Origin;

/// The code of remarks about secrets in commands.
const IN_COMMAND: &str = "platform/secret-in-command";

/// What was found.
#[derive(Default)]
pub(super) struct Checked {
    /// Secrets in commands and arguments of builds.
    pub(super) exposed: Vec<Exposed>,
    /// The lines of commands that cannot work without what was taken out of them.
    broken: BTreeSet<Origin>,
}

/// Takes out of `files` what no model may have, and adds a remark to each file about what was.
pub(super) fn checked(files: &mut [Declarations]) -> Checked {
    let mut checked = Checked::default();
    for file in files {
        let mut check = Check { checked: &mut checked, weight: file.weight, remarks: Vec::new() };
        file.components.iter_mut().for_each(|part| check.component(part));
        for overlay in &mut file.overlays {
            check.variables(&mut overlay.environment);
            overlay.processes.iter_mut().for_each(|process| check.process(process));
        }
        let remarks = check.remarks;
        for remark in &mut file.diagnostics {
            let texts = [Some(&mut remark.message), remark.why.as_mut(), remark.fix.as_mut()];
            texts.into_iter().flatten().for_each(|text| *text = hidden(text));
        }
        file.diagnostics.extend(remarks);
    }
    checked
}

impl Checked {
    /// Says of the commands that won whether they can work; a hint that cannot is none.
    pub(super) fn judge(&self, model: &mut AppModel) {
        if self.broken.is_empty() {
            return;
        }
        let mut won = BTreeSet::new();
        for part in &mut model.components {
            let processes = part.processes.iter().filter(|process| process.command.is_some());
            won.extend(processes.map(|process| process.origin.clone()));
            won.extend(part.phases.iter().flat_map(|phase| &phase.tasks).filter_map(|task| match task {
                Task::Run(command) => Some(command.origin.clone()),
                Task::Detected => None,
            }));
            for process in part.hints.iter_mut().flat_map(|hints| &mut hints.processes) {
                if self.broken.contains(&process.origin) {
                    process.command = None;
                }
            }
        }
        let is_about = |at: &Origin| self.broken.contains(at) && won.contains(at);
        for remark in model.diagnostics.iter_mut().filter(|remark| remark.code == IN_COMMAND) {
            if remark.at.as_ref().is_some_and(is_about) {
                remark.severity = Severity::Error;
            }
        }
    }
}

/// The check of one file.
struct Check<'a> {
    checked: &'a mut Checked,
    weight: FileWeight,
    remarks: Vec<Diagnostic>,
}

impl Check<'_> {
    fn component(&mut self, part: &mut Component) {
        self.variables(&mut part.environment);
        part.processes.iter_mut().for_each(|process| self.process(process));
        for task in part.phases.iter_mut().flat_map(|phase| &mut phase.tasks) {
            if let Task::Run(command) = task {
                self.command(&mut command.value, &command.origin);
            }
        }
        if let Some(strategy) = &mut part.strategy
            && let Strategy::Dockerfile { args, .. } = &mut strategy.value
        {
            let origin = &strategy.origin;
            args.retain(|name, value| {
                let is_secret = is_secret(name, value);
                if is_secret {
                    self.expose(name, origin);
                }
                !is_secret
            });
        }
        if let Some(hints) = &mut part.hints {
            self.component(hints);
        }
    }

    fn process(&mut self, process: &mut DeclaredProcess) {
        if let Some(command) = &mut process.command {
            self.command(command, &process.origin);
        }
        if let Some(health) = &mut process.health
            && let Probe::Exec(command) = &mut health.value.probe
        {
            self.command(command, &health.origin);
        }
    }

    fn command(&mut self, command: &mut Command, origin: &Origin) {
        let Some(Blotted { command: without, variables, lost }) = blotted(command) else { return };
        *command = without;
        variables.iter().for_each(|name| self.expose(name, origin));
        if !lost.is_empty() {
            self.expose("a command", origin);
            self.checked.broken.insert(origin.clone());
        }
        self.remarks.push(secret_in_command(&variables, &lost, origin));
    }

    fn variables(&mut self, variables: &mut Vec<Variable>) {
        variables.retain_mut(|variable| {
            if let Some(remark) = refused(variable) {
                self.remarks.push(remark);
                return false;
            }
            if let VariableValue::Literal(value) = &variable.value
                && is_secret(&variable.name, value)
            {
                variable.value = VariableValue::Withheld;
            }
            true
        });
    }

    fn expose(&mut self, name: &str, origin: &Origin) {
        let (name, origin) = (name.to_owned(), origin.clone());
        self.checked.exposed.push(Exposed { name, origin, weight: self.weight });
    }
}

/// Why a variable cannot be in an environment.
fn refused(variable: &Variable) -> Option<Diagnostic> {
    let Variable { name, value, origin, .. } = variable;
    let is_name =
        !name.is_empty() && !name.contains(|c: char| c == '=' || c.is_whitespace() || c.is_control());
    let has_nul = matches!(value, VariableValue::Literal(text) if text.contains('\0'));
    let (message, fix) = match (is_name, has_nul) {
        (true, false) => return None,
        (false, _) => (
            format!("{origin}: {:?} is no name of a variable, and is left out", hidden(name)),
            "choose a name of letters, digits and `_`",
        ),
        (true, true) => {
            (format!("{origin}: the value of {name} has a NUL, and is left out"), "delete the character")
        }
    };
    Some(
        Diagnostic::warning("platform/variable", message)
            .why("no program can be started with such a variable in its environment")
            .fix(fix)
            .at(origin.clone()),
    )
}

fn secret_in_command(variables: &[String], lost: &[String], origin: &Origin) -> Diagnostic {
    let names = variables.join(", ");
    let diagnostic = match (variables, lost) {
        (_, []) => Diagnostic::warning(
            IN_COMMAND,
            format!("{origin}: the command sets {names} to what looks like a secret; it takes it from the environment instead"),
        )
        .fix(format!(
            "take the value out of the file, change it where it is used, and set {names} where the image runs"
        )),
        _ => Diagnostic::warning(
            IN_COMMAND,
            format!("{origin}: the command has what looks like a secret: {}", lost.join(", ")),
        )
        .fix("write a variable in its place, `$NAME`, change the secret where it is used, and set the variable where the image runs"),
    };
    diagnostic
        .why("commands are part of the image, and everybody who has it can read them; `***` stands for what was taken out")
        .at(origin.clone())
}
