//! Builds from a lock and a filled store, with no network for the whole process.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use walkdir::WalkDir;

use super::Subject;
use super::reproducible::assert_same;
use crate::command::finish;
use crate::fixture::{destination, packwright_on};
use crate::layout::Layout;
use crate::place;
use crate::shared::Shared;
use crate::stores::OwnStore;

/// Kinds of records by which a store that is new knows downloads: what steps got, and the archive's answers.
const OF_DOWNLOADS: [&str; 3] = ["download", "index", "solve"];

/// Kinds of records without which every step has to run again.
const OF_STEPS: [&str; 2] = ["step", "entered"];

/// Locks `subject` in a store that knows downloads and no work, then builds it twice without a network: from the
/// results of the steps that the lock ran, and from their downloads alone.
pub fn builds_without_a_network(subject: &Subject) {
    let (checkout, first) = (&subject.checkout, subject.layout());
    let store = OwnStore::empty();
    finish(&mut packwright_on(store.path(), ["doctor"]));
    hand_over_downloads(&Shared::First.path(), store.path());
    let lock = checkout.beside("offline.lock");
    finish(checkout.with(packwright_on(store.path(), ["lock", "-o"]).arg(&lock))).ok();
    for what in ["without a network", "without a network and without results of steps"] {
        let image = store.beside("image");
        let mut build = packwright_on(store.path(), ["build", "--lock"]);
        build.arg(&lock).args(["-o", &destination("oci", &image)]);
        finish(&mut cut_off(checkout.with(&mut build))).ok();
        assert_same(what, first, &Layout::open(&image));
        place::remove(&image);
        for kind in OF_STEPS {
            let records = store.path().join("records").join(kind);
            // A plan without steps leaves none.
            if records.exists() {
                place::remove(&records);
            }
        }
    }
}

/// `command` in a network namespace of its own, which has no way out.
fn cut_off(command: &Command) -> Command {
    let mut unshare = Command::new("unshare");
    unshare.arg("-Urn").arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => unshare.env(name, value),
            None => unshare.env_remove(name),
        };
    }
    unshare
}

/// Links what the store `from` has downloaded into the store `to`, to spare the network.
fn hand_over_downloads(from: &Path, to: &Path) {
    let rooms = OF_DOWNLOADS.map(|kind| format!("records/{kind}"));
    for room in rooms.iter().map(String::as_str).chain(["blobs"]) {
        for entry in WalkDir::new(from.join(room)).into_iter().filter_map(Result::ok) {
            let target = to.join(entry.path().strip_prefix(from).unwrap());
            // What another test replaces meanwhile is downloaded again.
            let _ = match entry.file_type().is_dir() {
                true => fs::create_dir_all(&target)
                    .and_then(|()| fs::set_permissions(&target, fs::Permissions::from_mode(0o700))),
                false => fs::hard_link(entry.path(), &target)
                    .or_else(|_| fs::copy(entry.path(), &target).map(drop)),
            };
        }
    }
}
