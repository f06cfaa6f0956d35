//! Groups of buildpacks: references by name or URL, and inline scripts of `project.toml`.

use packwright_planner::{BuildWork, Command, Origin, Phase, Requested, Task};

use crate::cnb::line::line_of;
use crate::heroku;
use crate::table::Table;

/// Where a group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum GroupPosition {
    /// Before those that are detected or listed.
    Before,
    /// The list itself.
    Among,
    /// After them.
    After,
}

/// All buildpacks of a file.
#[derive(Default)]
pub(super) struct Groups {
    packs: Vec<(GroupPosition, Pack)>,
}

/// A buildpack.
enum Pack {
    /// By name or address.
    Named(Requested<String>),
    /// A script.
    Script(Requested<Command>),
}

impl Groups {
    /// Reads the list `key` of `table`.
    pub(super) fn read(&mut self, table: &Table<'_>, key: &str, place: GroupPosition) {
        for row in table.tables(key) {
            row.leave(&["exec-env", "optional"]);
            let (id, version, uri) = (row.text("id"), row.text("version"), row.text("uri"));
            let script = row.table("script").and_then(|script| {
                script.leave(&["api"]);
                let shell = script.text("shell").map(|shell| shell.value);
                let inline = script.text("inline").filter(|inline| !inline.value.trim().is_empty())?;
                let text = inline.value.trim().to_owned();
                let command = match shell.as_deref() {
                    None | Some("/bin/sh") => Command::Shell(text),
                    Some(shell) => Command::Exec(vec![shell.to_owned(), "-c".to_owned(), text]),
                };
                Some(Requested { value: command, origin: inline.origin })
            });
            let pack = match (script, uri, id) {
                (Some(script), ..) => Pack::Script(script),
                (None, Some(uri), _) => Pack::Named(uri),
                (None, None, Some(id)) => Pack::Named(match version {
                    Some(version) => {
                        Requested { value: format!("{}@{}", id.value, version.value), origin: id.origin }
                    }
                    None => id,
                }),
                (None, None, None) => {
                    let message = "a buildpack has neither `id` nor `uri` nor `script`";
                    row.document().refuse(
                        line_of(&row.origin()),
                        message,
                        "name it: `id = \"heroku/python\"`",
                    );
                    continue;
                }
            };
            self.packs.push((place, pack));
        }
        self.packs.sort_by_key(|(place, _)| *place);
    }

    /// The buildpacks that are named, and where the first one is.
    pub(super) fn list(&self) -> Option<(Vec<String>, Origin)> {
        let named = self.packs.iter().filter_map(|(_, pack)| match pack {
            Pack::Named(name) => Some(name),
            Pack::Script(_) => None,
        });
        let named: Vec<&Requested<String>> = named.collect();
        let first = named.first()?.origin.clone();
        Some((named.into_iter().map(|name| name.value.clone()).collect(), first))
    }

    /// The scripts as a phase of the build, with what is detected in the place of the others.
    pub(super) fn phases(&self) -> Vec<Phase> {
        let scripts = self.packs.iter().any(|(_, pack)| matches!(pack, Pack::Script(_)));
        if !scripts {
            return Vec::new();
        }
        let mut tasks: Vec<Task> = Vec::new();
        let listed = self.packs.iter().any(|(place, _)| *place == GroupPosition::Among);
        let detect = |tasks: &mut Vec<Task>| {
            if !tasks.contains(&Task::Detected) {
                tasks.push(Task::Detected);
            }
        };
        for (place, pack) in &self.packs {
            // Without a list the builder detects, between the two groups.
            if !listed && *place == GroupPosition::After {
                detect(&mut tasks);
            }
            match pack {
                Pack::Named(_) => detect(&mut tasks),
                Pack::Script(command) => tasks.push(Task::Run(command.clone())),
            }
        }
        if !listed {
            detect(&mut tasks);
        }
        vec![Phase { name: "build".to_owned(), work: BuildWork::Build, tasks }]
    }
}

/// The language of the last buildpack that has one: it says how the application starts.
pub(super) fn language(groups: &Groups) -> Option<Requested<String>> {
    let named = groups.packs.iter().rev().filter_map(|(_, pack)| match pack {
        Pack::Named(name) => Some(name),
        Pack::Script(_) => None,
    });
    let mut known = named.filter_map(|name| {
        let language = heroku::language(&name.value)?;
        Some(Requested { value: language.to_owned(), origin: name.origin.clone() })
    });
    known.next()
}
