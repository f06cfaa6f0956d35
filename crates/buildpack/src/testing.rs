//! The harness of the buildpacks' tests: a tree as one text, the plan as the lines a person would look
//! at. For tests only; it panics where a test must fail.
//!
//! ```text
//! let buildpacks: [&dyn Buildpack; 1] = [&Go];
//! let harness = Harness::new(&buildpacks, &packwright_platforms::model);
//! harness.check("//- /go.mod\nmodule m\n", &[Part::Steps], expect![[r#"…"#]]);
//! ```
//!
//! The tree is written as for [`MemoryTree::parse`]. A new test starts with `expect![[""]]`;
//! `UPDATE_EXPECT=1 cargo test -p <crate>` writes what came out into the test's file, to be read and
//! judged there.

use expect_test::Expect;
use packwright_planner::{
    AppModel, Base, Buildpack, Diagnostic, Input, LayerKind, MemoryTree, Network, Plan, PlanError,
    PlanOptions, SourceTree, Step, plan,
};

/// What a test looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The suite.
    Suite,
    /// Language versions.
    Versions,
    /// Packages besides those of the base.
    Packages,
    /// Steps.
    Steps,
    /// Environment, source in the image, processes.
    Processes,
    /// Decisions and diagnostics.
    Reasons,
    /// Diagnostics.
    Remarks,
}

/// The reader of platform files.
pub type Reader<'a> = &'a (dyn Fn(&dyn SourceTree) -> AppModel + Sync);

/// Plans trees with certain buildpacks, and tells what came out.
#[derive(Clone, Copy)]
pub struct Harness<'a> {
    /// The buildpacks, the one that is tested first.
    pub buildpacks: &'a [&'a dyn Buildpack],
    /// The reader of platform files: `packwright_platforms::model`.
    pub reader: Reader<'a>,
    /// Steps that are not told, as most plans have them; they are no inputs either.
    pub hidden_steps: &'a [&'a str],
    /// How the names of packages begin that are not told.
    pub hidden_packages: &'a [&'a str],
    /// Variables that are not told, besides those of every image.
    pub hidden_variables: &'a [&'a str],
    /// Steps whose environment is told.
    pub told_environments: &'a [&'a str],
}

/// Variables that every image has.
const OF_EVERY_IMAGE: &[&str] = &["HOME", "LANG", "PORT"];

impl<'a> Harness<'a> {
    /// A harness that hides nothing.
    pub fn new(buildpacks: &'a [&'a dyn Buildpack], reader: Reader<'a>) -> Harness<'a> {
        Harness {
            buildpacks,
            reader,
            hidden_steps: &[],
            hidden_packages: &[],
            hidden_variables: &[],
            told_environments: &[],
        }
    }

    /// Plans the tree written as `text` and compares the given parts, or the problems.
    pub fn check(&self, text: &str, parts: &[Part], expected: Expect) {
        expected.assert_eq(&self.describe(text, parts));
    }

    /// The same with options.
    pub fn check_with(&self, text: &str, options: &PlanOptions, parts: &[Part], expected: Expect) {
        expected.assert_eq(&self.told(&self.planned(&MemoryTree::parse(text), options), parts));
    }

    /// The given parts of the plan of the tree written as `text`, or the problems.
    pub fn describe(&self, text: &str, parts: &[Part]) -> String {
        self.told(&self.planned(&MemoryTree::parse(text), &PlanOptions::default()), parts)
    }

    /// Plans `tree`.
    pub fn planned(&self, tree: &dyn SourceTree, options: &PlanOptions) -> Result<Plan, PlanError> {
        plan(tree, self.buildpacks, &self.reader, options)
    }

    /// The given parts of a plan, or the problems.
    pub fn told(&self, result: &Result<Plan, PlanError>, parts: &[Part]) -> String {
        match result {
            Ok(plan) => parts.iter().map(|&part| self.part(plan, part)).collect(),
            Err(error) => error.problems().iter().map(problem).collect(),
        }
    }

