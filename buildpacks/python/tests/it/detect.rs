//! What detection reads, and what it claims.

use std::io;
use std::sync::Mutex;

use packwright_buildpack::planner::{
    Buildpack, Component, MemoryTree, PlanContext, PlanOptions, RelPath, Role, SourceFile, SourceTree,
};
use packwright_python::Python;

/// A tree that notes which files are read.
struct Watched {
    tree: MemoryTree,
    read: Mutex<Vec<String>>,
}

impl SourceTree for Watched {
    fn files(&self) -> &[SourceFile] {
        self.tree.files()
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        self.read.lock().unwrap().push(path.to_string());
        self.tree.read(path)
    }
}

/// The claim on the tree written as `text`, and the files that were read for it.
fn detected(text: &str) -> (String, Vec<String>) {
    let watched = Watched { tree: MemoryTree::parse(text), read: Mutex::default() };
    let context = PlanContext {
        tree: &watched,
        model: &Component::default(),
        options: &PlanOptions::default(),
        role: Role::Owner,
    };
    let claim = Python.detect(&context);
    let claim = claim.map(|claim| format!("{:?}: {}", claim.value, claim.origin));
    (claim.unwrap_or_default(), watched.read.into_inner().unwrap())
}

#[test]
fn lock_files_and_version_files_are_not_read() {
    let (claim, read) = detected(
        "//- /main.py\nfrom fastapi import FastAPI\napp = FastAPI()\n//- /pyproject.toml\n[project]\nname = \"x\"\n\
         version = \"1\"\ndependencies = [\"fastapi\"]\n//- /uv.lock\nbroken\n//- /poetry.lock\n//- /.python-version\n9\n",
    );
    assert_eq!(claim, "Server: detected: FastAPI application `app` in main.py:2");
    assert_eq!(read, ["pyproject.toml", "main.py"]);
}

#[test]
fn names_say_what_broken_manifests_do_not() {
    assert_eq!(detected("//- /pyproject.toml\n[\n//- /main.py\n").0, "Program: main.py");
    assert_eq!(detected("//- /requirements.txt\n!!\n//- /manage.py\n").0, "Server: manage.py");
    assert_eq!(detected("//- /requirements.txt\n!!\n").0, "Tools: requirements.txt");
    assert_eq!(detected("//- /package.json\n{}\n").0, "");
}
