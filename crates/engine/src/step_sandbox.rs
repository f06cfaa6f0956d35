//! One step's commands in the sandbox: the root is laid out, the commands run one after the
//! other, the declared outputs are taken in.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use packwright_gateway::{Expected, Placeholder, Problem, ProblemKind, Session, SessionOptions, Transfer};
use packwright_oci::{Entry, Node, RelPath, Tree};
use packwright_planner::{Diagnostic, Network, Output, Selection, StepName};
use packwright_sandbox::{Access, Isolation, Mount, Outcome, Privilege, Root, Sandbox, Stream, User};
use packwright_store::{
    CaptureRules, CopiedModes, Layering, OutputDir, OutputEntry, Scratch, SkippedEntry, SpecialKind,
    StrippedEntry, merged, subtree,
};

use crate::context::{BuildContext, RootId};
use crate::downloads;
use crate::error::{BuildError, StepFailure};
use crate::event::Event;
use crate::full_disk;
use crate::lines::Lines;
use crate::network::{self, BuildGateway};
use crate::redacted::RedactedError;
use crate::retry;
use crate::secret::{Secret, SecretPatterns};

/// Where programs look for certificate authorities, from the root.
pub(crate) const CA_BUNDLE: &str = "etc/ssl/certs/ca-certificates.crt";

/// Where the names of machines are, from the root.
const HOSTS: &str = "etc/hosts";

/// Where the address of the resolver is, from the root.
const RESOLV_CONF: &str = "etc/resolv.conf";

/// The names that every step knows by itself.
const LOOPBACK: &str = "127.0.0.1 localhost\n::1 localhost\n";

/// What a step does, with all names resolved.
pub(crate) struct StepWork<'a> {
    pub(crate) step: &'a StepName,
    pub(crate) hint: Option<&'a String>,
    pub(crate) transient: &'a [String],
    pub(crate) commands: Vec<Vec<String>>,
    pub(crate) environment: BTreeMap<OsString, OsString>,
    pub(crate) network: Network,
    /// What it may get from there; anything when that is not known.
    pub(crate) expected: Option<&'a Expected>,
    /// Whether all that it gets has to be known.
    pub(crate) is_recorded: bool,
    /// Takes what it got, in this try and in those before whose caches it has; `None` once that is not known.
    pub(crate) entered: &'a Mutex<Option<BTreeSet<Transfer>>>,
    /// Directory of the host, place in the root.
    pub(crate) caches: Vec<(PathBuf, RelPath)>,
    /// As it sees them.
    pub(crate) secrets: &'a [Secret],
    /// What it sees in the place of credentials.
    pub(crate) placeholders: &'a [Placeholder],
    pub(crate) patterns: &'a SecretPatterns,
    pub(crate) outputs: &'a [Output],
}

/// Runs `work` on `lowers` (lowest first; without whiteouts) and gives back its outputs as one tree. What it
/// deleted there of the topmost of `lowers`, its `inputs`, is in it as whiteouts. No error shows a secret.
pub(crate) fn work(
    context: &BuildContext<'_>,
    lowers: &[&Tree],
    inputs: &Tree,
    scratch: &Scratch,
    work: &StepWork<'_>,
) -> Result<Tree, BuildError> {
    run_and_take_in(context, lowers, inputs, scratch, work).map_err(|error| redacted(error, work.patterns))
}

/// `error` without the secrets in names and texts of what the step left.
fn redacted(error: BuildError, patterns: &SecretPatterns) -> BuildError {
    match error {
        // The step's lines are redacted one by one, and the rest of these is the plan's.
        BuildError::StepFailed(_)
        | BuildError::NotInLock { .. }
        | BuildError::DownloadCutOff { .. }
        | BuildError::SecretFound { .. }
        | BuildError::Cancelled => error,
        error => match RedactedError::of(&error, error.fix(), patterns) {
            Some(redacted) => BuildError::Redacted(redacted),
            None => error,
        },
    }
}

