//! What is damaged on the way or in the store is noticed, said, and does no further harm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use walkdir::WalkDir;

use crate::command::{Finished, finish};
use crate::fixture::{Checkout, Fixture, build, destination, packwright, packwright_on};
use crate::layout::{Layout, contents};
use crate::mirror::{Lie, Mirror};
use crate::stores::OwnStore;

/// An application with the text of its lock.
fn application() -> (Checkout, String) {
    let checkout = Fixture::read("python-procfile").checkout();
    build(&checkout.dir);
    let lock = checkout.beside("the.lock");
    finish(packwright(["lock", "-o"]).arg(&lock).arg(&checkout.dir)).ok();
    let text = fs::read_to_string(lock).unwrap();
    (checkout, text)
}

/// Builds from a mirror that lies about files whose path holds `part`, on a new store with an
/// earlier image as output; afterwards the output is as it was, and with an honest mirror the
/// same store builds the image.
#[track_caller]
fn survives(part: &str, lie: Lie, judge: impl FnOnce(Finished)) {
    let (checkout, lock) = application();
    let image = build(&checkout.dir);
    let before = contents(image.dir());
    let store = OwnStore::empty();
    let attempt = |mirror: &Mirror| {
        let mut command = packwright_on(store.path(), ["build"]);
        command.args(mirror.flags()).args(["-o", &destination("oci", image.dir())]).arg(&checkout.dir);
        finish(&mut command)
    };
    let liar = Mirror::serve(&lock, part, Some(lie));
    judge(attempt(&liar));
    assert!(liar.lies_told() > 0, "nobody asked for {part}");
    assert_eq!(contents(image.dir()), before, "the output changed");
    attempt(&Mirror::serve(&lock, "", None)).ok();
    assert_eq!(Layout::open(image.dir()).digest(), image.digest());
}

#[test]
fn a_tampered_package() {
    survives("/libpython3.13-stdlib", Lie::Flipped, |told| {
        drop(told.failed(1, &["libpython3.13-stdlib", "sha256:", "fix:"]));
    });
}

#[test]
fn a_tampered_index() {
    survives("/by-hash/", Lie::Flipped, |told| {
        drop(told.failed(1, &["by-hash/SHA256/", "sha256:", "fix:"]));
    });
}

#[test]
fn a_tampered_signed_index() {
    survives("/dists/trixie/InRelease", Lie::Flipped, |told| {
        drop(told.failed(1, &["release file of `trixie`", "signature", "fix:"]));
    });
}

#[test]
fn a_truncated_package() {
    survives("/libpython3.13-stdlib", Lie::Cut, |told| {
        drop(told.failed(75, &["libpython3.13-stdlib", "trying again", "fix:"]));
    });
}

#[test]
fn a_truncated_index() {
    survives("/by-hash/", Lie::Cut, |told| {
        drop(told.failed(75, &["by-hash/SHA256/", "trying again", "fix:"]))
    });
}

#[test]
fn a_server_with_a_problem() {
    survives("/pool/", Lie::Unavailable, |told| drop(told.failed(75, &["503", "trying again", "fix:"])));
}

/// Flips a bit in the middle of a file that may be read-only.
fn spoil(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    // In place: other names of the same file must change too.
    let mode = fs::metadata(path).unwrap().permissions();
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, mode).unwrap();
}

/// A store in which the application was built, with the image. Built once; each test gets a copy.
fn built(checkout: &Checkout) -> (OwnStore, Layout) {
    static TEMPLATE: OnceLock<OwnStore> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let store = OwnStore::with_packages();
        let output = destination("oci", &store.beside("image"));
        finish(packwright_on(store.path(), ["build", "-o", &output]).arg(&checkout.dir)).ok();
        store
    });
    let store = OwnStore::empty();
    // Roots are hard links into the files; a copy must have them too.
    finish(Command::new("cp").arg("-a").arg(template.path()).arg(store.path())).ok();
    (store, Layout::open(&template.beside("image")))
}

