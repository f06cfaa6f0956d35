//! `railpack build`, `prepare` and `info`, and what the other commands of Railpack say.
//!
//! What these commands cannot do is an error, never another image: above all there is no plan for BuildKit.

use std::fs;
use std::path::Path;

use packwright::planner::Diagnostic;
use packwright::railpack::{self, Caller, CommandLine, Planned};
use packwright::{Catalog, Secret, Source};

use super::{caller, loading, messages};
use crate::commands::plan;
use crate::exit::Exit;
use crate::flags::groups::{self, LogFlags};
use crate::flags::railpack::{Application, Info, InfoFormat, Prepare, Railpack, RailpackBuild, Work};
use crate::host::Host;
use crate::output;
use crate::report::{Failure, Report};
use crate::session::{Session, StepValues, refuse_inside, source};
use crate::terminal::notices::show_notices;
use crate::terminal::style::Style;
use crate::terminal::summary::Summary;

pub(super) fn railpack(line: &Railpack, host: &Host) -> Result<Exit, Failure> {
    match &line.work {
        Work::Build(flags) => build(flags, host),
        Work::Prepare(flags) => prepare(flags, host),
        Work::Info(flags) => info(flags, host),
        Work::Plan(flags) => {
            made(&flags.application, host)?;
            Err(messages::no_railpack_plan("plan").into())
        }
        Work::Schema => Err(messages::not_there(
            "a schema of our own for railpack.json",
            "the file is Railpack's",
            "take the one at https://schema.railpack.com; COMPATIBILITY.md says what is done for each key",
        )),
        Work::Frontend => Err(messages::not_there(
            "a frontend of BuildKit",
            "images are made without BuildKit",
            "call `railpack build DIRECTORY --name NAME`",
        )),
    }
}

/// An application with its plan.
struct Made {
    source: Source,
    catalog: Catalog,
    caller: Caller,
    planned: Planned,
    said: Vec<Diagnostic>,
}

/// The plan for a command line.
fn made(application: &Application, host: &Host) -> Result<Made, Failure> {
    let mut said = Vec::new();
    // A name with `=` and nothing behind it is skipped, as Railpack does.
    let given =
        application.env.iter().filter(|text| text.split_once('=').is_none_or(|(_, value)| !value.is_empty()));
    let given: Vec<String> = given.cloned().collect();
    let environment = caller::variables(&given, host, &mut said)?;
    let line = CommandLine {
        build: application.build_cmd.clone(),
        start: application.start_cmd.clone(),
        config: application.config_file.clone(),
        previous: application.previous.clone(),
    };
    let caller = Caller::new(line, environment);
    let catalog = Catalog::default();
    let source = source(host, &groups::catalog(Some("railpack")), &application.path, &[])?;
    let planned = railpack::plan(&catalog, &source, &caller)?;
    let Some(mut planned) = planned else { return Err(messages::nothing(&source, "--start-cmd")) };
    said.extend(caller.diagnostics());
    match planned.no_start.take() {
        Some(why) if application.error_missing_start => return Err(why.into()),
        Some(_) => said.push(messages::no_start()),
        None => {}
    }
    Ok(Made { source, catalog, caller, planned, said })
}

impl Made {
    /// All that is said about it.
    fn told(&self) -> Vec<Diagnostic> {
        self.said.iter().chain(&self.planned.plan.diagnostics).cloned().collect()
    }

    fn info(&self) -> railpack::Info {
        railpack::Info::of(&self.planned.plan, &self.told())
    }
}

fn prepare(flags: &Prepare, host: &Host) -> Result<Exit, Failure> {
    let asked = [("--plan-out", flags.plan_out.is_some()), ("--show-plan", flags.show_plan)];
    let refused =
        asked.into_iter().find(|(_, given)| *given).map(|(flag, _)| messages::no_railpack_plan(flag));
    let made = made(&flags.application, host).and_then(|made| {
        if !flags.hide_pretty_plan {
            output::result(&plan::text(&made.planned.plan, Style::new(host.terminal.result_colour)))?;
            show_notices(&made.told(), LogFlags::default(), host.terminal);
        }
        match refused {
            Some(refused) => Err(refused.into()),
            None => Ok(made),
        }
    });
    if let Some(file) = &flags.info_out {
        // Whoever reads the file finds the failure there.
        let info = match &made {
            Ok(made) => made.info(),
            Err(failure) => railpack::Info::failed(failure.reports.iter().map(problem)),
        };
        write(&host.absolute(file), &json(&info))?;
    }
    made.map(|_| Exit::Done)
}

fn info(flags: &Info, host: &Host) -> Result<Exit, Failure> {
    let made = made(&flags.application, host);
    let text = match (flags.format, &made) {
        (InfoFormat::Json, Ok(made)) => json(&made.info()),
        (InfoFormat::Json, Err(failure)) => {
            json(&railpack::Info::failed(failure.reports.iter().map(problem)))
        }
        (InfoFormat::Pretty, Ok(made)) => {
            let colour = host.terminal.result_colour && flags.out.is_none();
            plan::text(&made.planned.plan, Style::new(colour))
        }
        (InfoFormat::Pretty, Err(_)) => String::new(),
    };
    match &flags.out {
        Some(file) => write(&host.absolute(file), &text)?,
        None => output::result(&text)?,
    }
    let made = made?;
    if flags.format == InfoFormat::Pretty {
        show_notices(&made.told(), LogFlags::default(), host.terminal);
    }
    Ok(Exit::Done)
}

