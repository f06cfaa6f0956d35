//! A script as the line that it comes to: scripts that it runs through a package manager are put
//! in its place, so that the image starts programs and not package managers.

use packwright_buildpack::planner::{Diagnostic, Origin, Requested};

use super::line::{Segment, Word, parse};
use crate::manifest::PackageJson;
use crate::messages;

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
    /// Whether `pre…` and `post…` scripts run around the ones that are asked for.
    pub(crate) hooks: bool,
    /// Whether scripts that run side by side are put one after the other, to see what they call;
    /// such a line is not for running.
    pub(crate) flat: bool,
}

/// Subcommands of yarn and pnpm that are no scripts, as far as people start applications with
/// them.
const BUILT_IN: &[&str] = &[
    "add",
    "dlx",
    "exec",
    "install",
    "i",
    "node",
    "run",
    "run-script",
    "workspace",
    "workspaces",
    "create",
    "deploy",
];

/// Subcommands of npm that run the script of the same name.
const LIFECYCLE: &[&str] = &["start", "stop", "test", "restart"];

/// A script that a command runs.
struct ScriptCall<'a> {
    script: &'a str,
    arguments: &'a [Word],
}

impl<'m> ScriptExpander<'m> {
    /// What the script `name` comes to; `None` when there is none.
    ///
    /// Errors: scripts that run each other in a circle.
    pub(crate) fn expand(&self, name: &str) -> Option<Result<Expansion, Diagnostic>> {
        let script = self.manifest.script(name)?;
        let segments = self.run(name, script, &[], &mut Vec::new());
        Some(segments.map(|segments| Expansion { segments, origin: script.origin.clone() }))
    }

    /// A command that is no script, with the scripts that it runs in their places.
    pub(crate) fn expand_line(&self, line: &str, origin: &Origin) -> Result<Expansion, Diagnostic> {
        let script = Requested { value: line.to_owned(), origin: origin.clone() };
        let segments = self.commands(&script, &[], &mut Vec::new())?;
        Ok(Expansion { segments, origin: origin.clone() })
    }

    /// The script with its hooks.
    fn run(
        &self,
        name: &str,
        script: &Requested<String>,
        arguments: &[Word],
        running: &mut Vec<String>,
    ) -> Result<Vec<Segment>, Diagnostic> {
        if running.iter().any(|other| other == name) {
            return Err(messages::scripts_in_circle(running, name, &script.origin));
        }
        running.push(name.to_owned());
        let hook =
            |prefix: &str| self.hooks.then(|| self.manifest.script(&format!("{prefix}{name}"))).flatten();
        // A start script does not end, so what would come behind it never runs.
        let behind = hook("post").filter(|_| name != "start");
        let mut parts = Vec::new();
        for (part, arguments) in [(hook("pre"), &[][..]), (Some(script), arguments), (behind, &[][..])] {
            if let Some(part) = part {
                parts.push(("&&", self.commands(part, arguments, running)?));
            }
        }
        let segments = joined(parts);
        running.pop();
        Ok(segments)
    }

    /// The commands of one line.
    fn commands(
        &self,
        script: &Requested<String>,
        arguments: &[Word],
        running: &mut Vec<String>,
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
        let mut moved = false;
        for segment in parsed {
            let joint = segment.joint;
            let segment = without_cross_env(segment);
            let (variables, words) = segment.split();
            // In another directory there are other scripts.
            moved |= words.first().is_some_and(|word| ["cd", "pushd"].contains(&word.text.as_str()));
            let called =
                if moved { None } else { self.for_system(words, running).or_else(|| self.called(words)) };
            let commands = match called {
                Some(calls) => {
                    let mut inner = Vec::new();
                    for ScriptCall { script: name, arguments } in calls {
                        let Some(script) = self.manifest.script(name) else { continue };
                        let commands = self.run(name, script, arguments, running)?;
                        inner.push(("&&", with_variables(commands, variables)));
                    }
                    let mut all = joined(inner);
                    if let Some(last) = all.last_mut() {
                        last.background |= segment.background;
                    }
                    all
                }
                None if moved => vec![Segment { joint: "", ..segment }],
                None => vec![Segment { joint: "", ..self.direct(segment) }],
            };
            parts.push((joint, commands));
        }
        Ok(joined(parts))
    }

