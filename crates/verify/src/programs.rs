//! The programs of processes: found by `PATH` or by path, through links, executable, and each with its interpreters
//! down to a program of the machine. Also the scripts that `PATH` offers.

use std::collections::{BTreeMap, BTreeSet};

use packwright_oci::{Entry, Node, RelPath};
use packwright_planner::{Command, Process};
use packwright_shell_syntax::shebang;

use crate::command::{self, Place, Program, programs};
use crate::files::{Files, Kind, Unreadable};
use crate::findings::{self, Finding, Missing, Starts};
use crate::image::Image;
use crate::libraries;
use crate::loader::Loader;
use crate::package_script;
use crate::place::{absolute, is_of_distribution};
use crate::user::User;

/// The search path that container engines set where an image names none.
///
/// Source: Docker, daemon/config (`DefaultPathEnv`); the same in podman.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How many scripts the kernel follows from interpreter to interpreter.
///
/// Source: Linux, fs/exec.c (`exec_binprm`).
const INTERPRETERS: u32 = 5;

/// Scripts of manifests that are followed from one to the next.
const SCRIPTS: u32 = 3;

/// What is mounted in every container.
///
/// Source: OCI runtime-spec, config-linux.md, "Default Filesystems".
const MOUNTED: &[&str] = &["/proc", "/sys", "/dev"];

/// Largest file that is read to see whether it is a text, in bytes.
const TEXT_MAX: u64 = 1 << 20;

/// What the processes lack; adds all that is loaded when they start to `followed`.
pub(crate) fn findings(
    image: &Image<'_>,
    files: &Files<'_>,
    followed: &mut BTreeSet<RelPath>,
) -> Result<Vec<Finding>, Unreadable> {
    let search = Search::of(image, files)?;
    let mut seen = Seen { followed, begun: BTreeSet::new(), found: Vec::new() };
    let is_aside = |at: usize, process: &Process| at > 0 && is_for_development(process.name.as_str());
    let processes = || image.processes.iter().enumerate();
    // What others start as well is told of them.
    for (_, process) in processes().filter(|(at, process)| !is_aside(*at, process)) {
        search.process(process, &mut seen)?;
    }
    let certain = seen.found.len();
    for (_, process) in processes().filter(|(at, process)| is_aside(*at, process)) {
        search.process(process, &mut seen)?;
    }
    seen.found[certain..].iter_mut().for_each(findings::refuse_nothing);
    Ok(seen.found)
}

/// Whether a process is for the machines of developers, by its name: `dev`, `dev-worker`, `development`. Heroku and
/// others read no Procfile for development, so that such lines stand in the one for production.
fn is_for_development(name: &str) -> bool {
    name.split(['-', '_']).any(|part| part == "dev" || part == "development")
}

/// The scripts whose interpreters are not there, in the directories of `PATH` and of Python's virtual environments;
/// those of the distribution and in `followed` aside.
pub(crate) fn scripts(
    image: &Image<'_>,
    files: &Files<'_>,
    followed: &BTreeSet<RelPath>,
) -> Result<Vec<Finding>, Unreadable> {
    let search = Search::of(image, files)?;
    let environments = image.tree.iter().filter(|(path, _)| path.name() == "pyvenv.cfg");
    let environments =
        environments.map(|(path, _)| path.parent().map_or_else(String::new, |dir| format!("/{dir}")));
    let dirs: Vec<String> =
        search.path.iter().cloned().chain(environments.map(|dir| format!("{dir}/bin"))).collect();
    let mut missing: BTreeMap<String, Vec<RelPath>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for dir in &dirs {
        let Some((dir, _)) = files.find(dir).filter(|(dir, _)| !is_of_distribution(dir)) else { continue };
        for (path, entry) in image.tree.below(&dir) {
            let is_script = matches!(entry.node, Node::File { .. }) && entry.mode & 0o111 != 0;
            if path.parent().as_ref() != Some(&dir)
                || !is_script
                || followed.contains(path)
                || !seen.insert(path.clone())
            {
                continue;
            }
            let Kind::Script(line) = &*files.kind(path)? else { continue };
            let Some(interpreter) = Interpreter::of(line) else { continue };
            // What `env` looks up may be brought by whoever runs the script.
            if files.find(&interpreter.path).is_none() && !search.is_mounted(&interpreter.path) {
                missing.entry(interpreter.path).or_default().push(path.clone());
            }
        }
    }
    Ok(findings::scripts_without_interpreter(&missing).collect())
}

/// What was found until now.
struct Seen<'s> {
    /// All that is loaded when processes start.
    followed: &'s mut BTreeSet<RelPath>,
    /// Programs that were looked at, and whether with libraries of their own.
    begun: BTreeSet<(RelPath, bool)>,
    found: Vec<Finding>,
}

