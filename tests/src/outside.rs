//! Outside judges: other people's programs that our images must please. Those that are missing
//! are installed, once per machine.
//!
//! ```text
//! target/tmp/judges/lock        one installs, the others wait
//!                   root/       Debian packages, unpacked by a user who cannot install them
//!                   apt/        what apt-get keeps for that
//!                   go/, bin-…/ what Go fetched and built
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use crate::command::{finish, say};
use crate::place::{self, is_root};

/// The version of go-containerregistry whose `crane` judges. The newest that the Go of Debian
/// bookworm can build.
const CRANE: &str = "v0.20.2";

/// A judge that comes as a Debian package of the same name.
pub fn debian(name: &'static str) -> Command {
    let program = program(name).unwrap_or_else(|| install(name, name));
    with_libraries(Command::new(program))
}

/// `crane`, built from the Go module proxy.
pub fn crane() -> Command {
    let bin = place::judges().join(format!("bin-crane-{CRANE}"));
    let crane = bin.join("crane");
    // Before the lock, which it may need itself.
    let mut go = go();
    let _lock = lock();
    if !crane.exists() {
        let what = format!("github.com/google/go-containerregistry/cmd/crane@{CRANE}");
        finish(go.args(["install", &what]).env("GOBIN", &bin).current_dir(place::judges())).ok();
    }
    Command::new(crane)
}

/// The schemas of the image specification, as a program: pairs of media type and file.
pub fn schemas() -> Command {
    built("schemas")
}

/// What Compose makes of its files, as a program: one file. Its variables are the environment's.
pub fn compose() -> Command {
    built("compose")
}

/// The program in `tests/judges/<name>`, built with Go.
fn built(name: &str) -> Command {
    let program = place::judges().join(format!("bin-{name}")).join(name);
    let source = place::house().join("tests/judges").join(name);
    let mut go = go();
    let _lock = lock();
    finish(go.args(["build", "-buildvcs=false", "-o"]).arg(&program).arg(".").current_dir(source)).ok();
    Command::new(program)
}

/// Python with `packages`, whose versions are exact, below `dir` of the judges.
pub fn python(dir: &str, packages: &[&str]) -> Command {
    let pip = program("pip3").unwrap_or_else(|| install("python3-pip", "pip3"));
    let python = program("python3").unwrap_or_else(|| install("python3", "python3"));
    // Where a pip lies that was unpacked and not installed.
    let unpacked = place::judges().join("root/usr/lib/python3/dist-packages");
    let _lock = lock();
    let to = place::judges().join(dir).join(packages.join("+").replace("==", "-"));
    if !to.exists() {
        // Only what is whole has its name.
        let new = to.with_extension("new");
        let mut install = Command::new(pip);
        install
            .args(["install", "--quiet", "--disable-pip-version-check", "--target"])
            .arg(&new)
            .args(packages);
        finish(install.env("PYTHONPATH", &unpacked)).ok();
        fs::rename(&new, &to).unwrap();
    }
    let mut command = Command::new(python);
    command.env("PYTHONPATH", &to).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Where the program `name` is; root's directories are looked into for everybody.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let unpacked = place::judges().join("root");
    let more = ["/usr/local/go/bin", "/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from);
    let own = ["usr/bin", "usr/sbin", "bin", "sbin"].map(|dir| unpacked.join(dir));
    let dirs = std::env::split_paths(&path).chain(more).chain(own);
    dirs.map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// Installs the Debian package `package`, which has the program `name`.
fn install(package: &'static str, name: &'static str) -> PathBuf {
    static TRIED: Mutex<BTreeMap<&str, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut tried = TRIED.lock().unwrap();
    if let Some(found) = tried.get(package) {
        return found.clone();
    }
    {
        let _lock = lock();
        // Somebody else may have been faster.
        if program(name).is_none() {
            say(&format!("installing {package}"));
            match is_root() {
                true => install_as_root(package),
                false => unpack_as_user(package),
            }
        }
    }
    let found = program(name).unwrap_or_else(|| panic!("{package} is installed and there is no {name}"));
    tried.insert(package, found.clone());
    found
}

fn install_as_root(package: &str) {
    static UPDATED: OnceLock<()> = OnceLock::new();
    UPDATED.get_or_init(|| drop(finish(Command::new("apt-get").arg("update")).ok()));
    let mut install = Command::new("apt-get");
    install
        .args(["install", "-y", "--no-install-recommends", package])
        .env("DEBIAN_FRONTEND", "noninteractive");
    finish(&mut install).ok();
}

/// Fetches the package with all it needs and unpacks it below the build directory. Enough for
/// programs that need no rights and no configuration.
fn unpack_as_user(package: &str) {
    static UPDATED: OnceLock<()> = OnceLock::new();
    let apt = place::judges().join("apt");
    let debs = apt.join("debs");
    fs::create_dir_all(apt.join("lists/partial")).unwrap();
    fs::create_dir_all(apt.join("cache/archives/partial")).unwrap();
    fs::create_dir_all(&debs).unwrap();
    let apt_get = || {
        let mut command = Command::new("apt-get");
        command.arg("-o").arg(format!("Dir::State::lists={}", apt.join("lists").display()));
        command.arg("-o").arg(format!("Dir::Cache={}", apt.join("cache").display()));
        command.args(["-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="]).current_dir(&debs);
        command
    };
    UPDATED.get_or_init(|| drop(finish(apt_get().arg("update")).ok()));
    let simulated =
        finish(apt_get().args(["-s", "install", "--no-install-recommends", package])).ok().stdout();
    let needed = simulated.lines().filter_map(|line| line.strip_prefix("Inst ")?.split(' ').next());
    finish(apt_get().arg("download").args(needed)).ok();
    let root = place::judges().join("root");
    for entry in fs::read_dir(&debs).unwrap() {
        let deb = entry.unwrap().path();
        finish(Command::new("dpkg-deb").arg("-x").arg(&deb).arg(&root)).ok();
        fs::remove_file(&deb).unwrap();
    }
}

/// Lets the program find libraries that were unpacked beside it.
fn with_libraries(mut command: Command) -> Command {
    let root = place::judges().join("root");
    if Path::new(command.get_program()).starts_with(&root) {
        let triple = format!("{}-linux-gnu", std::env::consts::ARCH);
        let dirs = [root.join("usr/lib").join(&triple), root.join("lib").join(&triple), root.join("usr/lib")];
        command.env("LD_LIBRARY_PATH", std::env::join_paths(dirs).unwrap());
    }
    command
}

/// The go command, keeping all it keeps in the build directory.
fn go() -> Command {
    let program = program("go").unwrap_or_else(|| install("golang-go", "go"));
    let mut command = with_libraries(Command::new(&program));
    let unpacked = place::judges().join("root");
    if program.starts_with(&unpacked) {
        let lib = fs::read_dir(unpacked.join("usr/lib")).unwrap().map(|entry| entry.unwrap().path());
        let root = lib.filter(|path| path.join("bin/go").exists()).max().expect("golang-go brings its root");
        command.env("GOROOT", root);
    }
    let own = place::judges().join("go");
    command.env("GOPATH", &own).env("GOCACHE", own.join("cache")).env("GOENV", "off");
    command.env("GOFLAGS", "-modcacherw").env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0");
    command
}

/// One process at a time installs.
fn lock() -> File {
    fs::create_dir_all(place::judges()).unwrap();
    let lock = File::create(place::judges().join("lock")).unwrap();
    lock.lock().unwrap();
    lock
}
