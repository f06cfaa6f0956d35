//! `packwright run`: builds a directory, or takes an image, and runs a process of it in the
//! sandbox.

use std::collections::BTreeMap;

use packwright::oci::{Digest, ImageConfig, Tree};
use packwright::sandbox::{Outcome, Stream};
use packwright::{BuildOptions, Builder, Catalog, Destination, Source, StartOptions};

use super::build::{again, plan, settled};
use crate::exit::Exit;
use crate::flags::commands::Run;
use crate::flags::groups::LogFormat;
use crate::flags::values;
use crate::host::{Host, Located};
use crate::output;
use crate::report::{Failure, Report};
use crate::session::{Session, StepValues, refuse_inside, source};
use crate::terminal::json;
use crate::terminal::numbers::elapsed;

pub(super) fn run(flags: &Run, host: &Host) -> Result<Exit, Failure> {
    let store = host.store(flags.build.store.store.as_deref())?;
    match image(flags)? {
        Some(image) => run_image(flags, host, &store, &image),
        None => run_directory(flags, host, &store),
    }
}

/// The image, when the argument names one and not a directory.
///
/// Errors: the text names no image; flags are given that choose how a directory is built.
fn image(flags: &Run) -> Result<Option<Destination>, Failure> {
    let text = flags.what.to_string_lossy();
    if !["oci:", "oci-archive:", "docker-archive:"].iter().any(|transport| text.starts_with(transport)) {
        return Ok(None);
    }
    let for_building = [
        ("--secret", !flags.source.secrets.is_empty()),
        ("--strict", flags.source.strict),
        ("--build-env", !flags.build_environment.is_empty()),
        ("--plan", flags.image.plan.is_some()),
        ("--lock", flags.image.lock.is_some()),
        ("--locked", flags.image.locked),
        ("--epoch", flags.image.epoch.is_some()),
    ];
    let given = for_building.iter().find(|(_, is_given)| *is_given).map(|(flag, _)| *flag);
    if let Some(flag) = flags.source.about_the_plan().or(given) {
        return Err(Failure::usage(
            Report::new(format!("`{flag}` has no meaning for `{text}`, which is built already"))
                .fix("leave it out, or name a directory"),
        ));
    }
    match text.parse() {
        Ok(place) => Ok(Some(place)),
        Err(error) => Err(Failure::usage(Report::of(&error, Some(error.fix().to_owned())))),
    }
}

fn run_image(flags: &Run, host: &Host, store: &Located, image: &Destination) -> Result<Exit, Failure> {
    let session = Session::open(host, &flags.build)?;
    let builder = session.builder(&store.path, Catalog::default(), &flags.build)?;
    let opened = builder.open_image(image, &session.options()).map_err(|error| session.failure(error))?;
    session.finish();
    begin(flags, &session, &builder, opened.image.digest, &[opened.root], &opened.config)
}

fn run_directory(flags: &Run, host: &Host, store: &Located) -> Result<Exit, Failure> {
    let catalog = flags.source.catalog();
    let source = source(host, &catalog, &flags.what, &[])?;
    refuse_inside(&source, store)?;
    let plan = plan(host, &catalog, &source, &flags.source, &flags.build_environment, &flags.image)?;
    let values = StepValues::read(host, &catalog, &plan, &flags.source.secrets)?;
    let session = Session::open(host, &flags.build)?;
    let builder = values.give(session.builder(&store.path, catalog, &flags.build)?);
    let mut options = session.image_options(&flags.image, flags.source.strict)?;
    options.plan = flags.source.plan_options(&flags.build_environment);
    let planned = |source: &Source| {
        again(host, &builder, source, &flags.source, &flags.build_environment, &flags.image)
    };
    let build =
        session.of_one_moment(&source, (plan, builder.clone()), planned, |source, plan, builder| {
            let plan = settled(&builder, source, plan, &flags.image, &options)?;
            builder.build_plan(source, plan, &options)
        })?;
    session.finish();
    begin(flags, &session, &builder, build.digest(), &build.image.trees, &build.image.config)
}

/// Runs the process until it ends.
fn begin(
    flags: &Run,
    session: &Session<'_>,
    builder: &Builder,
    digest: Digest,
    layers: &[Tree],
    config: &ImageConfig,
) -> Result<Exit, Failure> {
    let mut environment: BTreeMap<String, String> = values::environment(&flags.environment);
    if let Some(port) = flags.port {
        environment.insert("PORT".to_owned(), port.to_string());
    }
    let port = environment
        .get("PORT")
        .or_else(|| config.env.iter().find(|(name, _)| *name == "PORT").map(|(_, port)| port))
        .cloned();
    tell(flags, session, &digest, port.as_deref());
    let mut start = StartOptions::new(layers, config);
    start.process = flags.process.as_ref();
    start.environment = environment;
    session.listener.pass_on();
    let mut show = |stream, bytes: &[u8]| match stream {
        Stream::Stdout => output::pass_stdout(bytes),
        Stream::Stderr => output::pass_stderr(bytes),
    };
    let mut options = BuildOptions::default();
    options.cancel = session.listener.cancel.clone();
    let outcome = builder.run(&start, &options, &mut show).map_err(|error| session.failure(error))?;
    ended(outcome, session.listener.caught())
}

fn tell(flags: &Run, session: &Session<'_>, digest: &Digest, port: Option<&str>) {
    let process = match &flags.process {
        Some(process) => format!("`{process}`"),
        None => "the default process".to_owned(),
    };
    match flags.build.log.log_format {
        LogFormat::Json => json::emit(&serde_json::json!({
            "event": "running",
            "digest": digest.to_string(),
            "process": flags.process.as_ref().map(|process| process.as_str()),
            "port": port,
        })),
        LogFormat::Text if flags.build.log.quiet => {}
        LogFormat::Text => {
            let port = port.map_or(String::new(), |port| format!(" with PORT={port}"));
            let time = elapsed(session.started.elapsed());
            output::message(&format!(
                "ready after {time}: {digest}\nstarting {process}{port}; Ctrl-C ends it\n"
            ));
        }
    }
}

/// The status of the application, as a shell would give it.
fn ended(outcome: Outcome, caught: Option<i32>) -> Result<Exit, Failure> {
    match (outcome, caught) {
        (Outcome::Exited(status), _) => Ok(Exit::Application(status)),
        (Outcome::Signaled(signal), _) => Ok(Exit::Signal(signal)),
        // Killed by the second Ctrl-C, or before it could start.
        (Outcome::Cancelled, Some(signal)) => Ok(Exit::Signal(signal)),
        (other, _) => Err(Report::new(format!("the application was {other}")).into()),
    }
}
