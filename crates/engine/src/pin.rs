//! [`pin`]: a plan's open requests become a [`Lock`].

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use packwright_oci::{Digest, Hasher, Profile, RelPath, Tree};
use packwright_planner::{
    Base, Delivered, Diagnostic, Input, LOCK_FORMAT, Lock, LockedDownload, LockedPackage, Network, Plan,
    Step, StepName, ToolVersion,
};

use crate::context::BuildContext;
use crate::downloading::Downloading;
use crate::entered;
use crate::error::BuildError;
use crate::event::Event;
use crate::network::StepNetwork;
use crate::packages::{DAMAGE_TRIES, Roots, StoreCheck};
use crate::steps::Steps;
use crate::{archive, step_dir, tasks};

/// Answers all open requests of `plan`: asks the archive for packages, and runs the steps that
/// resolve. `source` is the application's files below `app`. Where downloads are to be
/// [`Downloading::Recorded`], it runs the steps that fetch as well, with all that they need, and notes what they got.
///
/// What is found damaged in the store is reported, made anew, and never used. Errors: whatever
/// keeps a request from being answered; a version that cannot be delivered.
pub fn pin(
    context: &BuildContext<'_>,
    plan: &Plan,
    source: &Tree,
    strictness: Strictness,
) -> Result<Lock, BuildError> {
    let source = &crate::snapshot::rooted(plan, source)?;
    past_damage(context, |check| pin_with(context, plan, source, strictness, check))
}

/// Does `work`, and does it anew when it finds damage in the store.
pub(crate) fn past_damage<T>(
    context: &BuildContext<'_>,
    work: impl Fn(StoreCheck) -> Result<T, BuildError>,
) -> Result<T, BuildError> {
    let mut result = work(StoreCheck::Trusted);
    for _ in 0..DAMAGE_TRIES {
        if !result.as_ref().is_err_and(BuildError::is_damage) {
            break;
        }
        context.tell_damage();
        result = work(StoreCheck::Verified);
    }
    context.tell_damage();
    result
}

fn pin_with(
    context: &BuildContext<'_>,
    plan: &Plan,
    source: &Tree,
    strictness: Strictness,
    check: StoreCheck,
) -> Result<Lock, BuildError> {
    let mut lock = with_packages(context, plan, source)?;
    for wanted in &plan.versions {
        if let Some(found) = check_version(wanted, &lock.packages)? {
            match strictness {
                Strictness::Strict => return Err(BuildError::Strict { problem: Box::new(found) }),
                Strictness::Lenient => context.tell(Event::Noticed(found)),
            }
        }
    }
    let is_wanted = |step: &Step| step.resolves && !is_open(plan, step);
    let (resolutions, fetched) = resolve(context, plan, source, &lock, check, is_wanted)?;
    lock = Lock { resolutions, fetched, ..lock };
    lock.fetched.extend(fetch(context, plan, source, &lock, check)?);
    Ok(lock)
}

/// A lock that answers which packages there are, and nothing else.
pub(crate) fn with_packages(
    context: &BuildContext<'_>,
    plan: &Plan,
    source: &Tree,
) -> Result<Lock, BuildError> {
    let Base::Debian { suite, .. } = &plan.base;
    let answer = archive::ask(context, suite, &plan.packages)?;
    Ok(Lock {
        format: LOCK_FORMAT.to_owned(),
        requests: requests(plan, source)?,
        profile: Profile::CURRENT.number(),
        architecture: context.architecture.name().to_owned(),
        releases: answer.releases,
        substituted: answer.substituted,
        packages: answer.packages,
        resolutions: BTreeMap::new(),
        fetched: BTreeMap::new(),
    })
}

/// What a version other than the requested one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// A diagnostic.
    Lenient,
    /// An error.
    Strict,
}

/// Checks that `lock` answers the requests of `plan`.
///
/// Errors: the lock was made for other requests, for another machine architecture or under an
/// unknown profile.
pub fn check_lock(
    context: &BuildContext<'_>,
    plan: &Plan,
    source: &Tree,
    lock: &Lock,
) -> Result<(), BuildError> {
    Profile::try_from(lock.profile)?;
    if lock.architecture != context.architecture.name() {
        return Err(BuildError::LockArchitecture {
            locked: lock.architecture.clone(),
            machine: context.architecture.name(),
        });
    }
    let source = crate::snapshot::rooted(plan, source)?;
    match lock.requests == requests(plan, &source)? {
        true => Ok(()),
        false => Err(BuildError::LockOutdated),
    }
}

