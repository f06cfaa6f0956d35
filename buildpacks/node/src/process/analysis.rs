//! What a line needs in the image to run: which packages, which programs, which files; and what
//! people should know about it.

use packwright_buildpack::listening::port_fixed;
use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, has_program};

use super::line::{Segment, line};
use super::programs::{self, RUNTIME_VALUED, Serving};
use super::shell_script::{ProgramFile, program_file, script_of};
use crate::application::{AppContext, ImageProgram, Modules};
use crate::messages;

/// What the commands of a process come to.
#[derive(Debug, Clone)]
pub(crate) struct Analysis {
    /// What its last command serves.
    pub(crate) serving: Serving,
    /// The program of its last command.
    pub(crate) program: String,
    /// The file that its last command gives to a runtime.
    pub(crate) file: Option<String>,
    /// All files that commands give to runtimes, from the application's directory.
    pub(crate) files: Vec<String>,
    /// Other directories of the source in which commands run.
    pub(crate) dirs: Vec<RelPath>,
    /// Whether its last command sets `NODE_ENV=development`.
    pub(crate) asks_for_development: bool,
    /// Which installed packages it needs.
    pub(crate) modules: Modules,
    /// Which programs besides.
    pub(crate) programs: Vec<ImageProgram>,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Programs that run a file of the application: a runtime, or a loader.
const RUNNERS: &[&str] = &[
    "node",
    "bun",
    "tsx",
    "ts-node",
    "ts-node-esm",
    "ts-node-script",
    "babel-node",
    "esno",
    "esmo",
    "swc-node",
    "nodemon",
    "ts-node-dev",
    "tsnd",
    "node-dev",
    "pm2-runtime",
    "pm2-docker",
    "pm2",
    "jiti",
    "zx",
];

/// Looks at all commands of a line. `built` tells whether the build may make files.
pub(crate) fn analyse(
    subject: &AppContext<'_>,
    segments: &[Segment],
    origin: &Origin,
    built: bool,
) -> Analysis {
    let mut found = Analysis {
        serving: Serving::Program,
        program: String::new(),
        file: None,
        files: Vec::new(),
        dirs: Vec::new(),
        asks_for_development: false,
        modules: Modules::Production,
        programs: Vec::new(),
        diagnostics: Vec::new(),
    };
    let mut here = Here::At(String::new());
    for segment in segments {
        let texts = segment.texts();
        if let [word] = segment.words.as_slice()
            && word.text.is_empty()
        {
            opaque(&word.raw, &mut found);
            continue;
        }
        found.serving = Serving::Program;
        found.file = None;
        let words = inner_command(subject, &here, &texts, origin, &mut found);
        // What serves files or the source does so when it is fetched first, too.
        let fetched = programs::fetched(words).filter(|inner| programs::serving(inner) != Serving::Program);
        let words = fetched.unwrap_or(words);
        if let Some(instead) = programs::instead(words) {
            found.diagnostics.push(messages::development_command(&segment.to_string(), instead, origin));
        }
        found.program = words.first().map_or(String::new(), |word| (*word).to_owned());
        found.serving = programs::serving(words);
        if let ["cd", rest @ ..] = words {
            here = here.moved(rest);
            found.dirs.extend(here.package_dir(subject));
        }
        let variables = segment.split().0.iter();
        found.asks_for_development = variables.clone().any(|word| word.text == "NODE_ENV=development");
        let by_variable =
            variables.filter_map(|word| word.text.strip_prefix("PORT=")).find(|port| is_port(port));
        if let Some(port) = fixed_port(words).or(by_variable) {
            found.diagnostics.push(port_fixed("node", origin, port, "$PORT"));
        }
        if let Some(file) = file_of(words) {
            if let Some(place) = here.file(&file) {
                missing(subject, &place, words, origin, built, &mut found);
                found.files.push(place);
            }
            found.file = Some(file);
        }
    }
    if found.asks_for_development && found.serving == Serving::Program {
        found.diagnostics.push(messages::development_asked(&line(segments), origin));
    }
    if found.serving == Serving::Watching {
        found.diagnostics.push(messages::watcher_starts(
            &found.program,
            found.file.as_deref(),
            &line(segments),
            origin,
        ));
    }
    found.programs.sort();
    found.programs.dedup();
    found
}

/// The directory in which commands run.
enum Here {
    /// This one, from the application's; nothing for that itself.
    At(String),
    /// One that is not known.
    Unknown,
}

impl Here {
    fn moved(&self, words: &[&str]) -> Here {
        match (self, words) {
            (Here::At(dir), [to]) if !to.contains('$') && !to.starts_with(['/', '~', '-']) => {
                let joined = format!("{dir}/{to}");
                Here::At(
                    joined.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/"),
                )
            }
            _ => Here::Unknown,
        }
    }

