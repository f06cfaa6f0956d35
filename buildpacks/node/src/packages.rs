//! [`Packages`]: the packages of the source whose scripts a script may run besides its own, and the programs that
//! installed packages bring. Reads manifests of directories that scripts name; chooses nothing.

use packwright_buildpack::planner::{RelPath, SourceTree, has};

use crate::lock::LockContents;
use crate::manifest::{PackageJson, beside};
use crate::process::{Place, parse, place_of, programs};
use crate::workspace::packages::Workspace;

/// The packages of a source tree.
#[derive(Clone, Copy)]
pub(crate) struct Packages<'a> {
    /// The package at the top.
    pub(crate) root: &'a PackageJson,
    /// The workspace, when the tree is one.
    pub(crate) workspace: Option<&'a Workspace>,
    /// Packages in directories that scripts name and that are no members: each installed by itself.
    pub(crate) nested: &'a [PackageJson],
    /// What the lock file says is installed; nothing when there is none, or it was not read.
    pub(crate) locked: Option<&'a LockContents>,
}

impl<'a> Packages<'a> {
    /// A package alone.
    pub(crate) fn only(root: &'a PackageJson) -> Packages<'a> {
        Packages { root, workspace: None, nested: &[], locked: None }
    }

    /// The package in this directory of the tree.
    pub(crate) fn in_dir(&self, dir: &RelPath) -> Option<&'a PackageJson> {
        let members = self.workspace.map_or(&[][..], |workspace| &workspace.members[..]);
        members.iter().chain(self.nested).find(|package| package.dir.as_ref() == Some(dir))
    }

    /// The package that a call in the directory of `from` is about; `None` where it is not there, or means
    /// several.
    pub(crate) fn at(&self, place: &Place, from: &PackageJson) -> Option<&'a PackageJson> {
        match place {
            Place::Dir(dir) if dir == "." => None,
            Place::Dir(dir) => self.in_dir(&from.beside(dir)?),
            Place::Member(name) => {
                let workspace = self.workspace?;
                let by_dir = || {
                    let dir = beside(None, name)?;
                    workspace.members.iter().find(|member| member.dir.as_ref() == Some(&dir))
                };
                workspace.member(name).or_else(by_dir)
            }
            Place::Members => None,
        }
    }

    /// Whether the lock file says that a dependency of the package, or of the root, brings the program.
    pub(crate) fn brings(&self, program: &str, package: &PackageJson) -> bool {
        self.bringer(program).is_some_and(|name| package.depends_on(name) || self.root.depends_on(name))
    }

    /// The package that brings the program, by the lock file.
    pub(crate) fn bringer(&self, program: &str) -> Option<&'a str> {
        self.locked?.bringer(program)
    }

    /// The program that the name of a package stands for: its only one, or the one that is called like the
    /// last part of its name.
    pub(crate) fn program_of(&self, package: &str) -> String {
        let last = package.rsplit('/').next().unwrap_or(package);
        let locked = self.locked.map_or(&[][..], |locked| locked.programs(package));
        match locked {
            [] => programs::of_package(package).unwrap_or(last).to_owned(),
            [only] => only.clone(),
            several => several.iter().find(|name| *name == last).unwrap_or(&several[0]).clone(),
        }
    }
}

/// The packages in directories that scripts of `root` name, `npm run build --prefix client` or `cd client`, and
/// that are no members of the workspace. One whose manifest cannot be read counts as none: it is not the
/// application.
pub(crate) fn nested(
    tree: &dyn SourceTree,
    root: &PackageJson,
    workspace: Option<&Workspace>,
) -> Vec<PackageJson> {
    let mut found: Vec<PackageJson> = Vec::new();
    let segments = root.scripts.values().filter_map(|script| parse(&script.value)).flatten();
    for segment in segments {
        let Some(Place::Dir(dir)) = place_of(&segment.texts()) else { continue };
        let Some(dir) = beside(None, &dir) else { continue };
        let is_member = |member: &PackageJson| member.dir.as_ref() == Some(&dir);
        let known = workspace.is_some_and(|workspace| workspace.members.iter().any(is_member));
        let Ok(path) = dir.join("package.json") else { continue };
        if !known && !found.iter().any(is_member) && has(tree, path.as_str()) {
            found.extend(PackageJson::read(tree, &path).ok().flatten());
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
