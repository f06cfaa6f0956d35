//! The steps that all package managers share: the installer itself, answers to open questions,
//! the environment in `/opt/venv`, the project as a package, static files.
//!
//! ```text
//! python.uv ─▶ python.resolve ─▶ python.install ─▶ python.project ─▶ python.static
//!              (only what floats)  /opt/venv         (only packages)   (only Django)
//! ```

mod project;
mod scrub;

use packwright_planner::{
    Cache, Command, Input, LayerKind, Network, Output, RelPath, SecretName, Selection, Sharing, Step,
    StepName,
};

use crate::data::{Delivery, INDEX_SETTINGS, NETWORK_FAILURES, UV_HASHES, UV_VERSION};
use crate::framework::StaticFiles;
use crate::messages;

pub(crate) use project::{pretended, pretends, projects};

/// The installer: uv behind a script that understands pip's settings.
pub(crate) const UV: &str = "/opt/uv/uv";

/// pip, run out of the wheel that Debian ships; for a shell.
const PIP: &str = "\"$(echo /usr/share/python-wheels/pip-*.whl)/pip\"";

/// The interpreter of the application's environment.
pub(crate) const VENV_PYTHON: &str = "/opt/venv/bin/python";

/// Where steps leave texts for later steps.
const ANSWERS: &str = "packwright/python";

/// Compiles what is there to bytecode that is never checked against its source, in one process
/// and in a fixed order, so that it is the same in every build. A file that is not for this
/// Python cannot be compiled and is no failure: packages ship templates and old dialects. What a
/// `.pth` file made the interpreter import and compile in its own way is compiled again.
const BYTECODE: &str = "import compileall, py_compile\n\
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH\n\
    compileall.compile_dir('/opt/venv/lib', quiet=2, force=True, invalidation_mode=mode)\n";

/// The absolute path of the answer `name`.
pub(crate) fn answer(name: &str) -> String {
    format!("/{ANSWERS}/{name}")
}

fn name(text: &str) -> StepName {
    text.parse().expect("the names of steps are constants")
}

pub(crate) fn path(text: &str) -> RelPath {
    text.parse().expect("the paths of steps are constants")
}

/// An input that is all outputs of the step `step`.
pub(crate) fn after(step: &str) -> Input {
    Input::Step(name(step))
}

/// An input that is the named source files.
pub(crate) fn source<T: ToString>(files: impl IntoIterator<Item = T>) -> Input {
    Input::Source(Selection::of(files))
}

