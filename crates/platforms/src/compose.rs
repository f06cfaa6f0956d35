//! Compose: `compose.yaml` and its older names. Most Compose files describe a development machine, so they
//! only give hints: which services there are and in which versions, which directories are built, which
//! ports and variables are used.
//!
//! Files that override it are named and not read; nor is any file with variables, since those are
//! where people keep secrets. Services that are built are parts of the application, services with the
//! image of a database or the like are backing services.
//!
//! Source: compose-spec, 05-services.md, build.md, deploy.md, and its schema.

mod application;
mod component;
mod interpolation;
mod ports;
mod service;
mod values;
mod write;

use std::collections::BTreeSet;

use packwright_documents::Value;
use packwright_planner::{BackingService, Declarations, Diagnostic, FileWeight, Origin, RelPath};

use crate::compose::service::{Service, aside, ignore};
use crate::container::{CONTAINERS, ContainerStart, Image, image};
use crate::dir_view::DirView;
use crate::table::{Document, Table};

pub(crate) use write::write;

/// The name of this platform.
const PLATFORM: &str = "compose";

/// The file's names, the one that Compose takes first.
pub(crate) const FILES: &[&str] =
    &["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// Keys of a service that change nothing in its image.
const LEFT: &[&str] = &[
    "develop",
    "annotations",
    "attach",
    "blkio_config",
    "cap_add",
    "cap_drop",
    "cgroup",
    "cgroup_parent",
    "container_name",
    "cpu_count",
    "cpu_percent",
    "cpu_shares",
    "cpu_quota",
    "cpu_period",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpuset",
    "credential_spec",
    "device_cgroup_rules",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "label_file",
    "external_links",
    "extra_hosts",
    "gpus",
    "group_add",
    "hostname",
    "init",
    "ipc",
    "isolation",
    "labels",
    "links",
    "logging",
    "mac_address",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "network_mode",
    "models",
    "networks",
    "oom_kill_disable",
    "oom_score_adj",
    "pid",
    "pids_limit",
    "platform",
    "privileged",
    "pull_policy",
    "pull_refresh_after",
    "read_only",
    "restart",
    "runtime",
    "security_opt",
    "shm_size",
    "sysctls",
    "stdin_open",
    "storage_opt",
    "tmpfs",
    "tty",
    "ulimits",
    "use_api_socket",
    "uts",
    "userns_mode",
];

/// Reads the Compose file of a directory.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let mut present = FILES.iter().copied().filter(|name| view.has(name));
    let Some(name) = present.next() else { return Vec::new() };
    let seen = match view.read(PLATFORM, FileWeight::Hints, name) {
        None => return Vec::new(),
        Some(Err(refused)) => return vec![refused],
        Some(Ok(seen)) => seen,
    };
    let value = match seen.yaml(PLATFORM, FileWeight::Hints) {
        Ok(value) => value,
        Err(refused) => return vec![refused],
    };
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Hints);
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Hints);
    if let Some(table) = document.table(&value) {
        read(&document, view, &table, &value, &mut declared);
    }
    for said in document.into_diagnostics() {
        // Services that take the same lines by an alias have the same to say about them.
        let again = |known: &Diagnostic| known.code == said.code && known.at == said.at;
        let of_lines =
            matches!(said.code.as_str(), "compose/env-file" | "compose/development" | "compose/machine");
        if !of_lines || !declared.diagnostics.iter().any(again) {
            declared.diagnostics.push(said);
        }
    }
    declared.diagnostics.extend(unread(view, &seen.path, present.collect()));
    vec![declared]
}

