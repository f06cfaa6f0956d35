//! Collects all requests for a version of a tool in falling precedence. Judges nothing.

use packwright_documents::toml;
use packwright_planner::{Component, Diagnostic, Origin, PlanContext, RelPath, Requested, SourceTree};

use super::request::{Notation, Request, Requests, Source};
use super::tool::{Form, Hints, Tool, VersionFile};
use super::{messages, mise};
use crate::files::{FileError, beside, text, upwards};

/// What the language's own manifests say about the version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifests {
    /// Those that name the one version that must run; they count right after the caller.
    pub pins: Vec<Requested<String>>,
    /// The others, in falling precedence.
    pub requests: Vec<(Requested<String>, Notation)>,
}

/// All requests for a version of `tool` by the application in `dir`, which is the top of the tree
/// when there is none. Of two files of one kind, the one nearest to `dir` counts.
pub fn collect(
    tool: &Tool,
    given: &PlanContext<'_>,
    dir: Option<&RelPath>,
    manifests: Manifests,
) -> Requests {
    let model = given.model;
    let mut found = Collected { tool, tree: given.tree, dir, requests: Requests::default() };
    if let Some(text) = given.options.environment.get(tool.option) {
        let origin = Origin::Option(format!("--env {}={text}", tool.option));
        found.add(Requested { value: text.trim().to_owned(), origin }, Source::Option);
    }
    manifests.pins.into_iter().for_each(|pin| found.add(pin, Source::Pin));
    let declared = |model: &Component| -> Vec<Requested<String>> {
        model.version_requests(tool.name).cloned().collect()
    };
    let (chosen, others) = match model.is_chosen() {
        true => (declared(model), Vec::new()),
        false => (Vec::new(), declared(model)),
    };
    chosen.into_iter().for_each(|said| found.add(said, Source::ChosenPlatform));
    match &model.customs.version_files {
        None => tool.files.iter().for_each(|file| found.file(file)),
        // A chosen platform may read these files in another order, or not at all.
        Some(names) => {
            let known = |name: &String| {
                tool.files.iter().find(|file| match file.form {
                    Form::Mise => mise::FILES.contains(&name.as_str()),
                    _ => file.name == name,
                })
            };
            names.iter().filter_map(known).for_each(|file| found.file(file));
        }
    }
    others.into_iter().for_each(|said| found.add(said, Source::Platform));
    for (said, notation) in manifests.requests {
        found.add(said, Source::Manifest(notation));
    }
    let mut hints: Vec<Requested<String>> = model.hints.iter().flat_map(|hints| declared(hints)).collect();
    if tool.hints == Hints::Alone {
        hints.truncate(if found.requests.requests.is_empty() { 1 } else { 0 });
    }
    let mut requests = found.requests;
    requests.hints = hints.into_iter().map(|said| Request::new(tool, said, Source::Hint)).collect();
    requests
}

struct Collected<'a> {
    tool: &'a Tool,
    tree: &'a dyn SourceTree,
    dir: Option<&'a RelPath>,
    requests: Requests,
}

/// What one file says: a request, or nothing about this tool.
type Read = Result<Option<Request>, Diagnostic>;

