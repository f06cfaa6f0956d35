//! The walk of a scan: applies the ignore rules and lists what is left. Reads no contents but those of ignore
//! files.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};

use packwright_oci::RelPath;
use packwright_planner::{Diagnostic, FileKind, IgnoreFile, Ignoring, Origin, SourceFile};
use rustix::fs::{Access, AtFlags, FileType};

use super::error::{MAX_PARTS, ScanError, ScanProblem};
use crate::confined_dir::{self, ConfinedDir, DirEntry};
use crate::links::{self, LinkTarget, PathKind};
use crate::stat_cache::Stamp;

/// Most directory entries that a scan looks at. Entries that are ignored count; the content of ignored
/// directories does not.
const MAX_ENTRIES: usize = 200_000;

/// The ignore files that say what an image has not.
const IMAGE_FILES: [&str; 2] = [".dockerignore", ".slugignore"];

/// Largest ignore file that is read, in bytes.
const MAX_IGNORE_FILE: u64 = 1 << 20;

/// A walk and what it found.
pub(super) struct ScanWalk<'a> {
    top: &'a ConfinedDir,
    /// Files and links in the order found; links have no stamp.
    pub(super) files: Vec<(SourceFile, Option<Stamp>)>,
    pub(super) ignored: BTreeMap<String, u64>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) problems: Vec<ScanProblem>,
    /// Files that are read and are no part of the image, with the ignore file that says so.
    pub(super) outside_image: BTreeMap<RelPath, String>,
    /// Whether a `.dockerignore` is obeyed, and whether one was read.
    obeys_docker: bool,
    pub(super) has_docker: bool,
    dirs: Vec<RelPath>,
    looked_at: usize,
}

/// Which files are not part of the application. `.dockerignore` and `.slugignore` say what an image has not, and
/// files that are read may be in a directory that they ignore; `.dockerignore` can also re-include such files. So they
/// are kept apart: a directory that the other rules ignore is never entered.
#[derive(Clone)]
struct IgnoreRules {
    docker: Ignoring,
    slug: Ignoring,
    others: Ignoring,
}

/// The decision of the rules about a path.
enum Verdict {
    Keep,
    Ignore(String),
    /// The file is read, and is no part of the image.
    KeepOutside(String),
    /// The directory is ignored, but files in it may be re-included or read.
    LookInside,
}

impl IgnoreRules {
    fn verdict(&self, path: &RelPath, is_dir: bool) -> Verdict {
        if let Some(reason) = self.others.reason(path, is_dir) {
            return Verdict::Ignore(reason);
        }
        let reads = self.others.reads(path);
        let by_slug = self.slug.reason(path, is_dir);
        let may_come_back = by_slug.is_none() && is_dir && self.docker.must_descend(path);
        match by_slug.or_else(|| self.docker.reason(path, is_dir)) {
            None => Verdict::Keep,
            Some(_) if is_dir && (reads || may_come_back) => Verdict::LookInside,
            Some(reason) if reads => Verdict::KeepOutside(reason),
            Some(reason) => Verdict::Ignore(reason),
        }
    }
}