/// Where a program is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    At(RelPath),
    /// It may be made or mounted when the process runs.
    Unknown,
    /// No directory of `PATH` has it.
    NoName,
    NoFile(String),
    Directory(String),
    NotExecutable(RelPath, u32),
}

/// How an image finds programs.
struct Search<'f, 'a> {
    image: Image<'a>,
    files: &'f Files<'a>,
    loader: Option<Loader<'f, 'a>>,
    user: User,
    /// The working directory, absolute.
    dir: String,
    path: Vec<String>,
}

impl<'f, 'a> Search<'f, 'a> {
    fn of(image: &Image<'a>, files: &'f Files<'a>) -> Result<Search<'f, 'a>, Unreadable> {
        let dir = absolute("/", image.config.working_dir.as_deref().unwrap_or_default());
        let path =
            image.config.env.iter().find(|(name, _)| name == "PATH").map_or(DEFAULT_PATH, |(_, path)| path);
        // An empty entry is the directory that one is in.
        let path = path.split(':').map(|entry| absolute(&dir, entry)).collect();
        let (loader, user) = (Loader::of(image, files)?, User::of(image.config));
        Ok(Search { image: *image, files, loader, user, dir, path })
    }

    /// What the process lacks.
    fn process(&self, process: &Process, seen: &mut Seen<'_>) -> Result<(), Unreadable> {
        let starts = Starts { process: process.name.as_str(), origin: &process.origin, by: None };
        let programs = programs(&process.command, self.place(&self.dir));
        if let (true, Some(first)) = (self.is_entry_point(&process.command), programs.first())
            && let Found::At(path) = self.program(first, &[])
            && matches!(&*self.files.kind(&path)?, Kind::Other)
            && self.files.text(&path, TEXT_MAX)?.is_some_and(|text| !text.contains('\0'))
        {
            seen.found.push(starts.no_first_line(&path).into());
        }
        self.programs(&programs, &starts, &[], SCRIPTS, seen)
    }

