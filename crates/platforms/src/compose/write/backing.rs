//! Backing services as services of a Compose file, and the variables that bind the application to them.

use packwright_documents::Value;
use packwright_planner::{AppModel, BackingService, ServiceKind};

use crate::container::writing::{list, map, number, pairs, text};
use crate::write::{Converted, Loss};

/// What is known about running a kind of service.
struct Recipe {
    /// The image, and the one without a version where that is another.
    images: (&'static str, &'static str),
    /// Where its data is.
    data: &'static str,
    /// The beginning of its address, its user and its database.
    address: Option<(&'static str, &'static str, &'static str)>,
    port: u16,
    /// The variable for its password.
    password: Option<&'static str>,
    /// More variables.
    variables: &'static [(&'static str, &'static str)],
    /// What tells whether it is ready.
    test: &'static [&'static str],
    /// What it is started with.
    command: &'static [&'static str],
}

const PLAIN: Recipe = Recipe {
    images: ("", ""),
    data: "/data",
    address: None,
    port: 0,
    password: None,
    variables: &[],
    test: &[],
    command: &[],
};

/// How a kind of service is run; nothing where no image is known.
///
/// Source: the descriptions of the images by their makers.
fn recipe(kind: &ServiceKind) -> Option<Recipe> {
    Some(match kind {
        ServiceKind::Postgres => Recipe {
            images: ("postgres", "postgres"),
            data: "/var/lib/postgresql",
            address: Some(("postgres", "postgres", "postgres")),
            port: 5432,
            password: Some("POSTGRES_PASSWORD"),
            test: &["CMD", "pg_isready", "-U", "postgres"],
            ..PLAIN
        },
        ServiceKind::Mysql => Recipe {
            images: ("mysql", "mysql"),
            data: "/var/lib/mysql",
            address: Some(("mysql", "root", "app")),
            port: 3306,
            password: Some("MYSQL_ROOT_PASSWORD"),
            variables: &[("MYSQL_DATABASE", "app")],
            ..PLAIN
        },
        ServiceKind::Redis => Recipe {
            images: ("redis", "redis"),
            address: Some(("redis", "", "0")),
            port: 6379,
            test: &["CMD", "redis-cli", "ping"],
            ..PLAIN
        },
        ServiceKind::Mongo => Recipe {
            images: ("mongo", "mongo"),
            data: "/data/db",
            address: Some(("mongodb", "", "app")),
            port: 27017,
            ..PLAIN
        },
        ServiceKind::Memcached => Recipe {
            images: ("memcached", "memcached"),
            data: "",
            address: Some(("memcached", "", "")),
            port: 11211,
            ..PLAIN
        },
        ServiceKind::Elasticsearch => Recipe {
            // Elastic's image is published with versions only.
            images: ("elasticsearch", "opensearchproject/opensearch"),
            data: "",
            address: Some(("http", "", "")),
            port: 9200,
            variables: &[
                ("discovery.type", "single-node"),
                ("xpack.security.enabled", "false"),
                ("DISABLE_SECURITY_PLUGIN", "true"),
            ],
            ..PLAIN
        },
        ServiceKind::Rabbitmq => Recipe {
            images: ("rabbitmq", "rabbitmq"),
            data: "/var/lib/rabbitmq",
            address: Some(("amqp", "", "")),
            port: 5672,
            ..PLAIN
        },
        ServiceKind::Kafka => {
            Recipe { images: ("apache/kafka", "apache/kafka"), data: "", port: 9092, ..PLAIN }
        }
        ServiceKind::S3 => Recipe {
            images: ("minio/minio", "minio/minio"),
            address: Some(("http", "", "")),
            port: 9000,
            password: Some("MINIO_ROOT_PASSWORD"),
            command: &["server", "/data"],
            ..PLAIN
        },
        ServiceKind::Other(_) => return None,
    })
}

/// Values by name, in order.
pub(super) type Named = Vec<(String, Value)>;

