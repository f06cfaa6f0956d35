//! [`Manager`]: the ways to install that are known, and their names.

/// Who installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manager {
    /// `uv.lock`.
    Uv,
    /// `poetry.lock`.
    Poetry,
    /// `pdm.lock`.
    Pdm,
    /// `Pipfile.lock`.
    Pipenv,
    /// `pylock.toml`.
    Pylock,
    /// `requirements.txt`.
    Pip,
    /// `Pipfile` without a lock.
    Pipfile,
    /// `[project]` in `pyproject.toml`, without a lock.
    PipProject,
    /// `setup.py` or `setup.cfg`.
    Setup,
    /// `environment.yml`.
    Conda,
    /// The block of comments in a script.
    Inline,
    /// Nothing to install.
    None,
}

impl Manager {
    /// What plans call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Manager::Pip | Manager::PipProject | Manager::Pylock | Manager::Inline => "pip",
            Manager::Uv => "uv",
            Manager::Poetry => "poetry",
            Manager::Pdm => "pdm",
            Manager::Pipenv | Manager::Pipfile => "pipenv",
            Manager::Setup => "setuptools",
            Manager::Conda => "conda",
            Manager::None => "none",
        }
    }

    /// What a reader sees when it lost.
    pub(super) fn label(self) -> &'static str {
        match self {
            Manager::PipProject => "pip, from `[project]`",
            Manager::Pylock => "pip, from a lock",
            Manager::Inline => "pip, from a script",
            other => other.name(),
        }
    }

    /// Whether a platform that orders managers means this one by `name`: platforms do not count
    /// a bare `[project]` as a file of pip.
    pub(super) fn is_called(self, name: &str) -> bool {
        self.name() == name && !matches!(self, Manager::PipProject | Manager::Pylock | Manager::Inline)
    }

    /// Whether a lock file says what is installed.
    pub(crate) fn is_locked(self) -> bool {
        matches!(self, Manager::Uv | Manager::Poetry | Manager::Pdm | Manager::Pipenv | Manager::Pylock)
    }
}