fn run_and_take_in(
    context: &BuildContext<'_>,
    lowers: &[&Tree],
    inputs: &Tree,
    scratch: &Scratch,
    work: &StepWork<'_>,
) -> Result<Tree, BuildError> {
    let isolation = context.isolation.ok_or_else(|| BuildError::NoIsolation { step: work.step.clone() })?;
    let lower = lowers.iter().fold(Tree::new(), |below, tree| below.overlaid(tree));
    let StepRoot { root, written, layering, used } = lay_out(context, isolation, lowers, &lower, scratch)?;
    let mut sandbox = Sandbox::new(root, Vec::<OsString>::new());
    sandbox.privilege = match isolation {
        Isolation::Chroot => Privilege::Chroot,
        _ => Privilege::UserNamespace,
    };
    sandbox.user = User { uid: 0, gid: 0 };
    sandbox.env = work.environment.clone();
    sandbox.cwd = "/app".into();
    let gateway = match work.network {
        Network::None => None,
        Network::Fetch => context.step_gateway()?,
    };
    sandbox.network = match (work.network, &gateway) {
        (Network::None, _) => packwright_sandbox::Network::None,
        (Network::Fetch, None) => packwright_sandbox::Network::Host,
        (Network::Fetch, Some(gateway)) => gateway.network(),
    };
    sandbox.limits = context.limits.clone();
    sandbox.mounts = mounts(context, scratch, work, gateway.as_deref())?;
    if sandbox.limits.disk.is_some() || sandbox.limits.files.is_some() {
        // Of the whole step: what one command leaves counts for the next.
        sandbox.disk_before = packwright_sandbox::disk_use(&sandbox);
    }
    let session = gateway.as_ref().map(|gateway| {
        let placeholders = work.placeholders.to_vec();
        gateway.gateway.session_with(SessionOptions {
            placeholders,
            expected: work.expected.cloned(),
            is_recorded: work.is_recorded,
            cache_quota: downloads::quota(&context.limits),
        })
    });
    let ran = work.commands.iter().try_for_each(|command| {
        sandbox.argv = command.iter().map(OsString::from).collect();
        run(context, work, &sandbox, session.as_ref(), scratch)
    });
    let transfers = session.as_ref().map(|session| transfers(session, work)).unwrap_or_default();
    let is_complete = session.as_ref().is_none_or(Session::is_complete);
    let mut entered = work.entered.lock().unwrap_or_else(PoisonError::into_inner);
    *entered = entered.take().filter(|_| is_complete).map(|mut entered| {
        entered.extend(transfers.iter().map(|transfer| Transfer { cached: false, ..transfer.clone() }));
        entered
    });
    drop(entered);
    if let Some(downloads) = context.downloads.as_ref().filter(|_| session.is_some()) {
        // What is not kept is fetched again the next time.
        let _ = downloads.settle();
    }
    if session.as_ref().is_some_and(Session::is_cache_quota_exceeded) {
        let quota = downloads::quota(&context.limits);
        context.tell(Event::Noticed(downloads::over_quota(work.step, quota)));
    }
    // Damage of the root explains both a failure and a result.
    if !matches!(ran, Err(BuildError::Cancelled)) {
        used.iter().try_for_each(|(tree, id)| context.check_root(tree, *id))?;
    }
    ran?;
    if !transfers.is_empty() {
        let bytes = transfers.iter().map(|transfer| transfer.size).sum();
        let cached = transfers.iter().filter(|transfer| transfer.cached).count();
        let (step, answers) = (work.step.clone(), transfers.len());
        context.tell(Event::StepFetched { step, answers, bytes, cached });
    }
    let mut kept = Tree::new();
    let written = OutputDir::open(&written, CaptureRules::default().with_layering(layering))?;
    for output in work.outputs {
        let left = take_in(context, &lower, inputs, &written, work, output)?;
        kept = kept.overlaid(&left);
        // They are part of the result, and nothing that is to be applied to it.
        for (path, entry) in left.iter().filter(|(_, entry)| entry.node == Node::Whiteout) {
            kept.insert(path.clone(), entry.clone())?;
        }
    }
    Ok(kept)
}

