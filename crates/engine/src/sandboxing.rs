//! One step's commands in the sandbox: the root is laid out, the commands run one after the
//! other, the declared outputs are taken in.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use packwright_oci::{Entry, RelPath, Tree};
use packwright_planner::{Network, Output, Selection, StepName};
use packwright_sandbox::{Access, Isolation, Mount, Outcome, Root, Rung, Sandbox, Stream, User};
use packwright_store::{CaptureRules, Layering, Scratch, capture, merged, subtree};

use crate::lines::Lines;
use crate::secret::Traces;
use crate::{BuildError, Event, Secret, Workshop};

/// Where programs look for certificate authorities, from the root.
pub(crate) const CA_BUNDLE: &str = "etc/ssl/certs/ca-certificates.crt";

/// What a step does, with all names resolved.
pub(crate) struct Work<'a> {
    pub(crate) step: &'a StepName,
    pub(crate) hint: Option<&'a String>,
    pub(crate) transient: &'a [String],
    pub(crate) commands: Vec<Vec<String>>,
    pub(crate) environment: BTreeMap<OsString, OsString>,
    pub(crate) network: Network,
    /// Directory of the host, place in the root.
    pub(crate) caches: Vec<(PathBuf, RelPath)>,
    pub(crate) secrets: &'a [Secret],
    pub(crate) traces: &'a Traces,
    pub(crate) outputs: &'a [Output],
}

/// Runs `work` on `lowers` (lowest first) and gives back its outputs as one tree.
pub(crate) fn work(
    workshop: &Workshop<'_>,
    lowers: &[&Tree],
    scratch: &Scratch,
    work: &Work<'_>,
) -> Result<Tree, BuildError> {
    let rung = workshop.rung.ok_or_else(|| BuildError::NoIsolation { step: work.step.clone() })?;
    let lower = lowers.iter().fold(Tree::new(), |below, tree| below.overlaid(tree));
    let (root, written, layering) = lay_out(workshop, rung, lowers, &lower, scratch)?;
    let mut sandbox = Sandbox::new(root, Vec::<OsString>::new());
    sandbox.isolation = match rung {
        Rung::Chroot => Isolation::Chroot,
        _ => Isolation::UserNamespace,
    };
    sandbox.user = User { uid: 0, gid: 0 };
    sandbox.env = work.environment.clone();
    sandbox.cwd = "/app".into();
    sandbox.network = match work.network {
        Network::None => packwright_sandbox::Network::None,
        Network::Fetch => packwright_sandbox::Network::Host,
    };
    sandbox.limits = workshop.limits.clone();
    sandbox.mounts = mounts(workshop, scratch, work)?;
    for command in &work.commands {
        sandbox.argv = command.iter().map(OsString::from).collect();
        run(workshop, work, &sandbox)?;
    }
    let mut kept = Tree::new();
    for output in work.outputs {
        kept = kept.overlaid(&take_in(workshop, &lower, &written, layering, work, output)?);
    }
    Ok(kept)
}

/// The root on disk, the directory that receives what is written, and how to read that.
fn lay_out(
    workshop: &Workshop<'_>,
    rung: Rung,
    lowers: &[&Tree],
    lower: &Tree,
    scratch: &Scratch,
) -> Result<(Root, PathBuf, Layering), BuildError> {
    match rung {
        Rung::Overlay => {
            let mut dirs = Vec::new();
            for tree in lowers.iter().rev().filter(|tree| !tree.is_empty()) {
                dirs.push(workshop.root(tree)?);
            }
            let upper = workshop.subdir(scratch, "upper")?;
            let root =
                Root::Overlay { lowers: dirs, upper: upper.clone(), work: workshop.subdir(scratch, "work")? };
            Ok((root, upper, Layering::OverlayUpper))
        }
        _ => {
            let dir = workshop.subdir(scratch, "root")?;
            workshop.store.copy_root(lower, &dir)?;
            Ok((Root::Directory(dir.clone()), dir, Layering::Plain))
        }
    }
}

