//! The stages of a Dockerfile, and the image configuration that each of them ends with. No instruction is
//! run, and the configuration of the base image is unknown.
//!
//! Source: docs.docker.com, "Dockerfile reference"; moby/buildkit, `dockerfile2llb/convert.go`.

use std::collections::BTreeMap;

use super::instruction::{Form, Instruction, Joined, Script, form};
use super::word;

/// A stage: `FROM` and what follows it.
#[derive(Debug, Clone, Default)]
pub(super) struct Stage {
    /// The image that it starts from, variables filled in, and its line; an earlier stage's when it
    /// starts from that.
    pub(super) image: Option<Told<String>>,
    /// The earlier stage that it starts from.
    pub(super) base: Option<usize>,
    /// Its name.
    pub(super) name: Option<String>,
    /// `ENV`, those of the earlier stage included.
    pub(super) env: Vec<(String, Told<String>)>,
    /// Those of them whose value has a variable in it that has none.
    pub(super) unset: Vec<String>,
    /// `ARG` with its default.
    pub(super) args: Vec<(String, Told<Option<String>>)>,
    /// `CMD`.
    pub(super) cmd: Option<Told<Form>>,
    /// `ENTRYPOINT`.
    pub(super) entry: Option<Told<Form>>,
    /// `USER`.
    pub(super) user: Option<Told<String>>,
    /// `WORKDIR`, as one absolute path.
    pub(super) dir: Option<Told<String>>,
    /// `EXPOSE`: ports of TCP.
    pub(super) ports: Vec<Told<u16>>,
    /// `VOLUME`.
    pub(super) volumes: Vec<Told<String>>,
    /// `HEALTHCHECK`; its flags, and the command unless it is `NONE`.
    pub(super) health: Option<Told<Check>>,
    /// `STOPSIGNAL`.
    pub(super) signal: Option<Told<String>>,
    /// `SHELL`.
    pub(super) shell: Option<Told<Vec<String>>>,
    /// `RUN`, here-documents included.
    pub(super) runs: Vec<Joined>,
    /// Whether it copies files of the source.
    pub(super) copies: bool,
}

/// Something and the line that says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told<T> {
    /// What is said.
    pub(super) value: T,
    /// The line.
    pub(super) line: u32,
}

/// A health check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    /// `--interval` and its like.
    pub(super) flags: BTreeMap<String, String>,
    /// The command; `None` for `HEALTHCHECK NONE`.
    pub(super) command: Option<Form>,
}

/// The stages in order, and what cannot be used with its line.
pub(super) fn stages(script: &Script) -> (Vec<Stage>, Vec<(u32, String)>) {
    let mut reader = Reader { escape: script.escape, ..Reader::default() };
    for instruction in &script.instructions {
        reader.read(instruction);
    }
    (reader.stages, reader.problems)
}

#[derive(Default)]
struct Reader {
    stages: Vec<Stage>,
    /// `ARG` before the first stage: for `FROM` lines, and as defaults.
    global: Vec<(String, Option<String>)>,
    problems: Vec<(u32, String)>,
    escape: char,
}

impl Reader {
    fn read(&mut self, found: &Instruction) {
        match (found.name.as_str(), self.stages.is_empty()) {
            ("FROM", _) => self.from(found),
            ("ARG", true) => {
                for (name, told) in self.arguments(found) {
                    self.global.push((name, told.value));
                }
            }
            (name, true) => {
                self.problems.push((found.line, format!("`{name}` comes before the first `FROM`")))
            }
            (_, false) => self.of_stage(found),
        }
    }

    fn from(&mut self, found: &Instruction) {
        let words: Vec<&str> = found.rest.text.split_whitespace().collect();
        let (image, name) = match words.as_slice() {
            [image] => (*image, None),
            [image, word, name] if word.eq_ignore_ascii_case("as") => {
                (*image, Some(name.to_ascii_lowercase()))
            }
            _ => {
                self.problems.push((found.line, "`FROM` is `FROM <image> [AS <name>]`".to_owned()));
                (words.first().copied().unwrap_or_default(), None)
            }
        };
        let filled = word::fill(image, self.escape, &|name| self.global(name));
        for missing in &filled.missing {
            self.problems.push((found.line, format!("`{missing}` in `FROM` has no default")));
        }
        let base = self
            .stages
            .iter()
            .position(|stage| stage.name.as_deref() == Some(&filled.text.to_ascii_lowercase()));
        let mut stage = match base {
            Some(base) => self.stages[base].clone(),
            None => Stage { image: Some(Told { value: filled.text, line: found.line }), ..Stage::default() },
        };
        // What it is only while it is built stays with the earlier stage.
        (stage.base, stage.name, stage.args) = (base, name, Vec::new());
        (stage.runs, stage.copies) = (Vec::new(), false);
        self.stages.push(stage);
    }

