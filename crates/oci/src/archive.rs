//! Images in one file: `oci-archive`, which is a layout in a tar archive, and `docker-archive`,
//! which `docker load` and `podman load` read.

mod docker;
mod error;
mod oci;
mod writer;

pub use docker::{DockerArchive, PlainLayer, write_docker_archive};
pub use error::ArchiveError;
pub use oci::{OciArchive, read_oci_archive, write_oci_archive};
