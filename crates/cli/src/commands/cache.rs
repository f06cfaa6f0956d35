//! `packwright cache info|prune`.

use packwright::store::{PrunePolicy, Store, StoreUsage};

use crate::exit::Exit;
use crate::flags::commands::Cache;
use crate::host::Host;
use crate::output;
use crate::report::{Failure, Report};
use crate::terminal::numbers::bytes;
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
        Cache::Prune { all, older_than, max_size, store } => {
            let place = host.store(store.store.as_deref())?;
            if !place.path.join("format").exists() {
                return Err(Report::new(format!("there is no store at `{}`", place.path.display()))
                    .why(format!("{} says that it is there", place.origin))
                    .fix("name the store with `--store DIR`")
                    .into());
            }
            let policy =
                PrunePolicy::default().with_all(*all).with_older_than(*older_than).with_max_size(*max_size);
            let removed = Store::open(&place.path)?.prune(&policy)?;
            output::result(&format!("removed {}\n{}", bytes(removed.bytes()), disk_usage(&removed)))?;
        }
    }
    Ok(Exit::Done)
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
