//! `packwright cache info|prune`.

use packwright::store::{Info, Policy, Store};

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
                true => text.push_str(&rooms(&Store::open(&place.path)?.info()?)),
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
            let policy = Policy { all: *all, older_than: *older_than, max_size: *max_size };
            let removed = Store::open(&place.path)?.prune(&policy)?;
            output::result(&format!("removed {}\n{}", bytes(removed.bytes()), rooms(&removed)))?;
        }
    }
    Ok(Exit::Done)
}

fn rooms(info: &Info) -> String {
    let rooms = [
        ("files", info.files),
        ("blobs", info.blobs),
        ("trees", info.trees),
        ("roots", info.roots),
        ("records", info.records),
        ("caches", info.caches),
    ];
    let mut rows: Vec<[String; 3]> =
        rooms.map(|(name, room)| [name.to_owned(), room.count.to_string(), bytes(room.bytes)]).to_vec();
    rows.push(["all".to_owned(), String::new(), bytes(info.bytes())]);
    table("  ", &rows)
}
