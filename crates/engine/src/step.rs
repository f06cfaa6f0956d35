//! One step: the choice between its cached result and a new run, the inputs it sees, the outputs that are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use packwright_gateway::Transfer;
use packwright_oci::{Digest, Entry, Node, RelPath, Tree};
use packwright_planner::{Cache, Command, Network, Step, StepName};
use packwright_store::{LockGuard, Scratch};
use serde::{Deserialize, Serialize};

use crate::context::BuildContext;
use crate::credentials::{self, StepCredentials};
use crate::entered::{self, StepDownloads};
use crate::error::BuildError;
use crate::event::Event;
use crate::fingerprint::fingerprint;
use crate::key::StepKey;
use crate::namespace::{LAST_TIME, STEP};
use crate::network::StepNetwork;
use crate::packages::RootTree;
use crate::results::{self, ContentKind, ResultKey};
use crate::secret::{Secret, SecretPatterns};
use crate::step_sandbox::{self, StepWork};
use crate::{retry, settings};

/// The result of a step.
#[derive(Debug, Clone)]
pub(crate) struct StepResult {
    /// All its outputs, from the root; whiteouts for what it deleted there.
    pub(crate) tree: Tree,
    /// The output tree's own digest.
    pub(crate) digest: Digest,
    /// Why it ran, or that it did not.
    pub(crate) reason: String,
    /// What entered while it was made, where that is to be known.
    pub(crate) entered: Option<BTreeSet<Transfer>>,
}

/// One step with all it sees.
pub(crate) struct StepRun<'a> {
    pub(crate) context: &'a BuildContext<'a>,
    pub(crate) step: &'a Step,
    /// What it runs in.
    pub(crate) root: &'a RootTree,
    /// The trees it sees above its root, lowest first.
    pub(crate) inputs: Vec<InputTree>,
    /// What is to be known about what it fetches.
    pub(crate) downloads: StepDownloads,
}