/// What a step runs in.
struct StepRoot<'a> {
    /// The root on disk.
    root: Root,
    /// The directory that receives what is written.
    written: PathBuf,
    /// How to read that.
    layering: Layering,
    /// The roots of the store that it consists of.
    used: Vec<(&'a Tree, RootId)>,
}

fn lay_out<'a>(
    context: &BuildContext<'_>,
    isolation: Isolation,
    lowers: &[&'a Tree],
    lower: &Tree,
    scratch: &Scratch,
) -> Result<StepRoot<'a>, BuildError> {
    match isolation {
        Isolation::Overlay => {
            let (mut dirs, mut used) = (Vec::new(), Vec::new());
            for tree in lowers.iter().rev().filter(|tree| !tree.is_empty()) {
                let (dir, id) = context.root_with_id(tree)?;
                dirs.push(dir);
                used.push((*tree, id));
            }
            let upper = context.subdir(scratch, "upper")?;
            // The step sees the upper directory itself as `/`: it looks like that of a copied root.
            context.store.copy_root(&Tree::new(), &upper, CopiedModes::OfRoots)?;
            let root =
                Root::Overlay { lowers: dirs, upper: upper.clone(), work: context.subdir(scratch, "work")? };
            Ok(StepRoot { root, written: upper, layering: Layering::OverlayUpper, used })
        }
        _ => {
            let dir = context.subdir(scratch, "root")?;
            context.store.copy_root(lower, &dir, CopiedModes::OfRoots)?;
            let root = Root::Directory(dir.clone());
            Ok(StepRoot { root, written: dir, layering: Layering::Plain, used: Vec::new() })
        }
    }
}

fn mounts(
    context: &BuildContext<'_>,
    scratch: &Scratch,
    work: &StepWork<'_>,
    gateway: Option<&BuildGateway>,
) -> Result<Vec<Mount>, BuildError> {
    let bind = |source: &Path, target: &str, access| Mount::Bind {
        source: source.to_owned(),
        target: format!("/{target}").into(),
        access,
    };
    // On disk, so that large builds need no memory, and one for all commands of the step.
    let mut mounts = vec![bind(&context.subdir(scratch, "tmp")?, "tmp", Access::ReadWrite)];
    let own = |name: &str, content: &str, target: &str| {
        let file = context.subdir(scratch, "etc")?.join(name);
        fs::write(&file, content).map_err(|source| BuildError::Disk { path: file.clone(), source })?;
        Ok::<Mount, BuildError>(bind(&file, target, Access::ReadOnly))
    };
    match (work.network, gateway) {
        // Programs look their own machine up by name even where there is no network.
        (Network::None, _) => mounts.push(own("hosts", LOOPBACK, HOSTS)?),
        (Network::Fetch, Some(gateway)) => {
            mounts.push(own("hosts", LOOPBACK, HOSTS)?);
            mounts.push(own("resolv.conf", &network::resolver_configuration(), RESOLV_CONF)?);
            mounts.push(own("authority.pem", gateway.gateway.certificate(), CA_BUNDLE)?);
        }
        (Network::Fetch, None) => {
            let host = &context.host;
            let files =
                [(&host.ca_bundle, CA_BUNDLE), (&host.resolv_conf, RESOLV_CONF), (&host.hosts, HOSTS)];
            for (file, target) in files {
                if let Some(file) = file {
                    mounts.push(bind(file, target, Access::ReadOnly));
                }
            }
        }
    }
    for (dir, target) in &work.caches {
        mounts.push(bind(dir, target.as_str(), Access::ReadWrite));
    }
    for secret in work.secrets {
        let file = context.subdir(scratch, "secrets")?.join(secret.name.as_str());
        write_private(&file, secret.value())?;
        mounts.push(bind(&file, &format!("run/secrets/{}", secret.name), Access::ReadOnly));
    }
    Ok(mounts)
}

