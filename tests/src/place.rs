//! Where the tests find and put things. Nothing outside the build directory is written, save
//! below the system's directory for temporary files.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use walkdir::WalkDir;

/// The root of the house.
pub fn house() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the house")
}

/// The directory of the build profile: `target/debug`, `target/release`.
fn profile() -> PathBuf {
    let own = std::env::current_exe().expect("a process knows its own file");
    let dir = own.parent().expect("a file has a directory");
    // Tests lie in `deps` below it, programs in it.
    let profile = if dir.ends_with("deps") { dir.parent() } else { Some(dir) };
    profile.expect("a profile has a directory").to_owned()
}

/// The program under test, beside the tests' own.
pub fn program() -> PathBuf {
    let program = profile().join("packwright");
    assert!(
        program.exists(),
        "{} is missing: run `cargo build` or `cargo test --workspace` first",
        program.display()
    );
    program
}

/// Whether the program under test is built for speed.
pub fn is_release() -> bool {
    profile().ends_with("release")
}

/// The directory below `target` for what tests leave.
pub fn temporary() -> PathBuf {
    profile().parent().expect("a profile is below `target`").join("tmp")
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A directory that lives on between runs, for the outside judges.
pub fn judges() -> PathBuf {
    temporary().join("judges")
}

/// The directory of this run of the tests. Directories of runs that have ended are removed when
/// the next one starts, so that nothing of an older program is taken for this one's work.
pub fn run_dir() -> &'static Path {
    static RUN: OnceLock<(PathBuf, File)> = OnceLock::new();
    let (dir, _) = RUN.get_or_init(|| {
        let above = temporary().join("runs");
        fs::create_dir_all(&above).unwrap();
        for entry in fs::read_dir(&above).unwrap() {
            let dir = entry.unwrap().path();
            match File::open(dir.join("lock")).map(|lock| lock.try_lock()) {
                Ok(Err(TryLockError::WouldBlock)) => {}
                _ => remove(&dir),
            }
        }
        let dir = above.join(std::process::id().to_string());
        DirBuilder::new().mode(0o755).create(&dir).unwrap();
        let lock = File::create(dir.join("lock")).unwrap();
        lock.lock().unwrap();
        (dir, lock)
    });
    dir
}

/// A new empty directory of this run.
pub fn new_dir(what: &str) -> tempfile::TempDir {
    tempfile::Builder::new().prefix(&format!("{what}-")).tempdir_in(run_dir()).unwrap()
}

/// Removes `dir` with all below it, whatever modes its directories have.
pub fn remove(dir: &Path) {
    for entry in WalkDir::new(dir).into_iter().filter_map(Result::ok) {
        if entry.file_type().is_dir() {
            // What cannot be removed for that reason is told by the removal.
            let _ = fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o700));
        }
    }
    if let Err(error) = fs::remove_dir_all(dir) {
        crate::command::say(&format!("{} stays: {error}", dir.display()));
    }
}

/// Copies the files below `from` to the new directory `to`: contents, links and whether a file
/// is executable; times and other modes are the file system's.
pub fn copy(from: &Path, to: &Path) {
    for entry in WalkDir::new(from).sort_by_file_name() {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target).unwrap();
        } else if entry.file_type().is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path()).unwrap(), &target).unwrap();
        } else {
            fs::write(&target, fs::read(entry.path()).unwrap()).unwrap();
            if entry.metadata().unwrap().permissions().mode() & 0o111 != 0 {
                let mode = fs::metadata(&target).unwrap().permissions().mode();
                fs::set_permissions(&target, fs::Permissions::from_mode(mode | (mode & 0o444) >> 2)).unwrap();
            }
        }
    }
}