impl StepRun<'_> {
    /// Its result: the cached one of an earlier run with the same key, or that of a run now.
    pub(crate) fn run_or_reuse(&self) -> Result<StepResult, BuildError> {
        let (context, step) = (self.context, self.step);
        let key = self.key()?;
        let at = self.result_key(&key);
        let _only_one = context.only_one(at.namespace, &at.digest)?;
        let mut objection = None;
        if let Some((tree, digest)) = results::find(context, &at, |written| self.is_fresh(written))? {
            let entered = match self.downloads {
                StepDownloads::Free => None,
                _ => entered::find(context, &at, digest)?,
            };
            objection = self.downloads.objection(entered.as_ref());
            if objection.is_none() {
                context.tell(Event::StepReused { step: step.name.clone() });
                self.remember(&key)?;
                let reason = "nothing it depends on changed".to_owned();
                return Ok(StepResult { tree, digest, reason, entered });
            }
        }
        let reason = match objection {
            Some(objection) => objection.to_owned(),
            None => self.reason(&key)?,
        };
        context.check_cancelled()?;
        context.tell(Event::StepStarted {
            step: step.name.clone(),
            why: step.why.clone(),
            reason: reason.clone(),
        });
        let began = Instant::now();
        let (tree, entered) = self.run()?;
        context.store.commit()?;
        let digest = results::keep(context, &at, &tree, &self.made_from()?)?;
        if let Some(entered) = &entered {
            entered::keep(context, &at, digest, entered)?;
        }
        let done = StepResult { digest, tree, reason, entered };
        self.remember(&key)?;
        context.tell(Event::StepEnded {
            step: step.name.clone(),
            elapsed_ms: began.elapsed().as_millis() as u64,
        });
        Ok(done)
    }

    /// The stored trees that it sees.
    fn made_from(&self) -> Result<Vec<Digest>, BuildError> {
        let mut trees = vec![self.root.digest];
        for seen in &self.inputs {
            trees.push(match &seen.from {
                InputFrom::Step(_, digest) => *digest,
                InputFrom::Source => self.context.store.put_tree(&seen.tree)?,
            });
        }
        Ok(trees)
    }

    /// Where its result is kept.
    fn result_key(&self, key: &StepKey) -> ResultKey {
        // No other store finds a result under a fingerprint of secrets.
        let has_fingerprint = self.context.subject.is_none() && !self.step.secrets.is_empty();
        let remote = match self.step.resolves || has_fingerprint {
            true => results::RemoteCaching::Never,
            false => results::RemoteCaching::Allowed,
        };
        ResultKey { namespace: STEP, digest: key.digest(), contents: ContentKind::Files, remote }
    }

    /// Answers of steps that resolve grow old, other results do not.
    fn is_fresh(&self, written: SystemTime) -> bool {
        !self.step.resolves || self.context.is_current(written)
    }

    fn last_time(&self) -> Digest {
        Digest::of(format!("{}\0{}", self.context.lineage, self.step.name).as_bytes())
    }

    fn reason(&self, key: &StepKey) -> Result<String, BuildError> {
        let last = self.context.store.record::<LastRun>(LAST_TIME, &self.last_time())?;
        Ok(match last {
            None => "it runs for the first time".to_owned(),
            Some(last) if last.value.key == *key && self.step.resolves => "its answer is too old".to_owned(),
            Some(last) => key.difference(&last.value.key),
        })
    }

    fn remember(&self, key: &StepKey) -> Result<(), BuildError> {
        let at = self.last_time();
        Ok(self.context.store.put_record(LAST_TIME, &at, &LastRun { key: key.clone() })?)
    }

    /// See the table of [`crate::key`].
    fn key(&self) -> Result<StepKey, BuildError> {
        let (context, step, inputs) = (self.context, self.step, &self.inputs);
        let mut key = StepKey::new();
        key.add("the architecture", context.architecture.name());
        key.add("the build packages", self.root.digest.hex());
        key.add_value("its commands", &step.commands);
        key.add_value("its environment", &step.environment);
        key.add_value("its outputs", &step.outputs);
        key.add_value("its caches", &step.caches);
        key.add_value("its network", &step.network);
        key.add_value("its secrets", &step.secrets);
        if step.network == Network::Fetch {
            key.add_value("its package indexes", &settings::indexes(&context.settings, step));
        }
        // What it makes of caches and of secrets is its application's own.
        match &context.subject {
            Some(subject) if !step.caches.is_empty() || !step.secrets.is_empty() => {
                key.add("the application that it runs for", subject);
            }
            None if !step.secrets.is_empty() => {
                let values = fingerprint(context.store, &self.secrets()?)?;
                key.add("the values of its secrets", values.hex());
            }
            _ => {}
        }
        let order: Vec<Option<&StepName>> = inputs.iter().map(|seen| seen.from.step()).collect();
        key.add_value("the order of its inputs", &order);
        for seen in inputs {
            match &seen.from {
                InputFrom::Step(name, digest) => key.add(format!("the result of {name}"), digest.hex()),
                InputFrom::Source => {
                    for (path, entry) in seen.tree.iter().filter(|(_, entry)| !entry.is_dir()) {
                        key.add_source(path, entry);
                    }
                }
            }
        }
        Ok(key)
    }

    /// Runs it. What entered is known where all came through the gateway.
    fn run(&self) -> Result<(Tree, Option<BTreeSet<Transfer>>), BuildError> {
        let (context, step) = (self.context, self.step);
        let secrets = self.secrets()?;
        let mut hidden = secrets.clone();
        hidden.extend(credentials::of_netrc(step, &secrets));
        if step.network == Network::Fetch {
            hidden.extend(settings::passwords(&context.settings, step));
        }
        let patterns = SecretPatterns::of(&hidden);
        let seen = self.seen_credentials(secrets);
        for notice in &seen.notices {
            context.tell(Event::Noticed(notice.clone()));
        }
        // Lowest, so that a link of the root (`bin`, say) is not hidden by a directory.
        let world = world(step);
        let mut lowers = vec![&world, &self.root.tree];
        let inputs = self.seen();
        match self.inputs.iter().any(|input| has_whiteouts(&input.tree)) {
            // No directory on disk can hold a whiteout, so the inputs become one tree in which they are applied.
            true => lowers.push(&inputs),
            false => lowers.extend(self.inputs.iter().map(|input| &input.tree)),
        }
        let is_recorded = !matches!(self.downloads, StepDownloads::Free);
        // What one try fetched is there for the next, unless all that enters is to be known.
        let own_caches = context.scratch()?;
        let caches = self.caches(&own_caches)?;
        let _alone = self.only_user_of(&caches, &own_caches)?;
        let entered = Mutex::new(Some(BTreeSet::new()));
        let kept = retry::with_retry(context, step, || {
            // A root of its own for each try: half of a download is no input of the next one.
            let scratch = context.scratch()?;
            let mut caches = caches.clone();
            if is_recorded {
                // Bytes of a download that broke off are in no record, and may lie in a cache.
                caches = self.caches(&scratch)?;
                *entered.lock().unwrap_or_else(PoisonError::into_inner) = Some(BTreeSet::new());
            }
            let work = StepWork {
                step: &step.name,
                hint: step.hint.as_ref(),
                transient: &step.transient,
                commands: step.commands.iter().map(argv).collect(),
                environment: self.environment(&seen),
                network: step.network,
                expected: self.downloads.expected(),
                is_recorded,
                entered: &entered,
                caches,
                secrets: &seen.secrets,
                placeholders: &seen.placeholders,
                patterns: &patterns,
                outputs: &step.outputs,
            };
            step_sandbox::work(context, &lowers, &inputs, &scratch, &work)
        });
        if kept.as_ref().is_err_and(BuildError::is_too_much_on_disk) {
            give_up(context, &caches, &own_caches);
        }
        let kept = kept?;
        let is_known = self.has_gateway() && (step.caches.is_empty() || self.owner_of_caches().is_none());
        let entered = entered.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok((self.own(kept, &inputs), entered.filter(|_| is_known)))
    }

    /// Whether it reaches the network, and nothing that is not told.
    fn has_gateway(&self) -> bool {
        self.step.network == Network::Fetch && self.context.network != StepNetwork::Host
    }

    /// All inputs on each other.
    fn seen(&self) -> Tree {
        self.inputs.iter().fold(Tree::new(), |below, input| below.overlaid(&input.tree))
    }

    /// `kept` without what it has from the source: that becomes a layer of its own. A file that an earlier step
    /// had replaced or deleted and that is as in the source again is this step's work.
    fn own(&self, kept: Tree, seen: &Tree) -> Tree {
        let source: Vec<&Tree> = self
            .inputs
            .iter()
            .filter(|seen| matches!(seen.from, InputFrom::Source))
            .map(|seen| &seen.tree)
            .collect();
        let has = |path: &RelPath, is_it: &dyn Fn(&Entry) -> bool| {
            source.iter().any(|tree| tree.get(path.as_str()).is_some_and(is_it))
        };
        kept.filter(|path, entry| match entry.is_dir() {
            true => !has(path, &|_| true),
            false => !has(path, &|found| found == entry) || seen.get(path.as_str()) != Some(entry),
        })
    }

    fn secrets(&self) -> Result<Vec<Secret>, BuildError> {
        let step = self.step;
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

    /// What the step sees of the caller's settings and of its `secrets`. Behind a gateway, credentials and proxies are
    /// the gateway's business.
    fn seen_credentials(&self, secrets: Vec<Secret>) -> StepCredentials {
        let (step, given) = (self.step, &self.context.settings);
        match (step.network, &self.context.network) {
            (Network::Fetch, StepNetwork::Gateway(_)) => StepCredentials::of(step, given, &secrets),
            (Network::Fetch, StepNetwork::Host) => {
                let obeyed = given.iter().filter(|(name, _)| step.obeys(name));
                let settings = obeyed.map(|(name, value)| (name.clone(), value.clone())).collect();
                StepCredentials { settings, secrets, ..StepCredentials::default() }
            }
            (Network::None, _) => StepCredentials { secrets, ..StepCredentials::default() },
        }
    }

    fn environment(&self, seen: &StepCredentials) -> BTreeMap<OsString, OsString> {
        let step = self.step;
        let mut environment: BTreeMap<OsString, OsString> =
            WORLD.iter().map(|(name, value)| (name.into(), value.into())).collect();
        if step.network == Network::Fetch {
            environment.insert("SSL_CERT_FILE".into(), format!("/{}", step_sandbox::CA_BUNDLE).into());
        }
        environment.extend(seen.settings.iter().map(|(name, value)| (name.into(), value.into())));
        environment.extend(step.environment.iter().map(|(name, value)| (name.into(), value.into())));
        // A variable cannot hold a zero byte; the secret's file can.
        for secret in seen.secrets.iter().filter(|secret| !secret.value().contains(&0)) {
            use std::os::unix::ffi::OsStringExt;
            environment.insert(secret.name.as_str().into(), OsString::from_vec(secret.value().to_vec()));
        }
        environment
    }

    /// The application whose caches it uses. `None` for a step that knows a secret, for one of whose downloads all is
    /// to be known, and when the caller names no application: then its caches are empty and end with it.
    fn owner_of_caches(&self) -> Option<&str> {
        let is_free = matches!(self.downloads, StepDownloads::Free);
        self.context.subject.as_deref().filter(|_| self.step.secrets.is_empty() && is_free)
    }

    /// Waits until no other build uses one of `caches`, and keeps others out: not every tool bears another one in its
    /// cache, and compilers trust what they find there. Within a build, steps with one cache run one after the other
    /// anyway. Those in `own` are this step's alone.
    fn only_user_of(
        &self,
        caches: &[(PathBuf, RelPath)],
        own: &Scratch,
    ) -> Result<Vec<LockGuard>, BuildError> {
        // Sorted, so that no two builds wait for each other, and each once.
        let shared: BTreeSet<&Path> =
            caches.iter().map(|(dir, _)| dir.as_path()).filter(|dir| !dir.starts_with(own.path())).collect();
        shared.into_iter().map(|dir| self.context.only_user_of_cache(dir)).collect()
    }

    /// Where its caches are and where it sees them. Those that end with it are in `scratch`.
    fn caches(&self, scratch: &Scratch) -> Result<Vec<(PathBuf, RelPath)>, BuildError> {
        self.step
            .caches
            .iter()
            .enumerate()
            .map(|(number, cache)| {
                let dir = match self.owner_of_caches() {
                    Some(subject) => self.context.store.cache_dir(&cache_name(cache, subject))?,
                    // By number: a name is the plan's, and could lead elsewhere.
                    None => self.context.subdir(scratch, &format!("cache-{number}"))?,
                };
                Ok((dir, cache.path.clone()))
            })
            .collect()
    }
}

