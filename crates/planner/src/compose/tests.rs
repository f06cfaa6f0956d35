//! Composition with a made-up language, since this crate knows none.

use super::*;
use crate::{BuildpackError, Claim, Given, MemoryTree, Process, Role, Step};

mod declared;
mod together;

struct Toy;

impl Buildpack for Toy {
    fn name(&self) -> &str {
        "toy"
    }

    fn looks_for(&self) -> &[&str] {
        &["toy.txt"]
    }

    fn propose(&self, given: &Given<'_>) -> Result<Option<Proposal>, BuildpackError> {
        if given.role != Role::Owner || !crate::has(given.tree, "toy.txt") {
            return Ok(None);
        }
        let process = Process {
            name: "web".parse().unwrap(),
            command: Command::exec(["toy", "serve"]),
            origin: Origin::Detected("toy.txt".to_owned()),
        };
        let claim = Claim::Server.by(Origin::Detected("toy.txt".to_owned()));
        Ok(Some(Proposal { processes: vec![process], ..Proposal::new(claim) }))
    }
}

fn declared(name: &str, line: u32) -> DeclaredProcess {
    let origin = Origin::line(&"Procfile".parse().unwrap(), line);
    DeclaredProcess::new(name.parse().unwrap(), Command::shell(format!("run {name}")), origin)
}

fn model(processes: Vec<DeclaredProcess>) -> AppModel {
    let component = Component { processes, ..Component::default() };
    AppModel { components: vec![component], ..AppModel::default() }
}

fn planned(model: &AppModel, options: &PlanOptions) -> Result<Plan, PlanError> {
    plan(&MemoryTree::parse("//- /toy.txt\n"), &[&Toy], &|_| model.clone(), options)
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.processes.iter().map(|process| process.name.as_str()).collect()
}

#[test]
fn an_empty_tree_says_what_was_looked_for() {
    let error =
        plan(&MemoryTree::new(), &[&Toy], &|_| AppModel::default(), &PlanOptions::default()).unwrap_err();
    assert_eq!(
        error.problems()[0].why.as_deref(),
        Some("looked for toy: toy.txt; the directory has no files that are not ignored")
    );
}

#[test]
fn declared_processes_beat_detected_ones_and_say_so() {
    let model = model(vec![declared("release", 1), declared("web", 2)]);
    let plan = planned(&model, &PlanOptions::default()).unwrap();
    assert_eq!(names(&plan), ["web", "release"]);
    assert_eq!(plan.processes[0].command, Command::shell("run web"));
    assert_eq!(plan.decisions[1].losers[0].value, "toy serve");
}

#[test]
fn release_alone_keeps_the_detected_web() {
    let model = model(vec![declared("release", 1)]);
    let plan = planned(&model, &PlanOptions::default()).unwrap();
    assert_eq!(names(&plan), ["web", "release"]);
    assert_eq!(plan.processes[0].command, Command::exec(["toy", "serve"]));
    assert_eq!(plan.environment["PORT"].value, "8080");
}

#[test]
fn workers_alone_drop_the_detected_web_and_warn_about_the_default() {
    let model = model(vec![declared("b", 1), declared("a", 2)]);
    let plan = planned(&model, &PlanOptions::default()).unwrap();
    assert_eq!(names(&plan), ["b", "a"]);
    assert_eq!(plan.diagnostics[0].code, "plan/default-process");
    assert!(!plan.environment.contains_key("PORT"));
    let strict = PlanOptions { strict: true, ..PlanOptions::default() };
    assert!(planned(&model, &strict).is_err());
}

#[test]
fn a_plan_survives_json_and_toml() {
    let plan = planned(&AppModel::default(), &PlanOptions::default()).unwrap();
    assert_eq!(Plan::from_text(&plan.to_json()).unwrap(), plan);
    assert_eq!(Plan::from_text(&plan.to_toml()).unwrap(), plan);
}

#[test]
fn an_edited_plan_with_steps_in_a_wrong_order_is_refused() {
    let step = |name: &str, needs: &str| {
        let text = format!(
            r#"{{ "name": "{name}", "why": "", "commands": [], "outputs": [], "inputs": [{{ "step": "{needs}" }}] }}"#
        );
        serde_json::from_str::<Step>(&text).unwrap()
    };
    let read = |steps: &[Step]| {
        let plan =
            Plan { steps: steps.to_vec(), ..planned(&AppModel::default(), &PlanOptions::default()).unwrap() };
        Plan::from_text(&plan.to_json()).map(drop)
    };
    let free = Step { inputs: Vec::new(), ..step("a", "a") };
    assert_eq!(read(&[free.clone(), step("b", "a")]), Ok(()));
    let circle = read(&[step("a", "b"), step("b", "a")]).unwrap_err();
    assert_eq!(circle, "the step `a` needs `b`, which is no step before it");
    assert_eq!(read(&[free.clone(), free]).unwrap_err(), "two steps are called `a`");
}

#[test]
fn variables_of_ours_are_not_the_applications() {
    let environment = [("PACKWRIGHT_TOY_VERSION", "1"), ("COLOUR", "red")];
    let environment = environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let options = PlanOptions { environment, ..PlanOptions::default() };
    let plan = planned(&AppModel::default(), &options).unwrap();
    assert_eq!(plan.environment["COLOUR"].value, "red");
    assert!(!plan.environment.contains_key("PACKWRIGHT_TOY_VERSION"));
}
