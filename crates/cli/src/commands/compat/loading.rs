//! What command lines of other builders have in common once there is a plan: flags that say nothing, and the Docker engine
//! of this machine, which gets the image without a client.

use std::path::PathBuf;
use std::time::Duration;

use packwright::{Build, Destination};

use super::messages;
use crate::flags::groups::{ArchiveFlags, BuildFlags, LogFlags, NetworkFlag, StepFlags, StoreFlags};
use crate::flags::values;
use crate::host::{ContainerEngine, Host};
use crate::report::{Failure, Report};
use crate::session::Session;

/// Whether the value of a flag or variable about TLS asks for it.
pub(super) fn asks_for_tls(value: &str) -> bool {
    !["", "0", "false"].contains(&value)
}

/// The engine that gets the image, which must answer before anything is built for it: at `address`, or where `DOCKER_HOST`
/// says.
pub(super) fn engine(address: Option<String>, host: &Host) -> Result<ContainerEngine, Failure> {
    let by_variable = host.text("DOCKER_TLS_VERIFY")?;
    let address = match address {
        Some(address) => Some(address),
        None => host.text("DOCKER_HOST")?,
    };
    if by_variable.as_deref().is_some_and(asks_for_tls)
        && address.as_deref().is_some_and(|address| !address.starts_with("unix:"))
    {
        return Err(messages::no_tls("DOCKER_TLS_VERIFY"));
    }
    let engine = ContainerEngine::at(address.as_deref()).map_err(|error| messages::not_loaded(&error))?;
    engine.ping().map_err(|error| messages::not_loaded(&error))?;
    Ok(engine)
}

/// Gives the image to the engine, by an archive that is gone afterwards.
pub(super) fn load(
    engine: &ContainerEngine,
    build: &Build,
    names: &[String],
    session: &Session<'_>,
    host: &Host,
) -> Result<(), Failure> {
    let place = host.text("TMPDIR")?.map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
    let dir = tempfile::tempdir_in(&place).map_err(|error| messages::unwritable(&place, &error))?;
    let file = dir.path().join("image.tar");
    let archive = Destination::DockerArchive { file: file.clone(), name: names.first().cloned() };
    build.deliver(&archive).map_err(|error| session.failure(error))?;
    engine.load(&file, names).map_err(|error| messages::not_loaded(&error))
}

/// The name with its tag, which is `latest` where it has none.
pub(super) fn tagged(name: &str) -> String {
    match name.rsplit('/').next().is_some_and(|last| last.contains(':')) {
        true => name.to_owned(),
        false => format!("{name}:latest"),
    }
}

/// What `packwright build` does without flags; `refresh` asks all archives and indexes anew, `memory` bounds each command of
/// a step.
///
/// Errors: a size that is none.
pub(super) fn build_flags(refresh: bool, memory: Option<&str>) -> Result<BuildFlags, Failure> {
    let memory = memory.map(|size| {
        values::size(&size.trim_end_matches(['b', 'B']).to_uppercase())
            .map_err(|why| Failure::from(Report::new(format!("`--memory {size}` is no size")).why(why)))
    });
    Ok(BuildFlags {
        archive: ArchiveFlags {
            mirror: None,
            security_mirror: None,
            max_age: Duration::from_secs(3600),
            refresh,
        },
        steps: StepFlags {
            network: NetworkFlag::Gateway,
            allow_hosts: Vec::new(),
            deny_hosts: Vec::new(),
            subject: None,
            isolation: None,
            jobs: None,
            timeout: Duration::from_secs(30 * 60),
            memory: memory.transpose()?,
            max_processes: 4096,
            max_output: 64 << 20,
            max_disk: None,
            max_files: None,
        },
        store: StoreFlags::default(),
        log: LogFlags::default(),
    })
}
