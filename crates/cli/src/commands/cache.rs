//! `packwright cache info|verify|prune`.

use std::path::{Path, PathBuf};

use packwright::Event;
use packwright::store::{LockWait, PrunePolicy, Store, StoreUsage};

use crate::exit::Exit;
use crate::flags::commands::Cache;
use crate::host::Host;
use crate::output;
use crate::report::{Failure, Report};
use crate::terminal::numbers::bytes;
use crate::terminal::progress_text::holder;
use crate::terminal::style::table;

pub(super) fn cache(command: &Cache, host: &Host) -> Result<Exit, Failure> {
    match command {
        Cache::Info { store } => {
            let place = host.store(store.store.as_deref())?;
            let mut text = format!("{} ({})\n", place.path.display(), place.origin);
            match place.path.join("format").exists() {
                true => text.push_str(&disk_usage(&Store::open(&place.path)?.usage()?)),
                false => text.push_str("  nothing was stored yet\n"),
            }
            output::result(&text)?;
        }
        Cache::Verify { store } => {
            let place = existing(store.store.as_deref(), host)?;
            let store = Store::open(&place)?;
            let verified = store.verify(&mut || true)?;
            for damage in store.take_damage() {
                output::result(&format!("{}: {}\n", damage.message, damage.why.unwrap_or_default()))?;
            }
            output::result(&format!("{} entries read, {} damaged\n", verified.entries, verified.damaged))?;
            if verified.damaged > 0 {
                return Ok(Exit::Failed);
            }
        }
        Cache::Prune { all, older_than, max_size, wait, store } => {
            let place = existing(store.store.as_deref(), host)?;
            let policy =
                PrunePolicy::default().with_all(*all).with_older_than(*older_than).with_max_size(*max_size);
            let mut store = Store::open(&place)?;
            let removed = match wait {
                true => store.prune_when_free(&policy, &mut told())?,
                false => store.prune(&policy)?,
            };
            output::result(&format!("removed {}\n{}", bytes(removed.bytes()), disk_usage(&removed)))?;
        }
    }
    Ok(Exit::Done)
}

/// Tells once, after a while, who is waited for. Any signal ends this process, and with it the wait.
fn told() -> impl FnMut(&LockWait<'_>) -> bool {
    let mut tells = Event::waiting_for("the store");
    move |wait| {
        if let Some(Event::Waiting { process, .. }) = tells(wait) {
            output::message(&format!("waiting for {}, which is busy with the store\n", holder(process)));
        }
        true
    }
}

/// The store that the flag or the environment names, which is there.
fn existing(flag: Option<&Path>, host: &Host) -> Result<PathBuf, Failure> {
    let place = host.store(flag)?;
    match place.path.join("format").exists() {
        true => Ok(place.path),
        false => Err(Report::new(format!("there is no store at `{}`", place.path.display()))
            .why(format!("{} says that it is there", place.origin))
            .fix("name the store with `--store DIR`")
            .into()),
    }
}

fn disk_usage(usage: &StoreUsage) -> String {
    let parts = [
        ("files", usage.files),
        ("blobs", usage.blobs),
        ("trees", usage.trees),
        ("roots", usage.roots),
        ("records", usage.records),
        ("caches", usage.caches),
    ];
    let mut rows: Vec<[String; 3]> =
        parts.map(|(name, part)| [name.to_owned(), part.count.to_string(), bytes(part.bytes)]).to_vec();
    rows.push(["all".to_owned(), String::new(), bytes(usage.bytes())]);
    table("  ", &rows)
}
