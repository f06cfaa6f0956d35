//! The words in which findings are told. Every finding says what is missing where, and what to do.

use std::collections::BTreeMap;
use std::fmt::Display;

use packwright_oci::RelPath;
use packwright_planner::{Diagnostic, Origin, Severity};

/// Something that an image lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is said about it.
    pub diagnostic: Diagnostic,
    /// What would mend it, where a package could bring it.
    pub missing: Option<Missing>,
    /// The file that lacks a library, the one with the strongest use.
    pub needing: Option<NeedingFile>,
}

/// A file that needs a library which the image does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedingFile {
    /// Where it is, from the root.
    pub path: RelPath,
    /// How it is used.
    pub used: Use,
}

/// How a file of an image comes to be loaded, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// A process cannot start without it.
    Start,
    /// By its name: a program that can be started, a module that Python or Node imports, and all that is loaded with
    /// these.
    Name,
    /// By a path that the code of the application knows, if at all: a plugin, a library of `ctypes`.
    Path,
}

/// What a package could bring.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// A shared library, by the name that it is needed by: `libGL.so.1`.
    Library(String),
    /// A program, by its name.
    Program(String),
}

impl From<Diagnostic> for Finding {
    fn from(diagnostic: Diagnostic) -> Finding {
        Finding { diagnostic, missing: None, needing: None }
    }
}

impl Finding {
    pub(crate) fn lacks(diagnostic: Diagnostic, missing: Missing) -> Finding {
        Finding { diagnostic, missing: Some(missing), needing: None }
    }

    pub(crate) fn lacks_library(diagnostic: Diagnostic, library: &str, path: &RelPath, used: Use) -> Finding {
        let needing = Some(NeedingFile { path: path.clone(), used });
        Finding { diagnostic, missing: Some(Missing::Library(library.to_owned())), needing }
    }

    /// Whether it is about what the dynamic loader looks for.
    pub(crate) fn is_about_libraries(&self) -> bool {
        ["verify/library-missing", "verify/symbol-version-missing"].contains(&&*self.diagnostic.code)
    }
}

/// Makes a finding about a process that is for development a warning.
pub(crate) fn refuse_nothing(finding: &mut Finding) {
    const NAMED_SO: &str = "by its name the process is for development, so no image is refused for it";
    let diagnostic = &mut finding.diagnostic;
    diagnostic.severity = Severity::Warning;
    diagnostic.why = Some(match diagnostic.why.take() {
        Some(why) => format!("{why}; {NAMED_SO}"),
        None => NAMED_SO.to_owned(),
    });
}

/// A program of a process: who starts it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Starts<'a> {
    /// The name of the process.
    pub(crate) process: &'a str,
    /// Who says so.
    pub(crate) origin: &'a Origin,
    /// What the process runs that starts it: a script of a manifest.
    pub(crate) by: Option<&'a str>,
}

impl Starts<'_> {
    /// The process starts `what`.
    fn starts(&self, what: impl Display) -> String {
        let Starts { process, origin, by } = self;
        let by = by.map(|by| format!("; {by}")).unwrap_or_default();
        format!("the process `{process}` ({origin}{by}) starts `{what}`")
    }

    fn error(&self, code: &str, message: String) -> Diagnostic {
        Diagnostic::error(code, message).at(self.origin.clone())
    }

    /// A name that is in no directory of `PATH`.
    pub(crate) fn no_program(&self, word: &str, path: &str) -> Diagnostic {
        let begin = self.starts(word);
        self.error("verify/program-missing", format!("{begin}, which the image does not have"))
            .why(format!("it is in no directory of PATH: {path}"))
            .fix(format!(
                "correct the command, or bring `{word}`: in the list of packages of its language, or as a package of the distribution"
            ))
    }

    /// A path at which nothing is.
    pub(crate) fn no_file(&self, word: &str, place: &str) -> Diagnostic {
        let begin = self.starts(word);
        let at = if word == place { String::new() } else { format!(": `{place}`") };
        self.error("verify/program-missing", format!("{begin}, which is not in the image{at}"))
            .why("neither the source, nor a step of the build, nor a package brings it")
            .fix("correct the path, add the file to the source, or let the build make it")
    }

    /// A directory in the place of a program.
    pub(crate) fn directory(&self, word: &str, place: &str) -> Diagnostic {
        let begin = self.starts(word);
        self.error("verify/program-not-executable", format!("{begin}, and `{place}` is a directory"))
            .fix("name the program in it")
    }

    /// A file that the image's user cannot execute.
    pub(crate) fn not_executable(&self, word: &str, place: &RelPath, mode: u32) -> Diagnostic {
        let begin = self.starts(word);
        self.error("verify/program-not-executable", format!("{begin}, and `/{place}` cannot be executed"))
            .why(format!("its mode is {mode:o}"))
            .fix(format!("make it executable (`chmod +x`, in git `git update-index --chmod=+x`), or start it with its interpreter, as in `sh {word}`"))
    }

    /// A script whose first line names an interpreter that is not there.
    pub(crate) fn no_interpreter(&self, script: &RelPath, interpreter: &str) -> Diagnostic {
        let begin = self.starts(format_args!("/{script}"));
        let finding = self.error(
            "verify/interpreter-missing",
            format!("{begin}, whose interpreter `{}` the image does not have", shown(interpreter)),
        );
        with_interpreter_fix(finding, interpreter)
    }

    /// A program for another system or processor.
    pub(crate) fn foreign(&self, program: &RelPath, made_for: &str, here: &str) -> Diagnostic {
        let begin = self.starts(format_args!("/{program}"));
        self.error(
            "verify/platform",
            format!("{begin}, which is made for {made_for}; the image is for {here}"),
        )
        .fix("bring the program for this platform, or let the build make it")
    }

    /// A program without its loader.
    pub(crate) fn no_loader(&self, program: &RelPath, loader: &str) -> Diagnostic {
        let begin = self.starts(format_args!("/{program}"));
        let why = match loader.contains("musl") {
            true => "it is made for musl, as on Alpine",
            false => "it is made for another C library than the image's",
        };
        self.error(
            "verify/interpreter-missing",
            format!("{begin}, and its loader `{loader}` is not in the image"),
        )
        .why(why)
        .fix("take the build of the program for this image's C library, or a static one")
    }

    /// A text without an interpreter, which only a shell executes.
    pub(crate) fn no_first_line(&self, script: &RelPath) -> Diagnostic {
        self.error(
            "verify/program-not-executable",
            format!(
                "{}, which is neither a program nor begins with `#!`",
                self.starts(format_args!("/{script}"))
            ),
        )
        .why("a container starts it without a shell, and the kernel refuses it: \"exec format error\"")
        .fix("begin the file with `#!/bin/sh`, at its very first byte, or start it with its interpreter")
    }

    /// A library that the program cannot start without.
    pub(crate) fn no_library(&self, program: &RelPath, needing: &RelPath, library: &str) -> Diagnostic {
        let begin = self.starts(format_args!("/{program}"));
        let by = if program == needing { String::new() } else { format!(" of `/{needing}`") };
        self.error(
            "verify/library-missing",
            format!("{begin}, which cannot be loaded without `{library}`{by}; the image does not have it"),
        )
        .fix(format!("add the package that brings `{library}`"))
    }

    /// A version of symbols that the program cannot start without.
    pub(crate) fn no_version(
        &self,
        program: &RelPath,
        needing: &RelPath,
        version: &str,
        library: &RelPath,
    ) -> Diagnostic {
        let begin = self.starts(format_args!("/{program}"));
        let by = if program == needing { String::new() } else { format!(" for `/{needing}`") };
        self.error(
            "verify/symbol-version-missing",
            format!("{begin}, which needs `{version}`{by}; `/{library}` does not have it"),
        )
        .why(older(version))
        .fix("build it on a system as old as the image, or take a newer base")
    }
}

