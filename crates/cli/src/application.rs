//! [`Application`]: the user's directory as a source tree, and the plan that is made of it. This
//! is where the languages and platforms that the command knows are listed.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use packwright_engine::oci::{RelPath, Tree};
use packwright_engine::planner::{
    AppModel, Buildpack, Diagnostic, Ignoring, Language, Network, Plan, PlanOptions, SourceFile, SourceTree,
};
use packwright_engine::store::{DiskTree, Store, scan};

use packwright_platforms::Platform;

use crate::flags::{Assignment, SourceFlags};
use crate::report::{Failure, Report};
use crate::surroundings::{Located, Surroundings};

/// The name of the lock file beside the sources.
pub(crate) const LOCK_FILE: &str = "packwright.lock";

/// A scanned directory without what is Packwright's own in it.
pub(crate) struct Application {
    /// The directory, with all links followed.
    pub(crate) dir: PathBuf,
    disk: DiskTree,
    files: Vec<SourceFile>,
    ours: Vec<RelPath>,
}

/// The languages, in the order in which they are asked.
pub(crate) fn buildpacks() -> Vec<&'static dyn Buildpack> {
    vec![
        &packwright_python::Python,
        &packwright_node::Node,
        &packwright_shell::Shell,
        &packwright_static::Static,
    ]
}

impl Application {
    /// Reads which files `dir` holds. What Packwright itself writes there is no part of the
    /// application and left out: the lock file, image layouts at the top, and `outputs`, absolute
    /// paths that this command is going to write, whether they are there already or not.
    pub(crate) fn read(
        surroundings: &Surroundings,
        dir: &Path,
        outputs: &[PathBuf],
    ) -> Result<Application, Failure> {
        let named = surroundings.absolute(dir);
        let dir = named.canonicalize().map_err(|error| {
            Failure::usage(
                Report::new(format!("cannot read the directory `{}`", dir.display()))
                    .because(&error)
                    .fix("check the path and its permissions"),
            )
        })?;
        let buildpacks = buildpacks();
        let ignoring = Ignoring::new(buildpacks.iter().map(|buildpack| buildpack.language()));
        let disk = scan(&dir, &ignoring)?;
        let mut ours = vec![LOCK_FILE.parse().expect("the lock file's name is a path")];
        ours.extend(outputs.iter().filter_map(|output| inside(&dir, output)));
        ours.extend(layouts(disk.files()));
        let is_kept = |file: &&SourceFile| !ours.iter().any(|path| file.path.is_within(path));
        let files = disk.files().iter().filter(is_kept).cloned().collect();
        Ok(Application { dir, disk, files, ours })
    }

    /// Refuses a store inside the directory: it would become part of the application.
    pub(crate) fn refuse_inside(&self, store: &Located) -> Result<(), Failure> {
        match inside(&self.dir, &store.path) {
            None => Ok(()),
            Some(path) => Err(Failure::usage(
                Report::new(format!("the store `{path}` is in the directory of the application"))
                    .why(format!("{} says that it is there", store.origin))
                    .fix("name a directory outside with `--store DIR` or in PACKWRIGHT_STORE"),
            )),
        }
    }

    /// Where the lock file is, or would be.
    pub(crate) fn lock_path(&self) -> PathBuf {
        self.dir.join(LOCK_FILE)
    }

    /// The plan, with what the scan has to say among its diagnostics.
    pub(crate) fn plan(&self, flags: &SourceFlags, environment: &[Assignment]) -> Result<Plan, Failure> {
        let options = plan_options(flags, environment);
        let platforms = |_: &dyn SourceTree| self.model(flags.root.as_ref(), flags.platform(), environment);
        Ok(packwright_engine::plan(self, &buildpacks(), &platforms, &options)?)
    }

