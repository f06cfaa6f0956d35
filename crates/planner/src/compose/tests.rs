//! Composition with a made-up language, since this crate knows none.

use super::*;
use crate::{Claim, Language, MemoryTree, Overridden, PlanContext, Process, Requested, Role, Step};
use crate::{Command, DeclaredProcess};

mod builds;
mod declared;
mod declared_step;
mod together;

struct Toy;

const TOY: Language = Language::new("toy", "Toy").manifests(&["toy.txt"]);

impl Buildpack for Toy {
    fn language(&self) -> &Language {
        &TOY
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        let evidence = Origin::Detected("toy.txt".to_owned());
        crate::has(context.tree, "toy.txt").then(|| Claim::Server.by(evidence))
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        if context.role != Role::Owner {
            return Ok(None);
        }
        let process = Process {
            name: "web".parse().unwrap(),
            command: Command::exec(["toy", "serve"]),
            origin: Origin::Detected("toy.txt".to_owned()),
        };
        Ok(Some(Proposal { processes: vec![process], ..Proposal::new() }))
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
    assert_eq!(plan.decisions[1].overridden[0].value, "toy serve");
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
fn variables_for_us_and_for_builders_are_not_the_applications() {
    let environment = [("PACKWRIGHT_TOY_VERSION", "1"), ("MAKER_START", "x"), ("COLOUR", "red")];
    let environment = environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let addressed = vec!["MAKER_".to_owned()];
    let options = PlanOptions { environment, addressed, ..PlanOptions::default() };
    let plan = planned(&AppModel::default(), &options).unwrap();
    assert_eq!(plan.environment["COLOUR"].value, "red");
    for name in ["PACKWRIGHT_TOY_VERSION", "MAKER_START"] {
        assert!(!plan.environment.contains_key(name), "{name}");
    }
}

/// Without an index for each list, this takes minutes.
#[test]
fn plans_with_many_lines_are_made_in_the_time_of_their_lines() {
    const LINES: u32 = 30_000;
    let named = |name: &str, kind: crate::ProcessKind, line: u32, command: &str| DeclaredProcess {
        command: Some(Command::shell(command)),
        ..DeclaredProcess::bare(name.parse().unwrap(), kind, Origin::line(&"Procfile".parse().unwrap(), line))
    };
    let cron = || crate::ProcessKind::Cron("@daily".to_owned());
    let hints = Component {
        processes: (1..=LINES)
            .map(|line| named(&format!("p{line}"), crate::ProcessKind::Worker, line, "hint"))
            .collect(),
        ..Component::default()
    };
    let origin = |line: u32| Origin::line(&"Aptfile".parse().unwrap(), line);
    let component = Component {
        processes: (1..=LINES).map(|line| named(&format!("p{line}"), cron(), line, "run")).collect(),
        packages: (1..=LINES)
            .map(|line| crate::SystemPackage {
                name: crate::Requested { value: format!("lib{line}"), origin: origin(line) },
                system: crate::PackageSystem::Debian,
                scope: crate::Scope::Run,
            })
            .collect(),
        hints: Some(Box::new(hints)),
        ..Component::default()
    };
    let decisions = (1..=LINES).map(|line| Decision {
        subject: format!("variable V{line}"),
        value: "a".to_owned(),
        origin: origin(line),
        overridden: vec![Overridden { value: "b".to_owned(), origin: origin(line) }],
    });
    let exposed = (1..=LINES).map(|line| crate::Exposed {
        name: "API_TOKEN".to_owned(),
        origin: origin(line),
        weight: crate::FileWeight::Hints,
    });
    let model = AppModel {
        components: vec![component],
        decisions: decisions.clone().chain(decisions.clone()).collect(),
        exposed: exposed.collect(),
        ..AppModel::default()
    };
    let plan = planned(&model, &PlanOptions::default()).unwrap();
    let lines = LINES as usize;
    assert_eq!(plan.processes.len(), lines + 1);
    assert_eq!(plan.source.exclude, ["Aptfile"]);
    assert!(plan.packages.len() > lines);
    let joined = plan.decisions.iter().filter(|decision| decision.subject.starts_with("variable"));
    assert_eq!(joined.map(|decision| decision.overridden.len()).collect::<Vec<_>>(), vec![2; lines]);
    let completed = model.completed(&plan, &MemoryTree::parse("//- /toy.txt\n"), &[&Toy]);
    assert_eq!(completed.component(None).processes.len(), lines + 1);
}

/// The toy, compiled: its processes need no shell.
struct Compiled;

impl Buildpack for Compiled {
    fn language(&self) -> &Language {
        &TOY
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        Toy.detect(context)
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        let proposal = Toy.propose(context)?;
        Ok(proposal.map(|proposal| Proposal { stands_alone: true, ..proposal }))
    }
}

#[test]
fn compiled_programs_leave_the_tools_to_the_steps() {
    let scope = |model: &AppModel, variables: &[(&str, &str)]| {
        let environment =
            variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let options = PlanOptions { environment, ..PlanOptions::default() };
        let tree = MemoryTree::parse("//- /toy.txt\n");
        let plan = plan(&tree, &[&Compiled], &|_| model.clone(), &options).unwrap();
        ["bash", "coreutils", "dash"]
            .map(|name| plan.packages.iter().find(|package| package.name == name).unwrap().scope)
    };
    let (build, run) = (crate::Scope::Build, crate::Scope::Run);
    assert_eq!(scope(&AppModel::default(), &[]), [build, build, run]);
    assert_eq!(scope(&AppModel::default(), &[("PACKWRIGHT_PACKAGES", "coreutils")]), [build, run, run]);
    // A line for the shell expects them.
    assert_eq!(scope(&model(vec![declared("web", 1)]), &[]), [run, run, run]);
}
