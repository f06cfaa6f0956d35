//! [`Destination`]: where an image goes, written as people know it from skopeo.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where an image goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// `oci:DIR[:TAG]`: an OCI image layout in a directory; other images in it stay.
    Layout {
        /// The directory.
        dir: PathBuf,
        /// The image's name in the layout, `latest` when none was given.
        tag: String,
    },
    /// `oci-archive:FILE[:TAG]`: an OCI image layout in a tar file.
    OciArchive {
        /// The file.
        file: PathBuf,
        /// The image's name in the layout, `latest` when none was given.
        tag: String,
    },
    /// `docker-archive:FILE[:NAME]`: what `docker load` and `podman load` read.
    DockerArchive {
        /// The file.
        file: PathBuf,
        /// The image's name with tag, if it gets one.
        name: Option<String>,
    },
}

impl Destination {
    /// The directory or file that is written.
    pub fn path(&self) -> &Path {
        match self {
            Destination::Layout { dir, .. } => dir,
            Destination::OciArchive { file, .. } | Destination::DockerArchive { file, .. } => file,
        }
    }
}

/// Why a text is not a destination.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// No transport that this program knows.
    #[error("`{text}` does not name where the image goes")]
    Transport {
        /// The text.
        text: String,
    },
    /// Nothing behind the transport.
    #[error("`{text}` names no path")]
    NoPath {
        /// The text.
        text: String,
    },
    /// A tag that registries and tools would not take.
    #[error("`{tag}` is not a tag")]
    Tag {
        /// The tag.
        tag: String,
    },
}

impl DestinationError {
    /// What to do.
    pub fn fix(&self) -> &'static str {
        match self {
            DestinationError::Tag { .. } => {
                "a tag has letters, digits, `_`, `.` and `-`, at most 128, and starts with a letter, digit or `_`"
            }
            _ => "write `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]` or `docker-archive:FILE[:NAME[:TAG]]`",
        }
    }
}

impl FromStr for Destination {
    type Err = DestinationError;

    fn from_str(text: &str) -> Result<Destination, DestinationError> {
        let unknown = || DestinationError::Transport { text: text.to_owned() };
        let (transport, rest) = text.split_once(':').ok_or_else(unknown)?;
        let (path, name) = match rest.split_once(':') {
            Some((path, name)) => (path, Some(name)),
            None => (rest, None),
        };
        let with_tag = || match name {
            None => Ok("latest".to_owned()),
            Some(tag) if is_tag(tag) => Ok(tag.to_owned()),
            Some(tag) => Err(DestinationError::Tag { tag: tag.to_owned() }),
        };
        let destination = match transport {
            "oci" => Destination::Layout { dir: path.into(), tag: with_tag()? },
            "oci-archive" => Destination::OciArchive { file: path.into(), tag: with_tag()? },
            "docker-archive" => {
                Destination::DockerArchive { file: path.into(), name: name.map(with_default_tag) }
            }
            _ => return Err(unknown()),
        };
        match path {
            "" => Err(DestinationError::NoPath { text: text.to_owned() }),
            _ => Ok(destination),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Layout { dir, tag } => write!(f, "oci:{}:{tag}", dir.display()),
            Destination::OciArchive { file, tag } => write!(f, "oci-archive:{}:{tag}", file.display()),
            Destination::DockerArchive { file, name: Some(name) } => {
                write!(f, "docker-archive:{}:{name}", file.display())
            }
            Destination::DockerArchive { file, name: None } => write!(f, "docker-archive:{}", file.display()),
        }
    }
}

/// Source: OCI distribution-spec, "Pulling manifests", the grammar of a tag.
fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=128).contains(&text.len())
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || byte == b'.' || byte == b'-')
}

fn with_default_tag(name: &str) -> String {
    match name.rsplit('/').next().is_some_and(|last| last.contains(':')) {
        true => name.to_owned(),
        false => format!("{name}:latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_skopeo_reads() {
        let layout = |dir: &str, tag: &str| Destination::Layout { dir: dir.into(), tag: tag.to_owned() };
        assert_eq!("oci:out".parse(), Ok(layout("out", "latest")));
        assert_eq!("oci:/a/b:v1".parse(), Ok(layout("/a/b", "v1")));
        let docker: Destination = "docker-archive:x.tar:me/app".parse().unwrap();
        assert_eq!(docker.to_string(), "docker-archive:x.tar:me/app:latest");
    }

    #[test]
    fn refuses_the_rest() {
        for text in ["out", "oci:", "oci::tag", "oci:d:not a tag", "docker:x", "oci:d:-x"] {
            assert!(text.parse::<Destination>().is_err(), "{text}");
        }
    }
}
