//! The record of one step: the responses that it received, and what was refused or failed.

use std::collections::BTreeSet;
use std::fmt;

use packwright_oci::Digest;

/// A response that a step received.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Transfer {
    /// The address, without credentials; a query is shown as `?…`.
    pub address: String,
    /// The method of the request.
    pub method: String,
    /// The status of the answer.
    pub status: u16,
    /// The length of the body in bytes, as it was passed on.
    pub size: u64,
    /// The digest of the body.
    pub digest: Digest,
    /// Whether it is a document in which package managers look versions up: it changes whenever something is published.
    pub looks_up: bool,
    /// Whether it came from the download cache.
    pub cached: bool,
}

impl Transfer {
    /// Whether it brought content: a status of 2xx and a body that is not empty.
    pub fn brought_bytes(&self) -> bool {
        self.size > 0 && (200..300).contains(&self.status)
    }
}

/// A request or connection of a step that was refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Who refused it, or that it failed.
    pub kind: ProblemKind,
    /// What was asked for: an address or a host with its port, without credentials.
    pub what: String,
    /// Why it did not come, as the end of a sentence.
    pub why: String,
    /// What the user can do.
    pub fix: Option<String>,
}

/// Who refused something, or that it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The gateway refused it: by its rules, or because it does not speak the protocol.
    Refused,
    /// The network or the server failed.
    Failed,
    /// The step's kernel refused it, since no socket listens there. Many clients do without it.
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
const MOST_KERNEL_REFUSALS: usize = 16;

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
    kernel_refusals: BTreeSet<Problem>,
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
    pub(crate) fn kernel_refused(&mut self, problem: Problem) -> bool {
        if self.kernel_refusals.len() < MOST_KERNEL_REFUSALS {
            self.kernel_refusals.insert(problem);
        }
        self.kernel_refusals.len() < MOST_KERNEL_REFUSALS
    }

    pub(crate) fn transfers(&self) -> Vec<Transfer> {
        self.transfers.iter().cloned().collect()
    }

    pub(crate) fn problems(&self) -> Vec<Problem> {
        self.problems.union(&self.kernel_refusals).cloned().collect()
    }
}
