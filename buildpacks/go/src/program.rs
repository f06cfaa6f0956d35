//! The programs of the modules: where they are, what each is made of, and which of them are built.

use std::collections::{BTreeMap, BTreeSet};

use packwright_buildpack::files::{beside, text};
use packwright_buildpack::listening::{Listening, is_local};
use packwright_buildpack::planner::{
    Component, Decision, Diagnostic, Origin, Overridden, RelPath, Requested, SourceTree,
};

use crate::data::{FRAMEWORKS, IN_OWN_PORT};
use crate::messages;
use crate::module::Modules;
use crate::source::{GoFile, is_built};

/// A program: a package `main`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// Its name, as `go build` would call it.
    pub(crate) name: String,
    /// The directory of its package; `None` is the top.
    pub(crate) dir: Option<RelPath>,
    /// A file of it.
    pub(crate) file: RelPath,
    /// Whether it serves the people who work on the source.
    is_beside: bool,
}

/// Directories whose programs serve the people who work on the source, unless one is named.
const BESIDE: &[&str] = &[
    "ci",
    "dev",
    "demo",
    "demos",
    "doc",
    "docs",
    "example",
    "examples",
    "_examples",
    "fixtures",
    "hack",
    "internal",
    "script",
    "scripts",
    "test",
    "testing",
    "tests",
    "tools",
    "tool",
    "gen",
    "generate",
];

/// How deep below a module its programs are looked for.
const DEPTH: usize = 4;

/// The files of the directory `dir` that are built, by their paths.
fn files_in(tree: &dyn SourceTree, dir: Option<&RelPath>) -> Vec<RelPath> {
    let inside = dir.map(|dir| format!("{dir}/")).unwrap_or_default();
    let files = tree.files();
    let from = files.partition_point(|file| file.path.as_str() < inside.as_str());
    let below = files[from..].iter().take_while(|file| file.path.as_str().starts_with(&inside));
    let own = below.filter(|file| file.path.parent().as_ref() == dir && is_built(file.path.name()));
    own.map(|file| file.path.clone()).collect()
}

/// What the files of a directory say, those of the package that is built.
fn package(tree: &dyn SourceTree, dir: Option<&RelPath>) -> Vec<(RelPath, GoFile)> {
    let read = |path: RelPath| Some((path.clone(), GoFile::read(&text(tree, &path).ok()??)?));
    files_in(tree, dir).into_iter().filter_map(read).collect()
}

/// All programs, in the order of their paths.
pub(crate) fn programs(tree: &dyn SourceTree, modules: &Modules) -> Vec<Program> {
    let nested: BTreeSet<RelPath> = tree
        .files()
        .iter()
        .filter(|file| file.path.name() == "go.mod")
        .filter_map(|file| file.path.parent())
        .collect();
    let mut found = Vec::new();
    for module in &modules.all {
        let mut dirs: BTreeSet<Option<RelPath>> = BTreeSet::new();
        for file in tree.files().iter().filter(|file| is_built(file.path.name())) {
            let dir = file.path.parent();
            let below = match (&module.dir, &dir) {
                (None, dir) => dir.clone(),
                (Some(own), Some(dir)) if dir.is_within(own) => dir.below(own),
                _ => continue,
            };
            let is_foreign = dir.as_ref().is_some_and(|dir| {
                nested.iter().any(|other| {
                    dir.is_within(other)
                        && module.dir.as_ref() != Some(other)
                        && other.depth() > module.dir.as_ref().map_or(0, RelPath::depth)
                })
            });
            let parts: Vec<&str> = below.iter().flat_map(|dir| dir.parts()).collect();
            let is_hidden = |part: &&str| {
                matches!(*part, "vendor" | "testdata" | "node_modules") || part.starts_with('.')
            };
            // A file without a module is a program of its own.
            let is_loose = module.name.is_empty() && !parts.is_empty();
            if parts.len() <= DEPTH && !is_foreign && !is_loose && !parts.iter().any(is_hidden) {
                dirs.insert(dir);
            }
        }
        for dir in dirs {
            let is_main = |path: &RelPath| {
                let text = text(tree, path).ok().flatten()?;
                GoFile::read(&text).filter(|file| file.package == "main")
            };
            let Some(file) = files_in(tree, dir.as_ref()).into_iter().find(|path| is_main(path).is_some())
            else {
                continue;
            };
            let name = match &dir {
                dir if *dir == module.dir => module_name(&module.name, dir.as_ref()),
                Some(dir) => dir.name().to_owned(),
                None => module_name(&module.name, None),
            };
            let below =
                dir.as_ref().map(|dir| module.dir.as_ref().map_or(Some(dir.clone()), |own| dir.below(own)));
            let is_beside = below.flatten().is_some_and(|dir| dir.parts().any(|part| BESIDE.contains(&part)));
            found.push(Program { name, dir, file, is_beside });
        }
    }
    found
}

/// What `go build` calls the program at the top of a module: the last part of its path that is no
/// version.
fn module_name(module: &str, dir: Option<&RelPath>) -> String {
    let is_version = |part: &&str| part.strip_prefix('v').is_some_and(|digits| digits.parse::<u32>().is_ok());
    let name = module.rsplit('/').find(|part| !part.is_empty() && !is_version(part));
    name.or(dir.map(|dir| dir.name())).unwrap_or("main").to_owned()
}

