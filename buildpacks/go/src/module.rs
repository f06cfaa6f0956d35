//! `go.mod` and `go.work`: which modules are built together, what they require, and which Go they
//! ask for. Reads; chooses nothing.
//!
//! Source: Go Modules Reference, "go.mod files", "Workspaces".

use packwright_buildpack::files::{beside, text};
use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, Requested, SourceTree};
use packwright_buildpack::step::path;

use crate::messages;

/// The file of a program without a module.
pub(crate) const MAIN: &str = "main.go";

/// A module of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Module {
    /// Its directory; `None` is the top.
    pub(crate) dir: Option<RelPath>,
    /// Its import path; empty when there is no `go.mod`.
    pub(crate) name: String,
    /// What it requires from elsewhere: import path of the module, and the line that says so.
    pub(crate) requires: Vec<Requested<String>>,
    /// What the `go` and `toolchain` lines say: the least version.
    pub(crate) versions: Vec<Requested<String>>,
    /// Replacements by a directory: the replaced module, and the directory as it is written.
    pub(crate) replaced: Vec<(String, Requested<String>)>,
}

/// All that is built together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Modules {
    /// The modules, in the order in which the workspace names them.
    pub(crate) all: Vec<Module>,
    /// The lines of the workspace's own file about the least version.
    versions: Vec<Requested<String>>,
    /// Whether there is a `go.work`.
    pub(crate) is_workspace: bool,
    /// Whether the modules that are required lie in `vendor/`.
    pub(crate) is_vendored: bool,
}

/// A directive: its words, and where it stands.
struct Line {
    words: Vec<String>,
    origin: Origin,
}

impl Modules {
    /// The modules whose top is the top of the tree; one without a name when it holds files without a
    /// module. `None` when there is no Go at all.
    ///
    /// Errors: files that cannot be read, a member of the workspace that is not there.
    pub(crate) fn read(tree: &dyn SourceTree) -> Result<Option<Modules>, Vec<Diagnostic>> {
        let read = |path: &RelPath| text(tree, path).map_err(|error| vec![error.diagnostic("go")]);
        let work = path("go.work");
        let mut modules = Modules {
            all: Vec::new(),
            versions: Vec::new(),
            is_workspace: false,
            is_vendored: has_vendor(tree),
        };
        if let Some(content) = read(&work)? {
            modules.is_workspace = true;
            let mut problems = Vec::new();
            for Line { words, origin } in lines(&work, &content) {
                match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                    ["use", dir] => {
                        let dir = dir.trim_start_matches("./").trim_end_matches('/');
                        let dir = Some(dir).filter(|dir| !matches!(*dir, "" | "."));
                        match module(tree, dir.and_then(|dir| dir.parse().ok()))? {
                            Some(member) => modules.all.push(member),
                            None => problems.push(messages::no_member(dir.unwrap_or("."), &origin)),
                        }
                    }
                    ["go" | "toolchain", version] => modules.versions.extend(least(version, &origin)),
                    _ => {}
                }
            }
            return if problems.is_empty() { Ok(Some(modules)) } else { Err(problems) };
        }
        let found = module(tree, None)?;
        let loose = || packwright_buildpack::planner::has(tree, MAIN).then(Module::loose);
        modules.all.extend(found.or_else(loose));
        Ok((!modules.all.is_empty()).then_some(modules))
    }

    /// All lines about the least version.
    pub(crate) fn versions(&self) -> Vec<Requested<String>> {
        let of_members = self.all.iter().flat_map(|module| module.versions.iter().cloned());
        self.versions.iter().cloned().chain(of_members).collect()
    }

    /// The required modules that come from elsewhere, and the lines that say so.
    pub(crate) fn required(&self) -> impl Iterator<Item = &Requested<String>> {
        self.all.iter().flat_map(|module| {
            let is_here = |name: &str| {
                module.replaced.iter().any(|(replaced, _)| replaced == name)
                    || self.all.iter().any(|member| member.name == name)
            };
            module.requires.iter().filter(move |required| !is_here(&required.value))
        })
    }

    /// The directory of the package that is imported as `import`, and whose files are in the tree.
    pub(crate) fn directory(&self, import: &str) -> Option<Option<RelPath>> {
        let within = |module: &str, dir: Option<&RelPath>| -> Option<Option<RelPath>> {
            match import.strip_prefix(module)? {
                "" => Some(dir.cloned()),
                rest => beside(dir, rest.strip_prefix('/')?).map(Some),
            }
        };
        let own = self.all.iter().filter(|module| !module.name.is_empty());
        let replaced = self.all.iter().flat_map(|module| {
            module.replaced.iter().map(|(name, dir)| (name, normal(module.dir.as_ref(), &dir.value)))
        });
        own.filter_map(|module| within(&module.name, module.dir.as_ref()))
            .chain(replaced.filter_map(|(name, dir)| within(name, dir?.as_ref())))
            .next()
    }

    /// Replacements by directories that are not in the tree.
    pub(crate) fn check(&self) -> Vec<Diagnostic> {
        let of = |module: &Module| -> Vec<Diagnostic> {
            let leaves =
                module.replaced.iter().filter(|(_, dir)| normal(module.dir.as_ref(), &dir.value).is_none());
            leaves.map(|(name, dir)| messages::replaced_outside(name, dir)).collect()
        };
        self.all.iter().flat_map(of).collect()
    }
}

