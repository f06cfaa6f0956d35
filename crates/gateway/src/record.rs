//! What entered a step, and what was refused to it.

use std::collections::BTreeSet;
use std::fmt;

use packwright_oci::Digest;

/// One answer that a step got.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Transfer {
    /// Where from, without credentials and query.
    pub address: String,
    /// The method of the request.
    pub method: String,
    /// The status of the answer.
    pub status: u16,
    /// Bytes of the body that were handed over.
    pub size: u64,
    /// Their digest.
    pub digest: Digest,
    /// Whether versions are looked up in it: it changes whenever something is published.
    pub looks_up: bool,
    /// Whether they came from the download cache.
    pub cached: bool,
}

impl Transfer {
    /// Whether it handed bytes over that the step asked for, and not only the word that there are none.
    pub fn brought_bytes(&self) -> bool {
        self.size > 0 && (200..300).contains(&self.status)
    }
}

/// Why something that a step asked for did not come.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Who is to blame.
    pub kind: ProblemKind,
    /// What was asked for: an address or a host with its port, without credentials.
    pub what: String,
    /// Why it did not come, as the end of a sentence.
    pub why: String,
    /// What the user can do.
    pub fix: Option<String>,
}

/// Who is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The gateway: its walls, or its protocols.
    Refused,
    /// The network or the server.
    Failed,
    /// Nobody: the step's kernel answered, since no socket listens there. A client may well do without it.
    Unserved,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ProblemKind::Refused | ProblemKind::Unserved => {
                write!(f, "`{}` is refused: {}", self.what, self.why)
            }
            ProblemKind::Failed => write!(f, "`{}` cannot be had: {}", self.what, self.why),
        }
    }
}

/// Most problems that are kept: a step can make as many as it likes.
const MOST_PROBLEMS: usize = 64;

/// Most of them that the kernel answered: they must not crowd the others out.
const MOST_HEARD: usize = 16;

/// Most answers that are kept, and how long their addresses may be together, in bytes.
const MOST_TRANSFERS: usize = 100_000;
const MOST_ADDRESSES: usize = 32 << 20;

/// Sorted, and each once: neither threads nor retries reach it.
#[derive(Debug, Default)]
pub(crate) struct Record {
    transfers: BTreeSet<Transfer>,
    /// The length of their addresses.
    addresses: usize,
    /// Answers of which the program has something and the record nothing: they are on their way, or broke off, or there
    /// was no room.
    unrecorded: usize,
    problems: BTreeSet<Problem>,
    /// Whether something came, or was to come, that was not expected.
    is_unexpected: bool,
    /// What the kernel refused.
    heard: BTreeSet<Problem>,
}

impl Record {
    pub(crate) fn add(&mut self, transfer: Transfer) {
        let is_known = self.transfers.contains(&transfer);
        let length = self.addresses + transfer.address.len();
        if !is_known && (self.transfers.len() >= MOST_TRANSFERS || length > MOST_ADDRESSES) {
            self.unrecorded += 1;
        } else if self.transfers.insert(transfer) {
            self.addresses = length;
        }
    }

    /// Notes that an answer is about to begin, of which nobody knows yet whether it may enter.
    pub(crate) fn begin(&mut self) {
        self.unrecorded += 1;
    }

    /// Notes that such an answer is known now, to its end.
    pub(crate) fn end(&mut self) {
        self.unrecorded -= 1;
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.unrecorded == 0
    }

    pub(crate) fn refuse(&mut self, problem: Problem) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.insert(problem);
        }
    }

    /// Notes an answer that was not expected, whatever else was refused.
    pub(crate) fn refuse_unexpected(&mut self, problem: Problem) {
        if !self.is_unexpected {
            self.problems.insert(problem.clone());
        }
        self.is_unexpected = true;
        self.refuse(problem);
    }

    pub(crate) fn is_unexpected(&self) -> bool {
        self.is_unexpected
    }

    /// Adds what the step's kernel refused; whether there is room for more of it.
    pub(crate) fn hear(&mut self, problem: Problem) -> bool {
        if self.heard.len() < MOST_HEARD {
            self.heard.insert(problem);
        }
        self.heard.len() < MOST_HEARD
    }

    pub(crate) fn transfers(&self) -> Vec<Transfer> {
        self.transfers.iter().cloned().collect()
    }

    pub(crate) fn problems(&self) -> Vec<Problem> {
        self.problems.union(&self.heard).cloned().collect()
    }
}
