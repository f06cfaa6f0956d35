//! Entries of Railway's files: texts, and commands as lines for the shell.

use packwright_documents::{Content, Entry};
use packwright_planner::{Command, Origin, Requested};

use crate::write::{Converted, Loss};

/// A command as a line for the shell.
pub(super) fn line(made: &mut Converted, command: &Requested<Command>) -> String {
    shell(made, &command.value, &command.origin)
}

pub(super) fn text(key: &str, value: &str) -> Entry {
    Entry::new(key, Content::Text(value.to_owned()))
}

pub(super) fn shell(made: &mut Converted, command: &Command, origin: &Origin) -> String {
    if let Command::Exec(_) = command {
        made.lose(
            Loss::ExecForm,
            format!("`{command}` is given to a shell"),
            "nothing needs to be done: its words are quoted",
            Some(origin),
        );
    }
    command.to_string()
}