impl Module {
    /// Files without a module: the standard library is all they can import.
    fn loose() -> Module {
        Module {
            dir: None,
            name: String::new(),
            requires: Vec::new(),
            versions: Vec::new(),
            replaced: Vec::new(),
        }
    }

    /// Its file.
    pub(crate) fn file(&self) -> RelPath {
        beside(self.dir.as_ref(), "go.mod").unwrap_or_else(|| path("go.mod"))
    }
}

/// The directory that `target` names from `dir`: `Some(None)` is the top; `None` is outside.
fn normal(dir: Option<&RelPath>, target: &str) -> Option<Option<RelPath>> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = dir.iter().flat_map(|dir| dir.parts()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    match parts.is_empty() {
        true => Some(None),
        false => parts.join("/").parse().ok().map(Some),
    }
}

fn has_vendor(tree: &dyn SourceTree) -> bool {
    packwright_buildpack::planner::has(tree, "vendor/modules.txt")
}

/// The module in `dir`; `None` when there is none.
fn module(tree: &dyn SourceTree, dir: Option<RelPath>) -> Result<Option<Module>, Vec<Diagnostic>> {
    let mut module = Module { dir, ..Module::loose() };
    let file = module.file();
    let content = text(tree, &file).map_err(|error| vec![error.diagnostic("go")])?;
    let Some(content) = content else { return Ok(None) };
    for Line { words, origin } in lines(&file, &content) {
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["module", name] => module.name = (*name).to_owned(),
            ["require", name, _version] => {
                module.requires.push(Requested { value: (*name).to_owned(), origin });
            }
            ["go" | "toolchain", version] => module.versions.extend(least(version, &origin)),
            ["replace", name, "=>", dir] | ["replace", name, _, "=>", dir] => {
                module.replaced.push(((*name).to_owned(), Requested { value: (*dir).to_owned(), origin }));
            }
            _ => {}
        }
    }
    Ok(Some(module))
}

/// A `go` or `toolchain` line: `1.22`, `go1.24.1`, `go1.24.1-custom`; `default` says nothing.
fn least(version: &str, origin: &Origin) -> Option<Requested<String>> {
    let version = version.split(['-', '+']).next().unwrap_or(version);
    (version != "default").then(|| Requested { value: version.to_owned(), origin: origin.clone() })
}

/// The directives of a file, those in blocks with the block's word before them. A replacement by a
/// module of another name has two words behind the arrow and is no directory.
fn lines(path: &RelPath, content: &str) -> Vec<Line> {
    let mut block: Option<String> = None;
    let mut found = Vec::new();
    for (text, number) in content.lines().zip(1..) {
        let text = text.split("//").next().unwrap_or_default();
        let mut words: Vec<String> =
            text.split_whitespace().map(|word| word.trim_matches(['"', '`']).to_owned()).collect();
        match (words.as_slice(), &block) {
            ([], _) => continue,
            ([close], Some(_)) if close == ")" => {
                block = None;
                continue;
            }
            ([word, open], None) if open == "(" => {
                block = Some(word.clone());
                continue;
            }
            (_, Some(word)) => words.insert(0, word.clone()),
            (_, None) => {}
        }
        found.push(Line { words, origin: Origin::line(path, number) });
    }
    found
}
