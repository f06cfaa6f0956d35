//! [`Downloading`]: whether the downloads of steps are recorded, or compared with the lock.

/// Whether the downloads of steps are recorded, or compared with the lock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Downloading {
    /// Neither: steps receive what servers send.
    #[default]
    Free,
    /// Recorded for the lock. Steps that fetch start with empty caches; a step whose result is in the store without a
    /// record of its downloads runs again.
    Recorded,
    /// Compared with the lock: steps that fetch start with empty caches and receive only what the lock lists; a result in
    /// the store that was made from other downloads is made again. Has no effect if the lock lists no downloads for the
    /// step, or if steps have the host's network.
    Locked,
}
