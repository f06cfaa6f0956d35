//! Tries every way of isolation on this machine.

use std::fmt;
use std::fs;
use std::path::Path;

use crate::child::landlock_version;
use crate::error::SandboxError;
use crate::obstacle::Obstacle;
use crate::outcome::Note;
use crate::remove::remove_tree;
use crate::run::try_out;
use crate::sandbox::{Privilege, Root, Sandbox};
use crate::stage::Stage;

/// A way to run steps; the less a machine allows, the further down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Isolation {
    /// Nothing is executed. Works everywhere; for plans that only unpack and copy.
    Nothing,
    /// [`Privilege::UserNamespace`] with [`Root::Overlay`].
    Overlay,
    /// [`Privilege::UserNamespace`] with [`Root::Directory`], a copy or reflink made by the caller.
    Copy,
    /// [`Privilege::Chroot`] with [`Root::Directory`]. Needs real root.
    Chroot,
}

impl Isolation {
    /// From the top of the ladder.
    pub const ALL: [Self; 4] = [Self::Nothing, Self::Overlay, Self::Copy, Self::Chroot];
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing to execute",
            Self::Overlay => "user namespace with overlay",
            Self::Copy => "user namespace with copied root",
            Self::Chroot => "root with chroot",
        })
    }
}

/// The result of trying one isolation.
#[derive(Debug)]
pub struct Probe {
    /// Which one.
    pub isolation: Isolation,
    /// Where it isolates less than asked for; or why it cannot be used.
    pub result: Result<Vec<Note>, ProbeError>,
}

impl Probe {
    /// Whether it can be used.
    pub fn works(&self) -> bool {
        self.result.is_ok()
    }
}

/// Why an isolation cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// For a reason we know.
    #[error("{obstacle}")]
    Obstacle {
        /// The reason.
        obstacle: Obstacle,
        /// What the kernel refused; `None` if it was never asked.
        source: Option<SandboxError>,
    },
    /// For another.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

impl ProbeError {
    /// What to do about it, if we know.
    pub fn fix(&self) -> Option<String> {
        match self {
            Self::Obstacle { obstacle, .. } => Some(obstacle.fix()),
            Self::Sandbox(error) => error.fix(),
        }
    }
}

/// Tries every isolation, from the top, by setting up a real sandbox in `scratch` without a program in it.
///
/// `scratch` is an existing directory on the file system that the roots will be on, as that decides about overlays;
/// what is made in it is removed again. Those in `disregard` are not tried and reported as
/// [`Obstacle::Disregarded`].
pub fn probe(scratch: &Path, disregard: &[Isolation]) -> Vec<Probe> {
    let try_one = |isolation| {
        if disregard.contains(&isolation) {
            return Err(ProbeError::Obstacle { obstacle: Obstacle::Disregarded, source: None });
        }
        if isolation == Isolation::Nothing {
            return Ok(Vec::new());
        }
        let directory = scratch.join(format!("probe-{}-{isolation:?}", std::process::id()));
        let result = try_in(isolation, &directory);
        let removed =
            remove_tree(&directory).map_err(|source| unusable("remove the probe's directory", source));
        result.and_then(|notes| removed.map(|()| notes))
    };
    Isolation::ALL.into_iter().map(|isolation| Probe { isolation, result: try_one(isolation) }).collect()
}

/// The version of Landlock that stands around every sandbox as a second wall: files outside of the root stay closed even
/// to a program that gets hold of a directory there, and from version 6 on abstract sockets of the host cannot be
/// reached. `None` if this kernel has none, or only the first version, which refuses to move files between directories.
pub fn landlock() -> Option<u32> {
    landlock_version()
}

fn try_in(isolation: Isolation, directory: &Path) -> Result<Vec<Note>, ProbeError> {
    let [lower, upper, work] = ["lower", "upper", "work"].map(|name| directory.join(name));
    for path in [&lower, &upper, &work] {
        fs::create_dir_all(path).map_err(|source| unusable("create the probe's directory", source))?;
    }
    let root = match isolation {
        Isolation::Overlay => Root::Overlay { lowers: vec![lower], upper, work },
        _ => Root::Directory(upper),
    };
    let mut sandbox = Sandbox::new(root, ["none"]);
    if isolation == Isolation::Chroot {
        if !rustix::process::geteuid().is_root() {
            return Err(ProbeError::Obstacle { obstacle: Obstacle::NotRoot, source: None });
        }
        sandbox.privilege = Privilege::Chroot;
    }
    try_out(&sandbox).map_err(|error| match error {
        SandboxError::Setup { obstacle: Some(obstacle), .. } => {
            ProbeError::Obstacle { obstacle, source: Some(error) }
        }
        // Nothing was asked of this machine but the overlay itself.
        SandboxError::Setup { stage: Stage::Overlay, .. } => {
            ProbeError::Obstacle { obstacle: Obstacle::OverlayRefused, source: Some(error) }
        }
        other => ProbeError::Sandbox(other),
    })
}

fn unusable(action: &'static str, source: std::io::Error) -> ProbeError {
    ProbeError::Sandbox(SandboxError::Host { action, source })
}
