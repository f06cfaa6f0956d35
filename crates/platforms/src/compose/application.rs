//! Which services of one directory are the application, and which of them people reach: there may be helpers that are
//! built beside it, and tools of its own that have a port as well.

use std::collections::BTreeSet;

use packwright_documents::{Content, Value};
use packwright_planner::Strategy;

use super::values;
use crate::compose::service::{Service, aside};
use crate::container::ContainerStart;
use crate::container::built::{BuiltImages, is_same};
use crate::dir_view::DirView;
use crate::table::{Document, Table};

/// The services that run the application's image, and processes of the same source that have an image of their own. Of the
/// others it is said that they do not count. `view` is the directory that they are built in.
pub(super) fn of_application<'a>(
    document: &Document,
    view: &DirView<'_>,
    services: Vec<Service<'a>>,
) -> Vec<Service<'a>> {
    let mut images = BuiltImages::default();
    for service in &services {
        if let Some(dockerfile) = dockerfile(service) {
            let mounts = values::mounts(&service.table);
            let context = service.build.as_ref().map(|build| plain(&build.context.value));
            let is_source = mounts.iter().any(|mount| mount.is_bind && Some(plain(&mount.source)) == context);
            images.add(view, dockerfile, service.table.has("ports"), is_source);
        }
    }
    let Some(own) = images.application().map(str::to_owned) else { return services };
    let counts = |service: &Service<'_>| {
        let Some(dockerfile) = dockerfile(service) else { return true };
        let answers = service.table.has("ports") || service.table.has("expose");
        let is_process = matches!(service.start, ContainerStart::By(_)) && !answers;
        is_same(dockerfile, &own) || is_process && images.is_of_source(dockerfile)
    };
    let (mut counting, others): (Vec<Service<'a>>, Vec<Service<'a>>) = services.into_iter().partition(counts);
    for service in others {
        let file = dockerfile(&service).unwrap_or_default();
        let what = format!("`{}` is built from `{file}`, another image than the application's", service.name);
        aside(
            document,
            &service,
            &what,
            &format!("of several images of one directory, that of `{own}` counts"),
        );
    }
    // What the part says about its image is said by the application's own services.
    counting.sort_by_key(|service| !dockerfile(service).is_none_or(|file| is_same(file, &own)));
    counting
}

/// The name of the service that people reach, where `services` have more than one that answers: the one called `web`, one
/// that a service of another image waits for or links to and that is published itself (a proxy), and before services with
/// a command of their own (a dashboard, a shell) the one that starts as the image does.
pub(super) fn front<'a>(services: &'a [Service<'_>], proxied: &BTreeSet<String>) -> Option<&'a str> {
    let answers = |service: &&Service<'_>| service.table.has("ports") || service.table.has("expose");
    let answering: Vec<&Service<'_>> = services.iter().filter(answers).collect();
    let named = |service: &&Service<'_>| matches!(service.start, ContainerStart::Named(_));
    if answering.len() < 2 || services.iter().any(|service| service.name == "web" || named(&service)) {
        return None;
    }
    let rank = |service: &&&Service<'_>| {
        let bare = !matches!(service.start, ContainerStart::By(_));
        let published = service.table.has("ports");
        (!proxied.contains(&service.name), !bare, !published)
    };
    answering.iter().min_by_key(rank).map(|service| service.name.as_str())
}

/// The names of the services that this one waits for or links to.
pub(super) fn leads_to(table: &Table<'_>) -> Vec<String> {
    let of = |key: &str| match table.value(key) {
        Some(Value { content: Content::Map(entries), .. }) => {
            entries.iter().map(|entry| entry.key.clone()).collect()
        }
        Some(Value { content: Content::List(items), .. }) => {
            let words = items.iter().filter_map(Value::word);
            words.map(|word| word.split(':').next().unwrap_or(word).to_owned()).collect()
        }
        _ => Vec::new(),
    };
    [of("depends_on"), of("links")].concat()
}

/// A directory of the source without `./` before it and `/` behind; empty for the file's own.
fn plain(dir: &str) -> &str {
    let dir = dir.trim_start_matches("./").trim_end_matches('/');
    if dir == "." { "" } else { dir }
}

/// The Dockerfile that a service is built from.
fn dockerfile<'a>(service: &'a Service<'_>) -> Option<&'a str> {
    match &service.build.as_ref()?.strategy.as_ref()?.value {
        Strategy::Dockerfile { path, .. } => Some(path),
        _ => None,
    }
}
