//! Packages whose maintainer scripts were read by a person, with the effects that the builder of a root
//! produces in their place. A test keeps the table in the order of names.
//!
//! A row states: an application in a container lacks nothing that it relies on when the listed effects
//! (often none) take the place of the scripts. Rows name packages and not versions, because Debian
//! only fixes bugs within a stable release and gives the scripts of a package no new tasks.

/// One reviewed package.
#[derive(Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// Package name; one `*` stands for any text.
    pub package: &'static str,
    /// What the scripts do, and why it may be left undone or how it is replaced.
    pub reason: &'static str,
    /// The changes to the tree in their place.
    pub effects: &'static [ReviewedEffect],
}

/// A change to the tree. Paths are relative to the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewedEffect {
    /// The second path becomes a file with the first one's content, unless it is there.
    Install(&'static str, &'static str),
    /// The first path becomes a symbolic link with this text, if its target is there and it is not.
    Link(&'static str, &'static str),
    /// An empty file, unless it is there.
    Empty(&'static str),
}

use ReviewedEffect::{Empty, Install, Link};

const fn row(package: &'static str, reason: &'static str, effects: &'static [ReviewedEffect]) -> Reviewed {
    Reviewed { package, reason, effects }
}

const UPGRADE: &str = "repairs what earlier versions left behind";
const T64: &str = "guards files while a system is upgraded";
const CACHE: &str = "fills a cache or registry that only speeds things up or is read by desktops";
const BYTECODE: &str = "compiles bytecode, which is done where Python runs";
const COMPOSED: &str = "its effects are part of composing a root";

