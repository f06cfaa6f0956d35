//! The description of one isolated process, as plain data. Nothing here acts.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

/// One process and everything it can see. Build it with [`Sandbox::new`] and set what differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sandbox {
    /// Whose right makes the namespaces that keep the process apart from the host.
    pub privilege: Privilege,
    /// The directory that becomes `/`.
    pub root: Root,
    /// What is mounted into the root, in this order, after `/proc`, `/dev` and `/tmp`. A later mount may
    /// cover an earlier one.
    pub mounts: Vec<Mount>,
    /// Program and arguments. A program without a `/` is looked for in the `PATH` of [`Sandbox::env`],
    /// inside the root; without `PATH` it is not found.
    pub argv: Vec<OsString>,
    /// The whole environment. Nothing of the caller's is added.
    pub env: BTreeMap<OsString, OsString>,
    /// Absolute path inside the root; it must exist and lie inside the root.
    pub cwd: PathBuf,
    /// What `hostname` answers inside, at most 64 bytes.
    pub hostname: String,
    /// The ids the process sees as its own.
    pub user: User,
    /// Whether it reaches a network.
    pub network: Network,
    /// When it is stopped.
    pub limits: Limits,
    /// What others had put into the directories that it may write to: does not count for [`Limits::disk`] and
    /// [`Limits::files`]. [`disk_use`](crate::disk_use) measures it.
    pub disk_before: DiskUse,
}

impl Sandbox {
    /// A process in its own user namespace with an empty environment, `/` as working directory, uid 0 inside,
    /// no network and no limits.
    pub fn new(root: Root, argv: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self {
            privilege: Privilege::UserNamespace,
            root,
            mounts: Vec::new(),
            argv: argv.into_iter().map(Into::into).collect(),
            env: BTreeMap::new(),
            cwd: PathBuf::from("/"),
            hostname: "packwright".to_owned(),
            user: User { uid: 0, gid: 0 },
            network: Network::None,
            limits: Limits::default(),
            disk_before: DiskUse::default(),
        }
    }
}

/// Whose right makes the namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privilege {
    /// All namespaces, the user namespace among them, with one id mapped. Needs no privilege.
    UserNamespace,
    /// All namespaces but the user namespace. Needs real root; ids inside are the host's.
    Chroot,
}

/// The directory that becomes `/`. Relative paths are relative to the caller's working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// Directories seen as one; everything written lands in `upper`.
    ///
    /// Whiteouts are character devices 0:0 and opaque directories carry `user.overlay.opaque` (the mount option
    /// `userxattr`), for root as well.
    Overlay {
        /// Read-only directories, topmost first. Without any, `upper` alone is the root.
        lowers: Vec<PathBuf>,
        /// Receives what is written. Not itself on an overlay.
        upper: PathBuf,
        /// Scratch directory of the kernel, empty, on the same file system as `upper`.
        work: PathBuf,
    },
    /// A directory of its own, written in place: a copy, a reflink, or an unpacked image.
    Directory(PathBuf),
}

/// One thing mounted into the root.
///
/// `target` is an absolute path inside. If it is missing, an empty directory or file is made there; symbolic
/// links on the way are followed inside the root only, as the process itself would follow them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mount {
    /// A file or directory of the host, with everything mounted below it. Set-user-id bits and devices in it have
    /// no effect.
    Bind {
        /// Path on the host; a symbolic link is followed.
        source: PathBuf,
        /// Path inside.
        target: PathBuf,
        /// Whether the process may write to it.
        access: Access,
    },
    /// An empty file system in memory; its content is gone when the process ends.
    Tmpfs {
        /// Path inside.
        target: PathBuf,
        /// Most bytes it holds; half of the machine's memory if `None`.
        size: Option<u64>,
        /// Permission bits of its top directory.
        mode: u32,
    },
}

/// Whether a bind may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Not even by root inside; holds for file systems mounted below the source as well.
    ReadOnly,
    /// As the file permissions allow.
    ReadWrite,
}

/// The ids a process sees as its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// User id inside: 0 for build steps, the image's user for running an app.
    pub uid: u32,
    /// Group id inside.
    pub gid: u32,
}

/// Whether a process reaches a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// Its own loopback interface and nothing else.
    None,
    /// Its own loopback interface, to which the kernel delivers every IPv4 address: what connects to any of them, on
    /// one of these ports, reaches the caller's sockets and nothing else. See
    /// [`run_with_gateway`](crate::run_with_gateway).
    Gateway {
        /// TCP ports that are listened on for every address, at most [`MOST_PORTS`](crate::MOST_PORTS).
        ports: Vec<u16>,
        /// The address at which port 53 is listened on, by UDP and TCP.
        resolver: Ipv4Addr,
    },
    /// The host's network, abstract unix sockets included.
    Host,
}

/// When a process and all it started are killed. `None` is no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Wall clock time from start to end.
    pub time: Option<Duration>,
    /// Bytes in memory, over the whole tree: resident pages, shared ones counted once, memory files
    /// (`memfd_create`), and what lies in `/tmp`, `/dev/shm` and each [`Mount::Tmpfs`]. Held by the kernel, which counts
    /// its own memory for the processes too, or sampled: see [`MemoryCount`](crate::MemoryCount).
    /// `/tmp` and `/dev/shm` each hold at most as much, and so do all System V segments together.
    pub memory: Option<u64>,
    /// Processes and threads alive at once. Sampled.
    pub processes: Option<u32>,
    /// Bytes of standard output and standard error together.
    pub output: Option<u64>,
    /// Bytes on disk, as the file system counts them: in the directory that receives what is written to the root, in
    /// binds with [`Access::ReadWrite`], and in deleted files that it holds open. Sampled, and looked at once more at
    /// the end: whoever ends by itself with more has exceeded it.
    pub disk: Option<u64>,
    /// Files, directories and links in the same directories, counted in the same way.
    pub files: Option<u64>,
}

/// Room taken on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DiskUse {
    /// Bytes, as the file system counts them.
    pub bytes: u64,
    /// Files, directories and links.
    pub files: u64,
}
