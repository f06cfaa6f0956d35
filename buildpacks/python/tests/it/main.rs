//! Whole plans from whole trees: what a person would see.

#![allow(clippy::unwrap_used, reason = "a test that has nothing to look at must fail")]

mod applications;
mod bounds;
mod callables;
mod declared;
mod detect;
mod directories;
mod django;
mod downloads;
mod fixtures;
mod frameworks;
mod inline;
mod interpreter;
mod layouts;
mod lists;
mod locks;
mod managers;
mod names;
mod native;
mod network;
mod notebooks;
mod properties;
mod published;
mod readmes;
mod requirements;
mod variables;
mod version_requests;
mod versions;
mod whole;
mod workspaces;

use expect_test::Expect;
use packwright_buildpack::planner::{Buildpack, MemoryTree, Plan, PlanError, PlanOptions};
use packwright_buildpack::testing::{Harness, Part, with_env};
use packwright_python::Python;

/// This buildpack with the platform readers. What nearly every plan has is hidden.
const HARNESS: Harness<'static> = Harness {
    buildpacks: &[&Python as &dyn Buildpack],
    reader: &packwright_platforms::model,
    hidden_steps: &["python.uv", "python.interpreter"],
    hidden_packages: &[],
    hidden_variables: &["PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "XDG_RUNTIME_DIR"],
    told_environments: &["python.static"],
};

fn planned(tree: &MemoryTree, options: &PlanOptions) -> Result<Plan, PlanError> {
    HARNESS.planned(tree, options)
}

/// Plans the tree written as `text` and compares the given parts, or the problems.
fn check(text: &str, parts: &[Part], expected: Expect) {
    HARNESS.check(text, parts, expected);
}

fn check_with(text: &str, options: &PlanOptions, parts: &[Part], expected: Expect) {
    HARNESS.check_with(text, options, parts, expected);
}
