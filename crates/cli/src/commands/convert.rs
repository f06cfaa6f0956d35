//! `packwright convert`: writes a platform's files from what the files of other platforms declare and
//! from the plan. Where there is no plan, what the files declare is written all the same, and why there is none is
//! said. Needs neither store nor network, and overwrites nothing.

use std::fs;
use std::io::Write;
use std::path::Path;

use packwright::planner::{AppModel, Component, Diagnostic, Language, Origin, Requested, Severity, has};
use packwright::platforms::{Conversion, Converted, with_build_lines};
use packwright::{Catalog, Error, Source};

use crate::exit::Exit;
use crate::flags::groups::LogFlags;
use crate::flags::platforms::Convert;
use crate::flags::values;
use crate::host::Host;
use crate::output;
use crate::report::{Failure, Report};
use crate::session::source;
use crate::terminal::notices::show_notices;

pub(super) fn convert(flags: &Convert, host: &Host) -> Result<Exit, Failure> {
    let catalog = flags.source.catalog();
    let source = source(host, &catalog, &flags.source_dir.dir, &[])?;
    let (platform, write) = packwright::platforms::platform(&flags.to)
        .and_then(|platform| Some((platform, platform.write?)))
        .expect("the flag takes the names of platforms with a writer");
    let options = flags.source.plan_options(&flags.environment);
    let environment = values::environment(&flags.environment);
    let (model, said) = match catalog.plan(&source, &options) {
        Ok(plan) => {
            let model = catalog.model(&source, plan.root.as_ref(), &environment);
            let model = model.completed(&plan, &source, &catalog.buildpacks());
            let model = match platform.runs_commands_alone {
                true => with_build_lines(model, &plan),
                false => model,
            };
            (model, plan.diagnostics)
        }
        Err(Error::Plan(error)) if !flags.source.strict => {
            let model = catalog.model(&source, options.root.as_ref(), &environment);
            if !model.components.iter().any(declares) {
                return Err(error.into());
            }
            let model = with_languages(model, &source, &catalog);
            (model, error.problems().into_iter().map(without_plan).collect())
        }
        Err(error) => return Err(error.into()),
    };
    let converted = write(&Conversion { model: &model, image: flags.image.as_deref() });
    match &flags.output {
        None => output::result(&printed(&converted))?,
        Some(dir) => save(&converted, &host.absolute(dir))?,
    }
    let said: Vec<Diagnostic> = said.iter().chain(&converted.losses).cloned().collect();
    show_notices(&said, LogFlags::default(), host.terminal);
    Ok(Exit::Done)
}

/// Whether files declare something that another platform's file can say.
fn declares(component: &Component) -> bool {
    !component.processes.is_empty() || !component.phases.is_empty() || !component.environment.is_empty()
}

/// The model with the language of each part whose manifest says it: writers ask for it, and no plan does.
fn with_languages(mut model: AppModel, source: &Source, catalog: &Catalog) -> AppModel {
    let facts = catalog.facts();
    for part in model.components.iter_mut().filter(|part| part.language.is_none()) {
        let in_dir = part.dir().map_or_else(String::new, |dir| format!("{dir}/"));
        let manifest = |language: &&Language| {
            let mut paths = language.manifests.iter().map(|name| format!("{in_dir}{name}"));
            paths.find_map(|path| path.parse().ok().filter(|_| has(source, &path)))
        };
        let known = facts.iter().filter(|language| language.is_supported);
        part.language = known.copied().find_map(|language| {
            let origin = Origin::file(&manifest(&language)?);
            Some(Requested { value: language.name.to_owned(), origin })
        });
    }
    model
}

/// What keeps the application from being planned, as a loss: what is detected is not written.
fn without_plan(problem: Diagnostic) -> Diagnostic {
    let why = problem.why.map_or(String::new(), |why| format!("{why}; "));
    Diagnostic {
        severity: Severity::Warning,
        why: Some(format!("{why}what the files declare is written, and nothing that is detected")),
        ..problem
    }
}

/// All files; each below its name when there are several, as `head` and `tail` print them.
fn printed(converted: &Converted) -> String {
    let mut files = converted.files.iter();
    match (files.next(), files.next()) {
        (Some((_, only)), None) => only.clone(),
        _ => converted.files.iter().map(|(path, text)| format!("==> {path} <==\n{text}\n")).collect(),
    }
}

/// Writes all files, or none when one of them is there already.
fn save(converted: &Converted, dir: &Path) -> Result<(), Failure> {
    if let Some(there) = converted.files.keys().map(|path| dir.join(path)).find(|path| path.exists()) {
        return Err(Failure::usage(
            Report::new(format!("`{}` is there already", there.display()))
                .fix("move it away, or write the files into another directory"),
        ));
    }
    for (path, text) in &converted.files {
        let path = dir.join(path);
        let parent = path.parent().unwrap_or(dir);
        let made = fs::create_dir_all(parent)
            .and_then(|()| fs::OpenOptions::new().write(true).create_new(true).open(&path))
            .and_then(|mut file| file.write_all(text.as_bytes()));
        made.map_err(|error| {
            Failure::usage(
                Report::new(format!("cannot write `{}`", path.display()))
                    .because(&error)
                    .fix("check the directory and its permissions"),
            )
        })?;
        output::message(&format!("wrote {}\n", path.display()));
    }
    Ok(())
}
