//! The stages of setting a sandbox up, as errors name them.

use std::fmt;

/// What was being set up when the kernel said no. Displays as the verb of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Creating the namespaces.
    Namespaces,
    /// Moving pipes into place and closing all other files.
    Descriptors,
    /// Mapping the user and group id.
    Identity,
    /// Bringing up the loopback interface.
    Network,
    /// Setting the host name.
    Hostname,
    /// Cutting mounts off from the host's.
    PrivateMounts,
    /// Mounting the overlay.
    Overlay,
    /// Opening the root directory.
    Root,
    /// Mounting `/proc`, `/dev`, `/tmp`.
    System,
    /// Mounting what the caller named.
    Mount,
    /// Making the root the root.
    Enter,
    /// Entering the working directory.
    WorkingDirectory,
    /// Setting resource limits.
    Limits,
    /// Giving up privileges.
    Privileges,
    /// Installing the system call filter.
    Filter,
    /// Starting the process.
    Start,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Namespaces => "create the namespaces",
            Self::Descriptors => "close the caller's files",
            Self::Identity => "map the user and group id",
            Self::Network => "bring up the loopback interface",
            Self::Hostname => "set the host name",
            Self::PrivateMounts => "cut the mounts off from the host's",
            Self::Overlay => "mount the overlay",
            Self::Root => "open the root directory",
            Self::System => "mount the system's part",
            Self::Mount => "mount",
            Self::Enter => "enter the root directory",
            Self::WorkingDirectory => "enter the working directory",
            Self::Limits => "set the resource limits",
            Self::Privileges => "give up privileges",
            Self::Filter => "install the system call filter",
            Self::Start => "start a process inside",
        })
    }
}
