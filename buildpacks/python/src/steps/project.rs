//! The steps that install packages of the source tree: the versions of their build backends, then
//! the packages themselves.

use std::collections::{BTreeMap, BTreeSet};

use packwright_planner::{Command, Input, LayerKind, Output, Selection, Step};

use super::{PIP, Question, UV, VENV_PYTHON, after, answer, environment_output, resolve, uv_step, words};
use crate::data::Delivery;
use crate::manifest::local::Local;

/// Where wheels are made.
const WHEELS: &str = "/tmp/wheel";

/// What build backends take for the version when there is no version control to ask. Backend,
/// variable.
///
/// Source: the documentation of setuptools-scm, poetry-dynamic-versioning.
const PRETENDED: &[(&str, &str)] = &[
    ("setuptools-scm", "SETUPTOOLS_SCM_PRETEND_VERSION"),
    ("setuptools_scm", "SETUPTOOLS_SCM_PRETEND_VERSION"),
    ("hatch-vcs", "SETUPTOOLS_SCM_PRETEND_VERSION"),
    ("vcs-versioning", "SETUPTOOLS_SCM_PRETEND_VERSION"),
    ("poetry-dynamic-versioning", "POETRY_DYNAMIC_VERSIONING_BYPASS"),
];

/// Forgets what uv notes about a directory: the time of day, and the hash of that.
const FORGET: &str = "import pathlib\n\
    for note in pathlib.Path('/opt/venv').glob('lib/*/site-packages/*.dist-info/uv_cache.json'):\n\
    \x20   note.unlink()\n\
    \x20   record = note.with_name('RECORD')\n\
    \x20   lines = record.read_text().splitlines(True)\n\
    \x20   record.write_text(''.join(line for line in lines if '/uv_cache.json,' not in line))\n";

/// The steps that install `locals`; none without any. A wheel is installed by pip, by name from a
/// directory of wheels: uv would write the time of day into `uv_cache.json`, and its hash into
/// `RECORD`.
pub(crate) fn projects(delivery: &Delivery, locals: &[Local]) -> Vec<Step> {
    if locals.is_empty() {
        return Vec::new();
    }
    // Source: PEP 518, "build-system table": what is meant when nothing is said.
    let legacy = ["setuptools>=40.8.0".to_owned()];
    let mut backend: Vec<String> = Vec::new();
    for local in locals {
        let requires = if local.build_requires.is_empty() { &legacy[..] } else { &local.build_requires };
        backend.extend(requires.iter().filter(|one| !backend.contains(one)).cloned().collect::<Vec<_>>());
    }
    let question = resolve(
        &delivery.interpreter(),
        &Question {
            step: "python.backend",
            why: "finds the versions of what builds the project",
            answer: "backend.txt",
            requirements: &backend,
            files: &[],
            arguments: &[],
            source: None,
            variables: &[],
        },
    );
    let mut project = uv_step("python.project", "installs the project itself", &[]);
    project.inputs.extend([
        after("python.install"),
        after("python.backend"),
        Input::Source(Selection::all()),
    ]);
    let pretended = pretended(locals);
    project.settings.extend(pretended.keys().cloned());
    project.environment.extend(pretended);
    let constraints = answer("backend.txt");
    let (editable, wheels): (Vec<&Local>, Vec<&Local>) = locals.iter().partition(|local| local.editable);
    for local in &wheels {
        let mut build = words([UV, "build", "--wheel", "--python", &delivery.interpreter()]);
        build.extend(words(["--build-constraints", &constraints, "--out-dir", WHEELS, &local.place()]));
        project.commands.push(Command::Exec(build));
    }
    if !wheels.is_empty() {
        project.commands.push(Command::Shell(format!(
            "set --; for wheel in {WHEELS}/*.whl; do \
             wheel=\"${{wheel##*/}}\"; set -- \"$@\" \"${{wheel%%-*}}\"; done; \
             {VENV_PYTHON} {PIP} install --quiet --root-user-action ignore \
             --disable-pip-version-check --no-compile --no-deps --no-index \
             --find-links {WHEELS} \"$@\""
        )));
    }
    if !editable.is_empty() {
        let mut install = words([UV, "pip", "install", "--python", VENV_PYTHON, "--no-deps", "--refresh"]);
        install.extend(words(["--build-constraints", &constraints]));
        let places: BTreeSet<String> = editable.iter().map(|local| local.place()).collect();
        install.extend(places.into_iter().flat_map(|place| ["--editable".to_owned(), place]));
        project.commands.push(Command::Exec(install));
        project.commands.push(Command::Exec(words([VENV_PYTHON, "-c", FORGET])));
    }
    project.outputs = vec![Output { layer: Some(LayerKind::Build), ..environment_output() }];
    vec![question, project]
}

/// The variables that stand in for version control.
pub(crate) fn pretended(locals: &[Local]) -> BTreeMap<String, String> {
    let requires = || locals.iter().flat_map(|local| &local.build_requires);
    let names = PRETENDED.iter().filter(|(backend, _)| {
        requires().any(|line| {
            let rest = line.trim().to_lowercase();
            rest.strip_prefix(backend)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-'))
        })
    });
    names.map(|&(_, variable)| (variable.to_owned(), "0.0.0".to_owned())).collect()
}

/// The variables that stand in for version control when `steps` build the project.
pub(crate) fn pretends(steps: &[Step]) -> impl Iterator<Item = &'static str> {
    let project = steps.iter().find(|step| step.name.as_str() == "python.project");
    let environment = project.map(|step| &step.environment);
    let names: BTreeSet<&str> = PRETENDED.iter().map(|&(_, variable)| variable).collect();
    names.into_iter().filter(move |&name| environment.is_some_and(|set| set.contains_key(name)))
}
