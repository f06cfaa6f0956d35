//! The walk of a scan.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};

use packwright_oci::RelPath;
use packwright_planner::{Diagnostic, FileKind, IgnoreFile, Ignoring, Origin, SourceFile};
use rustix::fs::{Access, AtFlags, FileType};

use super::{LARGEST_IGNORE_FILE, MOST_ENTRIES, MOST_PARTS, Problem, ScanError};
use crate::below::{self, Below, Found};
use crate::links::{self, Leads, Place};
use crate::stat_cache::Stamp;

/// The state of the walk.
pub(super) struct Walk<'a> {
    top: &'a Below,
    /// Files and links in the order found; links have no stamp.
    pub(super) files: Vec<(SourceFile, Option<Stamp>)>,
    pub(super) ignored: BTreeMap<String, u64>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) problems: Vec<Problem>,
    /// Whether a `.dockerignore` is obeyed, and whether one was read.
    obeys_docker: bool,
    pub(super) has_docker: bool,
    dirs: Vec<RelPath>,
    looked_at: usize,
}

/// Which files are not part of the application. Only `.dockerignore` can take back files of a
/// directory that it ignores, so it is asked apart: what the others ignore is never entered.
#[derive(Clone)]
struct Rules {
    docker: Ignoring,
    others: Ignoring,
}

/// What the rules say about a path.
enum Verdict {
    Keep,
    Ignore(String),
    /// Ignored, but some of what is in it may not be.
    LookInside,
}

