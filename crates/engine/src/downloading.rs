//! [`Downloading`]: what a build is to know about what its steps fetch.

/// What is to be known about the downloads of steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Downloading {
    /// Nothing: steps get what servers send.
    #[default]
    Free,
    /// All that enters a step, for the lock. Steps that fetch find their caches empty; one whose downloads are not known
    /// is run again.
    Recorded,
    /// That it is what the lock has. Steps that fetch find their caches empty, and get nothing else; a result that was
    /// made of something else is made again. Without effect where the lock has no downloads, and where steps have the
    /// host's network.
    Locked,
}
