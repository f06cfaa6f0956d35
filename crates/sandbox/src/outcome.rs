//! How a sandboxed process ended and what it used, as values.

use std::fmt;
use std::time::Duration;

use crate::sandbox::DiskUse;

/// The result of one [`run`](crate::run).
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Report {
    /// How the process ended.
    pub outcome: Outcome,
    /// Where the isolation was less than asked for, in the order it was found; mostly empty.
    pub notes: Vec<Note>,
    /// What it used.
    pub usage: Usage,
    /// Who counted its memory for [`Limits::memory`](crate::Limits::memory); `None` without that limit.
    pub memory_count: Option<MemoryCount>,
}

/// Who counts the memory of a sandbox that has a limit on it, and holds the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryCount {
    /// The kernel, in a control group: whatever the processes take, at once.
    Cgroup,
    /// We, where no control group can be had ([`memory_cgroups`](crate::memory_cgroups) says why): what is seen of the
    /// processes from outside, about ten times a second.
    Sampling,
}

/// How a process ended. Everything it had started is dead by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It ended by itself with this status.
    Exited(i32),
    /// A signal with this number killed it, and the sandbox did not send it.
    Signaled(i32),
    /// It was killed after this time.
    TimedOut {
        /// The limit it ran into.
        limit: Duration,
    },
    /// [`Control::cancel`](crate::Control::cancel) was called.
    Cancelled,
    /// It was killed for its memory.
    MemoryExceeded {
        /// The limit in bytes.
        limit: u64,
        /// Bytes it was seen to use; the limit itself where the kernel gave it no more ([`MemoryCount::Cgroup`]).
        used: u64,
    },
    /// It was killed for the number of its processes and threads.
    ProcessesExceeded {
        /// The limit.
        limit: u32,
        /// How many were counted before it was killed; there may have been more.
        used: u32,
    },
    /// It was killed for the amount of its output; exactly `limit` bytes were delivered.
    OutputExceeded {
        /// The limit in bytes, standard output and error together.
        limit: u64,
    },
    /// It wrote too much to disk: it was killed, or ended with more than is allowed.
    DiskExceeded {
        /// The limit in bytes.
        limit: u64,
        /// Bytes that were found.
        used: u64,
    },
    /// It made too many files, directories and links: it was killed, or ended with more than are allowed.
    FilesExceeded {
        /// The limit.
        limit: u64,
        /// How many were found.
        used: u64,
    },
}

impl Outcome {
    /// Whether the process ended by itself with status 0.
    pub fn success(self) -> bool {
        self == Self::Exited(0)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exited with status {code}"),
            Self::Signaled(signal) => write!(f, "killed by signal {signal}"),
            Self::TimedOut { limit } => write!(f, "killed after {} s", limit.as_secs_f64()),
            Self::Cancelled => f.write_str("cancelled"),
            Self::MemoryExceeded { limit, used } if used <= limit => {
                write!(f, "killed for using more than the {limit} bytes of memory that are allowed")
            }
            Self::MemoryExceeded { limit, used } => {
                write!(f, "killed for using {used} bytes of memory where {limit} are allowed")
            }
            Self::ProcessesExceeded { limit, used } => {
                write!(f, "killed for running {used} processes and threads where {limit} are allowed")
            }
            Self::OutputExceeded { limit } => {
                write!(f, "killed for writing more than {limit} bytes of output")
            }
            Self::DiskExceeded { limit, used } => {
                write!(f, "stopped for writing {used} bytes to disk where {limit} are allowed")
            }
            Self::FilesExceeded { limit, used } => {
                write!(f, "stopped for making {used} files and directories where {limit} are allowed")
            }
        }
    }
}

/// Where a sandbox is less than it should be, without being unusable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The kernel refused a fresh `/proc`, so the host's is seen inside, without the processes that were there when the
    /// sandbox began. Process ids there are the host's, and the command lines of processes that start later can be read.
    HostProc,
    /// There is no `/dev/pts`: programs cannot open a terminal of their own.
    NoTerminals,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HostProc => {
                "a fresh /proc was refused, so the host's is visible inside: without the processes that ran before, \
                 with the command lines of those that start later"
            }
            Self::NoTerminals => "/dev/pts was refused, so programs inside cannot open a terminal",
        })
    }
}

/// What a process and all it started used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// From just before the start to the end of the last process.
    pub elapsed: Duration,
    /// Most bytes of memory seen in one sample, if memory was limited. What the kernel keeps of files on disk is not
    /// among them.
    pub memory: Option<u64>,
    /// Most processes and threads seen in one sample, if either was limited.
    pub processes: Option<u32>,
    /// Bytes of output delivered.
    pub output: u64,
    /// What it left on disk, if that was limited.
    pub disk: Option<DiskUse>,
}

/// Which of the two output pipes bytes came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}
