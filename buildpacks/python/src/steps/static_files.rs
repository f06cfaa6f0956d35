//! `python.static`: Django collects its static files, offline.

use packwright_buildpack::planner::{Command, Input, Output, Selection, Step};
use packwright_buildpack::step::{after, path, step, words};

use super::environment::VENV_PYTHON;
use crate::framework::application::StaticFiles;
use crate::messages;

/// `python.static`: Django collects its static files, offline and under a dummy secret key.
/// `after_project` when the project itself is installed.
pub(crate) fn static_files(files: &StaticFiles, after_project: bool) -> Step {
    let mut collect = step("python.static", "collects static files, with a dummy for the secret key");
    collect.hint = Some(messages::STATIC_HINT.to_owned());
    collect.inputs.push(after("python.install"));
    if after_project {
        collect.inputs.push(after("python.project"));
    }
    collect.inputs.push(Input::Source(Selection::all()));
    let into = files.into.as_ref().map_or("app", |path| path.as_str());
    collect.commands = vec![
        // Without any static file nothing would be left behind.
        Command::Exec(words(&["mkdir", "-p", &format!("/{into}")])),
        Command::Exec(words(&[VENV_PYTHON, files.manage.as_str(), "collectstatic", "--noinput"])),
    ];
    let dummies = files.secret_keys.iter().map(|name| (name.clone(), DUMMY_KEY.to_owned()));
    collect.environment = dummies.collect();
    // What a platform's file sets is there when the settings run in the image, so it is here.
    collect.environment.extend(files.variables.iter().map(|(name, value)| (name.clone(), value.clone())));
    let fixed = [
        ("DJANGO_SETTINGS_MODULE", files.settings.as_str()),
        ("PATH", "/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        // Bytecode of the source would land in the output.
        ("PYTHONDONTWRITEBYTECODE", "1"),
    ];
    for (name, value) in fixed {
        collect.environment.insert(name.to_owned(), value.to_owned());
    }
    collect.leaves(Output::layer(path(into), files.layer))
}

/// Long enough for Django's checks; says what it is should it ever be seen.
pub(crate) const DUMMY_KEY: &str = "packwright-build-only-dummy-this-key-signs-nothing-and-is-in-no-image";
