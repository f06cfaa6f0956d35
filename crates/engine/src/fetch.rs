//! Downloads into the store: what is there already is not fetched again, and nothing enters
//! that is not what was asked for.

use std::io;

use packwright_oci::Digest;
use packwright_remote::{Expect, Progress, RemoteError, Request, Url, Watch};

use crate::context::BuildContext;
use crate::error::BuildError;
use crate::event::Event;

/// The bytes at `url`, at most `max`.
pub(crate) fn fetch_bytes(context: &BuildContext<'_>, url: &str, max: u64) -> Result<Vec<u8>, BuildError> {
    let request = Request::new(url.parse()?, Expect::at_most(max));
    let watch = Watch { cancel: context.cancellation.flag(), progress: &|_| {} };
    let (bytes, _) = context.client.bytes(&request, &watch).map_err(stopped)?;
    Ok(bytes)
}

/// Fetches the files that the store does not have yet, several at once.
pub(crate) fn fetch_blobs(
    context: &BuildContext<'_>,
    what: &str,
    wanted: &[(String, Digest, u64)],
) -> Result<(), BuildError> {
    let missing: Vec<_> =
        wanted.iter().filter(|(_, digest, size)| !context.store.has_blob(digest, Some(*size))).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut requests = Vec::new();
    for (url, digest, size) in &missing {
        requests.push(Request::new(url.parse::<Url>()?, Expect::exactly(*digest, *size)));
    }
    context.tell(Event::FetchStarted {
        what: what.to_owned(),
        files: missing.len(),
        bytes: missing.iter().map(|(_, _, size)| size).sum(),
    });
    let progress = |progress: Progress<'_>| match progress {
        Progress::Received { bytes, .. } => context.tell(Event::Fetched { bytes }),
        Progress::Retrying { error, pause, .. } => {
            context
                .tell(Event::FetchRetried { error: error.to_string(), pause_ms: pause.as_millis() as u64 });
        }
        _ => {}
    };
    let watch = Watch { cancel: context.cancellation.flag(), progress: &progress };
    let done = context.client.fetch_all(
        &requests,
        |_| context.store.blob_writer().map_err(io::Error::other),
        |index, writer, _| {
            let (_, digest, size) = missing[index];
            writer.finish(Some((*digest, *size))).map(drop).map_err(io::Error::other)
        },
        &watch,
    );
    done.map_err(stopped)?;
    context.tell(Event::FetchEnded);
    Ok(())
}

fn stopped(error: RemoteError) -> BuildError {
    match error {
        RemoteError::Cancelled => BuildError::Cancelled,
        error => BuildError::Remote(error),
    }
}