/// The digest of everything a lock answers: base, versions, packages, and the steps that resolve
/// with the source files they read.
fn requests(plan: &Plan, source: &Tree) -> Result<Digest, BuildError> {
    let mut hasher = Hasher::new();
    let mut add = |value: &dyn erased::Json| hasher.update_framed(&value.json());
    let Base::Debian { suite, .. } = &plan.base;
    add(suite);
    for version in &plan.versions {
        add(&(&version.tool, &version.wanted, &version.delivered));
    }
    for package in &plan.packages {
        add(&(&package.name, package.scope, package.layer));
    }
    let asked = asked(plan);
    for step in plan.steps.iter().filter(|step| asked.contains(&step.name)) {
        add(&(&step.name, &step.commands, &step.environment, &step.outputs));
        let source = step_dir::seen_by(step, source)?;
        for input in &step.inputs {
            let Input::Source(selection) = input else { continue };
            let chosen = selection.matcher()?;
            let app = Plan::app_dir();
            for (path, entry) in source.iter() {
                if !entry.is_dir() && path.below(&app).is_some_and(|path| chosen(&path)) {
                    add(&(path, &entry.node));
                }
            }
        }
    }
    Ok(hasher.finish())
}

/// The steps whose work decides the answers: those that resolve, and all that these build on, directly or not,
/// since another installer may answer otherwise. A plan need not list a step after those that it needs.
fn asked(plan: &Plan) -> BTreeSet<&StepName> {
    let mut asked = BTreeSet::new();
    let mut open: Vec<&StepName> =
        plan.steps.iter().filter(|step| step.resolves).map(|step| &step.name).collect();
    while let Some(name) = open.pop() {
        if asked.insert(name) {
            let inputs = plan.steps.iter().filter(|step| step.name == *name).flat_map(|step| &step.inputs);
            open.extend(inputs.filter_map(|input| match input {
                Input::Step(name) => Some(name),
                Input::Source(_) => None,
            }));
        }
    }
    asked
}

mod erased {
    //! Any value as JSON bytes, behind a reference.

    /// A value that can be written as JSON.
    pub(super) trait Json {
        fn json(&self) -> Vec<u8>;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> Vec<u8> {
            serde_json::to_vec(self).expect("requests are plain values")
        }
    }
}

/// Whether the archive delivers `wanted`. Another patch of the same minor version is worth a
/// word; another minor version is an error.
fn check_version(wanted: &ToolVersion, packages: &[LockedPackage]) -> Result<Option<Diagnostic>, BuildError> {
    // The step that answers has checked its answer.
    let Delivered::Package(name) = &wanted.delivered else { return Ok(None) };
    let package = packages
        .iter()
        .find(|package| package.name == *name)
        .ok_or_else(|| BuildError::VersionWithoutPackage { package: name.clone() })?;
    let delivered = upstream(&package.version);
    let numbers = |version: &str| -> Vec<String> { version.split('.').map(str::to_owned).collect() };
    let (asked, got) = (numbers(&wanted.wanted), numbers(delivered));
    let minor = asked.len().min(2);
    if got.len() < minor || asked[..minor] != got[..minor] {
        return Err(BuildError::VersionNotDelivered {
            tool: wanted.tool.clone(),
            wanted: wanted.wanted.clone(),
            origin: wanted.origin.clone(),
            delivered: delivered.to_owned(),
        });
    }
    if asked.len() > got.len() || asked[..] != got[..asked.len()] {
        return Ok(Some(
            Diagnostic::warning(
                "version/other-patch",
                format!("{} {} was asked for, {delivered} is what you get", wanted.tool, wanted.wanted),
            )
            .why(format!("{} is the patch of the same minor version that the archive delivers", delivered))
            .fix(format!("ask for {} to accept any patch", asked[..minor].join(".")))
            .at(wanted.origin.clone()),
        ));
    }
    Ok(None)
}

/// The upstream part of a Debian version: without epoch and revision, and without what Debian
/// appends to it.
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    let version = version.rsplit_once('-').map_or(version, |(upstream, _)| upstream);
    version.split(['+', '~']).next().unwrap_or(version)
}

/// What the steps that resolve left: step, path, text.
pub(crate) type Answers = BTreeMap<StepName, BTreeMap<RelPath, String>>;

/// What steps got from the network.
pub(crate) type Fetched = BTreeMap<StepName, Vec<LockedDownload>>;

/// What the steps of `plan` get from the network, with the answers of `lock`; nothing unless that is to be known. With
/// the host's network nothing is known.
pub(crate) fn fetch(
    context: &BuildContext<'_>,
    plan: &Plan,
    source: &Tree,
    lock: &Lock,
    check: StoreCheck,
) -> Result<Fetched, BuildError> {
    if context.downloading != Downloading::Recorded || context.network == StepNetwork::Host {
        return Ok(Fetched::new());
    }
    let roots = Roots::new(context, plan, lock, check);
    let is_wanted = |step: &Step| step.network == Network::Fetch && !is_open(plan, step);
    let steps = Steps::new(plan, source, &roots, &lock.resolutions, is_wanted)?;
    tasks::run(context, steps.needs(), &|number, context| steps.run(number, context))?;
    Ok(fetched(context, &steps))
}

/// What the `steps` that were run got from the network, where that is to be known.
fn fetched(context: &BuildContext<'_>, steps: &Steps<'_>) -> Fetched {
    let done = (0..steps.len()).filter_map(|number| steps.done(number));
    done.filter(|_| context.downloading == Downloading::Recorded)
        .filter_map(|(step, done)| Some((step.name.clone(), entered::for_lock(done.entered.as_ref()?))))
        .collect()
}

