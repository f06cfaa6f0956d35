//! Steps: whether one has to run, what it sees, what is kept of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;

use packwright_oci::{Digest, RelPath, Tree};
use packwright_planner::{Cache, Command, Input, Network, Plan, Sharing, Step, StepName};
use packwright_store::{Kind, Scratch};
use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::packages::Roots;
use crate::sandboxing::{self, Work};
use crate::secret::Traces;
use crate::{BuildContext, BuildError, Event, Secret, settings, tries};

/// Runs a plan's steps, each at most once, and remembers what they left behind.
pub(crate) struct Steps<'a> {
    context: &'a BuildContext<'a>,
    plan: &'a Plan,
    source: &'a Tree,
    roots: Roots<'a>,
    /// Answers that need not be found again.
    resolutions: &'a BTreeMap<StepName, BTreeMap<RelPath, String>>,
    done: BTreeMap<StepName, Done>,
    /// Steps whose inputs are being made.
    open: BTreeSet<StepName>,
}

/// What a step left behind.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    /// All its outputs, from the root.
    pub(crate) tree: Tree,
    /// The output tree's own digest.
    pub(crate) digest: Digest,
    /// Why it ran, or that it did not.
    pub(crate) because: String,
}

/// The record of a step that ran.
#[derive(Serialize, Deserialize)]
struct Left {
    tree: Digest,
}

/// The record of what a step's key was made of the last time, for this subject.
#[derive(Serialize, Deserialize)]
struct LastTime {
    key: Key,
}

