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
        self.output_and_warnings(path).0
    }

    fn output_and_warnings(&self, path: &str) -> (Result<Tree, BuildError>, Vec<String>) {
        let warnings = std::sync::Mutex::new(Vec::new());
        let note = |event| {
            if let Event::Noticed(problem) = event {
                warnings.lock().unwrap().push(problem.message);
            }
        };
        let store = Store::open(&self.dir.path().join("store")).unwrap();
        let client = Client::new(ClientOptions::default()).unwrap();
        let stop = Cancellation::new().unwrap();
        let context = BuildContext::new(&store, &client, &stop, SystemTime::UNIX_EPOCH, &note);
        fs::create_dir_all(self.at("")).unwrap();
        let rules = CaptureRules::default().with_layering(self.layering);
        let work = StepWork {
            step: &"toy".parse().unwrap(),
            hint: None,
            transient: &[],
            commands: Vec::new(),
            environment: BTreeMap::new(),
            network: Network::None,
            expected: None,
            is_recorded: false,
            entered: &Mutex::default(),
            caches: Vec::new(),
            secrets: &self.secrets,
            placeholders: &[],
            patterns: &SecretPatterns::of(&self.secrets),
            outputs: &[],
        };
        let output = Output { path: path.parse().unwrap(), layer: None, scrub: Vec::new() };
        let written = OutputDir::open(&self.at(""), rules).unwrap();
        let taken = take_in(&context, &self.lower, &self.lower, &written, &work, &output)
            .map_err(|error| redacted(error, work.patterns));
        drop(context);
        (taken, warnings.into_inner().unwrap())
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
fn rights_beyond_the_users_leave_an_output_in_one_way() {
    use std::os::unix::fs::PermissionsExt;

    for layering in [Layering::Plain, Layering::OverlayUpper] {
        let case = Case::new(layering)
            .write("out/bits", "a")
            .write("out/dir/x", "b")
            .write("out/capable", "c")
            .write("out/plain", "d");
        let mode = |path: &str, mode| fs::set_permissions(case.at(path), fs::Permissions::from_mode(mode));
        mode("out/bits", 0o6755).unwrap();
        mode("out/dir", 0o3777).unwrap();
        // cap_net_bind_service=ep; only root may set it.
        let mut value = vec![1, 0, 0, 2];
        value.extend([0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let flags = rustix::fs::XattrFlags::empty();
        let is_capable =
            rustix::fs::setxattr(case.at("out/capable"), "security.capability", &value, flags).is_ok();
        let (tree, warnings) = case.output_and_warnings("out");
        for (path, entry) in tree.unwrap().iter() {
            assert_eq!((entry.mode & 0o7000, entry.xattrs.len()), (0, 0), "{path}");
        }
        let more = if is_capable { "2 more files" } else { "one more file" };
        assert_eq!(
            warnings,
            [format!(
                "the setuid bit and setgid bit of `/out/bits`, which the step `toy` set, is left out, and such \
                 rights of {more}"
            )]
        );
        let (file, warnings) = case.output_and_warnings("out/bits");
        assert_eq!((file.unwrap().get("out/bits").unwrap().mode, warnings.len()), (0o755, 1));
    }
}

/// What a package brought keeps its rights, and nothing is said of it.
#[test]
fn rights_of_what_was_there_before_stay() {
    use std::os::unix::fs::PermissionsExt;

    let mut case = Case::new(Layering::OverlayUpper).write("out/su", "s");
    fs::set_permissions(case.at("out/su"), fs::Permissions::from_mode(0o4755)).unwrap();
    case.lower.insert("out/su".parse().unwrap(), Entry::file(Digest::of(b"s"), 1, 0o4755)).unwrap();
    let (tree, warnings) = case.output_and_warnings("out");
    assert_eq!((tree.unwrap().get("out/su").unwrap().mode, warnings.len()), (0o4755, 0));
}

#[test]
fn no_error_shows_a_secret_that_is_a_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let not_utf8 = [SECRET.as_bytes(), b"\xff"].concat();
    let deep = format!("{}{SECRET}", "d/".repeat(256));
    for name in [b".wh.hunter22", b".wh.hunt\x1bER22".as_slice(), not_utf8.as_slice(), deep.as_bytes()] {
        let mut case = Case::new(Layering::OverlayUpper);
        case.secrets = vec![
            Secret::new("TOKEN".parse().unwrap(), SECRET).unwrap(),
            Secret::new("OTHER".parse().unwrap(), "huntER22").unwrap(),
        ];
        let path = case.at("out").join(OsStr::from_bytes(name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        let error = case.output("out").unwrap_err();
        let mut said = error.fix().unwrap_or_default();
        for error in std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source()) {
            said.push_str(&error.to_string());
        }
        assert!(said.contains("***") && !said.to_lowercase().contains("22"), "{said}");
        assert!(error.fix().is_some(), "{said}");
    }
}

#[test]
fn a_secret_in_a_path_of_several_names_is_found() {
    let mut case = Case::new(Layering::OverlayUpper).write("out/a/s3cr3t/value/b", "");
    case.secrets = vec![Secret::new("TOKEN".parse().unwrap(), "s3cr3t/value").unwrap()];
    match case.output("out") {
        Err(BuildError::SecretFound { path, .. }) => assert_eq!(path, "out/a/***"),
        other => panic!("{other:?}"),
    }
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
