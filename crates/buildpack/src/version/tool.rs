//! A tool and the files that name its version, as constants of a buildpack. Reads nothing.

/// A tool whose version is chosen, and the names by which files know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// The buildpack's name: diagnostic codes start with it.
    pub language: &'static str,
    /// What plans call it: `node`.
    pub name: &'static str,
    /// What people call it: `Node`.
    pub title: &'static str,
    /// The variable by which the caller chooses: `PACKWRIGHT_NODE_VERSION`.
    pub option: &'static str,
    /// Its names in `.tool-versions` and in mise's files, without a backend before them.
    pub names: &'static [&'static str],
    /// What may stand before a version and means nothing: `python-`, `go`.
    pub prefixes: &'static [&'static str],
    /// The files that say its version, the one that counts first.
    pub files: &'static [VersionFile],
    /// When hints count.
    pub hints: Hints,
    /// A version to write, for messages.
    pub example: &'static str,
}

/// A file that says versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionFile {
    /// Its name in its directory. For mise's files, of which there are several, `mise.toml`.
    pub name: &'static str,
    /// How it is written.
    pub form: Form,
}

/// How a version file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A version a line, of which the first counts: `.nvmrc`.
    Line,
    /// pyenv's: versions between blanks and line ends, of which the first counts: `.python-version`.
    Words,
    /// The first line, if it starts with these letters or with a digit: `runtime.txt`.
    Prefixed(&'static str),
    /// asdf's: a tool a line, then its versions, of which the first counts.
    ToolVersions,
    /// mise's.
    Mise,
}

/// When hints count: what files say that describe another image or a development machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hints {
    /// After all others, where those leave a choice.
    Last,
    /// Only where nothing else asks for a version, and only the first.
    Alone,
}

impl VersionFile {
    /// asdf's file.
    pub const TOOL_VERSIONS: VersionFile = VersionFile { name: ".tool-versions", form: Form::ToolVersions };
    /// mise's files.
    pub const MISE: VersionFile = VersionFile { name: "mise.toml", form: Form::Mise };

    /// A file with a version a line.
    pub const fn line(name: &'static str) -> VersionFile {
        VersionFile { name, form: Form::Line }
    }

    /// A file with versions between blanks and line ends.
    pub const fn words(name: &'static str) -> VersionFile {
        VersionFile { name, form: Form::Words }
    }

    /// A file whose first line is a language and a version.
    pub const fn prefixed(name: &'static str, prefix: &'static str) -> VersionFile {
        VersionFile { name, form: Form::Prefixed(prefix) }
    }
}
