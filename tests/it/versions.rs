//! Wishes for a version against the real lists of versions: what each resolves to, and whose
//! wish it is. None falls back silently: a wish is fulfilled, or something is said.
//!
//! The tables are in [`node`] and [`python`]. The plan of each row is made by the program; the
//! steps with which those plans find exact versions all run in one build, as one step, by their own
//! commands. In the same step others judge: npm's `semver` reads the wish as it was written, and
//! pip's `packaging` does; both pick the newest out of the registry's or uv's whole list.

mod node;
mod python;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::command::{finish, say};
use crate::fixture::{destination, packwright};
use crate::layout::Layout;
use crate::place;

/// One row: an application, and what its wish must lead to.
struct Case {
    /// The wish, as people would tell it.
    name: &'static str,
    /// Files, each after a line `//- PATH`.
    tree: String,
    /// Arguments of the program.
    args: &'static [&'static str],
    /// Whose version it is.
    tool: &'static str,
    expected: Expected,
}

enum Expected {
    /// It is fulfilled.
    Version {
        /// What the plan says is wanted.
        wanted: &'static str,
        /// Who is said to want it.
        origin: &'static str,
        /// All that is wished, in words for the judge.
        wish: &'static str,
        /// The version itself, where the wish or the end of the line leaves no other.
        exactly: Option<&'static str>,
    },
    /// The plan fails with this code, and its message says this.
    Problem { code: &'static str, says: &'static [&'static str] },
}

impl Case {
    fn with_args(self, args: &'static [&'static str]) -> Case {
        Case { args, ..self }
    }

    /// Writes the files to `dir`.
    fn write(&self, dir: &Path) {
        for file in self.tree.split("//- ").skip(1) {
            let (path, text) = file.split_once('\n').unwrap();
            let path = dir.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
}

/// A case whose plan was made.
struct Planned<'a> {
    case: &'a Case,
    dir: tempfile::TempDir,
    plan: Value,
}

/// Where the exact version of a planned case is known from.
enum Source {
    /// The step that finds it, and the text that holds it.
    Step { step: Value, answer: String },
    /// The Debian package.
    Package(String),
}

/// Plans every case and demands of each what the plan can say. Gives those with a version, and the
/// rows of the others.
fn planned(cases: &[Case]) -> (Vec<Planned<'_>>, Vec<String>) {
    let mut rows = Vec::new();
    let mut wrong = Vec::new();
    let mut all = Vec::new();
    for case in cases {
        let dir = place::new_dir("version");
        case.write(dir.path());
        let words: &[&str] = match case.expected {
            Expected::Version { .. } => &["plan", "--format", "json"],
            // It has no plan to fail with, and says why for machines.
            Expected::Problem { .. } => &["build", "--log-format", "json"],
        };
        let told = finish(packwright(words).args(case.args).arg(dir.path()));
        match &case.expected {
            Expected::Problem { code, says } => {
                let stderr = told.stderr();
                let problems = stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
                let problems: Vec<Value> = problems
                    .flat_map(|event| event["problems"].as_array().cloned().unwrap_or_default())
                    .collect();
                let found = problems.iter().find(|problem| problem["code"] == *code);
                let said = found.is_some_and(|problem| {
                    let text = problem.to_string();
                    says.iter().all(|part| text.contains(part)) && problem["fix"].is_string()
                });
                if told.code() != 1 || !said {
                    wrong.push(format!("{}: {code} was expected\n{}", case.name, told.story()));
                }
                rows.push(format!("| {} | {} | error | {code} |", case.name, says[0]));
            }
            Expected::Version { wanted, origin, .. } => {
                if told.code() != 0 {
                    wrong.push(format!("{}: {}", case.name, told.story()));
                    continue;
                }
                let plan: Value = serde_json::from_slice(&told.stdout).unwrap();
                let version = version(&plan, case.tool);
                let found = (version["wanted"].as_str().unwrap_or_default(), who(&version["origin"]));
                if found != (wanted, (*origin).to_owned()) {
                    wrong.push(format!("{}: {found:?} and not {:?}", case.name, (wanted, origin)));
                }
                all.push(Planned { case, dir, plan });
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    (all, rows)
}

/// What the plan says about the version of `tool`.
fn version(plan: &Value, tool: &str) -> Value {
    let versions = plan["versions"].as_array().cloned().unwrap_or_default();
    versions.into_iter().find(|version| version["tool"] == tool).unwrap_or_default()
}

/// `path:line`, the option, or which default.
fn who(origin: &Value) -> String {
    let text = |key: &str| origin[key].as_str().map(str::to_owned);
    match (&origin["file"], text("option"), text("default")) {
        (Value::Object(file), _, _) => match &file.get("line") {
            Some(line) => format!("{}:{line}", file["path"].as_str().unwrap()),
            None => file["path"].as_str().unwrap().to_owned(),
        },
        (_, Some(option), _) => option,
        (_, _, Some(_)) => "default".to_owned(),
        _ => origin.to_string(),
    }
}

impl Planned<'_> {
    fn source(&self) -> Source {
        let delivered = &version(&self.plan, self.case.tool)["delivered"];
        if let Some(package) = delivered["package"].as_str() {
            return Source::Package(package.to_owned());
        }
        let name = &delivered["answer"]["step"];
        let step = self.steps().iter().find(|step| step["name"] == *name).cloned();
        Source::Step {
            step: step.expect("the plan names a step that it has"),
            answer: delivered["answer"]["path"].as_str().unwrap().to_owned(),
        }
    }

    fn steps(&self) -> &[Value] {
        self.plan["steps"].as_array().unwrap()
    }

    /// All that is wished, in words for the judge.
    fn wish(&self) -> &'static str {
        match self.case.expected {
            Expected::Version { wish, .. } => wish,
            Expected::Problem { .. } => unreachable!("such a case has no plan"),
        }
    }

    fn wanted(&self) -> &'static str {
        match self.case.expected {
            Expected::Version { wanted, .. } => wanted,
            Expected::Problem { .. } => unreachable!("such a case has no plan"),
        }
    }

    /// The row of a wish that led to `resolved`, and what is wrong with that: it must be what the
    /// judge found, and what the table says.
    fn judge(&self, resolved: &str, newest: &str, source: &str) -> (String, Option<String>) {
        let Expected::Version { wanted, origin, exactly, .. } = self.case.expected else {
            unreachable!("such a case has no plan")
        };
        let row = format!("| {} | {origin} | {wanted} | {resolved} ({source}) |", self.case.name);
        let right = resolved == newest && exactly.is_none_or(|exactly| exactly == resolved);
        let wrong = format!("{row}: the judge says {newest}, the table {exactly:?}");
        (row, (!right).then_some(wrong))
    }
}

/// Prints the table, so that people can copy it, and demands that nothing is wrong with it.
#[track_caller]
fn show(title: &str, rows: &[String], wrong: &[String]) {
    say(&format!(
        "{title}: {} wishes\n| wish | by | plan | resolved |\n|---|---|---|---|\n{}",
        rows.len(),
        rows.join("\n").replace("||", "\\|\\|")
    ));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A command that runs with the variables of `step`, as data of a plan.
fn with_environment(step: &Value, command: &Value) -> Value {
    let mut words = vec!["/usr/bin/env".to_owned()];
    for (name, value) in step["environment"].as_object().unwrap() {
        words.push(format!("{name}={}", value.as_str().unwrap()));
    }
    match command["shell"].as_str() {
        Some(line) => words.extend(["/bin/sh", "-c", line].map(str::to_owned)),
        None => words
            .extend(command["exec"].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned())),
    }
    json!({ "exec": words })
}

/// What decides the answer of a finding step. The words of a wish are for messages alone.
fn question(step: &Value) -> Value {
    let mut environment = step["environment"].clone();
    environment.as_object_mut().unwrap().retain(|name, _| !name.ends_with("_ASKED"));
    json!([step["commands"], environment])
}

/// Runs the finding steps of all `cases` as one step, then the judge's `command`. Gives the
/// judge's answer, and each exact version by the number of its case.
fn run(cases: &[&Planned<'_>], command: Value) -> (Value, BTreeMap<usize, String>) {
    let mut plan = cases[0].plan.clone();
    let mut whole = Value::Null;
    let mut commands = vec![json!({ "exec": ["mkdir", "-p", "/app/answers"] })];
    let mut answers = BTreeMap::new();
    let mut outputs = BTreeSet::new();
    let mut known: Vec<(Value, usize)> = Vec::new();
    for (number, planned) in cases.iter().enumerate() {
        let Source::Step { step, answer } = planned.source() else { continue };
        let question = question(&step);
        if let Some((_, first)) = known.iter().find(|(known, _)| *known == question) {
            answers.insert(number, format!("app/answers/{first}"));
            continue;
        }
        known.push((question, number));
        if whole.is_null() {
            whole = step.clone();
        }
        for same in ["inputs", "network", "settings", "caches"] {
            assert_eq!(step[same], whole[same], "`{same}` of {}", planned.case.name);
        }
        for command in step["commands"].as_array().unwrap() {
            commands.push(with_environment(&step, command));
        }
        // No later step may take this answer for its own.
        let keep = format!("cp /{answer} /app/answers/{number} && echo stale > /{answer}");
        commands.push(json!({ "shell": keep }));
        outputs.extend(step["outputs"].as_array().unwrap().iter().map(|output| output["path"].to_string()));
        answers.insert(number, format!("app/answers/{number}"));
    }
    commands.push(with_environment(&whole, &command));
    whole["name"] = json!("test.versions");
    whole["commands"] = json!(commands);
    let paths = outputs.iter().map(|path| serde_json::from_str::<Value>(path).unwrap());
    whole["outputs"] = paths.map(|path| json!({ "path": path })).collect();
    let answered = json!({ "path": "app/answers", "layer": "build" });
    whole["outputs"].as_array_mut().unwrap().push(answered);
    whole["resolves"] = json!(false);
    let inputs: Vec<Value> =
        whole["inputs"].as_array().unwrap().iter().map(|input| input["step"].clone()).collect();
    let mut steps: Vec<Value> =
        cases[0].steps().iter().filter(|step| inputs.contains(&step["name"])).cloned().collect();
    assert_eq!(steps.len(), inputs.len());
    steps.push(whole);
    plan["steps"] = json!(steps);
    plan["versions"] = json!([]);
    // Without the applications nothing of them could start.
    plan["processes"] = json!([]);

    let place = place::new_dir("versions");
    let file = place.path().join("plan.json");
    fs::write(&file, plan.to_string()).unwrap();
    let image = place.path().join("image");
    let mut build = packwright(["build", "-o", &destination("oci", &image), "--plan"]);
    finish(build.arg(&file).args(cases[0].case.args).arg(cases[0].dir.path())).ok();
    let layout = Layout::open(&image);
    let text = |path: &str| String::from_utf8(layout.file(path).expect("the step left it")).unwrap();
    let judged = serde_json::from_str(&text("app/answers/judged")).unwrap();
    (judged, answers.into_iter().map(|(number, path)| (number, text(&path).trim().to_owned())).collect())
}

/// How many wishes are tried in all.
#[test]
fn there_are_forty_cases() {
    let (node, python) = (node::cases().len(), python::cases().len());
    assert!(node >= 26 && python >= 14, "{node} and {python}");
}
