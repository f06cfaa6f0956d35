//! Whole plans from whole trees: what a person would see.

#![allow(clippy::unwrap_used, reason = "a test that has nothing to look at must fail")]

mod bad;
mod declared;
mod detection;
mod frameworks;
mod managers;
mod names;
mod native;
mod next;
mod nx;
mod processes;
mod proposals;
mod pushed;
mod pushed_templates;
mod sites;
mod starting;
mod versions;
mod wild;
mod workspaces;

use expect_test::Expect;
use packwright_buildpack::planner::{Buildpack, MemoryTree, Plan, PlanError, PlanOptions};
use packwright_buildpack::testing::{Harness, Part, for_app};
use packwright_node::Node;

/// Plans with this buildpack and the platform readers, and leaves out the steps and packages that
/// bring npm and the runtimes.
const HARNESS: Harness<'_> = Harness {
    buildpacks: &[&Node as &dyn Buildpack],
    reader: &packwright_platforms::model,
    hidden_steps: &["node.npm", "node.version", "node.runtime", "node.bun-version", "node.bun"],
    hidden_packages: &["python3-", "libpython3"],
    hidden_variables: &["NODE_ENV"],
    told_environments: &[],
};

fn planned(tree: &MemoryTree, options: &PlanOptions) -> Result<Plan, PlanError> {
    HARNESS.planned(tree, options)
}

fn check(text: &str, parts: &[Part], expected: Expect) {
    HARNESS.check(text, parts, expected);
}

fn check_with(text: &str, options: &PlanOptions, parts: &[Part], expected: Expect) {
    HARNESS.check_with(text, options, parts, expected);
}

fn describe(result: &Result<Plan, PlanError>, parts: &[Part]) -> String {
    HARNESS.told(result, parts)
}