/// A file for this user alone; it lies in the scratch directory and ends with the step.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    use std::io::Write;
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o400).open(path);
    file.and_then(|mut file| file.write_all(bytes))
        .map_err(|source| BuildError::Disk { path: path.to_owned(), source })
}

fn run(
    context: &BuildContext<'_>,
    work: &StepWork<'_>,
    sandbox: &Sandbox,
    session: Option<&Session>,
    scratch: &Scratch,
) -> Result<(), BuildError> {
    let mut lines = Lines::new();
    let mut tail: Vec<String> = Vec::new();
    let mut disk_full = false;
    let mut show = |stderr: bool, line: &[u8]| {
        let line = String::from_utf8_lossy(&work.patterns.redact(line)).into_owned();
        disk_full |= full_disk::is_said(&line);
        if tail.len() == TAIL {
            tail.remove(0);
        }
        tail.push(line.clone());
        context.tell(Event::StepOutput { step: work.step.clone(), stderr, line });
    };
    // Ends with this function, when every process of the step is dead.
    let mut serving = None;
    let mut serve = |sockets| serving = session.map(|session| session.serve(network::sockets(sockets)));
    let report = packwright_sandbox::run_with_gateway(
        sandbox,
        &mut |stream, bytes| lines.push(stream == Stream::Stderr, bytes, &mut show),
        &mut serve,
        context.cancellation.control(),
    )?;
    lines.finish(&mut show);
    drop(serving.transpose()?);
    let problems = session.map(|session| problems(session, work)).unwrap_or_default();
    let disk_full = disk_full || full_disk::is_full(scratch.path());
    match report.outcome {
        // Whatever the program made of it.
        Outcome::Exited(0) if session.is_some_and(Session::is_unexpected) => {
            Err(BuildError::NotInLock { step: work.step.clone(), network: problems })
        }
        Outcome::Exited(0) if work.is_recorded && session.is_some_and(|session| !session.is_complete()) => {
            Err(BuildError::DownloadCutOff { step: work.step.clone(), network: problems })
        }
        Outcome::Exited(0) => Ok(()),
        Outcome::Cancelled => Err(BuildError::Cancelled),
        outcome => Err(BuildError::StepFailed(Box::new(StepFailure {
            step: work.step.clone(),
            command: packwright_planner::Command::Exec(
                sandbox.argv.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
            )
            .to_string(),
            outcome,
            disk_full,
            // What was refused would be refused again, whatever the client makes of it; and a disk stays full.
            transient: retry::network_failure(work.transient, &tail)
                .filter(|_| !disk_full && problems.iter().all(|it| it.kind != ProblemKind::Refused))
                .cloned(),
            tail,
            hint: work.hint.cloned(),
            network: problems,
        }))),
    }
}

/// What was refused and what failed. Hosts and paths are the program's choice, and may hold what it knows.
fn problems(session: &Session, work: &StepWork<'_>) -> Vec<Problem> {
    let open = |text: String| redacted_text(&text, work.patterns);
    let problems = session.problems().into_iter();
    problems
        .map(|problem| Problem {
            what: open(problem.what),
            why: open(problem.why),
            fix: problem.fix.map(open),
            ..problem
        })
        .collect()
}

/// What entered, under addresses that show no secret.
fn transfers(session: &Session, work: &StepWork<'_>) -> Vec<Transfer> {
    let transfers = session.transfers().into_iter();
    transfers
        .map(|transfer| Transfer { address: redacted_text(&transfer.address, work.patterns), ..transfer })
        .collect()
}

fn redacted_text(text: &str, patterns: &SecretPatterns) -> String {
    String::from_utf8_lossy(&patterns.redact(text.as_bytes())).into_owned()
}

