//! An answer on its way back to the program: streamed, recorded, and written into the download cache as it passes.

use std::io::{self, Read, Write};

use packwright_oci::{Digest, Hasher};

use crate::cache::Incoming;
use crate::expected::{self, Demand};
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

/// What is known of a request before its answer comes.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Request,
    /// As the record has it.
    pub(crate) address: &'a str,
    /// What the answer has to be; `None` when it may be anything.
    pub(crate) demand: Option<Demand<'a>>,
    /// Whether the program and its connection bear another request.
    pub(crate) keep: bool,
}

/// An answer that the program has whole.
pub(crate) struct Passed<'a> {
    pub(crate) transfer: Transfer,
    /// Whether another answer may follow on the connection.
    pub(crate) can_follow: bool,
    /// The body's copy, all of it.
    pub(crate) copy: Option<Box<dyn Incoming + 'a>>,
    /// Why the program took no more, where the answer was read to its end all the same.
    pub(crate) gone: Option<io::Error>,
}

/// Why an answer was not passed back whole.
pub(crate) enum Broken {
    /// The server did not send all of it.
    Server {
        /// So many bytes came.
        received: u64,
        /// Whether the program has a part of it.
        is_begun: bool,
        /// What happened.
        error: io::Error,
    },
    /// The program took no more.
    Program(io::Error),
    /// The bytes are not those that are demanded. The program has not all of them, or none of the answer at all.
    Unexpected {
        /// What came.
        digest: Digest,
        /// Whether the program has a part of it.
        is_begun: bool,
    },
}

impl Broken {
    pub(crate) fn into_io(self) -> io::Error {
        match self {
            Broken::Server { error, .. } | Broken::Program(error) => error,
            Broken::Unexpected { .. } => io::ErrorKind::InvalidData.into(),
        }
    }

    /// Whether the program has bytes of which nobody knows whether they may enter.
    pub(crate) fn is_begun(&self) -> bool {
        match self {
            Broken::Server { is_begun, .. } | Broken::Unexpected { is_begun, .. } => *is_begun,
            Broken::Program(_) => true,
        }
    }
}

/// Whether an answer may bring whatever it likes: what it leads to is compared. So it is with the kept answer that is
/// demanded.
pub(crate) fn may_be_anything(asked: &Asked<'_>, answer: &Answer<'_>) -> bool {
    asked.demand.is_some_and(|demand| {
        answer.cached || demand.bears(expected::looks_up(asked.address, &answer.fields))
    })
}

/// Streams an answer, with a copy of its body to `copy` for as long as that can take it. The connection ends with it
/// unless it is to be kept. Where something is demanded, the last bytes are passed on once it is known that they are
/// the right ones. With `to_its_end` a program that takes no more does not end it: what it took is to be known.
pub(crate) fn pass_back<'c>(
    asked: &Asked<'_>,
    answer: Answer<'_>,
    wire: &mut impl Write,
    mut copy: Option<Box<dyn Incoming + 'c>>,
    to_its_end: bool,
) -> Result<Passed<'c>, Broken> {
    let request = asked.request;
    let has_body = request.method != "HEAD" && !matches!(answer.status, 100..=199 | 204 | 304);
    let mut answer = match asked.demand {
        Some(_) if has_body && !(200..300).contains(&answer.status) => without_bytes(answer),
        _ => answer,
    };
    let (status, length) = (answer.status, answer.length);
    let looks_up = expected::looks_up(asked.address, &answer.fields);
    let is_chunked = has_body && length.is_none() && request.minor >= 1;
    let can_follow = !has_body || length.is_some() || is_chunked;
    if let Some(length) = length {
        answer.fields.push(("content-length".to_owned(), length.to_string().into_bytes()));
    } else if is_chunked {
        answer.fields.push(("transfer-encoding".to_owned(), b"chunked".to_vec()));
    }
    if !asked.keep || !can_follow {
        answer.fields.push(("connection".to_owned(), b"close".to_vec()));
    }
    let mut to = Held {
        wire,
        held: Vec::new(),
        holds: asked.demand.is_some(),
        is_begun: false,
        to_its_end,
        gone: None,
    };
    to.write_all(&head::answer(status, &answer.fields)).map_err(Broken::Program)?;
    let mut hasher = Hasher::new();
    if has_body {
        copy = pass_body_back(&mut *answer.body, &mut hasher, &mut to, is_chunked, copy)?;
    }
    let size = hasher.length();
    if has_body && length.is_some_and(|length| length != size) {
        return Err(Broken::Server {
            received: size,
            is_begun: to.is_begun,
            error: io::ErrorKind::UnexpectedEof.into(),
        });
    }
    let digest: Digest = hasher.finish();
    let (address, method, cached) = (asked.address.to_owned(), request.method.clone(), answer.cached);
    let transfer = Transfer { address, method, status, size, digest, looks_up, cached };
    if asked.demand.is_some_and(|demand| is_unexpected(&demand, &transfer)) {
        return Err(Broken::Unexpected { digest, is_begun: to.is_begun });
    }
    if is_chunked {
        to.write_all(body::LAST_CHUNK).map_err(Broken::Program)?;
    }
    to.release().and_then(|()| to.flush()).map_err(Broken::Program)?;
    Ok(Passed { transfer, can_follow, copy, gone: to.gone })
}

