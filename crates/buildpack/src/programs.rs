//! The programs of one module or workspace of a compiled language: which of them are built, and by
//! which names declared processes start them. How a language finds its programs is its own.

use packwright_planner::{
    Component, Decision, Diagnostic, FOR_DEVELOPERS, Origin, Overridden, RelPath, SourceTree, Target, has,
};

/// A program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its name, as the language's own tool calls what it builds.
    pub name: String,
    /// Its directory; `None` is the top.
    pub dir: Option<RelPath>,
    /// A file of it.
    pub file: RelPath,
    /// What the compiler is given to build it.
    pub arguments: Vec<String>,
    /// Whether it serves the people who work on the source, and is built only when it is named.
    pub is_beside: bool,
}

/// A link by which a declared process finds a program that is built under another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where the process looks, below the application's directory.
    pub path: RelPath,
    /// The program.
    pub program: String,
    /// What people should know about it.
    pub remark: Diagnostic,
}

/// Names of directories within a module whose programs serve the people who work on the source,
/// besides [`FOR_DEVELOPERS`].
const IN_MODULE: &[&str] =
    &["_examples", "benches", "dev", "gen", "generate", "hack", "internal", "testing", "tool", "xtask"];

/// Whether programs in `dir`, seen from their module, serve the people who work on the source.
pub fn is_beside(dir: Option<&RelPath>) -> bool {
    dir.is_some_and(|dir| dir.parts().any(|part| FOR_DEVELOPERS.contains(&part) || IN_MODULE.contains(&part)))
}

/// The programs that are built, the one of the image first, and the decision where there were others.
///
/// In falling precedence: the one that the caller names, those that declared processes start, the
/// only one, the one at the top, the only one that `listens`.
///
/// Errors: no program, none that is called as the caller says, several and no word which.
pub fn choose<'a>(
    language: &str,
    programs: &'a [Program],
    app: Option<&str>,
    model: &Component,
    listens: &dyn Fn(&Program) -> bool,
) -> Result<(Vec<&'a Program>, Option<Decision>), Diagnostic> {
    let decided = |program: &'a Program, origin: Origin| {
        let lost = programs.iter().filter(|other| *other != program && !other.is_beside);
        let lost = lost.map(|other| Overridden::new(other.label(), Origin::file(&other.file)));
        let decision = Decision::new(format!("{language} program"), program.label(), origin).over(lost);
        (vec![program], (programs.len() > 1).then_some(decision))
    };
    if let Some(app) = app {
        let wanted = app.trim_start_matches("./").trim_end_matches('/');
        let at = programs.iter().find(|program| program.path().as_str() == wanted);
        let called: Vec<&Program> = programs.iter().filter(|program| program.is_called(wanted)).collect();
        let origin = Origin::Option(format!("--app {app}"));
        let called = at.map_or(called, |one| vec![one]);
        return match called.as_slice() {
            [one] => Ok(decided(one, origin)),
            [] => Err(no_such(language, app, programs)),
            several => Err(ambiguous(language, app, several)),
        };
    }
    let started = started(model, programs);
    match started.as_slice() {
        [] => {}
        [(only, origin)] => return Ok(decided(only, origin.clone())),
        several => return Ok((several.iter().map(|(program, _)| *program).collect(), None)),
    }
    let own: Vec<&Program> = programs.iter().filter(|program| !program.is_beside).collect();
    let own = if own.is_empty() { programs.iter().collect() } else { own };
    let because = |text: String| Origin::Detected(text);
    if let [only] = own.as_slice() {
        return Ok(decided(only, because("the only program of the application".to_owned())));
    }
    if let Some(top) = own.iter().find(|program| program.dir.is_none()) {
        return Ok(decided(top, because("the program at the top".to_owned())));
    }
    let serving: Vec<&&Program> = own.iter().filter(|program| listens(program)).collect();
    match serving.as_slice() {
        [only] => Ok(decided(only, because(format!("the only program that listens, {}", only.file)))),
        _ if own.is_empty() => Err(none(language)),
        _ => Err(several(language, &own)),
    }
}

/// The programs that declared processes start by their names, in the order of the processes, each once.
pub fn started<'a>(model: &Component, programs: &'a [Program]) -> Vec<(&'a Program, Origin)> {
    let mut found: Vec<(&Program, Origin)> = Vec::new();
    for (_, command, origin) in model.commands() {
        for word in command.programs() {
            let Some(program) = programs.iter().find(|program| program.is_at(&word)) else { continue };
            if !found.iter().any(|(known, _)| *known == program) {
                found.push((program, origin.clone()));
            }
        }
    }
    found
}

/// Warnings about declared processes that start a program which is not built, since `app` names
/// another one.
pub fn left_out(
    language: &str,
    model: &Component,
    programs: &[Program],
    chosen: &[&Program],
) -> Vec<Diagnostic> {
    let is_chosen = |program: &Program| chosen.iter().any(|one| one.name == program.name);
    let lost = started(model, programs).into_iter().filter(|(program, _)| !is_chosen(program));
    let remark = |(program, at): (&Program, Origin)| {
        let what = format!("{at} starts {}, which is not built", program.label());
        Diagnostic::warning(&format!("{language}/program-not-built"), what)
            .why("`--app` names another program; that process cannot start in this image")
            .fix("leave `--app` out to build all that processes start, or build each in an image of its own")
            .at(at)
    };
    lost.map(remark).collect()
}

