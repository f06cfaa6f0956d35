//! Streams a response back to the program, and copies its body into the download cache on the way.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use packwright_oci::{Digest, Hasher};

use crate::cache::Incoming;
use crate::expected::{self, Constraint};
use crate::http::body;
use crate::http::head::{self, Fields, Request};
use crate::record::Transfer;
use crate::wire::CHUNK;

/// A response with its body still to be read.
pub(crate) struct Response<'a> {
    pub(crate) status: u16,
    /// The header fields for the program, without `Content-Length` and `Transfer-Encoding`.
    pub(crate) fields: Fields,
    /// The announced length of the body; `None` if there is none.
    pub(crate) length: Option<u64>,
    pub(crate) body: Box<dyn Read + 'a>,
    /// Whether it comes from the download cache.
    pub(crate) cached: bool,
}

/// What is needed of a request to pass its response back.
#[derive(Clone, Copy)]
pub(crate) struct RequestInfo<'a> {
    pub(crate) request: &'a Request,
    /// The address of the request, without credentials and query.
    pub(crate) address: &'a str,
    /// The constraint on the response; `None` if any content is allowed.
    pub(crate) constraint: Option<Constraint<'a>>,
    /// Whether the connection to the program can stay open.
    pub(crate) keep: bool,
}

/// A response that was passed back in full.
pub(crate) struct PassedBack<'a> {
    pub(crate) transfer: Transfer,
    /// Whether another response may follow on the connection.
    pub(crate) can_follow: bool,
    /// The body's copy, all of it.
    pub(crate) copy: Option<Box<dyn Incoming + 'a>>,
    /// Why the program took no more, where the response was read to its end all the same.
    pub(crate) gone: Option<io::Error>,
}

/// Why a response was not passed back in full.
pub(crate) enum PassBackError {
    /// The server did not send all of it.
    Server {
        /// So many bytes came.
        received: u64,
        /// Whether the program has a part of it.
        is_begun: bool,
        /// What happened.
        error: io::Error,
    },
    /// The program closed its connection or stopped reading.
    Program(io::Error),
    /// The content is not a demanded one. The program has received a part of it at most.
    Unexpected {
        /// What came.
        digest: Digest,
        /// Whether the program has a part of it.
        is_begun: bool,
    },
}

impl PassBackError {
    pub(crate) fn into_io(self) -> io::Error {
        match self {
            PassBackError::Server { error, .. } | PassBackError::Program(error) => error,
            PassBackError::Unexpected { .. } => io::ErrorKind::InvalidData.into(),
        }
    }

    /// Whether the program has bytes of which nobody knows whether they may enter.
    pub(crate) fn is_begun(&self) -> bool {
        match self {
            PassBackError::Server { is_begun, .. } | PassBackError::Unexpected { is_begun, .. } => *is_begun,
            PassBackError::Program(_) => true,
        }
    }
}

/// Whether a response may bring whatever it likes: what it leads to is compared. So it is with the kept response that is
/// demanded.
pub(crate) fn may_be_anything(asked: &RequestInfo<'_>, response: &Response<'_>) -> bool {
    asked.constraint.is_some_and(|constraint| {
        response.cached || constraint.bears(expected::looks_up(asked.address, &response.fields))
    })
}

/// Streams a response to the program, and its body to `copy` too until that fails. Adds `Connection: close` unless the
/// connection stays open. In a locked build the last bytes are held back until the digest is known to be right. With `rest`
/// a program that takes no more does not end it: what it took is to be known, if the rest comes within that time.
pub(crate) fn pass_back<'c>(
    asked: &RequestInfo<'_>,
    response: Response<'_>,
    wire: &mut impl Write,
    mut copy: Option<Box<dyn Incoming + 'c>>,
    rest: Option<Duration>,
) -> Result<PassedBack<'c>, PassBackError> {
    let request = asked.request;
    let has_body = request.method != "HEAD" && !matches!(response.status, 100..=199 | 204 | 304);
    let mut response = match asked.constraint {
        Some(_) if has_body && !(200..300).contains(&response.status) => without_bytes(response),
        _ => response,
    };
    let (status, length) = (response.status, response.length);
    let looks_up = expected::looks_up(asked.address, &response.fields);
    let is_chunked = has_body && length.is_none() && request.minor >= 1;
    let can_follow = !has_body || length.is_some() || is_chunked;
    if let Some(length) = length {
        response.fields.push(("content-length".to_owned(), length.to_string().into_bytes()));
    } else if is_chunked {
        response.fields.push(("transfer-encoding".to_owned(), b"chunked".to_vec()));
    }
    if !asked.keep || !can_follow {
        response.fields.push(("connection".to_owned(), b"close".to_vec()));
    }
    let mut to = TailBuffer {
        wire,
        held: Vec::new(),
        holds: asked.constraint.is_some(),
        is_begun: false,
        rest,
        gone: None,
    };
    to.write_all(&head::response(status, &response.fields)).map_err(PassBackError::Program)?;
    let mut hasher = Hasher::new();
    if has_body {
        copy = pass_body_back(&mut *response.body, &mut hasher, &mut to, is_chunked, copy)?;
    }
    let size = hasher.length();
    if has_body && length.is_some_and(|length| length != size) {
        return Err(PassBackError::Server {
            received: size,
            is_begun: to.is_begun,
            error: io::ErrorKind::UnexpectedEof.into(),
        });
    }
    let digest: Digest = hasher.finish();
    let (address, method, cached) = (asked.address.to_owned(), request.method.clone(), response.cached);
    let transfer = Transfer { address, method, status, size, digest, looks_up, cached };
    if asked.constraint.is_some_and(|constraint| is_unexpected(&constraint, &transfer)) {
        return Err(PassBackError::Unexpected { digest, is_begun: to.is_begun });
    }
    if is_chunked {
        to.write_all(body::LAST_CHUNK).map_err(PassBackError::Program)?;
    }
    to.release().and_then(|()| to.flush()).map_err(PassBackError::Program)?;
    Ok(PassedBack { transfer, can_follow, copy, gone: to.gone.map(|(error, _)| error) })
}

