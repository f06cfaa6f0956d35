//! Directories of users.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, SystemTime};

use packwright_oci::{Digest, Node, RelPath, Tree};
use packwright_planner::{FileKind, IgnoreFile, Ignoring, Language, SourceTree};
use packwright_store::{DiskTree, IngestError, Namespace, ScanError, ScanProblem, SourceAttributes, Store};

use crate::{chmod, path, store, write};

const ATTRIBUTES: SourceAttributes =
    SourceAttributes { uid: 1000, gid: 0, file: 0o664, executable: 0o775, dir: 0o775 };

/// The rules that the languages of this house declare, as far as these tests need them.
const LANGUAGE: Language = Language::new("python", "Python")
    .never_in_image(&[
        ("node_modules", "the build installs it"),
        ("__pycache__", "the build makes it"),
        (".venv", "the build installs it"),
    ])
    .never_beside(&[("pyvenv.cfg", "a virtual environment, which the build makes itself")]);

fn scan(dir: &Path) -> Result<DiskTree, ScanError> {
    packwright_store::scan(dir, &Ignoring::new([&LANGUAGE]))
}

fn paths(tree: &DiskTree) -> Vec<&str> {
    tree.files().iter().map(|file| file.path.as_str()).collect()
}

fn problems(dir: &Path) -> Vec<ScanProblem> {
    match scan(dir) {
        Err(ScanError::Unusable { problems }) => problems,
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_in_the_order_of_their_paths() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path();
    for name in ["b/c", "b-a", "a", "b/.hidden", "Z"] {
        write(top, name, name);
    }
    fs::create_dir(top.join("empty")).unwrap();
    chmod(&top.join("a"), 0o755);
    symlink("b/c", top.join("link")).unwrap();
    let tree = scan(top).unwrap();
    assert_eq!(paths(&tree), ["Z", "a", "b-a", "b/.hidden", "b/c", "link"]);
    assert_eq!(tree.files()[1].kind, FileKind::Regular { size: 1, executable: true });
    assert_eq!(tree.files()[4].kind, FileKind::Regular { size: 3, executable: false });
    assert_eq!(tree.files()[5].kind, FileKind::Symlink { target: "b/c".to_owned() });
    assert_eq!(tree.read(&path("b/c")).unwrap(), b"b/c");
    assert!(tree.read(&path("nothing")).is_err());
    assert!(tree.read(&path("link")).is_err(), "links are not followed");
    assert_eq!(tree.diagnostics(), []);
}

#[test]
fn what_is_ignored_is_counted_and_not_entered() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path();
    write(top, ".gitignore", "*.log\n/build/\n");
    write(top, ".slugignore", "docs\n");
    write(top, ".dockerignore", "data\n!data/keep.txt\n");
    write(top, "sub/.gitignore", "local\n");
    for name in [
        "app.py",
        "x.log",
        "build/out",
        "docs/a",
        "docs/b",
        "data/big",
        "data/keep.txt",
        "sub/local",
        "sub/build/kept",
        "local",
        ".git/config",
        ".env",
        "node_modules/a/index.js",
    ] {
        write(top, name, "");
    }
    write(top, "env/pyvenv.cfg", "home = /usr/bin");
    write(top, "env/bin/python", "");
    let tree = scan(top).unwrap();
    assert_eq!(
        paths(&tree),
        [
            ".dockerignore",
            ".gitignore",
            ".slugignore",
            "app.py",
            "data/keep.txt",
            "local",
            "sub/.gitignore",
            "sub/build/kept",
        ]
    );
    let ignored: Vec<(&str, u64)> =
        tree.ignored().iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
    assert_eq!(
        ignored,
        [
            (".dockerignore", 1),
            (".gitignore", 2),
            (".slugignore", 1),
            ("a virtual environment, which the build makes itself", 1),
            ("secrets of a developer's machine", 1),
            ("sub/.gitignore", 1),
            ("the build installs it", 1),
            ("version control", 1),
        ]
    );
}