/// `word` between double quotes, where only `${NAME}` means something to the shell.
fn with_variables(word: &str) -> String {
    let mut quoted = String::from("\"");
    let mut rest = word;
    while let Some(found) = rest.find(['\\', '"', '`', '$']) {
        quoted.push_str(&rest[..found]);
        rest = &rest[found..];
        let name = rest.strip_prefix("${").and_then(|rest| rest.split_once('}')).map(|(name, _)| name);
        let is_name = |name: &&str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        match name.filter(is_name) {
            Some(name) => {
                quoted.push_str(&rest[..name.len() + 3]);
                rest = &rest[name.len() + 3..];
            }
            None => {
                quoted.push('\\');
                quoted.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    quoted + rest + "\""
}

/// A command in exec form, or in shell form when a word holds `${NAME}`.
pub(crate) fn command(words: Vec<String>) -> Command {
    if !words.iter().any(|word| word.contains("${")) {
        return Command::Exec(words);
    }
    let quoted: Vec<String> = words
        .iter()
        .map(|word| match word.contains("${") {
            true => with_variables(word),
            false => Command::Exec(vec![word.clone()]).to_string(),
        })
        .collect();
    Command::Shell(quoted.join(" "))
}

/// The words of a command line.
pub(crate) fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// A step without commands, for the functions below and for the managers.
pub(crate) fn step(step_name: &str, why: &str) -> Step {
    Step::new(name(step_name), why)
}

/// A step that runs uv with network: its settings, cache and environment.
pub(crate) fn uv_step(step_name: &str, why: &str, variables: &[String]) -> Step {
    let mut fetch = step(step_name, why);
    fetch.inputs.push(after("python.uv"));
    fetch.hint = Some(messages::INSTALL_HINT.to_owned());
    fetch.network = Network::Fetch;
    fetch.transient = transient();
    fetch.settings = settings();
    fetch.source_settings = variables.to_vec();
    fetch.caches.push(Cache {
        name: "uv".to_owned(),
        path: path("packwright/cache/uv"),
        // Installations run foreign code, and uv takes out unchecked what it unpacked or built.
        sharing: Sharing::Application,
    });
    let environment = [
        ("UV_CACHE_DIR", "/packwright/cache/uv"),
        // The cache is another file system than the environment.
        ("UV_LINK_MODE", "copy"),
        ("UV_NO_PROGRESS", "1"),
        ("UV_PYTHON_DOWNLOADS", "never"),
        ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"),
        // Build backends written in Python see the host's bundle too.
        ("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt"),
        // Names of the throw-away directories in which uv builds would stay in debugging information.
        ("CFLAGS", "-g0"),
        ("CXXFLAGS", "-g0"),
    ];
    fetch.environment =
        environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    fetch
}

fn settings() -> Vec<String> {
    INDEX_SETTINGS.iter().map(|&name| name.to_owned()).collect()
}

fn transient() -> Vec<String> {
    NETWORK_FAILURES.iter().map(|&text| text.to_owned()).collect()
}

/// `python.uv`: the pinned installer, brought by the pip that Debian ships as a wheel.
pub(crate) fn uv(delivery: &Delivery) -> Step {
    let hashes: Vec<String> = UV_HASHES.iter().map(|hash| format!("--hash=sha256:{hash}")).collect();
    let mut uv = step("python.uv", "brings uv, which installs for every package manager");
    uv.network = Network::Fetch;
    uv.transient = transient();
    uv.settings = settings();
    uv.commands = vec![
        Command::Shell(format!("printf '%s\\n' 'uv=={UV_VERSION} {}' > /tmp/uv.txt", hashes.join(" "))),
        Command::Shell(format!(
            "{} {PIP} install --quiet --no-cache-dir \
             --no-compile --no-deps --only-binary :all: --require-hashes --root-user-action ignore \
             --disable-pip-version-check --log /tmp/pip.log --target /opt/uv/lib -r /tmp/uv.txt \
             || {{ {TELL_WHY} }}",
            delivery.bootstrap()
        )),
        Command::Shell(format!("printf '%s\\n' '{}' > {UV} && chmod 755 {UV}", UV_SCRIPT.trim_end())),
    ];
    uv.outputs.push(Output { path: path("opt/uv"), layer: None, scrub: Vec::new() });
    uv
}

/// Of an index that fails, pip says no more than that it has no such version; the reason is in its
/// log.
const TELL_WHY: &str = "code=$?; while IFS= read -r line; do \
    case \"$line\" in *\"Could not fetch URL\"*) printf '%s\\n' \"${line#* }\" >&2 ;; esac; \
    done < /tmp/pip.log; exit $code;";

/// uv does not read pip's variables; an index that was set for pip is meant for uv too.
///
/// What uv built from source is built anew: another compiler or library may be there.
const UV_SCRIPT: &str = r#"#!/bin/sh
rm -rf "$UV_CACHE_DIR"/sdists-v*
if [ -n "$PIP_INDEX_URL" ] && [ -z "$UV_DEFAULT_INDEX$UV_INDEX_URL" ]; then
  export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
fi
if [ -n "$PIP_EXTRA_INDEX_URL" ] && [ -z "$UV_INDEX$UV_EXTRA_INDEX_URL" ]; then
  export UV_EXTRA_INDEX_URL="$PIP_EXTRA_INDEX_URL"
fi
exec /opt/uv/lib/bin/uv "$@"
"#;

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
    let mut line = words([
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
    resolve.outputs.push(Output {
        path: path(&format!("{ANSWERS}/{}", question.answer)),
        layer: None,
        scrub: Vec::new(),
    });
    resolve.resolves = true;
    resolve
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

/// The answer that holds packages from version control, which have no hashes.
pub(crate) const VERSIONED: &str = "versioned.txt";

/// Takes apart the answer `file`: what comes from version control goes into [`VERSIONED`], what
/// is a directory of the tree is dropped, since it is built later.
pub(crate) fn take_apart(step: &mut Step, delivery: &Delivery, file: &str) {
    step.commands.push(Command::Exec(words([
        &delivery.bootstrap(),
        "-c",
        TAKE_APART,
        &answer(file),
        &answer(VERSIONED),
    ])));
    step.outputs.push(Output {
        path: path(&format!("{ANSWERS}/{VERSIONED}")),
        layer: None,
        scrub: Vec::new(),
    });
    see_git(step);
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

/// Gives a secret called `netrc` to the steps that fetch: uv and git find passwords of package
/// indexes and repositories in it.
pub(crate) fn give_netrc(steps: &mut [Step], secrets: &[SecretName]) {
    let Some(netrc) = secrets.iter().find(|secret| secret.as_str() == "netrc") else {
        return;
    };
    for step in steps.iter_mut().filter(|step| step.network == Network::Fetch) {
        step.environment.insert("NETRC".to_owned(), format!("/run/secrets/{netrc}"));
        if !step.secrets.contains(netrc) {
            step.secrets.push(netrc.clone());
        }
    }
}

/// Lets git trust what the other programs of a step trust.
pub(crate) fn see_git(step: &mut Step) {
    let bundle = "/etc/ssl/certs/ca-certificates.crt".to_owned();
    step.environment.insert("GIT_SSL_CAINFO".to_owned(), bundle);
    step.environment.insert("GIT_TERMINAL_PROMPT".to_owned(), "0".to_owned());
}

/// The command that installs packages from version control, without what they need: the list of
/// hashed requirements has that.
pub(crate) fn install_versioned(file: &str) -> Command {
    Command::Exec(words([UV, "pip", "install", "--python", VENV_PYTHON, "--no-deps", "-r", file]))
}

/// The commands that make the empty environment. It is the standard library's and needs nothing
/// installed.
pub(crate) fn make_environment(delivery: &Delivery) -> Command {
    Command::Exec(words([&delivery.interpreter(), "-m", "venv", "--without-pip", "/opt/venv"]))
}

/// The command that compiles the environment to bytecode.
pub(crate) fn compile() -> Command {
    Command::Exec(words([VENV_PYTHON, "-B", "-c", BYTECODE]))
}

/// The output of an install step.
pub(crate) fn environment_output() -> Output {
    Output {
        path: path("opt/venv"),
        layer: Some(LayerKind::Dependencies),
        scrub: scrub::ENVIRONMENT.iter().map(|&pattern| pattern.to_owned()).collect(),
    }
}

/// The command that installs a file of hashed requirements.
pub(crate) fn install_hashed(file: &str, arguments: &[String]) -> Command {
    let mut line = words([UV, "pip", "install", "--python", VENV_PYTHON, "--require-hashes"]);
    line.extend(arguments.iter().cloned());
    line.extend(words(["-r", file]));
    command(line)
}

/// The environment of a program without dependencies: it has `python`, nothing is fetched.
pub(crate) fn bare_environment(delivery: &Delivery) -> Step {
    let mut bare = step("python.install", "makes an environment without packages");
    bare.commands = vec![make_environment(delivery)];
    bare.outputs = vec![environment_output()];
    bare
}

/// `python.static`: Django collects its static files, offline and under a dummy secret key.
/// `after_project` when the project itself is installed.
pub(crate) fn static_files(files: &StaticFiles, after_project: bool) -> Step {
    let mut collect = step("python.static", "collects static files, with a dummy for the secret key");
    collect.hint = Some(messages::STATIC_HINT.to_owned());
    collect.inputs.push(after("python.install"));
    if after_project {
        collect.inputs.push(after("python.project"));
    }
    collect.inputs.push(Input::Source(Selection::all()));
    let into = files.into.as_ref().map_or("app", |path| path.as_str());
    collect.commands = vec![
        // Without any static file nothing would be left behind.
        Command::Exec(words(["mkdir", "-p", &format!("/{into}")])),
        Command::Exec(words([VENV_PYTHON, files.manage.as_str(), "collectstatic", "--noinput"])),
    ];
    let dummies = files.secret_keys.iter().map(|name| (name.clone(), DUMMY_KEY.to_owned()));
    collect.environment = dummies.collect();
    let fixed = [
        ("DJANGO_SETTINGS_MODULE", files.settings.as_str()),
        ("PATH", "/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        // Bytecode of the source would land in the output.
        ("PYTHONDONTWRITEBYTECODE", "1"),
    ];
    for (name, value) in fixed {
        collect.environment.insert(name.to_owned(), value.to_owned());
    }
    collect.outputs = vec![Output { path: path(into), layer: Some(files.layer), scrub: Vec::new() }];
    collect
}

/// Long enough for Django's checks; says what it is should it ever be seen.
pub(crate) const DUMMY_KEY: &str = "packwright-build-only-dummy-this-key-signs-nothing-and-is-in-no-image";
