//! `packwright build`.

use std::path::PathBuf;

use packwright_engine::{BuildError, Destination, Strictness};

use crate::application::Application;
use crate::exit::Exit;
use crate::flags::{Build, LogFormat};
use crate::making::{self, Made};
use crate::output;
use crate::report::{Failure, Report};
use crate::site::{Ground, Order, Site};
use crate::surroundings::Surroundings;
use crate::terminal::summary::Summary;
use crate::terminal::{Style, tell_json};

pub(super) fn build(flags: &Build, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let destinations = destinations(flags)?;
    let store = surroundings.store(flags.making.store.store.as_deref())?;
    let outputs: Vec<PathBuf> = destinations.iter().map(|place| surroundings.absolute(path(place))).collect();
    let application = Application::read(surroundings, &flags.place.dir, &outputs)?;
    application.refuse_inside(&store)?;
    let plan = making::plan(surroundings, &application, &flags.source, &flags.environment, &flags.image)?;
    let order = Order::new(surroundings, &plan, &flags.source.secrets, &flags.making, &application.dir)?;
    let site = Site::open(surroundings, &flags.making)?;
    site.notice(plan.diagnostics.clone());
    let ground = Ground::open(&site, &store.path, flags.making.steps.isolation, None)?;
    let events = |event| site.hear(event);
    let context = site.context(&ground, &order, &events)?;
    let strictness = strictness(flags.source.strict);
    let make = || making::make(&site, &ground, &context, &application, &plan, &flags.image, strictness);
    let deliver = |made: &Made| {
        destinations.iter().try_for_each(|destination| {
            packwright_engine::deliver(&context, &made.built.image, made.built.epoch, destination)
        })
    };
    let mut made = make()?;
    let mut delivered = deliver(&made);
    if delivered.as_ref().is_err_and(BuildError::is_damage) {
        // The store has thrown away what was damaged; the build makes it anew.
        made = make()?;
        delivered = deliver(&made);
    }
    delivered.map_err(|error| site.failure(&ground, error))?;
    let notices = site.finish();
    let summary = Summary {
        plan: &plan,
        lock: &made.lock,
        built: &made.built,
        rung: ground.rung,
        destinations: &destinations,
        notices: &notices,
        took: site.started.elapsed(),
    };
    match flags.making.log.log_format {
        LogFormat::Json => tell_json(&summary.json()),
        LogFormat::Text if flags.making.log.quiet => {}
        LogFormat::Text => output::say(&summary.text(Style::new(surroundings.terminal.colour))),
    }
    output::result(&format!("{}\n", made.built.image.digest))?;
    Ok(Exit::Done)
}

/// What a deviation from a wish is.
pub(super) fn strictness(strict: bool) -> Strictness {
    match strict {
        true => Strictness::Strict,
        false => Strictness::Lenient,
    }
}

fn destinations(flags: &Build) -> Result<Vec<Destination>, Failure> {
    let named = |output: &crate::flags::Output| output.named(flags.tag.as_deref());
    flags.outputs.iter().map(named).collect::<Result<_, _>>().map_err(|why| {
        Failure::usage(
            Report::new("`--tag` gives the image a name that the destination cannot have").why(why),
        )
    })
}

/// The directory or file that `destination` writes.
fn path(destination: &Destination) -> &std::path::Path {
    match destination {
        Destination::Layout { dir, .. } => dir,
        Destination::OciArchive { file, .. } | Destination::DockerArchive { file, .. } => file,
    }
}
