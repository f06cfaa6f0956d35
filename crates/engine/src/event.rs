//! [`Event`]: what happens during a build, as a stream of values. The caller shows them, stores
//! them or drops them; nothing below the command line prints.

use std::time::Duration;

use packwright_oci::{DiffId, Digest};
use packwright_planner::{Diagnostic, LayerKind, StepName};
use packwright_store::LockWait;
use serde::Serialize;

/// One thing that happened. Work that is done at the same time is reported in the order in which one job
/// does it, so that the order of events is the same for any number of jobs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// Files are going to be fetched.
    FetchStarted {
        /// What they are, for people.
        what: String,
        /// How many.
        files: usize,
        /// Their size together in bytes.
        bytes: u64,
    },
    /// More bytes of the current fetch arrived.
    Fetched {
        /// How many bytes came since the last such event.
        bytes: u64,
    },
    /// A download failed and is tried again.
    FetchRetried {
        /// Why it failed.
        error: String,
        /// How long it is waited before the next try, in milliseconds.
        pause_ms: u64,
    },
    /// The current fetch is complete.
    FetchEnded,
    /// Packages are made into a root file system.
    UnpackStarted {
        /// How many packages have to be unpacked; the others were before.
        packages: usize,
    },
    /// The root file system is there.
    UnpackEnded,
    /// A step runs.
    StepStarted {
        /// The step.
        step: StepName,
        /// What it is for.
        why: String,
        /// Why its cached result could not be used.
        reason: String,
    },
    /// A line a step printed, without its line end; secrets are redacted.
    StepOutput {
        /// The step.
        step: StepName,
        /// Whether it was printed to standard error.
        stderr: bool,
        /// The line.
        line: String,
    },
    /// A command of a step failed because of the network; the step begins anew after a pause.
    StepRetried {
        /// The step.
        step: StepName,
        /// The line that says so; secrets are redacted.
        line: String,
        /// The number of the next try; the first one was 1.
        next: u32,
        /// How many tries there are at most.
        most: u32,
        /// How long it is waited before the next try, in milliseconds.
        pause_ms: u64,
    },
    /// What a step fetched through the gateway, once it is done.
    StepFetched {
        /// The step.
        step: StepName,
        /// How many answers it got, those of the same content at the same address counted once.
        answers: usize,
        /// Their size together in bytes.
        bytes: u64,
        /// How many of them came from the download cache.
        cached: usize,
    },
    /// A step is done.
    StepEnded {
        /// The step.
        step: StepName,
        /// How long it took, in milliseconds. Less time may pass between this event and that of its
        /// start: events of a step are held back while an earlier step runs.
        elapsed_ms: u64,
    },
    /// A step did not run, since the same step has run before.
    StepReused {
        /// The step.
        step: StepName,
    },
    /// Another build holds a lock that this one needs, and has held it for a second.
    Waiting {
        /// What it is locked for, with its article.
        what: String,
        /// The number of the process that holds it, where the kernel tells.
        process: Option<u32>,
    },
    /// A layer is part of the image.
    Layer(LayerReport),
    /// Something people should know, found during the build.
    Noticed(Diagnostic),
}

impl Event {
    /// What a wait for the lock on `what` tells: nothing at first, then once who is waited for.
    pub fn waiting_for(what: &str) -> impl FnMut(&LockWait<'_>) -> Option<Event> + use<> {
        let what = what.to_owned();
        let mut is_told = false;
        move |wait| {
            if is_told || wait.waited < PATIENCE {
                return None;
            }
            is_told = true;
            Some(Event::Waiting { what: what.clone(), process: wait.holder() })
        }
    }
}

/// How long a wait is no event. Most are over sooner.
const PATIENCE: Duration = Duration::from_secs(1);

/// One layer of a built image.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerReport {
    /// Its place in the order of change.
    pub kind: LayerKind,
    /// What it holds, for people.
    pub what: String,
    /// Digest of the stored bytes.
    pub digest: Digest,
    /// Digest of the uncompressed tar.
    pub diff_id: DiffId,
    /// Size of the stored bytes.
    pub size: u64,
    /// Number of members.
    pub entries: usize,
    /// Whether its bytes were there before this build.
    pub reused: bool,
    /// Why it was rebuilt, or reused.
    pub reason: String,
}
