//! An abstract run of a maintainer script, as it is called when its package is installed for the first
//! time: which commands may run, and with which arguments. Known values (the script's arguments, literal
//! variables, comparisons of versions) are followed; where a value is unknown both branches are
//! taken, so that the result never has fewer commands than a real run. Nothing is executed.
//!
//! Source: Debian Policy 6.5 and 6.6 for the arguments; POSIX.1-2024, Shell Command Language.

use std::collections::BTreeMap;
use std::rc::Rc;

use packwright_shell_syntax::{
    Compound, Dialect, Joint, List, ListItem, Pipeline, Redirection, Rest, ShellCommand, Simple, Word,
    WordPart, parse,
};

mod conditions;
mod expansion;

/// A command that may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PossibleCommand {
    /// Its name and arguments; `None` where one cannot be known without running it.
    pub(crate) words: Vec<Option<String>>,
    /// The command as written.
    pub(crate) text: String,
}

/// What may happen in a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    /// Commands, in the order of the script; each once per set of arguments.
    pub(crate) commands: Vec<PossibleCommand>,
    /// Redirections into files, as written.
    pub(crate) writes: Vec<String>,
}

/// More commands than any script runs.
const STEPS: usize = 20_000;
const CALLS: usize = 20;
/// Commands that are part of the shell's own language.
const SPECIAL: [&str; 15] = [
    ":", ".", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift",
    "times", "trap", "unset",
];

/// The trace of a script that is called with `arguments`; `None` stands for an unknown one. An error is
/// the line of the script that cannot be read.
pub(crate) fn trace(script: &str, arguments: &[Option<&str>]) -> Result<Trace, String> {
    let script = parse(script, Dialect::Portable);
    if let Some(Rest { line, .. }) = script.rest {
        return Err(line);
    }
    let mut run = Run { trace: Trace::default(), steps: 0, calls: 0, loops: 0, left: false };
    let mut state = State {
        variables: BTreeMap::from([("DPKG_ROOT".to_owned(), Some(String::new()))]),
        arguments: Some(arguments.iter().map(|argument| argument.map(str::to_owned)).collect()),
        functions: BTreeMap::new(),
        flow: Flow::Going,
    };
    run.list(&script.list, &mut state);
    match run.steps > STEPS {
        true => Err("too many commands".to_owned()),
        false => Ok(run.trace),
    }
}

/// Whether what comes next still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Going,
    Returned,
    Ended,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    /// `None` for a value that is not known; absent for one that was never set.
    variables: BTreeMap<String, Option<String>>,
    /// `$1`…; `None` when their number is not known.
    arguments: Option<Vec<Option<String>>>,
    /// `None` where it is not known which body a name has, if any.
    functions: BTreeMap<String, Option<Rc<ShellCommand>>>,
    flow: Flow,
}

/// A run on its way.
struct Run {
    trace: Trace,
    steps: usize,
    calls: usize,
    /// How many loops are around.
    loops: usize,
    /// Whether a loop may have been left early.
    left: bool,
}

/// How a command ends; `None` when that is not known.
type Status = Option<bool>;

impl State {
    /// What holds whichever of the two happened.
    fn either(self, other: State) -> State {
        if self.flow != Flow::Going && other.flow == Flow::Going {
            return other;
        }
        if other.flow != Flow::Going && self.flow == Flow::Going {
            return self;
        }
        let arguments = self.arguments.filter(|arguments| Some(arguments) == other.arguments.as_ref());
        State {
            variables: common(self.variables, other.variables),
            arguments,
            functions: common(self.functions, other.functions),
            flow: if self.flow == other.flow { self.flow } else { Flow::Returned },
        }
    }

    fn forget(&mut self) {
        self.variables.values_mut().for_each(|value| *value = None);
        self.arguments = None;
    }

    fn set(&mut self, name: &str, value: Option<String>) {
        self.variables.insert(name.to_owned(), value);
    }

