//! A script as the line that it comes to: scripts that it runs through a package manager are put
//! in its place, so that the image starts programs and not package managers.

use packwright_buildpack::planner::{Diagnostic, Origin, Requested};

use super::line::{Segment, Word, parse};
use super::manager_call::{self, Asks, ManagerCall};
use crate::manifest::PackageJson;
use crate::messages;
use crate::packages::Packages;

/// What a script comes to.
#[derive(Debug, Clone)]
pub(crate) struct Expansion {
    /// The commands. A line that is more than a list of commands is one command of one word.
    pub(crate) segments: Vec<Segment>,
    /// The line of the script itself.
    pub(crate) origin: Origin,
}

/// The scripts of a manifest, and how its manager runs them.
#[derive(Clone, Copy)]
pub(crate) struct ScriptExpander<'a> {
    /// The manifest.
    pub(crate) manifest: &'a PackageJson,
    /// The packages whose scripts it may run besides its own.
    pub(crate) packages: Packages<'a>,
    /// Whether `pre…` and `post…` scripts run around the ones that are asked for.
    pub(crate) hooks: bool,
    /// Whether scripts that run side by side are put one after the other, to see what they call;
    /// such a line is not for running.
    pub(crate) flat: bool,
}

/// A script that a command runs.
struct ScriptCall<'a> {
    /// Whose script it is, where that is another package.
    of: Option<&'a PackageJson>,
    script: &'a str,
    arguments: Vec<Word>,
}

impl<'a> ScriptCall<'a> {
    fn new(script: &'a str, arguments: &[Word]) -> ScriptCall<'a> {
        ScriptCall { of: None, script, arguments: arguments.to_vec() }
    }
}

impl<'m> ScriptExpander<'m> {
    /// What the script `name` comes to; `None` when there is none.
    ///
    /// Errors: scripts that run each other in a circle.
    pub(crate) fn expand(&self, name: &str) -> Option<Result<Expansion, Diagnostic>> {
        let script = self.manifest.script(name)?;
        let segments = self.run(name, script, &[], &mut Running::whole());
        Some(segments.map(|segments| Expansion { segments, origin: script.origin.clone() }))
    }

    /// A command that is no script, with the scripts that it runs in their places.
    pub(crate) fn expand_line(&self, line: &str, origin: &Origin) -> Result<Expansion, Diagnostic> {
        let script = Requested { value: line.to_owned(), origin: origin.clone() };
        let segments = self.commands(&script, &[], &mut Running::whole())?;
        Ok(Expansion { segments, origin: origin.clone() })
    }

    /// The script with its hooks.
    fn run(
        &self,
        name: &str,
        script: &Requested<String>,
        arguments: &[Word],
        running: &mut Running,
    ) -> Result<Vec<Segment>, Diagnostic> {
        let key = (self.manifest.path.to_string(), name.to_owned());
        if running.scripts.contains(&key) {
            let names: Vec<String> = running.scripts.iter().map(|(_, name)| name.clone()).collect();
            return Err(messages::scripts_in_circle(&names, name, &script.origin));
        }
        running.scripts.push(key);
        let hook =
            |prefix: &str| self.hooks.then(|| self.manifest.script(&format!("{prefix}{name}"))).flatten();
        // A start script does not end, so what would come behind it never runs.
        let behind = hook("post").filter(|_| name != "start");
        let is_last = running.is_last;
        let mut parts = Vec::new();
        let all = [(hook("pre"), &[][..]), (Some(script), arguments), (behind, &[][..])];
        for (index, (part, arguments)) in all.iter().enumerate() {
            if let Some(part) = part {
                running.is_last = is_last && all[index + 1..].iter().all(|(part, _)| part.is_none());
                parts.push(("&&", self.commands(part, arguments, running)?));
            }
        }
        running.is_last = is_last;
        let segments = joined(parts);
        running.scripts.pop();
        Ok(segments)
    }

