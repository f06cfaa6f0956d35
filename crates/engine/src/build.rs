//! [`build`]: plan, lock and source become an image.

use std::collections::BTreeMap;

use packwright_oci::{
    Compression, History, Image, ImageConfig, LayerDescriptor, LayerOptions, Profile, Tree,
};
use packwright_planner::{AskedBy, Diagnostic, Lock, Plan, Step};

use crate::app_user::APP_USER;
use crate::closing_check::{self, Checked};
use crate::context::BuildContext;
use crate::error::BuildError;
use crate::event::{Event, LayerReport};
use crate::growth::Cost;
use crate::label::{LABEL, label};
use crate::lacking::{Adding, Lacking};
use crate::layers::{self, Layers};
use crate::library_archive::{DebianArchive, LibraryArchive};
use crate::packages::{Roots, StoreCheck, until_undamaged};
use crate::pin::is_open;
use crate::process::PROCESS_DIR;
use crate::steps::Steps;
use crate::{added, tasks};

/// What the caller chooses about an image, besides its plan. Take the default and set what differs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ImageOptions {
    /// How layers are compressed.
    pub compression: Compression,
    /// The time of all files and of the image, in seconds since 1970; the profile's own unless
    /// given.
    pub epoch: Option<u64>,
    /// Annotations of the manifest besides those that every image has.
    pub annotations: BTreeMap<String, String>,
    /// Labels of the image besides its own, which no other takes the place of.
    pub labels: BTreeMap<String, String>,
}

impl Default for ImageOptions {
    fn default() -> ImageOptions {
        ImageOptions {
            compression: Compression::Gzip,
            epoch: None,
            annotations: BTreeMap::new(),
            labels: BTreeMap::new(),
        }
    }
}

/// A built image: its documents, its layers as values, and the reports about them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Built {
    /// The documents; the layers' bytes are in the store.
    pub image: Image,
    /// The configuration the image was made with.
    pub config: ImageConfig,
    /// The layers' trees, the base first.
    pub trees: Vec<Tree>,
    /// The layers, the base first.
    pub layers: Vec<LayerReport>,
    /// The epoch of all files.
    pub epoch: u64,
    /// What the closing check found that keeps no process from starting.
    pub findings: Vec<Diagnostic>,
}

/// Builds the image of `plan` with the packages and answers of `lock` from `source`, the
/// application's files below `app`.
///
/// What the same values were built from before is reused. The result depends on these values
/// alone. What is found damaged in the store is reported, made anew, and never used.
///
/// Errors: whatever keeps a step from its output; [`BuildError::NotWhole`], what the closing check found.
pub fn build(
    context: &BuildContext<'_>,
    plan: &Plan,
    lock: &Lock,
    source: &Tree,
    options: &ImageOptions,
) -> Result<Built, BuildError> {
    let source = &*crate::snapshot::rooted(plan, source)?;
    let archive = &DebianArchive::of(plan);
    let work = Work { context, plan, source, options, archive };
    let Attempt { built, checked, .. } =
        until_undamaged(context, |check| attempt(&work, lock, check, Adding::Nothing, FindLacking::No))?;
    if let Some(lacking) = checked.lacking.iter().find(|lacking| lacking.cost == Cost::Any) {
        context.tell(Event::Noticed(not_in_lock(lacking)));
    }
    Ok(Built { findings: closing_check::judge(context, checked)?, ..built })
}

/// Builds the image as [`build`] does, with the packages that bring libraries which files of the image need and nothing
/// else brings. Gives the lock of `lock` and these as well: [`build`] makes the same image of that.
///
/// Packages for what steps fetched are found before the other steps run, which have them, too. The rest is found when
/// the image is finished, and no step has it.
pub fn build_adding(
    context: &BuildContext<'_>,
    plan: &Plan,
    lock: Lock,
    source: &Tree,
    options: &ImageOptions,
) -> Result<(Lock, Built), BuildError> {
    let source = &*crate::snapshot::rooted(plan, source)?;
    adding(&Work { context, plan, source, options, archive: &DebianArchive::of(plan) }, lock)
}

fn adding(work: &Work<'_>, lock: Lock) -> Result<(Lock, Built), BuildError> {
    let Work { context, plan, archive, .. } = *work;
    // What was told in the first round is not told again.
    let news = |event: Event| match event {
        Event::StepReused { .. } => {}
        Event::Layer(layer) if layer.reused => {}
        event => context.tell(event),
    };
    let quiet = context.with(&news, context.cancellation);
    let again = Work { context: &quiet, ..*work };
    let (mut lock, mut find) = (lock, FindLacking::InDownloads);
    // It ends: every round adds a package, or is the last one.
    loop {
        let round = if find == FindLacking::InDownloads { work } else { &again };
        let Attempt { grown, built, checked } =
            until_undamaged(context, |check| attempt(round, &lock, check, Adding::Libraries, find))?;
        lock = grown.unwrap_or(lock);
        let add = |check| added::add(context, plan, &lock, &checked.lacking, AskedBy::Image, archive, check);
        match until_undamaged(context, add)? {
            Some(more) => (lock, find) = (more, FindLacking::No),
            None => {
                added::tell(context, &lock);
                let findings = closing_check::judge(context, checked)?;
                return Ok((lock, Built { findings, ..built }));
            }
        }
    }
}

