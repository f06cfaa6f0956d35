//! podman with storage of its own, so that nothing of the machine's images and containers is
//! touched.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::command::{Finished, finish, say, wait_for};
use crate::outside;
use crate::place::{is_root, run_dir};
use crate::running::PATIENCE;

/// podman with this run's storage; `None`, and a loud reason, where it cannot work: for an
/// ordinary user without a range of ids of his own. Root always has it.
pub fn podman() -> Option<Command> {
    static USABLE: OnceLock<bool> = OnceLock::new();
    let usable = *USABLE.get_or_init(|| {
        if is_root() {
            return true;
        }
        let ids = finish(command().args(["unshare", "cat", "/proc/self/uid_map"]));
        let usable = ids.status.success() && ids.stdout().lines().count() > 1;
        if !usable {
            say(
                "podman is NOT among the judges: this user has no range of ids (/etc/subuid, newuidmap), and \
                 an image with a user of its own needs two. Run the tests as root to have it judge.",
            );
        }
        usable
    });
    usable.then(command)
}

fn command() -> Command {
    // podman looks for them by name.
    let runc = outside::debian("runc");
    outside::debian("conmon");
    let mut command = outside::debian("podman");
    let dir = run_dir().join("podman");
    for (flag, name) in [("--root", "root"), ("--runroot", "run"), ("--tmpdir", "tmp")] {
        command.arg(flag).arg(dir.join(name));
    }
    command.args(["--cgroup-manager", "cgroupfs", "--events-backend", "none", "--runtime"]);
    command.arg(runc.get_program());
    command
}

/// An image in podman's storage. It is removed when dropped; its containers must be gone by then.
pub struct Image {
    name: String,
}

impl Image {
    /// The name that podman gave it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        if let Some(mut podman) = podman() {
            finish(podman.args(["rmi", "-f", &self.name]));
        }
    }
}

/// Loads an archive.
#[track_caller]
pub fn load(mut podman: Command, archive: &Path) -> Image {
    let told = finish(podman.args(["load", "-q", "-i"]).arg(archive)).ok().stdout();
    let name = told.trim().rsplit(": ").next().expect("podman says what it loaded");
    Image { name: name.to_owned() }
}

/// A container that runs. It is removed when dropped.
pub struct Container {
    name: String,
}

impl Container {
    /// Starts `image` with `flags`, its entry point with `words`.
    #[track_caller]
    pub fn start<T: AsRef<str>>(image: &Image, flags: &[T], words: &[&str]) -> Container {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("packwright-tests-{}-{number}", std::process::id());
        let container = Container { name };
        let mut command = container.podman();
        command.args([
            "run",
            "-d",
            "--name",
            &container.name,
            "--network",
            "host",
            "--log-driver",
            "k8s-file",
        ]);
        // Defaults may be more than this machine may give.
        command.args(["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]);
        command.args(flags.iter().map(AsRef::as_ref)).arg(image.name()).args(words);
        finish(&mut command).ok();
        container
    }

    fn podman(&self) -> Command {
        podman().expect("a container was started with it")
    }

    /// Runs a program inside.
    pub fn exec(&self, program: &[&str]) -> Finished {
        finish(self.podman().args(["exec", &self.name]).args(program))
    }

    /// All that it said.
    pub fn logs(&self) -> String {
        let told = finish(self.podman().args(["logs", &self.name]));
        told.stdout() + &told.stderr()
    }

    /// Whether it runs, and its exit status.
    fn state(&self) -> (bool, i32) {
        let format = "{{.State.Running}} {{.State.ExitCode}}";
        let told = finish(self.podman().args(["inspect", "--format", format, &self.name])).ok().stdout();
        let (running, code) = told.trim().split_once(' ').expect("the format has two words");
        (running == "true", code.parse().unwrap())
    }

    /// Waits until something listens on `port`.
    #[track_caller]
    pub fn wait_for_port(&self, port: u16) {
        wait_for("the container's port", PATIENCE, || {
            let listens = std::net::TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, port)).ok();
            if listens.is_none() {
                // Asking podman is dear.
                std::thread::sleep(Duration::from_millis(100));
                assert!(self.state().0, "it ended before it listened: {}", self.logs());
            }
            listens
        });
    }

    /// Waits until it says `text`.
    #[track_caller]
    pub fn wait_for_text(&self, text: &str) {
        wait_for("the container's words", PATIENCE, || {
            let (running, _) = self.state();
            let logs = self.logs();
            assert!(running || logs.contains(text), "ended without `{text}`: {logs}");
            logs.contains(text).then_some(())
        });
    }

    /// Waits until it ends by itself, and gives its status.
    #[track_caller]
    pub fn ends(&self) -> i32 {
        wait_for("the container's end", PATIENCE, || match self.state() {
            (true, _) => None,
            (false, code) => Some(code),
        })
    }

    /// Demands that it ends by itself within two seconds of SIGTERM: podman kills it after that,
    /// which its status tells.
    #[track_caller]
    pub fn stops(&self) {
        finish(self.podman().args(["stop", "-t", "2", &self.name])).ok();
        let (running, code) = self.state();
        assert!(!running && code != 137, "it had to be killed: {}", self.logs());
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        finish(self.podman().args(["rm", "-f", "-t", "0", &self.name]));
    }
}
