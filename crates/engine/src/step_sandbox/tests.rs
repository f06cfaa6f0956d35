//! What is taken in of a step that ran. The directories are made by hand, as an overlay or a
//! copied root would show them.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::SystemTime;

use packwright_oci::Digest;
use packwright_remote::{Client, ClientOptions};
use packwright_store::Store;

use super::*;
use crate::cancellation::Cancellation;

const SECRET: &str = "hunter22";

/// Outputs of a step that left `written` over `lower`.
struct Case {
    dir: tempfile::TempDir,
    lower: Tree,
    layering: Layering,
    secrets: Vec<Secret>,
}

impl Case {
    fn new(layering: Layering) -> Case {
        Case { dir: tempfile::tempdir().unwrap(), lower: Tree::new(), layering, secrets: Vec::new() }
    }

    fn beneath(mut self, path: &str, content: &str) -> Case {
        let digest = Digest::of(content.as_bytes());
        let entry = Entry::file(digest, content.len() as u64, 0o664).owned_by(1000, 0);
        self.lower.insert(path.parse().unwrap(), entry).unwrap();
        self
    }

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join("written").join(path)
    }

    fn write(self, path: &str, content: &str) -> Case {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), content).unwrap();
        self
    }

    fn opaque(self, path: &str) -> Case {
        let no_flags = rustix::fs::XattrFlags::empty();
        rustix::fs::setxattr(self.at(path), "user.overlay.opaque", b"y", no_flags).unwrap();
        self
    }

    fn link(self, path: &str, target: &Path) -> Case {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        symlink(target, self.at(path)).unwrap();
        self
    }

    fn output(&self, path: &str) -> Result<Tree, BuildError> {
        let store = Store::open(&self.dir.path().join("store")).unwrap();
        let client = Client::new(ClientOptions::default()).unwrap();
        let stop = Cancellation::new().unwrap();
        let context = BuildContext::new(&store, &client, &stop, SystemTime::UNIX_EPOCH, &|_| {});
        fs::create_dir_all(self.at("")).unwrap();
        let rules = CaptureRules::default().with_layering(self.layering);
        let work = StepWork {
            step: &"toy".parse().unwrap(),
            hint: None,
            transient: &[],
            commands: Vec::new(),
            environment: BTreeMap::new(),
            network: Network::None,
            caches: Vec::new(),
            secrets: &self.secrets,
            patterns: &SecretPatterns::of(&self.secrets),
            outputs: &[],
        };
        let output = Output { path: path.parse().unwrap(), layer: None, scrub: Vec::new() };
        let written = OutputDir::open(&self.at(""), rules).unwrap();
        take_in(&context, &self.lower, &self.lower, &written, &work, &output)
    }

    fn paths(&self, output: &str) -> Vec<String> {
        let tree = self.output(output).unwrap();
        let is_file = |entry: &Entry| !entry.is_dir() && entry.node != Node::Whiteout;
        tree.iter().filter(|(_, entry)| is_file(entry)).map(|(path, _)| path.to_string()).collect()
    }
}

#[test]
fn a_directory_made_anew_has_nothing_of_the_old_one() {
    let case = || Case::new(Layering::OverlayUpper).beneath("opt/venv/old", "o").write("opt/venv/new", "n");
    assert_eq!(case().paths("opt/venv"), ["opt/venv/new", "opt/venv/old"]);
    assert_eq!(case().opaque("opt/venv").paths("opt/venv"), ["opt/venv/new"]);
    assert_eq!(case().opaque("opt").paths("opt/venv"), ["opt/venv/new"]);
}

#[test]
fn what_a_step_removed_from_a_copied_root_is_gone() {
    let case = Case::new(Layering::Plain).beneath("opt/venv/old", "o").write("opt/venv/new", "n");
    assert_eq!(case.paths("opt/venv"), ["opt/venv/new"]);
}

