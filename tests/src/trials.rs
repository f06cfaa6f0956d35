//! What is tried on a fixture: each trial panics when the fixture does not stand it. The test command and the
//! gate run the same trials, the gate all of them on every fixture.

pub mod isolation;
pub mod judged;
pub mod offline;
pub mod reproducible;
pub mod works;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use crate::command::finish;
use crate::fixture::{Checkout, Fixture, packwright};
use crate::layout::Layout;
use crate::shared;
use isolation::Isolation;

/// A fixture with what is made of it: a copy, planned once and built once, when a trial asks for it first. As
/// long as it lives it uses the shared stores.
pub struct Subject {
    /// The fixture.
    pub fixture: Fixture,
    /// A copy of its files.
    pub checkout: Checkout,
    plan: OnceLock<Value>,
    lock: OnceLock<PathBuf>,
    layout: OnceLock<Layout>,
}

impl Subject {
    /// A copy of `fixture` of which nothing was made yet.
    pub fn new(fixture: Fixture) -> Subject {
        let checkout = fixture.checkout();
        Subject { fixture, checkout, plan: OnceLock::new(), lock: OnceLock::new(), layout: OnceLock::new() }
    }

    /// The plan.
    #[track_caller]
    pub fn plan(&self) -> &Value {
        self.plan.get_or_init(|| self.checkout.plan())
    }

    /// Its lock. Whoever needs it asks for it before the image: a lock runs what fetches with empty caches, and a build
    /// takes those results over, but not the other way round.
    #[track_caller]
    pub fn lock(&self) -> &Path {
        self.lock.get_or_init(|| {
            let lock = self.checkout.beside("packwright.lock");
            finish(self.checkout.with(packwright(["lock", "-o"]).arg(&lock))).ok();
            lock
        })
    }

    /// The image, built with four jobs.
    #[track_caller]
    pub fn layout(&self) -> &Layout {
        self.layout.get_or_init(|| self.checkout.build())
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        shared::release();
    }
}

/// A trial of the gate.
pub struct Trial {
    /// Its name on the command line and in the table.
    pub name: &'static str,
    /// What it shows, for people.
    pub about: &'static str,
    /// The fixture that it is for, where it is not for all.
    pub only: Option<&'static str>,
    /// Panics when `Subject` does not stand it.
    pub run: fn(&Subject),
}

/// All trials, in the order in which they are run on a fixture.
pub const TRIALS: &[Trial] = &[
    Trial {
        name: "plan",
        about: "plans what its file demands, and an edit of the source runs no installation again",
        only: None,
        run: |subject| {
            works::is_planned(subject);
            works::an_edit_installs_nothing(subject);
        },
    },
    Trial {
        name: "answers",
        about: "builds, has the promised shape, runs, answers, and ends on SIGTERM",
        only: None,
        run: works::works,
    },
    Trial {
        name: "whole",
        about: "the closing check finds nothing in it that is missing",
        only: None,
        run: works::is_whole,
    },
    Trial {
        name: "reproducible",
        about: "the same digest with four jobs and one, overlay and copy, through the gateway and on the host's \
                network, in another store, path, mask, time, locale",
        only: None,
        run: |subject| reproducible::builds_twice_the_same(subject, Isolation::Copy),
    },
    Trial {
        name: "conditions",
        about: "the same digest in empty stores, under three sets of conditions",
        only: Some("python-fastapi"),
        run: reproducible::builds_the_same_in_empty_stores,
    },
    Trial {
        name: "offline",
        about: "the same digest from its lock with no network, also when every step runs again",
        only: None,
        run: offline::builds_without_a_network,
    },
    Trial {
        name: "isolation",
        about: "builds the same image as root without user namespaces, and runs in every way of isolation",
        only: None,
        run: |subject| {
            reproducible::builds_the_same_as_root(subject);
            works::runs_in_every_isolation(subject);
        },
    },
    Trial {
        name: "skopeo",
        about: "fits the schemas of the image specification, and skopeo reads it",
        only: None,
        run: judged::fits_the_schemas_and_skopeo,
    },
    Trial {
        name: "podman",
        about: "runs under podman, also read-only and with an arbitrary user",
        only: None,
        run: judged::runs_under_podman,
    },
    Trial {
        name: "umoci",
        about: "is unpacked by umoci, with the sources byte for byte",
        only: None,
        run: judged::is_unpacked_by_umoci,
    },
    Trial {
        name: "crane",
        about: "its docker archive is valid for crane",
        only: None,
        run: judged::is_valid_for_crane,
    },
];

/// What the test command tries on a fixture: what concerns it alone; and on one that stands for an install
/// mechanism the judges, and a second build in the isolation whose turn it is.
pub fn of_the_test_command(subject: &Subject) {
    works::is_planned(subject);
    works::an_edit_installs_nothing(subject);
    if subject.fixture.demands.stands_for.is_some() {
        subject.lock();
    }
    works::works(subject);
    if subject.fixture.demands.stands_for.is_some() {
        let isolation = Isolation::turn_of(&subject.fixture);
        reproducible::builds_twice_the_same(subject, isolation);
        works::tells_who_it_is(subject, isolation);
        judged::fits_the_schemas_and_skopeo(subject);
        judged::runs_under_podman(subject);
        judged::is_unpacked_by_umoci(subject);
        judged::is_valid_for_crane(subject);
    }
}