/// Whether `step` would answer the question of `plan`, which nobody asked: nothing builds on it then.
fn is_open(plan: &Plan, step: &Step) -> bool {
    plan.question.iter().any(|question| question.answer.is_none() && question.step == step.name)
}

/// What `plan` was made with, as the answer of the step that would have found it.
fn answered(plan: &Plan) -> Answers {
    let answered = plan.question.iter().filter_map(|question| {
        let text = question.answer.clone()?;
        Some((question.step.clone(), BTreeMap::from([(question.path.clone(), text)])))
    });
    answered.collect()
}

/// Runs the resolving steps that are `wanted`, but the one whose answer the plan was made with.
pub(crate) fn resolve(
    context: &BuildContext<'_>,
    plan: &Plan,
    source: &Tree,
    lock: &Lock,
    check: StoreCheck,
    wanted: impl Fn(&Step) -> bool,
) -> Result<(Answers, Fetched), BuildError> {
    let known = answered(plan);
    let roots = Roots::new(context, plan, lock, check);
    let steps = Steps::new(plan, source, &roots, &known, wanted)?;
    tasks::run(context, steps.needs(), &|number, context| steps.run(number, context))?;
    let mut resolutions = BTreeMap::new();
    for (step, done) in (0..steps.len()).filter_map(|number| steps.done(number)) {
        if !step.resolves {
            continue;
        }
        let mut answers = BTreeMap::new();
        for (path, entry) in done.tree.iter() {
            if let packwright_oci::Node::File { digest, .. } = &entry.node {
                let mut text = String::new();
                context
                    .store
                    .open_file(digest)?
                    .read_to_string(&mut text)
                    .map_err(|_| BuildError::AnswerNotText { step: step.name.clone(), path: path.clone() })?;
                answers.insert(path.clone(), text);
            }
        }
        resolutions.insert(step.name.clone(), answers);
    }
    Ok((resolutions, fetched(context, &steps)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use packwright_planner::{Command, LayerKind, Origin, PLAN_FORMAT, Scope, Selection};

    fn checked(wanted: &str, version: &str) -> Result<Option<Diagnostic>, BuildError> {
        let package = LockedPackage {
            name: "toy".to_owned(),
            version: version.to_owned(),
            architecture: "all".to_owned(),
            scope: Scope::Run,
            layer: LayerKind::Runtime,
            pocket: "trixie".to_owned(),
            path: "pool/toy.deb".to_owned(),
            size: 1,
            digest: Digest::of(b""),
        };
        let wanted = ToolVersion {
            tool: "toy".to_owned(),
            wanted: wanted.to_owned(),
            origin: Origin::Default("test".to_owned()),
            delivered: Delivered::Package("toy".to_owned()),
        };
        check_version(&wanted, &[package])
    }

    /// A plan of a step that resolves, what installs its tool, and what that needs in turn, in the order `order` of
    /// these three; the last one runs `command`.
    fn plan(order: [usize; 3], command: &str) -> Plan {
        let step = |name: &str, needs: Option<&str>, command: &str| {
            let mut step = Step::new(name.parse().unwrap(), "toy");
            step.inputs = needs.iter().map(|name| Input::Step(name.parse().unwrap())).collect();
            step.commands = vec![Command::shell(command)];
            step
        };
        let mut resolver = step("toy.resolve", Some("toy.install"), "resolve");
        resolver.resolves = true;
        let steps =
            [step("toy.unpack", None, command), step("toy.install", Some("toy.unpack"), "install"), resolver];
        Plan {
            format: PLAN_FORMAT.to_owned(),
            buildpacks: Vec::new(),
            root: None,
            base: Base::Debian { suite: "trixie".to_owned(), origin: Origin::Default("toy".to_owned()) },
            versions: Vec::new(),
            packages: Vec::new(),
            steps: order.map(|number| steps[number].clone()).into(),
            source: Selection::all(),
            environment: BTreeMap::new(),
            port: None,
            processes: Vec::new(),
            question: None,
            decisions: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    #[test]
    fn a_lock_covers_all_that_its_answers_build_on_in_any_order_of_the_steps() {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let digest = |command| requests(&plan(order, command), &Tree::new()).unwrap();
            assert_eq!(digest("unpack"), digest("unpack"));
            assert_ne!(digest("unpack"), digest("unpack another"), "{order:?}");
        }
    }

    #[test]
    fn the_patch_may_differ_and_is_reported() {
        assert_eq!(checked("3.13", "3.13.5-2").unwrap(), None);
        assert_eq!(checked("3.13.5", "3.13.5-2+deb13u1").unwrap(), None);
        assert_eq!(checked("3.11.2", "3.11.2-6+deb12u6").unwrap(), None);
        assert_eq!(checked("3.13.2", "1:3.13.5-2").unwrap().unwrap().code, "version/other-patch");
        assert!(matches!(checked("3.12", "3.13.5-2"), Err(BuildError::VersionNotDelivered { .. })));
        assert!(matches!(checked("3.1", "3.13.5-2"), Err(BuildError::VersionNotDelivered { .. })));
    }
}