/// Scripts that people call by name, and whose interpreters are not there: one finding for each interpreter.
pub(crate) fn scripts_without_interpreter(
    missing: &BTreeMap<String, Vec<RelPath>>,
) -> impl Iterator<Item = Finding> {
    missing.iter().map(|(interpreter, scripts)| {
        let finding = Diagnostic::warning(
            "verify/interpreter-missing",
            format!(
                "{} cannot be executed: the image does not have the interpreter `{}`",
                listed(scripts),
                shown(interpreter)
            ),
        );
        with_interpreter_fix(finding, interpreter).into()
    })
}

/// An image that is not for Linux.
pub(crate) fn of_other_system(system: &str) -> Diagnostic {
    Diagnostic::warning(
        "verify/system",
        format!("the image is for `{system}`, and nothing of it was looked at"),
    )
    .why("only images for Linux are understood")
}

fn with_interpreter_fix(finding: Diagnostic, interpreter: &str) -> Diagnostic {
    match interpreter.ends_with('\r') {
        true => finding
            .why("its first line ends with a carriage return, which belongs to the interpreter's name then")
            .fix("give the script Unix line ends (in git: `*.sh text eol=lf` in .gitattributes)"),
        false => finding.fix("correct its first line, or bring the interpreter"),
    }
}

fn shown(text: &str) -> String {
    text.replace('\r', "\\r")
}

fn older(version: &str) -> String {
    match version.split_once('_') {
        Some(("GLIBC", number)) => {
            format!("it is made for glibc {number} or newer, and the image's is older")
        }
        Some((family, number)) => {
            format!("it is made for {family} {number} or newer, and the image's is older")
        }
        None => "it is made for another version of that library".to_owned(),
    }
}

/// Files by what they lack, each list in the order of its paths.
pub(crate) type Needing = BTreeMap<String, Vec<NeedingFile>>;

/// Libraries that optional parts of an image lack: one finding each.
pub(crate) fn libraries(missing: &Needing) -> impl Iterator<Item = Finding> {
    missing.iter().filter_map(|(library, files)| {
        let strongest = files.iter().min_by_key(|file| file.used)?;
        let files: Vec<RelPath> = files.iter().map(|file| file.path.clone()).collect();
        let diagnostic = Diagnostic::warning(
            "verify/library-missing",
            format!("the image does not have `{library}`, without which {} cannot be loaded", listed(&files)),
        )
        .fix(format!("add the package that brings `{library}`, unless nothing of this is used"));
        Some(Finding::lacks_library(diagnostic, library, &strongest.path, strongest.used))
    })
}

/// Versions that optional parts of an image lack: one finding each. The keys are library and version.
pub(crate) fn versions(missing: &BTreeMap<(RelPath, String), Vec<RelPath>>) -> impl Iterator<Item = Finding> {
    missing.iter().map(|((library, version), files)| {
        Diagnostic::warning(
            "verify/symbol-version-missing",
            format!(
                "`/{library}` does not have `{version}`, without which {} cannot be loaded",
                listed(files)
            ),
        )
        .why(older(version))
        .fix("take a build for a system as old as the image, or a newer base, unless nothing of this is used")
        .into()
    })
}

/// The first of `files`, and how many others there are.
pub(crate) fn listed(files: &[RelPath]) -> String {
    match files {
        [] => String::new(),
        [one] => format!("`/{one}`"),
        [one, other] => format!("`/{one}` and `/{other}`"),
        [one, others @ ..] => format!("`/{one}` and {} other files", others.len()),
    }
}
