//! The programs of the modules: where they are, what each is made of, and which of them are built.

use std::collections::{BTreeMap, BTreeSet};

use packwright_buildpack::files::{beside, text, upwards};
use packwright_buildpack::listening::{Listening, is_local};
use packwright_buildpack::planner::{Origin, RelPath, Requested, SourceTree};
use packwright_buildpack::programs::{Program, is_beside};

use crate::data::{FRAMEWORKS, IN_OWN_PORT};
use crate::module::{Module, Modules};
use crate::source::{GoFile, PortFlag, is_built};

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

/// All programs, the packages `main`, in the order of their paths.
pub(crate) fn programs(tree: &dyn SourceTree, modules: &Modules) -> Vec<Program> {
    let all = tree.files().iter().map(|file| &file.path);
    let tops: BTreeSet<Option<RelPath>> =
        all.clone().filter(|path| path.name() == "go.mod").map(RelPath::parent).collect();
    let dirs: BTreeSet<Option<RelPath>> =
        all.filter(|path| is_built(path.name())).map(RelPath::parent).collect();
    let mut found: Vec<Program> = Vec::new();
    for module in &modules.all {
        let own = dirs.iter().filter(|dir| !module.name.is_empty() || dir.is_none());
        // The nearest module above a directory has its package.
        let of_module = |dir: &&Option<RelPath>| {
            upwards(dir.as_ref()).into_iter().find(|dir| tops.contains(dir)).unwrap_or_default() == module.dir
        };
        found.extend(own.filter(of_module).filter_map(|dir| program(tree, module, dir.as_ref())));
    }
    found
}

/// The program in the directory `dir` of `module`, if its package is one.
fn program(tree: &dyn SourceTree, module: &Module, dir: Option<&RelPath>) -> Option<Program> {
    let below = match (&module.dir, dir) {
        (Some(top), Some(dir)) => dir.below(top),
        (_, dir) => dir.cloned(),
    };
    let parts: Vec<&str> = below.iter().flat_map(RelPath::parts).collect();
    let is_hidden = |part: &&str| part.starts_with('.') || ["vendor", "testdata"].contains(part);
    if parts.len() > DEPTH || parts.iter().any(is_hidden) {
        return None;
    }
    let is_main = |file: &GoFile| file.package == "main";
    let files = files_in(tree, dir);
    let read = |path: &RelPath| GoFile::read(&text(tree, path).ok()??);
    let file = files.iter().find(|path| read(path).as_ref().is_some_and(is_main))?.clone();
    let name = match below.as_ref() {
        Some(below) => below.name().to_owned(),
        None => module_name(&module.name, dir),
    };
    let arguments = match (dir, module.name.is_empty()) {
        (Some(dir), _) => vec![format!("./{dir}")],
        (None, false) => vec![".".to_owned()],
        // Without a module the compiler takes files.
        (None, true) => files.iter().map(ToString::to_string).collect(),
    };
    Some(Program { name, dir: dir.cloned(), file, arguments, is_beside: is_beside(below.as_ref()) })
}

/// What `go build` calls the program at the top of a module: the last part of its path that is no
/// version.
fn module_name(module: &str, dir: Option<&RelPath>) -> String {
    let is_version = |part: &&str| part.strip_prefix('v').is_some_and(|digits| digits.parse::<u32>().is_ok());
    let name = module.rsplit('/').find(|part| !part.is_empty() && !is_version(part));
    name.or(dir.map(|dir| dir.name())).unwrap_or("main").to_owned()
}

/// What a program is made of, its packages that lie in the tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Made {
    /// The files, by path.
    pub(crate) files: BTreeMap<RelPath, GoFile>,
    /// Where it listens.
    pub(crate) listening: Listening,
    /// The flag that says where to listen, and the file that defines it, where nothing in the code does.
    pub(crate) flag: Option<(RelPath, PortFlag)>,
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
    let Listening { evidence, reads_port, port, .. } = &made.listening;
    if evidence.is_some() && !reads_port && port.is_none() {
        // Those of other packages may belong to one of several commands.
        let mut own = made.files.iter().filter(|(path, _)| path.parent() == program.dir);
        made.flag = own.find_map(|(path, file)| Some((path.clone(), file.flag.clone()?)));
    }
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
