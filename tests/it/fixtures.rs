//! Every fixture, built once: what is planned, what is built, how it answers. One fixture for each install
//! mechanism also goes through the trials that the gate runs on all of them.

use std::collections::BTreeSet;

use packwright_planner::{BASE_PROGRAMS, Network, Plan};
use packwright_tests::trials::works::edited_file;
use packwright_tests::trials::{self, Subject};
use rustix::process::Signal;

use crate::command::finish;
use crate::fixture::{Fixture, packwright};
use crate::running::{PROMPT, Running, free_port};

/// A test for each fixture, under its name.
macro_rules! each {
    ($($test:ident: $name:literal),* $(,)?) => {
        $(#[test]
        fn $test() {
            trials::of_the_test_command(&Subject::new(Fixture::read($name)));
        })*
    };
}

every_fixture!(each);

/// No two fixtures stand for one mechanism, and each package manager has one that stands for it.
#[test]
fn every_install_mechanism_is_tried() {
    let fixtures = Fixture::all();
    let tried = || fixtures.iter().filter(|fixture| fixture.demands.stands_for.is_some());
    let mechanisms: BTreeSet<_> = tried().map(|fixture| &fixture.demands.stands_for).collect();
    assert_eq!(mechanisms.len(), tried().count(), "{mechanisms:?}");
    let manager =
        |fixture: &&Fixture| (fixture.demands.plan.language.clone(), fixture.demands.plan.manager.clone());
    let untried: BTreeSet<_> = fixtures.iter().map(|fixture| manager(&fixture)).collect();
    let tried: BTreeSet<_> = tried().map(|fixture| manager(&fixture)).collect();
    assert_eq!(untried.difference(&tried).collect::<Vec<_>>(), Vec::<&(String, Option<String>)>::new());
}

/// The static rule of `packwright_tests::trials::works::an_edit_installs_nothing`, seen for real.
#[test]
fn an_edit_reuses_what_was_fetched() {
    for name in ["python-fastapi", "python-uv", "node-fastify"] {
        let checkout = Fixture::read(name).checkout();
        checkout.build();
        let edited = checkout.dir.join(edited_file(&checkout.dir).as_str());
        let mut text = std::fs::read_to_string(&edited).unwrap();
        text.push('\n');
        std::fs::write(&edited, text).unwrap();
        let told = finish(checkout.with(&mut packwright(["build"]))).ok();
        let plan = Plan::from_text(&checkout.plan().to_string()).unwrap();
        for step in plan.steps.iter().filter(|step| step.network == Network::Fetch && !step.resolves) {
            let reused = format!("step {}: reused", step.name);
            assert!(told.stderr().contains(&reused), "{reused} was expected of {name}: {}", told.story());
        }
    }
}

/// A plan says of no line that a program is missing which this image has, and of none that it is there when it is not.
#[test]
fn the_base_has_the_programs_that_plans_count_on() {
    let checkout = Fixture::read("python-procfile").checkout();
    let paths: BTreeSet<String> = checkout.build().paths().into_iter().map(|(_, path)| path).collect();
    let is_there = |name: &&str| {
        paths.contains(&format!("usr/bin/{name}")) || paths.contains(&format!("usr/sbin/{name}"))
    };
    let missing: Vec<&&str> = BASE_PROGRAMS.iter().filter(|name| !is_there(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(BASE_PROGRAMS.is_sorted());
}

#[test]
fn run_passes_the_status_of_the_process_on() {
    let checkout = Fixture::read("python-procfile").checkout();
    std::fs::write(checkout.dir.join("Procfile"), "web: python serve.py\nseven: exit 7\n").unwrap();
    let ended = finish(packwright(["run", "--process", "seven"]).arg(&checkout.dir));
    assert_eq!(ended.code(), 7, "{}", ended.story());
    finish(packwright(["run", "--process", "eight"]).arg(&checkout.dir)).failed(1, &["eight", "seven, web"]);
}

#[test]
fn interrupting_a_running_application_ends_it() {
    let checkout = Fixture::read("python-procfile").checkout();
    let port = free_port();
    let mut command = packwright(["run", "-p", &port.to_string()]);
    let mut web = Running::start(command.arg(&checkout.dir));
    web.wait_for_port(port);
    web.signal(Signal::INT);
    web.ends_within(PROMPT);
    // The port is free again: nothing of it is left.
    std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).unwrap();
}
