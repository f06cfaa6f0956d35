//! The gate: every trial on every fixture, several fixtures at a time, then the trials that are about none, with a
//! table at the end.
//!
//! All trials of a fixture run one after the other on one copy and one build of it. A trial that fails does not
//! keep the others from running.

mod passed;
mod table;

use std::collections::VecDeque;
use std::io::Write;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Args;

use crate::attacks;
use crate::command::{finish, say};
use crate::endurance;
use crate::fixture::{self, Fixture};
use crate::images;
use crate::place;
use crate::tenants;
use crate::trials::{Subject, TRIALS, Trial};
use passed::Passed;
use table::{Row, table};

/// A trial that is about the program and no fixture.
struct OfTheProgram {
    name: &'static str,
    about: &'static str,
    /// Panics when the program does not stand it.
    run: fn(),
}

const OF_THE_PROGRAM: &[OfTheProgram] = &[
    OfTheProgram {
        name: "attacks",
        about: "a step with network reaches nothing that it may not, as root and as an ordinary user",
        run: attacks::all,
    },
    OfTheProgram {
        name: "tenants",
        about: "in one store, no application changes the image of another one or reads its secrets",
        run: tenants::all,
    },
    OfTheProgram {
        name: "template",
        about: "what a build made of a secret is in no image of another application with the same files",
        run: tenants::a_template_tells_nothing,
    },
    OfTheProgram {
        name: "kills",
        about: "a build that is killed at any moment delivers nothing wrong, and the next one gives the image",
        run: endurance::kills,
    },
    OfTheProgram {
        name: "full-disk",
        about: "so does a build whose disk is full, and it goes on where there is room",
        run: endurance::full_disk,
    },
    OfTheProgram {
        name: "damage",
        about: "a byte that changes in any room of the store is noticed, and reaches no image",
        run: endurance::damage,
    },
    OfTheProgram {
        name: "images",
        about: "images of others that work lack nothing, and what was taken from others is named",
        run: images::all,
    },
];

/// A trial that is about the house and no fixture.
struct OfTheHouse {
    name: &'static str,
    about: &'static str,
    /// What cargo is told.
    words: fn(&Gate) -> Vec<String>,
}

const OF_THE_HOUSE: &[OfTheHouse] = &[
    OfTheHouse {
        name: "fuzz",
        about: "the readers of platforms' files stand changed files",
        words: |gate| {
            let words = "run --locked --release -p packwright-platforms --example fuzz -- fixtures";
            words.split(' ').map(str::to_owned).chain([gate.fuzz.to_string()]).collect()
        },
    },
    OfTheHouse {
        name: "package",
        about: "every crate is packaged, and builds from its package",
        words: |_| "package --locked --workspace --allow-dirty".split(' ').map(str::to_owned).collect(),
    },
];

/// What it does is said in `--help`.
#[derive(Debug, Args)]
pub struct Gate {
    /// Run this trial and no others; can be given several times
    #[arg(long, value_name = "TRIAL")]
    only: Vec<String>,
    /// Try this fixture and no others; can be given several times
    #[arg(long, value_name = "NAME")]
    fixture: Vec<String>,
    /// How many fixtures are tried at a time
    #[arg(long, value_name = "NUMBER", default_value = "3")]
    workers: NonZero<usize>,
    /// How long the fuzzer throws changed files at the reader of each platform
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    fuzz: u32,
    /// Leave out what passed before, with this very program
    #[arg(long)]
    resume: bool,
    /// Name the trials and the fixtures, and run nothing
    #[arg(long)]
    list: bool,
}

/// What stands for a fixture where there is none.
const NO_FIXTURE: &str = "-";

/// One trial of one fixture, over.
struct Outcome {
    trial: &'static str,
    passed: bool,
    time: Duration,
}

/// Runs the gate; the exit status of the program.
pub fn run(gate: &Gate) -> ExitCode {
    let trials: Vec<(&str, &str)> = (TRIALS.iter().map(|trial| (trial.name, trial.about)))
        .chain(OF_THE_PROGRAM.iter().map(|trial| (trial.name, trial.about)))
        .chain(OF_THE_HOUSE.iter().map(|trial| (trial.name, trial.about)))
        .collect();
    if let Some(unknown) = gate.only.iter().find(|asked| trials.iter().all(|(name, _)| name != asked)) {
        say(&format!("there is no trial `{unknown}`; `gate --list` names them"));
        return ExitCode::from(2);
    }
    let names = fixture::names();
    if let Some(unknown) = gate.fixture.iter().find(|name| !names.contains(name)) {
        say(&format!("there is no fixture `{unknown}`; `gate --list` names them"));
        return ExitCode::from(2);
    }
    if gate.list {
        let trials = trials.iter().map(|(name, about)| format!("{name:<14}{about}"));
        let lines: Vec<String> = trials.chain([String::new()]).chain(names).collect();
        tell(&lines.join("\n"));
        return ExitCode::SUCCESS;
    }
    build_program();
    let passed = Passed::open(&place::program(), gate.resume);
    let mut outcomes = try_fixtures(gate, names, &passed);
    outcomes.extend(OF_THE_PROGRAM.iter().filter_map(|trial| try_program(gate, trial, &passed)));
    place::remove(place::run_dir());
    outcomes.extend(OF_THE_HOUSE.iter().filter_map(|trial| try_house(gate, trial)));
    let rows: Vec<Row> = trials.iter().filter_map(|(name, _)| Row::of(name, &outcomes)).collect();
    tell(&table(&rows));
    match outcomes.iter().all(|outcome| outcome.passed) && !outcomes.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Cargo, which runs this program when nobody calls it by its path.
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(place::house());
    cargo
}

