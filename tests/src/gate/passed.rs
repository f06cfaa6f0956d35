//! What passed the gate, for a run that goes on where another one ended.
//!
//! ```text
//! target/tmp/gate    the program's length and time, then: trial, fixture, milliseconds
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, UNIX_EPOCH};

use crate::place;

/// The trials that passed, with the time that each took.
pub(super) struct Passed {
    before: BTreeMap<(String, String), Duration>,
    file: Mutex<File>,
}

impl Passed {
    /// What passed before with the very same `program`, or nothing where the run does not go on.
    pub(super) fn open(program: &Path, resume: bool) -> Passed {
        let path = place::temporary().join("gate");
        fs::create_dir_all(place::temporary()).unwrap();
        let about = fs::metadata(program).unwrap();
        let changed = about.modified().unwrap().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let head = format!("{} {changed}", about.len());
        let text = fs::read_to_string(&path).unwrap_or_default();
        let mut before = BTreeMap::new();
        if resume && text.lines().next() == Some(&head) {
            for line in text.lines().skip(1) {
                // The last line of a run that was killed may be cut.
                if let [trial, fixture, time] = line.split(' ').collect::<Vec<_>>()[..]
                    && let Ok(time) = time.parse()
                {
                    before.insert((trial.to_owned(), fixture.to_owned()), Duration::from_millis(time));
                }
            }
        } else {
            fs::write(&path, head + "\n").unwrap();
        }
        let file = OpenOptions::new().append(true).open(&path).unwrap();
        Passed { before, file: Mutex::new(file) }
    }

    /// How long `trial` took on `fixture` when it passed before.
    pub(super) fn time(&self, trial: &str, fixture: &str) -> Option<Duration> {
        self.before.get(&(trial.to_owned(), fixture.to_owned())).copied()
    }

    /// Keeps that `trial` passed on `fixture`.
    pub(super) fn add(&self, trial: &str, fixture: &str, time: Duration) {
        let line = format!("{trial} {fixture} {}\n", time.as_millis());
        self.file.lock().unwrap().write_all(line.as_bytes()).unwrap();
    }
}
