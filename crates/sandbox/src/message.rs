//! What the first process of a sandbox reports to the parent, and its form in the pipe.

/// What the child tells the parent: a kind and two numbers that belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Message {
    /// Preparing the descriptors failed with this error number.
    NotReady(i32),
    /// The step with this index failed with this error number.
    Failed(i32, i32),
    /// The script went through and there was no program to run.
    Ready,
    /// The program could not be executed: error number, and index of the candidate that exists, or -1.
    NotExecuted(i32, i32),
    /// Like the note of this name.
    HostProc,
    /// Like the note of this name.
    NoTerminals,
    /// The program ended with this status.
    Exited(i32),
    /// The program was killed by this signal.
    Signaled(i32),
}

/// Messages are shorter than `PIPE_BUF`, so they arrive whole.
pub(crate) const MESSAGE_SIZE: usize = 12;

impl Message {
    pub(crate) fn encode(self) -> [u8; MESSAGE_SIZE] {
        let numbers = match self {
            Self::NotReady(errno) => [0, errno, 0],
            Self::Failed(step, errno) => [1, step, errno],
            Self::Ready => [2, 0, 0],
            Self::NotExecuted(errno, candidate) => [3, errno, candidate],
            Self::HostProc => [4, 0, 0],
            Self::NoTerminals => [5, 0, 0],
            Self::Exited(code) => [6, code, 0],
            Self::Signaled(signal) => [7, signal, 0],
        };
        let mut bytes = [0; MESSAGE_SIZE];
        for (chunk, number) in bytes.chunks_exact_mut(4).zip(numbers) {
            chunk.copy_from_slice(&number.to_ne_bytes());
        }
        bytes
    }

    pub(crate) fn decode(bytes: &[u8; MESSAGE_SIZE]) -> Option<Self> {
        let [a, b, c] =
            [0, 4, 8].map(|at| i32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));
        Some(match a {
            0 => Self::NotReady(b),
            1 => Self::Failed(b, c),
            2 => Self::Ready,
            3 => Self::NotExecuted(b, c),
            4 => Self::HostProc,
            5 => Self::NoTerminals,
            6 => Self::Exited(b),
            7 => Self::Signaled(b),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests;