fn mounts(workshop: &Workshop<'_>, scratch: &Scratch, work: &Work<'_>) -> Result<Vec<Mount>, BuildError> {
    let bind = |source: &Path, target: &str, access| Mount::Bind {
        source: source.to_owned(),
        target: format!("/{target}").into(),
        access,
    };
    // On disk, so that large builds need no memory, and one for all commands of the step.
    let mut mounts = vec![bind(&workshop.subdir(scratch, "tmp")?, "tmp", Access::ReadWrite)];
    if work.network == Network::Fetch {
        let host = &workshop.host;
        let files = [
            (&host.ca_bundle, CA_BUNDLE),
            (&host.resolv_conf, "etc/resolv.conf"),
            (&host.hosts, "etc/hosts"),
        ];
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
        let file = workshop.subdir(scratch, "secrets")?.join(secret.name.as_str());
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

fn run(workshop: &Workshop<'_>, work: &Work<'_>, sandbox: &Sandbox) -> Result<(), BuildError> {
    let mut lines = Lines::new();
    let mut tail: Vec<String> = Vec::new();
    let mut transient = None;
    let mut show = |stderr: bool, line: &[u8]| {
        let line = String::from_utf8_lossy(&work.traces.blot_out(line)).into_owned();
        if work.transient.iter().any(|text| line.contains(text)) {
            transient = Some(line.clone());
        }
        if tail.len() == TAIL {
            tail.remove(0);
        }
        tail.push(line.clone());
        workshop.tell(Event::StepOutput { step: work.step.clone(), stderr, line });
    };
    let report = packwright_sandbox::run(
        sandbox,
        &mut |stream, bytes| lines.push(stream == Stream::Stderr, bytes, &mut show),
        workshop.stop.control(),
    )?;
    lines.finish(&mut show);
    match report.outcome {
        Outcome::Exited(0) => Ok(()),
        Outcome::Cancelled => Err(BuildError::Stopped),
        outcome => Err(BuildError::StepFailed {
            step: work.step.clone(),
            command: packwright_planner::Command::Exec(
                sandbox.argv.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
            )
            .to_string(),
            outcome,
            tail,
            hint: work.hint.cloned(),
            transient,
        }),
    }
}

/// How many of a failed step's last lines its error carries.
const TAIL: usize = 40;

fn take_in(
    workshop: &Workshop<'_>,
    lower: &Tree,
    written: &Path,
    layering: Layering,
    work: &Work<'_>,
    output: &Output,
) -> Result<Tree, BuildError> {
    if !work.traces.is_empty() {
        search(work, written, &output.path)?;
    }
    let missing = || BuildError::OutputMissing { step: work.step.clone(), path: output.path.clone() };
    let at = written.join(output.path.as_str());
    let disk = |source| BuildError::Disk { path: at.clone(), source };
    let found = match fs::symlink_metadata(&at) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(source) => return Err(disk(source)),
    };
    let before = lower.get(output.path.as_str());
    let whole = match found {
        Some(metadata) if metadata.is_dir() => {
            let rules = CaptureRules { layering, ..CaptureRules::default() };
            let captured = capture(workshop.store, &at, &rules)?;
            let dir = before.filter(|entry| entry.is_dir()).cloned().unwrap_or(Entry::dir(0o755));
            merged(&subtree(lower, &output.path), &captured).moved_below(&output.path, dir)?
        }
        Some(metadata) if metadata.is_file() => {
            let mut file = fs::File::open(&at).map_err(disk)?;
            let (digest, size) = workshop.store.add_file(&mut file).map_err(disk)?;
            let mode = if metadata.permissions().mode() & 0o111 == 0 { 0o644 } else { 0o755 };
            let mut tree = Tree::new();
            tree.insert(output.path.clone(), Entry::file(digest, size, mode))?;
            tree
        }
        // Not written: what was there before is the output.
        None if layering == Layering::OverlayUpper && before.is_some() => {
            lower.filter(|path, _| path.is_within(&output.path))
        }
        _ => return Err(missing()),
    };
    let scrub = Selection { include: output.scrub.clone(), exclude: Vec::new() }.matcher()?;
    Ok(whole.filter(|path, _| !path.below(&output.path).is_some_and(|path| scrub(&path))))
}

/// Looks for secrets in what the step wrote, before any of it enters the store.
fn search(work: &Work<'_>, written: &Path, below: &RelPath) -> Result<(), BuildError> {
    let start = written.join(below.as_str());
    let mut open = vec![start];
    while let Some(path) = open.pop() {
        let disk = |source| BuildError::Disk { path: path.clone(), source };
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        let found = if metadata.is_dir() {
            for entry in fs::read_dir(&path).map_err(disk)? {
                open.push(entry.map_err(disk)?.path());
            }
            None
        } else if metadata.is_symlink() {
            let target = fs::read_link(&path).map_err(disk)?;
            work.traces.find_in(target.as_os_str().as_encoded_bytes())
        } else if metadata.is_file() {
            work.traces.find(fs::File::open(&path).map_err(disk)?).map_err(disk)?
        } else {
            None
        };
        let in_name = path.file_name().and_then(|name| work.traces.find_in(name.as_encoded_bytes()));
        if let Some(secret) = found.or(in_name) {
            let path = path.strip_prefix(written).unwrap_or(&path).to_owned();
            return Err(BuildError::SecretFound { secret, step: work.step.clone(), path });
        }
    }
    Ok(())
}
