//! An image's layers: what each holds, and its bytes. A layer's tree is known when those below it
//! are, and when the step that leaves it is done.

use std::sync::{Mutex, OnceLock, PoisonError};

use packwright_oci::{DiffId, Digest, Entry, LayerOptions, Node, RelPath, Tree, encode_layer};
use packwright_planner::{LayerKind, Lock, Output, Plan, Scope};

use crate::context::BuildContext;
use crate::error::BuildError;
use crate::event::{Event, LayerReport};
use crate::namespace::LAYER;
use crate::process::{PROCESS_DIR, script};
use crate::results::{self, ContentKind, RemoteCaching, ResultKey};
use crate::snapshot::owned_by_app;
use crate::step_dir;
use crate::steps::Steps;

/// A layer before it is encoded.
pub(crate) struct Layer {
    kind: LayerKind,
    what: String,
    tree: Tree,
    reason: String,
}

/// The layers of `lock`'s packages from the bottom up; `trees` are what each adds.
pub(crate) fn of_packages(lock: &Lock, trees: Vec<(LayerKind, Tree)>) -> Vec<Layer> {
    let layer = |(kind, tree)| {
        let packages =
            lock.packages.iter().filter(|found| found.scope == Scope::Run && found.layer == kind).count();
        Layer { kind, what: format!("{packages} packages"), tree, reason: "its packages changed".to_owned() }
    };
    trees.into_iter().map(layer).collect()
}

/// All layers from the bottom up as tasks, numbered from 0, to be encoded from any thread.
pub(crate) struct Layers<'a> {
    plan: &'a Plan,
    source: &'a Tree,
    steps: &'a Steps<'a>,
    contents: Vec<LayerContent<'a>>,
    stack: Mutex<LayerStack>,
    encoded: Vec<OnceLock<(LayerReport, Tree)>>,
}

/// What a layer is made of.
enum LayerContent<'a> {
    /// Packages; its tree is the next in [`LayerStack::packages`].
    Packages,
    /// An output of the step with this number.
    Output { step: usize, output: &'a Output, kind: LayerKind },
    /// The source, and how its processes start.
    Source,
}

/// The layers whose trees are known.
struct LayerStack {
    /// All of them on each other.
    below: Tree,
    /// From the bottom up; taken out when it is encoded. `None` also for a layer that would add
    /// nothing.
    layers: Vec<Option<Layer>>,
    /// Layers of packages that are not in `layers` yet.
    packages: std::vec::IntoIter<Layer>,
}

impl<'a> Layers<'a> {
    /// The layers of `packages`, then those of the steps' outputs and the source, by kind.
    pub(crate) fn new(
        plan: &'a Plan,
        source: &'a Tree,
        steps: &'a Steps<'a>,
        packages: Vec<Layer>,
    ) -> Layers<'a> {
        let mut contents: Vec<LayerContent<'a>> = packages.iter().map(|_| LayerContent::Packages).collect();
        let outputs = steps.iter().flat_map(|(step, it)| {
            it.outputs.iter().filter_map(move |output| {
                output.layer.map(|kind| (kind, LayerContent::Output { step, output, kind }))
            })
        });
        let mut left: Vec<_> = outputs.chain([(LayerKind::Source, LayerContent::Source)]).collect();
        left.sort_by_key(|(kind, _)| *kind);
        contents.extend(left.into_iter().map(|(_, content)| content));
        let encoded = contents.iter().map(|_| OnceLock::new()).collect();
        let stack = LayerStack { below: Tree::new(), layers: Vec::new(), packages: packages.into_iter() };
        Layers { plan, source, steps, contents, stack: Mutex::new(stack), encoded }
    }

    /// For each layer the numbers of the steps that must be done before its tree is known.
    pub(crate) fn needs(&self) -> impl Iterator<Item = Vec<usize>> {
        let mut needed = Vec::new();
        self.contents.iter().map(move |content| {
            match content {
                LayerContent::Packages => {}
                LayerContent::Output { step, .. } if needed.contains(step) => {}
                LayerContent::Output { step, .. } => needed.push(*step),
                LayerContent::Source => needed = (0..self.steps.len()).collect(),
            }
            needed.clone()
        })
    }

    /// Finds out what is in the layer `number`, makes its bytes unless the store has them, and
    /// tells so.
    pub(crate) fn encode(
        &self,
        number: usize,
        context: &BuildContext<'_>,
        options: &LayerOptions,
    ) -> Result<(), BuildError> {
        let Some(layer) = self.take(number, context)? else { return Ok(()) };
        let report = encode(context, &layer, options)?;
        context.tell(Event::Layer(report.clone()));
        let _ = self.encoded[number].set((report, layer.tree));
        Ok(())
    }

    /// The layers that were encoded, the base first, with their trees.
    pub(crate) fn finish(self) -> (Vec<LayerReport>, Vec<Tree>) {
        self.encoded.into_iter().filter_map(OnceLock::into_inner).unzip()
    }

    /// The layer `number`, unless it adds nothing. Those below it are stacked first.
    fn take(&self, number: usize, context: &BuildContext<'_>) -> Result<Option<Layer>, BuildError> {
        let mut stack = self.stack.lock().unwrap_or_else(PoisonError::into_inner);
        while stack.layers.len() <= number {
            match &self.contents[stack.layers.len()] {
                LayerContent::Packages => stack.push_packages(),
                LayerContent::Output { step, output, kind } => stack.push(self.left(*step, output, *kind)?),
                LayerContent::Source => stack.push(Some(self.source(context)?)),
            }
        }
        Ok(stack.layers[number].take())
    }

    fn left(&self, step: usize, output: &Output, kind: LayerKind) -> Result<Option<Layer>, BuildError> {
        let Some((step, done)) = self.steps.done(step) else { return Ok(None) };
        let place = step_dir::place(step, &output.path)?;
        let tree = done.tree.filter(|path, _| path.is_within(&place));
        let tree = match kind {
            LayerKind::Build => owned_by_app(tree)?,
            _ => tree,
        };
        let what = format!("/{place} of {}", step.name);
        Ok(Some(Layer { kind, what, tree, reason: done.reason.clone() }))
    }

    fn source(&self, context: &BuildContext<'_>) -> Result<Layer, BuildError> {
        let chosen = self.plan.source.matcher()?;
        let app = Plan::app_dir();
        let kept = self.source.filter(|path, _| {
            path == &app || path.below(&app).is_some_and(|path| chosen(&path)) && !self.is_outdated(path)
        });
        Ok(Layer {
            kind: LayerKind::Source,
            what: "/app and how its processes start".to_owned(),
            tree: kept.overlaid(&processes(context, self.plan)?),
            reason: "the source changed".to_owned(),
        })
    }

    /// Whether a step made something at `path`, which is newer than the copy among the source files, or deleted
    /// that copy or a directory above it.
    fn is_outdated(&self, path: &RelPath) -> bool {
        self.contents.iter().any(|content| match content {
            LayerContent::Output { step, output, kind } => {
                self.steps.done(*step).is_some_and(|(step, done)| {
                    let place = step_dir::place(step, &output.path);
                    let is_made = *kind == LayerKind::Build && is_leaf(&done.tree, path);
                    place.is_ok_and(|place| path.is_within(&place))
                        && (is_made || is_deleted(&done.tree, path))
                })
            }
            _ => false,
        })
    }
}

