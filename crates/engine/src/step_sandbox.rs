//! One step's commands in the sandbox: the root is laid out, the commands run one after the
//! other, the declared outputs are taken in.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use packwright_oci::{Entry, Node, RelPath, Tree};
use packwright_planner::{Diagnostic, Network, Output, Selection, StepName};
use packwright_sandbox::{Access, Isolation, Mount, Outcome, Privilege, Root, Sandbox, Stream, User};
use packwright_store::{
    CaptureRules, CopiedModes, Layering, OutputDir, OutputEntry, Scratch, SkippedEntry, SpecialKind, merged,
    subtree,
};

use crate::context::BuildContext;
use crate::error::{BuildError, StepFailure};
use crate::event::Event;
use crate::lines::Lines;
use crate::secret::Secret;
use crate::secret::SecretPatterns;

/// Where programs look for certificate authorities, from the root.
pub(crate) const CA_BUNDLE: &str = "etc/ssl/certs/ca-certificates.crt";

/// Where the names of machines are, from the root.
const HOSTS: &str = "etc/hosts";

/// The names that a step without network knows.
const LOOPBACK: &str = "127.0.0.1 localhost\n::1 localhost\n";

/// What a step does, with all names resolved.
pub(crate) struct StepWork<'a> {
    pub(crate) step: &'a StepName,
    pub(crate) hint: Option<&'a String>,
    pub(crate) transient: &'a [String],
    pub(crate) commands: Vec<Vec<String>>,
    pub(crate) environment: BTreeMap<OsString, OsString>,
    pub(crate) network: Network,
    /// Directory of the host, place in the root.
    pub(crate) caches: Vec<(PathBuf, RelPath)>,
    pub(crate) secrets: &'a [Secret],
    pub(crate) patterns: &'a SecretPatterns,
    pub(crate) outputs: &'a [Output],
}

/// Runs `work` on `lowers` (lowest first) and gives back its outputs as one tree.
pub(crate) fn work(
    context: &BuildContext<'_>,
    lowers: &[&Tree],
    scratch: &Scratch,
    work: &StepWork<'_>,
) -> Result<Tree, BuildError> {
    let isolation = context.isolation.ok_or_else(|| BuildError::NoIsolation { step: work.step.clone() })?;
    let lower = lowers.iter().fold(Tree::new(), |below, tree| below.overlaid(tree));
    let (root, written, layering) = lay_out(context, isolation, lowers, &lower, scratch)?;
    let mut sandbox = Sandbox::new(root, Vec::<OsString>::new());
    sandbox.privilege = match isolation {
        Isolation::Chroot => Privilege::Chroot,
        _ => Privilege::UserNamespace,
    };
    sandbox.user = User { uid: 0, gid: 0 };
    sandbox.env = work.environment.clone();
    sandbox.cwd = "/app".into();
    sandbox.network = match work.network {
        Network::None => packwright_sandbox::Network::None,
        Network::Fetch => packwright_sandbox::Network::Host,
    };
    sandbox.limits = context.limits.clone();
    sandbox.mounts = mounts(context, scratch, work)?;
    for command in &work.commands {
        sandbox.argv = command.iter().map(OsString::from).collect();
        run(context, work, &sandbox)?;
    }
    let mut kept = Tree::new();
    let written = OutputDir::open(&written, CaptureRules::default().with_layering(layering))?;
    for output in work.outputs {
        kept = kept.overlaid(&take_in(context, &lower, &written, work, output)?);
    }
    Ok(kept)
}

/// The root on disk, the directory that receives what is written, and how to read that.
fn lay_out(
    context: &BuildContext<'_>,
    isolation: Isolation,
    lowers: &[&Tree],
    lower: &Tree,
    scratch: &Scratch,
) -> Result<(Root, PathBuf, Layering), BuildError> {
    match isolation {
        Isolation::Overlay => {
            let mut dirs = Vec::new();
            for tree in lowers.iter().rev().filter(|tree| !tree.is_empty()) {
                dirs.push(context.root(tree)?);
            }
            let upper = context.subdir(scratch, "upper")?;
            // The step sees the upper directory itself as `/`: it looks like that of a copied root.
            context.store.copy_root(&Tree::new(), &upper, CopiedModes::OfRoots)?;
            let root =
                Root::Overlay { lowers: dirs, upper: upper.clone(), work: context.subdir(scratch, "work")? };
            Ok((root, upper, Layering::OverlayUpper))
        }
        _ => {
            let dir = context.subdir(scratch, "root")?;
            context.store.copy_root(lower, &dir, CopiedModes::OfRoots)?;
            Ok((Root::Directory(dir.clone()), dir, Layering::Plain))
        }
    }
}