    /// The file from the application's directory.
    fn file(&self, file: &str) -> Option<String> {
        match self {
            Here::At(dir) if dir.is_empty() || file.starts_with('/') => Some(file.to_owned()),
            Here::At(dir) => Some(format!("{dir}/{}", file.trim_start_matches("./"))),
            Here::Unknown => None,
        }
    }

    /// The directory in the tree, where it is another package's.
    fn package_dir(&self, subject: &AppContext<'_>) -> Option<RelPath> {
        let Here::At(dir) = self else { return None };
        let dir = subject.project.path(dir)?;
        subject.project.packages().in_dir(&dir)?;
        (Some(&dir) != subject.project.dir()).then_some(dir)
    }
}

/// Looks at a command and at those that it starts in turn, and returns the words of the last one.
fn inner_command<'a>(
    subject: &AppContext<'_>,
    here: &Here,
    words: &'a [&'a str],
    origin: &Origin,
    found: &mut Analysis,
) -> &'a [&'a str] {
    let mut words = words;
    loop {
        command(subject, here, words, origin, found);
        match programs::unwrapped(words) {
            Some(inner) if !inner.is_empty() => words = inner,
            _ => return words,
        }
    }
}

fn is_port(word: &str) -> bool {
    word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The port in a program's options.
fn fixed_port<'a>(words: &[&'a str]) -> Option<&'a str> {
    let number = |word: &&'a str| is_port(word);
    let follows = words
        .windows(2)
        .find(|pair| matches!(pair[0], "-p" | "--port") && number(&pair[1]))
        .map(|pair| pair[1]);
    follows.or_else(|| words.iter().filter_map(|word| word.strip_prefix("--port=")).find(number))
}

/// Whatever names a package manager in a line that is not understood will need it.
fn opaque(text: &str, found: &mut Analysis) {
    let words = text.split(|character: char| !(character.is_alphanumeric() || "-_./@".contains(character)));
    for word in words {
        match word {
            "node" => found.programs.push(ImageProgram::Node),
            "bun" | "bunx" => found.programs.push(ImageProgram::Bun),
            _ if programs::is_manager(word) => {
                found.programs.extend([ImageProgram::Manager, ImageProgram::Node]);
            }
            _ => {}
        }
    }
    found.program = "sh".to_owned();
    found.modules = Modules::All;
}

fn command(subject: &AppContext<'_>, here: &Here, words: &[&str], origin: &Origin, found: &mut Analysis) {
    let Some(&program) = words.first() else { return };
    if let Some(script) = script_of(words) {
        return script_file(subject, here, script, true, found);
    }
    match program {
        "node" | "nodejs" => found.programs.push(ImageProgram::Node),
        "bun" | "bunx" => found.programs.push(ImageProgram::Bun),
        _ if programs::is_manager(program) => {
            // The manager is a program for Node.
            found.programs.extend([ImageProgram::Manager, ImageProgram::Node]);
            if let Some(name) = downloads(words)
                && !subject.project.uses(name)
            {
                found.diagnostics.push(messages::downloads_at_start(program, name, origin));
            }
        }
        _ if has_program(program) || program.contains('$') => {}
        _ if program.contains('/') => file_program(subject, here, program, origin, found),
        _ => package_program(subject, here, program, origin, found),
    }
    for name in loaded(words) {
        if is_development(subject, &name) {
            found.modules = Modules::All;
            found.diagnostics.push(messages::development_at_start(&name, &name, origin));
        }
    }
}

/// The package that `npx`, `dlx` and the like fetch when it is not installed.
fn downloads<'a>(words: &[&'a str]) -> Option<&'a str> {
    let name = programs::fetched(words)?.first()?;
    Some(match name.strip_prefix('@') {
        Some(scoped) => scoped.find('@').map_or(name, |at| &name[..=at]),
        None => name.split('@').next().unwrap_or(name),
    })
}

