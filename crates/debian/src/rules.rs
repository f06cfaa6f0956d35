//! Which files of a package go into a root, and where: paths left out, each with the reason; directories
//! moved by usr-merge; texts that composing a root needs. Data and pure path functions; a change here
//! raises [`crate::RULES_VERSION`].

/// Which paths of a package are unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    left_out: &'static [LeftOut],
}

/// Paths that are not unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// A directory, which goes with all below it.
    pub directory: &'static str,
    /// Why nothing is missing without it.
    pub reason: &'static str,
}

const fn row(directory: &'static str, reason: &'static str) -> LeftOut {
    LeftOut { directory, reason }
}

const IMAGE: &[LeftOut] = &[
    row("usr/share/man", "manual pages are for people, who read them elsewhere"),
    row("usr/share/info", "manuals, as above"),
    row("usr/share/gtk-doc", "manuals, as above"),
    row("usr/share/help", "manuals, as above"),
    row("usr/share/doc-base", "registers manuals"),
    row("usr/share/locale", "translations of messages; C.UTF-8 is elsewhere"),
    row("usr/share/lintian", "remarks for the packaging checker"),
    row("usr/share/linda", "remarks for the packaging checker"),
    row("usr/share/bug", "scripts that write bug reports"),
    row("usr/share/apport", "scripts that write bug reports"),
    row("usr/share/debhelper", "serves maintainer scripts"),
];

/// The documentation directory, of which only licences stay.
const DOCUMENTATION: &str = "usr/share/doc";

/// Texts composing a root needs to read, by directory or whole path.
const KEPT: &[&str] = &[
    "usr/share/ca-certificates",
    "usr/share/base-passwd",
    "usr/share/base-files",
    "usr/lib/sysusers.d",
    "usr/share/debianutils/shells.d",
    "usr/share/mime/packages",
    "etc/ld.so.conf",
    "etc/ld.so.conf.d",
];

/// Directories that are links into `usr`. Debian has no others on our architectures.
pub(crate) const MERGED: [&str; 6] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

impl Rules {
    /// For images and for the roots steps run in.
    pub fn image() -> Rules {
        Rules { left_out: IMAGE }
    }

    /// Everything: nothing is left out.
    pub fn everything() -> Rules {
        Rules { left_out: &[] }
    }

    /// Why `path` is not unpacked; `None` when it is.
    pub fn leaves_out(&self, path: &str, is_dir: bool) -> Option<&'static str> {
        if let Some(row) = self.left_out.iter().find(|row| within(path, row.directory)) {
            return Some(row.reason);
        }
        if self.left_out.is_empty() || !within(path, DOCUMENTATION) || is_dir {
            return None;
        }
        // `usr/share/doc/<package>/copyright`, or a link in place of the package's directory.
        let below = path.strip_prefix(DOCUMENTATION).unwrap_or_default().trim_start_matches('/');
        let licence = match below.split_once('/') {
            Some((_, file)) => file == "copyright",
            None => true,
        };
        (!licence).then_some("documentation; licences stay")
    }
}

/// Whether composing reads the text of `path`.
pub(crate) fn is_kept(path: &str) -> bool {
    KEPT.iter().any(|kept| within(path, kept))
}

/// Where a path of a package lies in a root whose `/bin`, `/sbin` and `/lib*` are links into
/// `/usr`.
///
/// Source: the Debian wiki's "UsrMerge"; both suites we know are merged.
pub(crate) fn merged(path: &str) -> String {
    let first = path.split('/').next().unwrap_or(path);
    if MERGED.contains(&first) { format!("usr/{path}") } else { path.to_owned() }
}

fn within(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
