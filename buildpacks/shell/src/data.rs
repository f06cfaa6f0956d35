//! What the buildpack knows by heart: which Debian package holds a shell, or a program that
//! scripts call. Holds no rule.

/// Interpreters and their packages; none for those in every image.
pub(crate) const SHELLS: &[(&str, Option<&str>)] =
    &[("sh", None), ("dash", None), ("bash", None), ("zsh", Some("zsh"))];

/// Small programs that a script takes for granted on a Linux system, besides the core utilities.
pub(crate) const EXPECTED: &[&str] = &["findutils", "grep", "mawk", "sed"];

/// Programs that a script may call, and their packages.
pub(crate) const PROGRAMS: &[(&str, &str)] = &[
    ("bc", "bc"),
    ("curl", "curl"),
    ("envsubst", "gettext-base"),
    ("file", "file"),
    ("git", "git"),
    ("gunzip", "gzip"),
    ("gzip", "gzip"),
    ("jq", "jq"),
    ("make", "make"),
    ("mysql", "default-mysql-client"),
    ("nc", "netcat-openbsd"),
    ("openssl", "openssl"),
    ("perl", "perl"),
    ("pgrep", "procps"),
    ("pkill", "procps"),
    ("ps", "procps"),
    ("psql", "postgresql-client"),
    ("python3", "python3"),
    ("redis-cli", "redis-tools"),
    ("rsync", "rsync"),
    ("sqlite3", "sqlite3"),
    ("ssh", "openssh-client"),
    ("tar", "tar"),
    ("unzip", "unzip"),
    ("wget", "wget"),
    ("xz", "xz-utils"),
    ("zip", "zip"),
];