    /// The script for this system where `run-script-os` chooses among those of the running one.
    fn for_system<'a>(&self, words: &'a [Word], running: &[String]) -> Option<Vec<ScriptCall<'a>>>
    where
        'm: 'a,
    {
        let [program, arguments @ ..] = words else { return None };
        let own = running.last().filter(|_| ["run-script-os", "run-os"].contains(&program.text.as_str()))?;
        let names = ["linux", "nix", "default"].map(|system| format!("{own}:{system}"));
        let script = names.iter().find(|name| self.manifest.script(name).is_some())?;
        let (script, _) = self.manifest.scripts.get_key_value(script)?;
        Some(vec![ScriptCall { script, arguments }])
    }

    /// The scripts that these words run; `None` when they run none of the manifest's.
    fn called<'a>(&self, words: &'a [Word]) -> Option<Vec<ScriptCall<'a>>>
    where
        'm: 'a,
    {
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let has = |name: &str| self.manifest.script(name).is_some();
        let call = |at: usize, arguments: &'a [Word]| {
            let script = words.get(at)?.text.as_str();
            has(script).then(|| vec![ScriptCall { script, arguments }])
        };
        match texts.as_slice() {
            ["node", "--run", _, ..] => call(2, behind_dashes(&words[3..])),
            ["npm", rest @ ..] => {
                let skip = 1 + quiet_flags(rest);
                match texts.get(skip)? {
                    &"run" | &"run-script" | &"rum" | &"urn" => {
                        let at = skip + 1 + quiet_flags(texts.get(skip + 1..)?);
                        call(at, behind_dashes(words.get(at + 1..)?))
                    }
                    name if LIFECYCLE.contains(name) => call(skip, behind_dashes(&words[skip + 1..])),
                    _ => None,
                }
            }
            ["pnpm" | "yarn" | "yarnpkg" | "bun", rest @ ..] => {
                let skip = 1 + quiet_flags(rest);
                match texts.get(skip)? {
                    &"run" | &"run-script" => {
                        let at = skip + 1 + quiet_flags(texts.get(skip + 1..)?);
                        call(at, words.get(at + 1..)?)
                    }
                    name if !BUILT_IN.contains(name) => call(skip, &words[skip + 1..]),
                    _ => None,
                }
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
                let none = &words[..0];
                (!calls.is_empty())
                    .then(|| calls.into_iter().map(|script| ScriptCall { script, arguments: none }).collect())
            }
            _ => None,
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
        let start = match texts.as_slice() {
            ["npx" | "bunx" | "pnpx", rest @ ..] => 1 + quiet_flags(rest),
            ["npm", "exec" | "x", rest @ ..] => 2 + quiet_flags(rest),
            ["pnpm" | "yarn", "exec", rest @ ..] => 2 + quiet_flags(rest),
            ["pnpm" | "yarn", "run", _, ..] => 2,
            ["yarn", "node", ..] => 1,
            ["pnpm" | "yarn", name, ..] if !BUILT_IN.contains(name) => 1,
            _ => return segment,
        };
        let start = start + usize::from(texts.get(start) == Some(&"--"));
        let is_there = |name: &str| {
            name == "node"
                || super::programs::packages(name).iter().any(|package| self.manifest.depends_on(package))
        };
        match texts.get(start) {
            Some(name) if !name.starts_with('-') && is_there(name) => {
                let words = variables.iter().chain(&words[start..]).cloned().collect();
                Segment { words, ..segment }
            }
            _ => segment,
        }
    }
}

/// How many words from the start only ask for less output, or for no questions.
fn quiet_flags(words: &[&str]) -> usize {
    let quiet =
        ["-s", "--silent", "-q", "--quiet", "-y", "--yes", "--no-install", "--if-present", "--offline"];
    words.iter().take_while(|word| quiet.contains(word)).count()
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