/// A program by its path.
fn file_program(subject: &AppContext<'_>, here: &Here, program: &str, origin: &Origin, found: &mut Analysis) {
    if let Some(name) = program.trim_start_matches("./").strip_prefix("node_modules/.bin/") {
        return package_program(subject, here, name, origin, found);
    }
    if program.trim_start_matches("./").starts_with("node_modules/") || program.starts_with('/') {
        found.programs.push(ImageProgram::Node);
        return;
    }
    script_file(subject, here, program, false, found);
}

/// A file of the source as a program. What the commands of a shell script need is in the image, and Node is
/// where nothing shows what the program is: an image of Node without Node starts nothing.
fn script_file(subject: &AppContext<'_>, here: &Here, path: &str, by_shell: bool, found: &mut Analysis) {
    let file = here.file(path).map_or(ProgramFile::Missing, |path| program_file(subject, &path, by_shell));
    let (commands, origin) = match file {
        ProgramFile::Shell(commands, origin) => (commands, origin),
        ProgramFile::Interpreted(name) if name == "node" => return found.programs.push(ImageProgram::Node),
        ProgramFile::Interpreted(name) if name == "bun" => return found.programs.push(ImageProgram::Bun),
        // Another language's program, which brings what it needs.
        ProgramFile::Interpreted(name)
            if !programs::packages(&name).iter().any(|one| subject.project.uses(one)) =>
        {
            return;
        }
        ProgramFile::Interpreted(name) => {
            let origin = Origin::Detected(format!("{path} names it in its first line"));
            return package_program(subject, here, &name, &origin, found);
        }
        ProgramFile::Other => return,
        ProgramFile::Missing => return found.programs.push(ImageProgram::Node),
    };
    let mut inside = Here::At(String::new());
    if let Here::At(dir) = here {
        inside = Here::At(dir.clone());
    }
    for words in &commands {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        // A script that calls itself, or a function of its own, says nothing new.
        if script_of(&words).is_some() || words[0].contains('/') && !words[0].contains("node_modules/") {
            found.programs.push(ImageProgram::Node);
            continue;
        }
        if let ["cd", rest @ ..] = words.as_slice() {
            inside = inside.moved(rest);
            found.dirs.extend(inside.package_dir(subject));
            continue;
        }
        let told = found.diagnostics.len();
        let modules = found.modules;
        let last = inner_command(subject, &inside, &words, &origin, found);
        // What is called may be a function of the script.
        if found.diagnostics[told..].iter().any(|told| told.code == "node/program-unknown") {
            found.diagnostics.truncate(told);
            found.modules = modules;
        }
        if let Some(file) = file_of(last).and_then(|file| inside.file(&file)) {
            found.files.push(file);
        }
    }
}

/// A program that a package brings.
fn package_program(
    subject: &AppContext<'_>,
    here: &Here,
    program: &str,
    origin: &Origin,
    found: &mut Analysis,
) {
    let mut packages = programs::packages(program);
    // The lock file says which package it is, where it says anything. A package brings a program that is called
    // like the last part of its name, where nothing else is written.
    packages.splice(0..0, subject.project.packages().bringer(program));
    let is_scoped = |name: &&str| name.starts_with('@') && name.rsplit('/').next() == Some(program);
    let root = subject.project.root;
    packages.extend(
        [subject.project.app, root]
            .iter()
            .flat_map(|one| one.dependencies.keys())
            .map(String::as_str)
            .filter(is_scoped),
    );
    let app = subject.project.app;
    let in_dir = here.package_dir(subject).and_then(|dir| subject.project.packages().in_dir(&dir));
    let own = in_dir.unwrap_or(app);
    let normal = |name: &&str| {
        own.dependencies.contains_key(*name)
            || own.optional_dependencies.contains_key(*name)
            || subject.project.root.dependencies.contains_key(*name)
    };
    // A program of a package starts with the runtime that its first line names.
    found.programs.push(ImageProgram::Node);
    if packages.iter().any(normal) {
        return;
    }
    found.modules = Modules::All;
    let is_development =
        |name: &&&str| is_development(subject, name) || own.dev_dependencies.contains_key(**name);
    match packages.iter().find(is_development) {
        Some(package) => found.diagnostics.push(messages::development_at_start(program, package, origin)),
        None if packages.iter().any(|name| subject.project.installs(name)) => {}
        None => found.diagnostics.push(messages::program_unknown(program, &packages, origin)),
    }
}

