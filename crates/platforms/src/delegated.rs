//! Files to which a platform's own file hands the build: the Dockerfile that it names, and the `Procfile` that Cloud
//! Native Buildpacks and other builders read where it names them. They count after that file. What they say is
//! their readers' affair, and what wins the planner's.

use std::collections::BTreeMap;

use packwright_planner::{
    ChosenPlatform, Component, Declarations, FileWeight, Language, RelPath, Requested, SourceTree, Strategy,
};

use crate::dir_view::{DirView, in_dir};
use crate::dockerfile;
use crate::dockerfile::messages::PACKAGES;
use crate::platform::Platform;

/// The name of the reader of Dockerfiles.
const DOCKERFILE: &str = "dockerfile";

/// What builders of Cloud Native Buildpacks do differently, by a word in the name of the builder or of a buildpack.
struct Builder {
    word: &'static str,
    version_files: &'static [&'static str],
    managers: &'static [&'static str],
    collects_assets: bool,
}

/// The builders that platforms name, the ones with the longer word first.
///
/// Source: paketo-buildpacks/python, `buildpack.toml` (the order of its groups), and paketo.io/docs/howto/python;
/// heroku/buildpacks-python, README; cloud.google.com/docs/buildpacks/python.
const BUILDERS: &[Builder] = &[
    Builder {
        word: "paketo",
        version_files: &["Pipfile.lock", "package.json", ".nvmrc", ".node-version", "go.mod"],
        managers: &["pipenv", "pip", "poetry"],
        collects_assets: false,
    },
    Builder {
        word: "heroku",
        version_files: &[".python-version", "runtime.txt", "package.json", "go.mod"],
        managers: &[],
        collects_assets: true,
    },
    Builder {
        word: "gcr.io/buildpacks",
        version_files: &[".python-version", "package.json", "go.mod"],
        managers: &["pip"],
        collects_assets: false,
    },
];

/// A Dockerfile that a file names.
struct Named {
    /// The directory of the component that it builds.
    dir: Option<RelPath>,
    /// Its path from there.
    path: String,
}

/// Reads what the files of the chosen platform hand the build to, or all files that decide where none is chosen; it
/// is added to `declared` in the order of `platforms`. Gives the choice with what it reads because of that.
pub(crate) fn follow(
    declared: &mut Vec<Declarations>,
    platforms: &[&Platform],
    tree: &dyn SourceTree,
    languages: &[&Language],
    chosen: Option<&Platform>,
) -> Option<ChosenPlatform> {
    let mut choice = chosen.map(Platform::chosen);
    let speaks = |file: &&Declarations| match &choice {
        Some(choice) => file.platform == choice.platform,
        None => file.weight == FileWeight::Decides,
    };
    let parts = declared.iter().filter(speaks).flat_map(|file| &file.components);
    let ways: Vec<(Option<RelPath>, Requested<Strategy>)> =
        parts.filter_map(|part| Some((part.dir().cloned(), part.strategy.clone()?))).collect();
    for (dir, way) in ways {
        match way.value {
            Strategy::Dockerfile { path, .. } => {
                let named = Named { dir, path: path.trim_start_matches("./").to_owned() };
                if let Some(read) = named.read(tree, languages) {
                    named.replace_by(read, declared, choice.is_none());
                    reads(&mut choice, DOCKERFILE);
                }
            }
            Strategy::Buildpacks { builder, list } => {
                reads(&mut choice, "procfile");
                reads(&mut choice, "cnb");
                let names: Vec<&str> = builder.iter().chain(&list).map(String::as_str).collect();
                let is_named = |known: &&Builder| names.iter().any(|name| name.contains(known.word));
                // A platform's own row says more about its own buildpacks.
                let known = BUILDERS.iter().find(is_named);
                if let (Some(choice), Some(known)) = (&mut choice, known)
                    && choice.platform != known.word
                {
                    known.rule(choice);
                }
            }
            Strategy::Program(_) => reads(&mut choice, "procfile"),
            Strategy::Detect | Strategy::Image(_) => {}
        }
    }
    // The others are for other images.
    if let (Some(choice), Some(platform)) = (&choice, chosen)
        && choice.reads.iter().any(|name| name == DOCKERFILE)
        && !platform.chosen().reads.iter().any(|name| name == DOCKERFILE)
    {
        let named = |file: &Declarations| file.weight == FileWeight::Decides;
        declared.retain(|file| file.platform != DOCKERFILE || named(file));
    }
    // That they are not installed is not true of what counts.
    if choice.as_ref().is_some_and(|choice| choice.reads.iter().any(|name| name == DOCKERFILE)) {
        for file in declared.iter_mut().filter(|file| file.platform == DOCKERFILE) {
            file.diagnostics.retain(|told| told.code != PACKAGES);
        }
    }
    let rank = |file: &Declarations| platforms.iter().position(|known| known.name == file.platform);
    declared.sort_by_key(rank);
    choice
}

fn reads(choice: &mut Option<ChosenPlatform>, name: &str) {
    if let Some(choice) = choice
        && !choice.reads.iter().any(|known| known == name)
    {
        choice.reads.push(name.to_owned());
    }
}

impl Builder {
    /// Has the choice follow what this builder does.
    fn rule(&self, choice: &mut ChosenPlatform) {
        let texts = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        choice.customs.version_files = Some(texts(self.version_files));
        choice.customs.managers = texts(self.managers);
        choice.customs.collects_assets = Some(self.collects_assets);
    }
}

impl Named {
    /// What the Dockerfile declares about the directory; nothing when there is none.
    fn read(&self, tree: &dyn SourceTree, languages: &[&Language]) -> Option<Declarations> {
        let none = BTreeMap::new();
        let view = DirView { tree, dir: self.dir.as_ref(), languages, environment: &none };
        let read = dockerfile::read(&view, &self.path)?;
        Some(match &self.dir {
            Some(dir) => in_dir(dir, read),
            None => read,
        })
    }

    /// Puts what was read in the place of the Dockerfile that a builder would find by itself. As hints, where no
    /// platform is chosen: but its packages count then too, since programs that the file of the platform starts
    /// are among them.
    fn replace_by(&self, mut read: Declarations, declared: &mut Vec<Declarations>, as_hints: bool) {
        let file = read.files[0].clone();
        let is_replaced = |other: &Declarations| {
            other.platform == DOCKERFILE && (other.files[0] == file || other.files[0].parent() == self.dir)
        };
        declared.retain(|other| !is_replaced(other));
        read.diagnostics.retain(|told| told.code != PACKAGES);
        if as_hints {
            let with_packages = |part: &Component| Component {
                root: part.root.clone(),
                packages: part.packages.clone(),
                ..Component::default()
            };
            let parts = read.components.iter().filter(|part| !part.packages.is_empty());
            let components: Vec<Component> = parts.map(with_packages).collect();
            if !components.is_empty() {
                let packages = Declarations::new(DOCKERFILE, &file, FileWeight::Decides);
                declared.push(Declarations { components, ..packages });
            }
        } else {
            read.weight = FileWeight::Decides;
        }
        declared.push(read);
    }
}

#[cfg(test)]
mod tests;