    /// `Some(None)` when the parameter has no value, `None` when that is not known.
    fn parameter(&self, name: &str) -> Option<Option<String>> {
        if let Ok(number) = name.parse::<usize>() {
            let arguments = self.arguments.as_ref().filter(|_| number > 0)?;
            return match arguments.get(number - 1) {
                Some(value) => value.clone().map(Some),
                None => Some(None),
            };
        }
        self.variables.get(name)?.clone().map(Some)
    }
}

/// What two sides agree on; `None` for the rest.
fn common<T: PartialEq>(
    one: BTreeMap<String, Option<T>>,
    mut other: BTreeMap<String, Option<T>>,
) -> BTreeMap<String, Option<T>> {
    for (name, value) in &mut other {
        if one.get(name) != Some(value) {
            *value = None;
        }
    }
    for name in one.into_keys() {
        other.entry(name).or_insert(None);
    }
    other
}

impl Run {
    fn list(&mut self, list: &[ListItem], state: &mut State) -> Status {
        let mut status = Some(true);
        for chain in list.chunk_by(|_, next| next.joint.is_conditional()) {
            let Some((first, others)) = chain.split_first() else { continue };
            if state.flow != Flow::Going {
                break;
            }
            status = self.pipeline(&first.pipeline, state);
            for entry in others {
                status = self.joined(status, entry, state);
            }
        }
        status
    }

    fn pipeline(&mut self, pipeline: &Pipeline, state: &mut State) -> Status {
        let status = match pipeline.commands.as_slice() {
            [one] => self.command(one, state),
            many => {
                for one in many {
                    self.command(one, &mut state.clone());
                }
                None
            }
        };
        status.map(|status| status != pipeline.is_negated)
    }

    fn command(&mut self, command: &ShellCommand, state: &mut State) -> Status {
        self.steps += 1;
        if self.steps > STEPS {
            return None;
        }
        let (compound, redirections) = match command {
            ShellCommand::Simple(simple) => return self.simple(simple, state),
            ShellCommand::Compound(compound, redirections) => (compound, redirections),
        };
        self.redirections(redirections, state);
        match compound {
            Compound::If { branches, otherwise } => self.conditional(branches, otherwise, state),
            Compound::Case { word, arms } => self.case(word, arms, state),
            Compound::For { name, words, body } => self.each(name, words.as_deref(), body, state),
            Compound::While { condition, body } => {
                // Any round, the first or a later one, of which nothing is known.
                self.unknown(condition, state);
                self.unknown(body, state);
                None
            }
            Compound::Group(list) => self.list(list, state),
            Compound::Subshell(list) => self.list(list, &mut state.clone()),
            Compound::Function { name, body } => {
                // Shells differ in which of the two a name means; a loop may be left before it.
                if self.loops > 0 || SPECIAL.contains(&name.as_str()) {
                    self.unknown_command(format!("{name}()"));
                }
                state.functions.insert(name.clone(), Some(Rc::new((**body).clone())));
                Some(true)
            }
            // The portable dialect has no others.
            _ => {
                self.unknown_command("[[".to_owned());
                None
            }
        }
    }

    /// A command of which nothing is known, so that the script is refused.
    fn unknown_command(&mut self, text: String) {
        self.trace.commands.push(PossibleCommand { words: vec![None], text });
    }

    /// What `entry` adds to a chain that has come to `status`.
    fn joined(&mut self, status: Status, entry: &ListItem, state: &mut State) -> Status {
        let wanted = entry.joint == Joint::And;
        if state.flow != Flow::Going || status == Some(!wanted) {
            return status;
        }
        if status == Some(wanted) {
            return self.pipeline(&entry.pipeline, state);
        }
        let mut taken = state.clone();
        let right = self.pipeline(&entry.pipeline, &mut taken);
        *state = state.clone().either(taken);
        // `unknown && false` is false, `unknown || true` is true.
        right.filter(|right| *right != wanted)
    }