impl LayerStack {
    /// Packages: their layers are differences already.
    fn push_packages(&mut self) {
        let layer = self.packages.next();
        if let Some(layer) = &layer {
            self.below = std::mem::take(&mut self.below).overlaid(&layer.tree);
        }
        self.layers.push(layer);
    }

    /// What `layer` adds to those below, replaces in them and takes away from them.
    fn push(&mut self, layer: Option<Layer>) {
        let layer = layer.and_then(|layer| {
            let whole = self.below.clone().overlaid(&layer.tree);
            let tree = whole.changes_from(&self.below);
            self.below = whole;
            (!tree.is_empty()).then_some(Layer { tree, ..layer })
        });
        self.layers.push(layer);
    }
}

/// Whether `tree` has a whiteout for `path` or a directory above it.
fn is_deleted(tree: &Tree, path: &RelPath) -> bool {
    let is_whiteout =
        |path: &RelPath| tree.get(path.as_str()).is_some_and(|entry| entry.node == Node::Whiteout);
    std::iter::successors(Some(path.clone()), RelPath::parent).any(|path| is_whiteout(&path))
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

/// An encoded layer's bytes.
struct Encoded {
    digest: Digest,
    size: u64,
    diff_id: DiffId,
}

impl Encoded {
    /// As a result: a tree with one file, which is called by the layer's diff id.
    fn to_tree(&self) -> Result<Tree, BuildError> {
        let mut tree = Tree::new();
        tree.insert(self.diff_id.0.hex().parse()?, Entry::file(self.digest, self.size, 0o644))?;
        Ok(tree)
    }

    /// What [`Encoded::to_tree`] has made of it; `None` for any other tree.
    fn from_tree(tree: &Tree) -> Option<Encoded> {
        let (path, entry) = tree.iter().next()?;
        let diff_id = DiffId(Digest::from_hex(path.as_str()).ok()?);
        match entry.node {
            Node::File { digest, size } => Some(Encoded { digest, size, diff_id }),
            _ => None,
        }
    }
}

/// Makes the bytes of `layer`, unless an earlier build has.
fn encode(
    context: &BuildContext<'_>,
    layer: &Layer,
    options: &LayerOptions,
) -> Result<LayerReport, BuildError> {
    let store = context.store;
    let tree = store.put_tree(&layer.tree)?;
    let (profile, compression) = (options.profile.number(), options.compression.media_type());
    let digest = Digest::of(format!("{tree} {profile} {} {compression}", options.epoch).as_bytes());
    let key =
        ResultKey { namespace: LAYER, digest, contents: ContentKind::Blobs, remote: RemoteCaching::Allowed };
    let _only_one = context.only_one(key.namespace, &key.digest)?;
    let known = results::find(context, &key, |_| true)?;
    let known = known.and_then(|(tree, _)| Encoded::from_tree(&tree));
    let reused = known.is_some();
    let encoded = match known {
        Some(encoded) => encoded,
        None => {
            let mut writer = store.blob_writer()?;
            let made = encode_layer(&layer.tree, store, options, &mut writer)?;
            writer.finish(Some((made.digest, made.size)))?;
            let encoded = Encoded { digest: made.digest, size: made.size, diff_id: made.diff_id };
            // Made from contents that were checked while they were read.
            results::keep(context, &key, &encoded.to_tree()?, &[])?;
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
        reason: match reused {
            true => "nothing in it changed".to_owned(),
            false => layer.reason.clone(),
        },
    })
}
