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

/// Files of services that serve sites repeat what is detected as a rule; where nothing is built, their build is named.
#[test]
fn of_a_host_of_sites() {
    let warned = |tree: &str| -> Vec<String> {
        let plan = planned(tree);
        let about = plan.diagnostics.iter().filter(|found| found.code == "plan/build-not-run");
        about.map(|found| found.message.clone()).collect()
    };
    let netlify = "//- /netlify.toml\n[build]\npublish = \"out\"\ncommand = \"make all\"\n[[redirects]]\nfrom = \"/*\"\n";
    let vercel = "//- /vercel.json\n{\n  \"buildCommand\": \"make all\",\n  \"framework\": null\n}\n";
    let names_the_line = "netlify.toml:3 declares the build `make all`, which is not run";
    let procfile = "//- /Procfile\nweb: bash run.sh\n";
    assert_eq!(warned(&format!("{RUN}{procfile}{netlify}")), [names_the_line]);
    assert_eq!(warned(&format!("//- /index.html\n{netlify}")), [names_the_line]);
    let of_vercel = "vercel.json:2 declares the build `make all`, which is not run";
    assert_eq!(warned(&format!("{START}{vercel}")), [of_vercel]);
    // A build that counts, whoever declares it.
    let nixpacks = "//- /nixpacks.toml\n[phases.build]\ncmds = [\"make site\"]\n";
    assert_eq!(warned(&format!("{START}{vercel}{nixpacks}")), Vec::<String>::new());
    let detected = "//- /vercel.json\n{\"buildCommand\": null, \"rewrites\": []}\n";
    assert_eq!(warned(&format!("{START}{detected}")), Vec::<String>::new());
}
