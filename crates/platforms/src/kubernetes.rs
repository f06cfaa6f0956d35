//! Kubernetes: manifests at the top of the source and in the directories where they are usually kept. They
//! describe how images run, so they only give hints.
//!
//! Templates of Helm are no manifests and are named; what a kustomization changes is not applied. The
//! values of a `Secret` are never kept.
//!
//! Source: the API reference of Kubernetes, "Workload Resources", "Service Resources" and "Config and
//! Storage Resources".

mod cluster;
mod container;
mod expansion;
mod manifests;
mod pod;
mod workload;
mod write;

use std::collections::BTreeSet;

use packwright_documents::{Content, Value};
use packwright_planner::{Declarations, Diagnostic, FileKind, FileWeight, Origin, RelPath, SourceFile};

use crate::container::{ContainerPart, files_below};
use crate::dir_view::{DirView, Seen};
use crate::kubernetes::manifests::Manifests;
use crate::table::Document;
use cluster::Cluster;

pub(crate) use write::write;

/// The name of this platform.
const PLATFORM: &str = "kubernetes";

/// The name of the file that is written; manifests are found by what is in them.
pub(crate) const FILES: &[&str] = &["kubernetes.yaml"];

/// Directories in which people keep manifests.
const FOLDERS: &[&str] = &[
    "k8s",
    ".k8s",
    "kubernetes",
    ".kubernetes",
    "kube",
    ".kube",
    "manifests",
    "manifest",
    "kubernetes-manifests",
    "k8s-manifests",
    "k8s-specifications",
    "k8s-specs",
    "deploy",
    ".deploy",
    "deployment",
    "deployments",
    "kustomize",
    "infra",
    "ops",
    "infrastructure",
];

/// Directories below those whose files are parts of something else.
const PARTS: &[&str] =
    &["overlays", "templates", "charts", "patches", "crds", "helm", "terraform", "node_modules"];

/// How deep below such a directory manifests are looked for.
const DEPTH: usize = 3;

/// Where a template of Helm's or Jinja's has something to fill in.
const HOLE: &str = "{{";

/// The keys whose values are for programs and people: a variable, a file, a command, a remark.
const HELD: &[&str] = &["data", "stringData", "value", "command", "args", "annotations"];

/// The largest file that is looked at, in bytes: others are lock files or generated definitions.
const LARGEST: u64 = 1 << 20;

/// Reads the manifests of a directory.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let is_inside = view.dir.is_some_and(|dir| dir.parts().any(|part| FOLDERS.contains(&part)));
    if is_inside {
        return Vec::new();
    }
    let mut paths = Vec::new();
    let mut diagnostics = Vec::new();
    let mut files = Vec::new();
    let (mut templates, mut kustomizations) = (Vec::new(), Vec::new());
    for name in names(view) {
        let is_kustomization = name.rsplit('/').next().is_some_and(|name| name.starts_with("kustomization."));
        let seen = match view.read(PLATFORM, FileWeight::Hints, &name) {
            Some(Ok(seen)) => seen,
            // A file that is no text is no manifest.
            Some(Err(_)) | None => continue,
        };
        if is_kustomization {
            kustomizations.push(seen.path);
        } else if !looks_like_manifest(&seen) {
            continue;
        } else {
            match seen.parsed(PLATFORM, FileWeight::Hints, packwright_documents::yaml) {
                Ok(values) if values.iter().any(has_holes) => templates.push(seen.path),
                Err(_) if seen.text.contains(HOLE) => templates.push(seen.path),
                Ok(values) => {
                    files.push(Manifests {
                        document: Document::new(PLATFORM, &seen.path, FileWeight::Hints),
                        values,
                    });
                    paths.push(seen.path);
                }
                Err(refused) => diagnostics.extend(refused.diagnostics),
            }
        }
    }
    let with_manifests = !files.is_empty();
    let remarks = [
        named(
            &templates,
            "template",
            "a template and no manifest",
            "write manifests with `helm template` and read those",
        ),
        named(
            &kustomizations,
            "kustomization",
            "a kustomization, which is not applied",
            "write manifests with `kubectl kustomize` and read those",
        ),
    ];
    diagnostics.extend(remarks.into_iter().flatten().filter(|_| with_manifests || !templates.is_empty()));
    let Some(first) = paths.first().or(templates.first()) else {
        return match diagnostics.is_empty() {
            true => Vec::new(),
            false => refused(diagnostics),
        };
    };
    let mut declared = Declarations::new(PLATFORM, first, FileWeight::Hints);
    declared.files = if paths.is_empty() { vec![first.clone()] } else { paths.clone() };
    read(&files, &mut declared);
    declared.diagnostics.extend(diagnostics);
    let mut known = BTreeSet::new();
    for said in files.into_iter().flat_map(|file| file.document.into_diagnostics()) {
        // What has no effect has none in every container.
        let what = said.message.split_once(": ").map_or_else(String::new, |(_, what)| what.to_owned());
        if said.code != "kubernetes/without-effect" || known.insert(what) {
            declared.diagnostics.push(said);
        }
    }
    let says_nothing =
        declared.components.is_empty() && declared.services.is_empty() && declared.domains.is_empty();
    if says_nothing && declared.diagnostics.is_empty() {
        return Vec::new();
    }
    vec![declared]
}

