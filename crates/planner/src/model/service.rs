//! What an application needs besides its image: backing services, persistent directories, static files that
//! the platform serves.

use std::fmt;

use serde::Serialize;

use crate::{Origin, Requested};

/// A database, cache, queue or store that the platform runs for the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BackingService {
    /// Its name in the file.
    pub name: String,
    /// What it is.
    pub kind: ServiceKind,
    /// Its version, as the file has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its size or price, in the platform's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Variables in which the platform tells the application about it by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tells: Vec<String>,
    /// Who asks for it.
    pub origin: Origin,
}

/// The kinds of backing services that platforms share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    Mysql,
    /// Redis, Valkey or Key Value.
    Redis,
    /// MongoDB.
    Mongo,
    /// Memcached.
    Memcached,
    /// Elasticsearch or OpenSearch.
    Elasticsearch,
    /// RabbitMQ.
    Rabbitmq,
    /// Kafka.
    Kafka,
    /// An object store with Amazon's interface.
    S3,
    /// Something else, in the platform's own words.
    Other(String),
}

/// A value that a backing service, or another part of the application, tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ServiceReference {
    /// The service's name in the file.
    pub service: String,
    /// What of it: `connection-string`, `host`, `port`, `user`, `password`, `database`, or the
    /// name of one of its variables.
    pub property: String,
}

/// A directory that outlives the instances of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Volume {
    /// Its name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is mounted: an absolute path, or one from the component's directory.
    pub path: Requested<String>,
    /// Its size in megabytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub megabytes: Option<u64>,
}

/// Files that the platform serves without asking the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct StaticMount {
    /// The path in the address: `/static`.
    pub url: Requested<String>,
    /// The directory, or with a wildcard the files, from the component's directory.
    pub dir: String,
    /// How long browsers may keep them, in the platform's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// The file for paths that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
}

impl ServiceKind {
    /// The kind that a word of a platform's file means: `postgresql`, `redis-persistent`,
    /// `heroku-postgresql`, the name of an image.
    pub fn of(word: &str) -> ServiceKind {
        let word = word.to_ascii_lowercase();
        let has = |texts: &[&str]| texts.iter().any(|text| word.contains(text));
        if has(&["postgres", "postgis", "timescale", "pgvector", "cockroach"]) {
            ServiceKind::Postgres
        } else if has(&["mysql", "mariadb", "jawsdb", "cleardb", "percona"]) {
            ServiceKind::Mysql
        } else if has(&["redis", "valkey", "keyvalue", "key-value", "dragonfly", "keydb"]) {
            ServiceKind::Redis
        } else if has(&["mongo"]) {
            ServiceKind::Mongo
        } else if has(&["memcache"]) {
            ServiceKind::Memcached
        } else if has(&["elasticsearch", "opensearch", "bonsai", "searchbox"]) {
            ServiceKind::Elasticsearch
        } else if has(&["rabbitmq", "cloudamqp"]) {
            ServiceKind::Rabbitmq
        } else if has(&["kafka"]) {
            ServiceKind::Kafka
        } else if has(&["minio", "object-storage", "localstack"]) || word == "s3" {
            ServiceKind::S3
        } else {
            ServiceKind::Other(word)
        }
    }

    /// The word that most platforms use.
    pub fn name(&self) -> &str {
        match self {
            ServiceKind::Postgres => "postgresql",
            ServiceKind::Mysql => "mysql",
            ServiceKind::Redis => "redis",
            ServiceKind::Mongo => "mongodb",
            ServiceKind::Memcached => "memcached",
            ServiceKind::Elasticsearch => "elasticsearch",
            ServiceKind::Rabbitmq => "rabbitmq",
            ServiceKind::Kafka => "kafka",
            ServiceKind::S3 => "s3",
            ServiceKind::Other(word) => word,
        }
    }
}

impl fmt::Display for ServiceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