/// The name in the store of the cache that the builds of `subject` share. It ends with the subject's digest, so
/// that no plan can name the cache of another.
pub(crate) fn cache_name(cache: &Cache, subject: &str) -> String {
    let digest = Digest::of(subject.as_bytes()).hex();
    format!("{}-{}", cache.name, &digest[..32])
}

/// Moves `caches` away, so that they end with `scratch`: a step has written too much, and what of it lies there is not
/// known. What cannot be moved stays; the step has failed all the same.
fn give_up(context: &BuildContext<'_>, caches: &[(PathBuf, RelPath)], scratch: &Scratch) {
    let Ok(place) = context.subdir(scratch, "given-up") else { return };
    for (number, (dir, _)) in caches.iter().enumerate() {
        let _ = std::fs::rename(dir, place.join(number.to_string()));
    }
}

/// The record of the key that a step had in the last build of this lineage; tells why it runs again.
#[derive(Serialize, Deserialize)]
struct LastRun {
    key: StepKey,
}

/// A tree that a step sees, and where it is from.
pub(crate) struct InputTree {
    pub(crate) tree: Tree,
    pub(crate) from: InputFrom,
}

/// Where a tree that a step sees is from.
pub(crate) enum InputFrom {
    /// An earlier step, and the digest of its result.
    Step(StepName, Digest),
    /// The source files.
    Source,
}

