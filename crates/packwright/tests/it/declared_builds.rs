//! A declared build is never lost, whatever owns the application: the plans of applications without a
//! language that builds.

use packwright::Catalog;
use packwright::planner::{Command, Input, LayerKind, MemoryTree, Plan, PlanOptions};

fn planned(tree: &str) -> Plan {
    Catalog::default().plan(&MemoryTree::parse(tree).into(), &PlanOptions::default()).unwrap()
}

/// Checks that `tree` has a step that runs `command` alone, and leaves what it makes in the image.
fn check(tree: &str, command: &str) -> Plan {
    let plan = planned(tree);
    let build = plan.steps.iter().find(|step| step.name.as_str() == "declared.build").unwrap();
    assert_eq!(build.commands, [Command::shell(command)]);
    let [output] = build.outputs.as_slice() else { panic!("one output") };
    assert_eq!((output.path.as_str(), output.layer), ("app", Some(LayerKind::Build)));
    plan
}

const RUN: &str = "//- /run.sh\n#!/bin/bash\nsleep 1000\n";
const START: &str = "//- /start.sh\n#!/bin/bash\nsleep 1000\n";

#[test]
fn of_a_shell_script() {
    check(
        &format!("{START}//- /nixpacks.toml\n[phases.build]\ncmds = [\"echo hi > built.txt\"]\n"),
        "echo hi > built.txt",
    );
    let render = "//- /render.yaml\nservices:\n- type: web\n  name: site\n  runtime: python\n  buildCommand: make all\n  startCommand: bash start.sh\n";
    check(&format!("{START}{render}"), "make all");
}

#[test]
fn of_declared_processes_alone() {
    let railpack = "//- /railpack.json\n{\"steps\":{\"build\":{\"commands\":[\"echo built > built.txt\"]}},\"deploy\":{\"startCommand\":\"bash run.sh\"}}\n";
    check(&format!("{RUN}{railpack}"), "echo built > built.txt");
    let railway = "//- /railway.json\n{\"build\":{\"builder\":\"NIXPACKS\",\"buildCommand\":\"make all\"},\"deploy\":{\"startCommand\":\"bash run.sh\"}}\n";
    check(&format!("{RUN}{railway}"), "make all");
    let nixpacks =
        "//- /Procfile\nweb: bash run.sh\n//- /nixpacks.toml\n[phases.build]\ncmds = [\"make all\"]\n";
    check(&format!("{RUN}{nixpacks}"), "make all");
}

#[test]
fn of_files_that_are_served() {
    let command = "sed -i s/@@/1/ index.html";
    let page = "//- /index.html\n<h1>v@@</h1>\n";
    let nixpacks = format!("//- /nixpacks.toml\n[phases.build]\ncmds = [\"{command}\"]\n");
    let render = format!(
        "//- /render.yaml\nservices:\n- type: web\n  name: site\n  runtime: static\n  buildCommand: {command}\n  staticPublishPath: .\n"
    );
    for file in [nixpacks, render] {
        let plan = check(&format!("{page}{file}"), command);
        let serve = plan.steps.iter().find(|step| step.name.as_str() == "static.compress").unwrap();
        assert!(serve.inputs.contains(&Input::Step("declared.build".parse().unwrap())));
    }
}

#[test]
fn of_a_site_whose_pages_the_build_makes() {
    let plan = planned(
        "//- /make.sh\n//- /render.yaml\nservices:\n- type: web\n  name: site\n  runtime: static\n  buildCommand: sh make.sh\n  staticPublishPath: ./out\n",
    );
    let outputs: Vec<&str> = plan.steps[0].outputs.iter().map(|output| output.path.as_str()).collect();
    assert_eq!((plan.steps[0].name.as_str(), outputs), ("declared.build", vec!["app/out"]));
}
