//! [`MinimumRate`]: a minimum rate for response bodies. The HTTP library's own timeout is for each read, and a single byte
//! satisfies it.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use crate::options::LEAST_PER_STALL;

/// A body that fails, as timed out, when fewer than [`LEAST_PER_STALL`] bytes come in the time in which a silent server
/// is given up. Time between reads is the reader's own and does not count.
pub(crate) struct MinimumRate<R> {
    body: R,
    stall: Duration,
    /// How long was waited for so many bytes.
    waited: Duration,
    bytes: u64,
}

impl<R> MinimumRate<R> {
    pub(crate) fn new(body: R, stall: Duration) -> MinimumRate<R> {
        MinimumRate { body, stall, waited: Duration::ZERO, bytes: 0 }
    }
}

impl<R: Read> Read for MinimumRate<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // At the next read only, so that what came before is not lost.
        if self.waited > self.stall {
            let why = format!("fewer than {LEAST_PER_STALL} bytes in {:?}", self.stall);
            return Err(io::Error::new(io::ErrorKind::TimedOut, why));
        }
        let begin = Instant::now();
        let read = self.body.read(buffer);
        self.waited += begin.elapsed();
        self.bytes += *read.as_ref().unwrap_or(&0) as u64;
        if self.bytes >= LEAST_PER_STALL {
            (self.waited, self.bytes) = (Duration::ZERO, 0);
        }
        read
    }
}