fn mounts(
    context: &BuildContext<'_>,
    scratch: &Scratch,
    work: &StepWork<'_>,
) -> Result<Vec<Mount>, BuildError> {
    let bind = |source: &Path, target: &str, access| Mount::Bind {
        source: source.to_owned(),
        target: format!("/{target}").into(),
        access,
    };
    // On disk, so that large builds need no memory, and one for all commands of the step.
    let mut mounts = vec![bind(&context.subdir(scratch, "tmp")?, "tmp", Access::ReadWrite)];
    // Programs look their own machine up by name even where there is no network.
    if work.network == Network::None {
        let hosts = context.subdir(scratch, "etc")?.join("hosts");
        fs::write(&hosts, LOOPBACK).map_err(|source| BuildError::Disk { path: hosts.clone(), source })?;
        mounts.push(bind(&hosts, HOSTS, Access::ReadOnly));
    }
    if work.network == Network::Fetch {
        let host = &context.host;
        let files =
            [(&host.ca_bundle, CA_BUNDLE), (&host.resolv_conf, "etc/resolv.conf"), (&host.hosts, HOSTS)];
        for (file, target) in files {
            if let Some(file) = file {
                mounts.push(bind(file, target, Access::ReadOnly));
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

fn run(context: &BuildContext<'_>, work: &StepWork<'_>, sandbox: &Sandbox) -> Result<(), BuildError> {
    let mut lines = Lines::new();
    let mut tail: Vec<String> = Vec::new();
    // The first one: what comes after it explains it, or repeats it.
    let mut transient = None;
    let mut show = |stderr: bool, line: &[u8]| {
        let line = String::from_utf8_lossy(&work.patterns.redact(line)).into_owned();
        if transient.is_none() && work.transient.iter().any(|text| line.contains(text)) {
            transient = Some(line.clone());
        }
        if tail.len() == TAIL {
            tail.remove(0);
        }
        tail.push(line.clone());
        context.tell(Event::StepOutput { step: work.step.clone(), stderr, line });
    };
    let report = packwright_sandbox::run(
        sandbox,
        &mut |stream, bytes| lines.push(stream == Stream::Stderr, bytes, &mut show),
        context.cancellation.control(),
    )?;
    lines.finish(&mut show);
    match report.outcome {
        Outcome::Exited(0) => Ok(()),
        Outcome::Cancelled => Err(BuildError::Cancelled),
        outcome => Err(BuildError::StepFailed(Box::new(StepFailure {
            step: work.step.clone(),
            command: packwright_planner::Command::Exec(
                sandbox.argv.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
            )
            .to_string(),
            outcome,
            tail,
            hint: work.hint.cloned(),
            transient,
        }))),
    }
}

/// How many of a failed step's last lines its error carries.
const TAIL: usize = 40;

fn take_in(
    context: &BuildContext<'_>,
    lower: &Tree,
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
    let scrub = Selection { include: output.scrub.clone(), exclude: Vec::new() }.matcher()?;
    let whole = match written.capture(context.store, path)? {
        OutputEntry::Dir { captured, hides } => {
            for skipped in captured.skipped.iter().filter(|skipped| !scrub(&skipped.path)) {
                context.tell(Event::Noticed(left_out(step, path, skipped)));
            }
            let before = before.filter(|entry| entry.is_dir());
            let beneath = match before {
                Some(_) if !hides => subtree(lower, path),
                _ => Tree::new(),
            };
            let dir = before.cloned().unwrap_or(Entry::dir(0o755));
            merged(&beneath, &captured).moved_below(path, dir)?
        }
        OutputEntry::File(entry) => {
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
    let whole = as_before(whole, lower)?;
    Ok(whole.filter(|found, _| !found.below(path).is_some_and(|found| scrub(&found))))
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
            let path = work.patterns.redact(path.as_str().as_bytes());
            let path = String::from_utf8_lossy(&path).into_owned();
            Err(BuildError::SecretFound { secret, step: work.step.clone(), path })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
