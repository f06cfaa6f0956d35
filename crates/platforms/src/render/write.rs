//! Writes `render.yaml`.
//!
//! Every process becomes a service; those of one part have the same directory, build and
//! variables. What is random is in a group of variables where several services share it, since
//! Render would make up another value for each.

mod blueprint;
mod component;
mod settings;
mod variables;

use std::collections::BTreeSet;

use packwright_documents::{Content, Entry, Value, to_yaml};
use packwright_planner::{BackingService, ServiceKind};

use crate::render::write::blueprint::{Blueprint, entry, text};
use crate::write::{Conversion, Converted, Loss};

/// Beginnings of the names of plans that Render's databases have.
const DATABASE_PLANS: &[&str] = &["free", "basic-", "pro-", "accelerated-", "starter", "standard", "pro"];

/// The plans that Render's services have.
const PLANS: &[&str] = &["free", "starter", "standard", "pro", "pro plus", "pro max", "pro ultra"];

/// Writes Render's file.
pub(crate) fn write(conversion: &Conversion<'_>) -> Converted {
    let model = conversion.model;
    let mut blueprint = Blueprint {
        model,
        image: conversion.image,
        services: Vec::new(),
        groups: Vec::new(),
        names: BTreeSet::new(),
        out: Converted::default(),
    };
    let mut databases = Vec::new();
    let mut stores = Vec::new();
    for service in &model.services {
        match service.kind {
            ServiceKind::Postgres => databases.push(database(service, &mut blueprint.out)),
            ServiceKind::Redis => {
                blueprint.names.insert(service.name.clone());
                stores.push(store(service, &mut blueprint.out));
            }
            _ => blueprint.out.lose(
                Loss::Services,
                format!("Render has no service of the kind of `{}` ({})", service.name, service.kind),
                "rent it elsewhere, or run it as a private service from its image",
                Some(&service.origin),
            ),
        }
    }
    if let Some(name) = &model.name {
        let what = format!("a Blueprint has no name of its own, such as `{}`", name.value);
        blueprint.out.lose(Loss::Components, what, "name it in Render's dashboard", Some(&name.origin));
    }
    for service in model.services.iter().filter(|service| !service.tells.is_empty()) {
        let what =
            format!("Render tells nobody of `{}` by itself: {}", service.name, service.tells.join(", "));
        let instead = "keep the variables that refer to it, and add those that are missing";
        blueprint.lose(Loss::ServiceBinding, what, instead, &service.origin);
    }
    for component in &model.components {
        blueprint.component(component);
    }
    for domain in &model.domains {
        if !model.components.iter().any(component::is_front) {
            let what = format!("there is no web service for the domain `{}`", domain.value);
            blueprint.out.lose(Loss::Domains, what, "add it to a service", Some(&domain.origin));
        }
    }
    for overlay in &model.overlays {
        let what = format!("what is different in `{}` is not written", overlay.name.value);
        let instead = "use previews, or another environment of the project";
        blueprint.out.lose(Loss::Overlay, what, instead, Some(&overlay.name.origin));
    }
    let Blueprint { mut services, groups, mut out, .. } = blueprint;
    services.extend(stores);
    let lists = [("services", services), ("databases", databases), ("envVarGroups", groups)];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    let root: Vec<Entry> = lists.map(|(key, list)| entry(key, Content::List(list))).collect();
    if !root.is_empty() {
        out.file("render.yaml", to_yaml(&Value::from(Content::Map(root))));
    }
    out
}

fn database(service: &BackingService, out: &mut Converted) -> Value {
    let mut row = vec![entry("name", text(&service.name))];
    plan(service, DATABASE_PLANS, &mut row, out);
    match &service.version {
        Some(version) if version.bytes().all(|byte| byte.is_ascii_digit()) && !version.is_empty() => {
            row.push(entry("postgresMajorVersion", text(version)));
        }
        Some(version) => version_lost(service, version, out),
        None => {}
    }
    Value::from(Content::Map(row))
}

fn store(service: &BackingService, out: &mut Converted) -> Value {
    let mut row = vec![entry("type", text("keyvalue")), entry("name", text(&service.name))];
    plan(service, PLANS, &mut row, out);
    if let Some(version) = &service.version {
        version_lost(service, version, out);
    }
    // The key is required; nobody outside may connect.
    row.push(entry("ipAllowList", Content::List(Vec::new())));
    Value::from(Content::Map(row))
}

fn plan(service: &BackingService, known: &[&str], row: &mut Vec<Entry>, out: &mut Converted) {
    let Some(plan) = &service.plan else { return };
    let fits = |name: &&str| plan == name || name.ends_with('-') && plan.starts_with(name);
    if known.iter().any(fits) {
        row.push(entry("plan", text(plan)));
    } else {
        let what = format!("`{plan}` is no plan of Render's for `{}`", service.name);
        out.lose(Loss::Scale, what, "choose one from Render's prices", Some(&service.origin));
    }
}

fn version_lost(service: &BackingService, version: &str, out: &mut Converted) {
    let what = format!("the version {version} of `{}` is not written", service.name);
    out.lose(Loss::Versions, what, "check that the application works with Render's", Some(&service.origin));
}

fn number(number: impl ToString) -> Content {
    Content::Number(number.to_string())
}