/// What an image is built of, besides its lock.
struct Work<'a> {
    context: &'a BuildContext<'a>,
    plan: &'a Plan,
    source: &'a Tree,
    options: &'a ImageOptions,
    /// Where what is missing comes from.
    archive: &'a dyn LibraryArchive,
}

/// An image that was built, and may be refused.
struct Attempt {
    /// The lock with what was added to it.
    grown: Option<Lock>,
    built: Built,
    checked: Checked,
}

/// Whether what is missing for the files that steps fetched is looked for before the other steps run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FindLacking {
    InDownloads,
    No,
}

/// What there is to say when a build without the lock would add something.
fn not_in_lock(lacking: &Lacking) -> Diagnostic {
    let Lacking { package, library, path, .. } = lacking;
    let message = format!("the lock has no package with `{library}`, which `/{path}` needs");
    Diagnostic::warning("lock/library-missing", message)
        .why(format!(
            "the lock is from before it was needed; one that is made now has the Debian package `{package}`"
        ))
        .fix("make the lock anew with `packwright lock`")
}

fn attempt(
    work: &Work<'_>,
    lock: &Lock,
    check: StoreCheck,
    adding: Adding,
    find: FindLacking,
) -> Result<Attempt, BuildError> {
    let Work { context, plan, source, options, archive } = *work;
    let profile = Profile::try_from(lock.profile)?;
    let epoch = options.epoch.unwrap_or(profile.epoch());
    let layer_options = LayerOptions::new(profile)
        .with_epoch(epoch)
        .with_compression(options.compression)
        .with_threads(context.jobs);
    let roots = Roots::new(context, plan, lock, check);
    // What the steps borrow when it is there.
    let (grown_lock, grown_roots);
    let is_wanted = |step: &Step| !is_open(plan, step);
    let mut steps = Steps::new(plan, source, &roots, &lock.resolutions, is_wanted)?;
    let (mut lock, mut roots, mut grown) = (lock, &roots, None);
    if find == FindLacking::InDownloads {
        steps.run_first(context)?;
        if let Some(found) = added::for_downloads(context, plan, lock, roots, &steps, archive, check)? {
            grown = Some(found.clone());
            grown_lock = found;
            grown_roots = Roots::new(context, plan, &grown_lock, check);
            steps.set_root(&grown_roots)?;
            (lock, roots) = (&grown_lock, &grown_roots);
        }
    }
    let packages = layers::of_packages(lock, roots.layers()?);
    let layers = Layers::new(plan, source, &steps, packages);
    // Steps first, since others wait for them; a layer when there is a job to spare.
    let needs: Vec<Vec<usize>> = steps.needs().iter().cloned().chain(layers.needs()).collect();
    tasks::run(context, &needs, &|task, context| match task.checked_sub(steps.len()) {
        None => steps.run(task, context),
        Some(layer) => layers.encode(layer, context, &layer_options),
    })?;
    let (reports, trees) = layers.finish();
    let mut config = config(plan, lock, &reports, epoch);
    for (name, value) in &options.labels {
        config.labels.entry(name.clone()).or_insert_with(|| value.clone());
    }
    let descriptors = reports
        .iter()
        .map(|report| LayerDescriptor {
            media_type: options.compression.media_type().to_owned(),
            digest: report.digest,
            size: report.size,
            diff_id: report.diff_id,
            annotations: BTreeMap::new(),
        })
        .collect();
    let mut annotations = options.annotations.clone();
    annotations
        .insert("org.opencontainers.image.created".to_owned(), packwright_oci::image::rfc3339(epoch as i64)?);
    let image = Image::assemble(&config, descriptors, annotations)?;
    for document in [&image.config, &image.manifest] {
        context.store.add_blob(&mut document.as_slice(), None)?;
    }
    let checked = closing_check::check(context, &image.config, &config, &trees, plan, archive, adding)?;
    let built = Built { image, config, trees, layers: reports, epoch, findings: Vec::new() };
    Ok(Attempt { grown, built, checked })
}

fn config(plan: &Plan, lock: &Lock, layers: &[LayerReport], epoch: u64) -> ImageConfig {
    let created = Some(epoch as i64);
    let label = serde_json::to_string(&label(plan, lock)).expect("a label is plain text");
    let (uid, gid) = APP_USER;
    ImageConfig {
        architecture: lock.architecture.clone(),
        os: "linux".to_owned(),
        created,
        env: plan.environment.iter().map(|(name, setting)| (name.clone(), setting.value.clone())).collect(),
        entrypoint: plan
            .default_process()
            .map(|process| format!("/{PROCESS_DIR}/{}", process.name))
            .into_iter()
            .collect(),
        working_dir: Some("/app".to_owned()),
        user: Some(format!("{uid}:{gid}")),
        exposed_ports: exposed(plan).into_iter().collect(),
        labels: BTreeMap::from([(LABEL.to_owned(), label)]),
        stop_signal: Some("SIGTERM".to_owned()),
        history: layers
            .iter()
            .map(|layer| History {
                created,
                created_by: Some(format!("packwright: {}", layer.what)),
                ..History::default()
            })
            .collect(),
        ..ImageConfig::default()
    }
}

/// The port of the default process, unless `PORT` was set to something that is no port.
fn exposed(plan: &Plan) -> Option<String> {
    plan.port?;
    let port: u16 = plan.environment.get("PORT")?.value.parse().ok()?;
    Some(format!("{port}/tcp"))
}

#[cfg(test)]
mod tests;