/// In the order of names.
pub const REVIEWED: &[Reviewed] = &[
    row(
        "base-files",
        COMPOSED,
        &[
            Install("usr/share/base-files/profile", "etc/profile"),
            Install("usr/share/base-files/dot.bashrc", "root/.bashrc"),
            Install("usr/share/base-files/dot.profile", "root/.profile"),
        ],
    ),
    row("base-passwd", COMPOSED, &[]),
    row("bash", "makes /bin/sh if nothing else does; dash does", &[]),
    row("ca-certificates", COMPOSED, &[]),
    row("comerr-dev", UPGRADE, &[]),
    row("coreutils", UPGRADE, &[]),
    row("dash", "diverts /bin/sh; the link is in the package", &[]),
    row("dbus-daemon", "makes the machine's id, which machines have and images must not", &[]),
    row("debianutils", "registers shells; part of composing a root", &[]),
    row("dictionaries-common", "chooses a default dictionary for spell checkers", &[]),
    row("emacsen-common", "configures an editor", &[]),
    row("firefox-esr", "keeps another package's firefox aside", &[]),
    row("fontconfig", "the font cache is made at first use", &[]),
    row("fontconfig-config", "links rendering options chosen in a dialogue; the defaults apply", &[]),
    row("fonts-urw-base35", "registers fonts with Ghostscript, which also finds them by itself", &[]),
    row(
        "freetds-common",
        "installs the default configuration",
        &[Install("usr/share/freetds/freetds.conf", "etc/freetds/freetds.conf")],
    ),
    row("freetds-dev", UPGRADE, &[]),
    row("gcc", "offers cc, c89 and c99", &[]),
    row("ghostscript", "registers fonts, which are also found through fontconfig", &[]),
    row("gzip", T64, &[]),
    row("hicolor-icon-theme", CACHE, &[]),
    row("iproute2", "gives ip a capability, for which containers would have to be privileged", &[]),
    row("iputils-ping", "gives ping a capability; container runtimes allow unprivileged ping", &[]),
    row("libasound2-dev", UPGRADE, &[]),
    row(
        "libc-bin",
        "installs the default name service configuration; the linker's cache is made by us",
        &[Install("usr/share/libc-bin/nsswitch.conf", "etc/nsswitch.conf")],
    ),
    row("libc6", "checks the running kernel and restarts services", &[]),
    row("libext2fs2t64", T64, &[]),
    row("libgdk-pixbuf*", "lists image loaders; part of composing a root", &[]),
    row("libglib2.0-0*", "compiles settings schemas and lists I/O modules, which desktops use", &[]),
    row("libgstreamer1.0-0", "gives a helper for network clocks a capability", &[]),
    row("libgtk-3-0*", T64, &[]),
    row("libgtk2.0-0*", T64, &[]),
    row("libgvc6*", "lists plug-ins; part of composing a root", &[]),
    row("libhdf5-dev", "offers HDF5's compiler wrappers under MPI's names", &[]),
    row("libibverbs1", "makes a group for devices of a network", &[]),
    row("libopenblas*-dev", "makes a directory for pkg-config; the alternatives beside it are read", &[]),
    row("libpam-modules", "restarts services", &[]),
    row("libpam-runtime", "composes the login configuration; nobody logs in to a container", &[]),
    row("libpaper*", "asks for the paper size; the default applies", &[]),
    row("libpython3*-minimal", "remarks on a site configuration", &[]),
    row("libreadline8t64", T64, &[]),
    row("libreoffice-common", "sets up a server's copies when other packages come later", &[]),
    row("libselinux1", UPGRADE, &[]),
    row("libsensors*", UPGRADE, &[]),
    row("libsybdb5", UPGRADE, &[]),
    row("libtirpc3t64", T64, &[]),
    row("libwmf-dev", UPGRADE, &[]),
    row(
        "locales",
        "generates the locales chosen in a dialogue; only C.UTF-8 is there until a step runs locale-gen",
        &[],
    ),
    row("login", "makes empty files for logins", &[]),
    row("login.defs", UPGRADE, &[]),
    row("mariadb-common", UPGRADE, &[]),
    row("mysql-common", UPGRADE, &[]),
    row("netbase", "makes /etc/hosts, which a container's runtime does", &[]),
    row(
        "nginx-common",
        "makes log files and a site to begin with; the logs are made by the server",
        &[
            Link("etc/nginx/sites-enabled/default", "/etc/nginx/sites-available/default"),
            Install("usr/share/nginx/html/index.html", "var/www/html/index.nginx-debian.html"),
        ],
    ),
    row("nodejs", "offers js", &[]),
    row("openssh-client", "gives ssh-agent a group of its own", &[]),
    row("openssl", UPGRADE, &[]),
    row("passwd", "makes empty files for logins", &[]),
    row("pkgconf-bin", T64, &[]),
    row("poppler-data", "registers fonts with Ghostscript", &[]),
    row("postgresql-client-*", "offers manual pages", &[]),
    row("procps", "sets kernel parameters, which are the host's", &[]),
    row("python3", BYTECODE, &[]),
    row("python3-distutils", BYTECODE, &[]),
    row("python3-lib2to3", BYTECODE, &[]),
    row("python3.*", BYTECODE, &[]),
    row(
        "readline-common",
        "installs the default key bindings",
        &[Install("usr/share/readline/inputrc", "etc/inputrc")],
    ),
    row("redis-tools", "makes the account and directories of a server", &[]),
    row("shared-mime-info", "makes the database of media types; part of composing a root", &[]),
    row("tzdata", "sets the time zone to UTC; part of composing a root", &[]),
    row("unixodbc-common", "makes an empty list of drivers", &[Empty("etc/odbcinst.ini")]),
    row("unzip", UPGRADE, &[]),
    row("xfonts-utils", "registers fonts of a display server", &[]),
    row(
        "xz-utils",
        "offers lzma and its companions",
        &[Link("usr/bin/lzma", "xz"), Link("usr/bin/unlzma", "unxz"), Link("usr/bin/lzcat", "xzcat")],
    ),
];

/// The row for a package, if it was reviewed.
pub fn find(package: &str) -> Option<&'static Reviewed> {
    REVIEWED.iter().find(|row| match row.package.split_once('*') {
        Some((start, end)) => {
            package.len() >= start.len() + end.len() && package.starts_with(start) && package.ends_with(end)
        }
        None => row.package == package,
    })
}
