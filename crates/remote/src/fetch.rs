//! Whole downloads: mirrors, retries, resuming, checking.

use std::io::{self, Read, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use packwright_oci::Hasher;

use crate::error::from_ureq;
use crate::minimum_rate::MinimumRate;
use crate::{Client, Fetched, Progress, RemoteError, Request, Url, Watch};

/// How often a stop is looked for.
const STOP_CHECK: Duration = Duration::from_millis(50);

/// Bytes read at a time.
const CHUNK: usize = 64 * 1024;

/// A download that was cut short and may go on.
struct Partial<S> {
    /// The address it came from; mirrors are not mixed.
    url: Url,
    sink: S,
    hasher: Hasher,
}

impl Client {
    /// Downloads what `request` asks for. `open` makes an empty sink, once for each time the
    /// download begins anew; the one that holds everything, checked, comes back.
    ///
    /// The addresses are tried in order; when all of them failed, those that may go well later
    /// are tried again after a pause. A download that was cut short goes on where it stopped
    /// when the server can do that and the digest is known, so that a mix is found out; it then begins
    /// anew, once.
    pub fn fetch<S: Write>(
        &self,
        request: &Request,
        open: impl Fn() -> io::Result<S>,
        watch: &Watch<'_>,
    ) -> Result<(S, Fetched), RemoteError> {
        self.watched(watch, || self.fetch_one(0, request, &open, watch))
    }

    /// Downloads what `request` asks for into memory.
    pub fn bytes(&self, request: &Request, watch: &Watch<'_>) -> Result<(Vec<u8>, Fetched), RemoteError> {
        self.fetch(request, || Ok(Vec::new()), watch)
    }

    /// Downloads all of `requests`, several at a time. `open` makes an empty sink for a request,
    /// `done` is given each sink that holds everything, checked; both get the position of the
    /// request and are called from several threads.
    ///
    /// Errors: one, or [`RemoteError::Several`] in the order of the requests. What can be had is
    /// still downloaded, unless the network seems to be gone, a sink fails or the caller stops.
    pub fn fetch_all<S: Write>(
        &self,
        requests: &[Request],
        open: impl Fn(usize) -> io::Result<S> + Sync,
        done: impl Fn(usize, S, Fetched) -> io::Result<()> + Sync,
        watch: &Watch<'_>,
    ) -> Result<(), RemoteError> {
        let next = AtomicUsize::new(0);
        let give_up = AtomicBool::new(false);
        let failures = Mutex::new(Vec::new());
        let work = || {
            while !give_up.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(request) = requests.get(index) else { return };
                let result =
                    self.fetch_one(index, request, &|| open(index), watch).and_then(|(sink, fetched)| {
                        done(index, sink, fetched).map_err(|source| RemoteError::Sink { source })
                    });
                if let Err(error) = result {
                    let is_ours = matches!(error, RemoteError::Sink { .. } | RemoteError::Cancelled);
                    if is_ours || error.is_transient() {
                        give_up.store(true, Ordering::Relaxed);
                    }
                    let mut failures = failures.lock().unwrap_or_else(|bad| bad.into_inner());
                    failures.push((index, error));
                }
            }
        };
        self.watched(watch, || {
            std::thread::scope(|scope| {
                for _ in 0..self.options.parallel.clamp(1, requests.len().max(1)) {
                    scope.spawn(work);
                }
            });
        });
        let mut failures = failures.into_inner().unwrap_or_else(|bad| bad.into_inner());
        failures.sort_by_key(|(index, _)| *index);
        if watch.is_cancelled() && failures.iter().any(|(_, e)| matches!(e, RemoteError::Cancelled)) {
            return Err(RemoteError::Cancelled);
        }
        one_of(failures.into_iter().map(|(_, error)| error).collect())
    }

    /// Runs `work` and closes all connections when the caller wants to stop meanwhile.
    fn watched<T>(&self, watch: &Watch<'_>, work: impl FnOnce() -> T) -> T {
        std::thread::scope(|scope| {
            let (over, is_over) = mpsc::channel::<()>();
            scope.spawn(move || {
                while let Err(mpsc::RecvTimeoutError::Timeout) = is_over.recv_timeout(STOP_CHECK) {
                    if watch.is_cancelled() {
                        return self.hang_up();
                    }
                }
            });
            let result = work();
            drop(over);
            result
        })
    }

    fn fetch_one<S: Write>(
        &self,
        index: usize,
        request: &Request,
        open: &dyn Fn() -> io::Result<S>,
        watch: &Watch<'_>,
    ) -> Result<(S, Fetched), RemoteError> {
        let mut partial: Option<Partial<S>> = None;
        let mut urls: Vec<&Url> = request.urls.iter().collect();
        let mut failures: Vec<RemoteError> = Vec::new();
        let retry = self.options.retry;
        let mut pause = retry.first_pause;
        for round in 1..=retry.tries.max(1) {
            let mut again = Vec::new();
            let mut transient = Vec::new();
            for url in urls {
                if watch.is_cancelled() {
                    return Err(RemoteError::Cancelled);
                }
                let result = self.once(index, url, request, &mut partial, open, watch);
                match result {
                    Ok(fetched) => return Ok(fetched),
                    // Hanging up looks like a broken connection to the thread that is reading.
                    Err(_) if watch.is_cancelled() => return Err(RemoteError::Cancelled),
                    Err(error @ RemoteError::Sink { .. }) => return Err(error),
                    Err(error) if error.is_transient() => {
                        again.push(url);
                        transient.push(error);
                    }
                    Err(error) => failures.push(error),
                }
            }
            urls = again;
            if urls.is_empty() || round == retry.tries.max(1) {
                failures.extend(transient);
                break;
            }
            let asked = transient.iter().filter_map(RemoteError::retry_after).min();
            let wait = asked.map_or(pause, |asked| asked.max(pause)).min(retry.longest_pause);
            for error in &transient {
                (watch.progress)(Progress::Retrying { request: index, error, pause: wait });
            }
            rest(wait, watch)?;
            pause = (pause * 2).min(retry.longest_pause);
        }
        match one_of(failures) {
            Err(error) => Err(error),
            Ok(()) => Err(RemoteError::NoAddress),
        }
    }

    /// One try at one address, going on with `partial` when that came from there.
    fn once<S: Write>(
        &self,
        index: usize,
        url: &Url,
        request: &Request,
        partial: &mut Option<Partial<S>>,
        open: &dyn Fn() -> io::Result<S>,
        watch: &Watch<'_>,
    ) -> Result<(S, Fetched), RemoteError> {
        let start = match partial {
            Some(partial) if partial.url == *url => partial.hasher.length(),
            _ => 0,
        };
        let answer = self.attempt(url, request, start);
        let answer = match answer {
            // The range is not to its liking; from the start then.
            Err(RemoteError::Status { status: 416, .. } | RemoteError::Protocol { .. }) if start > 0 => {
                self.attempt(url, request, 0)?
            }
            other => other?,
        };
        let kept = partial.take();
        let lost = kept.as_ref().map_or(0, |kept| kept.hasher.length());
        let is_resumed = answer.skipped > 0;
        let (mut sink, mut hasher) = match kept {
            Some(kept) if is_resumed => (kept.sink, kept.hasher),
            _ => {
                if lost > 0 {
                    (watch.progress)(Progress::Restarted { request: index, lost });
                }
                (open().map_err(|source| RemoteError::Sink { source })?, Hasher::new())
            }
        };
        let (from, size) = (answer.url.clone(), answer.size);
        check_announced(request, &from, size)?;
        (watch.progress)(Progress::Started { request: index, url: &from, size });
        let anew = |lost: u64| {
            (watch.progress)(Progress::Restarted { request: index, lost });
            self.once(index, url, request, &mut None, open, watch)
        };
        let body = MinimumRate::new(answer.body, self.options.timeouts.stall);
        let drained = drain(index, request, &from, body, &mut sink, &mut hasher, watch);
        if let Err(error) = drained {
            if is_resumed && is_mismatch(&error) {
                return anew(hasher.length());
            }
            if error.is_transient() && request.expect.digest.is_some() && hasher.length() > 0 {
                *partial = Some(Partial { url: url.clone(), sink, hasher });
            } else if hasher.length() > 0 {
                let lost = hasher.length();
                (watch.progress)(Progress::Restarted { request: index, lost });
            }
            return Err(error);
        }
        let received = hasher.length();
        let digest = hasher.finish();
        match check_received(request, &from, received, size, digest) {
            // The first part may have been the wrong one: the whole tells. It is no part of a mix itself, so this
            // happens once.
            Err(error) if is_resumed && is_mismatch(&error) => return anew(received),
            checked => checked?,
        }
        sink.flush().map_err(|source| RemoteError::Sink { source })?;
        (watch.progress)(Progress::Finished { request: index });
        Ok((sink, Fetched { url: from, size: received, digest }))
    }
}

