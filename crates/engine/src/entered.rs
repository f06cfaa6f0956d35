//! The record of what a step downloaded: stored beside the step's result, copied into the lock, and compared by locked
//! builds.
//!
//! ```text
//! step/<key>      the result
//! entered/<key>   one JSON file: the digest of that result, and the responses that the step received; without this
//!                 entry the downloads of the result are not known
//! ```
//!
//! The record is an entry of its own: results look the same with and without it, and it is shared and pruned as they
//! are. It is valid only for the result that it names. It is written only for a run with empty caches, because a
//! download that a client finds in its cache does not pass the gateway.

use std::collections::BTreeSet;
use std::io::Read;

use packwright_gateway::{Expected, Transfer};
use packwright_oci::{Digest, Entry, Node, Tree};
use packwright_planner::LockedDownload;
use serde::{Deserialize, Serialize};

use crate::context::BuildContext;
use crate::error::BuildError;
use crate::namespace::ENTERED;
use crate::results::{self, ContentKind, ResultKey};

/// [`Downloading`](crate::Downloading), for one step.
#[derive(Debug, Clone)]
pub(crate) enum StepDownloads {
    Free,
    Recorded,
    Locked(Expected),
}

impl StepDownloads {
    /// For a step whose downloads the lock lists as `locked`.
    pub(crate) fn locked(locked: &[LockedDownload]) -> StepDownloads {
        let mut expected = Expected::default();
        for download in locked {
            expected.insert(&download.address, download.digest, download.looks_up);
        }
        StepDownloads::Locked(expected)
    }

    pub(crate) fn expected(&self) -> Option<&Expected> {
        match self {
            StepDownloads::Locked(expected) => Some(expected),
            StepDownloads::Free | StepDownloads::Recorded => None,
        }
    }

    /// Why a result that was made of `entered` cannot be used; `None` when it can.
    pub(crate) fn objection(&self, entered: Option<&BTreeSet<Transfer>>) -> Option<&'static str> {
        match (self, entered) {
            (StepDownloads::Free, _) | (StepDownloads::Recorded, Some(_)) => None,
            (_, None) => Some("it is not known what it fetched the last time"),
            (StepDownloads::Locked(expected), Some(entered)) => {
                let is_expected = entered.iter().all(|transfer| expected.accepts(transfer));
                (!is_expected).then_some("the last time it fetched what is not in the lock")
            }
        }
    }
}

/// The entries of the lock for the responses `entered`: sorted, one for each content of an address.
pub(crate) fn for_lock(entered: &BTreeSet<Transfer>) -> Vec<LockedDownload> {
    let brought = entered.iter().filter(|transfer| transfer.brought_bytes());
    let downloads: BTreeSet<LockedDownload> = brought
        .map(|transfer| LockedDownload {
            address: transfer.address.clone(),
            digest: transfer.digest,
            size: transfer.size,
            looks_up: transfer.looks_up,
        })
        .collect();
    downloads.into_iter().collect()
}

/// The kept form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FetchRecord {
    result: Digest,
    answers: Vec<FetchedResponse>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FetchedResponse {
    address: String,
    method: String,
    status: u16,
    size: u64,
    digest: Digest,
    looks_up: bool,
}

const FILE: &str = "entered.json";

fn at(step: &ResultKey) -> ResultKey {
    ResultKey { namespace: ENTERED, contents: ContentKind::Files, ..*step }
}

/// Keeps what entered while `result` was made, which is kept at `step`.
pub(crate) fn keep(
    context: &BuildContext<'_>,
    step: &ResultKey,
    result: Digest,
    entered: &BTreeSet<Transfer>,
) -> Result<(), BuildError> {
    let answers = entered.iter().map(|transfer| FetchedResponse {
        address: transfer.address.clone(),
        method: transfer.method.clone(),
        status: transfer.status,
        size: transfer.size,
        digest: transfer.digest,
        looks_up: transfer.looks_up,
    });
    let kept = FetchRecord { result, answers: answers.collect() };
    let json = serde_json::to_vec(&kept).expect("answers are plain values");
    let (digest, size) =
        context.store.add_file(&mut json.as_slice()).map_err(|source| context.disk(source))?;
    let mut tree = Tree::new();
    tree.insert(FILE.parse()?, Entry::file(digest, size, 0o644))?;
    context.store.commit()?;
    results::keep(context, &at(step), &tree, &[])?;
    Ok(())
}

/// What entered while `result` was made, which is kept at `step`; `None` when that is not known.
pub(crate) fn find(
    context: &BuildContext<'_>,
    step: &ResultKey,
    result: Digest,
) -> Result<Option<BTreeSet<Transfer>>, BuildError> {
    let Some((tree, _)) = results::find(context, &at(step), |_| true)? else { return Ok(None) };
    let Some(Node::File { digest, .. }) = tree.get(FILE).map(|entry| &entry.node) else { return Ok(None) };
    let mut json = Vec::new();
    // Damage is removed and told by the store; then it is not known.
    let is_read = context.store.open_file(digest)?.read_to_end(&mut json).is_ok();
    let kept = is_read.then(|| serde_json::from_slice::<FetchRecord>(&json).ok()).flatten();
    Ok(kept.filter(|kept| kept.result == result).map(|kept| {
        let answers = kept.answers.into_iter().map(|answer| Transfer {
            address: answer.address,
            method: answer.method,
            status: answer.status,
            size: answer.size,
            digest: answer.digest,
            looks_up: answer.looks_up,
            cached: false,
        });
        answers.collect()
    }))
}
