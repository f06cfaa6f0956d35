//! [`DeclaredProcess`]: a process that a file declares, with its platform settings. Only its command and port
//! reach the image; everything else is for the platform that runs it.

use serde::Serialize;

use crate::{Command, Origin, ProcessName, Requested};

/// A process that a file declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DeclaredProcess {
    /// Its name.
    pub name: ProcessName,
    /// What it is to the platform.
    pub kind: ProcessKind,
    /// How to start it; what the image runs by itself when the file does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Command>,
    /// The line that says so.
    pub origin: Origin,
    /// Where it listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<Requested<Port>>,
    /// How the platform finds out whether it is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<Requested<Health>>,
    /// How many of it run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Requested<Scale>>,
    /// The size of its machine, in the platform's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Requested<String>>,
    /// How it is ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<Requested<Stop>>,
}

/// What a process is to its platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProcessKind {
    /// It answers requests from outside.
    Web,
    /// It answers requests from the other parts of the application.
    Private,
    /// It runs and answers nobody.
    Worker,
    /// It is started at certain times, by the clock of the platform: five fields of cron, or
    /// the platform's own words.
    Cron(String),
    /// It is run once for a new version.
    Release(Moment),
}

/// When a release command runs, and what its failure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// Before the new version gets requests; a failure keeps the old one.
    BeforeTraffic,
    /// Before the new version gets requests; a failure is ignored.
    BeforeTrafficAnyway,
    /// After the new version gets requests.
    AfterTraffic,
    /// Once, after the first version.
    FirstTime,
}

/// Where a process listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Port {
    /// Where the variable `PORT` says; the platform chooses.
    Variable,
    /// Always there.
    Fixed(u16),
    /// On the Unix socket that the variable names.
    Socket(String),
}

/// How a platform finds out whether a process is well. Times are in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Health {
    /// What is asked.
    pub probe: Probe,
    /// Between two questions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<u32>,
    /// Until an answer is given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u32>,
    /// From the start to the first question that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace: Option<u32>,
    /// How many bad answers in a row mean that it is not well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
}

/// A question about a process's health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// GET of this path.
    Http(String),
    /// Whether the port is open.
    Tcp,
    /// Whether a command succeeds in its container.
    Exec(Command),
}

/// How many instances run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Scale {
    /// At least.
    pub min: u32,
    /// At most; as many as `min` when the file does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

/// How a process is ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Stop {
    /// The signal that asks it to end: `SIGTERM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// Seconds until it is killed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace: Option<u32>,
}

impl DeclaredProcess {
    /// A process with a command; `web` and `release` are what they are called, all others are
    /// workers.
    pub fn new(name: ProcessName, command: Command, origin: Origin) -> DeclaredProcess {
        let kind = match name.as_str() {
            "web" => ProcessKind::Web,
            "release" => ProcessKind::Release(Moment::BeforeTraffic),
            _ => ProcessKind::Worker,
        };
        DeclaredProcess { command: Some(command), ..DeclaredProcess::bare(name, kind, origin) }
    }

    /// A process that runs what the image runs by itself.
    pub fn bare(name: ProcessName, kind: ProcessKind, origin: Origin) -> DeclaredProcess {
        DeclaredProcess {
            name,
            kind,
            command: None,
            origin,
            port: None,
            health: None,
            scale: None,
            size: None,
            stop: None,
        }
    }

    /// Whether it is run once for a version, not for its own sake.
    pub fn is_release(&self) -> bool {
        matches!(self.kind, ProcessKind::Release(_))
    }
}