#[test]
fn an_output_below_what_was_removed_is_missing() {
    let case = Case::new(Layering::OverlayUpper).beneath("opt/venv/old", "o").write("opt", "now a file");
    assert!(matches!(case.output("opt/venv"), Err(BuildError::OutputMissing { .. })));
}

#[test]
fn unchanged_files_look_the_same_on_every_rung() {
    let copied = Case::new(Layering::Plain).beneath("app/a", "a").write("app/a", "a");
    let touched = Case::new(Layering::OverlayUpper).beneath("app/a", "a").write("app/a", "a");
    let untouched = Case::new(Layering::OverlayUpper).beneath("app/a", "a");
    for case in [copied, touched, untouched] {
        assert_eq!(case.output("app").unwrap().get("app/a"), case.lower.get("app/a"));
    }
}

#[test]
fn nothing_of_the_host_is_read_through_a_link() {
    for layering in [Layering::Plain, Layering::OverlayUpper] {
        let host = tempfile::tempdir().unwrap();
        fs::create_dir(host.path().join("venv")).unwrap();
        fs::write(host.path().join("venv/private"), SECRET).unwrap();
        let mut case = Case::new(layering).link("opt", host.path());
        case.secrets = vec![Secret::new("TOKEN".parse().unwrap(), SECRET).unwrap()];
        for output in ["opt", "opt/venv", "opt/venv/private"] {
            match case.output(output) {
                Err(BuildError::OutputBehindLink { link, .. }) => assert_eq!(link.as_str(), "opt"),
                other => panic!("{other:?}"),
            }
        }
    }
    let mut beneath = Case::new(Layering::OverlayUpper);
    beneath.lower.insert("bin".parse().unwrap(), Entry::symlink("usr/bin")).unwrap();
    assert!(matches!(beneath.output("bin/tool"), Err(BuildError::OutputBehindLink { .. })));
}

#[test]
fn secrets_are_found_in_what_is_kept() {
    let mut case =
        Case::new(Layering::OverlayUpper).write("opt/a/b", "token=hunter22").write("etc/x", SECRET);
    case.secrets = vec![Secret::new("TOKEN".parse().unwrap(), SECRET).unwrap()];
    match case.output("opt") {
        Err(BuildError::SecretFound { path, .. }) => assert_eq!(path.as_str(), "opt/a/b"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_step_deleted_is_a_whiteout_on_every_rung() {
    let case = |layering| {
        Case::new(layering)
            .beneath("app/dist/old", "o")
            .beneath("app/data/a/b", "d")
            .beneath("app/seed", "s")
            .beneath("app/pipe", "p")
            .write("app/dist/new", "n")
    };
    let fifo = |case: &Case| {
        let mode = rustix::fs::Mode::from_raw_mode(0o644);
        rustix::fs::mknodat(rustix::fs::CWD, case.at("app/pipe"), rustix::fs::FileType::Fifo, mode, 0)
            .unwrap();
    };
    let copied = case(Layering::Plain);
    fifo(&copied);
    let overlaid = case(Layering::OverlayUpper).opaque("app/dist");
    fifo(&overlaid);
    for gone in ["app/data", "app/seed"] {
        let (kind, mode) = (rustix::fs::FileType::CharacterDevice, rustix::fs::Mode::empty());
        rustix::fs::mknodat(rustix::fs::CWD, overlaid.at(gone), kind, mode, 0).unwrap();
    }
    for case in [copied, overlaid] {
        let tree = case.output("app").unwrap();
        let deleted = tree.iter().filter(|(_, entry)| entry.node == Node::Whiteout);
        let deleted: Vec<&str> = deleted.map(|(path, _)| path.as_str()).collect();
        assert_eq!(deleted, ["app/data", "app/dist/old", "app/pipe", "app/seed"], "{:?}", case.layering);
        assert!(matches!(tree.get("app/dist/new").unwrap().node, Node::File { .. }));
    }
}
