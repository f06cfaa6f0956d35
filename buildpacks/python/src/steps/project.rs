//! The steps that install packages of the source tree.
//!
//! ```text
//! python.backend ─▶ python.backends ─▶ python.project
//! versions           /opt/backend       sees the source, and has no network
//! ```

use std::collections::{BTreeMap, BTreeSet};

use packwright_buildpack::planner::{Command, Input, LayerKind, Output, Selection, Step};
use packwright_buildpack::step::{after, path, step, words};

use super::answers::answer;
use super::bootstrap::{PIP, UV, uv_step};
use super::environment::{VENV_PYTHON, environment_output};
use super::resolve::{Question, resolve};
use super::stand_ins::stand_ins;
use crate::manifest::local::Local;
use crate::messages;
use crate::releases::Delivery;

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

/// The environment of the build backends.
const BACKEND: &str = "/opt/backend";

/// What backends ask for beyond their own requirement when they build, which would be fetched then.
/// Backend, requirement, whether for editable installations alone.
///
/// Source: PEP 517 and 660, `get_requires_for_build_wheel` and `…_editable`, in each backend's code:
/// setuptools before 70.1 builds wheels with `wheel`; hatchling redirects imports with `editables`.
const ALSO: &[(&str, &str, bool)] = &[("setuptools", "wheel", false), ("hatchling", "editables", true)];

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
    let mut want = |requirement: &str| {
        if !backend.iter().any(|known| known == requirement) {
            backend.push(requirement.to_owned());
        }
    };
    for local in locals {
        let requires = if local.build_requires.is_empty() { &legacy[..] } else { &local.build_requires };
        requires.iter().for_each(|requirement| want(requirement));
        let uses = |backend: &str| requires.iter().any(|requirement| is_for(requirement, backend));
        let also =
            ALSO.iter().filter(|(backend, _, editable)| uses(backend) && (local.editable || !editable));
        also.for_each(|(_, requirement, _)| want(requirement));
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
    let mut backends = uv_step("python.backends", "installs what builds the project", &[]);
    backends.inputs.push(after("python.backend"));
    let python = format!("{BACKEND}/bin/python");
    backends.commands = vec![
        Command::Exec(words(&[&delivery.interpreter(), "-m", "venv", "--without-pip", BACKEND])),
        Command::Exec(words(&[
            UV,
            "pip",
            "install",
            "--python",
            &python,
            "--require-hashes",
            "-r",
            &answer("backend.txt"),
        ])),
    ];
    backends.outputs.push(Output { layer: None, path: path("opt/backend"), ..environment_output() });

    let mut project = step("python.project", "installs the project itself");
    project.hint = Some(messages::PROJECT_HINT.to_owned());
    project.inputs.extend([
        after("python.uv"),
        after("python.install"),
        after("python.backends"),
        Input::Source(Selection::all()),
    ]);
    project.environment = [("UV_CACHE_DIR", "/tmp/uv"), ("UV_LINK_MODE", "copy"), ("UV_NO_PROGRESS", "1")]
        .into_iter()
        .chain([("UV_OFFLINE", "1"), ("UV_PYTHON_DOWNLOADS", "never")])
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    project.environment.extend(pretended(locals));
    let absent: Vec<String> = locals.iter().flat_map(|local| local.absent.iter().cloned()).collect();
    project.commands.extend(stand_ins(&absent));
    // Backends find their own programs beside themselves.
    let with_backend = format!("export PATH=\"{BACKEND}/bin:$PATH\"; ");
    let (editable, wheels): (Vec<&Local>, Vec<&Local>) = locals.iter().partition(|local| local.editable);
    for local in &wheels {
        let mut build = words(&[UV, "build", "--wheel", "--no-build-isolation", "--python", &python]);
        build.extend(words(&["--out-dir", WHEELS, &local.place()]));
        project.commands.push(Command::Shell(format!("{with_backend}{}", Command::Exec(build))));
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
        let mut install = words(&[UV, "pip", "install", "--python", VENV_PYTHON, "--no-deps"]);
        install.push("--no-build-isolation".to_owned());
        let places: BTreeSet<String> = editable.iter().map(|local| local.place()).collect();
        install.extend(places.into_iter().flat_map(|place| ["--editable".to_owned(), place]));
        // Without isolation uv looks for the backend where it installs to.
        project.commands.push(Command::Shell(format!(
            "{with_backend}export PYTHONPATH=\"$(echo {BACKEND}/lib/python3*/site-packages)\"; {}",
            Command::Exec(install)
        )));
        project.commands.push(Command::Exec(words(&[VENV_PYTHON, "-c", FORGET])));
    }
    project.outputs = vec![Output { layer: Some(LayerKind::Build), ..environment_output() }];
    vec![question, backends, project]
}

/// Whether the requirement `line` is for the distribution `name`.
fn is_for(line: &str, name: &str) -> bool {
    let line = line.trim().to_lowercase();
    line.strip_prefix(name)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_'))
}

/// The variables that stand in for version control.
pub(crate) fn pretended(locals: &[Local]) -> BTreeMap<String, String> {
    let requires = || locals.iter().flat_map(|local| &local.build_requires);
    let names = PRETENDED.iter().filter(|(backend, _)| requires().any(|line| is_for(line, backend)));
    names.map(|&(_, variable)| (variable.to_owned(), "0.0.0".to_owned())).collect()
}

/// The variables that stand in for version control when `steps` build the project.
pub(crate) fn pretends(steps: &[Step]) -> impl Iterator<Item = &'static str> {
    let project = steps.iter().find(|step| step.name.as_str() == "python.project");
    let environment = project.map(|step| &step.environment);
    let names: BTreeSet<&str> = PRETENDED.iter().map(|&(_, variable)| variable).collect();
    names.into_iter().filter(move |&name| environment.is_some_and(|set| set.contains_key(name)))
}
