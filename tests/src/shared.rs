//! The stores that the tests of one run share, so that each package is downloaded once and each
//! fixture built once. They are kept small: whenever one has grown, it is pruned in a moment in
//! which no test uses it.
//!
//! A test uses a store from the first time that it asks for its path until its thread ends or
//! calls [`release`]. It must not start a thread that asks for a store that it uses itself.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

use walkdir::WalkDir;

use crate::command::{finish, say};
use crate::fixture::packwright_on;
use crate::place::run_dir;

/// A store that tests share. A test that uses several takes them in this order, so that no two
/// tests wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shared {
    /// Where nearly everything is built.
    First,
    /// Where it is built once more under other conditions: each application's own steps run there
    /// as if for the first time, only what several applications have in common is shared.
    Second,
    /// Where it is built once more by root without user namespaces.
    Chroot,
}

/// How large a store grows before it is pruned, and what is left of it then, in bytes.
const LARGE: u64 = 3_000_000_000;
const LEFT: &str = "1200M";

/// How often a store is measured: each time that so many tests began to use it.
const MEASURED: usize = 5;

/// Who uses a store.
struct Users {
    now: usize,
    ever: usize,
    pruned_by_one: bool,
}

struct Gate {
    users: Mutex<Users>,
    changed: Condvar,
}

static GATES: [Gate; 3] = [const {
    Gate { users: Mutex::new(Users { now: 0, ever: 0, pruned_by_one: false }), changed: Condvar::new() }
}; 3];

thread_local! {
    static USED: RefCell<Vec<Use>> = const { RefCell::new(Vec::new()) };
}

/// The use of a store by a thread, which ends when this is dropped.
struct Use(Shared);

impl Shared {
    fn gate(self) -> &'static Gate {
        &GATES[self as usize]
    }

    /// The path of the store, which is used by this thread from now on.
    pub fn path(self) -> PathBuf {
        let path = self.place();
        USED.with_borrow_mut(|used| {
            if used.iter().all(|one| one.0 != self) {
                used.push(Use::begin(self, &path));
            }
        });
        path
    }

    /// Where it is. `PACKWRIGHT_TESTS_STORE` names a first store that lives on between runs. It is
    /// for working on a test, not for judging the program.
    fn place(self) -> PathBuf {
        let name = match self {
            Shared::First => match std::env::var_os("PACKWRIGHT_TESTS_STORE") {
                Some(path) => return path.into(),
                None => "store",
            },
            Shared::Second => "second-store",
            Shared::Chroot => "chroot-store",
        };
        run_dir().join(name)
    }
}

/// Ends the use of all shared stores by this thread.
pub fn release() {
    drop(USED.take());
}

impl Use {
    /// Begins to use `store`. What has grown too large is pruned before, when no other uses it.
    fn begin(store: Shared, path: &Path) -> Use {
        let gate = store.gate();
        let wait = |users| gate.changed.wait(users).unwrap_or_else(PoisonError::into_inner);
        let mut users = gate.users.lock().unwrap_or_else(PoisonError::into_inner);
        while users.pruned_by_one {
            users = wait(users);
        }
        users.ever += 1;
        if users.ever.is_multiple_of(MEASURED) && size(path) > LARGE {
            users.pruned_by_one = true;
            while users.now > 0 {
                users = wait(users);
            }
            let told = finish(&mut packwright_on(path, ["cache", "prune", "--max-size", LEFT]));
            if !told.status.success() {
                // It is too large, and still right.
                say(&format!("a store was not pruned: {}", told.story()));
            }
            users.pruned_by_one = false;
            gate.changed.notify_all();
        }
        users.now += 1;
        Use(store)
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        let gate = self.0.gate();
        gate.users.lock().unwrap_or_else(PoisonError::into_inner).now -= 1;
        gate.changed.notify_all();
    }
}

/// The bytes of all files below `dir`. A file with several names counts once for each: it is the
/// growth that matters, and what is gone while it is counted does not count.
fn size(dir: &Path) -> u64 {
    let kept = ["files", "blobs"].map(|room| dir.join(room));
    let files = kept.iter().flat_map(WalkDir::new).filter_map(Result::ok);
    files
        .filter_map(|file| file.metadata().ok())
        .filter(|about| about.is_file())
        .map(|about| about.len())
        .sum()
}
