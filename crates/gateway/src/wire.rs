//! [`Wire`]: a connection with a read buffer in which the head of a request is looked for. Writes are not buffered.

use std::io::{self, BufRead, Read, Write};

/// Bytes read at a time.
pub(crate) const CHUNK: usize = 64 * 1024;

/// A stream, and the bytes that were read from it and not consumed yet.
pub(crate) struct Wire<S> {
    stream: S,
    buffer: Vec<u8>,
    start: usize,
}

impl<S: Read> Wire<S> {
    pub(crate) fn new(stream: S) -> Wire<S> {
        Wire { stream, buffer: Vec::new(), start: 0 }
    }

    /// The bytes that were read and not consumed.
    pub(crate) fn pending(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Reads more bytes into the buffer. Returns how many; 0 at the end of the stream.
    pub(crate) fn more(&mut self) -> io::Result<usize> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let before = self.buffer.len();
        self.buffer.resize(before + CHUNK, 0);
        let result = loop {
            match self.stream.read(&mut self.buffer[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(before + result.as_ref().map_or(0, |count| *count));
        result
    }
}

impl<S: Read> Read for Wire<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<S: Read> BufRead for Wire<S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.pending().is_empty() {
            self.more()?;
        }
        Ok(self.pending())
    }

    fn consume(&mut self, count: usize) {
        self.start += count;
    }
}

impl<S: Write> Write for Wire<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
