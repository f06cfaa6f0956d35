//! The ladder of isolation, and what is said when a machine offers less than a build needs.
//! Every lack is brought about for real, in namespaces made by `unshare`.

use std::path::Path;
use std::process::Command;

use crate::command::{Finished, finish};
use crate::fixture::{Checkout, Fixture, build, destination, packwright_on};
use crate::layout::Layout;
use crate::place::{self, is_root};
use crate::shared::Shared;
use crate::stores::OwnStore;

/// Runs `command` after the shell line `before`, in the new namespaces that `flags` name, as
/// their root.
fn elsewhere(flags: &str, before: &str, command: &Command) -> Finished {
    let mut unshare = Command::new("unshare");
    unshare.args([flags, "/bin/sh", "-c", &format!("{before}; exec \"$0\" \"$@\"")]);
    unshare.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => unshare.env(name, value),
            None => unshare.env_remove(name),
        };
    }
    finish(&mut unshare)
}

/// `packwright` on `store`, without a mirror from the environment.
fn bare(store: &Path, args: &[&str]) -> Command {
    let mut command = packwright_on(store, args);
    command.env_remove("PACKWRIGHT_DEBIAN_MIRROR").env_remove("PACKWRIGHT_DEBIAN_SECURITY_MIRROR");
    command
}

fn application() -> Checkout {
    Fixture::read("python-procfile").checkout()
}

/// A lock for `checkout`, so that builds at other times are of the same things.
fn lock(checkout: &Checkout) -> String {
    let lock = checkout.beside("packwright.lock");
    finish(packwright_on(&Shared::First.path(), ["lock", "-o"]).arg(&lock).arg(&checkout.dir)).ok();
    lock.to_str().unwrap().to_owned()
}

#[test]
fn without_user_namespaces_it_says_what_to_change() {
    let checkout = application();
    let off = "echo 0 > /proc/sys/user/max_user_namespaces";
    let store = OwnStore::with_packages();
    let build = elsewhere("-Ur", off, packwright_on(store.path(), ["build"]).arg(&checkout.dir));
    build.failed(1, &["user namespaces are disabled", "packwright doctor"]);
    let doctor = elsewhere("-Ur", off, &packwright_on(store.path(), ["doctor"]));
    assert_eq!(doctor.code(), 1, "{}", doctor.story());
    assert!(doctor.stdout().contains("sysctl user.max_user_namespaces="), "{}", doctor.story());
    // What was built before needs no isolation: nothing is executed.
    let shared = Shared::First.path();
    let image = crate::fixture::build(&checkout.dir);
    let out = checkout.beside("again");
    let mut again = packwright_on(&shared, ["build", "-o", &destination("oci", &out)]);
    elsewhere("-Ur", off, again.arg(&checkout.dir)).ok();
    assert_eq!(Layout::open(&out).digest(), image.digest());
}

/// The kernel gives nobody in a chroot a user namespace, not even root.
///
/// Source: user_namespaces(7), EPERM of CLONE_NEWUSER.
#[test]
fn real_root_does_without_user_namespaces() {
    if !is_root() {
        crate::command::say("not root: the rung for root without user namespaces is not tried");
        return;
    }
    let checkout = application();
    let lock = lock(&checkout);
    let first = build(&checkout.dir);
    let store = OwnStore::with_packages();
    let image = checkout.beside("image");
    let other = place::new_dir("root");
    let mount =
        format!("mount --rbind / {0} || exit 99; exec chroot {0} \"$0\" \"$@\"", other.path().display());
    let mut command =
        packwright_on(store.path(), ["build", "--lock", &lock, "-o", &destination("oci", &image)]);
    let told = elsewhere("-m", &mount, command.arg(&checkout.dir)).ok();
    assert!(told.stderr().contains("root with chroot"), "{}", told.story());
    assert_eq!(Layout::open(&image).digest(), first.digest());
}