impl<'a> ScanWalk<'a> {
    pub(super) fn new(top: &'a ConfinedDir, obeys_docker: bool) -> ScanWalk<'a> {
        ScanWalk {
            top,
            obeys_docker,
            has_docker: false,
            outside_image: BTreeMap::new(),
            files: Vec::new(),
            ignored: BTreeMap::new(),
            diagnostics: Vec::new(),
            problems: Vec::new(),
            dirs: Vec::new(),
            looked_at: 0,
        }
    }

    pub(super) fn run(&mut self, ignoring: &Ignoring) -> Result<(), ScanError> {
        let rules =
            IgnoreRules { docker: Ignoring::default(), slug: Ignoring::default(), others: ignoring.clone() };
        let mut pending = vec![(None, rules)];
        while let Some((dir, rules)) = pending.pop() {
            let inner = self.take(dir, rules)?;
            // The last one is taken first.
            pending.extend(inner.into_iter().rev());
        }
        Ok(())
    }

    /// Lists one directory; gives the directories in it with the rules that apply there.
    fn take(
        &mut self,
        dir: Option<RelPath>,
        rules: IgnoreRules,
    ) -> Result<Vec<(Option<RelPath>, IgnoreRules)>, ScanError> {
        let text = dir.as_ref().map_or("", RelPath::as_str);
        let listed = self.top.dir(text).and_then(|fd| Ok((confined_dir::list(fd.as_fd())?, fd)));
        let (found, fd) = match (listed, &dir) {
            (Ok((found, fd)), _) => (found, fd),
            (Err(source), None) => {
                return Err(ScanError::Directory { path: self.top.path().to_owned(), source });
            }
            (Err(error), Some(path)) => {
                let (path, why) = (path.clone(), error.to_string());
                self.problems.push(ScanProblem::Unreadable { path, why });
                return Ok(Vec::new());
            }
        };
        let reason = |found: &DirEntry| rules.others.reason_beside(std::str::from_utf8(&found.name).ok()?);
        if let (Some(_), Some(reason)) = (&dir, found.iter().find_map(reason)) {
            self.ignore(reason);
            return Ok(Vec::new());
        }
        self.looked_at += found.len();
        if self.looked_at > MAX_ENTRIES {
            let path = self.top.path().to_owned();
            return Err(ScanError::TooMany { path, limit: MAX_ENTRIES });
        }
        let rules = self.with_files_of(rules, dir.as_ref(), &found);
        let mut inner = Vec::new();
        for found in &found {
            let Some(path) = self.path(dir.as_ref(), found) else { continue };
            let is_dir = found.file_type() == FileType::Directory;
            let verdict = rules.verdict(&path, is_dir);
            if let Verdict::Ignore(reason) | Verdict::KeepOutside(reason) = &verdict {
                self.ignore(reason);
            }
            if let Verdict::Ignore(reason) = &verdict
                && IMAGE_FILES.contains(&reason.as_str())
                && rules.others.is_manifest(&path)
            {
                self.diagnostics.push(manifest_left_out(&path, reason));
            }
            if matches!(verdict, Verdict::Ignore(_)) || !self.is_acceptable(&path) {
                continue;
            }
            if let Verdict::KeepOutside(reason) = verdict {
                self.outside_image.insert(path.clone(), reason);
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

    fn take_file(&mut self, dir: BorrowedFd<'_>, path: RelPath, found: &DirEntry) {
        match found.file_type() {
            FileType::RegularFile => {
                if let Err(why) = readable(dir, found) {
                    self.problems.push(ScanProblem::Unreadable { path, why });
                    return;
                }
                let kind = FileKind::Regular {
                    size: found.stat.st_size as u64,
                    executable: found.stat.st_mode & 0o100 != 0,
                };
                self.files.push((SourceFile { path, kind }, Some(Stamp::of(&found.stat))));
            }
            FileType::Symlink => match confined_dir::read_link(dir, &found.name) {
                Ok(text) => match String::from_utf8(text) {
                    Ok(target) => {
                        let kind = FileKind::Symlink { target };
                        self.files.push((SourceFile { path, kind }, None));
                    }
                    Err(error) => self.problems.push(ScanProblem::NotUtf8 {
                        escaped: format!("{path} -> {}", error.as_bytes().escape_ascii()),
                    }),
                },
                Err(error) => {
                    let why = error.to_string();
                    self.problems.push(ScanProblem::Unreadable { path, why });
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

    /// The path of an entry; `None` for a name that is not UTF-8, which is noted as a problem.
    fn path(&mut self, dir: Option<&RelPath>, found: &DirEntry) -> Option<RelPath> {
        let prefix = dir.map(|dir| format!("{dir}/")).unwrap_or_default();
        match found.text() {
            Some(name) => format!("{prefix}{name}").parse().ok(),
            None => {
                let escaped = format!("{prefix}{}", found.name.escape_ascii());
                self.problems.push(ScanProblem::NotUtf8 { escaped });
                None
            }
        }
    }

    fn is_acceptable(&mut self, path: &RelPath) -> bool {
        let path = path.clone();
        let problem = if path.name().starts_with(".wh.") {
            ScanProblem::Reserved { path }
        } else if path.depth() > MAX_PARTS {
            ScanProblem::TooDeep { path }
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
    fn with_files_of(
        &mut self,
        mut rules: IgnoreRules,
        dir: Option<&RelPath>,
        found: &[DirEntry],
    ) -> IgnoreRules {
        for found in found.iter().filter(|found| found.name.ends_with(b"ignore")) {
            if found.file_type() != FileType::RegularFile {
                continue;
            }
            let Some(path) = self.path(dir, found) else { continue };
            let Some(kind) = IgnoreFile::of(&path) else { continue };
            if !rules.others.obeys(kind) {
                self.diagnostics.push(not_obeyed(&path));
                continue;
            }
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
                        IgnoreFile::Slug => &mut rules.slug,
                        IgnoreFile::Git => &mut rules.others,
                    };
                    let (extended, diagnostics) = of_kind.read(kind, &path, &text);
                    *of_kind = extended;
                    self.diagnostics.extend(diagnostics);
                }
                Err(why) => self.problems.push(ScanProblem::Unreadable { path, why }),
            }
        }
        rules
    }

    fn ignore_file(&self, path: &RelPath) -> Result<String, String> {
        let mut text = String::new();
        self.top
            .file(path.as_str())
            .and_then(|file| file.take(MAX_IGNORE_FILE + 1).read_to_string(&mut text))
            .map_err(|error| error.to_string())?;
        match text.len() as u64 > MAX_IGNORE_FILE {
            true => Err(format!("it is larger than {MAX_IGNORE_FILE} bytes")),
            false => Ok(text),
        }
    }

    /// Resolves the symbolic links, once all files are known.
    pub(super) fn follow_links(&mut self) {
        let has_links = self.files.iter().any(|(file, _)| matches!(file.kind, FileKind::Symlink { .. }));
        if !has_links {
            return;
        }
        let dirs = self.dirs.drain(..).map(|path| (path, PathKind::Dir));
        let places: BTreeMap<RelPath, PathKind> = self
            .files
            .iter()
            .map(|(file, _)| match &file.kind {
                FileKind::Regular { .. } => (file.path.clone(), PathKind::File),
                FileKind::Symlink { target } => (file.path.clone(), PathKind::Link(target.clone())),
            })
            .chain(dirs)
            .collect();
        for (path, place) in &places {
            let PathKind::Link(target) = place else { continue };
            let (code, what) = match links::resolve(&places, path, target) {
                LinkTarget::Inside => continue,
                LinkTarget::Outside => {
                    let (path, target) = (path.clone(), target.clone());
                    self.problems.push(ScanProblem::LeadsOut { path, target });
                    continue;
                }
                LinkTarget::Missing => ("source/dangling-link", "to nothing that is in the image"),
                LinkTarget::Loop => ("source/link-loop", "back to itself"),
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

/// About a manifest at the top that the ignore file `file` leaves out: what it asks for is not installed.
fn manifest_left_out(path: &RelPath, file: &str) -> Diagnostic {
    Diagnostic::info("ignore/manifest", format!("{path} is not read: {file} leaves it out"))
        .why("what it says of its language does not count")
        .fix(format!("take it out of {file} if the application needs it"))
        .at(Origin::file(path))
}

/// About an ignore file that the chosen platform does not read.
fn not_obeyed(path: &RelPath) -> Diagnostic {
    Diagnostic::info("ignore/not-read", format!("{path} leaves nothing out"))
        .why("the chosen platform does not read it, and its images have these files")
        .fix("name what is to be left out in the file that the platform reads, or take it out of the repository")
        .at(Origin::file(path))
}

/// Whether the file may be read. A file with all read bits set needs no system call.
fn readable(dir: BorrowedFd<'_>, found: &DirEntry) -> Result<(), String> {
    const ALL: u32 = 0o444;
    if found.stat.st_mode & ALL == ALL {
        return Ok(());
    }
    rustix::fs::accessat(dir, found.name.as_slice(), Access::READ_OK, AtFlags::empty())
        .map_err(|error| std::io::Error::from(error).to_string())
}