/// Streams a body to its end, without the mark of it, through `hasher`; the copy, if there still is one.
fn pass_body_back<'c>(
    body: &mut dyn Read,
    hasher: &mut Hasher,
    to: &mut Held<'_, impl Write>,
    is_chunked: bool,
    mut copy: Option<Box<dyn Incoming + 'c>>,
) -> Result<Option<Box<dyn Incoming + 'c>>, Broken> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = match body.read(&mut buffer) {
            Ok(0) => return Ok(copy),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(Broken::Server { received: hasher.length(), is_begun: to.is_begun, error });
            }
        };
        let bytes = &buffer[..count];
        // More follows, so that what is held is not the end. A head stays for the first bytes of its body.
        if hasher.length() > 0 {
            to.release().map_err(Broken::Program)?;
        }
        hasher.update(bytes);
        copy = copy.and_then(|mut copy| copy.write_all(bytes).ok().map(|()| copy));
        match is_chunked {
            true => body::write_chunk(to, bytes),
            false => to.write_all(bytes),
        }
        .map_err(Broken::Program)?;
    }
}

fn is_unexpected(demand: &Demand<'_>, transfer: &Transfer) -> bool {
    // No bytes in the place of recorded ones are others as well.
    let matters = transfer.brought_bytes() || demand.is_recorded() && transfer.status == 200;
    matters && transfer.method != "HEAD" && !demand.has(&transfer.digest) && !demand.bears(transfer.looks_up)
}

/// What is passed on of an answer that only says that there is nothing, or where it is.
fn without_bytes(answer: Answer<'_>) -> Answer<'_> {
    let mut fields = answer.fields;
    fields.retain(|(name, _)| name != "content-encoding");
    Answer { fields, length: Some(0), body: Box::new(io::empty()), ..answer }
}

/// The way to the program, on which the last bytes are held back.
struct Held<'w, W> {
    wire: &'w mut W,
    held: Vec<u8>,
    holds: bool,
    /// Whether the program has something.
    is_begun: bool,
    /// Whether to go on without the program.
    to_its_end: bool,
    /// Why the program took no more.
    gone: Option<io::Error>,
}

impl<W: Write> Held<'_, W> {
    fn release(&mut self) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        self.is_begun |= !held.is_empty();
        self.pass_on(&held)
    }

    fn pass_on(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.gone.is_some() {
            return Ok(());
        }
        match self.wire.write_all(bytes) {
            Err(error) if self.to_its_end => {
                self.gone = Some(error);
                Ok(())
            }
            other => other,
        }
    }
}

impl<W: Write> Write for Held<'_, W> {
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