/// Streams a body through `hasher`, without the last chunk's mark. Returns the copy, unless writing it failed.
fn pass_body_back<'c>(
    body: &mut dyn Read,
    hasher: &mut Hasher,
    to: &mut TailBuffer<'_, impl Write>,
    is_chunked: bool,
    mut copy: Option<Box<dyn Incoming + 'c>>,
) -> Result<Option<Box<dyn Incoming + 'c>>, PassBackError> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = match body.read(&mut buffer) {
            Ok(0) => return Ok(copy),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(PassBackError::Server {
                    received: hasher.length(),
                    is_begun: to.is_begun,
                    error,
                });
            }
        };
        let bytes = &buffer[..count];
        // More bytes follow, so those held back are not the last. The head is held back with the first bytes.
        if hasher.length() > 0 {
            to.release().map_err(PassBackError::Program)?;
        }
        hasher.update(bytes);
        copy = copy.and_then(|mut copy| copy.write_all(bytes).ok().map(|()| copy));
        match is_chunked {
            true => body::write_chunk(to, bytes),
            false => to.write_all(bytes),
        }
        .map_err(PassBackError::Program)?;
    }
}

fn is_unexpected(constraint: &Constraint<'_>, transfer: &Transfer) -> bool {
    // An empty 200 where the record has bytes is a different content too.
    let matters = transfer.brought_bytes() || constraint.is_recorded() && transfer.status == 200;
    matters
        && transfer.method != "HEAD"
        && !constraint.has(&transfer.digest)
        && !constraint.bears(transfer.looks_up)
}

/// The same response with an empty body: an error or a redirect says all by its status and fields.
fn without_bytes(response: Response<'_>) -> Response<'_> {
    let mut fields = response.fields;
    fields.retain(|(name, _)| name != "content-encoding");
    Response { fields, length: Some(0), body: Box::new(io::empty()), ..response }
}

/// A writer to the program that holds the last bytes back.
struct TailBuffer<'w, W> {
    wire: &'w mut W,
    held: Vec<u8>,
    holds: bool,
    /// Whether anything was written to the program.
    is_begun: bool,
    /// How long to go on without the program, if at all.
    rest: Option<Duration>,
    /// Why the program took no more, and since when.
    gone: Option<(io::Error, Instant)>,
}

impl<W: Write> TailBuffer<'_, W> {
    fn release(&mut self) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        self.is_begun |= !held.is_empty();
        self.pass_on(&held)
    }

    fn pass_on(&mut self, bytes: &[u8]) -> io::Result<()> {
        match (&self.gone, self.rest) {
            // A server need not come to an end.
            (Some((_, since)), Some(rest)) if since.elapsed() > rest => Err(io::ErrorKind::TimedOut.into()),
            (Some(_), _) => Ok(()),
            (None, rest) => match (self.wire.write_all(bytes), rest) {
                (Err(error), Some(_)) => {
                    self.gone = Some((error, Instant::now()));
                    Ok(())
                }
                (result, _) => result,
            },
        }
    }
}

impl<W: Write> Write for TailBuffer<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.holds {
            true => self.held.extend_from_slice(bytes),
            false => {
                self.is_begun = true;
                self.pass_on(bytes)?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.gone {
            Some(_) => Ok(()),
            None => self.wire.flush(),
        }
    }
}

/// How long a response is read on whose program is gone, where the record is to be complete.
pub(crate) const REST: Duration = Duration::from_secs(30);

/// Sends a response of the gateway's own, as text, and announces that the connection is closed after it.
pub(crate) fn say(wire: &mut impl Write, status: u16, text: &str) -> io::Result<()> {
    let text = format!("packwright: {text}\n");
    let fields = [
        ("content-type", "text/plain; charset=utf-8".to_owned()),
        ("content-length", text.len().to_string()),
        ("connection", "close".to_owned()),
    ];
    let fields: Fields = fields.map(|(name, value)| (name.to_owned(), value.into_bytes())).into();
    wire.write_all(&head::response(status, &fields))?;
    wire.write_all(text.as_bytes())?;
    wire.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head::Framing;

    /// A program that is gone.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_response_without_end_ends_some_time_after_its_program() {
        let (method, target) = ("GET".to_owned(), "/".to_owned());
        let request = Request { method, target, minor: 1, fields: Fields::new(), framing: Framing::None };
        let asked = RequestInfo { request: &request, address: "", constraint: None, keep: true };
        let (fields, body) = (Fields::new(), Box::new(io::repeat(1)));
        let endless = Response { status: 200, fields, length: None, body, cached: false };
        let rest = Some(Duration::from_millis(20));
        match pass_back(&asked, endless, &mut Gone, None, rest) {
            Err(PassBackError::Program(error)) => assert_eq!(error.kind(), io::ErrorKind::TimedOut),
            _ => panic!("it cannot come to its end"),
        }
    }
}
