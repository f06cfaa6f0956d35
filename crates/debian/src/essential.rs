//! Implicit dependencies: packages need not declare those on `Essential` packages, which every Debian
//! system has. A root of ours has only packages that something depends on, so that this table names such
//! dependencies, with a reason for every row.
//!
//! Source: Debian Policy 3.8; the programs of the packages, read.

/// One row: what programs of a package run, though the package does not say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsaid {
    /// Package name; one `*` stands for any text.
    pub package: &'static str,
    /// What it needs, by name.
    pub needs: &'static [&'static str],
    /// Which of its programs do.
    pub reason: &'static str,
}

const fn row(package: &'static str, needs: &'static [&'static str], reason: &'static str) -> Unsaid {
    Unsaid { package, needs, reason }
}

/// In the order of names.
const UNSAID: &[Unsaid] = &[
    row(
        "build-essential",
        &["diffutils", "findutils", "grep", "gzip", "hostname", "mawk | awk", "sed", "tar"],
        "makefiles and configure scripts",
    ),
    row("chromium", &["findutils", "grep", "sed"], "/usr/bin/chromium is a script"),
    row("git", &["grep", "sed"], "git's own scripts, among them `git submodule`"),
    row(
        "libpython3*-stdlib",
        &["libc-bin"],
        "ctypes.util.find_library runs ldconfig; and LANG=C.UTF-8 is a locale of this package",
    ),
    row("libreoffice-common", &["grep", "sed"], "soffice is a script"),
    row("perl-base", &["libc-bin"], "warns of every locale that is not there, C.UTF-8 among them"),
    row("python3*-dev", &["sed"], "python3-config is a script"),
    row("xdg-utils", &["grep", "mawk | awk", "sed"], "its programs are scripts"),
    row("xvfb", &["mawk | awk", "util-linux"], "xvfb-run is a script"),
];

/// What `package` needs without saying so; dependencies as they would be written.
pub(crate) fn unsaid(package: &str) -> impl Iterator<Item = &'static str> + use<> {
    let row = UNSAID.iter().find(|row| row.is_about(package));
    row.into_iter().flat_map(|row| row.needs.iter().copied())
}

impl Unsaid {
    /// The reviewed rows.
    pub fn standard() -> &'static [Unsaid] {
        UNSAID
    }

    fn is_about(&self, package: &str) -> bool {
        match self.package.split_once('*') {
            Some((start, end)) => {
                package.len() >= start.len() + end.len()
                    && package.starts_with(start)
                    && package.ends_with(end)
            }
            None => self.package == package,
        }
    }
}

#[cfg(test)]
mod tests;
