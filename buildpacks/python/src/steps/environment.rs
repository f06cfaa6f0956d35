//! The application's environment in `/opt/venv`: how it is made, filled, compiled and cleaned.

use packwright_buildpack::planner::{Command, LayerKind, Output, Step};
use packwright_buildpack::step::{path, step, words};

use super::bootstrap::UV;
use super::quoting::command;
use super::scrub;
use crate::releases::Delivery;

/// The interpreter of the application's environment.
pub(crate) const VENV_PYTHON: &str = "/opt/venv/bin/python";

/// Compiles what is there to bytecode that is never checked against its source, in one process
/// and in a fixed order, so that it is the same in every build. A file that is not for this
/// Python cannot be compiled and is no failure: packages ship templates and old dialects. What a
/// `.pth` file made the interpreter import and compile in its own way is compiled again.
const BYTECODE: &str = "import compileall, py_compile\n\
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH\n\
    compileall.compile_dir('/opt/venv/lib', quiet=2, force=True, invalidation_mode=mode)\n";

/// The commands that make the empty environment. It is the standard library's and needs nothing
/// installed.
pub(crate) fn make_environment(delivery: &Delivery) -> Command {
    Command::Exec(words(&[&delivery.interpreter(), "-m", "venv", "--without-pip", "/opt/venv"]))
}

/// The command that compiles the environment to bytecode.
pub(crate) fn compile() -> Command {
    Command::Exec(words(&[VENV_PYTHON, "-B", "-c", BYTECODE]))
}

/// The output of an install step.
pub(crate) fn environment_output() -> Output {
    Output::layer(path("opt/venv"), LayerKind::Dependencies).without(scrub::ENVIRONMENT)
}

/// A list of requirements too long for one command line, as commands that write it to `file`.
pub(crate) fn write(file: &str, lines: &[String]) -> Vec<Command> {
    // Source: execve(2), "Limits on size of arguments": 128 KiB for one argument.
    const ROOM: usize = 64 << 10;
    let mut commands = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut size = 0;
    let mut close = |open: &mut Vec<String>| {
        let sign = if commands.is_empty() { ">" } else { ">>" };
        let quoted = Command::Exec(std::mem::take(open));
        commands.push(Command::Shell(format!("printf '%s\\n' {quoted} {sign} {file}")));
    };
    for line in lines {
        if size + line.len() > ROOM && !open.is_empty() {
            close(&mut open);
            size = 0;
        }
        size += line.len() + 3;
        open.push(line.clone());
    }
    if !open.is_empty() {
        close(&mut open);
    }
    commands
}

/// The command that installs a file of hashed requirements.
pub(crate) fn install_hashed(file: &str, arguments: &[String]) -> Command {
    let mut line = words(&[UV, "pip", "install", "--python", VENV_PYTHON, "--require-hashes"]);
    line.extend(arguments.iter().cloned());
    line.extend(words(&["-r", file]));
    command(line)
}

/// The environment of a program without dependencies: it has `python`, nothing is fetched.
pub(crate) fn bare_environment(delivery: &Delivery) -> Step {
    let mut bare = step("python.install", "makes an environment without packages");
    bare.commands = vec![make_environment(delivery)];
    bare.outputs = vec![environment_output()];
    bare
}
