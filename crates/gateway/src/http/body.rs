//! Bodies between two messages on one connection: read to their end and not a byte further, written with an end.
//!
//! Source: RFC 9112, sections 6 and 7.1.

use std::io::{self, BufRead, Read, Write};

use super::head::Framing;

/// The longest line of a chunk's size or of a trailer.
const LONGEST_LINE: u64 = 8 * 1024;

/// Most trailers, which are passed over.
const MOST_TRAILERS: usize = 64;

/// Reads one body from a connection.
pub(crate) struct BodyReader<'a, R> {
    from: &'a mut R,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// So many bytes are left of the body, or of this chunk.
    Sized {
        left: u64,
        chunked: bool,
    },
    /// The size of a chunk comes next; after the first one an end of line before it.
    Size {
        first: bool,
    },
    End,
}

impl<'a, R: BufRead> BodyReader<'a, R> {
    pub(crate) fn new(from: &'a mut R, framing: Framing) -> BodyReader<'a, R> {
        let state = match framing {
            Framing::None | Framing::Sized(0) => State::End,
            Framing::Sized(left) => State::Sized { left, chunked: false },
            Framing::Chunked => State::Size { first: true },
        };
        BodyReader { from, state }
    }

    /// Whether all of it was read, so that the next message may follow.
    pub(crate) fn is_whole(&self) -> bool {
        self.state == State::End
    }

    fn next_chunk(&mut self, first: bool) -> io::Result<State> {
        if !first && !self.line()?.is_empty() {
            return Err(invalid("a chunk is longer than it says"));
        }
        let line = self.line()?;
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let is_number = !digits.is_empty() && digits.len() <= 15 && digits.iter().all(u8::is_ascii_hexdigit);
        let text = std::str::from_utf8(digits).unwrap_or_default();
        match u64::from_str_radix(text, 16) {
            Ok(0) if is_number => {
                for _ in 0..MOST_TRAILERS {
                    if self.line()?.is_empty() {
                        return Ok(State::End);
                    }
                }
                Err(invalid("there are too many trailers"))
            }
            Ok(left) if is_number => Ok(State::Sized { left, chunked: true }),
            _ => Err(invalid("the size of a chunk is no number")),
        }
    }

    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        match line.strip_suffix(b"\r\n") {
            Some(content) => Ok(content.to_vec()),
            None if line.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            None => Err(invalid("a line of the body does not end")),
        }
    }
}

impl<R: BufRead> Read for BodyReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.state {
                State::End => return Ok(0),
                State::Size { first } => self.state = self.next_chunk(first)?,
                State::Sized { left, chunked } => {
                    let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
                    if most == 0 {
                        return Ok(0);
                    }
                    let count = self.from.read(&mut buffer[..most])?;
                    if count == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    self.state = match (left - count as u64, chunked) {
                        (0, true) => State::Size { first: false },
                        (0, false) => State::End,
                        (left, chunked) => State::Sized { left, chunked },
                    };
                    return Ok(count);
                }
            }
        }
    }
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Writes `bytes` as one chunk; there is no chunk of nothing.
pub(crate) fn write_chunk(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.reserve(bytes.len() + 2);
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    to.write_all(&chunk)
}

/// What follows the last chunk.
pub(crate) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

#[cfg(test)]
mod tests;