/// A `.dockerignore` that lets one binary through is written for an image of what was built elsewhere.
#[test]
fn a_dockerignore_that_leaves_out_every_manifest_is_not_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path();
    for (file, text) in
        [(".dockerignore", "*\n!server\n"), ("go.mod", "module m\n"), ("main.go", ""), ("x.log", "")]
    {
        write(top, file, text);
    }
    write(top, ".gitignore", "*.log\n");
    let language = Language::new("go", "Go").manifests(&["go.mod"]);
    let scanned = |ignoring: &Ignoring| packwright_store::scan(top, ignoring).unwrap();
    let tree = scanned(&Ignoring::new([&language]));
    assert_eq!(paths(&tree), [".dockerignore", ".gitignore", "go.mod", "main.go"]);
    let codes: Vec<&str> = tree.diagnostics().iter().map(|remark| remark.code.as_str()).collect();
    assert_eq!(codes, ["ignore/built-elsewhere"]);
    // No language knows a file here, so there is nothing to prefer.
    assert_eq!(paths(&scanned(&Ignoring::default())), [] as [&str; 0]);
    write(top, ".dockerignore", "main.go\n");
    assert_eq!(paths(&scanned(&Ignoring::new([&language]))), [".dockerignore", ".gitignore", "go.mod"]);
}

#[test]
fn the_directory_itself_may_be_a_virtual_environment() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "pyvenv.cfg", "");
    write(dir.path(), "app.py", "");
    assert_eq!(paths(&scan(dir.path()).unwrap()), ["app.py", "pyvenv.cfg"]);
}

#[test]
fn all_links_that_leave_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path().join("app");
    write(&top, "a/b/file", "");
    let links = [
        ("abs", "/etc/passwd"),
        ("a/up", "../../secret"),
        ("a/through", "here/../../.."),
        ("a/here", "."),
        ("fine", "a/b/../b/file"),
        ("top", "a/.."),
    ];
    for (name, target) in links {
        symlink(target, top.join(name)).unwrap();
    }
    let found = problems(&top);
    let names: Vec<String> = found
        .iter()
        .map(|problem| match problem {
            ScanProblem::LeadsOut { path, .. } => path.to_string(),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(names, ["a/through", "a/up", "abs"]);
    assert!(found[0].fix().contains("`a/through` in .slugignore"), "{}", found[0].fix());

    // One that goes out through another link of the tree.
    for name in ["abs", "a/up", "a/through"] {
        fs::remove_file(top.join(name)).unwrap();
    }
    symlink("a/..", top.join("a/b/roundabout")).unwrap();
    symlink("a/here/../../..", top.join("sly")).unwrap();
    let found = problems(&top);
    assert!(matches!(&found[..], [ScanProblem::LeadsOut { path, .. }] if path.as_str() == "sly"));

    write(&top, ".slugignore", "sly\n");
    scan(&top).unwrap();
}

#[test]
fn loops_and_dangling_links_are_kept_and_reported() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path();
    symlink("b", top.join("a")).unwrap();
    symlink("a", top.join("b")).unwrap();
    symlink("nothing", top.join("c")).unwrap();
    symlink("here/x", top.join("here")).unwrap();
    write(top, "file", "");
    symlink("file/below", top.join("d")).unwrap();
    let tree = scan(top).unwrap();
    assert_eq!(paths(&tree), ["a", "b", "c", "d", "file", "here"]);
    let told: Vec<_> = tree.diagnostics().iter().map(|told| told.code.as_str()).collect();
    assert_eq!(
        told,
        [
            "source/link-loop",
            "source/link-loop",
            "source/dangling-link",
            "source/dangling-link",
            "source/link-loop",
        ]
    );
}

#[test]
fn names_that_no_image_can_hold() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path();
    write(top, "x/.wh.passwd", "");
    fs::write(top.join(std::ffi::OsStr::from_bytes(b"caf\xe9")), "").unwrap();
    symlink(std::ffi::OsStr::from_bytes(b"\xff"), top.join("link")).unwrap();
    let mut deep = top.to_owned();
    for _ in 0..130 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    let found: Vec<String> = problems(top).iter().map(ScanProblem::to_string).collect();
    assert_eq!(found.len(), 4, "{found:#?}");
    assert_eq!(found[0], r"the name or link text `caf\xe9` is not UTF-8");
    assert!(found[1].ends_with("has more than 128 parts"), "{}", found[1]);
    assert_eq!(found[2], r"the name or link text `link -> \xff` is not UTF-8");
    assert!(found[3].starts_with("the name of `x/.wh.passwd`"), "{}", found[3]);
}

