//! The package managers by name, and what is true of each whatever its version. Reads no file and
//! chooses nothing.

/// The package managers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Manager {
    /// npm.
    Npm,
    /// pnpm.
    Pnpm,
    /// yarn 1.
    Yarn,
    /// yarn 2 and later.
    Berry,
    /// bun.
    Bun,
}

impl Manager {
    /// What people type.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Manager::Npm => "npm",
            Manager::Pnpm => "pnpm",
            Manager::Yarn | Manager::Berry => "yarn",
            Manager::Bun => "bun",
        }
    }

    /// The words that run a script of the `package.json` in the current directory.
    pub(crate) fn run(self, script: &str) -> Vec<String> {
        [self.name(), "run", script].map(str::to_owned).to_vec()
    }

    /// Whether it runs `pre…` and `post…` scripts around a script.
    pub(crate) fn has_hooks(self) -> bool {
        self != Manager::Berry
    }

    /// The command that makes the lock file anew, for remedies.
    pub(crate) fn relock(self) -> &'static str {
        match self {
            Manager::Npm => "npm install",
            Manager::Pnpm => "pnpm install",
            Manager::Yarn | Manager::Berry => "yarn install",
            Manager::Bun => "bun install",
        }
    }
}
