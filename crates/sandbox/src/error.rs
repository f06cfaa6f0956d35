//! What can keep a process from running at all, in words a person can act on.
//!
//! Once the program itself has started, there are no errors any more, only outcomes.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::PathBuf;

use rustix::io::Errno;

use crate::obstacle::Obstacle;
use crate::stage::Stage;

/// Why no process ran.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// [`Sandbox::argv`](crate::Sandbox::argv) is empty.
    #[error("no program given")]
    NoProgram,
    /// A string that the kernel ends with a zero byte has one inside.
    #[error("{field} holds a zero byte: {value:?}")]
    ZeroByte {
        /// Which field of the sandbox.
        field: &'static str,
        /// The value.
        value: OsString,
    },
    /// A path inside the root is relative, or holds `..`.
    #[error("{field} `{}` is not an absolute path without `..`", path.display())]
    NotAbsolute {
        /// Which field of the sandbox.
        field: &'static str,
        /// The path.
        path: PathBuf,
    },
    /// A mount would cover the whole root.
    #[error("a mount cannot cover the root directory itself")]
    CoversRoot,
    /// The name of an environment variable is empty or holds `=`.
    #[error("{name:?} cannot be the name of an environment variable")]
    VariableName {
        /// The name.
        name: OsString,
    },
    /// The host name is empty or longer than the kernel's 64 bytes.
    #[error("{hostname:?} cannot be a host name")]
    Hostname {
        /// The name.
        hostname: String,
    },
    /// The isolation could not be set up.
    #[error("cannot {stage}{}", PathSuffix(path))]
    Setup {
        /// What was being done.
        stage: Stage,
        /// The path it was done to, if any.
        path: Option<PathBuf>,
        /// The known reason behind the error number, if it is one.
        obstacle: Option<Obstacle>,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The program is in none of the directories of `PATH`, or not at the path given.
    #[error("program {program:?} was not found inside the sandbox{}", SearchPathSuffix(search_path))]
    ProgramNotFound {
        /// As given in `argv[0]`.
        program: OsString,
        /// The `PATH` searched; `None` if the program was given as a path.
        search_path: Option<OsString>,
    },
    /// The program is a directory, or lacks its execute bit, or lies on a file system mounted `noexec`.
    #[error("program {program:?} is not executable")]
    ProgramNotExecutable {
        /// As given in `argv[0]`.
        program: OsString,
    },
    /// The program is there, but the interpreter after its `#!`, or its dynamic loader, is not.
    #[error("the interpreter or dynamic loader of program {program:?} was not found inside the sandbox")]
    InterpreterNotFound {
        /// The path that was found.
        program: OsString,
    },
    /// The program is neither a binary for this machine nor a script with `#!`.
    #[error("program {program:?} is neither a binary for this machine nor a script with `#!`")]
    ProgramFormat {
        /// The path that was found.
        program: OsString,
    },
    /// Arguments and environment are larger than the kernel takes.
    #[error("arguments and environment of program {program:?} are too large: {bytes} bytes")]
    ArgumentsTooLarge {
        /// As given in `argv[0]`.
        program: OsString,
        /// Their size.
        bytes: usize,
    },
    /// The kernel refused the program for another reason.
    #[error("cannot execute program {program:?}")]
    Execute {
        /// The path that was tried.
        program: OsString,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The caller's side lacks something that has nothing to do with isolation, such as file descriptors.
    #[error("cannot {action}")]
    Host {
        /// What was being done.
        action: &'static str,
        /// The kernel's answer.
        source: io::Error,
    },
    /// Another process or the kernel killed the first process of the sandbox, mostly the kernel when memory ran out.
    #[error("the sandbox was killed from outside by signal {signal}")]
    Lost {
        /// The number of the signal.
        signal: i32,
    },
    /// The system call filter knows no such processor.
    #[error("there is no system call filter for processor `{architecture}`")]
    Architecture {
        /// As Rust names it.
        architecture: &'static str,
    },
}

impl SandboxError {
    pub(crate) fn host(action: &'static str, errno: Errno) -> Self {
        Self::Host { action, source: errno.into() }
    }

    /// What to do about it, if we know.
    pub fn fix(&self) -> Option<String> {
        Some(match self {
            Self::Setup { obstacle: Some(obstacle), .. } => obstacle.fix(),
            Self::Setup { stage: Stage::WorkingDirectory, .. } => {
                "name a directory that exists inside the root as working directory".to_owned()
            }
            Self::Setup { stage: Stage::Mount, source, .. } if source.kind() == io::ErrorKind::NotFound => {
                "check that the source of the mount exists on the host".to_owned()
            }
            Self::Setup { stage: Stage::Mount, source, .. }
                if source.kind() == io::ErrorKind::AlreadyExists =>
            {
                "the target is a dangling symbolic link inside the root; remove it or mount elsewhere"
                    .to_owned()
            }
            Self::ProgramNotFound { search_path: Some(_), .. } => {
                "install the package that has it, or correct `PATH`".to_owned()
            }
            Self::ProgramNotFound { search_path: None, .. } => "install the package that has it".to_owned(),
            Self::ProgramNotExecutable { .. } => "set its execute bit (`chmod +x`)".to_owned(),
            Self::InterpreterNotFound { .. } => {
                "install the interpreter named in its first line, or the C library it was built for"
                    .to_owned()
            }
            Self::ProgramFormat { .. } => {
                "start it through its interpreter, give it a `#!` line, or use a build for this machine"
                    .to_owned()
            }
            Self::ArgumentsTooLarge { .. } => "pass large values in files instead of variables".to_owned(),
            Self::Lost { signal: libc::SIGKILL } => {
                "the machine may be out of memory: see the kernel's log, or set a memory limit".to_owned()
            }
            Self::Host { source, .. } if source.raw_os_error() == Some(libc::EMFILE) => {
                "raise the limit on open files (`ulimit -n`)".to_owned()
            }
            _ => return None,
        })
    }
}

struct PathSuffix<'a>(&'a Option<PathBuf>);

impl fmt::Display for PathSuffix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => write!(f, " `{}`", path.display()),
            None => Ok(()),
        }
    }
}

struct SearchPathSuffix<'a>(&'a Option<OsString>);

impl fmt::Display for SearchPathSuffix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => write!(f, " (PATH is {path:?})"),
            None => Ok(()),
        }
    }
}