/// The backing services, and the volumes for their data.
pub(super) fn services(model: &AppModel, out: &mut Converted) -> (Named, Named) {
    let (mut services, mut volumes) = (Named::new(), Named::new());
    for service in &model.services {
        let name = &service.name;
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        let version = service.version.as_deref().filter(|version| is_tag(version));
        let Some(recipe) = recipe(&service.kind).filter(|_| is_name && !name.is_empty()) else {
            let what = format!("no image is known for `{name}` ({})", service.kind);
            out.lose(Loss::Services, what, "write a service with its image", Some(&service.origin));
            continue;
        };
        if version.is_none() && service.version.is_some() {
            let what = format!("no image of `{name}` has such a version");
            out.lose(Loss::Services, what, "write the version of its image", Some(&service.origin));
        }
        if service.plan.is_some() {
            let what = format!("the plan of `{name}` is not written: Compose has none");
            out.lose(Loss::Scale, what, "write limits for it where that matters", Some(&service.origin));
        }
        let data = format!("{name}-data");
        let lasting = (!recipe.data.is_empty()).then(|| {
            volumes.push((data.clone(), map([])));
            // Images before 18 have the data in a directory below.
            let old = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
            match service.kind == ServiceKind::Postgres && old.is_some_and(|old| old < 18) {
                true => format!("{data}:{}/data", recipe.data),
                false => format!("{data}:{}", recipe.data),
            }
        });
        let mut environment: Vec<(String, Value)> = Vec::new();
        environment.extend(recipe.password.map(|key| (key.to_owned(), text(password(service)))));
        environment.extend(recipe.variables.iter().map(|(key, value)| ((*key).to_owned(), text(*value))));
        let image = match version {
            Some(version) => format!("{}:{version}", recipe.images.0),
            None => recipe.images.1.to_owned(),
        };
        let test = list(recipe.test.iter().map(|word| text(*word)).collect());
        let written = map([
            ("image", Some(text(image))),
            ("command", list(recipe.command.iter().map(|word| text(*word)).collect())),
            ("environment", pairs(environment)),
            ("volumes", list(lasting.map(text).into_iter().collect())),
            (
                "healthcheck",
                test.map(|test| {
                    let often = Some(text("5s"));
                    map([("test", Some(test)), ("interval", often), ("retries", Some(number(10u64)))])
                }),
            ),
            ("restart", Some(text("unless-stopped"))),
        ]);
        services.push((name.clone(), written));
    }
    (services, volumes)
}

/// Whether a version can be the tag of an image, from which the same version is read.
fn is_tag(version: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    version.len() < 32 && version.split('.').all(is_number)
}

/// The caller's variable with a service's password.
fn password(service: &BackingService) -> String {
    let name: String = service
        .name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect();
    let start = if name.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    format!("${{{start}{name}_PASSWORD:?choose a password}}")
}

/// The address of a service, as Compose fills it in.
pub(super) fn address(service: &BackingService) -> Option<String> {
    let recipe = recipe(&service.kind)?;
    let (scheme, user, database) = recipe.address?;
    let user = match (user, recipe.password) {
        ("", _) => String::new(),
        (user, Some(_)) => format!("{user}:{}@", password(service)),
        (user, None) => format!("{user}@"),
    };
    let database = if database.is_empty() { String::new() } else { format!("/{database}") };
    Some(format!("{scheme}://{user}{}:{}{database}", service.name, recipe.port))
}

/// A property of a service, and whether a reader knows it for that.
pub(super) fn property(service: &BackingService, property: &str) -> Option<(String, bool)> {
    if property == "connection-string" {
        return Some((address(service)?, true));
    }
    let recipe = recipe(&service.kind)?;
    let (_, user, database) = recipe.address?;
    let value = match property {
        "host" => service.name.clone(),
        "port" => recipe.port.to_string(),
        "hostport" => format!("{}:{}", service.name, recipe.port),
        "user" if !user.is_empty() => user.to_owned(),
        "database" if !database.is_empty() => database.to_owned(),
        "password" if recipe.password.is_some() => password(service),
        _ => return None,
    };
    Some((value, false))
}