    fn place<'p>(&self, dir: &'p str) -> Place<'p> {
        let has_bash_env =
            self.image.config.env.iter().any(|(name, value)| name == "BASH_ENV" && !value.is_empty());
        Place { dir, has_bash_env }
    }

    /// Whether a container starts the command itself, without a shell.
    fn is_entry_point(&self, command: &Command) -> bool {
        let Command::Exec(words) = command else { return false };
        words.iter().eq(self.image.config.entrypoint.iter().chain(&self.image.config.cmd))
    }

    /// What `programs` lack, for which `bins` lead the search path, and the scripts of manifests that they run.
    fn programs(
        &self,
        programs: &[Program],
        starts: &Starts<'_>,
        bins: &[String],
        more: u32,
        seen: &mut Seen<'_>,
    ) -> Result<(), Unreadable> {
        for program in programs {
            let word = &program.word;
            match self.program(program, bins) {
                Found::Unknown => {}
                Found::At(path) => {
                    if seen.begun.insert((path.clone(), program.has_own_libraries)) {
                        let mut found = self.follow(&path, starts, seen.followed, INTERPRETERS)?;
                        found.retain(|finding| !program.has_own_libraries || !finding.is_about_libraries());
                        seen.found.extend(found);
                    }
                }
                Found::NoName => {
                    let path: Vec<&str> = bins.iter().chain(&self.path).map(String::as_str).collect();
                    let said = starts.no_program(word, &path.join(":"));
                    seen.found.push(Finding::lacks(said, Missing::Program(word.clone())));
                }
                Found::NoFile(place) => seen.found.push(starts.no_file(word, &place).into()),
                Found::Directory(place) => seen.found.push(starts.directory(word, &place).into()),
                Found::NotExecutable(place, mode) => {
                    seen.found.push(starts.not_executable(word, &place, mode).into());
                }
            }
            if more > 0
                && let Some(line) = package_script::line_of(self.files, program)?
            {
                let mut inner = command::programs(&Command::Shell(line.text), self.place(&line.dir));
                inner.iter_mut().for_each(|inner| inner.follows |= program.follows || line.follows);
                let starts = Starts { by: Some(&line.name), ..*starts };
                self.programs(&inner, &starts, &line.bins, more - 1, seen)?;
            }
        }
        Ok(())
    }

    fn program(&self, program: &Program, bins: &[String]) -> Found {
        if !program.word.contains('/') {
            return self.named(&program.word, program.follows, bins);
        }
        let place = match (&program.dir, program.word.starts_with('/')) {
            (_, true) => absolute("/", &program.word),
            (Some(dir), false) => absolute(dir, &program.word),
            (None, false) => return Found::Unknown,
        };
        match self.files.find(&place) {
            Some((_, entry)) if entry.is_dir() => Found::Directory(place),
            Some((path, entry)) if self.user.executes(entry) => Found::At(path),
            Some(_) | None if program.follows && self.may_appear(&place) => Found::Unknown,
            Some((path, entry)) => Found::NotExecutable(path, entry.mode),
            None if self.is_mounted(&place) => Found::Unknown,
            None => Found::NoFile(place),
        }
    }

    fn named(&self, name: &str, follows: bool, bins: &[String]) -> Found {
        let mut unusable = None;
        let mut dirs = bins.iter().chain(&self.path);
        for dir in dirs.clone() {
            match self.files.find(&format!("{dir}/{name}")) {
                Some((path, entry)) if !entry.is_dir() && self.user.executes(entry) => {
                    return Found::At(path);
                }
                Some((path, entry)) if !entry.is_dir() => unusable = unusable.or(Some((path, entry.mode))),
                _ => {}
            }
        }
        let may_appear =
            |dir: &String| self.is_mounted(dir) || follows && self.may_appear(&format!("{dir}/{name}"));
        match unusable {
            _ if dirs.any(may_appear) => Found::Unknown,
            Some((path, mode)) => Found::NotExecutable(path, mode),
            None => Found::NoName,
        }
    }

    /// Whether the image's user may make something at `place`.
    fn may_appear(&self, place: &str) -> bool {
        let mut above = place;
        while let Some((dir, _)) = above.rsplit_once('/') {
            above = dir;
            if let Some((_, entry)) = self.files.find(above) {
                return self.user.writes(entry);
            }
        }
        self.user.writes(&Entry::dir(0o755))
    }

    /// Whether something is mounted there or above.
    fn is_mounted(&self, place: &str) -> bool {
        let below = |volume: &str| {
            let volume = volume.trim_end_matches('/');
            place.strip_prefix(volume).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.image.config.volumes.iter().any(|volume| below(volume))
            || MOUNTED.iter().any(|place| below(place))
    }

    /// What the program at `path`, which is there, lacks itself.
    fn follow(
        &self,
        path: &RelPath,
        starts: &Starts<'_>,
        followed: &mut BTreeSet<RelPath>,
        more: u32,
    ) -> Result<Vec<Finding>, Unreadable> {
        followed.insert(path.clone());
        match (&*self.files.kind(path)?, &self.loader) {
            (Kind::Elf(elf), Some(loader)) => {
                libraries::of_program(self.files, loader, path, elf, starts, followed)
            }
            (Kind::Foreign(system), loader) => {
                let here = loader.as_ref().map_or("another one", |loader| loader.name());
                Ok(vec![starts.foreign(path, system, &format!("Linux, {here}")).into()])
            }
            (Kind::Script(line), _) if more > 0 => {
                let Some(interpreter) = Interpreter::of(line) else { return Ok(Vec::new()) };
                let Some((found, _)) = self.files.find(&interpreter.path) else {
                    return Ok(match self.is_mounted(&interpreter.path) {
                        true => Vec::new(),
                        false => vec![starts.no_interpreter(path, &interpreter.path).into()],
                    });
                };
                match &interpreter.looked_up {
                    None => self.follow(&found, starts, followed, more - 1),
                    Some(name) if name.contains('/') => Ok(Vec::new()),
                    Some(name) => match self.named(name, false, &[]) {
                        Found::At(found) => self.follow(&found, starts, followed, more - 1),
                        Found::Unknown => Ok(Vec::new()),
                        _ => {
                            let lacking = Missing::Program(name.clone());
                            Ok(vec![Finding::lacks(starts.no_interpreter(path, name), lacking)])
                        }
                    },
                }
            }
            _ => Ok(Vec::new()),
        }
    }
}

/// What a script's first line names.
struct Interpreter {
    /// The program that the kernel starts, as it is written; a carriage return belongs to it.
    path: String,
    /// What that looks up in `PATH`, when it is `env`.
    looked_up: Option<String>,
}

impl Interpreter {
    /// Of the line behind `#!`; `None` when it names none by an absolute path.
    fn of(line: &str) -> Option<Interpreter> {
        // The kernel ends words at blanks and tabs alone.
        let path = line.split([' ', '\t']).find(|word| !word.is_empty())?.to_owned();
        let is_env = path.rsplit('/').next() == Some("env");
        let ends = if line.ends_with('\r') { "\r" } else { "" };
        let looked_up = is_env.then(|| shebang(&format!("#!{line}"))).flatten();
        // `env` itself is told by its whole path, and what it looks up without options of its own.
        let looked_up = looked_up.filter(|found| !found.program.starts_with('-'));
        let at_end =
            |found: &packwright_shell_syntax::Shebang| if found.arguments.is_empty() { ends } else { "" };
        let looked_up = looked_up.map(|found| format!("{}{}", found.program, at_end(&found)));
        path.starts_with('/').then_some(Interpreter { path, looked_up })
    }
}
