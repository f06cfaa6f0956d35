//! An answer on its way back to the program: streamed, recorded, and written into the download cache as it passes.

use std::io::{self, Read, Write};

use packwright_oci::{Digest, Hasher};
use packwright_remote::Url;

use crate::cache::Incoming;
use crate::http::body;
use crate::http::head::{self, Fields, Request};
use crate::record::Transfer;
use crate::wire::CHUNK;

/// An answer whose body is about to be read.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    /// As the program gets them, without those that say how the body ends.
    pub(crate) fields: Fields,
    /// The length of the body, where that is how it ends.
    pub(crate) length: Option<u64>,
    pub(crate) body: Box<dyn Read + 'a>,
    /// Whether it comes from the download cache.
    pub(crate) cached: bool,
}

/// An answer that the program has whole.
pub(crate) struct Passed<'a> {
    pub(crate) transfer: Transfer,
    /// Whether another answer may follow on the connection.
    pub(crate) can_follow: bool,
    /// The body's copy, all of it.
    pub(crate) copy: Option<Box<dyn Incoming + 'a>>,
}

/// Why an answer was not passed back whole.
pub(crate) enum Broken {
    /// The server did not send all of it; so many bytes came.
    Server(u64, io::Error),
    /// The program took no more.
    Program(io::Error),
}

impl Broken {
    pub(crate) fn into_io(self) -> io::Error {
        match self {
            Broken::Server(_, error) | Broken::Program(error) => error,
        }
    }
}

/// Streams an answer, with a copy of its body to `copy` for as long as that can take it. Without `keep` the connection
/// ends with it.
pub(crate) fn pass_back<'c>(
    request: &Request,
    url: &Url,
    mut answer: Answer<'_>,
    wire: &mut impl Write,
    keep: bool,
    mut copy: Option<Box<dyn Incoming + 'c>>,
) -> Result<Passed<'c>, Broken> {
    let (status, length) = (answer.status, answer.length);
    let has_body = request.method != "HEAD" && !matches!(status, 100..=199 | 204 | 304);
    let is_chunked = has_body && length.is_none() && request.minor >= 1;
    let can_follow = !has_body || length.is_some() || is_chunked;
    if let Some(length) = length {
        answer.fields.push(("content-length".to_owned(), length.to_string().into_bytes()));
    } else if is_chunked {
        answer.fields.push(("transfer-encoding".to_owned(), b"chunked".to_vec()));
    }
    if !keep || !can_follow {
        answer.fields.push(("connection".to_owned(), b"close".to_vec()));
    }
    wire.write_all(&head::answer(status, &answer.fields)).map_err(Broken::Program)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; if has_body { CHUNK } else { 0 }];
    let mut is_open = has_body;
    while is_open {
        let count = match answer.body.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Broken::Server(hasher.length(), error)),
        };
        is_open = count > 0;
        let bytes = &buffer[..count];
        hasher.update(bytes);
        copy = copy.and_then(|mut copy| copy.write_all(bytes).ok().map(|()| copy));
        match is_chunked {
            true => body::write_chunk(wire, bytes),
            false => wire.write_all(bytes),
        }
        .map_err(Broken::Program)?;
    }
    let size = hasher.length();
    if has_body && length.is_some_and(|length| length != size) {
        return Err(Broken::Server(size, io::ErrorKind::UnexpectedEof.into()));
    }
    if is_chunked {
        wire.write_all(body::LAST_CHUNK).map_err(Broken::Program)?;
    }
    wire.flush().map_err(Broken::Program)?;
    let digest: Digest = hasher.finish();
    let (address, method, cached) = (url.to_string(), request.method.clone(), answer.cached);
    let transfer = Transfer { address, method, status, size, digest, cached };
    Ok(Passed { transfer, can_follow, copy })
}

/// Answers in the gateway's own words, and wants no further request on this connection.
pub(crate) fn say(wire: &mut impl Write, status: u16, text: &str) -> io::Result<()> {
    let text = format!("packwright: {text}\n");
    let fields = [
        ("content-type", "text/plain; charset=utf-8".to_owned()),
        ("content-length", text.len().to_string()),
        ("connection", "close".to_owned()),
    ];
    let fields: Fields = fields.map(|(name, value)| (name.to_owned(), value.into_bytes())).into();
    wire.write_all(&head::answer(status, &fields))?;
    wire.write_all(text.as_bytes())?;
    wire.flush()
}