    fn conditional(
        &mut self,
        branches: &[(List, List)],
        otherwise: &[ListItem],
        state: &mut State,
    ) -> Status {
        let Some(((condition, body), rest)) = branches.split_first() else {
            return self.list(otherwise, state);
        };
        let status = self.list(condition, state);
        if state.flow != Flow::Going {
            return None;
        }
        match status {
            Some(true) => self.list(body, state),
            Some(false) => self.conditional(rest, otherwise, state),
            None => {
                let mut taken = state.clone();
                self.list(body, &mut taken);
                self.conditional(rest, otherwise, state);
                *state = state.clone().either(taken);
                None
            }
        }
    }

    fn case(&mut self, word: &Word, arms: &[(Vec<Word>, List)], state: &mut State) -> Status {
        let value = self.value(word, state);
        let before = state.clone();
        let mut after: Option<State> = None;
        for (patterns, body) in arms {
            let matches = patterns.iter().map(|pattern| self.matches(pattern, value.as_deref(), state));
            let matches: Vec<Option<bool>> = matches.collect();
            if matches.iter().all(|one| *one == Some(false)) {
                continue;
            }
            let mut taken = before.clone();
            self.list(body, &mut taken);
            after = Some(match after {
                Some(other) => other.either(taken),
                None => taken,
            });
            if matches.contains(&Some(true)) {
                *state = after.unwrap_or(before);
                return None;
            }
        }
        *state = match after {
            Some(after) => before.either(after),
            None => before,
        };
        None
    }

    /// Whether a value matches a pattern; known for literal patterns and `*`.
    fn matches(&mut self, pattern: &Word, value: Option<&str>, state: &mut State) -> Option<bool> {
        if let [WordPart::Text { text, is_quoted: false }] = pattern.parts.as_slice()
            && text == "*"
        {
            return Some(true);
        }
        let special = pattern.parts.iter().any(|part| match part {
            WordPart::Text { text, is_quoted } => !is_quoted && text.contains(['*', '?', '[']),
            _ => true,
        });
        let pattern = self.value(pattern, state);
        if special {
            return None;
        }
        Some(pattern? == value?)
    }

    /// A `for` over `words`, or over the arguments.
    fn each(&mut self, name: &str, words: Option<&[Word]>, body: &[ListItem], state: &mut State) -> Status {
        let mut values = match words {
            Some(_) => Some(Vec::new()),
            None => state.arguments.clone(),
        };
        for word in words.unwrap_or_default() {
            let fields = self.fields(word, state);
            values = values.and_then(|mut values| {
                values.extend(fields?);
                Some(values)
            });
        }
        let Some(values) = values else {
            state.forget();
            state.set(name, None);
            self.unknown(body, state);
            return None;
        };
        for value in values {
            // A pattern stands for files, of which nothing is known.
            let value = value.filter(|value| !value.contains(['*', '?', '[']));
            state.set(name, value);
            self.loops += 1;
            self.list(body, state);
            self.loops -= 1;
            if self.left {
                state.variables.values_mut().for_each(|value| *value = None);
            }
        }
        None
    }

    /// Commands that may run, not at all or many times.
    fn unknown(&mut self, list: &[ListItem], state: &mut State) {
        // Twice: what the first round sets is not known in the second.
        self.loops += 1;
        for _ in 0..2 {
            state.forget();
            let mut taken = state.clone();
            self.list(list, &mut taken);
            *state = state.clone().either(taken);
        }
        self.loops -= 1;
        state.forget();
    }

