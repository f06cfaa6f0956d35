//! Known reasons why a machine refuses isolation, told apart by the error number and what `/proc` says.

use std::fmt;
use std::fs;
use std::path::Path;

use rustix::io::Errno;

use crate::stage::Stage;

/// Why a machine refuses a way of isolation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// `user.max_user_namespaces` is 0.
    NamespacesDisabled,
    /// As many namespaces exist as the kernel allows, or they are nested 32 deep.
    NamespacesExhausted,
    /// `kernel.unprivileged_userns_clone` is 0 (a Debian and Arch setting).
    UnprivilegedClone,
    /// `kernel.apparmor_restrict_unprivileged_userns` is 1 (Ubuntu since 23.10).
    AppArmor,
    /// A system call filter is on this process, as in containers, and it refused.
    SystemCallFilter,
    /// The caller is in a chroot or lacks a capability, for instance in a container without a filter.
    Forbidden,
    /// The kernel was built without user namespaces.
    NamespacesMissing,
    /// The kernel has no overlay file system and could not load it.
    OverlayMissing,
    /// The upper directory is itself on an overlay, as everything in a container is.
    OverlayNested,
    /// The file system of the upper directory is not fit for one: it is a network or FUSE file system, or kernel and
    /// file system lack extended attributes or whiteouts for users.
    OverlayRefused,
    /// Only real root may isolate so; root of a user namespace with a single id is none.
    NotRoot,
    /// The caller is in a chroot whose root is no mount point, so its mounts cannot be cut off from the host's.
    Chrooted,
    /// This root may not mount.
    MountRefused,
    /// The kernel is older than 5.12.
    KernelTooOld,
    /// The caller asked to leave this isolation out.
    Disregarded,
}

