//! What a store stands: builds that are killed, a disk that is full, bytes that change. Each round ends with a build
//! that must give the image of a store to which none of it happened; whatever a round delivers before must be it too.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use walkdir::WalkDir;

use crate::command::{Finished, code, finish, say};
use crate::fixture::{Checkout, Fixture, destination, packwright, packwright_on};
use crate::layout::Layout;
use crate::place;
use crate::running::Running;
use crate::stores::OwnStore;

/// An application with packages, a step that fetches, and layers of its own.
const APPLICATION: &str = "python-procfile";

/// Rounds of [`kills`], each at another moment of a build.
const KILLS: u32 = 40;

/// Rounds of [`full_disk`], each with another part of what a build needs.
const DISKS: u64 = 24;

/// Files that [`damage`] spoils in each room of the store.
const SPOILED_IN_A_ROOM: usize = 24;

/// The rooms of the store whose bytes reach images.
const ROOMS: [&str; 5] = ["files", "roots", "trees", "records", "blobs"];

/// Records that say what was made already. Without them steps run again, in the roots that are there.
const MADE: [&str; 2] = ["records/step", "records/encoded-layer"];

/// How long a killed build may take to be gone.
const GONE: Duration = Duration::from_secs(10);

/// The application, its true image, and a store that has its packages and nothing that was made of them.
struct Ground {
    checkout: Checkout,
    image: Layout,
    store: OwnStore,
}

impl Ground {
    fn new() -> Ground {
        let checkout = Fixture::read(APPLICATION).checkout();
        let image = checkout.build();
        Ground { checkout, image, store: OwnStore::with_packages() }
    }

    /// A copy of the store. Roots are hard links to files, in the copy too.
    fn fresh(&self) -> OwnStore {
        let store = OwnStore::empty();
        finish(Command::new("cp").arg("-a").arg(self.store.path()).arg(store.path())).ok();
        store
    }

    /// The command that builds in `store`, to `out`.
    fn build(&self, store: &Path, out: &Path) -> Command {
        let mut command = packwright_on(store, ["build", "-o", &destination("oci", out)]);
        self.checkout.with(&mut command);
        command
    }

    /// What is wrong with what lies at `out`, if anything does.
    fn wrong(&self, out: &Path) -> Option<String> {
        if !out.join("index.json").exists() {
            return None;
        }
        let image = Layout::open(out);
        let mut problems = Vec::new();
        if image.digest() != self.image.digest() {
            problems.push(format!("{} in place of {}", image.digest(), self.image.digest()));
        }
        for digest in image.layers() {
            let told = finish(Command::new("sha256sum").arg(image.blob_path(&digest))).ok().stdout();
            if !digest.ends_with(told.split(' ').next().unwrap_or_default()) {
                problems.push(format!("the bytes of {digest} are others"));
            }
        }
        (!problems.is_empty()).then(|| problems.join("; "))
    }

    /// Builds until it succeeds, twice at most: the first may find damage and say so. What is wrong.
    fn settled(&self, store: &Path, out: &Path) -> Option<String> {
        let mut told = finish(&mut self.build(store, out));
        if !told.status.success() {
            if let Some(wrong) = self.wrong(out) {
                return Some(format!("a build that failed delivered: {wrong}"));
            }
            if !told.stderr().contains("fix:") {
                return Some(format!("an error without a remedy: {}", told.story()));
            }
            told = finish(&mut self.build(store, out));
        }
        match told.status.success() {
            true => self.wrong(out).map(|wrong| format!("{wrong}\n{}", told.story())),
            false => Some(format!("it stays broken: {}", told.story())),
        }
    }
}