impl Collected<'_> {
    fn add(&mut self, said: Requested<String>, source: Source) {
        self.requests.requests.push(Request::new(self.tool, said, source));
    }

    /// Reads the nearest file of this kind that says something about the tool, or is broken.
    fn file(&mut self, file: &VersionFile) {
        for dir in upwards(self.dir) {
            for path in self.paths(dir.as_ref(), file) {
                let read = match text(self.tree, &path) {
                    Ok(None) => continue,
                    Ok(Some(text)) => self.read(&path, &text, file.form),
                    Err(error) => Err(error.diagnostic(self.tool.language)),
                };
                match read {
                    Ok(None) => {}
                    Ok(Some(request)) => return self.requests.requests.push(request),
                    Err(problem) => return self.requests.problems.push(problem),
                }
            }
        }
    }

    /// Where such a file may be in `dir`, in falling precedence.
    fn paths(&self, dir: Option<&RelPath>, file: &VersionFile) -> Vec<RelPath> {
        if file.form != Form::Mise {
            return beside(dir, file.name).into_iter().collect();
        }
        let mut paths: Vec<RelPath> = mise::FILES.iter().filter_map(|name| beside(dir, name)).collect();
        for fragments in mise::FRAGMENTS.iter().filter_map(|name| beside(dir, name)) {
            let files = self.tree.files().iter().rev().map(|file| &file.path);
            let of_mise = |path: &&RelPath| {
                path.parent().as_ref() == Some(&fragments) && path.name().ends_with(".toml")
            };
            paths.extend(files.filter(of_mise).cloned());
        }
        paths
    }

    fn read(&mut self, path: &RelPath, text: &str, form: Form) -> Read {
        match form {
            Form::Line => Ok(self.line(path, text)),
            Form::Prefixed(prefix) => Ok(self.prefixed(path, text, prefix)),
            Form::ToolVersions => self.tool_versions(path, text),
            Form::Mise => self.mise(path, text),
        }
    }

    fn request(&self, value: &str, origin: Origin) -> Request {
        Request::new(self.tool, Requested { value: value.to_owned(), origin }, Source::File)
    }

    fn several(&mut self, first: &str, second: Option<(&str, &Origin)>) {
        if let Some((second, at)) = second {
            self.requests.remarks.push(messages::file_several(self.tool, first, second, at));
        }
    }

    /// `.nvmrc` and its like: a version a line, comments.
    fn line(&mut self, path: &RelPath, text: &str) -> Option<Request> {
        let mut lines = lines(path, text);
        let Some((line, origin)) = lines.next() else {
            self.requests.remarks.push(messages::file_empty(self.tool, path));
            return None;
        };
        let second = lines.next();
        self.several(line, second.as_ref().map(|(second, at)| (*second, at)));
        Some(self.request(line, origin))
    }

    /// Heroku's `runtime.txt`, which one language of several has.
    fn prefixed(&mut self, path: &RelPath, text: &str, prefix: &str) -> Option<Request> {
        let Some((line, origin)) = lines(path, text).next() else {
            self.requests.remarks.push(messages::file_empty(self.tool, path));
            return None;
        };
        let bare = match line.strip_prefix(prefix) {
            Some(bare) => bare,
            None if line.starts_with(|first: char| first.is_ascii_digit()) => {
                self.requests
                    .remarks
                    .push(messages::runtime_without_prefix(self.tool, prefix, line, path, &origin));
                line
            }
            // Another language's.
            None => return None,
        };
        let version = match bare.strip_suffix(".x").or_else(|| bare.strip_suffix(".*")) {
            Some(stem) => {
                self.requests
                    .remarks
                    .push(messages::runtime_wildcard(self.tool, prefix, line, stem, &origin));
                stem
            }
            None => bare,
        }
        .to_owned();
        let said = Requested { value: line.to_owned(), origin };
        Some(Request { said, version, source: Source::File })
    }

    fn tool_versions(&mut self, path: &RelPath, text: &str) -> Read {
        for (line, origin) in lines(path, text) {
            let mut words = line.split_whitespace();
            if !words.next().is_some_and(|name| self.tool.is_called(name)) {
                continue;
            }
            let Some(version) = words.next() else {
                return Err(messages::file_form(self.tool, path, &origin));
            };
            self.several(version, words.next().map(|second| (second, &origin)));
            return Ok(Some(self.request(version, origin)));
        }
        Ok(None)
    }

    fn mise(&mut self, path: &RelPath, text: &str) -> Read {
        let document = toml(text).map_err(|broken| {
            FileError::Broken { path: path.clone(), format: "TOML", broken }.diagnostic(self.tool.language)
        })?;
        let tools = document.get("tools").map_or(&[][..], |tools| tools.entries());
        let Some(entry) = tools.iter().find(|entry| self.tool.is_called(&entry.key)) else { return Ok(None) };
        let Some((first, second)) = mise::versions(&entry.value) else {
            return Err(messages::file_form(self.tool, path, &Origin::line(path, entry.line)));
        };
        let word = first.word().unwrap_or_default();
        let second = second.and_then(|value| Some((value.word()?, Origin::line(path, value.line))));
        self.several(word, second.as_ref().map(|(second, at)| (*second, at)));
        Ok(Some(self.request(word, Origin::line(path, first.line))))
    }
}

impl Tool {
    /// Whether asdf and mise mean this tool by `key`.
    fn is_called(&self, key: &str) -> bool {
        self.names.contains(&mise::tool_name(key))
    }
}

/// The lines that say something, without comments, and where they are.
fn lines<'a>(path: &'a RelPath, text: &'a str) -> impl Iterator<Item = (&'a str, Origin)> {
    text.lines().zip(1..).filter_map(move |(line, number)| {
        let line = line.split('#').next().unwrap_or_default().trim();
        (!line.is_empty()).then(|| (line, Origin::line(path, number)))
    })
}
