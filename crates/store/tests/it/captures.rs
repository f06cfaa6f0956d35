//! What steps leave behind, also the hostile and the unreadable.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use packwright_oci::{Digest, Entry, Node};
use packwright_store::{
    CaptureError, CaptureRules, Captured, Layering, Modes, OutputDir, OutputEntry, SpecialKind, capture,
};

use crate::{chmod, mode, path, store, write};

fn rules() -> CaptureRules {
    CaptureRules::default()
}

fn upper() -> CaptureRules {
    rules().with_layering(Layering::OverlayUpper)
}

fn file(content: &str, mode: u32) -> Entry {
    Entry::file(Digest::of(content.as_bytes()), content.len() as u64, mode)
}

/// One line per entry.
fn shown(captured: &Captured) -> Vec<String> {
    captured
        .tree
        .iter()
        .map(|(path, entry)| match &entry.node {
            Node::Dir => format!("{path}/"),
            Node::File { size, .. } => format!("{path} {size} {:o}", entry.mode),
            Node::Symlink { target } => format!("{path} -> {target}"),
            Node::Hardlink { target } => format!("{path} = {target}"),
            Node::Whiteout => format!("{path} gone"),
        })
        .collect()
}

#[test]
fn files_links_and_modes() {
    let (dir, store) = store();
    let top = dir.path().join("upper");
    write(&top, "usr/bin/tool", "run");
    write(&top, "usr/a-b", "x");
    write(&top, "usr/conf", "conf");
    fs::create_dir(top.join("empty")).unwrap();
    chmod(&top.join("usr/bin/tool"), 0o6711);
    chmod(&top.join("usr/conf"), 0o600);
    chmod(&top.join("empty"), 0o1777);
    symlink("/etc/shadow", top.join("usr/out")).unwrap();
    symlink("loop", top.join("usr/loop")).unwrap();
    symlink("../..", top.join("usr/up")).unwrap();

    let captured = capture(&store, &top, &rules()).unwrap();
    assert_eq!(
        shown(&captured),
        [
            "empty/",
            "usr/",
            "usr/a-b 1 644",
            "usr/bin/",
            "usr/bin/tool 3 755",
            "usr/conf 4 644",
            "usr/loop -> loop",
            "usr/out -> /etc/shadow",
            "usr/up -> ../..",
        ]
    );
    assert_eq!(captured.tree.get("usr/bin/tool"), Some(&file("run", 0o755)));
    assert_eq!(captured.tree.get("empty").unwrap().mode, 0o755);
    assert!(store.has_all_of(&captured.tree));

    let found = rules().with_modes(Modes::AsFound).with_owner(1000, 7);
    let captured = capture(&store, &top, &found).unwrap();
    let tool = captured.tree.get("usr/bin/tool").unwrap();
    assert_eq!((tool.mode, tool.uid, tool.gid), (0o6711, 1000, 7));
    assert_eq!(captured.tree.get("empty").unwrap().mode, 0o1777);
}

#[test]
fn hard_links_name_the_first_in_byte_order() {
    let (dir, store) = store();
    let top = dir.path().join("upper");
    let outside = dir.path().join("outside");
    write(&top, "z/first", "same");
    fs::hard_link(top.join("z/first"), top.join("z-second")).unwrap();
    fs::hard_link(top.join("z/first"), top.join("z/third")).unwrap();
    write(&top, "alone", "cached");
    fs::hard_link(top.join("alone"), &outside).unwrap();
    let captured = capture(&store, &top, &rules()).unwrap();
    assert_eq!(
        shown(&captured),
        ["alone 6 644", "z/", "z-second 4 644", "z/first = z-second", "z/third = z-second"]
    );
    assert_eq!(store.put_tree(&captured.tree).map(|_| ()).map_err(|e| e.to_string()), Ok(()));
}

#[test]
fn sockets_and_pipes_are_left_out() {
    let (dir, store) = store();
    let top = dir.path().join("upper");
    fs::create_dir(&top).unwrap();
    let _listener = UnixListener::bind(top.join("sock")).unwrap();
    let kind = rustix::fs::FileType::Fifo;
    let read_write = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, top.join("pipe"), kind, read_write, 0).unwrap();
    let captured = capture(&store, &top, &rules()).unwrap();
    assert!(captured.tree.is_empty());
    let skipped: Vec<_> =
        captured.skipped.iter().map(|skipped| (skipped.path.as_str(), skipped.kind)).collect();
    assert_eq!(skipped, [("pipe", SpecialKind::Pipe), ("sock", SpecialKind::Socket)]);
}

#[test]
fn all_names_that_are_not_utf8_are_named() {
    let (dir, store) = store();
    let top = dir.path().join("upper");
    write(&top, "ok", "");
    for name in [&b"caf\xe9"[..], b"new\nline\xff"] {
        fs::write(top.join(std::ffi::OsStr::from_bytes(name)), "").unwrap();
    }
    symlink(std::ffi::OsStr::from_bytes(b"to-\xfe"), top.join("link")).unwrap();
    let error = capture(&store, &top, &rules()).unwrap_err();
    let CaptureError::NotUtf8 { names } = &error else { panic!("{error}") };
    assert_eq!(*names, [r"`caf\xe9`", r"`link` -> `to-\xfe`", r"`new\nline\xff`"]);
    assert!(error.fix().is_some());
}

