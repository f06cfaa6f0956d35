//! A plan that asks: a lock answers, and nothing is run for it.

use packwright::oci::Digest;
use packwright::planner::{
    Buildpack, Claim, Command, Decision, Diagnostic, LOCK_FORMAT, Language, Lock, MemoryTree, Origin, Output,
    PlanContext, Process, Proposal, Question, Requested, Step, StepName, has,
};
use packwright::{BuildOptions, Builder, Error, LockUse, Source};

use crate::builder;

struct Toy;

const TOY: Language = Language::new("toy", "Toy").manifests(&["main.toy"]);

fn step() -> StepName {
    "toy.ask".parse().unwrap()
}

impl Buildpack for Toy {
    fn language(&self) -> &Language {
        &TOY
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        has(context.tree, "main.toy").then(|| Claim::Program.by(Origin::Detected("main.toy".to_owned())))
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        let answer = context.options.answers.get(&step()).cloned();
        let mut asking = Step::new(step(), "asks");
        asking.resolves = true;
        asking.outputs.push(Output::between_steps("answer".parse().unwrap()));
        let origin = Origin::Detected("main.toy".to_owned());
        let taken = answer.clone().unwrap_or_else(|| "a guess".to_owned());
        Ok(Some(Proposal {
            question: Some(Question { step: step(), path: "answer".parse().unwrap(), answer }),
            steps: vec![asking],
            decisions: vec![Decision::new("toy", taken, origin.clone())],
            processes: vec![Process::web(Command::shell("sh main.toy"), origin)],
            ..Proposal::new()
        }))
    }
}

fn source() -> Source {
    MemoryTree::parse("//- /main.toy\n").into()
}

fn lock(answer: Option<&str>) -> Lock {
    let text = format!(
        "format = \"{LOCK_FORMAT}\"\nrequests = \"{}\"\nprofile = 1\narchitecture = \"amd64\"\nreleases = []\n\
         substituted = []\npackages = []\n",
        Digest::of(b"")
    );
    let mut lock = Lock::from_text(&text).unwrap();
    if let Some(answer) = answer {
        let files = [("answer".parse().unwrap(), answer.to_owned())].into();
        lock.resolutions.insert(step(), files);
    }
    lock
}

fn settled(builder: &Builder, lock: LockUse) -> Result<Option<String>, Error> {
    let mut options = BuildOptions::default();
    options.lock = lock;
    let plan = builder.plan(&source(), &options.plan)?;
    assert_eq!(plan.decisions.iter().find(|one| one.subject == "toy").unwrap().value, "a guess");
    let plan = builder.settle(&source(), plan, &options)?;
    let answer = plan.question.and_then(|question| question.answer);
    let value = &plan.decisions.iter().find(|one| one.subject == "toy").unwrap().value;
    assert_eq!(answer.as_ref().unwrap_or(&"a guess".to_owned()), value);
    Ok(answer)
}

#[test]
fn the_lock_that_has_to_fit_answers() {
    let (builder, _dir) = builder();
    let builder = builder.buildpack(Toy);
    let exactly = |answer| LockUse::Exactly(Box::new(lock(answer)));
    assert_eq!(settled(&builder, exactly(Some("seven"))).unwrap().as_deref(), Some("seven"));
    // The build says that it does not fit.
    assert_eq!(settled(&builder, exactly(None)).unwrap(), None);
    // Nobody answers: it is asked, for which this builder has no archive.
    assert!(settled(&builder, LockUse::Never).is_err());
}