    /// The commands of one line.
    fn commands(
        &self,
        script: &Requested<String>,
        arguments: &[Word],
        running: &mut Running,
    ) -> Result<Vec<Segment>, Diagnostic> {
        let Some(mut parsed) = parse(&script.value) else {
            let mut raw = script.value.trim().to_owned();
            for argument in arguments {
                raw.push(' ');
                raw.push_str(&argument.raw);
            }
            return Ok(vec![Segment::new(vec![Word { raw, text: String::new(), plain: false }])]);
        };
        if let Some(last) = parsed.last_mut() {
            last.words.extend(arguments.iter().cloned());
        }
        let mut parts = Vec::new();
        let mut moved: Option<Option<&PackageJson>> = None;
        let (is_last, count) = (running.is_last, parsed.len());
        let only_and = parsed.iter().skip(1).all(|segment| segment.joint == "&&");
        for (index, segment) in parsed.into_iter().enumerate() {
            let joint = segment.joint;
            let segment = without_cross_env(segment);
            let (variables, words) = segment.split();
            running.is_last = is_last && index + 1 == count && only_and && !segment.background;
            if let Some(dir) = moved_to(words) {
                // In another directory there are other scripts.
                let known = dir.filter(|_| moved.is_none() && !self.flat).and_then(|dir| self.in_dir(dir));
                moved = Some(known);
            }
            let here = match moved {
                None => Some(*self),
                Some(manifest) => manifest.map(|manifest| ScriptExpander { manifest, ..*self }),
            };
            let called = here.as_ref().and_then(|here| match moved {
                None => here.for_system(words, running).or_else(|| here.called(words, running)),
                Some(_) => here.called(words, running),
            });
            let commands = match called {
                Some(calls) => {
                    let mut inner = Vec::new();
                    for ScriptCall { of, script: name, arguments } in calls {
                        let manifest = of.or(here.map(|here| here.manifest)).unwrap_or(self.manifest);
                        let owner = ScriptExpander { manifest, ..*self };
                        let Some(script) = manifest.script(name) else { continue };
                        let mut commands =
                            with_variables(owner.run(name, script, &arguments, running)?, variables);
                        if let Some(dir) = of.and_then(|of| self.way_to(of)) {
                            commands.insert(0, dir);
                            if let Some(next) = commands.get_mut(1) {
                                next.joint = "&&";
                            }
                        }
                        inner.push(("&&", commands));
                    }
                    let mut all = joined(inner);
                    if let Some(last) = all.last_mut() {
                        last.background |= segment.background;
                    }
                    all
                }
                None => match here {
                    Some(here) => vec![Segment { joint: "", ..here.direct(segment) }],
                    None => vec![Segment { joint: "", ..segment }],
                },
            };
            parts.push((joint, commands));
        }
        running.is_last = is_last;
        Ok(joined(parts))
    }

    /// The package in a directory that is named from the running one's.
    fn in_dir(&self, dir: &str) -> Option<&'m PackageJson> {
        self.packages.in_dir(&self.manifest.beside(dir)?)
    }

    /// The command that goes to the directory of another package; nothing where it is the same.
    fn way_to(&self, other: &PackageJson) -> Option<Segment> {
        let from = self.manifest.dir.as_ref().map_or(0, |dir| dir.parts().count());
        let up = "../".repeat(from);
        let way = match &other.dir {
            Some(dir) => format!("{up}{dir}"),
            None => up.trim_end_matches('/').to_owned(),
        };
        let word = |text: &str| {
            let raw = packwright_buildpack::shell_syntax::quote(text);
            Word { raw, text: text.to_owned(), plain: true }
        };
        (other.path != self.manifest.path).then(|| Segment::new(vec![word("cd"), word(&way)]))
    }

