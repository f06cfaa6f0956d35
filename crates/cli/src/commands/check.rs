//! `packwright check`: two builds under different conditions, compared entry by entry.

use std::num::NonZero;
use std::path::Path;

use packwright_engine::oci::Digest;
use packwright_engine::planner::Lock;
use packwright_engine::store::{Store, remove_tree};

use crate::application::Application;
use crate::commands::build::strictness;
use crate::exit::Exit;
use crate::flags::{Check, LogFormat};
use crate::making::{self, Made};
use crate::output;
use crate::report::{Failure, Report};
use crate::site::{Ground, Order, Site};
use crate::surroundings::Surroundings;
use crate::terminal::tell_json;

pub(super) fn check(flags: &Check, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let store = surroundings.store(flags.making.store.store.as_deref())?;
    let application = Application::read(surroundings, &flags.place.dir, &[])?;
    application.refuse_inside(&store)?;
    let plan = making::plan(surroundings, &application, &flags.source, &flags.environment, &flags.image)?;
    let mut order = Order::new(surroundings, &plan, &flags.source.secrets, &flags.making, &application.dir)?;
    let site = Site::open(surroundings, &flags.making)?;
    site.notice(plan.diagnostics.clone());
    let events = |event| site.hear(event);

    let ground = Ground::open(&site, &store.path, flags.making.steps.isolation, None)?;
    tell(flags, &conditions("first", &ground, &order, &store.path, ""));
    let context = site.context(&ground, &order, &events)?;
    let strictness = strictness(flags.source.strict);
    let first = making::make(&site, &ground, &context, &application, &plan, &flags.image, strictness)?;

    let elsewhere = Elsewhere::make()?;
    let other = Ground::open(&site, elsewhere.path(), flags.making.steps.isolation, ground.rung)?;
    order.jobs =
        if order.jobs.get() == 1 { NonZero::<usize>::MIN.saturating_add(1) } else { NonZero::<usize>::MIN };
    let umask = Umask::set(0o077);
    tell(flags, &conditions("second", &other, &order, elsewhere.path(), ", umask 077"));
    hand_over(&ground.store, &other.store, &first.lock)?;
    let context = site.context(&other, &order, &events)?;
    let second = again(&site, &other, &context, &application, &plan, flags, &first)?;
    drop(umask);
    site.finish();

    let differences: Vec<String> =
        packwright_engine::compare(&first.built, &second).iter().map(|found| found.to_string()).collect();
    let digest = first.built.image.digest;
    verdict(flags, &digest, &second.image.digest, &differences)
}

/// Builds with the first build's lock on other ground.
fn again(
    site: &Site<'_>,
    ground: &Ground,
    context: &packwright_engine::BuildContext<'_>,
    application: &Application,
    plan: &packwright_engine::planner::Plan,
    flags: &Check,
    first: &Made,
) -> Result<packwright_engine::Built, Failure> {
    let options = making::image_options(site.surroundings, &flags.image)?;
    let source = application.snapshot(&ground.store)?;
    packwright_engine::build(context, plan, &first.lock, &source, &options)
        .map_err(|error| site.failure(ground, error))
}

fn verdict(flags: &Check, first: &Digest, second: &Digest, differences: &[String]) -> Result<Exit, Failure> {
    let same = differences.is_empty() && first == second;
    if flags.making.log.log_format == LogFormat::Json {
        let event = if same { "same" } else { "different" };
        tell_json(&serde_json::json!({
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

/// Copies the packages of `lock` to the other store, checked on the way, to spare the download.
fn hand_over(from: &Store, to: &Store, lock: &Lock) -> Result<(), Failure> {
    for package in &lock.packages {
        if from.has_blob(&package.digest, Some(package.size)) {
            to.add_blob(&mut from.open_blob(&package.digest)?, Some((package.digest, package.size)))?;
        }
    }
    Ok(())
}

fn conditions(which: &str, ground: &Ground, order: &Order, store: &Path, more: &str) -> String {
    let rung = ground.rung.map_or("no isolation".to_owned(), |rung| rung.to_string());
    let jobs = match order.jobs.get() {
        1 => "1 job".to_owned(),
        jobs => format!("{jobs} jobs"),
    };
    format!("{which} build: {rung}, {jobs}, store {}{more}\n", store.display())
}

fn tell(flags: &Check, line: &str) {
    if !flags.making.log.quiet && flags.making.log.log_format == LogFormat::Text {
        output::say(line);
    }
}

/// A directory for the second store, gone when dropped, whatever modes its files have.
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

/// Another file mode mask for this process, as long as it lives.
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
