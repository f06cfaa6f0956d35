//! The steps of a compiled sandbox as values. Each is one action of the child; nothing here acts.

use std::ffi::CString;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use rustix::process::Resource;
use seccompiler::BpfProgram;

use super::inside::InsidePath;
use crate::command_line::AddressRange;
use crate::stage::Stage;

/// One thing to do, and how to speak of it when it fails.
#[derive(Debug)]
pub(crate) struct SetupStep {
    pub(crate) stage: Stage,
    pub(crate) path: Option<PathBuf>,
    pub(crate) action: Action,
}

/// What the child can do. Paths are as the kernel takes them; those of type [`InsidePath`] are resolved in the root.
#[derive(Debug)]
pub(crate) enum Action {
    /// Writes to a file of the host's `/proc`.
    Write {
        path: CString,
        content: Vec<u8>,
    },
    /// Overwrites the caller's command line and environment in the child's copy of its memory.
    BlankCommandLine(Vec<AddressRange>),
    /// Makes the control groups that the process is in by now the top of what it sees of them.
    OwnCgroups,
    Loopback,
    /// Makes every IPv4 address one of the namespace's own.
    RouteToSelf,
    /// Opens listening sockets and hands them to the parent.
    Listen {
        ports: Vec<u16>,
        resolver: Ipv4Addr,
    },
    Hostname(Vec<u8>),
    PrivateMounts,
    OverlayRoot {
        lowers: Vec<CString>,
        upper: CString,
        work: CString,
    },
    DirectoryRoot(CString),
    /// Mounts a fresh file system of this kind.
    FileSystem {
        kind: CString,
        options: CString,
        flags: u32,
        target: InsidePath,
    },
    /// Like it, for `proc`; falls back to the host's, with its processes covered.
    Proc(InsidePath),
    /// Like it, for `devpts`; goes without if refused.
    Terminals {
        options: CString,
        target: InsidePath,
    },
    /// Mounts a part of the host, file on file and directory on directory.
    Bind {
        source: CString,
        target: InsidePath,
        attributes: u64,
        if_missing: IfMissing,
    },
    Symlink {
        content: CString,
        target: InsidePath,
    },
    /// Bounds the process ids of the namespace, where the kernel keeps that number per namespace. It binds real
    /// root too, whom `RLIMIT_NPROC` does not.
    BoundIds(Vec<u8>),
    /// Bounds System V shared memory of the ipc namespace, in pages; no process need have it.
    BoundSegments(Vec<u8>),
    /// Makes a part of the root read-only, if it is there.
    Freeze(CString),
    /// Hides a file or directory of the root, if it is there.
    Hide(CString),
    Enter,
    /// Takes standard input from the root's `/dev/null`.
    Input,
    WorkingDirectory(CString),
    Umask(u32),
    Limit {
        resource: Resource,
        soft: u64,
        hard: u64,
    },
    /// Gives up supplementary groups; real root only.
    DropGroups,
    DropBoundingCapabilities {
        keep: u64,
    },
    Identity {
        uid: u32,
        gid: u32,
    },
    DropCapabilities {
        keep: u64,
    },
    NoNewPrivileges,
    /// Closes everything outside of the root a second time, where the kernel can.
    Landlock,
    Filter(BpfProgram),
}

/// What to do if the source of a bind does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMissing {
    Fail,
    Skip,
}