    /// The script for this system where `run-script-os` chooses among those of the running one.
    fn for_system<'a>(&self, words: &'a [Word], running: &Running) -> Option<Vec<ScriptCall<'a>>>
    where
        'm: 'a,
    {
        let [program, arguments @ ..] = words else { return None };
        let is_chooser = ["run-script-os", "run-os"].contains(&program.text.as_str());
        let (_, own) = running.scripts.last().filter(|_| is_chooser)?;
        let names = ["linux", "nix", "default"].map(|system| format!("{own}:{system}"));
        let script = names.iter().find(|name| self.manifest.script(name).is_some())?;
        let (script, _) = self.manifest.scripts.get_key_value(script)?;
        Some(vec![ScriptCall::new(script, arguments)])
    }

    /// The scripts that these words run; `None` when they run none of the manifest's, and none of another
    /// package's that can stand in their place: a change of the directory would last for what comes behind.
    fn called<'a>(&self, words: &'a [Word], running: &Running) -> Option<Vec<ScriptCall<'a>>>
    where
        'm: 'a,
    {
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        match texts.as_slice() {
            ["node", "--run", name, ..] => {
                self.manifest.script(name)?;
                Some(vec![ScriptCall::new(&words[2].text, behind_dashes(&words[3..]))])
            }
            ["run-s" | "run-p" | "npm-run-all" | "npm-run-all2", rest @ ..] => {
                let parallel =
                    texts[0] == "run-p" || rest.iter().any(|word| ["-p", "--parallel"].contains(word));
                if parallel && !self.flat {
                    return None;
                }
                let names: Vec<&str> = rest
                    .iter()
                    .filter(|word| !word.starts_with('-'))
                    .filter_map(|word| word.split_whitespace().next())
                    .collect();
                let calls: Option<Vec<Vec<&str>>> = names.iter().map(|name| self.matching(name)).collect();
                let calls: Vec<&str> = calls?.into_iter().flatten().collect();
                (!calls.is_empty())
                    .then(|| calls.into_iter().map(|script| ScriptCall::new(script, &[])).collect())
            }
            texts => {
                let ManagerCall { place, asks } = manager_call::read(texts)?;
                let Asks::Script { name, arguments } = asks else { return None };
                let of = match place {
                    None => None,
                    Some(_) if self.flat || !running.is_last => return None,
                    Some(place) => Some(self.packages.at(&place, self.manifest)?),
                };
                let script = words[name].text.as_str();
                of.unwrap_or(self.manifest).script(script)?;
                let arguments = arguments.into_iter().map(|at| words[at].clone()).collect();
                Some(vec![ScriptCall { of, script, arguments }])
            }
        }
    }

    /// The script of this name; where it does not matter in which order they run, all that a
    /// pattern such as `build:*` means. `None` when there is no such script.
    fn matching(&self, name: &str) -> Option<Vec<&'m str>> {
        let scripts = &self.manifest.scripts;
        match name.strip_suffix('*') {
            Some(prefix) if self.flat => {
                let names: Vec<&str> =
                    scripts.keys().filter(|key| key.starts_with(prefix)).map(String::as_str).collect();
                Some(names)
            }
            Some(_) => None,
            None => scripts.get_key_value(name).map(|(name, _)| vec![name.as_str()]),
        }
    }

    /// A command that runs a program through a package manager, as that program.
    fn direct(&self, segment: Segment) -> Segment {
        let (variables, words) = segment.split();
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let Some(ManagerCall { place: None, asks }) = manager_call::read(&texts) else { return segment };
        let is_there = |name: &str| {
            name == "node"
                || super::programs::packages(name).iter().any(|package| self.manifest.depends_on(package))
                || self.packages.brings(name, self.manifest)
        };
        let (at, program) = match asks {
            Asks::Package(at) if is_there(texts[at]) && !texts[at].starts_with('@') => (at, None),
            // The name of a package stands for its program. Source: npm's documentation, "npm exec".
            Asks::Package(at) if self.manifest.depends_on(texts[at]) => {
                (at, Some(self.packages.program_of(texts[at])))
            }
            Asks::Program(at) if is_there(texts[at]) => (at, None),
            Asks::Script { name, .. } if texts[0] != "npm" && texts[0] != "bun" && is_there(texts[name]) => {
                (name, None)
            }
            _ => return segment,
        };
        if texts[at].starts_with('-') {
            return segment;
        }
        let mut words: Vec<Word> = variables.iter().chain(&words[at..]).cloned().collect();
        if let Some(program) = program {
            words[variables.len()] = Word { raw: program.clone(), text: program, plain: true };
        }
        Segment { words, ..segment }
    }
}

