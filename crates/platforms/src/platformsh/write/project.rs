//! Writes services and routes, and reports what none of the platform's files can hold.

use packwright_planner::{AppModel, BackingService, ServiceKind};

use super::super::variables::RELATIONSHIPS;
use super::processes::main_process;
use crate::entries::Entries;
use crate::platformsh::dialect::Dialect;
use crate::write::{Converted, Loss};

/// The versions that are written when a model has none, by the platform's words for services.
/// Source: platformsh-docs, "Services", supported versions of 2025.
const NEWEST: &[(&str, &str)] = &[
    ("chrome-headless", "120"),
    ("elasticsearch", "8.5"),
    ("influxdb", "2.7"),
    ("kafka", "3.7"),
    ("mariadb", "11.4"),
    ("memcached", "1.6"),
    ("mongodb", "4.0"),
    ("network-storage", "1.0"),
    ("oracle-mysql", "8.0"),
    ("postgresql", "16"),
    ("rabbitmq", "4.0"),
    ("redis", "7.2"),
    ("solr", "9.6"),
    ("varnish", "7.6"),
    ("vault-kms", "1.12"),
];

/// Sizes of Platform.sh's services.
const SIZES: &[&str] = &["S", "M", "L", "XL", "2XL", "4XL", "AUTO"];

/// Services that keep what they have on a disk, which Platform.sh wants to know the size of.
/// Source: platformsh-docs, "Services", `disk`.
const LASTING: &[&str] = &[
    "elasticsearch",
    "influxdb",
    "kafka",
    "mariadb",
    "mongodb",
    "network-storage",
    "oracle-mysql",
    "postgresql",
    "rabbitmq",
    "solr",
    "vault-kms",
];

/// The disk of a service that has no size in the model, in megabytes.
const DISK: u64 = 1024;

/// Writes the services.
pub(crate) fn services(dialect: Dialect, model: &AppModel, converted: &mut Converted) -> Entries {
    let mut entries = Entries::default();
    for service in &model.services {
        let Some(word) = word(service) else {
            let what = format!("the service `{}` ({}) is none of the platform's", service.name, service.kind);
            converted.lose(
                Loss::Services,
                what,
                "run it elsewhere, and set its address as a variable",
                Some(&service.origin),
            );
            continue;
        };
        let version = service.version.as_deref().filter(|version| !version.is_empty());
        let newest = NEWEST.iter().find(|(known, _)| *known == word).map_or("1", |(_, version)| version);
        if version.is_none() {
            let what = format!("the service `{}` is `{word}:{newest}`", service.name);
            converted.lose(
                Loss::Services,
                what,
                "change `type`, if it has to be another version",
                Some(&service.origin),
            );
        }
        let mut written = Entries::default();
        written.text("type", format!("{word}:{}", version.unwrap_or(newest)));
        let disk = plan(dialect, service, &mut written, converted);
        if dialect == Dialect::Platformsh && LASTING.contains(&word) && disk.is_none() {
            let what = format!("the disk of `{}` has {DISK} MB", service.name);
            converted.lose(Loss::Scale, what, "change `disk` to what it needs", Some(&service.origin));
            written.number("disk", DISK);
        }
        if !service.tells.is_empty() && service.tells != [RELATIONSHIPS] {
            let what = format!("the service `{}` is not told in {}", service.name, service.tells.join(", "));
            let instead = "make the variables in a file `.environment` of PLATFORM_RELATIONSHIPS";
            converted.lose(Loss::ServiceBinding, what, instead, Some(&service.origin));
        }
        let name = service_name(&service.name);
        if name != service.name {
            let what = format!("the service `{}` is called `{name}`", service.name);
            converted.lose(
                Loss::Services,
                what,
                "check what looks for it by its name",
                Some(&service.origin),
            );
        }
        entries.map(&name, written);
    }
    entries
}

