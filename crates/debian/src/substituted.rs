//! Packages that are satisfied without being installed, because their only job is to serve
//! maintainer scripts, which we do not run. A table with a reason for every row.

/// One row: a package that is not installed, and the packages that depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Substituted {
    /// The package; a virtual name it provides is its own row.
    pub package: &'static str,
    /// Whose dependency is satisfied so; empty for everybody's.
    pub dependents: &'static [&'static str],
    /// Why nothing is missing without it.
    pub reason: &'static str,
}

const fn row(
    package: &'static str,
    dependents: &'static [&'static str],
    reason: &'static str,
) -> Substituted {
    Substituted { package, dependents, reason }
}

/// The reviewed rows. A request by name overrides its row.
const STANDARD: &[Substituted] = &[
    row("debconf", &[], "asks questions for maintainer scripts"),
    row("debconf-2.0", &[], "asks questions for maintainer scripts"),
    row("cdebconf", &[], "asks questions for maintainer scripts"),
    row("dpkg", &[], "installs packages; a root is composed once and not changed by dpkg"),
    row(
        "openssl",
        &["ca-certificates"],
        "links certificates by their hashes from a maintainer script; programs read the bundle",
    ),
    row("install-info", &[], "indexes info pages, which are left out"),
    row(
        "init-system-helpers",
        &[],
        "enables and restarts services from maintainer scripts; there is no init system",
    ),
    row("sysvinit-utils", &[], "helps init scripts; there is no init system"),
    row("lsb-base", &[], "helps init scripts; there is no init system"),
    row("adduser", &[], "adds accounts from maintainer scripts; accounts are part of the composed root"),
    row("ucf", &[], "installs configuration from maintainer scripts"),
    row(
        "dpkg-dev",
        &["build-essential"],
        "builds Debian packages; compilers and make are dependencies of their own",
    ),
    row("mount", &[], "mounts from maintainer scripts; a container's mounts are its runtime's"),
    row("systemd", &[], "there is no init system"),
    row("systemd-sysv", &[], "there is no init system"),
    row("libpam-systemd", &[], "there is no init system"),
    row("default-logind", &[], "there is no init system"),
    row("logind", &[], "there is no init system"),
    row("systemd-standalone-sysusers", &[], "adds accounts at boot; accounts are part of the composed root"),
    row("systemd-sysusers", &[], "adds accounts at boot; accounts are part of the composed root"),
    row("systemd-standalone-tmpfiles", &[], "makes directories at boot; there is no init system"),
    row("systemd-tmpfiles", &[], "makes directories at boot; there is no init system"),
    row("opensysusers", &[], "adds accounts at boot; accounts are part of the composed root"),
];

impl Substituted {
    /// The rows used for every root.
    pub fn standard() -> &'static [Substituted] {
        STANDARD
    }

    /// Whether this row satisfies a dependency of `dependent` on `package`.
    pub fn satisfies(&self, package: &str, dependent: &str) -> bool {
        self.package == package && (self.dependents.is_empty() || self.dependents.contains(&dependent))
    }
}
