//! `packwright lock`: every open version of the plan, pinned.

use std::fs;
use std::path::{Path, PathBuf};

use crate::application::Application;
use crate::commands::build::strictness;
use crate::exit::Exit;
use crate::flags::Lock;
use crate::output;
use crate::report::{Failure, Report};
use crate::site::{Ground, Order, Site};
use crate::surroundings::Surroundings;

pub(super) fn lock(flags: &Lock, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let store = surroundings.store(flags.making.store.store.as_deref())?;
    let outputs: Vec<PathBuf> = flags.output.iter().map(|file| surroundings.absolute(file)).collect();
    let application = Application::read(surroundings, &flags.place.dir, &outputs)?;
    application.refuse_inside(&store)?;
    let plan = application.plan(&flags.source, &flags.environment)?;
    let order = Order::new(surroundings, &plan, &flags.source.secrets, &flags.making, &application.dir)?;
    let site = Site::open(surroundings, &flags.making)?;
    site.notice(plan.diagnostics.clone());
    let ground = Ground::open(&site, &store.path, flags.making.steps.isolation, None)?;
    let events = |event| site.hear(event);
    let context = site.context(&ground, &order, &events)?;
    let source = application.snapshot(&ground.store)?;
    let lock = packwright_engine::pin(&context, &plan, &source, strictness(flags.source.strict))
        .map_err(|error| site.failure(&ground, error))?;
    let path = match &flags.output {
        Some(file) => surroundings.absolute(file),
        None => application.lock_path(),
    };
    write(&path, &lock.to_text())?;
    site.finish();
    output::result(&format!("{}\n", path.display()))?;
    Ok(Exit::Done)
}

/// Writes beside `path` and renames, so that a lock is there whole or as it was before.
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
