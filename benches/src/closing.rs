//! What the closing check costs: its share of a build from nothing, and of a rebuild that changes nothing.
//!
//! A rebuild that changes nothing has the check's record in the store and reads it; without that record it does all of
//! the check again and nothing else. The difference of the two is the check, in a warm page cache, as after a build.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::process::{Measured, median, packwright};

/// Prints the rows for `app`, whose build from nothing into `store` took `cold`.
pub(crate) fn measure(what: &str, app: &Path, store: &Path, output: &Path, cold: Duration, rounds: usize) {
    let again = crate::build(app, store, output);
    let records = store.join("records/verified");
    // In turns, so that a machine that becomes slower does so for both.
    let mut with = Vec::new();
    let mut without = Vec::new();
    packwright(&again);
    for _ in 0..rounds {
        with.push(packwright(&again));
        fs::remove_dir_all(&records).expect("a build leaves a record of its check");
        without.push(packwright(&again));
    }
    let check = median(&without).saturating_sub(median(&with));
    let percent = |part: Duration, whole: Duration| {
        format!("{:.1} %", 100.0 * part.as_secs_f64() / whole.as_secs_f64())
    };
    crate::row(&format!("{what}: the closing check"), &crate::seconds(check), "");
    crate::row(&format!("{what}: its share of a build from nothing"), &percent(check, cold), "5 %");
    let first = |measured: &[Measured]| crate::seconds(median(measured));
    crate::row(
        &format!("{what}: no-op rebuild with the check's record, and without"),
        &format!("{}, {}", first(&with), first(&without)),
        "",
    );
    let size = bytes(&records);
    crate::row(&format!("{what}: what a no-op rebuild reads for it"), &format!("{size} bytes"), "one record");
}

/// Bytes of all files in the directory.
fn bytes(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).expect("a build leaves a record of its check");
    entries.filter_map(|entry| entry.ok()?.metadata().ok()).map(|found| found.len()).sum()
}