/// Builds the program under test beside this one.
fn build_program() {
    let mut build = cargo();
    build.args(["build", "--locked", "-p", "packwright-cli"]);
    if place::is_release() {
        build.arg("--release");
    }
    finish(&mut build).ok();
}

/// Tries the fixtures, several at a time.
fn try_fixtures(gate: &Gate, names: Vec<String>, passed: &Passed) -> Vec<Outcome> {
    let asked = |name: &String| gate.fixture.is_empty() || gate.fixture.contains(name);
    let waiting: Mutex<VecDeque<String>> = Mutex::new(names.into_iter().filter(asked).collect());
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..gate.workers.get() {
            scope.spawn(|| {
                while let Some(name) = { waiting.lock().unwrap().pop_front() } {
                    try_fixture(gate, &name, passed, &outcomes);
                }
            });
        }
    });
    outcomes.into_inner().unwrap()
}

/// Runs the trials that are asked for on one fixture.
fn try_fixture(gate: &Gate, name: &str, passed: &Passed, outcomes: &Mutex<Vec<Outcome>>) {
    let asked = |trial: &&Trial| {
        (gate.only.is_empty() || gate.only.iter().any(|only| only == trial.name))
            && trial.only.is_none_or(|only| only == name)
    };
    let over = |outcome: Outcome| outcomes.lock().unwrap().push(outcome);
    let (before, now): (Vec<&Trial>, Vec<&Trial>) =
        TRIALS.iter().filter(asked).partition(|trial| passed.time(trial.name, name).is_some());
    for trial in before {
        let time = passed.time(trial.name, name).unwrap_or_default();
        over(Outcome { trial: trial.name, passed: true, time });
    }
    if now.is_empty() {
        return;
    }
    // Its copy may need a lock that is made first, and that may fail.
    let subject = match catch_unwind(|| Subject::new(Fixture::read(name))) {
        Ok(subject) => subject,
        Err(_) => {
            for trial in now {
                over(Outcome { trial: trial.name, passed: false, time: Duration::ZERO });
            }
            return;
        }
    };
    for trial in now {
        let start = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| (trial.run)(&subject)));
        let (time, well) = (start.elapsed(), result.is_ok());
        say(&format!(
            "{} {} {name} in {:.1} s",
            if well { "passed" } else { "FAILED" },
            trial.name,
            time.as_secs_f64()
        ));
        if well {
            passed.add(trial.name, name, time);
        }
        over(Outcome { trial: trial.name, passed: well, time });
    }
}

/// Whether the trial `name`, which is about no fixture, is asked for.
fn is_asked_for(gate: &Gate, name: &str) -> bool {
    gate.only.is_empty() && gate.fixture.is_empty() || gate.only.iter().any(|only| only == name)
}

/// Runs a trial that is about the program, if it is asked for and did not pass before.
fn try_program(gate: &Gate, trial: &OfTheProgram, passed: &Passed) -> Option<Outcome> {
    if !is_asked_for(gate, trial.name) {
        return None;
    }
    if let Some(time) = passed.time(trial.name, NO_FIXTURE) {
        return Some(Outcome { trial: trial.name, passed: true, time });
    }
    let start = Instant::now();
    let well = catch_unwind(trial.run).is_ok();
    let time = start.elapsed();
    say(&format!("{} {} in {:.1} s", if well { "passed" } else { "FAILED" }, trial.name, time.as_secs_f64()));
    if well {
        passed.add(trial.name, NO_FIXTURE, time);
    }
    Some(Outcome { trial: trial.name, passed: well, time })
}

/// Runs a trial that is about the house, if it is asked for.
fn try_house(gate: &Gate, trial: &OfTheHouse) -> Option<Outcome> {
    if !is_asked_for(gate, trial.name) {
        return None;
    }
    let start = Instant::now();
    let told = finish(cargo().args((trial.words)(gate)));
    if !told.status.success() {
        say(&told.story());
    }
    Some(Outcome { trial: trial.name, passed: told.status.success(), time: start.elapsed() })
}

/// Prints a result.
fn tell(text: &str) {
    // A reader that has gone away wants no more.
    let _ = writeln!(std::io::stdout(), "{text}");
}