    fn part(&self, plan: &Plan, part: Part) -> String {
        match part {
            Part::Suite => {
                let Base::Debian { suite, .. } = &plan.base;
                format!("suite {suite}\n")
            }
            Part::Versions => lines(&plan.versions, |version| {
                format!("{} {} by {}\n", version.tool, version.wanted, version.origin)
            }),
            Part::Packages => {
                let is_hidden = |name: &str| self.hidden_packages.iter().any(|start| name.starts_with(start));
                let own = plan.packages.iter().filter(|package| package.layer != LayerKind::Base);
                lines(own.filter(|package| !is_hidden(&package.name)), |package| {
                    format!("{:?} {:?} {}\n", package.scope, package.layer, package.name)
                })
            }
            Part::Steps => lines(&plan.steps, |step| self.step(step)),
            Part::Processes => self.processes(plan),
            Part::Reasons => {
                let decisions = lines(&plan.decisions, |decision| {
                    let head = format!("{} = {} by {}\n", decision.subject, decision.value, decision.origin);
                    let lost = lines(&decision.overridden, |lost| {
                        format!("  not {} by {}\n", lost.value, lost.origin)
                    });
                    head + &lost
                });
                decisions + &self.part(plan, Part::Remarks)
            }
            Part::Remarks => lines(&plan.diagnostics, problem),
        }
    }

    fn processes(&self, plan: &Plan) -> String {
        let is_hidden = |name: &str| OF_EVERY_IMAGE.contains(&name) || self.hidden_variables.contains(&name);
        let variables = plan.environment.iter().filter(|(name, _)| !is_hidden(name));
        let mut out = lines(variables, |(name, setting)| format!("env {name}={}\n", setting.value));
        if !plan.source.exclude.is_empty() {
            out += &format!("source without {}\n", plan.source.exclude.join(" "));
        }
        out + &lines(&plan.processes, |process| format!("{}: {}\n", process.name, process.command))
    }

    fn step(&self, step: &Step) -> String {
        if self.hidden_steps.contains(&step.name.as_str()) {
            return String::new();
        }
        let network = if step.network == Network::Fetch { " fetch" } else { "" };
        let resolves = if step.resolves { " resolves" } else { "" };
        let dir = step.dir.as_ref().map_or(String::new(), |dir| format!(" in {dir}"));
        let mut out = format!("{}{dir}{network}{resolves}\n", step.name);
        out += &lines(&step.inputs, |input| match input {
            Input::Step(name) if self.hidden_steps.contains(&name.as_str()) => String::new(),
            Input::Step(name) => format!("  < {name}\n"),
            Input::Source(selection) if selection.exclude.is_empty() => {
                format!("  < source {}\n", selection.include.join(" "))
            }
            Input::Source(selection) => {
                format!(
                    "  < source {} without {}\n",
                    selection.include.join(" "),
                    selection.exclude.join(" ")
                )
            }
        });
        if self.told_environments.contains(&step.name.as_str()) {
            out += &lines(&step.environment, |(name, value)| format!("  {name}={value}\n"));
        }
        out += &lines(&step.commands, |command| {
            let text = command.to_string();
            match text.split_once('\n') {
                Some((first, _)) => format!("  $ {first} …\n"),
                None => format!("  $ {text}\n"),
            }
        });
        out + &lines(&step.outputs, |output| {
            let layer = output.layer.map_or(String::new(), |layer| format!(" {layer:?}"));
            format!("  > {}{layer}\n", output.path)
        })
    }
}

/// Options with these variables.
pub fn with_env<const N: usize>(variables: [(&str, &str); N]) -> PlanOptions {
    let environment = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    PlanOptions { environment, ..PlanOptions::default() }
}

/// Options that choose an application.
pub fn for_app(app: &str) -> PlanOptions {
    PlanOptions { app: Some(app.to_owned()), ..PlanOptions::default() }
}

/// A diagnostic as lines.
pub fn problem(problem: &Diagnostic) -> String {
    let mut out = format!("{:?} {}: {}\n", problem.severity, problem.code, problem.message);
    for (kind, text) in [("why", &problem.why), ("fix", &problem.fix)] {
        if let Some(text) = text {
            out += &format!("  {kind}: {text}\n");
        }
    }
    out
}

fn lines<T>(all: impl IntoIterator<Item = T>, line: impl Fn(T) -> String) -> String {
    all.into_iter().map(line).collect()
}