/// Kills builds at moments that are spread over a whole build; the next build gives the image, and the store has no
/// damage.
pub fn kills() {
    let ground = Ground::new();
    let whole = {
        let store = ground.fresh();
        let start = Instant::now();
        finish(&mut ground.build(store.path(), &store.beside("image"))).ok();
        start.elapsed()
    };
    let (mut killed, mut problems) = (0, Vec::new());
    for round in 0..KILLS {
        let store = ground.fresh();
        let out = store.beside("image");
        let mut running = Running::start(&mut ground.build(store.path(), &out));
        thread::sleep(whole * round / KILLS);
        running.signal(Signal::KILL);
        let status = running.ends_within(GONE);
        killed += u32::from(code(status) == 128 + Signal::KILL.as_raw());
        problems.extend(ground.wrong(&out).map(|wrong| format!("killed in round {round}: {wrong}")));
        problems.extend(damaged(store.path()).map(|told| format!("killed in round {round}: {told}")));
        problems
            .extend(ground.settled(store.path(), &out).map(|wrong| format!("after round {round}: {wrong}")));
    }
    say(&format!("kills: {killed} of {KILLS} builds were killed within {:.1} s", whole.as_secs_f64()));
    assert!(killed >= KILLS / 2, "most builds were done before they were killed");
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// What `cache verify` finds damaged in `store`.
fn damaged(store: &Path) -> Option<String> {
    let told = finish(packwright(["cache", "verify", "--store"]).arg(store));
    (!told.status.success()).then(|| told.story())
}

/// Builds on file systems that are too small, and then gives them room: the build goes on and gives the image.
pub fn full_disk() {
    let ground = Ground::new();
    let whole = {
        let store = ground.fresh();
        finish(&mut ground.build(store.path(), &store.beside("image"))).ok();
        size(store.path())
    };
    let start = size(ground.store.path());
    let (mut full, mut problems) = (0, Vec::new());
    for round in 0..DISKS {
        let place = place::new_dir("disk");
        let (disk, out) = (place.path().join("disk"), place.path().join("image"));
        fs::create_dir(&disk).unwrap();
        // From what is there already to a bit more than a build leaves.
        let room = start + (whole - start) * (round + 1) / DISKS * 9 / 8;
        let told = on_small_disk(&ground, &disk, &out, room);
        let said = told.stdout();
        let Some((first, second)) = said.trim().split_once(' ') else {
            problems.push(format!("round {round}: {}", told.story()));
            continue;
        };
        full += u32::from(first != "0");
        if first != "0" && !told.stderr().contains("fix:") {
            problems.push(format!("round {round}: an error without a remedy: {}", told.story()));
        }
        if second != "0" {
            problems.push(format!("round {round}: it stays broken: {}", told.story()));
        }
        problems.extend(ground.wrong(&out).map(|wrong| format!("round {round}: {wrong}")));
    }
    say(&format!("full disk: {full} of {DISKS} disks were too small"));
    assert!(full >= 4, "nearly every disk was large enough");
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// Builds on a file system of `room` bytes, and once more when it has grown. Prints both statuses; what the first one
/// delivers must be whole, or is told as a status of the second that is none.
fn on_small_disk(ground: &Ground, disk: &Path, out: &Path, room: u64) -> Finished {
    let script = r#"
        set -e
        mount -t tmpfs -o "size=$1" disk "$2"
        cp -a "$3" "$2/store"
        shift 3
        first=0; "$@" >&2 || first=$?
        mount -o remount,size=8g "$PWD"
        second=0; "$@" >&2 || second=$?
        echo "$first $second"
    "#;
    let store = disk.join("store");
    let build = ground.build(&store, out);
    let mut command = Command::new("unshare");
    command.args(if place::is_root() {
        ["--mount", "--propagation=private"]
    } else {
        ["--map-root-user", "--mount"]
    });
    command.args(["sh", "-c", script, "sh", &room.to_string()]).arg(disk).arg(ground.store.path());
    command.arg(build.get_program()).args(build.get_args()).current_dir(disk);
    for (name, value) in build.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    finish(&mut command)
}

/// Bytes of all files below `dir`, each once.
fn size(dir: &Path) -> u64 {
    let told = finish(Command::new("du").args(["-s", "-B1"]).arg(dir)).ok().stdout();
    told.split_whitespace().next().and_then(|size| size.parse().ok()).expect("du prints a size")
}

/// Changes one byte of one file after the other, in every room of the store, and has everything made again that is
/// made of it.
pub fn damage() {
    let ground = Ground::new();
    let store = ground.fresh();
    let out = store.beside("image");
    finish(&mut ground.build(store.path(), &out)).ok();
    let (mut spoiled, mut problems) = (0, Vec::new());
    for room in ROOMS {
        for round in 0..SPOILED_IN_A_ROOM {
            let Some(file) = chosen(&store.path().join(room), round) else { continue };
            spoil(&file);
            spoiled += 1;
            forget_what_was_made(store.path());
            place::remove(&out);
            let what = file.strip_prefix(store.path()).unwrap_or(&file).display().to_string();
            problems.extend(ground.settled(store.path(), &out).map(|wrong| format!("{what}: {wrong}")));
        }
    }
    say(&format!("damage: {spoiled} files were spoiled"));
    assert!(spoiled >= SPOILED_IN_A_ROOM * (ROOMS.len() - 1), "the store has too few files");
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// One of the files below `dir`, another one in each round.
fn chosen(dir: &Path, round: usize) -> Option<PathBuf> {
    let files = WalkDir::new(dir).sort_by_file_name().into_iter().filter_map(Result::ok);
    let mut files: Vec<PathBuf> = files
        .filter(|entry| entry.file_type().is_file() && entry.metadata().is_ok_and(|file| file.len() > 0))
        .map(walkdir::DirEntry::into_path)
        .collect();
    let number = files.len().checked_sub(1)? * round / SPOILED_IN_A_ROOM;
    Some(files.swap_remove(number))
}

/// Flips a bit in the middle of a file, in place: its other names change with it.
fn spoil(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let mode = fs::metadata(file).unwrap().permissions();
    fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
    fs::write(file, bytes).unwrap();
    fs::set_permissions(file, mode).unwrap();
}

fn forget_what_was_made(store: &Path) {
    for room in MADE {
        let dir = store.join(room);
        assert!(dir.exists(), "{} is not where the records are", dir.display());
        place::remove(&dir);
    }
}