/// How many of a failed step's last lines its error carries.
const TAIL: usize = 40;

fn take_in(
    context: &BuildContext<'_>,
    lower: &Tree,
    inputs: &Tree,
    written: &OutputDir,
    work: &StepWork<'_>,
    output: &Output,
) -> Result<Tree, BuildError> {
    let (step, path) = (work.step, &output.path);
    if !work.patterns.is_empty() {
        search(work, written, path)?;
    }
    let before = lower.get(path.as_str());
    let missing = || BuildError::OutputMissing { step: step.clone(), path: path.clone() };
    let behind =
        |link: RelPath| BuildError::OutputBehindLink { step: step.clone(), path: path.clone(), link };
    let mut stripped: Vec<StrippedEntry> = Vec::new();
    let scrub = Selection { include: output.scrub.clone(), exclude: Vec::new() }.matcher()?;
    let whole = match written.capture(context.store, path)? {
        OutputEntry::Dir { captured, hides } => {
            for skipped in captured.skipped.iter().filter(|skipped| !scrub(&skipped.path)) {
                context.tell(Event::Noticed(left_out(step, path, skipped)));
            }
            let found = captured.stripped.iter().filter(|entry| !scrub(&entry.path));
            stripped.extend(found.filter_map(|entry| {
                Some(StrippedEntry { path: path.join(entry.path.as_str()).ok()?, ..entry.clone() })
            }));
            let before = before.filter(|entry| entry.is_dir());
            let beneath = match before {
                Some(_) if !hides => subtree(lower, path),
                _ => Tree::new(),
            };
            let dir = before.cloned().unwrap_or(Entry::dir(0o755));
            let mut left = merged(&beneath, &captured);
            // A pipe or a socket took the place of what was there, and is left out itself.
            for skipped in &captured.skipped {
                left.remove(&skipped.path);
            }
            left.moved_below(path, dir)?
        }
        OutputEntry::File { entry, stripped: rights } => {
            stripped.extend(rights);
            let mut tree = Tree::new();
            tree.insert(path.clone(), entry)?;
            tree
        }
        // Not written: what was there before is the output.
        OutputEntry::Untouched => match link_on_the_way(lower, path) {
            Some(link) => return Err(behind(link)),
            None if before.is_none() => return Err(missing()),
            None => lower.filter(|found, _| found.is_within(path)),
        },
        OutputEntry::Deleted => return Err(missing()),
        OutputEntry::Link { at } => return Err(behind(at)),
        OutputEntry::Special(_) => {
            return Err(BuildError::OutputSpecial { step: step.clone(), path: path.clone() });
        }
    };
    let whole = with_whiteouts(as_before(whole, lower)?, inputs, path)?;
    stripped.retain(|entry| !whole.get(entry.path.as_str()).is_some_and(|kept| has_rights(kept, entry)));
    if let Some(first) = stripped.first() {
        context.tell(Event::Noticed(without_rights(step, first, stripped.len())));
    }
    Ok(whole.filter(|found, _| !found.below(path).is_some_and(|found| scrub(&found))))
}

/// `whole`, what a step left at `output`, with a whiteout for each entry of `inputs` that the step deleted there.
/// What lies below a deleted directory needs none of its own. Files of packages are not looked at: the image has
/// packages of its own.
fn with_whiteouts(mut whole: Tree, inputs: &Tree, output: &RelPath) -> Result<Tree, BuildError> {
    let deleted: Vec<RelPath> = inputs
        .below(output)
        .filter(|(path, _)| whole.get(path.as_str()).is_none())
        .filter(|(path, _)| {
            let above = path.parent().and_then(|parent| whole.get(parent.as_str()));
            above.is_some_and(Entry::is_dir)
        })
        .map(|(path, _)| path.clone())
        .collect();
    for path in deleted {
        whole.insert(path, Entry::whiteout())?;
    }
    Ok(whole)
}