impl<'a> Steps<'a> {
    /// Nothing done yet. Steps that resolve take their answers from `resolutions` where they
    /// are there.
    pub(crate) fn new(
        context: &'a BuildContext<'a>,
        plan: &'a Plan,
        source: &'a Tree,
        roots: Roots<'a>,
        resolutions: &'a BTreeMap<StepName, BTreeMap<RelPath, String>>,
    ) -> Steps<'a> {
        Steps { context, plan, source, roots, resolutions, done: BTreeMap::new(), open: BTreeSet::new() }
    }

    /// What `name` leaves behind: from before, from the lock, or by running it and first all it
    /// needs.
    pub(crate) fn done(&mut self, name: &StepName) -> Result<Done, BuildError> {
        if let Some(done) = self.done.get(name) {
            return Ok(done.clone());
        }
        let step = self.step(name)?;
        if !self.open.insert(name.clone()) {
            return Err(BuildError::StepsInCircle { step: name.clone() });
        }
        let done = match self.resolutions.get(name) {
            Some(answers) if step.resolves => self.taken_from_lock(answers)?,
            _ => self.run_or_reuse(step)?,
        };
        self.open.remove(name);
        self.done.insert(name.clone(), done.clone());
        Ok(done)
    }

    fn step(&self, name: &StepName) -> Result<&'a Step, BuildError> {
        self.plan
            .steps
            .iter()
            .find(|step| step.name == *name)
            .ok_or_else(|| BuildError::UnknownStep { step: name.clone() })
    }

    fn taken_from_lock(&self, answers: &BTreeMap<RelPath, String>) -> Result<Done, BuildError> {
        let mut tree = Tree::new();
        for (path, text) in answers {
            let added = self.context.store.add_file(&mut text.as_bytes());
            let (digest, size) = added.map_err(|source| self.context.disk(source))?;
            tree.insert(path.clone(), packwright_oci::Entry::file(digest, size, 0o644))?;
        }
        let digest = self.context.store.put_tree(&tree)?;
        Ok(Done { tree, digest, because: "taken from the lock".to_owned() })
    }

    fn run_or_reuse(&mut self, step: &'a Step) -> Result<Done, BuildError> {
        let inputs = self.inputs(step)?;
        let key = self.key(step, &inputs)?;
        let digest = key.digest();
        let store = self.context.store;
        let _only_one = self.context.only_one(Kind::Step, &digest)?;
        if let Some(done) = self.left(step, &digest)? {
            self.context.tell(Event::StepReused { step: step.name.clone() });
            self.remember(step, &key)?;
            return Ok(done);
        }
        let because = self.because(step, &key)?;
        self.context.tell(Event::StepStarted {
            step: step.name.clone(),
            why: step.why.clone(),
            because: because.clone(),
        });
        let tree = self.run(step, &inputs)?;
        let done = Done { digest: store.put_tree(&tree)?, tree, because };
        store.commit()?;
        store.put_record(Kind::Step, &digest, &Left { tree: done.digest })?;
        self.remember(step, &key)?;
        self.context.tell(Event::StepEnded { step: step.name.clone() });
        Ok(done)
    }

    /// The outputs of an earlier run. Answers of steps that resolve grow old, others do not.
    fn left(&self, step: &Step, key: &Digest) -> Result<Option<Done>, BuildError> {
        let Some(record) = self.context.store.record::<Left>(Kind::Step, key)? else { return Ok(None) };
        let age = self.context.now.duration_since(record.written).unwrap_or_default();
        if step.resolves && age > self.context.max_age {
            return Ok(None);
        }
        let digest = record.value.tree;
        let Ok(tree) = self.context.store.tree(&digest) else { return Ok(None) };
        if !self.context.store.has_all_of(&tree) {
            return Ok(None);
        }
        Ok(Some(Done { tree, digest, because: "nothing it depends on changed".to_owned() }))
    }

    fn last_time(&self, step: &Step) -> Digest {
        Digest::of(format!("{}\0{}", self.context.subject, step.name).as_bytes())
    }

    fn because(&self, step: &Step, key: &Key) -> Result<String, BuildError> {
        let last = self.context.store.record::<LastTime>(Kind::LastTime, &self.last_time(step))?;
        Ok(match last {
            None => "it runs for the first time".to_owned(),
            Some(last) if last.value.key == *key && step.resolves => "its answer is too old".to_owned(),
            Some(last) => key.difference(&last.value.key),
        })
    }

    fn remember(&self, step: &Step, key: &Key) -> Result<(), BuildError> {
        let at = self.last_time(step);
        Ok(self.context.store.put_record(Kind::LastTime, &at, &LastTime { key: key.clone() })?)
    }

    /// The trees a step sees above its root, lowest first.
    fn inputs(&mut self, step: &'a Step) -> Result<Vec<Seen>, BuildError> {
        let mut seen = Vec::new();
        for input in &step.inputs {
            seen.push(match input {
                Input::Step(name) => {
                    let done = self.done(name)?;
                    Seen { tree: done.tree, from: From::Step(name.clone(), done.digest) }
                }
                Input::Source(selection) => {
                    let chosen = selection.matcher()?;
                    let app = Plan::app_dir();
                    let tree = self.source.filter(|path, entry| {
                        !entry.is_dir() && path.below(&app).is_some_and(|path| chosen(&path))
                    });
                    Seen { tree, from: From::Source }
                }
            });
        }
        Ok(seen)
    }

    /// See the table of [`crate::key`].
    fn key(&mut self, step: &Step, inputs: &[Seen]) -> Result<Key, BuildError> {
        let mut key = Key::new();
        key.add("the architecture", self.context.architecture.name());
        key.add("the build packages", self.roots.build()?.digest.hex());
        key.add_value("its commands", &step.commands);
        key.add_value("its environment", &step.environment);
        key.add_value("its outputs", &step.outputs);
        key.add_value("its caches", &step.caches);
        key.add_value("its network", &step.network);
        key.add_value("its secrets", &step.secrets);
        if step.resolves {
            key.add_value("its package indexes", &settings::indexes(&self.context.settings, step));
        }
        let order: Vec<Option<&StepName>> = inputs.iter().map(|seen| seen.from.step()).collect();
        key.add_value("the order of its inputs", &order);
        for seen in inputs {
            match &seen.from {
                From::Step(name, digest) => key.add(format!("the result of {name}"), digest.hex()),
                From::Source => {
                    for (path, entry) in seen.tree.iter().filter(|(_, entry)| !entry.is_dir()) {
                        key.add_source(path, entry);
                    }
                }
            }
        }
        Ok(key)
    }

    fn run(&mut self, step: &Step, inputs: &[Seen]) -> Result<Tree, BuildError> {
        let context = self.context;
        let secrets = self.secrets_of(step)?;
        let mut hidden = secrets.clone();
        if step.network == Network::Fetch {
            hidden.extend(settings::passwords(&context.settings, step));
        }
        let traces = Traces::of(&hidden);
        let root = self.roots.build()?;
        // Lowest, so that a link of the root (`bin`, say) is not hidden by a directory.
        let world = world(step);
        let mut lowers = vec![&world, &root.tree];
        lowers.extend(inputs.iter().map(|seen| &seen.tree));
        let kept = tries::tried(context, step, || {
            // A root of its own for each try: half of a download is no input of the next one.
            let scratch: Scratch = context.store.scratch()?;
            let work = Work {
                step: &step.name,
                hint: step.hint.as_ref(),
                transient: &step.transient,
                commands: step.commands.iter().map(argv).collect(),
                environment: self.environment(step, &secrets),
                network: step.network,
                caches: self.caches(step, &secrets, &scratch)?,
                secrets: &secrets,
                traces: &traces,
                outputs: &step.outputs,
            };
            sandboxing::work(context, &lowers, &scratch, &work)
        })?;
        // What an output has from the source is the source's: it becomes a layer of its own.
        let source: Vec<&Tree> =
            inputs.iter().filter(|seen| matches!(seen.from, From::Source)).map(|seen| &seen.tree).collect();
        Ok(kept.filter(|path, entry| {
            !entry.is_dir() && !source.iter().any(|tree| tree.get(path.as_str()) == Some(entry))
                || entry.is_dir() && !source.iter().any(|tree| tree.get(path.as_str()).is_some())
        }))
    }

    fn secrets_of(&self, step: &Step) -> Result<Vec<Secret>, BuildError> {
        step.secrets
            .iter()
            .map(|name| {
                let given = self.context.secrets.iter().find(|secret| secret.name == *name);
                given.cloned().ok_or_else(|| BuildError::SecretMissing {
                    secret: name.clone(),
                    step: step.name.clone(),
                })
            })
            .collect()
    }

    fn environment(&self, step: &Step, secrets: &[Secret]) -> BTreeMap<OsString, OsString> {
        let mut environment: BTreeMap<OsString, OsString> =
            WORLD.iter().map(|(name, value)| (name.into(), value.into())).collect();
        if step.network == Network::Fetch {
            environment.insert("SSL_CERT_FILE".into(), format!("/{}", sandboxing::CA_BUNDLE).into());
            let obeyed = self.context.settings.iter().filter(|(name, _)| step.obeys(name));
            environment.extend(obeyed.map(|(name, value)| (name.into(), value.into())));
        }
        environment.extend(step.environment.iter().map(|(name, value)| (name.into(), value.into())));
        // A variable cannot hold a zero byte; the secret's file can.
        for secret in secrets.iter().filter(|secret| !secret.value().contains(&0)) {
            use std::os::unix::ffi::OsStringExt;
            environment.insert(secret.name.as_str().into(), OsString::from_vec(secret.value().to_vec()));
        }
        environment
    }

    /// A step that knows a secret gets empty caches of its own, which end with it; so does one
    /// whose cache belongs to an application that the caller gives no name.
    fn caches(
        &self,
        step: &Step,
        secrets: &[Secret],
        scratch: &Scratch,
    ) -> Result<Vec<(PathBuf, RelPath)>, BuildError> {
        step.caches
            .iter()
            .enumerate()
            .map(|(number, cache)| {
                let nameless = cache.sharing == Sharing::Application && self.context.subject.is_empty();
                let dir = match secrets.is_empty() && !nameless {
                    true => self.context.store.cache_dir(&self.cache_name(cache))?,
                    // By number: a name is the plan's, and could lead elsewhere.
                    false => self.context.subdir(scratch, &format!("cache-{number}"))?,
                };
                Ok((dir, cache.path.clone()))
            })
            .collect()
    }
}