impl Obstacle {
    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            Self::NamespacesDisabled => "run `sysctl user.max_user_namespaces=28633` as root",
            Self::NamespacesExhausted => {
                "end other sandboxes, or raise `user.max_user_namespaces` and the other `user.max_*_namespaces`"
            }
            Self::UnprivilegedClone => "run `sysctl kernel.unprivileged_userns_clone=1` as root",
            Self::AppArmor => {
                "run `sysctl kernel.apparmor_restrict_unprivileged_userns=0` as root, or give the program an AppArmor \
                 profile with `userns,`"
            }
            Self::SystemCallFilter => {
                "run the container with `--security-opt seccomp=unconfined`, or in Kubernetes with \
                 `seccompProfile: {type: Unconfined}`"
            }
            Self::Forbidden => "leave the chroot, or run the container with `--cap-add SYS_ADMIN`",
            Self::NamespacesMissing => "use a kernel with CONFIG_USER_NS",
            Self::OverlayMissing => "run `modprobe overlay` as root; without it the root is copied, which is slower",
            Self::OverlayNested => {
                "put the store on a volume (in Kubernetes an `emptyDir`); without it the root is copied, which is slower"
            }
            Self::OverlayRefused => {
                "put the store on ext4, xfs, btrfs or tmpfs; without it the root is copied, which is slower"
            }
            Self::NotRoot => "make user namespaces work, or run as root",
            Self::Chrooted => "leave the chroot, or make its root a mount point (`mount --bind DIR DIR` before)",
            Self::MountRefused => "run the container with `--cap-add SYS_ADMIN`, or make user namespaces work",
            Self::KernelTooOld => "use Linux 5.12 or newer",
            Self::Disregarded => "do not exclude it",
        }
        .to_owned()
    }

    /// Tells the reason from what was being done, the kernel's answer and what is known of the machine.
    /// `None` if it is no known obstacle but an ordinary failure.
    pub(crate) fn diagnose(stage: Stage, errno: Errno, facts: &HostFacts) -> Option<Self> {
        let refused = matches!(errno, Errno::PERM | Errno::ACCESS);
        match stage {
            // These fail over what the caller asked for, not over what the machine can do.
            Stage::WorkingDirectory | Stage::Start | Stage::Limits | Stage::Hostname => None,
            _ if errno == Errno::NOSYS => Some(Self::KernelTooOld),
            Stage::PrivateMounts if errno == Errno::INVAL => Some(Self::Chrooted),
            Stage::Privileges if refused && !facts.user_namespace => Some(Self::NotRoot),
            Stage::Namespaces if refused && !facts.user_namespace => {
                Some(if facts.root { Self::MountRefused } else { Self::NotRoot })
            }
            Stage::Namespaces | Stage::Identity if refused => {
                let filter = facts.filtered.then_some(Self::SystemCallFilter);
                Some(facts.switch().or(filter).unwrap_or(Self::Forbidden))
            }
            Stage::Namespaces => match errno {
                Errno::NOSPC | Errno::USERS if facts.max_user_namespaces == Some(0) => {
                    Some(Self::NamespacesDisabled)
                }
                Errno::NOSPC | Errno::USERS => Some(Self::NamespacesExhausted),
                Errno::INVAL => Some(Self::NamespacesMissing),
                _ => None,
            },
            Stage::Overlay if errno == Errno::NODEV => Some(Self::OverlayMissing),
            Stage::Overlay if facts.upper_on_overlay => Some(Self::OverlayNested),
            Stage::Overlay if matches!(errno, Errno::INVAL | Errno::OPNOTSUPP) => Some(Self::OverlayRefused),
            _ if refused && facts.user_namespace => {
                // AppArmor lets the namespace come into being and then takes its rights away.
                facts.switch().or((stage == Stage::Overlay).then_some(Self::OverlayRefused))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NamespacesDisabled => "user namespaces are disabled (user.max_user_namespaces is 0)",
            Self::NamespacesExhausted => "the kernel allows no more user namespaces",
            Self::UnprivilegedClone => {
                "user namespaces are for root only (kernel.unprivileged_userns_clone is 0)"
            }
            Self::AppArmor => {
                "AppArmor restricts user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1)"
            }
            Self::SystemCallFilter => "a system call filter (seccomp) on this process refuses it",
            Self::Forbidden => "this process may not create user namespaces",
            Self::NamespacesMissing => "the kernel has no user namespaces",
            Self::OverlayMissing => "the kernel has no overlay file system",
            Self::OverlayNested => "the directory is itself on an overlay file system",
            Self::OverlayRefused => {
                "the file system of the directory cannot be the upper layer of an overlay"
            }
            Self::NotRoot => "only real root can do without a user namespace",
            Self::Chrooted => "this process is in a chroot whose root is no mount point",
            Self::MountRefused => "this root has no right to mount (CAP_SYS_ADMIN)",
            Self::KernelTooOld => "the kernel is too old",
            Self::Disregarded => "left out on request",
        })
    }
}

/// What the machine says about itself; read after a failure, never before a success.
#[derive(Debug, Clone, Default)]
pub(crate) struct HostFacts {
    /// Whether a user namespace was asked for.
    pub(crate) user_namespace: bool,
    pub(crate) root: bool,
    pub(crate) max_user_namespaces: Option<u64>,
    pub(crate) unprivileged_clone: Option<u64>,
    pub(crate) apparmor: Option<u64>,
    pub(crate) filtered: bool,
    pub(crate) upper_on_overlay: bool,
}

impl HostFacts {
    pub(crate) fn read(user_namespace: bool, upper: Option<&Path>) -> Self {
        let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse().ok();
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        Self {
            user_namespace,
            root: rustix::process::geteuid().is_root(),
            max_user_namespaces: number("/proc/sys/user/max_user_namespaces"),
            unprivileged_clone: number("/proc/sys/kernel/unprivileged_userns_clone"),
            apparmor: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
            filtered: status
                .lines()
                .any(|line| line.strip_prefix("Seccomp:").is_some_and(|mode| mode.trim() == "2")),
            upper_on_overlay: upper.is_some_and(|path| {
                rustix::fs::statfs(path).is_ok_and(|stat| stat.f_type == libc::OVERLAYFS_SUPER_MAGIC as _)
            }),
        }
    }

    /// The kernel setting that keeps user namespaces from this process.
    fn switch(&self) -> Option<Obstacle> {
        match self {
            Self { root: false, unprivileged_clone: Some(0), .. } => Some(Obstacle::UnprivilegedClone),
            Self { root: false, apparmor: Some(1..), .. } => Some(Obstacle::AppArmor),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
