//! [`ImageConfig`]: the settings with which a container of the image starts.

use std::collections::{BTreeMap, BTreeSet};

use oci_spec::image as wire;

use super::descriptor::{Platform, from_wire_map, to_wire_map};
use super::error::ImageError;
use super::time::{parse_rfc3339, rfc3339};
use crate::json::strict_json;
use crate::{DiffId, canonical_json};

/// The image's configuration without its list of layers. Empty fields are left out of the
/// document.
///
/// Source: OCI image-spec, config.md.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageConfig {
    /// The processor, as `GOARCH` has it.
    pub architecture: String,
    /// The operating system, as `GOOS` has it.
    pub os: String,
    /// The variant of the processor.
    pub variant: Option<String>,
    /// When the image was made, in seconds since 1970: the epoch of its layers.
    pub created: Option<i64>,
    /// Who made it.
    pub author: Option<String>,
    /// Name and value of each environment variable, in order.
    pub env: Vec<(String, String)>,
    /// The program and its first arguments.
    pub entrypoint: Vec<String>,
    /// Further arguments, which the arguments of `docker run` replace.
    pub cmd: Vec<String>,
    /// The directory the program starts in.
    pub working_dir: Option<String>,
    /// `uid`, `uid:gid`, or names from the image's `/etc/passwd`.
    pub user: Option<String>,
    /// Ports as `8080/tcp`.
    pub exposed_ports: BTreeSet<String>,
    /// Directories that a runtime mounts as volumes.
    pub volumes: BTreeSet<String>,
    /// Free text by key.
    pub labels: BTreeMap<String, String>,
    /// The signal that stops the program: `SIGTERM`.
    pub stop_signal: Option<String>,
    /// How the layers came to be, from the base up. Either empty, or with one entry per layer
    /// and any number of entries without one.
    pub history: Vec<History>,
}

/// One step of an image's history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// When, in seconds since 1970.
    pub created: Option<i64>,
    /// What made the layer. Stable text: no temporary path, no duration, no secret.
    pub created_by: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// A note.
    pub comment: Option<String>,
    /// Whether this step made no layer.
    pub empty_layer: bool,
}

impl ImageConfig {
    /// The configuration's canonical JSON for an image of these layers, the base first.
    pub fn to_json(&self, diff_ids: &[DiffId]) -> Result<Vec<u8>, ImageError> {
        if let Some((name, _)) = self.env.iter().find(|(name, _)| name.contains('=')) {
            return Err(ImageError::EnvironmentName(name.clone()));
        }
        let mut config = wire::Config::default();
        config
            .set_user(self.user.clone())
            .set_exposed_ports(set(&self.exposed_ports))
            .set_env(list(self.env.iter().map(|(name, value)| format!("{name}={value}"))))
            .set_entrypoint(list(self.entrypoint.iter().cloned()))
            .set_cmd(list(self.cmd.iter().cloned()))
            .set_volumes(set(&self.volumes))
            .set_working_dir(self.working_dir.clone())
            .set_labels(to_wire_map(&self.labels))
            .set_stop_signal(self.stop_signal.clone());
        let mut rootfs = wire::RootFs::default();
        rootfs.set_diff_ids(diff_ids.iter().map(DiffId::to_string).collect());
        let history = self.history.iter().map(History::to_wire).collect::<Result<Vec<_>, ImageError>>()?;
        let mut document = wire::ImageConfiguration::default();
        document
            .set_created(self.created.map(rfc3339).transpose()?)
            .set_author(self.author.clone())
            .set_architecture(self.architecture.as_str().into())
            .set_os(self.os.as_str().into())
            .set_variant(self.variant.clone())
            .set_config(Some(config))
            .set_rootfs(rootfs)
            .set_history((!history.is_empty()).then_some(history));
        canonical_json(&document).map_err(|source| ImageError::Json { document: "configuration", source })
    }

    /// Reads a configuration of any tool: the fields known here, and the layers' diff ids from
    /// the base up. Fields that only Docker has are ignored. The caller has checked the digest.
    pub fn parse(bytes: &[u8]) -> Result<(ImageConfig, Vec<DiffId>), ImageError> {
        let document: wire::ImageConfiguration =
            strict_json(bytes).map_err(|source| ImageError::Json { document: "configuration", source })?;
        let rootfs = document.rootfs();
        if rootfs.typ() != "layers" {
            return Err(ImageError::RootFs(rootfs.typ().clone()));
        }
        let diff_ids = rootfs
            .diff_ids()
            .iter()
            .map(|text| text.parse().map(DiffId).map_err(|_| ImageError::DigestAlgorithm(text.clone())));
        let diff_ids = diff_ids.collect::<Result<Vec<_>, _>>()?;
        let config = document.config().clone().unwrap_or_default();
        let env = config.env().iter().flatten().map(|entry| match entry.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => Err(ImageError::Environment(entry.clone())),
        });
        let history = document.history().iter().flatten().map(History::from_wire);
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let parsed = ImageConfig {
            architecture: document.architecture().to_string(),
            os: document.os().to_string(),
            variant: given(document.variant()),
            created: time(document.created())?,
            author: given(document.author()),
            env: env.collect::<Result<_, _>>()?,
            entrypoint: config.entrypoint().clone().unwrap_or_default(),
            cmd: config.cmd().clone().unwrap_or_default(),
            working_dir: given(config.working_dir()),
            user: given(config.user()),
            exposed_ports: config.exposed_ports().iter().flatten().cloned().collect(),
            volumes: config.volumes().iter().flatten().cloned().collect(),
            labels: from_wire_map(config.labels()),
            stop_signal: given(config.stop_signal()),
            history: history.collect::<Result<_, _>>()?,
        };
        Ok((parsed, diff_ids))
    }

    /// The platform that the image runs on.
    pub fn platform(&self) -> Platform {
        Platform {
            architecture: self.architecture.clone(),
            os: self.os.clone(),
            variant: self.variant.clone(),
        }
    }
}

impl History {
    fn to_wire(&self) -> Result<wire::History, ImageError> {
        let mut wired = wire::History::default();
        wired
            .set_created(self.created.map(rfc3339).transpose()?)
            .set_created_by(self.created_by.clone())
            .set_author(self.author.clone())
            .set_comment(self.comment.clone())
            .set_empty_layer(self.empty_layer.then_some(true));
        Ok(wired)
    }

    fn from_wire(wired: &wire::History) -> Result<History, ImageError> {
        Ok(History {
            created: time(wired.created())?,
            created_by: wired.created_by().clone(),
            author: wired.author().clone(),
            comment: wired.comment().clone(),
            empty_layer: wired.empty_layer().unwrap_or(false),
        })
    }
}

/// An optional time. Some tools write an empty text for a missing one.
fn time(text: &Option<String>) -> Result<Option<i64>, ImageError> {
    text.as_deref().filter(|text| !text.is_empty()).map(parse_rfc3339).transpose()
}

fn list(items: impl Iterator<Item = String>) -> Option<Vec<String>> {
    let items: Vec<String> = items.collect();
    (!items.is_empty()).then_some(items)
}

fn set(items: &BTreeSet<String>) -> Option<Vec<String>> {
    list(items.iter().cloned())
}
