//! [`PLATFORMS`]: every platform whose files are read, in the order in which they count.

use packwright_planner::{Chosen, Customs, Declarations};

use crate::heroku;
use crate::procfile;
use crate::sight::Sight;
use crate::write::{Conversion, Converted};

/// A platform, or a program that builds for one.
pub struct Platform {
    /// Its name as `--platform` takes it.
    pub name: &'static str,
    /// What it calls itself.
    pub title: &'static str,
    /// Names of its files, for finding directories that have any.
    pub files: &'static [&'static str],
    /// Whether its files are at the top of a repository alone.
    pub(crate) at_top_only: bool,
    /// The platforms whose files it reads besides its own, the ones that count first.
    pub(crate) reads_before: &'static [&'static str],
    /// The platforms whose files it reads and that count after its own.
    pub(crate) reads_after: &'static [&'static str],
    /// The only files that say a language's version there, the one that counts first; the
    /// buildpacks' own order when there is none.
    pub(crate) version_files: Option<&'static [&'static str]>,
    /// Whether files of more than one package manager are an error there.
    pub(crate) one_manager: bool,
    /// Reads its files in one directory.
    pub(crate) read: fn(&Sight<'_>) -> Vec<Declarations>,
    /// Writes its files, for platforms that `convert --to` knows.
    pub write: Option<fn(&Conversion<'_>) -> Converted>,
}

/// A platform that reads its own files alone and has no customs of its own.
const PLAIN: Platform = Platform {
    name: "",
    title: "",
    files: &[],
    at_top_only: false,
    reads_before: &[],
    reads_after: &[],
    version_files: None,
    one_manager: false,
    read: |_| Vec::new(),
    write: None,
};

/// Every platform, the ones whose files count first at the start.
pub static PLATFORMS: &[Platform] = &[
    Platform {
        name: "procfile",
        title: "Procfile",
        files: &["Procfile"],
        read: procfile::declarations,
        ..PLAIN
    },
    Platform {
        name: "heroku",
        title: "Heroku",
        files: &["heroku.yml", "app.json", "Aptfile", ".buildpacks", ".slugignore"],
        at_top_only: true,
        reads_after: &["procfile"],
        version_files: Some(&["runtime.txt", ".python-version", "Pipfile.lock", "package.json", "go.mod"]),
        one_manager: true,
        read: heroku::declarations,
        write: Some(heroku::write),
        ..PLAIN
    },
];

/// The platform called `name`.
pub fn platform(name: &str) -> Option<&'static Platform> {
    PLATFORMS.iter().find(|platform| platform.name == name)
}

impl Platform {
    /// This platform as the caller's choice.
    pub fn chosen(&self) -> Chosen {
        let before = self.reads_before.iter().copied();
        let reads = before.chain([self.name]).chain(self.reads_after.iter().copied());
        Chosen {
            platform: self.name.to_owned(),
            reads: reads.map(str::to_owned).collect(),
            customs: Customs {
                platform: self.name.to_owned(),
                version_files: self.version_files.map(|files| files.iter().map(|&file| file.to_owned()).collect()),
                one_manager: self.one_manager,
            },
        }
    }
}