impl Steps<'_> {
    /// A cache's name in the store.
    fn cache_name(&self, cache: &Cache) -> String {
        match cache.sharing {
            Sharing::Store => cache.name.clone(),
            Sharing::Application => {
                let subject = Digest::of(self.context.subject.as_bytes());
                format!("{}-{}", cache.name, &subject.hex()[..16])
            }
        }
    }
}

/// A tree that a step sees, and where it is from.
struct Seen {
    tree: Tree,
    from: From,
}

enum From {
    Step(StepName, Digest),
    Source,
}

impl From {
    /// The step, unless it is the source.
    fn step(&self) -> Option<&StepName> {
        match self {
            From::Step(name, _) => Some(name),
            From::Source => None,
        }
    }
}

/// The fixed world of every step.
const WORLD: &[(&str, &str)] = &[
    ("HOME", "/packwright/home"),
    ("LANG", "C.UTF-8"),
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    ("PYTHONHASHSEED", "0"),
    ("SOURCE_DATE_EPOCH", "315532800"),
    ("TZ", "UTC"),
];

/// Directories that a step finds: those of the fixed world, and those its outputs go into.
fn world(step: &Step) -> Tree {
    let fixed = ["app", "packwright/home", "run/secrets"];
    let fixed = fixed.map(|path| path.parse().expect("the world's paths are relative"));
    let mut tree = Tree::new();
    for path in fixed.into_iter().chain(step.outputs.iter().filter_map(|output| output.path.parent())) {
        tree.insert(path, packwright_oci::Entry::dir(0o755)).expect("the world has directories only");
    }
    tree
}

fn argv(command: &Command) -> Vec<String> {
    match command {
        Command::Exec(words) => words.clone(),
        Command::Shell(line) => vec!["/bin/sh".to_owned(), "-euc".to_owned(), line.clone()],
    }
}

#[cfg(test)]
mod tests;
