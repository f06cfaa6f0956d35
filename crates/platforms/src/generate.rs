//! Random models for round-trip tests: model → files of a platform → model.
//!
//! A generated model is one that [`decide`](packwright_planner::decide) could have made: parts in
//! the order of their directories, names unique, no value kept that looks like a secret. Every
//! leaf has an origin of its own, so that a loss names exactly what is lost. [`differences`]
//! compares what was written with what was read, less what the losses name.
//!
//! ```text
//! proptest! { fn round_trip(model in generate::model(Limits::default())) {
//!     let converted = write(&Conversion { model: &model, image: None });
//!     let read = crate::model(&generate::tree(&converted.files));
//!     prop_assert_eq!(generate::differences(&model, &read, &converted.losses), Vec::<String>::new());
//! } }
//! ```

mod facts;
pub(crate) mod limits;
mod listing;
mod shop;
mod strategies;

use std::collections::BTreeMap;

use packwright_planner::{AppModel, MemoryTree, Overlay};
use proptest::prelude::*;

use crate::generate::limits::{Limits, requested, unique};
use crate::write::Converted;

pub(crate) use facts::differences;
pub(crate) use listing::{breaches, listing};
pub(crate) use shop::{settle, shop, shown};
pub(crate) use strategies::{component, literal, service};

/// A model with anything in it that readers can read.
pub(crate) fn model(limits: Limits) -> BoxedStrategy<AppModel> {
    let services = prop::collection::vec(service(), 0..4);
    let domains = prop::collection::vec("[a-z]{1,6}\\.example\\.(com|org)", 0..3);
    let overlays = prop::collection::vec(overlay(), 0..3);
    (prop::option::of("[a-z][a-z0-9]{0,8}"), services, domains, overlays)
        .prop_flat_map(move |(name, services, domains, overlays)| {
            let services = unique(services, |service| service.name.clone());
            let names: Vec<String> = services.iter().map(|service| service.name.clone()).collect();
            let parts = prop::collection::vec(component(limits, names), 1..=limits.components.max(1));
            parts.prop_map(move |parts| {
                let mut components = Vec::new();
                for (number, mut part) in parts.into_iter().enumerate() {
                    // The first part is at the top, the others are each in a directory.
                    let dir = ["", "api", "web/site"].get(number).copied().unwrap_or("more");
                    part.root = dir.parse().ok().map(requested);
                    components.push(part);
                }
                let mut model = AppModel {
                    name: name.clone().map(requested),
                    components,
                    services: services.clone(),
                    domains: unique(domains.clone(), Clone::clone).into_iter().map(requested).collect(),
                    overlays: unique(overlays.clone(), |overlay| overlay.name.value.clone()),
                    ..AppModel::default()
                };
                strategies::number_origins(&mut model);
                model
            })
        })
        .boxed()
}

fn overlay() -> BoxedStrategy<Overlay> {
    let name = prop::sample::select(vec!["review", "staging", "test"]);
    (name, prop::collection::vec(literal(), 0..3))
        .prop_map(|(name, environment)| Overlay {
            name: requested(name.to_owned()),
            environment: unique(environment, |variable| variable.name.clone()),
            services: Vec::new(),
            processes: Vec::new(),
        })
        .boxed()
}

/// A tree with the files that a writer made.
pub(crate) fn tree(files: &BTreeMap<String, String>) -> MemoryTree {
    let mut tree = MemoryTree::new();
    for (path, text) in files {
        tree.add(path.parse().expect("writers write paths of the tree"), text.clone());
    }
    tree
}

/// The files that a writer made as one text, and what it lost.
pub(crate) fn written(converted: &Converted) -> String {
    let files = converted.files.iter().map(|(path, text)| format!("//- /{path}\n{text}"));
    let losses = converted.losses.iter().map(|loss| format!("{}: {}\n", loss.code, loss.message));
    files.chain(["//- losses\n".to_owned()]).chain(losses).collect()
}
