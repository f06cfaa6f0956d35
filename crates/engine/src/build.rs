//! [`build`]: plan, lock and source become an image.

use std::collections::BTreeMap;

use packwright_oci::{
    Compression, DiffId, Digest, Entry, History, Image, ImageConfig, LayerDescriptor, LayerOptions, Profile,
    RelPath, Tree, encode_layer,
};
use packwright_planner::{Delivered, LayerKind, Lock, Plan, Scope, ToolVersion};
use packwright_store::Kind;
use serde::{Deserialize, Serialize};

use crate::packages::{Roots, Trust};
use crate::process::{PROCESS_DIR, script};
use crate::snapshot::owned_by_app;
use crate::steps::Steps;
use crate::{BuildContext, BuildError, Event, LayerReport};

/// The user and group that the image's processes run as.
pub const APP_USER: (u32, u32) = (1000, 0);

/// What the caller chooses about an image, besides its plan.
#[derive(Debug, Clone)]
pub struct ImageOptions {
    /// How layers are compressed.
    pub compression: Compression,
    /// The time of all files and of the image, in seconds since 1970; the profile's own unless
    /// given.
    pub epoch: Option<u64>,
    /// Annotations of the manifest besides those that every image has.
    pub annotations: BTreeMap<String, String>,
}

impl Default for ImageOptions {
    fn default() -> ImageOptions {
        ImageOptions { compression: Compression::Gzip, epoch: None, annotations: BTreeMap::new() }
    }
}

/// A built image: its documents, its layers as values, and what was said about it.
#[derive(Debug, Clone)]
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
}