/// Whether the bytes are not those that were asked for.
fn is_mismatch(error: &RemoteError) -> bool {
    matches!(error, RemoteError::Digest { .. } | RemoteError::Size { .. })
}

/// Refuses what announces itself as something else.
fn check_announced(request: &Request, url: &Url, size: Option<u64>) -> Result<(), RemoteError> {
    let url = url.clone();
    match (request.expect.size, size) {
        (Some(expected), Some(found)) if expected != found => Err(RemoteError::Size { url, expected, found }),
        (_, Some(found)) if found > request.expect.max => {
            Err(RemoteError::TooLarge { url, max: request.expect.max })
        }
        _ => Ok(()),
    }
}

fn check_received(
    request: &Request,
    url: &Url,
    received: u64,
    announced: Option<u64>,
    digest: packwright_oci::Digest,
) -> Result<(), RemoteError> {
    let url = url.clone();
    if announced.is_some_and(|size| received < size) {
        return Err(RemoteError::CutOff { url, received });
    }
    match request.expect.size {
        Some(expected) if expected != received => {
            return Err(RemoteError::Size { url, expected, found: received });
        }
        _ => {}
    }
    match request.expect.digest {
        Some(expected) if expected != digest => Err(RemoteError::Digest { url, expected, found: digest }),
        _ => Ok(()),
    }
}