    fn of_stage(&mut self, found: &Instruction) {
        let line = found.line;
        let text = found.rest.text.as_str();
        let at = self.stages.len() - 1;
        match found.name.as_str() {
            "ENV" => self.env(found),
            "ARG" => {
                // One without a default has that of the same name before the first stage.
                for (name, mut told) in self.arguments(found) {
                    told.value = told.value.or_else(|| self.global(&name));
                    self.stages[at].args.push((name, told));
                }
            }
            "CMD" => self.stages[at].cmd = Some(Told { value: found.form(), line }),
            "ENTRYPOINT" => {
                // The command of the base is for the entry point of the base.
                let inherited = self.stages[at].base.and_then(|base| self.stages[base].cmd.clone());
                let stage = &mut self.stages[at];
                if stage.cmd == inherited {
                    stage.cmd = None;
                }
                stage.entry = Some(Told { value: found.form(), line });
            }
            "USER" => {
                let value = self.filled(text);
                self.stages[at].user = Some(Told { value, line });
            }
            "WORKDIR" => {
                let path = self.filled(text);
                let old = self.stages[at].dir.take().map_or_else(|| "/".to_owned(), |dir| dir.value);
                self.stages[at].dir = Some(Told { value: below(&old, &path), line });
            }
            "EXPOSE" => self.expose(found),
            "VOLUME" => {
                let listed = super::instruction::list(text);
                let volumes = listed.unwrap_or_else(|| text.split_whitespace().map(str::to_owned).collect());
                for volume in volumes {
                    let value = self.filled(&volume);
                    self.stages[at].volumes.push(Told { value, line });
                }
            }
            "STOPSIGNAL" => {
                let value = self.filled(text);
                self.stages[at].signal = Some(Told { value, line });
            }
            "SHELL" => match super::instruction::list(text).filter(|words| !words.is_empty()) {
                Some(value) => self.stages[at].shell = Some(Told { value, line }),
                None => self.problems.push((line, "`SHELL` takes a list in JSON".to_owned())),
            },
            "HEALTHCHECK" => self.health(found),
            "RUN" => {
                let texts = std::iter::once(&found.rest).chain(&found.documents).cloned();
                self.stages[at].runs.extend(texts);
            }
            "COPY" | "ADD" => self.stages[at].copies |= found.flag("from").is_none(),
            _ => {}
        }
    }

    /// `ENV a=1 b=2`, or `ENV a the rest of the line`.
    fn env(&mut self, found: &Instruction) {
        let words = word::split(&found.rest.text, self.escape);
        let Some((_, first)) = words.first() else { return };
        let pairs: Vec<(usize, &str, &str)> = match first.contains('=') {
            true => words
                .iter()
                .filter_map(|(at, word)| match word.split_once('=') {
                    Some((name, value)) => Some((*at, name, value)),
                    None => {
                        let line = found.rest.line(*at);
                        self.problems.push((line, format!("`ENV`: `{word}` is no `name=value`")));
                        None
                    }
                })
                .collect(),
            false => vec![(0, *first, found.rest.text[first.len()..].trim_start())],
        };
        let mut set = Vec::new();
        for (at, name, value) in pairs {
            // All variables of one instruction have their values from before it.
            let filled = word::fill(value, self.escape, &|name| self.value(name));
            let told = Told { value: filled.text, line: found.rest.line(at) };
            set.push((self.filled(name), told, !filled.missing.is_empty()));
        }
        let Stage { env, unset, .. } = self.stages.last_mut().expect("a stage is open");
        for (name, told, is_unset) in set {
            unset.retain(|known| *known != name);
            if is_unset {
                unset.push(name.clone());
            }
            match env.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = told,
                None => env.push((name, told)),
            }
        }
    }

    fn arguments(&self, found: &Instruction) -> Vec<(String, Told<Option<String>>)> {
        let words = word::split(&found.rest.text, self.escape).into_iter();
        words
            .map(|(at, word)| {
                let line = found.rest.line(at);
                match word.split_once('=') {
                    Some((name, value)) => (name.to_owned(), Told { value: Some(self.filled(value)), line }),
                    None => (word.to_owned(), Told { value: None, line }),
                }
            })
            .collect()
    }

    fn expose(&mut self, found: &Instruction) {
        for (at, word) in word::split(&found.rest.text, self.escape) {
            let filled = word::fill(word, self.escape, &|name| self.value(name));
            let line = found.rest.line(at);
            let (port, protocol) = filled.text.split_once('/').unwrap_or((&filled.text, "tcp"));
            // A range counts by its first port, an address before a colon not at all.
            let port = port.rsplit(':').next().unwrap_or(port).split('-').next().unwrap_or_default();
            match port.parse() {
                Ok(value) if protocol.eq_ignore_ascii_case("tcp") => {
                    self.stages.last_mut().expect("a stage is open").ports.push(Told { value, line });
                }
                Ok(_) => {}
                Err(_) if !filled.missing.is_empty() => {}
                Err(_) => self.problems.push((line, format!("`EXPOSE`: `{word}` is no port"))),
            }
        }
    }

    fn health(&mut self, found: &Instruction) {
        let text = found.rest.text.as_str();
        let (word, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
        let command = match word.to_ascii_uppercase().as_str() {
            "NONE" => None,
            "CMD" => Some(form(rest.trim())),
            _ => {
                self.problems.push((found.line, "`HEALTHCHECK` is followed by `CMD` or `NONE`".to_owned()));
                return;
            }
        };
        let flags = found.flags.iter().cloned().collect();
        let health = Told { value: Check { flags, command }, line: found.line };
        self.stages.last_mut().expect("a stage is open").health = Some(health);
    }

    fn filled(&self, text: &str) -> String {
        word::fill(text, self.escape, &|name| self.value(name)).text
    }

    /// The value of a variable where an instruction stands: of `ENV` before that of `ARG`.
    fn value(&self, name: &str) -> Option<String> {
        let Some(stage) = self.stages.last() else { return self.global(name) };
        if let Some((_, told)) = stage.env.iter().find(|(known, _)| known == name) {
            return Some(told.value.clone());
        }
        let (_, told) = stage.args.iter().rev().find(|(known, _)| known == name)?;
        told.value.clone()
    }

    /// The default of an argument from before the first stage.
    fn global(&self, name: &str) -> Option<String> {
        self.global.iter().rev().find(|(known, _)| known == name).and_then(|(_, value)| value.clone())
    }
}

/// `path` from the directory `dir`.
fn below(dir: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let from = if path.starts_with('/') { "" } else { dir };
    for part in from.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
