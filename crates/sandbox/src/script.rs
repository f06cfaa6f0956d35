//! A sandbox compiled into the steps its first process takes.
//!
//! Everything that needs memory, a decision or a Rust string is done here, in the parent. What is left for the
//! child is a list of [`SetupStep`]s to carry out one after another; a failure is reported as the step's number and
//! looked up here again, for its stage and path. Nothing in this file acts.

mod inside;
mod step;
mod system;

use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::process::Resource;

use crate::command_line;
use crate::error::SandboxError;
use crate::exec::ExecSpec;
use crate::filter;
use crate::sandbox::{Access, Mount, Network, Privilege, Root, Sandbox};
use crate::stage::Stage;

use inside::{inside_text, path_text, text};
use system::kernel_limit;

pub(crate) use inside::InsidePath;
pub(crate) use step::{Action, IfMissing, SetupStep};

/// Capabilities a process with uid 0 keeps, by name and number. Enough to install packages and run servers;
/// none of them reaches beyond the root directory.
///
/// `CAP_MKNOD` and `CAP_SYS_CHROOT` are not among them: whiteouts need neither, and device nodes that real root makes
/// work on the host.
pub const KEPT_CAPABILITIES: &[(&str, u32)] = &[
    ("CAP_CHOWN", 0),
    ("CAP_DAC_OVERRIDE", 1),
    ("CAP_FOWNER", 3),
    ("CAP_FSETID", 4),
    ("CAP_KILL", 5),
    ("CAP_SETGID", 6),
    ("CAP_SETUID", 7),
    ("CAP_NET_BIND_SERVICE", 10),
    ("CAP_SETFCAP", 31),
];

/// Open files a process may have: room for servers, and little enough that programs which close every possible
/// descriptor one by one stay fast.
const OPEN_FILES: u64 = 65_536;

/// Most ports that a sandbox listens on for its caller: their sockets go over in one message.
pub const MOST_PORTS: usize = 200;

/// What the first process does before it starts the program.
#[derive(Debug)]
pub(crate) struct Script {
    /// Namespaces to create, as `clone` takes them.
    pub(crate) namespaces: i32,
    pub(crate) steps: Vec<SetupStep>,
    /// `None` only tries the steps.
    pub(crate) program: Option<ExecSpec>,
}

impl Script {
    /// The whole way from a fresh namespace to the program.
    pub(crate) fn compile(sandbox: &Sandbox) -> Result<Self, SandboxError> {
        let program = compile_exec(sandbox)?;
        let mut script = Self::trial(sandbox)?;
        script.program = Some(program);
        Ok(script)
    }

    /// The same without a program: only tries whether the isolation can be had.
    pub(crate) fn trial(sandbox: &Sandbox) -> Result<Self, SandboxError> {
        let mut script = Self { namespaces: namespaces(sandbox), steps: Vec::new(), program: None };
        script.push(Stage::Privileges, None, Action::BlankCommandLine(command_line::ranges()));
        script.push(Stage::Namespaces, None, Action::OwnCgroups);
        if sandbox.privilege == Privilege::UserNamespace {
            script.map_ids(sandbox);
        }
        script.network(&sandbox.network)?;
        if sandbox.hostname.is_empty() || sandbox.hostname.len() > 64 || sandbox.hostname.contains('\0') {
            return Err(SandboxError::Hostname { hostname: sandbox.hostname.clone() });
        }
        script.push(Stage::Hostname, None, Action::Hostname(sandbox.hostname.clone().into_bytes()));
        script.push(Stage::PrivateMounts, None, Action::PrivateMounts);
        script.root(&sandbox.root)?;
        script.steps.extend(system::steps(&sandbox.limits)?);
        for mount in &sandbox.mounts {
            script.mount(mount)?;
        }
        script.push(Stage::Enter, None, Action::Enter);
        script.push(Stage::Descriptors, None, Action::Input);
        let cwd = inside_text("working directory", &sandbox.cwd)?;
        script.push(Stage::WorkingDirectory, Some(&sandbox.cwd), Action::WorkingDirectory(cwd));
        script.confine(sandbox)?;
        Ok(script)
    }

