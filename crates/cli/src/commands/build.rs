//! `packwright build`, and the plan that it shares with `check` and `run`.

use std::fs;
use std::path::{Path, PathBuf};

use packwright::planner::Plan;
use packwright::{BuildOptions, Builder, Catalog, Destination, Error, Source};

use crate::exit::Exit;
use crate::flags::commands::Build;
use crate::flags::groups::{ImageFlags, LogFormat, SourceFlags};
use crate::flags::values::{Assignment, Output};
use crate::host::Host;
use crate::output;
use crate::report::{Failure, Report};
use crate::session::{Session, StepValues, refuse_inside, source};
use crate::terminal::json;
use crate::terminal::style::Style;
use crate::terminal::summary::Summary;

pub(super) fn build(flags: &Build, host: &Host) -> Result<Exit, Failure> {
    let destinations = destinations(flags)?;
    let store = host.store(flags.build.store.store.as_deref())?;
    let outputs: Vec<PathBuf> = destinations.iter().map(|place| host.absolute(place.path())).collect();
    let catalog = flags.source.catalog();
    let source = source(host, &catalog, &flags.source_dir.dir, &outputs)?;
    refuse_inside(&source, &store)?;
    let plan = plan(host, &catalog, &source, &flags.source, &flags.environment, &flags.image)?;
    let values = StepValues::read(host, &catalog, &plan, &flags.source.secrets)?;
    let session = Session::open(host, &flags.build)?;
    let builder = values.give(session.builder(&store.path, catalog, &flags.build)?);
    let mut options = session.image_options(&flags.image, flags.source.strict)?;
    options.plan = flags.source.plan_options(&flags.environment);
    let planned =
        |source: &Source| again(host, &builder, source, &flags.source, &flags.environment, &flags.image);
    let build =
        session.of_one_moment(&source, (plan, builder.clone()), planned, |source, plan, builder| {
            let plan = settled(&builder, source, plan, &flags.image, &options)?;
            builder.build_plan(source, plan, &options)
        })?;
    let mut delivered = destinations.iter().map(|destination| build.deliver(destination));
    delivered.try_for_each(|delivered| delivered.map_err(|error| session.failure(error)))?;
    let notices = session.finish();
    let took = session.started.elapsed();
    let summary = Summary { build: &build, destinations: &destinations, notices: &notices, took };
    match flags.build.log.log_format {
        LogFormat::Json => json::emit(&summary.json()),
        LogFormat::Text if flags.build.log.quiet => {}
        LogFormat::Text => output::message(&summary.text(Style::new(host.terminal.colour))),
    }
    output::result(&format!("{}\n", build.digest()))?;
    Ok(Exit::Done)
}

/// The plan in the file that `--plan` names, or the one made for `source`.
pub(super) fn plan(
    host: &Host,
    catalog: &Catalog,
    source: &Source,
    flags: &SourceFlags,
    environment: &[Assignment],
    image: &ImageFlags,
) -> Result<Plan, Failure> {
    let Some(file) = &image.plan else {
        return Ok(catalog.plan(source, &flags.plan_options(environment))?);
    };
    if let Some(flag) = flags.about_the_plan() {
        return Err(Failure::usage(
            Report::new(format!("`{flag}` has no meaning with `--plan`"))
                .why("the plan says already what it is about")
                .fix("give the flag to `packwright plan`, which writes the plan"),
        ));
    }
    Ok(catalog.adopt(read_plan(host, file)?, source, flags.strict)?)
}

/// `plan` with the answer to its question. A plan of the caller's own is built as it is.
pub(super) fn settled(
    builder: &Builder,
    source: &Source,
    plan: Plan,
    image: &ImageFlags,
    options: &BuildOptions,
) -> Result<Plan, Error> {
    match image.plan {
        Some(_) => Ok(plan),
        None => builder.settle(source, plan, options),
    }
}

/// [`plan`] for a source that changed, with the builder that gives its steps what they need.
pub(super) fn again(
    host: &Host,
    builder: &Builder,
    source: &Source,
    flags: &SourceFlags,
    environment: &[Assignment],
    image: &ImageFlags,
) -> Result<(Plan, Builder), Failure> {
    let plan = plan(host, builder.catalog(), source, flags, environment, image)?;
    let values = StepValues::read(host, builder.catalog(), &plan, &flags.secrets)?;
    Ok((plan, values.give(builder.clone())))
}

fn read_plan(host: &Host, file: &Path) -> Result<Plan, Failure> {
    let name = file.display();
    let text = fs::read_to_string(host.absolute(file)).map_err(|error| {
        Failure::usage(
            Report::new(format!("the plan `{name}` cannot be read")).because(&error).fix("check the path"),
        )
    })?;
    Plan::from_text(&text).map_err(|why| {
        Report::new(format!("`{name}` is not a plan"))
            .why(why)
            .fix(
                "`packwright plan --schema` describes the format; `packwright plan --format json` writes one",
            )
            .into()
    })
}

fn destinations(flags: &Build) -> Result<Vec<Destination>, Failure> {
    let named = |output: &Output| output.named(flags.tag.as_deref());
    flags.outputs.iter().map(named).collect::<Result<_, _>>().map_err(|why| {
        Failure::usage(
            Report::new("`--tag` gives the image a name that the destination cannot have").why(why),
        )
    })
}
