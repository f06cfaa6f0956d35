//! From a directory to a built image, as `build`, `check` and `run` all do it: plan, lock,
//! snapshot, build.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use packwright_engine::oci::Tree;
use packwright_engine::planner::{Diagnostic, Lock, Plan, PlanError, Severity};
use packwright_engine::{BuildContext, BuildError, Built, ImageOptions, Strictness};

use crate::application::{Application, LOCK_FILE};
use crate::flags::{Assignment, ImageFlags, SourceFlags};
use crate::report::{Failure, Report, lock_failure};
use crate::site::{Ground, Site};
use crate::surroundings::Surroundings;

/// A built image with what it was made of.
pub(crate) struct Made {
    pub(crate) lock: Lock,
    pub(crate) built: Built,
}

/// The plan of the file that `image` names, or the one made of `application`.
pub(crate) fn plan(
    surroundings: &Surroundings,
    application: &Application,
    source: &SourceFlags,
    environment: &[Assignment],
    image: &ImageFlags,
) -> Result<Plan, Failure> {
    let Some(file) = &image.plan else {
        return application.plan(source, environment);
    };
    if let Some(flag) = source.about_the_plan() {
        return Err(Failure::usage(
            Report::new(format!("`{flag}` has no meaning with `--plan`"))
                .why("the plan says already what it is about")
                .fix("give the flag to `packwright plan`, which writes the plan"),
        ));
    }
    let name = file.display();
    let text = fs::read_to_string(surroundings.absolute(file)).map_err(|error| {
        Failure::usage(
            Report::new(format!("the plan `{name}` cannot be read")).because(&error).fix("check the path"),
        )
    })?;
    let mut plan = Plan::from_text(&text).map_err(|why| {
        Report::new(format!("`{name}` is not a plan")).why(why).fix(
            "`packwright plan --schema` describes the format; `packwright plan --format json` writes one",
        )
    })?;
    plan.diagnostics.splice(0..0, application.diagnostics().iter().cloned());
    let least = if source.strict { Severity::Warning } else { Severity::Error };
    let problems: Vec<Diagnostic> =
        plan.diagnostics.iter().filter(|found| found.severity >= least).cloned().collect();
    match problems.is_empty() {
        true => Ok(plan),
        false => Err(PlanError::Problems { problems }.into()),
    }
}

/// What is chosen about the image besides its plan.
pub(crate) fn image_options(
    surroundings: &Surroundings,
    image: &ImageFlags,
) -> Result<ImageOptions, Failure> {
    Ok(ImageOptions {
        compression: image.compression.compression(),
        epoch: surroundings.epoch(image.epoch)?,
        ..ImageOptions::default()
    })
}

/// Builds `plan`, from the lock when there is one that fits. What the store found damaged on the
/// way is told, whatever came of the build.
pub(crate) fn make(
    site: &Site<'_>,
    ground: &Ground,
    context: &BuildContext<'_>,
    application: &Application,
    plan: &Plan,
    image: &ImageFlags,
    strictness: Strictness,
) -> Result<Made, Failure> {
    let made = pin_and_build(site, ground, context, application, plan, image, strictness);
    site.notice(context.store.take_damage());
    made
}

fn pin_and_build(
    site: &Site<'_>,
    ground: &Ground,
    context: &BuildContext<'_>,
    application: &Application,
    plan: &Plan,
    image: &ImageFlags,
    strictness: Strictness,
) -> Result<Made, Failure> {
    let options = image_options(site.surroundings, image)?;
    let source = application.snapshot(context.store)?;
    let lock = match read_lock(site, application, image)? {
        Some((path, lock)) => fitting(site, ground, context, plan, &source, image, (path, lock))?,
        None => None,
    };
    let lock = match lock {
        Some(lock) => lock,
        None => packwright_engine::pin(context, plan, &source, strictness)
            .map_err(|error| site.failure(ground, error))?,
    };
    let built = packwright_engine::build(context, plan, &lock, &source, &options)
        .map_err(|error| site.failure(ground, error))?;
    Ok(Made { lock, built })
}

/// The lock file, if there is one.
///
/// Errors: there is none and there has to be; it cannot be read.
fn read_lock(
    site: &Site<'_>,
    application: &Application,
    image: &ImageFlags,
) -> Result<Option<(PathBuf, Lock)>, Failure> {
    let (path, must_be) = match &image.lock {
        Some(path) => (site.surroundings.absolute(path), true),
        None => (application.lock_path(), image.locked),
    };
    let name = path.display().to_string();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && !must_be => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(Report::new(format!("there is no lock `{name}`"))
                .fix(format!("make it with `packwright lock`, which writes {LOCK_FILE}"))
                .into());
        }
        Err(error) => return Err(Report::new(format!("`{name}` cannot be read")).because(&error).into()),
    };
    let lock = Lock::from_text(&text).map_err(|error| lock_failure(&name, &error))?;
    Ok(Some((path, lock)))
}

/// The lock, when it answers what `plan` asks. One that does not is an error under `--locked`
/// and for `--lock FILE`, and a warning otherwise.
fn fitting(
    site: &Site<'_>,
    ground: &Ground,
    context: &BuildContext<'_>,
    plan: &Plan,
    source: &Tree,
    image: &ImageFlags,
    (path, lock): (PathBuf, Lock),
) -> Result<Option<Lock>, Failure> {
    match packwright_engine::check_lock(context, plan, source, &lock) {
        Ok(()) => Ok(Some(lock)),
        Err(error) if image.locked || image.lock.is_some() => Err(site.failure(ground, error)),
        Err(error) => {
            site.notice([unfit(&path, &error)]);
            Ok(None)
        }
    }
}

fn unfit(path: &Path, error: &BuildError) -> Diagnostic {
    let message = format!("`{}` is not used: {error}", path.display());
    let warning = Diagnostic::warning("lock/unfit", message).why("versions are found anew for this build");
    match error.fix() {
        Some(fix) => warning.fix(fix),
        None => warning,
    }
}