/// What there is to say about the other files of Compose in the directory.
fn unread(view: &DirView<'_>, read: &RelPath, others: Vec<&str>) -> Option<Diagnostic> {
    let overrides = |name: &str| {
        let name = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")).unwrap_or_default();
        ["compose.", "docker-compose.", "compose-", "docker-compose-"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    let mut names: BTreeSet<String> = view.names("", overrides).into_iter().collect();
    names.extend(others.into_iter().map(str::to_owned));
    if names.is_empty() {
        return None;
    }
    let names: Vec<String> = names.into_iter().collect();
    let message = format!("{} are not read beside {read}", names.join(", "));
    let message = if names.len() == 1 { message.replace(" are not ", " is not ") } else { message };
    Some(
        Diagnostic::info("compose/not-read", message)
            .why("which files Compose puts together is said where it is called")
            .fix("write the file that counts with `docker compose config` and read that")
            .at(Origin::file(read)),
    )
}

fn read(
    document: &Document,
    view: &DirView<'_>,
    table: &Table<'_>,
    value: &Value,
    declared: &mut Declarations,
) {
    table.leave(&["version", "networks", "volumes", "models"]);
    leave_extensions(table, value);
    declared.name = table.text("name").map(values::filled_text);
    for key in ["secrets", "configs"] {
        if let Some(entry) = table.entry(key) {
            document.without_effect(
                entry.line,
                &format!("`{key}`"),
                "Compose mounts them as files when it runs",
            );
        }
    }
    if let Some(entry) = table.entry("include") {
        let origin = document.line(entry.line);
        document.say(
            Diagnostic::info("compose/include", format!("{origin}: included files are not read"))
                .fix("write the whole file with `docker compose config` and read that")
                .at(origin),
        );
    }
    let mut services = Vec::new();
    for (number, (name, table)) in table.named_tables("services").into_iter().enumerate() {
        if number >= CONTAINERS {
            ignore(&table);
            if number == CONTAINERS {
                let at = table.origin();
                let message = format!("{at}: the service `{name}` and those behind it are not read");
                let told = Diagnostic::warning("containers/too-many", message);
                let told = told.why(format!("there are more than {CONTAINERS}"));
                document.say(told.fix("split the file into those of several applications").at(at));
            }
            continue;
        }
        table.leave(LEFT);
        if let Some(value) = value.at(&["services", &name]) {
            leave_extensions(&table, value);
        }
        let named = value.get("services").and_then(|services| services.entry(&name));
        services.push(Service {
            origin: named.map_or_else(|| table.origin(), |named| document.line(named.line)),
            image: table.text("image").map(values::filled_text),
            build: values::build(&table),
            start: values::start(&table),
            profiles: table.texts("profiles"),
            name,
            table,
        });
    }
    sort(document, view, services, declared);
}

/// Leaves keys that begin with `x-` to those they are for.
fn leave_extensions(table: &Table<'_>, value: &Value) {
    let keys: Vec<&str> = value.entries().iter().map(|entry| entry.key.as_str()).collect();
    let extensions: Vec<&str> = keys.into_iter().filter(|key| key.starts_with("x-")).collect();
    table.leave(&extensions);
}

/// Says of every service what it is, and reads those that are parts of the application.
fn sort(document: &Document, view: &DirView<'_>, services: Vec<Service<'_>>, declared: &mut Declarations) {
    // A service that is published leads people on to those that it waits for.
    let published = services.iter().filter(|service| service.table.has("ports"));
    let leads: Vec<(String, Vec<String>)> =
        published.map(|service| (service.name.clone(), application::leads_to(&service.table))).collect();
    let any_built = services.iter().any(|service| service.build.is_some());
    let built: Vec<(String, values::Build)> = services
        .iter()
        .filter_map(|service| Some((service.image.as_ref()?.value.clone(), service.build.clone()?)))
        .collect();
    // Where nothing is built, the image that is reached from outside is the application's.
    let unknown = |service: &&Service<'_>| {
        let reference = service.image.as_ref().map(|image| image.value.as_str()).unwrap_or_default();
        !any_built
            && service.profiles.is_empty()
            && !reference.is_empty()
            && image(reference) == Image::Unknown
    };
    let reached = services.iter().filter(unknown).find(|service| service.table.has("ports"));
    let main = reached.or_else(|| services.iter().find(unknown)).and_then(|service| service.image.as_ref());
    let main = main.map(|image| image.value.clone());
    let (mut own, mut by_profile) = (Vec::new(), Vec::new());
    for mut service in services {
        let reference = service.image.as_ref().map(|image| image.value.clone()).unwrap_or_default();
        if !service.profiles.is_empty() {
            ignore(&service.table);
            by_profile.push(service);
            continue;
        }
        if service.build.is_none() && !matches!(service.start, ContainerStart::Named(_)) {
            if let Some((_, build)) = built.iter().find(|(image, _)| *image == reference) {
                service.build = Some(build.clone());
            } else if !is_own(document, &service, &reference, main.as_deref(), declared) {
                continue;
            }
        }
        own.push(service);
    }
    component::read(document, view, own, &leads, declared);
    if let Some(first) = by_profile.first() {
        let names: Vec<&str> = by_profile.iter().map(|service| service.name.as_str()).collect();
        let at = first.origin.clone();
        let message = format!("{at}: only started with a profile, and not counted: {}", names.join(", "));
        let told = Diagnostic::info("compose/profile", message);
        document.say(told.why("without the profile Compose leaves them out").at(at));
    }
}

/// Whether a service with an image that is not built here is a part of the application; says what
/// it is when it is not.
fn is_own(
    document: &Document,
    service: &Service<'_>,
    reference: &str,
    main: Option<&str>,
    declared: &mut Declarations,
) -> bool {
    match image(reference) {
        Image::Service(kind, version) => {
            ignore(&service.table);
            declared.services.push(BackingService {
                name: service.name.clone(),
                kind,
                version,
                plan: None,
                tells: Vec::new(),
                origin: service
                    .image
                    .as_ref()
                    .map_or_else(|| service.origin.clone(), |image| image.origin.clone()),
            });
            false
        }
        _ if reference.is_empty() => {
            let what = match service.table.has("extends") {
                true => format!("`{}` extends another service and is not read", service.name),
                false => format!("`{}` has neither `build` nor `image`", service.name),
            };
            aside(document, service, &what, "what it runs is said elsewhere");
            false
        }
        Image::Unknown if main == Some(reference) => true,
        Image::Others | Image::Unknown => {
            let what =
                format!("`{}` runs the image `{reference}`, which is no part of this source", service.name);
            aside(document, service, &what, "it is neither built here nor a kind of service that is known");
            false
        }
    }
}

#[cfg(test)]
mod tests;