impl Rules {
    fn verdict(&self, path: &RelPath, is_dir: bool) -> Verdict {
        if let Some(reason) = self.others.reason(path, is_dir) {
            return Verdict::Ignore(reason);
        }
        match self.docker.reason(path, is_dir) {
            None => Verdict::Keep,
            Some(_) if is_dir && self.docker.must_descend(path) => Verdict::LookInside,
            Some(reason) => Verdict::Ignore(reason),
        }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(top: &'a Below, obeys_docker: bool) -> Walk<'a> {
        Walk {
            top,
            obeys_docker,
            has_docker: false,
            files: Vec::new(),
            ignored: BTreeMap::new(),
            diagnostics: Vec::new(),
            problems: Vec::new(),
            dirs: Vec::new(),
            looked_at: 0,
        }
    }

    pub(super) fn run(&mut self, ignoring: &Ignoring) -> Result<(), ScanError> {
        let rules = Rules { docker: Ignoring::default(), others: ignoring.clone() };
        let mut pending = vec![(None, rules)];
        while let Some((dir, rules)) = pending.pop() {
            let inner = self.take(dir, rules)?;
            // The last one is taken first.
            pending.extend(inner.into_iter().rev());
        }
        Ok(())
    }

    /// Takes in one directory; gives the directories in it with the rules that apply there.
    fn take(
        &mut self,
        dir: Option<RelPath>,
        rules: Rules,
    ) -> Result<Vec<(Option<RelPath>, Rules)>, ScanError> {
        let text = dir.as_ref().map_or("", RelPath::as_str);
        let listed = self.top.dir(text).and_then(|fd| Ok((below::list(fd.as_fd())?, fd)));
        let (found, fd) = match (listed, &dir) {
            (Ok((found, fd)), _) => (found, fd),
            (Err(source), None) => {
                return Err(ScanError::Directory { path: self.top.path().to_owned(), source });
            }
            (Err(error), Some(path)) => {
                let (path, why) = (path.clone(), error.to_string());
                self.problems.push(Problem::Unreadable { path, why });
                return Ok(Vec::new());
            }
        };
        let reason = |found: &Found| rules.others.reason_beside(std::str::from_utf8(&found.name).ok()?);
        if let (Some(_), Some(reason)) = (&dir, found.iter().find_map(reason)) {
            self.ignore(reason);
            return Ok(Vec::new());
        }
        self.looked_at += found.len();
        if self.looked_at > MOST_ENTRIES {
            let path = self.top.path().to_owned();
            return Err(ScanError::TooMany { path, limit: MOST_ENTRIES });
        }
        let rules = self.with_files_of(rules, dir.as_ref(), &found);
        let mut inner = Vec::new();
        for found in &found {
            let Some(path) = self.path(dir.as_ref(), found) else { continue };
            let is_dir = found.file_type() == FileType::Directory;
            if let Verdict::Ignore(reason) = rules.verdict(&path, is_dir) {
                self.ignore(&reason);
                continue;
            }
            if !self.is_acceptable(&path) {
                continue;
            }
            if is_dir {
                self.dirs.push(path.clone());
                inner.push((Some(path), rules.clone()));
            } else {
                self.take_file(fd.as_fd(), path, found);
            }
        }
        if let Some(dir) = dir {
            self.dirs.push(dir);
        }
        Ok(inner)
    }

    fn take_file(&mut self, dir: BorrowedFd<'_>, path: RelPath, found: &Found) {
        match found.file_type() {
            FileType::RegularFile => {
                if let Err(why) = readable(dir, found) {
                    self.problems.push(Problem::Unreadable { path, why });
                    return;
                }
                let kind = FileKind::Regular {
                    size: found.stat.st_size as u64,
                    executable: found.stat.st_mode & 0o100 != 0,
                };
                self.files.push((SourceFile { path, kind }, Some(Stamp::of(&found.stat))));
            }
            FileType::Symlink => match below::link_text(dir, &found.name) {
                Ok(text) => match String::from_utf8(text) {
                    Ok(target) => {
                        let kind = FileKind::Symlink { target };
                        self.files.push((SourceFile { path, kind }, None));
                    }
                    Err(error) => self.problems.push(Problem::NotUtf8 {
                        escaped: format!("{path} -> {}", error.as_bytes().escape_ascii()),
                    }),
                },
                Err(error) => {
                    let why = error.to_string();
                    self.problems.push(Problem::Unreadable { path, why });
                }
            },
            special => {
                let what = match special {
                    FileType::Socket => "socket",
                    FileType::Fifo => "named pipe",
                    _ => "device",
                };
                self.diagnostics.push(
                    Diagnostic::warning(
                        "source/special-file",
                        format!("`{path}` is a {what} and is left out"),
                    )
                    .fix("remove it, or name it in .slugignore")
                    .at(Origin::file(&path)),
                );
            }
        }
    }

    /// The path of a name; remembers what is not UTF-8.
    fn path(&mut self, dir: Option<&RelPath>, found: &Found) -> Option<RelPath> {
        let prefix = dir.map(|dir| format!("{dir}/")).unwrap_or_default();
        match found.text() {
            Some(name) => format!("{prefix}{name}").parse().ok(),
            None => {
                let escaped = format!("{prefix}{}", found.name.escape_ascii());
                self.problems.push(Problem::NotUtf8 { escaped });
                None
            }
        }
    }

    fn is_acceptable(&mut self, path: &RelPath) -> bool {
        let path = path.clone();
        let problem = if path.name().starts_with(".wh.") {
            Problem::Reserved { path }
        } else if path.depth() > MOST_PARTS {
            Problem::TooDeep { path }
        } else {
            return true;
        };
        self.problems.push(problem);
        false
    }

    fn ignore(&mut self, reason: &str) {
        *self.ignored.entry(reason.to_owned()).or_default() += 1;
    }

    /// The rules with those of the ignore files of this directory.
    fn with_files_of(&mut self, mut rules: Rules, dir: Option<&RelPath>, found: &[Found]) -> Rules {
        for found in found.iter().filter(|found| found.name.ends_with(b"ignore")) {
            if found.file_type() != FileType::RegularFile {
                continue;
            }
            let Some(path) = self.path(dir, found) else { continue };
            let Some(kind) = IgnoreFile::of(&path) else { continue };
            if kind == IgnoreFile::Docker {
                self.has_docker = true;
                if !self.obeys_docker {
                    continue;
                }
            }
            match self.ignore_file(&path) {
                Ok(text) => {
                    let of_kind = match kind {
                        IgnoreFile::Docker => &mut rules.docker,
                        IgnoreFile::Git | IgnoreFile::Slug => &mut rules.others,
                    };
                    let (extended, diagnostics) = of_kind.read(kind, &path, &text);
                    *of_kind = extended;
                    self.diagnostics.extend(diagnostics);
                }
                Err(why) => self.problems.push(Problem::Unreadable { path, why }),
            }
        }
        rules
    }

    fn ignore_file(&self, path: &RelPath) -> Result<String, String> {
        let mut text = String::new();
        self.top
            .file(path.as_str())
            .and_then(|file| file.take(LARGEST_IGNORE_FILE + 1).read_to_string(&mut text))
            .map_err(|error| error.to_string())?;
        match text.len() as u64 > LARGEST_IGNORE_FILE {
            true => Err(format!("it is larger than {LARGEST_IGNORE_FILE} bytes")),
            false => Ok(text),
        }
    }

    /// Looks where the links lead once all files are known.
    pub(super) fn follow_links(&mut self) {
        let has_links = self.files.iter().any(|(file, _)| matches!(file.kind, FileKind::Symlink { .. }));
        if !has_links {
            return;
        }
        let dirs = self.dirs.drain(..).map(|path| (path, Place::Dir));
        let places: BTreeMap<RelPath, Place> = self
            .files
            .iter()
            .map(|(file, _)| match &file.kind {
                FileKind::Regular { .. } => (file.path.clone(), Place::File),
                FileKind::Symlink { target } => (file.path.clone(), Place::Link(target.clone())),
            })
            .chain(dirs)
            .collect();
        for (path, place) in &places {
            let Place::Link(target) = place else { continue };
            let (code, what) = match links::leads(&places, path, target) {
                Leads::Inside => continue,
                Leads::Outside => {
                    let (path, target) = (path.clone(), target.clone());
                    self.problems.push(Problem::LeadsOut { path, target });
                    continue;
                }
                Leads::Nowhere => ("source/dangling-link", "to nothing that is in the image"),
                Leads::Round => ("source/link-loop", "back to itself"),
            };
            self.diagnostics.push(
                Diagnostic::warning(code, format!("the symbolic link `{path}` leads {what}"))
                    .why(format!("its text is `{target}`"))
                    .fix("correct or remove the link")
                    .at(Origin::file(path)),
            );
        }
    }
}

/// Whether the file may be read. Files that everybody may read need no second question.
fn readable(dir: BorrowedFd<'_>, found: &Found) -> Result<(), String> {
    const ALL: u32 = 0o444;
    if found.stat.st_mode & ALL == ALL {
        return Ok(());
    }
    rustix::fs::accessat(dir, found.name.as_slice(), Access::READ_OK, AtFlags::empty())
        .map_err(|error| std::io::Error::from(error).to_string())
}