impl InputFrom {
    /// The step, unless it is the source.
    fn step(&self) -> Option<&StepName> {
        match self {
            InputFrom::Step(name, _) => Some(name),
            InputFrom::Source => None,
        }
    }
}

fn has_whiteouts(tree: &Tree) -> bool {
    tree.iter().any(|(_, entry)| entry.node == Node::Whiteout)
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

/// Directories that a step finds: those of the fixed world, those its outputs go into, and those where its caches
/// are mounted. If the sandbox had to make one of these, the directory above it, `/app` for example, would get the
/// time of day.
fn world(step: &Step) -> Tree {
    let fixed = ["app", "packwright/home", "run/secrets"];
    let fixed = fixed.map(|path| path.parse().expect("the world's paths are relative"));
    let mut tree = Tree::new();
    let outputs = step.outputs.iter().filter_map(|output| output.path.parent());
    let caches = step.caches.iter().map(|cache| cache.path.clone());
    for path in fixed.into_iter().chain(outputs).chain(caches) {
        tree.insert(path, Entry::dir(0o755)).expect("the world has directories only");
    }
    tree
}

fn argv(command: &Command) -> Vec<String> {
    match command {
        Command::Exec(words) => words.clone(),
        Command::Shell(line) => vec!["/bin/sh".to_owned(), "-euc".to_owned(), line.clone()],
    }
}