/// The first symbolic link of `tree` at `path` or above it.
fn link_on_the_way(tree: &Tree, path: &RelPath) -> Option<RelPath> {
    let is_link = |path: &RelPath| {
        tree.get(path.as_str()).is_some_and(|entry| matches!(entry.node, Node::Symlink { .. }))
    };
    std::iter::successors(Some(path.clone()), RelPath::parent).filter(is_link).last()
}

/// `whole` with the owners, modes and attributes that `lower` has, wherever the content is the
/// same: a copied root and an upper directory show these differently, and the way of isolation
/// must not reach the image.
fn as_before(whole: Tree, lower: &Tree) -> Result<Tree, BuildError> {
    let executable = |entry: &Entry| entry.mode & 0o111 != 0;
    let mut entries: BTreeMap<RelPath, Entry> = whole.into();
    let mut links = Vec::new();
    for (path, entry) in &mut entries {
        match (&entry.node, lower.get(path.as_str())) {
            (Node::Hardlink { target }, _) => links.push((path.clone(), target.clone())),
            (node, Some(before)) if before.node == *node && executable(before) == executable(entry) => {
                *entry = before.clone();
            }
            _ => {}
        }
    }
    // All names of a file show the same.
    for (path, target) in links {
        if let Some(Entry { mode, uid, gid, xattrs, .. }) = entries.get(&target).cloned() {
            entries
                .entry(path)
                .and_modify(|link| *link = Entry { node: link.node.clone(), mode, uid, gid, xattrs });
        }
    }
    Ok(Tree::try_from(entries)?)
}

/// Whether `entry` shows the rights of `stripped` after all, because it is as it was before the step.
fn has_rights(entry: &Entry, stripped: &StrippedEntry) -> bool {
    entry.mode & stripped.mode == stripped.mode
        && (stripped.capabilities.is_none()
            || entry.xattrs.get(CAPABILITIES) == stripped.capabilities.as_ref())
}

const CAPABILITIES: &str = "security.capability";

fn without_rights(step: &StepName, first: &StrippedEntry, count: usize) -> Diagnostic {
    let bits = [(0o4000, "setuid bit"), (0o2000, "setgid bit"), (0o1000, "sticky bit")];
    let mut rights: Vec<&str> =
        bits.iter().filter(|(bit, _)| first.mode & bit != 0).map(|(_, name)| *name).collect();
    rights.extend(first.capabilities.as_ref().map(|_| "file capabilities"));
    let others = match count - 1 {
        0 => String::new(),
        1 => ", and such rights of one more file".to_owned(),
        more => format!(", and such rights of {more} more files"),
    };
    let (rights, path) = (rights.join(" and "), &first.path);
    let message = format!("the {rights} of `/{path}`, which the step `{step}` set, is left out{others}");
    Diagnostic::warning("step/rights", message)
        .why("in a container they give a process rights that its user does not have")
        .fix("let the platform give the container the capability that it needs")
}

fn left_out(step: &StepName, output: &RelPath, skipped: &SkippedEntry) -> Diagnostic {
    let kind = match skipped.kind {
        SpecialKind::Socket => "socket",
        SpecialKind::Pipe => "pipe",
        SpecialKind::Device => "device",
    };
    let message = format!("the {kind} `/{output}/{}` of the step `{step}` is left out", skipped.path);
    Diagnostic::warning("step/special-file", message).why("an image holds files, directories and links")
}

/// Looks for secrets in what the step wrote, before any of it enters the store.
fn search(work: &StepWork<'_>, written: &OutputDir, output: &RelPath) -> Result<(), BuildError> {
    let mut secret = None;
    let found = written.search(output, &mut |read| {
        secret = work.patterns.find(read)?;
        Ok(secret.is_some())
    })?;
    match (found, secret) {
        (Some(path), Some(secret)) => {
            // The name itself may be the secret.
            let path = work.patterns.redact_text(path.as_str());
            Err(BuildError::SecretFound { secret, step: work.step.clone(), path })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
