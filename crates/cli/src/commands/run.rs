//! `packwright run`: builds a directory, or takes an image, and runs a process of it in the
//! sandbox.

use std::collections::BTreeMap;

use packwright_engine::oci::{Digest, ImageConfig, Tree};
use packwright_engine::planner::Plan;
use packwright_engine::sandbox::{Outcome, Stream};
use packwright_engine::{Destination, Start, start};

use crate::application::Application;
use crate::commands::build::strictness;
use crate::exit::Exit;
use crate::flags::{LogFormat, Run};
use crate::making;
use crate::output;
use crate::report::{Failure, Report};
use crate::site::{Ground, Order, Site};
use crate::surroundings::{Located, Surroundings};
use crate::terminal::{elapsed, tell_json};

pub(super) fn run(flags: &Run, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let store = surroundings.store(flags.making.store.store.as_deref())?;
    let image = image(flags)?;
    let site = Site::open(surroundings, &flags.making)?;
    match &image {
        Some(image) => run_image(flags, &site, &store, image),
        None => run_directory(flags, &site, &store),
    }
}

/// The image that is named instead of a directory.
///
/// Errors: none of that kind; flags that choose how a directory is built.
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

fn run_image(flags: &Run, site: &Site<'_>, store: &Located, image: &Destination) -> Result<Exit, Failure> {
    let ground = Ground::open(site, &store.path, flags.making.steps.isolation, None)?;
    let order = Order::plain(&flags.making);
    let events = |event| site.hear(event);
    let context = site.context(&ground, &order, &events)?;
    let opened =
        packwright_engine::open_image(&context, image).map_err(|error| site.failure(&ground, error))?;
    site.finish();
    let digest = opened.image.digest;
    begin(flags, site, &ground, &context, digest, &[opened.root], &opened.config)
}

fn run_directory(flags: &Run, site: &Site<'_>, store: &Located) -> Result<Exit, Failure> {
    let surroundings = site.surroundings;
    let application = Application::read(surroundings, &flags.what, &[])?;
    application.refuse_inside(store)?;
    let plan: Plan =
        making::plan(surroundings, &application, &flags.source, &flags.build_environment, &flags.image)?;
    let order = Order::new(surroundings, &plan, &flags.source.secrets, &flags.making, &application.dir)?;
    site.notice(plan.diagnostics.clone());
    let ground = Ground::open(site, &store.path, flags.making.steps.isolation, None)?;
    let events = |event| site.hear(event);
    let context = site.context(&ground, &order, &events)?;
    let strictness = strictness(flags.source.strict);
    let made = making::make(site, &ground, &context, &application, &plan, &flags.image, strictness)?;
    site.finish();
    let built = &made.built;
    begin(flags, site, &ground, &context, built.image.digest, &built.trees, &built.config)
}

/// Runs the process until it ends.
fn begin(
    flags: &Run,
    site: &Site<'_>,
    ground: &Ground,
    context: &packwright_engine::BuildContext<'_>,
    digest: Digest,
    layers: &[Tree],
    config: &ImageConfig,
) -> Result<Exit, Failure> {
    let mut environment: BTreeMap<String, String> =
        flags.environment.iter().map(|set| (set.name.clone(), set.value.clone())).collect();
    if let Some(port) = flags.port {
        environment.insert("PORT".to_owned(), port.to_string());
    }
    let port = environment
        .get("PORT")
        .or_else(|| config.env.iter().find(|(name, _)| *name == "PORT").map(|(_, port)| port))
        .cloned();
    tell(flags, site, &digest, port.as_deref());
    let what = Start { layers, config, process: flags.process.as_ref(), environment };
    site.listener.pass_on();
    let mut show = |stream, bytes: &[u8]| match stream {
        Stream::Stdout => output::pass_stdout(bytes),
        Stream::Stderr => output::pass_stderr(bytes),
    };
    let outcome = start(context, &what, &mut show).map_err(|error| site.failure(ground, error))?;
    ended(outcome, site.listener.caught())
}

fn tell(flags: &Run, site: &Site<'_>, digest: &Digest, port: Option<&str>) {
    let process = match &flags.process {
        Some(process) => format!("`{process}`"),
        None => "the default process".to_owned(),
    };
    match flags.making.log.log_format {
        LogFormat::Json => tell_json(&serde_json::json!({
            "event": "running",
            "digest": digest.to_string(),
            "process": flags.process.as_ref().map(|process| process.as_str()),
            "port": port,
        })),
        LogFormat::Text if flags.making.log.quiet => {}
        LogFormat::Text => {
            let port = port.map_or(String::new(), |port| format!(" with PORT={port}"));
            let time = elapsed(site.started.elapsed());
            output::say(&format!("ready after {time}: {digest}\nstarting {process}{port}; Ctrl-C ends it\n"));
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