/// The programs that are built, the one of the image first, and the decision where there were others.
///
/// Errors: no program, none that is called as the caller says, several and no word which.
pub(crate) fn choose<'a>(
    programs: &'a [Program],
    app: Option<&str>,
    model: &Component,
    listens: &dyn Fn(&Program) -> bool,
) -> Result<(Vec<&'a Program>, Option<Decision>), Diagnostic> {
    let decided = |program: &Program, origin: Origin| {
        let lost = programs.iter().filter(|other| *other != program && !other.is_beside);
        let lost = lost.map(|other| Overridden::new(other.label(), Origin::file(&other.file)));
        (programs.len() > 1).then(|| Decision::new("go program", program.label(), origin).over(lost))
    };
    if let Some(app) = app {
        let wanted = app.trim_start_matches("./").trim_end_matches('/');
        let origin = Origin::Option(format!("--app {app}"));
        let found = programs.iter().find(|program| program.is_called(wanted));
        return found
            .map(|program| (vec![program], decided(program, origin)))
            .ok_or_else(|| messages::no_such_program(app, programs));
    }
    let started: Vec<(String, Origin)> = started(model).collect();
    let named =
        |program: &&Program| started.iter().any(|(word, _)| word.rsplit('/').next() == Some(&program.name));
    let named: Vec<&Program> = programs.iter().filter(named).collect();
    if let [first, ..] = named.as_slice() {
        let by = started.iter().find(|(word, _)| word.rsplit('/').next() == Some(&first.name));
        let origin = by.map_or(Origin::file(&first.file), |(_, origin)| origin.clone());
        let decision = decided(first, origin).filter(|_| named.len() == 1);
        return Ok((named, decision));
    }
    let own: Vec<&Program> = programs.iter().filter(|program| !program.is_beside).collect();
    let own = if own.is_empty() { programs.iter().collect() } else { own };
    if let [only] = own.as_slice() {
        return Ok((
            vec![only],
            decided(only, Origin::Detected("the only program of the application".to_owned())),
        ));
    }
    if let Some(top) = own.iter().find(|program| program.dir.is_none()) {
        return Ok((vec![top], decided(top, Origin::Detected("the program at the top".to_owned()))));
    }
    let serving: Vec<&&Program> = own.iter().filter(|program| listens(program)).collect();
    match serving.as_slice() {
        [only] => {
            let why = Origin::Detected(format!("the only program that listens, {}", only.file));
            Ok((vec![only], decided(only, why)))
        }
        _ if own.is_empty() => Err(messages::no_program()),
        _ => Err(messages::several_programs(&own)),
    }
}

/// The first words of declared processes that may be programs of the application, without `./`.
pub(crate) fn started(model: &Component) -> impl Iterator<Item = (String, Origin)> {
    model.commands().filter_map(|(_, command, origin)| {
        let line = command.to_string();
        let mut words = line.split_whitespace().skip_while(|word| *word == "exec" || word.contains('='));
        let word = words.next()?.trim_matches(['"', '\'']);
        let word = word.strip_prefix("/app/").or(word.strip_prefix("./")).unwrap_or(word);
        (!word.is_empty() && !word.starts_with('/')).then(|| (word.to_owned(), origin.clone()))
    })
}

/// What a program is made of, its packages that lie in the tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Made {
    /// The files, by path.
    pub(crate) files: BTreeMap<RelPath, GoFile>,
    /// Where it listens.
    pub(crate) listening: Listening,
}

/// Follows the imports of `program` through the tree.
pub(crate) fn made(tree: &dyn SourceTree, modules: &Modules, program: &Program) -> Made {
    let mut made = Made::default();
    let mut seen: BTreeSet<Option<RelPath>> = [program.dir.clone()].into();
    let mut ahead = vec![program.dir.clone()];
    while let Some(dir) = ahead.pop() {
        for (path, file) in package(tree, dir.as_ref()) {
            for (import, _) in &file.imports {
                let vendored =
                    || beside(None, &format!("vendor/{import}")).filter(|_| modules.is_vendored).map(Some);
                let Some(next) = modules.directory(import).or_else(vendored) else { continue };
                if seen.insert(next.clone()) {
                    ahead.push(next);
                }
            }
            made.files.insert(path, file);
        }
    }
    made.listening = listening(&made);
    made
}

/// What the application's own files say about listening; the code of others that it uses says what
/// it could do.
fn listening(made: &Made) -> Listening {
    let mut found = Listening::default();
    for (path, file) in made.files.iter().filter(|(path, _)| !path.as_str().starts_with("vendor/")) {
        let framework = FRAMEWORKS.iter().find_map(|framework| file.imports(framework));
        let line = file.serves.or(framework);
        found.evidence = found.evidence.or(line.map(|line| Origin::line(path, line)));
        let asks_itself = IN_OWN_PORT.iter().any(|framework| file.imports(framework).is_some());
        found.reads_port |= file.reads_port || asks_itself && file.address.is_none();
        if let Some((host, port, line)) = file.address.as_ref().filter(|_| line.is_some()) {
            let origin = Origin::line(path, *line);
            found.port.get_or_insert(Requested { value: *port, origin: origin.clone() });
            found.local = found.local.or(is_local(host).then_some(origin));
        }
    }
    found
}

impl Program {
    /// The package as the go command takes it, from the top.
    pub(crate) fn import(&self) -> String {
        self.dir.as_ref().map_or(".".to_owned(), |dir| format!("./{dir}"))
    }

    /// The path by which people can choose it.
    pub(crate) fn path(&self) -> &RelPath {
        self.dir.as_ref().unwrap_or(&self.file)
    }

    pub(crate) fn label(&self) -> String {
        format!("{} ({})", self.name, self.path())
    }

    fn is_called(&self, wanted: &str) -> bool {
        self.name == wanted
            || self.path().as_str() == wanted
            || self.dir.as_ref().is_some_and(|dir| dir.name() == wanted)
    }
}
