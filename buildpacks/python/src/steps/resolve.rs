//! `python.resolve`: finds exact versions and hashes for requirements that leave them open. The answer
//! goes into the lock.

use packwright_buildpack::planner::{Command, Input, Output, Step};
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