/// The scripts that run each other on the way to the one that is read.
struct Running {
    /// The manifest and the name of each.
    scripts: Vec<(String, String)>,
    /// Whether nothing runs behind the commands that are read, so that they may change the directory.
    is_last: bool,
}

impl Running {
    fn whole() -> Running {
        Running { scripts: Vec::new(), is_last: true }
    }
}

/// The directory that a command goes to; an inner nothing where that is not known.
fn moved_to(words: &[Word]) -> Option<Option<&str>> {
    let (first, rest) = words.split_first()?;
    if !["cd", "pushd"].contains(&first.text.as_str()) {
        return None;
    }
    Some(match rest {
        [dir] if dir.plain => Some(dir.text.as_str()),
        _ => None,
    })
}

/// The arguments that npm hands on: those behind `--`, and those that are no options of its own.
fn behind_dashes(words: &[Word]) -> &[Word] {
    match words.split_first() {
        Some((first, rest)) if first.text == "--" => rest,
        _ => words,
    }
}

/// Sets the variables for each of the commands.
fn with_variables(mut segments: Vec<Segment>, variables: &[Word]) -> Vec<Segment> {
    for segment in &mut segments {
        let own = segment.split().0.to_vec();
        let new = variables.iter().filter(|variable| {
            let name = |word: &Word| word.raw.split('=').next().unwrap_or_default().to_owned();
            !own.iter().any(|known| name(known) == name(variable))
        });
        segment.words.splice(0..0, new.cloned().collect::<Vec<_>>());
    }
    segments
}

/// `cross-env` only sets variables, which the shell does itself: without it the command needs
/// one package less.
fn without_cross_env(mut segment: Segment) -> Segment {
    let at = segment.split().0.len();
    let words: Vec<&str> = segment.words[at..].iter().map(|word| word.text.as_str()).collect();
    let skip = match words.as_slice() {
        ["cross-env" | "cross-env-shell", ..] => 1,
        ["npx", "cross-env", ..] => 2,
        _ => return segment,
    };
    // In exec form a quoted `"A=b c"` sets a variable; the shell would take it for a program.
    let sets = segment.words[at + skip..].iter().take_while(|word| word.text.contains('=')).count();
    let whole = segment.words[at + skip..at + skip + sets].iter().all(Word::assigns);
    let follows = segment.words.len() > at + skip + sets;
    if whole && follows {
        segment.words.drain(at..at + skip);
    }
    segment
}

/// The parts as one list, each with what joins it to the one before. A part is put into a group
/// where its own joints would mean something else in the list.
fn joined(parts: Vec<(&'static str, Vec<Segment>)>) -> Vec<Segment> {
    let alone = parts.len() == 1;
    let only_and = |joint: &str| matches!(joint, "" | "&&");
    let plain_list = parts.iter().skip(1).all(|(joint, _)| only_and(joint));
    let mut segments: Vec<Segment> = Vec::new();
    for (joint, mut commands) in parts {
        let opaque =
            commands.iter().any(|segment| segment.words.len() == 1 && segment.words[0].text.is_empty());
        let plain = commands.iter().all(|segment| only_and(segment.joint) && !segment.background);
        let group = !alone && (opaque || commands.len() > 1 && !(plain && plain_list));
        if let Some(first) = commands.first_mut() {
            first.joint = if segments.is_empty() { "" } else { joint };
            first.opens += usize::from(group);
        }
        if let Some(last) = commands.last_mut() {
            last.closes += usize::from(group);
        }
        segments.extend(commands);
    }
    segments
}