/// Links for processes that start a path which is not in the tree: `./out` of other builders. It is
/// taken for the program of that name, or for the only one of `chosen` where the process starts no
/// other path. `built` is the directory of
/// the programs below the application's.
pub fn links(
    language: &str,
    tree: &dyn SourceTree,
    model: &Component,
    chosen: &[&Program],
    built: &str,
) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    let is_dir = |dir: &RelPath| tree.files().iter().any(|file| file.path.is_within(dir));
    for (_, command, origin) in model.commands() {
        let words = command.programs().into_iter();
        let paths: Vec<(String, RelPath)> =
            words.filter_map(|word| Some((word.clone(), below_the_application(&word)?))).collect();
        let only = chosen.first().filter(|_| chosen.len() == 1 && paths.len() == 1);
        for (word, path) in &paths {
            let named = chosen.iter().find(|program| program.is_at(word));
            let Some(program) = named.or(only) else { continue };
            let is_there = has(tree, path.as_str())
                || is_dir(path)
                || path.as_str() == format!("{built}/{}", program.name);
            if !is_there && !links.iter().any(|link| link.path == *path) {
                let remark = linked(language, word, program, origin);
                links.push(Link { path: path.clone(), program: program.name.clone(), remark });
            }
        }
    }
    links
}

/// The programs as what people can choose.
pub fn targets(programs: &[Program]) -> Vec<Target> {
    programs.iter().map(|one| Target { name: one.name.clone(), path: one.path().clone() }).collect()
}

/// The path that a word names below the application's directory; `None` for a name that is looked
/// for on the path, and for what lies elsewhere.
fn below_the_application(word: &str) -> Option<RelPath> {
    let path =
        word.strip_prefix("/app/").or(word.strip_prefix("./")).or(word.contains('/').then_some(word))?;
    path.parse().ok()
}

impl Program {
    /// The path by which people can choose it.
    pub fn path(&self) -> &RelPath {
        self.dir.as_ref().unwrap_or(&self.file)
    }

    /// Its name and where it is.
    pub fn label(&self) -> String {
        format!("{} ({})", self.name, self.path())
    }

    fn is_called(&self, wanted: &str) -> bool {
        let dir = self.dir.as_ref().is_some_and(|dir| dir.name() == wanted);
        self.name == wanted || self.path().as_str() == wanted || dir
    }

    /// Whether a process that begins with `word` starts it.
    fn is_at(&self, word: &str) -> bool {
        word.rsplit('/').next() == Some(&self.name)
    }
}

fn list(programs: &[&Program]) -> String {
    programs.iter().map(|program| program.label()).collect::<Vec<_>>().join(", ")
}

fn none(language: &str) -> Diagnostic {
    Diagnostic::error(&format!("{language}/no-program"), "the source holds no program")
        .why("there are libraries alone, or programs that are not built for Linux")
        .fix("add a program, or name the directory of the application with `--root DIR`")
}

fn several(language: &str, programs: &[&Program]) -> Diagnostic {
    let name = programs.first().map_or("NAME", |program| &program.name);
    let is_unique = programs.iter().filter(|program| program.name == name).count() == 1;
    let first = if is_unique { name } else { programs.first().map_or(name, |one| one.path().as_str()) };
    let what = format!("there are {} programs and no word which one to run", programs.len());
    Diagnostic::error(&format!("{language}/several-programs"), what)
        .why(list(programs))
        .fix(format!("choose with `--app {first}`, or name programs in a Procfile such as `web: {name}`"))
}

fn ambiguous(language: &str, app: &str, programs: &[&Program]) -> Diagnostic {
    let first = programs.first().map_or("DIRECTORY", |program| program.path().as_str());
    let what = format!("`{app}` can mean {} programs", programs.len());
    Diagnostic::error(&format!("{language}/several-programs"), what)
        .why(list(programs))
        .fix(format!("name one by its directory: `--app {first}`"))
}

fn no_such(language: &str, app: &str, programs: &[Program]) -> Diagnostic {
    let code = format!("{language}/no-such-program");
    Diagnostic::error(&code, format!("there is no program called `{app}`"))
        .why(format!("there are {}", list(&programs.iter().collect::<Vec<_>>())))
        .fix("name one of them by its name or directory")
}

fn linked(language: &str, word: &str, program: &Program, at: &Origin) -> Diagnostic {
    let what = format!("{at} starts `{word}`, which becomes a link to {}", program.label());
    Diagnostic::info(&format!("{language}/program-linked"), what)
        .why("the source has no such file, and this is the program that is built")
        .fix(format!("write `{}` there, which is on the path", program.name))
        .at(at.clone())
}

#[cfg(test)]
mod tests;