#[test]
fn names_that_delete_in_layers_are_refused() {
    let (dir, store) = store();
    let top = dir.path().join("upper");
    write(&top, "a/.wh.passwd", "");
    write(&top, "a/.wh..wh..opq", "");
    let error = capture(&store, &top, &rules()).unwrap_err();
    assert!(matches!(&error, CaptureError::Reserved { names } if names.len() == 2), "{error}");
}

#[test]
fn limits_hold() {
    let (dir, store) = store();
    let top = dir.path().join("upper");
    for index in 0..20 {
        write(&top, &format!("{index}"), "");
    }
    let few = rules().with_max_entries(19);
    assert!(matches!(capture(&store, &top, &few), Err(CaptureError::TooMany { limit: 19, .. })));
    let enough = rules().with_max_entries(20);
    capture(&store, &top, &enough).unwrap();
    write(&top, "a/b/c", "");
    let flat = rules().with_max_depth(2);
    assert!(matches!(capture(&store, &top, &flat), Err(CaptureError::TooDeep { limit: 2, .. })));
}

/// Needs to be somebody whom modes stop, see `processes::as_nobody`.
pub(crate) fn unreadable_files_are_opened_up_and_put_back(dir: &Path) {
    let store = packwright_store::Store::open(&dir.join("store")).unwrap();
    let top = dir.join("upper");
    write(&top, "locked/inner/file", "secret");
    chmod(&top.join("locked/inner/file"), 0o100);
    chmod(&top.join("locked/inner"), 0o300);
    chmod(&top.join("locked"), 0);
    assert!(fs::read_dir(top.join("locked")).is_err(), "modes do not stop this user");
    let captured = capture(&store, &top, &rules()).unwrap();
    assert_eq!(shown(&captured), ["locked/", "locked/inner/", "locked/inner/file 6 755"]);
    assert_eq!(mode(&top.join("locked")), 0);
    chmod(&top.join("locked"), 0o700);
    assert_eq!(mode(&top.join("locked/inner")), 0o300);
    assert_eq!(mode(&top.join("locked/inner/file")), 0o100);

    chmod(&top.join("locked"), 0);
    packwright_store::remove_tree(&top).unwrap();
    assert!(!top.exists());
}

#[test]
fn user_attributes_are_kept_and_those_of_overlays_obeyed() {
    let (dir, store) = store();
    let top = dir.path().join("upper");
    write(&top, "file", "x");
    write(&top, "gone", "");
    write(&top, "not-gone", "y");
    write(&top, "fresh/new", "z");
    write(&top, "merged/new", "z");
    let set = |name: &str, key: &str, value: &[u8]| {
        rustix::fs::setxattr(top.join(name), key, value, rustix::fs::XattrFlags::empty())
    };
    if set("file", "user.mime_type", b"text/plain") == Err(rustix::io::Errno::OPNOTSUPP) {
        panic!("the temporary directory must be on a file system with user attributes");
    }
    set("file", "user.empty", b"").unwrap();
    set("file", "user.overlay.origin", b"x").unwrap();
    set("gone", "user.overlay.whiteout", b"y").unwrap();
    set("not-gone", "user.overlay.whiteout", b"y").unwrap();
    set("fresh", "user.overlay.opaque", b"y").unwrap();
    set("merged", "user.overlay.opaque", b"x").unwrap();
    let captured = capture(&store, &top, &upper()).unwrap();
    assert_eq!(
        shown(&captured),
        [
            "file 1 644",
            "fresh/",
            "fresh/new 1 644",
            "gone gone",
            "merged/",
            "merged/new 1 644",
            "not-gone 1 644",
        ]
    );
    assert_eq!(captured.opaque, [path("fresh")]);
    let attributes = &captured.tree.get("file").unwrap().xattrs;
    let kept: Vec<_> = attributes.keys().map(String::as_str).collect();
    assert_eq!(kept, ["user.empty", "user.mime_type"]);
    assert_eq!(attributes["user.mime_type"], b"text/plain");

    // In an ordinary directory they mean nothing.
    let captured = capture(&store, &top, &rules()).unwrap();
    assert!(captured.opaque.is_empty());
    assert_eq!(captured.tree.get("gone"), Some(&file("", 0o644)));
}