#[test]
fn an_unprivileged_chroot_is_refused_with_a_remedy() {
    let checkout = application();
    let store = OwnStore::empty();
    let mut command = packwright_on(store.path(), ["build", "--isolation", "chroot"]);
    let told = elsewhere("-Ur", "true", command.arg(&checkout.dir));
    told.failed(1, &["this machine does not offer `root with chroot`", "only real root", "fix:"]);
}

#[test]
fn without_overlay_the_root_is_copied() {
    let checkout = application();
    let lock = lock(&checkout);
    let first = build(&checkout.dir);
    let dirs = place::new_dir("overlay");
    for name in ["lower", "upper", "work", "merged"] {
        std::fs::create_dir(dirs.path().join(name)).unwrap();
    }
    let at = |name: &str| dirs.path().join(name).display().to_string();
    // An overlay refuses to lie on an overlay.
    let mount = format!(
        "mount -t overlay overlay -o userxattr,lowerdir={},upperdir={},workdir={} {} || exit 99",
        at("lower"),
        at("upper"),
        at("work"),
        at("merged")
    );
    let store = dirs.path().join("merged/store");
    let image = checkout.beside("image");
    let mut command = packwright_on(&store, ["build", "--lock", &lock, "-o", &destination("oci", &image)]);
    let told = elsewhere("-Urm", &mount, command.arg(&checkout.dir)).ok();
    assert!(told.stderr().contains("user namespace with copied root"), "{}", told.story());
    let doctor = elsewhere("-Urm", &mount, &packwright_on(&store, ["doctor"])).ok();
    assert!(
        doctor.stdout().contains("no  user namespace with overlay: the directory is itself on an overlay")
    );
    assert_eq!(Layout::open(&image).digest(), first.digest());
    let mut forced = packwright_on(&store, ["build", "--isolation", "overlay"]);
    elsewhere("-Urm", &mount, forced.arg(&checkout.dir))
        .failed(1, &["does not offer `user namespace with overlay`", "overlay file system", "fix:"]);
    place::remove(dirs.path());
}

const NO_SOURCES: &str = "mount -t tmpfs none /etc/apt || exit 99";

#[test]
fn without_a_mirror_it_says_what_to_set() {
    let checkout = application();
    let store = OwnStore::empty();
    let says = ["not known where Debian packages come from", "--mirror", "PACKWRIGHT_DEBIAN_MIRROR"];
    elsewhere("-Urm", NO_SOURCES, bare(store.path(), &["build"]).arg(&checkout.dir)).failed(1, &says);
    let doctor = elsewhere("-Urm", NO_SOURCES, &bare(store.path(), &["doctor"]));
    assert!(doctor.stdout().contains("no mirror is known"), "{}", doctor.story());
}

/// With a lock all answers are known; what the store has is not asked for again.
#[test]
fn a_locked_build_with_a_full_store_needs_neither_mirror_nor_network() {
    let checkout = application();
    let lock = lock(&checkout);
    let first = build(&checkout.dir);
    for (flags, before) in [("-Urm", NO_SOURCES), ("-Urn", "true")] {
        let image = checkout.beside("again");
        let shared = Shared::First.path();
        let mut command = bare(&shared, &["build", "--lock", &lock, "-o", &destination("oci", &image)]);
        elsewhere(flags, before, command.arg(&checkout.dir)).ok();
        assert_eq!(Layout::open(&image).digest(), first.digest());
        place::remove(&image);
    }
}

#[test]
fn without_network_it_says_try_again_later() {
    let checkout = application();
    let store = OwnStore::empty();
    let told = elsewhere("-Urn", "true", packwright_on(store.path(), ["build"]).arg(&checkout.dir));
    told.failed(75, &["cannot reach", "check the network"]);
    // And it works as soon as there is one.
    finish(packwright_on(store.path(), ["build"]).arg(&checkout.dir)).ok();
}
