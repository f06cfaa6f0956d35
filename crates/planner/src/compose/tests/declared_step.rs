//! Who runs a declared build: the owner where it says so, the planner otherwise; and commands of a language
//! that takes no part.

use super::*;
use crate::{BuildRunner, BuildWork, CommandKind, Input, LayerKind, Phase, Selection, Severity};

/// A language with a step that sees source files.
struct Maker {
    language: Language,
    claim: Claim,
    runner: BuildRunner,
}

fn maker(name: &'static str, manifests: &'static [&'static str], runner: BuildRunner) -> Maker {
    Maker { language: Language::new(name, name).manifests(manifests), claim: Claim::Server, runner }
}

impl Buildpack for Maker {
    fn language(&self) -> &Language {
        &self.language
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        let file = crate::find(context.tree, self.language.manifests[0])?;
        Some(self.claim.by(Origin::file(&file.path)))
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        if context.role != Role::Owner {
            return Ok(None);
        }
        let name = format!("{}.make", self.language.name).parse().unwrap();
        let mut step = Step::new(name, "makes").sees(Selection::all());
        if self.runner == BuildRunner::Buildpack {
            let build = context.model.build.iter().flat_map(|build| &build.before);
            step.commands = build.map(|command| command.value.clone()).collect();
        }
        let origin = Origin::Detected("a file".to_owned());
        let web = Process { name: "web".parse().unwrap(), command: Command::exec(["x"]), origin };
        let source = Selection { exclude: vec!["secret".to_owned()], ..Selection::all() };
        let declared_build = self.runner.clone();
        Ok(Some(Proposal {
            steps: vec![step],
            processes: vec![web],
            source,
            declared_build,
            ..Proposal::new()
        }))
    }

    fn classify(&self, words: &[String]) -> Option<CommandKind> {
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [first, "install"] if *first == self.language.name => Some(CommandKind::Installs),
            [first, ..] if *first == self.language.name => Some(CommandKind::Runs),
            _ => None,
        }
    }
}

fn planned_by(packs: &[&dyn Buildpack], tree: &str, command: &str) -> Plan {
    let origin = Origin::line(&"render.yaml".parse().unwrap(), 7);
    let command = Requested { value: Command::shell(command), origin };
    let phases = vec![Phase::of("build", BuildWork::All, vec![command])];
    let component = Component { phases, processes: vec![declared("web", 1)], ..Component::default() };
    let model = AppModel { components: vec![component], ..AppModel::default() };
    plan(&MemoryTree::parse(tree), packs, &|_| model.clone(), &PlanOptions::default()).unwrap()
}

/// The steps with their commands, and the diagnostics.
fn described(plan: &Plan) -> Vec<String> {
    let line = |step: &Step| {
        let commands: Vec<String> = step.commands.iter().map(ToString::to_string).collect();
        format!("{}: {}", step.name, commands.join(" && "))
    };
    let told = plan.diagnostics.iter().map(|found| format!("{} {}", found.code, found.message));
    plan.steps.iter().map(line).chain(told).collect()
}

#[test]
fn an_owner_that_does_not_run_the_build_gets_it_done_before_its_steps() {
    let owner = maker("tea", &["tea.txt"], BuildRunner::default());
    let plan = planned_by(&[&owner], "//- /tea.txt\n", "make all");
    assert_eq!(described(&plan), ["declared.build: make all", "tea.make: "]);
    let [build, make] = plan.steps.as_slice() else { panic!("two steps") };
    assert!(make.inputs.contains(&Input::Step(build.name.clone())));
    let [output] = build.outputs.as_slice() else { panic!("one output") };
    assert_eq!((output.path.as_str(), output.layer), ("app", Some(LayerKind::Build)));
    assert!(output.scrub.contains(&"secret".to_owned()), "what the image leaves out stays out");
    assert!(plan.packages.iter().any(|package| package.name == "make"));
    let decision = plan.decisions.iter().find(|decision| decision.subject == "build command").unwrap();
    assert_eq!(format!("{} by {}", decision.value, decision.origin), "make all by render.yaml:7");

    let leaves = Some("site".parse().unwrap());
    let owner = maker("tea", &["tea.txt"], BuildRunner::Planner { leaves });
    let plan = planned_by(&[&owner], "//- /tea.txt\n", "make all");
    assert_eq!(plan.steps[0].outputs[0].path.as_str(), "app/site");
}

#[test]
fn an_owner_that_runs_the_build_is_left_alone() {
    let owner = maker("tea", &["tea.txt"], BuildRunner::Buildpack);
    let plan = planned_by(&[&owner], "//- /tea.txt\n", "make all");
    assert_eq!(described(&plan), ["tea.make: make all"]);
}

#[test]
fn a_build_without_any_language_is_run() {
    let tea = maker("tea", &["tea.txt"], BuildRunner::Buildpack);
    assert_eq!(described(&planned_by(&[&tea], "//- /x\n", "make all")), ["declared.build: make all"]);
    assert!(described(&planned_by(&[&tea], "//- /x\n", "echo only words")).len() <= 1);
}

#[test]
fn commands_of_a_language_that_takes_no_part_are_the_owners_and_are_named() {
    let tea = maker("tea", &["tea.txt"], BuildRunner::Buildpack);
    let pot = Maker { claim: Claim::Tools, ..maker("pot", &["pot.txt"], BuildRunner::Buildpack) };
    let tree = "//- /tea.txt\n//- /pot.txt\n";
    let plan = planned_by(&[&tea, &pot], tree, "pot install && pot heat && make all");
    assert_eq!(
        described(&plan),
        [
            "tea.make: pot heat && make all",
            "plan/build-elsewhere render.yaml:7: nothing brings `pot` into the build",
            "plan/not-installed render.yaml:7: `pot install` is left out of the build",
        ]
    );
    assert!(plan.diagnostics.iter().all(|found| found.severity == Severity::Warning));
}