/// Devices 0:0 can be made by anybody in a user namespace, and by root everywhere.
#[test]
fn devices_zero_are_deletions_in_an_upper_directory_alone() {
    let (dir, store) = store();
    let top = dir.path().join("upper");
    write(&top, "kept", "x");
    let made = rustix::fs::mknodat(
        rustix::fs::CWD,
        top.join("gone"),
        rustix::fs::FileType::CharacterDevice,
        rustix::fs::Mode::empty(),
        rustix::fs::makedev(0, 0),
    );
    if made == Err(rustix::io::Errno::PERM) {
        eprintln!("SKIPPED: this kernel lets only root make a whiteout device");
        return;
    }
    made.unwrap();
    let captured = capture(&store, &top, &upper()).unwrap();
    assert_eq!(shown(&captured), ["gone gone", "kept 1 644"]);
    let captured = capture(&store, &top, &rules()).unwrap();
    assert_eq!(shown(&captured), ["kept 1 644"]);
    assert_eq!(captured.skipped[0].kind, SpecialKind::Device);
}

fn written(top: &Path, rules: CaptureRules) -> OutputDir {
    OutputDir::open(top, rules).unwrap()
}

/// Makes `dir` hide what lies beneath, as overlayfs marks it.
fn make_opaque(dir: &Path) {
    rustix::fs::setxattr(dir, "user.overlay.opaque", b"y", rustix::fs::XattrFlags::empty()).unwrap();
}

#[test]
fn links_that_a_step_put_on_the_way_to_an_output_lead_nowhere() {
    let (dir, store) = store();
    let host = dir.path().join("host");
    write(&host, "venv/private", "of the host");
    for rules in [rules(), upper()] {
        let top = dir.path().join(format!("{:?}", rules.layering));
        write(&top, "usr/file", "x");
        symlink(&host, top.join("opt")).unwrap();
        symlink(host.join("venv/private"), top.join("answer")).unwrap();
        let written = written(&top, rules);
        let mut asked = 0;
        let mut ask = |read: &mut dyn std::io::Read| {
            asked += 1;
            std::io::copy(read, &mut std::io::sink()).map(|_| true)
        };
        for (output, link) in [("opt/venv", "opt"), ("opt/venv/private", "opt"), ("answer", "answer")] {
            assert_eq!(written.capture(&store, &path(output)).unwrap(), OutputEntry::Link { at: path(link) });
            assert_eq!(written.search(&path(output), &mut ask).unwrap(), None);
        }
        assert_eq!(asked, 0, "nothing behind a link is read");
        assert_eq!(written.capture(&store, &path("usr/file/below")).unwrap(), OutputEntry::Deleted);
        assert_eq!(
            written.capture(&store, &path("usr/file")).unwrap(),
            OutputEntry::File { entry: file("x", 0o644), stripped: None }
        );
    }
}

#[test]
fn an_output_hides_what_is_beneath_when_it_or_its_parent_was_made_anew() {
    let (dir, store) = store();
    let top = dir.path().join("upper");
    write(&top, "opt/venv/new", "n");
    write(&top, "srv/venv/new", "n");
    write(&top, "var/venv/new", "n");
    make_opaque(&top.join("opt/venv"));
    make_opaque(&top.join("srv"));
    let hides = |rules: CaptureRules, output: &str| match written(&top, rules).capture(&store, &path(output))
    {
        Ok(OutputEntry::Dir { captured, hides }) => {
            assert_eq!(shown(&captured), ["new 1 644"]);
            hides
        }
        other => panic!("{other:?}"),
    };
    assert!(hides(upper(), "opt/venv"));
    assert!(hides(upper(), "srv/venv"));
    assert!(!hides(upper(), "var/venv"));
    assert!(hides(rules(), "var/venv"), "a plain directory is all there is");
    let absent = |rules, output: &str| written(&top, rules).capture(&store, &path(output)).unwrap();
    assert_eq!(absent(upper(), "var/other"), OutputEntry::Untouched);
    assert_eq!(absent(upper(), "srv/other"), OutputEntry::Deleted);
    assert_eq!(absent(rules(), "var/other"), OutputEntry::Deleted);
}

#[test]
fn a_search_reads_names_links_attributes_and_contents_also_unreadable_ones() {
    let (dir, _store) = store();
    let top = dir.path().join("upper");
    write(&top, "out/in/secret-name", "x");
    write(&top, "out/content", "the secret-content");
    write(&top, "out/attribute", "x");
    symlink("secret-link", top.join("out/link")).unwrap();
    let value = b"secret-value";
    rustix::fs::setxattr(top.join("out/attribute"), "user.note", value, rustix::fs::XattrFlags::empty())
        .unwrap();
    chmod(&top.join("out/content"), 0);
    chmod(&top.join("out/in"), 0);
    let found = |what: &str| {
        let mut is_it = |read: &mut dyn std::io::Read| {
            let mut text = String::new();
            read.read_to_string(&mut text).map(|_| text.contains(what))
        };
        let found = written(&top, upper()).search(&path("out"), &mut is_it).unwrap();
        found.map(|path| path.to_string())
    };
    assert_eq!(found("secret-name").as_deref(), Some("out/in/secret-name"));
    assert_eq!(found("secret-link").as_deref(), Some("out/link"));
    assert_eq!(found("secret-value").as_deref(), Some("out/attribute"));
    assert_eq!(found("secret-content").as_deref(), Some("out/content"));
    assert_eq!(found("secret-nowhere"), None);
    chmod(&top.join("out/in"), 0o755);
}
