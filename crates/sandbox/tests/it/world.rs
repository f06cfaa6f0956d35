//! A root file system made of the host's own `/usr`, and shortcuts to run shell lines in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use packwright_sandbox::{
    Access, Control, Mount, Outcome, Privilege, Report, Root, Sandbox, SandboxError, Stream, run,
};

/// A temporary directory with `lower`, `upper` and `work`, removed at the end.
pub(crate) struct World {
    home: Option<tempfile::TempDir>,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) report: Report,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Standard output of a run that must have succeeded.
    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        assert_eq!(self.report.outcome, Outcome::Exited(0), "{self:?}");
        self.stdout.trim_end()
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        for name in ["lower", "upper", "work", "other"] {
            fs::create_dir(home.path().join(name)).unwrap();
        }
        for name in ["bin", "sbin", "lib", "lib64", "lib32", "libx32"] {
            if let Ok(target) = fs::read_link(Path::new("/").join(name)) {
                symlink(target, home.path().join("lower").join(name)).unwrap();
            }
        }
        fs::create_dir(home.path().join("lower/etc")).unwrap();
        fs::write(home.path().join("lower/etc/lower"), "lower").unwrap();
        Self { home: Some(home) }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.as_ref().unwrap().path().join(name)
    }

    pub(crate) fn overlay(&self) -> Root {
        Root::Overlay { lowers: vec![self.path("lower")], upper: self.path("upper"), work: self.path("work") }
    }

    /// A shell line in an overlay.
    pub(crate) fn sh(&self, line: &str) -> Sandbox {
        self.command(["/bin/sh", "-c", line])
    }

    pub(crate) fn command<const N: usize>(&self, argv: [&str; N]) -> Sandbox {
        let mut sandbox = Sandbox::new(self.overlay(), argv);
        sandbox.mounts = system();
        sandbox.env = BTreeMap::from([("PATH".into(), "/usr/bin:/bin:/usr/sbin:/sbin".into())]);
        sandbox
    }
}

/// A way of isolation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rung {
    Overlay,
    Copy,
    Chroot,
}

impl Rung {
    /// Those that this user may try.
    pub(crate) fn all() -> impl Iterator<Item = Rung> {
        [Self::Overlay, Self::Copy, Self::Chroot].into_iter().filter(|rung| *rung != Self::Chroot || root())
    }

    /// Turns a sandbox in the overlay of `world` into one of this kind.
    pub(crate) fn apply(self, world: &World, sandbox: &mut Sandbox) {
        if self == Self::Overlay {
            return;
        }
        for entry in fs::read_dir(world.path("lower")).unwrap().flatten() {
            if let Ok(target) = fs::read_link(entry.path()) {
                let _ = symlink(target, world.path("upper").join(entry.file_name()));
            }
        }
        sandbox.root = Root::Directory(world.path("upper"));
        if self == Self::Chroot {
            sandbox.privilege = Privilege::Chroot;
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let home = self.home.take().unwrap().keep();
        packwright_sandbox::remove_tree(&home).unwrap();
    }
}

/// The host's programs and libraries, read-only.
pub(crate) fn system() -> Vec<Mount> {
    ["/usr", "/bin", "/sbin", "/lib", "/lib64"]
        .into_iter()
        .filter(|path| fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()))
        .map(|path| bind(path, path, Access::ReadOnly))
        .collect()
}

pub(crate) fn bind(source: impl Into<PathBuf>, target: impl Into<PathBuf>, access: Access) -> Mount {
    Mount::Bind { source: source.into(), target: target.into(), access }
}

#[track_caller]
pub(crate) fn ran(sandbox: &Sandbox) -> Ran {
    match try_run(sandbox) {
        Ok(ran) => ran,
        Err(error) => panic!("{error}: {error:?}\nfix: {:?}", error.fix()),
    }
}

pub(crate) fn try_run(sandbox: &Sandbox) -> Result<Ran, SandboxError> {
    run_with(sandbox, &Control::new().unwrap())
}

pub(crate) fn run_with(sandbox: &Sandbox, control: &Control) -> Result<Ran, SandboxError> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let report = run(
        sandbox,
        &mut |stream, bytes| match stream {
            Stream::Stdout => stdout.extend_from_slice(bytes),
            Stream::Stderr => stderr.extend_from_slice(bytes),
        },
        control,
    )?;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ok(Ran { report, stdout: text(stdout), stderr: text(stderr) })
}

/// Whether a process with this word among its arguments exists on the host.
pub(crate) fn alive(marker: &str) -> bool {
    let own = std::process::id().to_string();
    fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        entry.file_name() != OsString::from(&own)
            && fs::read(entry.path().join("cmdline"))
                .is_ok_and(|line| line.split(|&byte| byte == 0).any(|word| word == marker.as_bytes()))
    })
}

/// Unlike any other process's argument, and a number so that `sleep` takes it.
pub(crate) fn marker() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("86{}{:04}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Waits for something that another thread or process brings about.
#[track_caller]
pub(crate) fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..500 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("{what} did not happen within 10 s");
}

/// This test program again inside of a sandbox, for one ignored test.
pub(crate) fn this_program_inside(world: &World, test: &str) -> Sandbox {
    let mut sandbox = world.command(["/program", "--exact", test, "--ignored", "--nocapture"]);
    sandbox.mounts.push(bind(std::env::current_exe().unwrap(), "/program", Access::ReadOnly));
    sandbox
}

/// This test program again, for one ignored test that needs a process of its own.
pub(crate) fn this_program(test: &str) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    command
}

/// Where this user is root, runs the tests whose names hold one of `tests` once more as another user.
#[track_caller]
pub(crate) fn as_an_ordinary_user(tests: &[&str]) {
    if !root() {
        return;
    }
    // Outside of the build directory, which may be root's alone.
    let home = tempfile::tempdir().unwrap();
    fs::set_permissions(home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let program = home.path().join("it");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut command = std::process::Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program).args(tests);
    let ran = command.env("TMPDIR", home.path()).env("HOME", home.path()).output().unwrap();
    let text = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && text.contains(&format!("{} passed", tests.len())), "{text}");
}