    /// What the platform files declare, with what the scan has to say among its diagnostics.
    /// Those in `root` count wherever it is.
    pub(crate) fn model(
        &self,
        root: Option<&RelPath>,
        platform: Option<&Platform>,
        environment: &[Assignment],
    ) -> AppModel {
        let environment = environment.iter().map(|set| (set.name.clone(), set.value.clone())).collect();
        let buildpacks = buildpacks();
        let languages: Vec<&Language> = buildpacks.iter().map(|buildpack| buildpack.language()).collect();
        let mut model = packwright_platforms::model_in(self, &languages, &environment, platform, root);
        model.diagnostics.splice(0..0, self.disk.diagnostics().iter().cloned());
        model
    }

    /// What the scan has to say.
    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        self.disk.diagnostics()
    }

    /// How many files and directories were left out, by the reason.
    pub(crate) fn ignored(&self) -> BTreeMap<String, u64> {
        let mut ignored = self.disk.ignored().clone();
        let ours = self.disk.files().len() - self.files.len();
        if ours > 0 {
            ignored.insert("written by Packwright".to_owned(), ours as u64);
        }
        ignored
    }

    /// The files as the image has them, their contents in `store`.
    pub(crate) fn snapshot(&self, store: &Store) -> Result<Tree, Failure> {
        let whole = packwright_engine::snapshot_dir(store, &self.disk)?;
        let app = Plan::app_dir();
        Ok(whole.filter(|path, _| {
            !path.below(&app).is_some_and(|path| self.ours.iter().any(|ours| path.is_within(ours)))
        }))
    }
}

impl SourceTree for Application {
    fn files(&self) -> &[SourceFile] {
        &self.files
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        self.disk.read(path)
    }
}

/// What the flags choose about a plan.
pub(crate) fn plan_options(flags: &SourceFlags, environment: &[Assignment]) -> PlanOptions {
    PlanOptions {
        environment: environment.iter().map(|set| (set.name.clone(), set.value.clone())).collect(),
        addressed: packwright_platforms::ADDRESSED.map(str::to_owned).to_vec(),
        secrets: flags.secrets.iter().map(|secret| secret.name.clone()).collect(),
        root: flags.root.clone(),
        app: flags.app.clone(),
        buildpacks: flags.buildpacks.clone(),
        start: flags.start.clone(),
        build_network: if flags.build_network { Network::Fetch } else { Network::None },
        strict: flags.strict,
    }
}

/// Image layouts at the top of a directory, where an earlier build may have put one: their files
/// would otherwise be in the next image.
///
/// Source: OCI image-spec, image-layout.md, "Content".
fn layouts(files: &[SourceFile]) -> Vec<RelPath> {
    let names = |name: &str| files.iter().any(|file| file.path.as_str() == name);
    let markers = files.iter().filter(|file| file.path.depth() == 2 && file.path.name() == "oci-layout");
    let dirs = markers.filter_map(|marker| marker.path.parent());
    dirs.filter(|dir| names(&format!("{dir}/index.json"))).collect()
}

/// `other` as a path below `dir`, when it is there. What does not exist yet is looked for where
/// its nearest directory that does is.
fn inside(dir: &Path, other: &Path) -> Option<RelPath> {
    let mut existing = other;
    let mut rest = PathBuf::new();
    let resolved = loop {
        match existing.canonicalize() {
            Ok(found) => break found.join(&rest),
            Err(_) => {
                rest = Path::new(existing.file_name()?).join(&rest);
                existing = existing.parent()?;
            }
        }
    };
    // `join` of an empty path adds a slash, which `strip_prefix` does not mind.
    resolved.strip_prefix(dir).ok()?.to_str()?.trim_end_matches('/').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_command_writes_is_found_inside() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        std::fs::create_dir(top.join("out")).unwrap();
        let found = |path: &str| inside(&top, &top.join(path)).map(|path| path.to_string());
        assert_eq!(found("out").as_deref(), Some("out"));
        assert_eq!(found("not/yet.tar").as_deref(), Some("not/yet.tar"));
        assert_eq!(found("out/../../elsewhere"), None);
        assert_eq!(inside(&top.join("out"), &top), None);
    }
}
