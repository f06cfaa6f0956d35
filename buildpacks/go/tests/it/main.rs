//! Whole plans from whole trees: what a person would see.

#![allow(clippy::unwrap_used, reason = "a test that has nothing to look at must fail")]

mod modules;
mod programs;
mod versions;

use packwright_buildpack::planner::Buildpack;
use packwright_buildpack::testing::Harness;
use packwright_go::Go;

/// The buildpacks of the plans.
const PACKS: [&dyn Buildpack; 1] = [&Go];

/// Plans with Go and the readers of platform files.
fn go() -> Harness<'static> {
    Harness { hidden_variables: &["PATH"], ..Harness::new(&PACKS, &packwright_platforms::model) }
}

/// A program that listens.
const SERVER: &str = "package main\n\nimport \"net/http\"\n\nfunc main() {\n\thttp.ListenAndServe(\":\"+os.Getenv(\"PORT\"), nil)\n}\n";
