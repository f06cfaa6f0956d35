//! Collects all requests for a version of a tool in falling precedence. Judges nothing.

use packwright_documents::{Content, toml};
use packwright_planner::{Component, Diagnostic, Origin, PlanContext, RelPath, Requested, SourceTree};

use super::request::{Notation, Request, Requests, Source};
use super::tool::{Form, Hints, Tool, VersionFile};
use super::{messages, mise};
use crate::files::{FileError, beside, files_in, text, upwards};

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
    // A chosen platform may read these files in another order, or not at all.
    let (read, unread): (Vec<&VersionFile>, Vec<&VersionFile>) = match &model.customs.version_files {
        None => (tool.files.iter().collect(), Vec::new()),
        Some(names) => {
            let known = |name: &String| tool.files.iter().find(|file| file.is_called(name));
            let read: Vec<&VersionFile> = names.iter().filter_map(known).collect();
            let unread = tool.files.iter().filter(|file| !read.contains(file)).collect();
            (read, unread)
        }
    };
    let first_read = read.first().map(|file| file.name);
    let reads_mise = read.iter().any(|file| file.form == Form::Mise);
    read.into_iter().for_each(|file| found.file(file));
    let platform = model.customs.platform.as_deref().unwrap_or("the platform");
    unread.into_iter().for_each(|file| found.unread(file, platform, first_read));
    others.into_iter().for_each(|said| found.add(said, Source::Platform));
    for (said, notation) in manifests.requests {
        found.add(said, Source::Manifest(notation));
    }
    let declared_hints = model.hints.iter().flat_map(|hints| declared(hints));
    let declared_hints = declared_hints.map(|said| Request::new(tool, said, Source::Hint));
    let local = if reads_mise { found.local() } else { None };
    let mut hints: Vec<Request> = local.into_iter().chain(declared_hints).collect();
    if tool.hints == Hints::Alone {
        hints.truncate(if found.requests.requests.is_empty() { 1 } else { 0 });
    }
    Requests { hints, ..found.requests }
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

    /// Adds what the nearest file of this kind says.
    fn file(&mut self, file: &VersionFile) {
        match self.nearest(file.names(), file.form) {
            Ok(request) => self.requests.requests.extend(request),
            Err(problem) => self.requests.problems.push(problem),
        }
    }

    /// Says that `platform`, which the caller chose, does not read what this file says; `read` is one that it
    /// reads. Nothing of such a file is a problem.
    fn unread(&mut self, file: &VersionFile, platform: &str, read: Option<&str>) {
        let remarks = self.requests.remarks.len();
        let found = self.nearest(file.names(), file.form);
        self.requests.remarks.truncate(remarks);
        if let Ok(Some(request)) = found {
            self.requests.remarks.push(messages::file_unread(self.tool, platform, read, &request));
        }
    }

    /// What mise's files for one machine say, where nothing else asks for a version.
    fn local(&mut self) -> Option<Request> {
        let remarks = self.requests.remarks.len();
        let found = self.nearest(mise::LOCAL_FILES, Form::Mise);
        self.requests.remarks.truncate(remarks);
        let said = found.ok().flatten()?.said;
        if self.requests.requests.is_empty() {
            return Some(Request::new(self.tool, said, Source::Hint));
        }
        self.requests.remarks.push(messages::local_unread(self.tool, &said));
        None
    }

    /// What the nearest file of these names says about the tool.
    ///
    /// Errors: a file before that one is broken, or has no version where one belongs.
    fn nearest(&mut self, names: &[&str], form: Form) -> Read {
        for dir in upwards(self.dir) {
            for name in names {
                for path in self.paths(dir.as_ref(), name)? {
                    let text = text(self.tree, &path).map_err(|error| self.problem(&error))?;
                    let request = text.map(|text| self.read(&path, &text, form)).transpose()?.flatten();
                    if request.is_some() {
                        return Ok(request);
                    }
                }
            }
        }
        Ok(None)
    }

    fn problem(&self, error: &FileError) -> Diagnostic {
        error.diagnostic(self.tool.language)
    }

    /// The files that `name` means in `dir`: itself, or all of a directory with its ending, the last
    /// by name first.
    fn paths(&self, dir: Option<&RelPath>, name: &str) -> Result<Vec<RelPath>, Diagnostic> {
        let Some((fragments, ending)) = name.split_once("/*") else {
            return Ok(beside(dir, name).into_iter().collect());
        };
        let Some(fragments) = beside(dir, fragments) else { return Ok(Vec::new()) };
        let files = files_in(self.tree, &fragments).map_err(|error| self.problem(&error))?;
        Ok(files.into_iter().rev().filter(|path| path.name().ends_with(ending)).collect())
    }

    fn read(&mut self, path: &RelPath, text: &str, form: Form) -> Read {
        match form {
            Form::Line | Form::Words => Ok(self.line(path, text, form)),
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

    /// `.nvmrc` and its like: a version a line, or between blanks; comments.
    fn line(&mut self, path: &RelPath, text: &str, form: Form) -> Option<Request> {
        let mut lines = lines(path, text);
        let Some((line, origin)) = lines.next() else {
            self.requests.remarks.push(messages::file_empty(self.tool, path));
            return None;
        };
        // `>=3.11 <3.13`, which uv writes, is one request where `3.11 3.12` are two.
        let mut words = line.split_whitespace();
        let plain =
            |word: &str| word.trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit());
        let are_several = form == Form::Words && line.split_whitespace().all(plain);
        let (first, second) = match words.next().filter(|_| are_several) {
            Some(first) => (first, words.next().map(|second| (second, origin.clone()))),
            None => (line, None),
        };
        let second = second.or_else(|| lines.next());
        self.several(first, second.as_ref().map(|(second, at)| (*second, at)));
        Some(self.request(first, origin))
    }

    /// Heroku's `runtime.txt`, which one language of several has.
    fn prefixed(&mut self, path: &RelPath, text: &str, prefix: &str) -> Option<Request> {
        let Some((line, origin)) = lines(path, text).next() else {
            self.requests.remarks.push(messages::file_empty(self.tool, path));
            return None;
        };
        let bare = match (line.strip_prefix(prefix), nearly_prefixed(line, prefix)) {
            (Some(bare), _) => bare,
            (None, _) if is_of_another_language(line, prefix) => return None,
            (None, Some(bare)) => {
                let remark = messages::runtime_form(self.tool, prefix, line, bare, path, &origin);
                self.requests.remarks.push(remark);
                bare
            }
            (None, None) => return Some(self.request(line, origin)),
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
        let mut versions: Vec<(&str, Origin)> = Vec::new();
        for (line, origin) in lines(path, text) {
            let mut words = line.split_whitespace();
            // A colon after the name is no part of the form, and mise takes it.
            if !words.next().is_some_and(|name| self.tool.is_called(name.trim_end_matches(':'))) {
                continue;
            }
            let before = versions.len();
            versions.extend(words.map(|word| (word, origin.clone())));
            if versions.len() == before {
                return Err(messages::file_form(self.tool, path, &origin));
            }
        }
        let mut versions = versions.into_iter();
        let Some((version, origin)) = versions.next() else { return Ok(None) };
        self.several(version, versions.next().as_ref().map(|(second, at)| (*second, at)));
        Ok(Some(self.request(version, origin)))
    }

    fn mise(&mut self, path: &RelPath, text: &str) -> Read {
        let document = toml(text).map_err(|broken| {
            FileError::Broken { path: path.clone(), format: "TOML", broken }.diagnostic(self.tool.language)
        })?;
        let Some(tools) = document.get("tools") else { return Ok(None) };
        if !matches!(tools.content, Content::Map(_)) {
            return Err(messages::file_form(self.tool, path, &Origin::line(path, tools.line)));
        }
        let mut versions = Vec::new();
        for entry in tools.entries().iter().filter(|entry| self.tool.is_called(&entry.key)) {
            let Some(named) = mise::versions(&entry.value) else {
                return Err(messages::file_form(self.tool, path, &Origin::line(path, entry.line)));
            };
            versions.extend(named);
        }
        let mut versions = versions.iter();
        let Some(first) = versions.next() else { return Ok(None) };
        let second = versions.next().map(|one| (one.version.as_str(), Origin::line(path, one.line)));
        self.several(&first.version, second.as_ref().map(|(second, at)| (*second, at)));
        Ok(Some(self.request(&first.version, Origin::line(path, first.line))))
    }
}

impl VersionFile {
    /// Its names, the one that counts first first.
    fn names(&self) -> &[&'static str] {
        match self.form {
            Form::Mise => mise::FILES,
            _ => std::slice::from_ref(&self.name),
        }
    }

    /// Whether it is the file `name`, or of its kind.
    fn is_called(&self, name: &str) -> bool {
        self.names().contains(&name)
    }
}

impl Tool {
    /// Whether asdf and mise mean this tool by `key`.
    fn is_called(&self, key: &str) -> bool {
        self.names.contains(&mise::tool_name(key))
    }
}

/// Languages whose runtimes `runtime.txt` names on one platform or another.
const OF_RUNTIME_FILES: &[&str] = &[
    "dotnet", "elixir", "erlang", "go", "java", "jruby", "node", "nodejs", "openjdk", "php", "python", "ruby",
];

/// The version in a line that does not start with `prefix` as it is written: `3.12`, `Python 3.12`.
fn nearly_prefixed<'a>(line: &'a str, prefix: &str) -> Option<&'a str> {
    let name = prefix.trim_end_matches('-');
    let named = line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    let rest = if named { line[name.len()..].trim_start_matches(['-', ' ', '=', '@', ':']) } else { line };
    rest.starts_with(|first: char| first.is_ascii_digit()).then_some(rest)
}

/// Whether `line` of a file for several languages starts with the name of another one than `prefix`.
fn is_of_another_language(line: &str, prefix: &str) -> bool {
    let name = line.split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    OF_RUNTIME_FILES.contains(&name.as_str()) && name != prefix.trim_end_matches('-')
}

/// The lines that say something, without comments, and where they are.
fn lines<'a>(path: &'a RelPath, text: &'a str) -> impl Iterator<Item = (&'a str, Origin)> {
    text.lines().zip(1..).filter_map(move |(line, number)| {
        let line = line.split('#').next().unwrap_or_default().trim();
        (!line.is_empty()).then(|| (line, Origin::line(path, number)))
    })
}