#[test]
fn sockets_are_left_out_with_a_word() {
    let dir = tempfile::tempdir().unwrap();
    let _listener = UnixListener::bind(dir.path().join("app.sock")).unwrap();
    let tree = scan(dir.path()).unwrap();
    assert!(tree.files().is_empty());
    let told = &tree.diagnostics()[0];
    assert_eq!(told.message, "`app.sock` is a socket and is left out");
}

#[test]
fn a_directory_that_is_none() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "file", "");
    for name in ["file", "nothing"] {
        let error = scan(&dir.path().join(name)).unwrap_err();
        assert!(matches!(error, ScanError::Directory { .. }), "{error}");
    }
}

/// Needs to be somebody whom modes stop, see `processes::as_nobody`.
pub(crate) fn unreadable_files_are_all_named(dir: &Path) {
    let top = dir.join("app");
    write(&top, "ok", "");
    write(&top, "secret", "");
    write(&top, "closed/file", "");
    chmod(&top.join("secret"), 0o200);
    chmod(&top.join("closed"), 0);
    let found = problems(&top);
    let names: Vec<_> = found
        .iter()
        .map(|problem| match problem {
            ScanProblem::Unreadable { path, .. } => path.as_str(),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(names, ["closed", "secret"]);
    chmod(&top.join("closed"), 0o700);
}

/// How many files of `dir` the store knows by their time stamps.
fn known(store: &Store, dir: &Path) -> usize {
    let records = store.path().join("records").join(Namespace::new("source").name());
    let record = fs::read_dir(records).ok().and_then(|mut records| records.next());
    let _ = dir;
    record.map_or(0, |record| {
        let text = fs::read_to_string(record.unwrap().path()).unwrap();
        text.matches("sha256:").count() - 1
    })
}

/// Makes a file old enough to be trusted.
fn age(path: &Path) {
    let old = SystemTime::now() - Duration::from_secs(3600);
    let times = fs::FileTimes::new().set_modified(old);
    fs::File::options().write(true).open(path).unwrap().set_times(times).unwrap();
}

fn digest_in(tree: &Tree, name: &str) -> Digest {
    match &tree.get(name).unwrap().node {
        Node::File { digest, .. } => *digest,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_tree_has_the_given_owner_and_modes() {
    let (dir, store) = store();
    let top = dir.path().join("app");
    write(&top, "bin/run", "x");
    write(&top, "a/b/c", "y");
    chmod(&top.join("bin/run"), 0o700);
    chmod(&top.join("a/b"), 0o700);
    symlink("bin/run", top.join("start")).unwrap();
    let tree = scan(&top).unwrap().tree(&store, &ATTRIBUTES).unwrap();
    let shown: Vec<String> = tree
        .iter()
        .map(|(path, entry)| format!("{path} {:o} {}:{}", entry.mode, entry.uid, entry.gid))
        .collect();
    assert_eq!(
        shown,
        [
            "a 775 1000:0",
            "a/b 775 1000:0",
            "a/b/c 664 1000:0",
            "bin 775 1000:0",
            "bin/run 775 1000:0",
            "start 777 1000:0",
        ]
    );
    assert!(store.has_all_of(&tree));
}

#[test]
fn a_young_file_is_read_again_even_if_its_stamp_is_the_same() {
    let (dir, store) = store();
    let top = dir.path().join("app");
    write(&top, "file", "one");
    let stamp = fs::metadata(top.join("file")).unwrap().modified().unwrap();
    scan(&top).unwrap().tree(&store, &ATTRIBUTES).unwrap();
    assert_eq!(known(&store, &top), 0, "it was written just now");
    fs::write(top.join("file"), "two").unwrap();
    let times = fs::FileTimes::new().set_modified(stamp);
    fs::File::options().write(true).open(top.join("file")).unwrap().set_times(times).unwrap();
    let tree = scan(&top).unwrap().tree(&store, &ATTRIBUTES).unwrap();
    assert_eq!(digest_in(&tree, "file"), Digest::of(b"two"));
}

#[test]
fn an_old_file_is_read_once() {
    let (dir, store) = store();
    let top = dir.path().join("app");
    write(&top, "file", "one");
    write(&top, "other", "other");
    write(&top, "young", "young");
    age(&top.join("file"));
    age(&top.join("other"));
    // The time of the last change of the inode cannot be set back.
    std::thread::sleep(Duration::from_millis(2100));
    let first = scan(&top).unwrap().tree(&store, &ATTRIBUTES).unwrap();
    if in_memory(&top) {
        return assert_eq!(known(&store, &top), 0, "{} is in memory", top.display());
    }
    assert_eq!(known(&store, &top), 2, "a map may still write to the third, unseen");

    // Proof that it is not read: the store believes what the record says.
    let key = only_source_record(&store);
    let record = store.path().join("records/source").join(key.hex());
    let forged = fs::read_to_string(&record).unwrap();
    let (one, lie) = (Digest::of(b"one"), Digest::of(b"lie"));
    store.add_file(&mut "lie".as_bytes()).unwrap();
    let json = forged.split_once('\n').unwrap().1.replace(&one.to_string(), &lie.to_string());
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    store.put_record(Namespace::new("source"), &key, &value).unwrap();
    let second = scan(&top).unwrap().tree(&store, &ATTRIBUTES).unwrap();
    assert_eq!(digest_in(&second, "file"), lie);
    assert_eq!(digest_in(&second, "other"), digest_in(&first, "other"));

    // Same length, same modification time: the inode's change time gives it away.
    let stamp = fs::metadata(top.join("file")).unwrap().modified().unwrap();
    fs::write(top.join("file"), "two").unwrap();
    let times = fs::FileTimes::new().set_modified(stamp);
    fs::File::options().write(true).open(top.join("file")).unwrap().set_times(times).unwrap();
    let third = scan(&top).unwrap().tree(&store, &ATTRIBUTES).unwrap();
    assert_eq!(digest_in(&third, "file"), Digest::of(b"two"));
}

#[test]
fn a_known_content_that_the_store_lost_is_read_again() {
    let (dir, store) = store();
    let top = dir.path().join("app");
    write(&top, "file", "one");
    std::thread::sleep(Duration::from_millis(2100));
    scan(&top).unwrap().tree(&store, &ATTRIBUTES).unwrap();
    let hex = Digest::of(b"one").hex();
    fs::remove_file(store.path().join("files").join(&hex[..2]).join(&hex)).unwrap();
    let tree = scan(&top).unwrap().tree(&store, &ATTRIBUTES).unwrap();
    assert!(store.has_all_of(&tree));
}

fn in_memory(dir: &Path) -> bool {
    const TMPFS: u32 = 0x0102_1994;
    rustix::fs::statfs(dir).unwrap().f_type as u32 == TMPFS
}

/// Where files are in memory, a write through a map moves no time at all.
#[test]
fn a_file_that_is_on_no_disk_is_read_each_time() {
    let (_dir, store) = store();
    let Ok(memory) = tempfile::tempdir_in("/dev/shm") else { panic!("/dev/shm is not there") };
    assert!(in_memory(memory.path()));
    let top = memory.path().join("app");
    write(&top, "file", "one");
    age(&top.join("file"));
    std::thread::sleep(Duration::from_millis(2100));
    scan(&top).unwrap().tree(&store, &ATTRIBUTES).unwrap();
    assert_eq!(known(&store, &top), 0);
}

fn only_source_record(store: &Store) -> Digest {
    let name = fs::read_dir(store.path().join("records/source")).unwrap().next().unwrap();
    Digest::from_hex(name.unwrap().file_name().to_str().unwrap()).unwrap()
}

#[test]
fn a_file_that_became_a_link_after_the_scan_is_not_followed() {
    let (dir, store) = store();
    let top = dir.path().join("app");
    write(&top, "a/file", "x");
    write(dir.path(), "outside/file", "secret");
    let scanned = scan(&top).unwrap();
    fs::rename(top.join("a"), top.join("b")).unwrap();
    symlink(dir.path().join("outside"), top.join("a")).unwrap();
    assert!(scanned.read(&path("a/file")).is_err());
    assert!(scanned.tree(&store, &ATTRIBUTES).is_err());
    assert!(!store.has_file(&Digest::of(b"secret"), 6));
}

/// A plan is made of what was read; a tree of later files would be for another plan.
#[test]
fn a_tree_is_of_the_moment_of_the_scan_or_there_is_none() {
    let changed = |change: &dyn Fn(&Path, &DiskTree)| {
        let (dir, store) = store();
        let top = dir.path().join("app");
        write(&top, "Procfile", "web: one");
        write(&top, "other", "x");
        let scanned = scan(&top).unwrap();
        change(&top, &scanned);
        match scanned.tree(&store, &ATTRIBUTES) {
            Ok(tree) => {
                assert_eq!(digest_in(&tree, "Procfile"), Digest::of(b"web: one"));
                None
            }
            Err(IngestError::Changed { path }) => Some(path.to_string()),
            Err(error) => panic!("{error:?}"),
        }
    };
    assert_eq!(changed(&|_, _| {}), None);
    assert_eq!(changed(&|top, _| write(top, "new", "x")), None);
    assert_eq!(changed(&|_, scanned| drop(scanned.read(&path("Procfile")).unwrap())), None);
    let procfile = Some("Procfile".to_owned());
    assert_eq!(changed(&|top, _| write(top, "Procfile", "web: another")), procfile);
    assert_eq!(changed(&|top, _| fs::remove_file(top.join("Procfile")).unwrap()), procfile);
    // A new file in its place, with the same length.
    let replaced = |top: &Path| {
        write(top, "draft", "web: two");
        fs::rename(top.join("draft"), top.join("Procfile")).unwrap();
    };
    assert_eq!(changed(&|top, _| replaced(top)), procfile);
}

#[test]
fn what_is_not_wanted_may_change() {
    let (dir, store) = store();
    let top = dir.path().join("app");
    write(&top, "app.py", "x");
    write(&top, "packwright.lock", "old");
    let scanned = scan(&top).unwrap();
    write(&top, "packwright.lock", "another");
    let keep = |path: &packwright_oci::RelPath| path.as_str() != "packwright.lock";
    let tree = scanned.tree_of(&store, &ATTRIBUTES, &keep).unwrap();
    assert_eq!(tree.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["app.py"]);
}

/// Files that a plan is made from are read whatever an ignore file says, and are no part of the image.
#[test]
fn what_is_read_is_in_the_tree_and_outside_the_image() {
    fn is_read(path: &RelPath) -> bool {
        path.name() == "fly.toml" || path.parts().next() == Some(".platform")
    }
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path();
    for (file, text) in [
        (".dockerignore", "fly.toml\n.platform\nnotes\n"),
        (".slugignore", "*.psd\nsub/\n"),
        (".gitignore", "private/\n"),
        ("fly.toml", ""),
        (".platform/routes.yaml", ""),
        ("notes/fly.toml", ""),
        ("private/fly.toml", ""),
        ("x.psd", ""),
        ("app.py", ""),
    ] {
        write(top, file, text);
    }
    let tree = packwright_store::scan(top, &Ignoring::default().reading(is_read)).unwrap();
    let files = [".dockerignore", ".gitignore", ".platform/routes.yaml", ".slugignore", "app.py", "fly.toml"];
    assert_eq!(paths(&tree), files);
    let outside: Vec<&str> = tree.outside_image().keys().map(RelPath::as_str).collect();
    assert_eq!(outside, [".platform/routes.yaml", "fly.toml"]);
    assert_eq!(tree.ignored().get(".dockerignore"), Some(&3));

    // A manifest that is left out says that nothing of its language is meant.
    let language = Language::new("fly", "Fly").manifests(&["fly.toml", "app.py"]);
    let ignoring = Ignoring::new([&language]).reading(is_read);
    let tree = packwright_store::scan(top, &ignoring).unwrap();
    assert!(!paths(&tree).contains(&"fly.toml"));
    let told: Vec<&str> = tree.diagnostics().iter().map(|told| told.message.as_str()).collect();
    assert_eq!(told, ["fly.toml is not read: .dockerignore leaves it out"]);

    // The chosen platform reads neither.
    let ignoring = Ignoring::default().reading(is_read).obeying(&[]);
    let tree = packwright_store::scan(top, &ignoring).unwrap();
    assert!(paths(&tree).contains(&"x.psd") && paths(&tree).contains(&"notes/fly.toml"));
    assert!(!paths(&tree).contains(&"private/fly.toml") && tree.outside_image().is_empty());
    let told: Vec<&str> = tree.diagnostics().iter().map(|told| told.message.as_str()).collect();
    assert_eq!(told, [".dockerignore leaves nothing out", ".slugignore leaves nothing out"]);
    // Or one of the two.
    let ignoring = Ignoring::default().obeying(&[IgnoreFile::Slug]);
    assert!(!paths(&packwright_store::scan(top, &ignoring).unwrap()).contains(&"x.psd"));
}
