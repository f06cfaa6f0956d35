//! Builds that platform files declare.

use packwright_buildpack::planner::{MemoryTree, PlanOptions};

use crate::planned;

#[test]
fn an_install_alone_says_that_the_script_does_not_run() {
    let tree = "//- /package.json\n{\"name\": \"shop\", \"scripts\": {\"build\": \"tsc\", \"start\": \"node dist/a.js\"}}\n\
        //- /render.yaml\nservices:\n  - type: web\n    name: shop\n    runtime: node\n    buildCommand: npm install\n    startCommand: node dist/a.js\n";
    let plan = planned(&MemoryTree::parse(tree), &PlanOptions::default()).unwrap();
    let found = plan.decisions.iter().find(|decision| decision.subject == "build command").unwrap();
    let told = (found.value.as_str(), found.origin.to_string(), found.overridden[0].value.as_str());
    assert_eq!(told, ("nothing", "render.yaml:5".to_owned(), "tsc"));
}
