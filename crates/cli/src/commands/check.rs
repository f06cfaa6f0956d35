//! `packwright check`: two builds under different conditions, compared entry by entry.

use std::num::NonZero;
use std::path::Path;

use packwright::oci::Digest;
use packwright::planner::{Lock, Plan};
use packwright::sandbox::Isolation;
use packwright::store::{Store, remove_tree};
use packwright::{LockUse, Source};

use super::build::{again, plan, settled};
use crate::exit::Exit;
use crate::flags::commands::Check;
use crate::flags::groups::LogFormat;
use crate::host::Host;
use crate::output;
use crate::report::{Failure, Report};
use crate::session::{Session, StepValues, jobs, refuse_inside, source};
use crate::terminal::json;

pub(super) fn check(flags: &Check, host: &Host) -> Result<Exit, Failure> {
    let store = host.store(flags.build.store.store.as_deref())?;
    let catalog = flags.source.catalog();
    let source = source(host, &catalog, &flags.source_dir.dir, &[])?;
    refuse_inside(&source, &store)?;
    let plan = plan(host, &catalog, &source, &flags.source, &flags.environment, &flags.image)?;
    let values = StepValues::read(host, &catalog, &plan, &flags.source.secrets)?;
    let session = Session::open(host, &flags.build)?;
    let builder = values.give(session.builder(&store.path, catalog, &flags.build)?);
    let mut options = session.image_options(&flags.image, flags.source.strict)?;
    options.plan = flags.source.plan_options(&flags.environment);
    let failure = |error| session.failure(error);

    let isolation = builder.isolation().map_err(failure)?;
    let parallel = jobs(&flags.build.steps);
    tell(flags, &conditions("first", isolation, parallel, &store.path, ""));
    let planned =
        |source: &Source| again(host, &builder, source, &flags.source, &flags.environment, &flags.image);
    let (source, builder, first) =
        session.of_one_moment(&source, (plan, builder.clone()), planned, |source, plan, builder| {
            let plan = settled(&builder, source, plan, &flags.image, &options)?;
            let built = builder.build_plan(source, plan, &options)?;
            Ok((source.clone(), builder, built))
        })?;

    let elsewhere = Elsewhere::make()?;
    let parallel = match parallel.get() {
        1 => NonZero::<usize>::MIN.saturating_add(1),
        _ => NonZero::<usize>::MIN,
    };
    let mut other = builder.clone().in_store(Store::open(elsewhere.path())?).jobs(parallel);
    if let (Some(isolation), None) = (isolation, flags.build.steps.isolation) {
        other = other.avoid_isolation(isolation);
    }
    let umask = Umask::set(0o077);
    let isolation = other.isolation().map_err(failure)?;
    tell(flags, &conditions("second", isolation, parallel, elsewhere.path(), ", umask 077"));
    hand_over(builder.store(), other.store(), &first.lock)?;
    options.lock = LockUse::Exactly(Box::new(first.lock.clone()));
    // What there is to say about the plan was said by the first build.
    let plan = Plan { diagnostics: Vec::new(), ..first.plan.clone() };
    let second = other.build_plan(&source, plan, &options).map_err(failure)?;
    drop(umask);
    session.finish();

    let differences: Vec<String> = first.compare(&second).iter().map(|found| found.to_string()).collect();
    verdict(flags, &first.digest(), &second.digest(), &differences)
}

fn verdict(flags: &Check, first: &Digest, second: &Digest, differences: &[String]) -> Result<Exit, Failure> {
    let same = differences.is_empty() && first == second;
    if flags.build.log.log_format == LogFormat::Json {
        let event = if same { "same" } else { "different" };
        json::emit(&serde_json::json!({
            "event": event,
            "first": first.to_string(),
            "second": second.to_string(),
            "differences": differences,
        }));
    }
    match same {
        true => output::result(&format!("same {first}\n"))?,
        false => {
            let lines: String = differences.iter().map(|line| format!("  {line}\n")).collect();
            output::result(&format!("different\n  {first}\n  {second}\n{lines}"))?;
        }
    }
    Ok(if same { Exit::Done } else { Exit::Failed })
}

/// Copies the packages of `lock` to the other store, to spare the download. Their digests are
/// checked.
fn hand_over(from: &Store, to: &Store, lock: &Lock) -> Result<(), Failure> {
    for package in &lock.packages {
        if from.has_blob(&package.digest, Some(package.size)) {
            to.add_blob(&mut from.open_blob(&package.digest)?, Some((package.digest, package.size)))?;
        }
    }
    Ok(())
}

fn conditions(
    which: &str,
    isolation: Option<Isolation>,
    jobs: NonZero<usize>,
    store: &Path,
    more: &str,
) -> String {
    let isolation = isolation.map_or("no isolation".to_owned(), |isolation| isolation.to_string());
    let jobs = match jobs.get() {
        1 => "1 job".to_owned(),
        jobs => format!("{jobs} jobs"),
    };
    format!("{which} build: {isolation}, {jobs}, store {}{more}\n", store.display())
}

fn tell(flags: &Check, line: &str) {
    if !flags.build.log.quiet && flags.build.log.log_format == LogFormat::Text {
        output::message(line);
    }
}

/// A directory for the second store, removed when dropped, whatever modes its files have.
struct Elsewhere {
    dir: tempfile::TempDir,
    store: std::path::PathBuf,
}

impl Elsewhere {
    fn make() -> Result<Elsewhere, Failure> {
        let dir = tempfile::Builder::new().prefix("packwright-check").tempdir().map_err(|error| {
            Report::new("cannot make a directory for the second build")
                .because(&error)
                .fix("name a directory with room in TMPDIR")
        })?;
        let store = dir.path().join("store");
        Ok(Elsewhere { dir, store })
    }

    fn path(&self) -> &Path {
        &self.store
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        // What stays is in the directory for temporary files and does no harm.
        let _ = remove_tree(self.dir.path());
    }
}

/// Another file mode mask for this process, until this value is dropped.
struct Umask(rustix::fs::Mode);

impl Umask {
    fn set(mask: u32) -> Umask {
        Umask(rustix::process::umask(rustix::fs::Mode::from_raw_mode(mask)))
    }
}

impl Drop for Umask {
    fn drop(&mut self) {
        rustix::process::umask(self.0);
    }
}
