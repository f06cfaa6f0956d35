//! The claim on a tree: what it is made from, and that it stays cheap.

use std::io;
use std::sync::Mutex;

use packwright_buildpack::planner::{
    Buildpack, Claim, MemoryTree, PlanContext, PlanOptions, RelPath, Role, SourceFile, SourceTree,
};
use packwright_node::Node;

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

#[test]
fn a_claim_needs_no_lock_file() {
    let tree = MemoryTree::parse(
        "//- /package.json\n{ \"dependencies\": { \"next\": \"15\" }, \"scripts\": { \"build\": \"next build\" } }\n\
         //- /package-lock.json\n{ this is no lock\n\
         //- /.nvmrc\nno version\n",
    );
    let model = packwright_platforms::model(&tree).component(None);
    let options = PlanOptions::default();
    let watched = Watched { tree, read: Mutex::default() };
    let context = PlanContext { tree: &watched, model: &model, options: &options, role: Role::Owner };
    let claim = Node.detect(&context).unwrap();
    assert_eq!((claim.value, claim.origin.to_string().as_str()), (Claim::Server, "package.json:1"));
    assert_eq!(*watched.read.lock().unwrap(), ["package.json"]);
    let problems = Node.propose(&context).unwrap_err();
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["node/broken-lock", "node/version-unreadable"]);
}

#[test]
fn a_manifest_that_cannot_be_read_is_a_claim() {
    let tree = MemoryTree::parse("//- /package.json\n{\n");
    let model = packwright_platforms::model(&tree).component(None);
    let options = PlanOptions::default();
    let context = PlanContext { tree: &tree, model: &model, options: &options, role: Role::Owner };
    assert_eq!(Node.detect(&context).map(|claim| claim.value), Some(Claim::Program));
    assert!(Node.propose(&context).is_err());
}