fn build(flags: &RailpackBuild, host: &Host) -> Result<Exit, Failure> {
    refuse(flags)?;
    let store = host.store(None)?;
    let Made { source, catalog, caller, planned, mut said } = made(&flags.application, host)?;
    refuse_inside(&source, &store)?;
    if flags.show_plan {
        output::result(&plan::text(&planned.plan, Style::new(host.terminal.result_colour)))?;
    }
    said.extend(remarks(flags));
    let engine = loading::engine(None, host)?;
    let build_flags = loading::build_flags(flags.no_cache, None)?;
    let secret = |(name, value): (&_, &String)| Secret::new(Clone::clone(name), value.as_bytes());
    let secrets: Vec<Secret> = caller.secrets().iter().map(secret).collect::<Result<_, _>>()?;
    let values = StepValues::read(host, &catalog, &planned.plan, &[])?.and(secrets);
    let session = Session::open(host, &build_flags)?;
    session.notice(said);
    let builder = values.give(session.builder(&store.path, catalog, &build_flags)?);
    let mut options = session.options();
    options.image.epoch = host.epoch(None)?;
    let build =
        builder.build_plan(&source, planned.plan, &options).map_err(|error| session.failure(error))?;
    let names = [loading::tagged(&name(flags, host))];
    loading::load(&engine, &build, &names, &session, host)?;
    let notices = session.finish();
    let took = session.started.elapsed();
    let summary = Summary { build: &build, destinations: &[], notices: &notices, took };
    output::message(&summary.text(Style::new(host.terminal.colour)));
    output::result(&messages::loaded(&build.digest().to_string(), engine.address(), &names))?;
    Ok(Exit::Done)
}

/// The image's name; without one, that of the directory.
///
/// Source: railwayapp/railpack, `buildkit/build.go`, `getImageName`.
fn name(flags: &RailpackBuild, host: &Host) -> String {
    let dir = host.absolute(&flags.application.path);
    let dir = fs::canonicalize(&dir).unwrap_or(dir);
    let usual = || dir.file_name().map(|name| name.to_string_lossy().to_lowercase());
    flags.name.clone().or_else(usual).unwrap_or_else(|| "railpack-app".to_owned())
}

/// Refuses what cannot be done and would be missed.
fn refuse(flags: &RailpackBuild) -> Result<(), Failure> {
    let ours = match std::env::consts::ARCH {
        "x86_64" => "linux/amd64",
        "aarch64" => "linux/arm64",
        other => other,
    };
    if let Some(dir) = &flags.output {
        return Err(messages::not_followed(
            &format!("--output {}", dir.display()),
            "no file system is written out",
            "`packwright build DIRECTORY -o oci:DIR` writes the image",
        ));
    }
    if let Some(platform) = flags.platform.as_deref().filter(|platform| !platform.starts_with(ours)) {
        return Err(messages::not_followed(
            &format!("--platform {platform}"),
            "images are made for this machine's processor",
            "build on a machine of that kind",
        ));
    }
    if let Some(place) = flags.cache_to.first() {
        return Err(messages::not_followed(
            &format!("--cache-to {place}"),
            "what builds share is in the store, and is not exported",
            "keep the store (PACKWRIGHT_STORE) between builds, and leave the flag out",
        ));
    }
    match flags.dump_llb {
        true => Err(messages::not_followed(
            "--dump-llb",
            "images are made without BuildKit",
            "`packwright plan DIRECTORY --format json` prints the plan",
        )),
        false => Ok(()),
    }
}

/// Remarks about flags that change no image.
fn remarks(flags: &RailpackBuild) -> Vec<Diagnostic> {
    let given = [
        ("--progress", flags.progress.is_some(), "progress is shown as the terminal allows"),
        (
            "--cache-key",
            flags.cache_key.is_some(),
            "results are kept by what they were made of, and found again whoever asks",
        ),
        ("--cache-from", !flags.cache_from.is_empty(), "the store keeps what builds share"),
    ];
    let given = given.into_iter().filter(|(_, given, _)| *given);
    given.map(|(flag, _, why)| messages::without_effect(flag, why)).collect()
}

/// A problem as one text.
fn problem(report: &Report) -> String {
    let rest = report.why.iter().chain(&report.fix);
    std::iter::once(&report.message).chain(rest).cloned().collect::<Vec<_>>().join("\n")
}

fn json(info: &railpack::Info) -> String {
    format!("{}\n", serde_json::to_string_pretty(info).expect("what is told is plain text"))
}

/// Writes a file, and the directories above it, as Railpack does.
fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let above = file.parent().map_or(Ok(()), fs::create_dir_all);
    above.and_then(|()| fs::write(file, text)).map_err(|error| messages::unwritable(file, &error))
}