/// Declarations of nothing but what is wrong with files.
fn refused(diagnostics: Vec<Diagnostic>) -> Vec<Declarations> {
    let path = diagnostics.iter().find_map(|diagnostic| match &diagnostic.at {
        Some(Origin::File { path, .. }) => Some(path.clone()),
        _ => None,
    });
    let declared = path.map(|path| Declarations::new(PLATFORM, &path, FileWeight::Hints));
    declared
        .into_iter()
        .map(|declared| Declarations { diagnostics: diagnostics.clone(), ..declared })
        .collect()
}

/// The files that may hold manifests, by their path from the directory.
fn names(view: &DirView<'_>) -> Vec<String> {
    let wanted = |(file, path): &(&SourceFile, &str)| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
        let of_others = name == "pnpm-lock.yaml" || crate::compose::FILES.contains(&name);
        let is_small = matches!(file.kind, FileKind::Regular { size, .. } if size <= LARGEST);
        is_yaml && !of_others && is_small && is_in_place(path)
    };
    files_below(view).filter(wanted).map(|(_, path)| path.to_owned()).collect()
}

/// Whether a file is where manifests are kept.
fn is_in_place(path: &str) -> bool {
    let dirs: Vec<&str> = path.split('/').rev().skip(1).collect();
    match dirs.last() {
        None => true,
        Some(first) => {
            FOLDERS.contains(first) && dirs.len() <= DEPTH && !dirs.iter().any(|dir| PARTS.contains(dir))
        }
    }
}

fn looks_like_manifest(seen: &Seen) -> bool {
    let has =
        |key: &str| seen.text.lines().any(|line| line.trim_start().trim_start_matches("- ").starts_with(key));
    has("apiVersion:") && has("kind:")
}

/// Whether a template's holes are in what describes the objects; in what the objects hold for
/// programs, two braces are two braces.
fn has_holes(value: &Value) -> bool {
    match &value.content {
        Content::Text(text) => text.contains(HOLE),
        Content::List(values) => values.iter().any(has_holes),
        Content::Map(entries) => entries.iter().any(|entry| {
            entry.key.contains(HOLE) || !HELD.contains(&entry.key.as_str()) && has_holes(&entry.value)
        }),
        Content::Null | Content::Bool(_) | Content::Number(_) => false,
    }
}

/// What there is to say about files that are no manifests.
fn named(paths: &[RelPath], code: &str, what: &str, fix: &str) -> Option<Diagnostic> {
    let first = paths.first()?;
    let more = match paths.len() {
        1 => String::new(),
        number => format!(" (and {} more like it)", number - 1),
    };
    let message = format!("{first} is {what}{more}");
    Some(Diagnostic::info(&format!("{PLATFORM}/{code}"), message).fix(fix).at(Origin::file(first)))
}

fn read(files: &[Manifests], declared: &mut Declarations) {
    let cluster = Cluster::of(files);
    cluster.remarks(declared);
    declared.name = cluster.name();
    declared.domains = cluster.domains();
    let mut part = ContainerPart::default();
    declared.services = workload::services(&cluster);
    let hosts = workload::hosts(&cluster, &declared.services);
    for object in cluster.workloads() {
        workload::read(&cluster, object, &hosts, &mut part);
    }
    if let Some(file) = files.first() {
        part.finish_images(&file.document);
    }
    let component = part.finish();
    if !component.is_empty() {
        declared.components.push(component);
    }
}

#[cfg(test)]
mod tests;