    /// Whether the child hands sockets to the parent.
    pub(crate) fn listens(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.action, Action::Listen { .. }))
    }

    fn network(&mut self, network: &Network) -> Result<(), SandboxError> {
        if *network != Network::Host {
            self.push(Stage::Network, None, Action::Loopback);
        }
        if let Network::Gateway { ports, resolver } = network {
            if ports.len() > MOST_PORTS {
                return Err(SandboxError::TooManyPorts { count: ports.len() });
            }
            self.push(Stage::Gateway, None, Action::RouteToSelf);
            let (ports, resolver) = (ports.clone(), *resolver);
            self.push(Stage::Gateway, None, Action::Listen { ports, resolver });
        }
        Ok(())
    }

    pub(crate) fn push(&mut self, stage: Stage, path: Option<&Path>, action: Action) {
        self.steps.push(SetupStep { stage, path: path.map(Path::to_path_buf), action });
    }

    /// A single id each, which needs no help from root. `setgroups` has to be given up first.
    fn map_ids(&mut self, sandbox: &Sandbox) {
        let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        let lines = [
            (c"/proc/self/setgroups", "deny".to_owned()),
            (c"/proc/self/uid_map", format!("{} {uid} 1", sandbox.user.uid)),
            (c"/proc/self/gid_map", format!("{} {gid} 1", sandbox.user.gid)),
        ];
        for (path, content) in lines {
            let action = Action::Write { path: path.to_owned(), content: content.into_bytes() };
            self.push(Stage::Identity, Some(Path::new(OsStr::from_bytes(path.to_bytes()))), action);
        }
    }

    fn root(&mut self, root: &Root) -> Result<(), SandboxError> {
        match root {
            Root::Overlay { lowers, upper, work } if !lowers.is_empty() => {
                let lowers = lowers
                    .iter()
                    .map(|lower| path_text("lower directory", lower))
                    .collect::<Result<_, _>>()?;
                let action = Action::OverlayRoot {
                    lowers,
                    upper: path_text("upper directory", upper)?,
                    work: path_text("work directory", work)?,
                };
                self.push(Stage::Overlay, Some(upper), action);
            }
            Root::Overlay { upper: path, .. } | Root::Directory(path) => {
                self.push(Stage::Root, Some(path), Action::DirectoryRoot(path_text("root directory", path)?));
            }
        }
        Ok(())
    }

    fn mount(&mut self, mount: &Mount) -> Result<(), SandboxError> {
        match mount {
            Mount::Bind { source, target, access } => {
                let read_only = match access {
                    Access::ReadOnly => libc::MOUNT_ATTR_RDONLY,
                    Access::ReadWrite => 0,
                };
                let action = Action::Bind {
                    source: path_text("mount source", source)?,
                    target: InsidePath::new("mount target", target)?,
                    attributes: read_only | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV,
                    if_missing: IfMissing::Fail,
                };
                self.push(Stage::Mount, Some(source), action);
            }
            Mount::Tmpfs { target, size, mode } => {
                let action = system::tmpfs(InsidePath::new("mount target", target)?, *mode, *size);
                self.push(Stage::Mount, Some(target), action);
            }
        }
        Ok(())
    }

    /// Limits and loss of privileges, after everything that needs them.
    fn confine(&mut self, sandbox: &Sandbox) -> Result<(), SandboxError> {
        self.push(Stage::Limits, None, Action::Umask(0o022));
        self.push(Stage::Limits, None, Action::Limit { resource: Resource::Core, soft: 0, hard: 0 });
        let files = Action::Limit { resource: Resource::Nofile, soft: OPEN_FILES, hard: OPEN_FILES };
        self.push(Stage::Limits, None, files);
        if let Some(processes) = sandbox.limits.processes {
            let most = kernel_limit(processes);
            self.push(
                Stage::Limits,
                None,
                Action::Limit { resource: Resource::Nproc, soft: most, hard: most },
            );
        }
        let kept = KEPT_CAPABILITIES.iter().fold(0, |set, (_, number)| set | 1u64 << number);
        if sandbox.privilege == Privilege::Chroot {
            self.push(Stage::Privileges, None, Action::DropGroups);
        }
        self.push(Stage::Privileges, None, Action::DropBoundingCapabilities { keep: kept });
        self.push(Stage::Privileges, None, Action::Identity { uid: sandbox.user.uid, gid: sandbox.user.gid });
        let keep = if sandbox.user.uid == 0 { kept } else { 0 };
        self.push(Stage::Privileges, None, Action::DropCapabilities { keep });
        self.push(Stage::Privileges, None, Action::NoNewPrivileges);
        self.push(Stage::Filter, None, Action::Landlock);
        self.push(Stage::Filter, None, Action::Filter(filter::compile()?));
        Ok(())
    }
}

fn compile_exec(sandbox: &Sandbox) -> Result<ExecSpec, SandboxError> {
    let name = sandbox.argv.first().filter(|name| !name.is_empty()).ok_or(SandboxError::NoProgram)?;
    let argv = sandbox.argv.iter().map(|word| text("argument", word)).collect::<Result<_, _>>()?;
    let mut env = Vec::with_capacity(sandbox.env.len());
    for (name, value) in &sandbox.env {
        if name.is_empty() || name.as_bytes().contains(&b'=') {
            return Err(SandboxError::VariableName { name: name.clone() });
        }
        let mut line = name.clone();
        line.push("=");
        line.push(value);
        // The value may be a secret; the error names the variable alone.
        let zero = |_| SandboxError::ZeroByte { field: "environment variable", value: name.clone() };
        env.push(text("environment variable", &line).map_err(zero)?);
    }
    Ok(ExecSpec { candidates: candidates(name, sandbox.env.get(OsStr::new("PATH")))?, argv, env })
}

fn candidates(name: &OsStr, search_path: Option<&OsString>) -> Result<Vec<CString>, SandboxError> {
    if name.as_bytes().contains(&b'/') {
        return Ok(vec![text("program", name)?]);
    }
    let not_found =
        || SandboxError::ProgramNotFound { program: name.to_owned(), search_path: Some(OsString::new()) };
    let search_path = search_path.filter(|path| !path.is_empty()).ok_or_else(not_found)?;
    let directories = search_path.as_bytes().split(|&byte| byte == b':').map(OsStr::from_bytes);
    directories.map(|directory| text("program", Path::new(directory).join(name).as_os_str())).collect()
}

/// All but the one for control groups: its top is where the process is when it is made ([`Action::OwnCgroups`]).
fn namespaces(sandbox: &Sandbox) -> i32 {
    let mut flags = libc::CLONE_NEWNS | libc::CLONE_NEWPID | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;
    if sandbox.privilege == Privilege::UserNamespace {
        flags |= libc::CLONE_NEWUSER;
    }
    if sandbox.network != Network::Host {
        flags |= libc::CLONE_NEWNET;
    }
    flags
}