/// Builds again in `store`, at most twice: damage may be an error that is healed by the attempt.
/// Whatever is delivered must be the same image, whole.
#[track_caller]
fn heals(checkout: &Checkout, store: &OwnStore, image: &Layout, args: &[&str]) {
    let out = store.beside("again");
    if out.exists() {
        fs::remove_dir_all(&out).unwrap();
    }
    let attempt = || {
        let mut command = packwright_on(store.path(), ["build", "-o", &destination("oci", &out)]);
        finish(command.args(args).arg(&checkout.dir))
    };
    let mut told = attempt();
    if !told.status.success() {
        assert!(told.stderr().contains("fix:"), "{}", told.story());
        assert!(!out.join("index.json").exists(), "a failed build delivered: {}", told.story());
        told = attempt();
    }
    let told = told.ok();
    let again = Layout::open(&out);
    assert_eq!(again.config_digest(), image.config_digest(), "{}", told.story());
    for digest in again.layers() {
        let path = again.blob_path(&digest);
        let sum = finish(Command::new("sha256sum").arg(path)).ok().stdout();
        assert!(
            digest.ends_with(sum.split(' ').next().unwrap()),
            "a damaged layer was delivered: {}",
            told.story()
        );
    }
}

#[test]
fn a_damaged_layer_in_the_store() {
    let checkout = Fixture::read("python-procfile").checkout();
    let (store, image) = built(&checkout);
    for layer in image.layers() {
        spoil(&store.path().join("blobs").join(layer.replace(':', "/")));
        heals(&checkout, &store, &image, &[]);
    }
}

#[test]
fn a_truncated_layer_in_the_store() {
    let checkout = Fixture::read("python-procfile").checkout();
    let (store, image) = built(&checkout);
    let blob = store.path().join("blobs").join(image.layers()[0].replace(':', "/"));
    let bytes = fs::read(&blob).unwrap();
    fs::set_permissions(&blob, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    fs::write(&blob, &bytes[..bytes.len() / 3]).unwrap();
    heals(&checkout, &store, &image, &[]);
}

/// The store's files whose bytes are `wanted`.
fn kept(store: &OwnStore, wanted: &[u8]) -> Vec<PathBuf> {
    WalkDir::new(store.path().join("files"))
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file() && entry.metadata().unwrap().len() == wanted.len() as u64)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| fs::read(path).unwrap() == wanted)
        .collect()
}

/// Contents are read when layers are made anew, here because they are compressed otherwise.
#[test]
fn a_damaged_file_in_the_store() {
    let checkout = Fixture::read("python-procfile").checkout();
    for path in ["usr/bin/tini", "app/serve.py", "usr/lib/python3.13/json/decoder.py"] {
        let (store, image) = built(&checkout);
        let bytes = image.file(path).unwrap_or_else(|| panic!("{path} is not in the image"));
        let files = kept(&store, &bytes);
        assert!(!files.is_empty(), "{path} is not in the store");
        files.iter().for_each(|path| spoil(path));
        heals(&checkout, &store, &image, &["--compression", "zstd"]);
    }
}

#[test]
fn damaged_trees_and_records_in_the_store() {
    let checkout = Fixture::read("python-procfile").checkout();
    for room in ["trees", "records"] {
        let (store, image) = built(&checkout);
        for entry in WalkDir::new(store.path().join(room)) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                spoil(entry.path());
            }
        }
        heals(&checkout, &store, &image, &[]);
    }
}

#[test]
fn a_store_of_another_kind_is_left_alone() {
    let checkout = Fixture::read("python-procfile").checkout();
    let store = OwnStore::empty();
    fs::create_dir(store.path()).unwrap();
    fs::write(store.path().join("diary.txt"), "dear diary").unwrap();
    let before = contents(store.path());
    let path = store.path().display().to_string();
    finish(packwright_on(store.path(), ["build"]).arg(&checkout.dir)).failed(1, &[path.as_str(), "fix:"]);
    assert_eq!(contents(store.path()), before);
}