/// Whether the package is there for development alone.
pub(super) fn is_development(subject: &AppContext<'_>, name: &str) -> bool {
    let normal = subject.project.app.dependencies.contains_key(name);
    let root = subject.project.root;
    !normal
        && !root.dependencies.contains_key(name)
        && (subject.project.app.dev_dependencies.contains_key(name)
            || root.dev_dependencies.contains_key(name))
}

/// The packages that a runtime's options load first.
fn loaded(words: &[&str]) -> Vec<String> {
    let mut names = Vec::new();
    if !words.first().is_some_and(|program| RUNNERS.contains(program)) {
        return names;
    }
    for (index, word) in words.iter().enumerate() {
        let value = match *word {
            "-r" | "--require" | "--import" | "--loader" => words.get(index + 1).copied(),
            _ => word
                .split_once('=')
                .filter(|(flag, _)| ["--require", "--import", "--loader"].contains(flag))
                .map(|pair| pair.1),
        };
        let Some(value) = value.filter(|value| !value.starts_with(['.', '/'])) else { continue };
        let parts: Vec<&str> = value.split('/').collect();
        let length = if value.starts_with('@') { 2 } else { 1 };
        names.push(parts[..length.min(parts.len())].join("/"));
    }
    names
}

/// The file that a runtime or loader is given.
fn file_of(words: &[&str]) -> Option<String> {
    let (program, rest) = words.split_first()?;
    if !RUNNERS.contains(program) {
        return None;
    }
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match *word {
            "-e" | "--eval" | "-p" | "--print" | "--run" | "--test" | "-v" | "--version" => return None,
            _ if RUNTIME_VALUED.contains(word) => {
                rest.next();
            }
            "-P" | "--project" | "--tsconfig" | "--exec" | "-x" | "--watch" | "-w" | "-e,--ext"
                if *program != "node" =>
            {
                rest.next_if_value();
            }
            _ if word.starts_with('-') => {}
            "run" | "start" | "watch" if *program != "node" => {}
            _ if word.contains('$') => return None,
            _ => return Some((*word).to_owned()),
        }
    }
    None
}

/// Options of loaders whose value may be missing.
trait NextIfValue {
    fn next_if_value(&mut self);
}

impl NextIfValue for std::slice::Iter<'_, &str> {
    fn next_if_value(&mut self) {
        let takes =
            self.as_slice().first().is_some_and(|next| !next.starts_with('-') && self.as_slice().len() > 1);
        if takes {
            self.next();
        }
    }
}

/// Says when the file is nowhere, and when the runtime cannot read it.
fn missing(
    subject: &AppContext<'_>,
    file: &str,
    words: &[&str],
    origin: &Origin,
    built: bool,
    found: &mut Analysis,
) {
    let there = resolved(subject, file);
    match &there {
        Some(path) => {
            let typed = [".ts", ".mts", ".cts"].iter().any(|end| path.ends_with(end));
            let loader = !loaded(words).is_empty();
            if typed && words[0] == "node" && !loader && subject.node < (22, 18) {
                found.diagnostics.push(messages::types_not_stripped(path, subject.node, origin));
            }
        }
        None if built || file.starts_with('/') || file.contains("node_modules/") => {}
        None => found.diagnostics.push(messages::start_file_missing(file, origin)),
    }
}

/// The path of the tree that a runtime finds under this name; none when there is none.
pub(super) fn resolved(subject: &AppContext<'_>, file: &str) -> Option<String> {
    let ends = [
        "",
        ".js",
        ".mjs",
        ".cjs",
        ".json",
        ".ts",
        ".tsx",
        "/index.js",
        "/index.mjs",
        "/index.cjs",
        "/index.ts",
    ];
    let name = file.trim_end_matches('/');
    ends.iter().map(|end| format!("{name}{end}")).find(|name| subject.project.has(name))
}
