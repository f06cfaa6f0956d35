//! `python.resolve`: finds exact versions and hashes for requirements that leave them open. The answer
//! goes into the lock.

use packwright_buildpack::planner::{self, Command, Input, Output, PlanOptions, Step};
use packwright_buildpack::step::{self, words};

use super::answers::answer;
use super::bootstrap::{UV, uv_step};
use super::quoting::command;
use super::version_control::see_git;
use crate::messages;
use crate::releases::Delivery;

/// A question for exact versions.
pub(crate) struct Question<'a> {
    /// The step's name.
    pub(crate) step: &'a str,
    /// What it is for.
    pub(crate) why: &'a str,
    /// The answer's file name.
    pub(crate) answer: &'a str,
    /// Requirements in words.
    pub(crate) requirements: &'a [String],
    /// Files of requirements, as arguments.
    pub(crate) files: &'a [String],
    /// Further arguments.
    pub(crate) arguments: &'a [String],
    /// What it sees of the source.
    pub(crate) source: Option<Input>,
    /// Variables that the files name.
    pub(crate) variables: &'a [String],
}

impl Question<'static> {
    /// A question about nothing.
    pub(crate) const NOTHING: Question<'static> = Question {
        step: "",
        why: "",
        answer: "",
        requirements: &[],
        files: &[],
        arguments: &[],
        source: None,
        variables: &[],
    };
}

/// A step that answers `question` with exact versions and hashes, for the interpreter `python`.
pub(crate) fn resolve(python: &str, question: &Question<'_>) -> Step {
    let mut resolve = uv_step(question.step, question.why, question.variables);
    resolve.hint = Some(messages::RESOLVE_HINT.to_owned());
    resolve.inputs.extend(question.source.clone());
    let file = answer(question.answer);
    let mut line = words(&[
        UV,
        "pip",
        "compile",
        "--quiet",
        "--python",
        python,
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--output-file",
        &file,
    ]);
    line.extend(question.arguments.iter().cloned());
    line.extend(question.files.iter().cloned());
    if question.requirements.is_empty() {
        resolve.commands.push(command(line));
    } else {
        line.push("-".to_owned());
        let wanted = Command::Exec(question.requirements.to_vec());
        resolve.commands.push(Command::Shell(format!("printf '%s\\n' {wanted} | {}", command(line))));
    }
    step::answering(resolve, "python", &[question.answer])
}

/// A step that answers which of `candidates`, the minor versions of Python in falling preference, `question` has wheels
/// for. What is asked about is the same as in [`resolve`].
pub(crate) fn interpreter(delivery: &Delivery, question: &Question<'_>) -> Step {
    let mut step = uv_step(
        INTERPRETER_STEP,
        "finds the newest Python that the requirements are made for",
        question.variables,
    );
    step.hint = Some(messages::INTERPRETER_HINT.to_owned());
    step.inputs.extend(question.source.clone());
    let python = delivery.bootstrap();
    let mut line = words(&[&python, SCRIPT, &answer(INTERPRETER), &delivery.candidates.join(",")]);
    line.extend(words(&[UV, "--python", &python]));
    line.extend(question.arguments.iter().cloned());
    line.push("--".to_owned());
    line.extend(question.files.iter().cloned());
    step.commands.push(Command::write(SCRIPT, include_str!("interpreter.py")));
    if question.requirements.is_empty() {
        step.commands.push(command(line));
    } else {
        line.push("-".to_owned());
        let wanted = Command::Exec(question.requirements.to_vec());
        step.commands.push(Command::Shell(format!("printf '%s\\n' {wanted} | {}", command(line))));
    }
    step::answering(step, "python", &[INTERPRETER])
}

/// The plan's question, where one of `steps` answers it, with the answer that `options` have.
pub(crate) fn question(steps: &[Step], options: &PlanOptions) -> Option<planner::Question> {
    let step = step::name(INTERPRETER_STEP);
    steps.iter().any(|one| one.name == step).then(|| planner::Question {
        path: step::answer("python", INTERPRETER),
        answer: options.answers.get(&step).cloned(),
        step,
    })
}

/// The step that asks the index which Python it is to be.
pub(crate) const INTERPRETER_STEP: &str = "python.interpreter";

/// Its answer.
const INTERPRETER: &str = "interpreter.txt";

/// Where its program is.
const SCRIPT: &str = "/tmp/interpreter.py";

/// The answer that holds packages from version control, which have no hashes.
pub(crate) const VERSIONED: &str = "versioned.txt";

/// Takes apart the answer `file`: what comes from version control goes into [`VERSIONED`], what
/// is a directory of the tree is dropped, since it is built later.
pub(crate) fn take_apart(resolve: &mut Step, delivery: &Delivery, file: &str) {
    resolve.commands.push(Command::Exec(words(&[
        &delivery.bootstrap(),
        "-c",
        TAKE_APART,
        &answer(file),
        &answer(VERSIONED),
    ])));
    resolve.outputs.push(Output::between_steps(step::answer("python", VERSIONED)));
    see_git(resolve);
}

const TAKE_APART: &str = "import re, sys\n\
    text = open(sys.argv[1]).read()\n\
    hashed, versioned = [], []\n\
    for line in re.split(r'(?<!\\\\)\\n', text):\n\
    \x20   if re.match(r'(-e|--editable)\\b|\\.{0,2}/|\\.$|file:', line) or ' @ file:' in line:\n\
    \x20       continue\n\
    \x20   (versioned if re.search(r'(^| @ )git\\+', line) else hashed).append(line)\n\
    open(sys.argv[1], 'w').write('\\n'.join(hashed))\n\
    open(sys.argv[2], 'w').write(''.join(line + '\\n' for line in versioned))\n";
