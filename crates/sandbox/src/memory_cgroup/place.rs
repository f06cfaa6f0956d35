//! Chooses the directory in which control groups of sandboxes are made, from what the kernel says of the caller's own
//! group. A pure function of texts; makes nothing.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use crate::mountinfo::{self, MountLine};

/// The two kinds of control groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CgroupVersion {
    /// A hierarchy for each controller.
    One,
    /// One hierarchy for all of them.
    Two,
}

/// Where the control groups are made that hold the limits on memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryCgroups {
    /// Which kind they are.
    pub version: CgroupVersion,
    /// The directory in which each sandbox gets one of its own.
    pub directory: PathBuf,
}

impl fmt::Display for MemoryCgroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = match self.version {
            CgroupVersion::One => 1,
            CgroupVersion::Two => 2,
        };
        write!(f, "control groups (cgroup v{version}) below `{}`", self.directory.display())
    }
}

/// Why no control group can be had for a limit on memory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoMemoryCgroup {
    /// No hierarchy has a memory controller.
    #[error("there is no memory controller of control groups")]
    NoController,
    /// The hierarchy that has it is not mounted, or without the caller's own group.
    #[error("no file system of control groups is mounted that has the group of this process")]
    NotMounted,
    /// It cannot be written to, as in most containers.
    #[error("`{}` is mounted read-only", path.display())]
    ReadOnly {
        /// Where it is mounted.
        path: PathBuf,
    },
    /// Version 2: only a group without processes of its own has groups below it with limits, and neither the caller's
    /// group nor the one above it is one.
    #[error(
        "neither the control group of this process nor the one above it has groups with limits on memory below it"
    )]
    NotDelegated,
    /// Version 2: a group beside the caller's would be free of this bound, which is on the caller's.
    #[error("`{}` bounds this process, and a control group beside its own would not be bounded so", path.display())]
    Bounded {
        /// The file that has the bound.
        path: PathBuf,
    },
    /// Version 1: limits of groups do not hold for those below them.
    #[error("`{}` is 0: a group below would be free of the limits of this process", path.display())]
    NotHierarchical {
        /// The file that says so.
        path: PathBuf,
    },
    /// The kernel refused it.
    #[error("cannot {action} `{}`", path.display())]
    Refused {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// The kernel's answer.
        source: io::Error,
    },
}

impl NoMemoryCgroup {
    /// What to do about it.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::NoController => {
                "enable the controller `memory` (some kernels want `cgroup_enable=memory` on their command line)"
            }
            Self::NotMounted => "mount cgroup2 on /sys/fs/cgroup",
            Self::NotDelegated | Self::Refused { .. } => {
                "run it with `systemd-run --user --scope`, or as root, or give the whole build a limit from outside"
            }
            Self::ReadOnly { .. } => "give the container a limit on memory",
            Self::Bounded { .. } => "nothing needs to be done if that bound is enough for all steps together",
            Self::NotHierarchical { .. } => "write 1 to it",
        }
    }
}

/// The directory for groups, from the texts of `/proc/self/cgroup` and `/proc/self/mountinfo`. `read` gives the text of
/// a file below a mounted hierarchy, if there is one.
///
/// Source: cgroups(7), "/proc files"; the kernel's `admin-guide/cgroup-v2.rst`, "Top-down Constraint" and "No Internal
/// Process Constraint"; `admin-guide/cgroup-v1/memory.rst`.
pub(super) fn choose(
    cgroup: &[u8],
    mountinfo: &[u8],
    read: &dyn Fn(&Path) -> Option<String>,
) -> Result<MemoryCgroups, NoMemoryCgroup> {
    let (version, path) = membership(cgroup).ok_or(NoMemoryCgroup::NoController)?;
    let (own, top) = mounted(version, path, mountinfo)?;
    let directory = match version {
        CgroupVersion::One => below(own, read)?,
        CgroupVersion::Two => below_or_beside(own, &top, read)?,
    };
    Ok(MemoryCgroups { version, directory })
}