/// Builds the image of `plan` with the packages and answers of `lock` from `source`, the
/// application's files below `app`.
///
/// What the same values were built from before is reused. The result depends on these values
/// alone. What is found damaged in the store is reported, made anew, and never used.
pub fn build(
    context: &BuildContext<'_>,
    plan: &Plan,
    lock: &Lock,
    source: &Tree,
    options: &ImageOptions,
) -> Result<Built, BuildError> {
    let source = &*crate::snapshot::rooted(plan, source)?;
    let mut result = build_with(context, plan, lock, source, options, Trust::Records);
    if result.as_ref().is_err_and(BuildError::is_damage) {
        context.tell_damage();
        result = build_with(context, plan, lock, source, options, Trust::Nothing);
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
    trust: Trust,
) -> Result<Built, BuildError> {
    let profile = Profile::try_from(lock.profile)?;
    let epoch = options.epoch.unwrap_or(profile.epoch());
    let layers = layers(context, plan, lock, source, trust)?;
    let layer_options =
        LayerOptions { profile, epoch, compression: options.compression, threads: context.threads };
    let mut reports = Vec::new();
    for layer in &layers {
        context.check_stop()?;
        let report = encode(context, layer, &layer_options)?;
        context.tell(Event::Layer(report.clone()));
        reports.push(report);
    }
    let config = config(plan, lock, &reports, epoch);
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
    Ok(Built {
        image,
        config,
        trees: layers.into_iter().map(|layer| layer.tree).collect(),
        layers: reports,
        epoch,
    })
}

struct Layer {
    kind: LayerKind,
    what: String,
    tree: Tree,
    because: String,
}

/// All layers from the bottom up; each holds only what is different from those below.
fn layers(
    context: &BuildContext<'_>,
    plan: &Plan,
    lock: &Lock,
    source: &Tree,
    trust: Trust,
) -> Result<Vec<Layer>, BuildError> {
    let roots = Roots::new(context, plan, lock, trust);
    let mut layers = Vec::new();
    for (kind, tree) in roots.layers()? {
        let packages =
            lock.packages.iter().filter(|found| found.scope == Scope::Run && found.layer == kind).count();
        layers.push(Layer {
            kind,
            what: format!("{packages} packages"),
            tree,
            because: "its packages changed".to_owned(),
        });
    }
    let mut steps = Steps::new(context, plan, source, roots, &lock.resolutions);
    let mut left = Vec::new();
    for step in &plan.steps {
        let done = steps.done(&step.name)?;
        for output in &step.outputs {
            let Some(kind) = output.layer else { continue };
            let tree = done.tree.filter(|path, _| path.is_within(&output.path));
            let tree = match kind {
                LayerKind::Build => owned_by_app(tree)?,
                _ => tree,
            };
            let what = format!("/{} of {}", output.path, step.name);
            left.push(Layer { kind, what, tree, because: done.because.clone() });
        }
    }
    let chosen = plan.source.matcher()?;
    let app = Plan::app_dir();
    // What the build made anew is newer than the copy among the source files.
    let made_anew = |path: &RelPath| {
        left.iter().any(|layer: &Layer| layer.kind == LayerKind::Build && is_leaf(&layer.tree, path))
    };
    let kept = source.filter(|path, _| {
        path == &app || path.below(&app).is_some_and(|path| chosen(&path)) && !made_anew(path)
    });
    left.push(Layer {
        kind: LayerKind::Source,
        what: "/app and how its processes start".to_owned(),
        tree: kept.overlaid(&processes(context, plan)?),
        because: "the source changed".to_owned(),
    });
    left.sort_by_key(|layer| layer.kind);
    let mut below = layers.iter().fold(Tree::new(), |below, layer: &Layer| below.overlaid(&layer.tree));
    for layer in left {
        // A layer adds and replaces; only the packages' own layers take away.
        let whole = below.clone().overlaid(&layer.tree);
        let tree = whole.changes_from(&below);
        below = whole;
        if !tree.is_empty() {
            layers.push(Layer { tree, ..layer });
        }
    }
    Ok(layers)
}

/// Whether `tree` has something other than a directory at `path`.
fn is_leaf(tree: &Tree, path: &RelPath) -> bool {
    tree.get(path.as_str()).is_some_and(|entry| !entry.is_dir())
}

/// The executables that start the processes.
fn processes(context: &BuildContext<'_>, plan: &Plan) -> Result<Tree, BuildError> {
    let mut tree = Tree::new();
    for process in &plan.processes {
        let text = script(process);
        let (digest, size) =
            context.store.add_file(&mut text.as_bytes()).map_err(|source| context.disk(source))?;
        let path: RelPath = format!("{PROCESS_DIR}/{}", process.name).parse()?;
        tree.insert(path, Entry::file(digest, size, 0o755))?;
    }
    Ok(tree)
}

/// The record of an encoded layer.
#[derive(Serialize, Deserialize)]
struct Encoded {
    digest: Digest,
    size: u64,
    diff_id: DiffId,
}

fn encode(
    context: &BuildContext<'_>,
    layer: &Layer,
    options: &LayerOptions,
) -> Result<LayerReport, BuildError> {
    let store = context.store;
    let tree = store.put_tree(&layer.tree)?;
    let key = Digest::of(
        format!("{tree} {} {} {}", options.profile.number(), options.epoch, options.compression.media_type())
            .as_bytes(),
    );
    let _only_one = context.only_one(Kind::Layer, &key)?;
    let known = store.record::<Encoded>(Kind::Layer, &key)?.map(|record| record.value);
    let known = known.filter(|layer| store.has_blob(&layer.digest, Some(layer.size)));
    let reused = known.is_some();
    let encoded = match known {
        Some(encoded) => encoded,
        None => {
            let mut writer = store.blob_writer()?;
            let made = encode_layer(&layer.tree, store, options, &mut writer)?;
            writer.finish(Some((made.digest, made.size)))?;
            let encoded = Encoded { digest: made.digest, size: made.size, diff_id: made.diff_id };
            store.put_record(Kind::Layer, &key, &encoded)?;
            encoded
        }
    };
    Ok(LayerReport {
        kind: layer.kind,
        what: layer.what.clone(),
        digest: encoded.digest,
        diff_id: encoded.diff_id,
        size: encoded.size,
        entries: layer.tree.len(),
        reused,
        because: match reused {
            true => "nothing in it changed".to_owned(),
            false => layer.because.clone(),
        },
    })
}

/// Our label's name.
pub const LABEL: &str = "dev.packwright.image";

/// What our label says about the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The rules that decided the image's bytes.
    pub profile: u32,
    /// The processes with their commands, the default one first.
    pub processes: Vec<LabelledProcess>,
    /// Versions with who asked for them.
    pub versions: Vec<LabelledVersion>,
}

/// A process in the [`Label`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledProcess {
    /// Its name.
    pub name: String,
    /// Its command as a person would type it.
    pub command: String,
    /// Who says so.
    pub origin: String,
}

/// A version in the [`Label`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledVersion {
    /// The language or tool.
    pub tool: String,
    /// The exact version.
    pub version: String,
    /// Who asked for it.
    pub origin: String,
}

/// The label of an image of `plan` and `lock`.
pub fn label(plan: &Plan, lock: &Lock) -> Label {
    let version_of = |version: &ToolVersion| match &version.delivered {
        Delivered::Package(name) => {
            let package = lock.packages.iter().find(|package| package.name == *name);
            package.map_or("", |package| package.version.as_str())
        }
        Delivered::Answer { step, path } => {
            let answer = lock.resolutions.get(step).and_then(|answers| answers.get(path));
            answer.map_or("", |text| text.trim())
        }
    };
    Label {
        profile: lock.profile,
        processes: plan
            .processes
            .iter()
            .map(|process| LabelledProcess {
                name: process.name.to_string(),
                command: process.command.to_string(),
                origin: process.origin.to_string(),
            })
            .collect(),
        versions: plan
            .versions
            .iter()
            .map(|version| LabelledVersion {
                tool: version.tool.clone(),
                version: version_of(version).to_owned(),
                origin: version.origin.to_string(),
            })
            .collect(),
    }
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
