//! [`build`]: plan, lock and source become an image.

use std::collections::BTreeMap;

use packwright_oci::{
    Compression, History, Image, ImageConfig, LayerDescriptor, LayerOptions, Profile, Tree,
};
use packwright_planner::{Diagnostic, Lock, Plan};

use crate::app_user::APP_USER;
use crate::closing_check;
use crate::context::BuildContext;
use crate::error::BuildError;
use crate::event::LayerReport;
use crate::label::{LABEL, label};
use crate::layers::{self, Layers};
use crate::packages::{DAMAGE_TRIES, Roots, StoreCheck};
use crate::process::PROCESS_DIR;
use crate::steps::Steps;
use crate::tasks;

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
    let mut result = build_with(context, plan, lock, source, options, StoreCheck::Trusted);
    for _ in 0..DAMAGE_TRIES {
        if !result.as_ref().is_err_and(BuildError::is_damage) {
            break;
        }
        context.tell_damage();
        result = build_with(context, plan, lock, source, options, StoreCheck::Verified);
    }
    context.tell_damage();
    result
}

fn build_with(
    context: &BuildContext<'_>,
    plan: &Plan,
    lock: &Lock,
    source: &Tree,
    options: &ImageOptions,
    check: StoreCheck,
) -> Result<Built, BuildError> {
    let profile = Profile::try_from(lock.profile)?;
    let epoch = options.epoch.unwrap_or(profile.epoch());
    let layer_options = LayerOptions::new(profile)
        .with_epoch(epoch)
        .with_compression(options.compression)
        .with_threads(context.jobs);
    let roots = Roots::new(context, plan, lock, check);
    let packages = layers::of_packages(lock, roots.layers()?);
    let steps = Steps::new(plan, source, &roots, &lock.resolutions, |_| true)?;
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
    let findings = closing_check::check(context, &image.config, &config, &trees, plan)?;
    Ok(Built { image, config, trees, layers: reports, epoch, findings })
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
