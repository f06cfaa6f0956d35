//! One isolated Linux process: argv, environment, mounts and limits in; outcome out.
//!
//! [`run`] takes a [`Sandbox`] (plain data), calls back with the process's output as it comes, and returns
//! a [`Report`] with the [`Outcome`]. A [`Control`] cancels it or passes a signal on. [`probe`] tries every
//! [`Isolation`] on this machine and says what stands in the way of each.
//!
//! This crate reads no environment variables, installs no signal handlers, prints nothing, chooses no
//! directory but that of a control group, and is the only crate of the workspace that may hold `unsafe` code.
//!
//! # What a process sees
//!
//! - Its own user (one id mapped), mount, pid, ipc, cgroup, host name and, but for [`Network::Host`], network namespace.
//!   The user namespace is made for root too, so that both kinds of caller get the same results.
//! - The root directory it was given, a fresh `/proc` (kernel settings read-only, leaky files masked), a
//!   minimal `/dev`, and `tmpfs` on `/tmp` and `/dev/shm`. Nothing else of the host but what
//!   [`Sandbox::mounts`] names. Set-user-id bits have no effect, and devices none but in `/dev`.
//! - `/dev/null` as standard input, pipes as output, no other open file, umask 022, its own session without
//!   a terminal, no new privileges, nine capabilities (see [`KEPT_CAPABILITIES`]) if its uid is 0 and none
//!   otherwise, and [a filter](DENIED_CALLS) that refuses dangerous system calls. Where the kernel has Landlock, a
//!   second wall closes all files outside of the root, and the host's abstract sockets (see [`landlock`]).
//! - With [`Network::Gateway`], a network that ends at sockets of the caller's ([`run_with_gateway`]): every IPv4
//!   address is delivered to them, no IPv6 address can be reached, and of the host there is nothing, neither its
//!   loopback interface nor its abstract sockets. What the kernel refuses there, because no socket listens, the caller
//!   hears of.
//! - Pid 1 is ours: it reaps orphans, passes signals on and ends when the process ends, and with it the
//!   kernel ends everything else in the namespace. It dies with the calling thread. Its command line is blank,
//!   and its environment, memory, files and program cannot be looked at.
//!
//! # What it needs
//!
//! Linux 5.12 (`mount_setattr`), `/proc` mounted on the caller's side, and the rights that [`probe`] tries.
//! One architecture: programs for another one (32-bit x86 too) are killed by the filter.
//!
//! # What it does not do
//!
//! - No quotas, and control groups for memory alone. Where one can be had ([`memory_cgroups`]), the kernel holds the limit
//!   on memory: it counts all that the processes take, and its own memory for them, and kills when nothing can be given
//!   back. What it keeps of files on disk gives way; files on a `tmpfs` of the host are memory. The group of version 2 is
//!   beside the caller's, as a group with processes has none below it; where the caller's has a bound on memory or
//!   processors, from which a step would be free there, none is made.
//! - Elsewhere memory, and everywhere disk and processes, are sampled about every 100 ms (every 20 ms near the limit, and at
//!   once when the machine's number of tasks jumps) and enforced by killing, so a process can overshoot for that long.
//!   Sampled memory is what processes have in pages, what they hold in memory files (`memfd_create`), and what lies in
//!   the sandbox's own `tmpfs`. System V segments are bounded by the kernel. Not seen, and so bounded by the machine
//!   alone, is what a program hides on purpose: a memory file that is on its way through a socket or only mapped,
//!   pages of shared mappings that it has given back, buffers of pipes and sockets. The limits on disk and files are
//!   looked at once more at the end, so that what is left never exceeds them unnoticed.
//!   Between two samples, a fork bomb is bounded by `RLIMIT_NPROC`, from which the kernel exempts real root, and
//!   since Linux 6.14 by the namespace's own `kernel.pid_max`. A bomb that runs into these before it is seen fails
//!   in `fork`, and the outcome is then its own; real root's on an older kernel runs until it is seen.
//! - Where the kernel refuses a fresh `/proc`, because parts of the host's are hidden as in most pods, the host's is
//!   seen without the processes that were there before ([`Note::HostProc`]). Those that start later are seen: the
//!   kernel has no view of some processes only.
//! - `/proc/self/mountinfo` tells where on their file system the directories of [`Sandbox::mounts`] are. The kernel
//!   writes it for each process anew; there is nothing to mount over it.
//! - No sub-id ranges: `chown` to any id but the mapped one fails with `EINVAL` inside. Packages are unpacked by
//!   us and not by their tools, so build steps have no need of it, and `newuidmap` is not there in most pods.
//!
//! # Why own code
//!
//! - `hakoniwa` 1.8 does much of this, but is LGPL-3.0 (with a linking exception), where this workspace is MIT or
//!   Apache-2.0, and it formats strings after `fork`, where callers like ours have threads.
//! - `libcontainer` (youki) is a container runtime: it works on an OCI bundle on disk, with state directories and
//!   cgroups. That is much to carry for one process.
//! - `nix` wraps libc, whose wrappers change all threads' ids and set `errno` in thread-local storage; its
//!   `unshare`/`fork` are safe to call but the rules between `fork` and `exec` stay with us all the same.
//! - `rustix` makes raw system calls that neither allocate nor touch `errno`, has the fd-based mount calls and
//!   `openat2`, and is already in the tree. It is the choice, with `libc` for the few calls it leaves out
//!   (`clone`, `execve`, `sigaction`, `signalfd`, `mount_setattr`, `seccomp`) and `seccompiler` for the filter.
//!
//! The cost is about a thousand lines of our own between `clone` and `exec`: they are an interpreter of a
//! script that the parent has compiled, so that the child neither allocates nor decides.

mod child;
mod command_line;
mod control;
mod descriptors;
mod disk;
mod error;
mod exec;
mod filter;
mod gateway;
mod held;
mod init;
mod memory;
mod memory_cgroup;
mod message;
mod mountinfo;
mod obstacle;
mod outcome;
mod probe;
mod remove;
mod run;
mod sandbox;
mod script;
mod spawn;
mod stage;
mod syscall;
mod tree;

pub use control::Control;
pub use disk::disk_use;
pub use error::SandboxError;
pub use filter::DENIED_CALLS;
pub use gateway::GatewaySockets;
pub use memory_cgroup::{CgroupVersion, MemoryCgroups, NoMemoryCgroup, memory_cgroups};
pub use obstacle::Obstacle;
pub use outcome::{MemoryCount, Note, Outcome, Report, Stream, Usage};
pub use probe::{Isolation, Probe, ProbeError, landlock, probe};
pub use remove::remove_tree;
pub use run::{run, run_with_gateway};
pub use sandbox::{Access, DiskUse, Limits, Mount, Network, Privilege, Root, Sandbox, User};
pub use script::{KEPT_CAPABILITIES, MOST_PORTS};
pub use stage::Stage;
