//! The comparison of models reports differences, and a loss explains the facts that it names and no others.

use packwright_planner::{AppModel, Diagnostic, MemoryTree, Origin};

use super::differences;

fn model() -> AppModel {
    crate::model(&MemoryTree::parse(
        "//- /render.yaml
services:
  - type: web
    name: shop
    runtime: python
    buildCommand: make
    startCommand: run
    healthCheckPath: /
    numInstances: 2
    envVars: [{key: A, value: b}, {key: C, generateValue: true}]
  - {type: worker, name: work, runtime: python, startCommand: work, numInstances: 3}
  - {type: keyvalue, name: q}
",
    ))
}

fn loss(code: &str, line: Option<u32>) -> Vec<Diagnostic> {
    let told = Diagnostic::warning(code, "it is lost");
    vec![match line {
        Some(line) => told.at(Origin::line(&"render.yaml".parse().unwrap(), line)),
        None => told,
    }]
}

#[test]
fn equal_models_do_not_differ() {
    assert_eq!(differences(&model(), &model(), &[]), Vec::<String>::new());
}

#[test]
fn every_leaf_that_is_gone_is_a_difference() {
    type Change = fn(&mut AppModel);
    let changes: [(&str, Change); 8] = [
        ("health", |model| model.components[0].processes[0].health = None),
        ("scale", |model| model.components[0].processes[1].scale = None),
        ("command", |model| model.components[0].processes[1].command = None),
        ("work", |model| drop(model.components[0].processes.pop())),
        ("variable A", |model| drop(model.components[0].environment.remove(0))),
        ("build", |model| model.components[0].phases.clear()),
        ("service redis", |model| model.services.clear()),
        ("name", |model| model.components[0].name = None),
    ];
    for (what, change) in changes {
        let mut read = model();
        change(&mut read);
        let found = differences(&model(), &read, &[]);
        assert!(found.iter().any(|place| place.contains(what)), "{what}: {found:?}");
    }
}

#[test]
fn what_comes_from_nowhere_is_a_difference() {
    let mut less = model();
    less.components[0].environment.clear();
    assert!(differences(&less, &model(), &[]).iter().all(|found| found.contains("came from nowhere")));
    assert!(!differences(&less, &model(), &[]).is_empty());
}

#[test]
fn a_loss_excuses_what_it_names_and_nothing_else() {
    let mut read = model();
    read.components[0].processes[0].health = None;
    read.components[0].processes[1].scale = None;
    let count = |losses: &[Diagnostic]| differences(&model(), &read, losses).len();
    assert_eq!(count(&[]), 2);
    // The line of the leaf, that of another leaf, and none.
    assert_eq!(count(&loss("convert/L10-health", Some(7))), 1);
    assert_eq!(count(&loss("convert/L10-health", Some(8))), 2);
    assert_eq!(count(&loss("convert/L11-scale", Some(8))), 2);
    assert_eq!(count(&loss("convert/L11-scale", None)), 1);
}