/// The caller's group in the hierarchy of the memory controller: of version 1 if one of those has it.
fn membership(cgroup: &[u8]) -> Option<(CgroupVersion, &Path)> {
    let mut second = None;
    for line in cgroup.split(|&byte| byte == b'\n') {
        let mut fields = line.splitn(3, |&byte| byte == b':');
        let (Some(number), Some(controllers), Some(path)) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let path = Path::new(OsStr::from_bytes(path));
        if controllers.split(|&byte| byte == b',').any(|controller| controller == b"memory") {
            return Some((CgroupVersion::One, path));
        }
        if number == b"0" && controllers.is_empty() {
            second = Some((CgroupVersion::Two, path));
        }
    }
    second
}

/// The caller's own directory, and the top of the mount that it is in.
fn mounted(
    version: CgroupVersion,
    path: &Path,
    mountinfo: &[u8],
) -> Result<(PathBuf, PathBuf), NoMemoryCgroup> {
    let is_ours = |mount: &MountLine<'_>| match version {
        CgroupVersion::One => mount.kind == b"cgroup" && mount.has_super_option("memory"),
        CgroupVersion::Two => mount.kind == b"cgroup2",
    };
    let mut read_only = None;
    for mount in mountinfo::mounts(mountinfo).filter(is_ours) {
        // A group outside of the caller's cgroup namespace is shown with `..`.
        let Ok(rest) = path.strip_prefix(&mount.root) else { continue };
        if rest.components().any(|component| component == Component::ParentDir) {
            continue;
        }
        if !mount.is_read_only() {
            return Ok((mount.target.join(rest), mount.target));
        }
        read_only.get_or_insert(mount.target);
    }
    Err(read_only.map_or(NoMemoryCgroup::NotMounted, |path| NoMemoryCgroup::ReadOnly { path }))
}

/// Version 1: a group may have processes and groups, so the caller's own will do.
fn below(own: PathBuf, read: &dyn Fn(&Path) -> Option<String>) -> Result<PathBuf, NoMemoryCgroup> {
    let path = own.join("memory.use_hierarchy");
    match read(&path).is_some_and(|text| text.trim() == "0") {
        true => Err(NoMemoryCgroup::NotHierarchical { path }),
        false => Ok(own),
    }
}

/// Version 2: below the caller's own group if that is the root of all, which alone may have processes too; else beside
/// it, as long as that frees a step of no bound.
fn below_or_beside(
    own: PathBuf,
    top: &Path,
    read: &dyn Fn(&Path) -> Option<String>,
) -> Result<PathBuf, NoMemoryCgroup> {
    let lists_memory = |path: PathBuf| {
        read(&path).is_some_and(|text| text.split_ascii_whitespace().any(|word| word == "memory"))
    };
    if !lists_memory(top.join("cgroup.controllers")) {
        return Err(NoMemoryCgroup::NoController);
    }
    let passes_on = |directory: &Path| lists_memory(directory.join("cgroup.subtree_control"));
    if passes_on(&own) {
        return Ok(own);
    }
    let parent = own.parent().filter(|parent| parent.starts_with(top) && passes_on(parent));
    let Some(parent) = parent.map(Path::to_path_buf) else { return Err(NoMemoryCgroup::NotDelegated) };
    for (name, unbounded) in BOUNDS {
        let path = own.join(name);
        // A file that is not there belongs to a controller that is not used.
        if read(&path).is_some_and(|text| text.split_ascii_whitespace().next().unwrap_or("") != unbounded) {
            return Err(NoMemoryCgroup::Bounded { path });
        }
    }
    Ok(parent)
}

/// Files of a group with bounds on memory and processors, and what they begin with where there is none. `pids.max` is
/// not among them: systemd sets it for every session, and a sandbox has a bound of its own.
const BOUNDS: [(&str, &str); 5] = [
    ("memory.max", "max"),
    ("memory.high", "max"),
    ("cpu.max", "max"),
    ("cpuset.cpus", ""),
    ("cpuset.mems", ""),
];

#[cfg(test)]
mod tests;
