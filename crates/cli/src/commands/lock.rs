//! `packwright lock`: every open version of the plan, pinned, and what its steps fetch.

use std::fs;
use std::path::{Path, PathBuf};

use packwright::{LockUse, Source};

use super::lock_record::FetchSources;
use crate::exit::Exit;
use crate::flags::commands::Lock;
use crate::host::Host;
use crate::output;
use crate::report::{Failure, Report};
use crate::session::{Session, StepValues, refuse_inside, source};
use crate::terminal::style::Style;

pub(super) fn lock(flags: &Lock, host: &Host) -> Result<Exit, Failure> {
    let store = host.store(flags.build.store.store.as_deref())?;
    let outputs: Vec<PathBuf> = flags.output.iter().map(|file| host.absolute(file)).collect();
    let catalog = flags.source.catalog();
    let source = source(host, &catalog, &flags.source_dir.dir, &outputs)?;
    refuse_inside(&source, &store)?;
    let plan = catalog.plan(&source, &flags.source.plan_options(&flags.environment))?;
    let values = StepValues::read(host, &catalog, &plan, &flags.source.secrets)?;
    let session = Session::open(host, &flags.build)?;
    let builder = values.give(session.builder(&store.path, catalog, &flags.build)?);
    let sources = FetchSources::default();
    let heard = sources.clone();
    let mut options = session.options_with(move |event| heard.hear(event));
    options.plan = flags.source.plan_options(&flags.environment);
    // A new lock has new answers.
    options.lock = LockUse::Never;
    let planned = |source: &Source| {
        let plan = builder.catalog().plan(source, &flags.source.plan_options(&flags.environment))?;
        let values = StepValues::read(host, builder.catalog(), &plan, &flags.source.secrets)?;
        Ok((plan, values.give(builder.clone())))
    };
    let lock =
        session.of_one_moment(&source, (plan, builder.clone()), planned, |source, plan, builder| {
            let plan = builder.settle(source, plan, &options)?;
            builder.lock_plan(source, &plan, &options)
        })?;
    let own = || source.lock_path().expect("the source is a directory");
    let path = flags.output.as_ref().map_or_else(own, |file| host.absolute(file));
    write(&path, &lock.to_text())?;
    session.finish();
    let record = match flags.explain {
        true => sources.text(&lock, Style::new(host.terminal.result_colour)),
        false => String::new(),
    };
    output::result(&format!("{}\n{record}", path.display()))?;
    Ok(Exit::Done)
}

/// Writes a draft beside `path` and renames it, so that the file is either complete or as before.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let dir = path.parent().unwrap_or(Path::new("/"));
    let draft = tempfile::Builder::new().prefix(".packwright-lock").tempfile_in(dir);
    let written = draft.and_then(|draft| {
        fs::write(draft.path(), text)?;
        // Drafts are for the owner alone; a lock is as readable as other sources.
        let mode = rustix::process::umask(rustix::fs::Mode::empty());
        rustix::process::umask(mode);
        let readable = rustix::fs::Mode::from_raw_mode(0o666) - mode;
        rustix::fs::fchmod(draft.as_file(), readable)?;
        draft.as_file().sync_all()?;
        draft.persist(path).map_err(|error| error.error)
    });
    match written {
        Ok(_) => Ok(()),
        Err(error) => Err(Report::new(format!("cannot write the lock `{}`", path.display()))
            .because(&error)
            .fix("make its directory writable for you, or name another file with `-o FILE`")
            .into()),
    }
}