/// The name of a service in the letters that the platform takes.
pub(super) fn service_name(name: &str) -> String {
    let fits = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else if c == '_' {
            c
        } else {
            '-'
        }
    };
    name.chars().map(fits).collect()
}

/// The size of a service, as far as it is in the platform's own words: `L, 1024 MB`.
/// Gives the disk that is written.
fn plan(
    dialect: Dialect,
    service: &BackingService,
    written: &mut Entries,
    converted: &mut Converted,
) -> Option<u64> {
    let plan = service.plan.as_ref()?;
    let mut rest = plan.as_str();
    let size = SIZES.iter().find(|size| rest == **size || rest.starts_with(&format!("{size}, ")));
    if let Some(size) = size {
        rest = rest[size.len()..].trim_start_matches(", ");
    }
    let disk: Option<u64> = rest.strip_suffix(" MB").and_then(|number| number.parse().ok());
    if dialect == Dialect::Upsun || disk.is_none() && !rest.is_empty() {
        let what = format!("the size `{plan}` of `{}` is not written", service.name);
        converted.lose(Loss::Scale, what, "choose one in the platform's console", Some(&service.origin));
        return None;
    }
    written.maybe("size", size.copied());
    if let Some(disk) = disk {
        written.number("disk", disk);
    }
    disk
}

/// Whether the platform runs such a service.
pub(super) fn is_offered(kind: &ServiceKind) -> bool {
    match kind {
        ServiceKind::S3 => false,
        ServiceKind::Other(word) => NEWEST.iter().any(|(known, _)| known == word),
        _ => true,
    }
}

/// The platform's word for a service.
fn word(service: &BackingService) -> Option<&str> {
    if !is_offered(&service.kind) {
        return None;
    }
    let version = service.version.as_deref().unwrap_or_default();
    Some(match &service.kind {
        // MariaDB begins at 10; what is older or has Oracle's numbers is MySQL.
        ServiceKind::Mysql if version.starts_with(['5', '8', '9']) => "oracle-mysql",
        ServiceKind::Mysql => "mariadb",
        kind => kind.name(),
    })
}

/// Writes the routes: the first application that answers requests has the project's own name and
/// the domains, the others a name below it.
pub(crate) fn routes(model: &AppModel, names: &[String], converted: &mut Converted) -> Entries {
    let answering = model.components.iter().zip(names);
    let answering = answering.filter(|(part, _)| main_process(part).is_some() || part.publish.is_some());
    let mut entries = Entries::default();
    let mut add = |address: String, app: &str| {
        let mut route = Entries::default();
        route.text("type", "upstream").text("upstream", format!("{app}:http"));
        entries.map(&address, route);
    };
    for (number, (_, app)) in answering.clone().enumerate() {
        match number {
            0 => add("https://{default}/".to_owned(), app),
            _ => add(format!("https://{app}.{{default}}/"), app),
        }
    }
    let first = answering.clone().next().map(|(_, app)| app);
    for domain in &model.domains {
        match first {
            Some(app) => add(format!("https://{}/", domain.value), app),
            None => {
                let what = format!("nothing answers requests to {}", domain.value);
                converted.lose(Loss::Domains, what, "add a route once something does", Some(&domain.origin));
            }
        }
    }
    entries
}

/// What no file has.
pub(crate) fn rest(dialect: Dialect, model: &AppModel, converted: &mut Converted) {
    if let Some(name) = &model.name {
        let what = format!("the project's name `{}` is not written", name.value);
        converted.lose(Loss::Components, what, "give it to the project in the console", Some(&name.origin));
    }
    for overlay in &model.overlays {
        let what = format!("what differs in `{}` is not written", overlay.name.value);
        let instead = match dialect {
            Dialect::Platformsh => {
                "set variables for that environment with `platform variable:create --environment`"
            }
            Dialect::Upsun => "set variables for that environment with `upsun variable:create --environment`",
        };
        converted.lose(Loss::Overlay, what, instead, Some(&overlay.name.origin));
    }
}
