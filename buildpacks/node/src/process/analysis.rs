//! What a line needs in the image to run: which packages, which programs, which files; and what
//! people should know about it.

use packwright_buildpack::listening::port_fixed;
use packwright_buildpack::planner::{Diagnostic, Origin, has_program};

use super::line::{Segment, line};
use super::programs::{self, Serving};
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
    /// All files that commands give to runtimes.
    pub(crate) files: Vec<String>,
    /// Which installed packages it needs.
    pub(crate) modules: Modules,
    /// Which programs besides.
    pub(crate) programs: Vec<ImageProgram>,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Options of node that take their value in the next word.
const NODE_VALUED: &[&str] = &[
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
    "-C",
    "--conditions",
    "--env-file",
    "--env-file-if-exists",
    "--title",
    "--stack-trace-limit",
    "--max-http-header-size",
];

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
        modules: Modules::Production,
        programs: Vec::new(),
        diagnostics: Vec::new(),
    };
    let mut moved = false;
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
        let mut words = texts.as_slice();
        loop {
            command(subject, words, origin, &mut found);
            match programs::unwrapped(words) {
                Some(inner) if !inner.is_empty() => words = inner,
                _ => break,
            }
        }
        // What serves files or the source does so when it is fetched first, too.
        let fetched = programs::fetched(words).filter(|inner| programs::serving(inner) != Serving::Program);
        words = fetched.unwrap_or(words);
        found.program = words.first().map_or(String::new(), |word| (*word).to_owned());
        found.serving = programs::serving(words);
        moved |= words.first() == Some(&"cd");
        let variables = segment.split().0.iter();
        let by_variable =
            variables.filter_map(|word| word.text.strip_prefix("PORT=")).find(|port| is_port(port));
        if let Some(port) = fixed_port(words).or(by_variable) {
            found.diagnostics.push(port_fixed("node", origin, port, "$PORT"));
        }
        if let Some(file) = file_of(words) {
            if !moved {
                missing(subject, &file, words, origin, built, &mut found);
            }
            found.files.push(file.clone());
            found.file = Some(file);
        }
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
            _ if programs::is_manager(word) => found.programs.push(ImageProgram::Manager),
            _ => {}
        }
    }
    found.program = "sh".to_owned();
    found.modules = Modules::All;
}

fn command(subject: &AppContext<'_>, words: &[&str], origin: &Origin, found: &mut Analysis) {
    let Some(&program) = words.first() else { return };
    match program {
        "node" | "nodejs" => found.programs.push(ImageProgram::Node),
        "bun" | "bunx" => found.programs.push(ImageProgram::Bun),
        _ if programs::is_manager(program) => {
            found.programs.push(ImageProgram::Manager);
            if let Some(name) = downloads(words)
                && !subject.project.uses(name)
            {
                found.diagnostics.push(messages::downloads_at_start(program, name, origin));
            }
        }
        _ if has_program(program) || program.contains('$') => {}
        _ if program.contains('/') => file_program(subject, program, origin, found),
        _ => package_program(subject, program, origin, found),
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
fn file_program(subject: &AppContext<'_>, program: &str, origin: &Origin, found: &mut Analysis) {
    if let Some(name) = program.trim_start_matches("./").strip_prefix("node_modules/.bin/") {
        return package_program(subject, name, origin, found);
    }
    if program.trim_start_matches("./").starts_with("node_modules/") || program.starts_with('/') {
        found.programs.push(ImageProgram::Node);
    }
}

/// A program that a package brings.
fn package_program(subject: &AppContext<'_>, program: &str, origin: &Origin, found: &mut Analysis) {
    let packages = programs::packages(program);
    let app = subject.project.app;
    let normal = |name: &&str| {
        app.dependencies.contains_key(*name)
            || app.optional_dependencies.contains_key(*name)
            || subject.project.root.dependencies.contains_key(*name)
    };
    // A program of a package starts with the runtime that its first line names.
    found.programs.push(ImageProgram::Node);
    if packages.iter().any(normal) {
        return;
    }
    found.modules = Modules::All;
    match packages.iter().find(|name| is_development(subject, name)) {
        Some(package) => found.diagnostics.push(messages::development_at_start(program, package, origin)),
        None if subject.project.installs(packages[0]) => {}
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
            _ if NODE_VALUED.contains(word) => {
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
