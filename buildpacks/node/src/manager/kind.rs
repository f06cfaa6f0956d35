//! The package managers by name, and what is true of each whatever its version. Reads no file and
//! chooses nothing.

/// The package managers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PackageManager {
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

impl PackageManager {
    /// What people type.
    pub(crate) fn name(self) -> &'static str {
        match self {
            PackageManager::Npm => "npm",
            PackageManager::Pnpm => "pnpm",
            PackageManager::Yarn | PackageManager::Berry => "yarn",
            PackageManager::Bun => "bun",
        }
    }

    /// The words that run a script of the `package.json` in the current directory.
    pub(crate) fn run(self, script: &str) -> Vec<String> {
        [self.name(), "run", script].map(str::to_owned).to_vec()
    }

    /// Whether it runs `pre…` and `post…` scripts around a script.
    pub(crate) fn has_hooks(self) -> bool {
        self != PackageManager::Berry
    }

    /// The command that makes the lock file anew, for remedies.
    pub(crate) fn relock(self) -> &'static str {
        match self {
            PackageManager::Npm => "npm install",
            PackageManager::Pnpm => "pnpm install",
            PackageManager::Yarn | PackageManager::Berry => "yarn install",
            PackageManager::Bun => "bun install",
        }
    }
}