/// Moves the body into the sink; never more than allowed.
fn drain<S: Write>(
    index: usize,
    request: &Request,
    from: &Url,
    mut body: impl Read,
    sink: &mut S,
    hasher: &mut Hasher,
    watch: &Watch<'_>,
) -> Result<(), RemoteError> {
    let limit = request.expect.limit();
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = match body.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken_body(from, error, hasher.length())),
        };
        if watch.is_cancelled() {
            return Err(RemoteError::Cancelled);
        }
        if hasher.length() + count as u64 > limit {
            let url = from.clone();
            return Err(match request.expect.size {
                Some(expected) => RemoteError::Size { url, expected, found: hasher.length() + count as u64 },
                None => RemoteError::TooLarge { url, max: limit },
            });
        }
        sink.write_all(&buffer[..count]).map_err(|source| RemoteError::Sink { source })?;
        hasher.update(&buffer[..count]);
        (watch.progress)(Progress::Received { request: index, bytes: count as u64 });
    }
}

fn broken_body(url: &Url, error: io::Error, received: u64) -> RemoteError {
    match from_ureq(url, ureq::Error::from(error)) {
        RemoteError::Unreachable { url, .. } => RemoteError::CutOff { url, received },
        other => other,
    }
}

/// Waits for `pause`, or less when the caller stops.
fn rest(pause: Duration, watch: &Watch<'_>) -> Result<(), RemoteError> {
    let mut left = pause;
    while !left.is_zero() {
        if watch.is_cancelled() {
            return Err(RemoteError::Cancelled);
        }
        let nap = left.min(STOP_CHECK);
        std::thread::sleep(nap);
        left -= nap;
    }
    Ok(())
}

/// No failure, the only one, or all of them.
fn one_of(mut failures: Vec<RemoteError>) -> Result<(), RemoteError> {
    match failures.len() {
        0 => Ok(()),
        1 => failures.pop().map_or(Ok(()), Err),
        _ => Err(RemoteError::Several { errors: failures }),
    }
}