    fn simple(&mut self, simple: &Simple, state: &mut State) -> Status {
        self.redirections(&simple.redirections, state);
        let mut substitutes = false;
        for (name, word) in &simple.assignments {
            substitutes |= word.parts.iter().any(|part| matches!(part, WordPart::Substitution { .. }));
            let value = self.value(word, state);
            // Before a command an assignment is the command's; to know less is enough.
            state.set(name, value.filter(|_| simple.words.is_empty()));
        }
        let mut words = Vec::new();
        let mut countable = true;
        for word in &simple.words {
            match self.fields(word, state) {
                Some(fields) => words.extend(fields),
                None => {
                    countable = false;
                    words.push(None);
                }
            }
        }
        match words.first() {
            Some(Some(name)) => {
                let name = name.clone();
                self.named(&name, words, countable, simple, state)
            }
            Some(None) => {
                state.forget();
                self.ran(words, simple);
                None
            }
            None => (!substitutes && simple.words.is_empty()).then_some(true),
        }
    }

    fn named(
        &mut self,
        name: &str,
        words: Vec<Option<String>>,
        countable: bool,
        simple: &Simple,
        state: &mut State,
    ) -> Status {
        match state.functions.get(name).cloned() {
            Some(Some(body)) => return self.call(&body, words, countable, state),
            Some(None) => {
                state.forget();
                self.ran([vec![None], words].concat(), simple);
                return None;
            }
            None => {}
        }
        match name {
            ":" | "true" => Some(true),
            "false" => Some(false),
            "exit" => {
                state.flow = Flow::Ended;
                None
            }
            "return" => {
                state.flow = Flow::Returned;
                None
            }
            "break" | "continue" => {
                self.left = true;
                None
            }
            "shift" | "set" => {
                // `set -e` changes no argument; anything else might.
                let option = words.get(1).is_some_and(|word| {
                    word.as_deref().is_some_and(|word| word.starts_with(['-', '+']) && word != "--")
                });
                if name == "shift" || !option || words.len() > 2 {
                    state.arguments = None;
                }
                None
            }
            "[" | "test" => conditions::test(name, &words),
            "export" | "local" | "readonly" | "declare" | "typeset" | "unset" | "read" | "getopts" => {
                for word in words.iter().skip(1) {
                    match word.as_deref().map(|word| word.split_once('=').unwrap_or((word, ""))) {
                        Some((variable, _)) => {
                            state.set(variable, None);
                            if let Some(body) = state.functions.get_mut(variable) {
                                *body = None;
                            }
                        }
                        None => {
                            state.forget();
                            state.functions.values_mut().for_each(|body| *body = None);
                        }
                    }
                }
                None
            }
            "dpkg" if words.get(1) == Some(&Some("--compare-versions".to_owned())) => {
                conditions::compare_versions(&words[2..])
            }
            _ => {
                if name.starts_with("db_") {
                    state.set("RET", None);
                }
                self.ran(words, simple);
                None
            }
        }
    }

    fn call(
        &mut self,
        body: &ShellCommand,
        words: Vec<Option<String>>,
        countable: bool,
        state: &mut State,
    ) -> Status {
        if self.calls >= CALLS {
            self.steps = STEPS + 1;
            return None;
        }
        self.calls += 1;
        let outer = state.arguments.take();
        state.arguments = countable.then(|| words[1..].to_vec());
        let mut status = self.command(body, state);
        if state.flow == Flow::Returned {
            state.flow = Flow::Going;
            status = None;
        }
        state.arguments = outer;
        self.calls -= 1;
        status
    }

    fn ran(&mut self, words: Vec<Option<String>>, simple: &Simple) {
        let ran = PossibleCommand { words, text: simple.text.clone() };
        if !self.trace.commands.contains(&ran) {
            self.trace.commands.push(ran);
        }
    }

    fn redirections(&mut self, redirections: &[Redirection], state: &mut State) {
        for redirection in redirections {
            // A descriptor or the text of a here-document is no file.
            if matches!(redirection.operator, "<<" | "<<-" | ">&" | "<&") {
                continue;
            }
            let target = self.value(&redirection.target, state);
            if redirection.operator != "<" && target.as_deref() != Some("/dev/null") {
                self.trace.writes.push(redirection.text.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests;
