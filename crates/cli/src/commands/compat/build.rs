//! `nixpacks build`: an image in files, without Docker.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use packwright::planner::{Diagnostic, SourceTree};
use packwright::{Build, Catalog, Destination, Secret, Source, nixpacks};

use super::{caller, messages};
use crate::exit::Exit;
use crate::flags::groups::{ArchiveFlags, BuildFlags, LogFlags, NetworkFlag, StepFlags, StoreFlags};
use crate::flags::nixpacks::{Nixpacks, NixpacksBuild};
use crate::flags::values;
use crate::host::Host;
use crate::output;
use crate::report::{Failure, Report};
use crate::session::{Session, StepValues, refuse_inside, source};
use crate::terminal::style::Style;
use crate::terminal::summary::Summary;

/// Why options for Docker have no effect.
const NO_DOCKER: &str = "the image is built without Docker";

pub(super) fn build(line: &Nixpacks, flags: &NixpacksBuild, host: &Host) -> Result<Exit, Failure> {
    if flags.dockerfile {
        return Err(messages::no_dockerfile());
    }
    let out = flags.out.clone().or_else(|| flags.current_dir.then(|| flags.path.clone()));
    let out = out.map(|dir| host.absolute(&dir));
    let destinations = destinations(flags, out.as_deref())?;
    let (caller, mut said) = caller::read(line, &flags.path, host)?;
    let store = host.store(None)?;
    let written: Vec<PathBuf> = out.iter().map(|dir| dir.join(".nixpacks")).collect();
    let source = source(host, &flags.path, &written)?;
    refuse_inside(&source, &store)?;
    let catalog = Catalog::default();
    let (planned, caller) = nixpacks::plan(&catalog, &source, &caller)?;
    let Some(planned) = planned else { return Err(nothing(&source)) };
    said.extend(caller.diagnostics());
    said.extend(remarks(flags));
    match planned.no_start {
        Some(why) if !flags.no_error_without_start => return Err(why.into()),
        Some(_) => said.push(messages::no_start()),
        None => {}
    }
    let build_flags = build_flags(flags)?;
    let secret = |(name, value): (&_, &String)| Secret::new(Clone::clone(name), value.as_bytes());
    let secrets: Vec<Secret> = caller.secrets().iter().map(secret).collect::<Result<_, _>>()?;
    let values = StepValues::read(host, &catalog, &planned.plan, &[])?.and(secrets);
    let session = Session::open(host, &build_flags)?;
    session.notice(said);
    let builder = values.give(session.builder(&store.path, catalog, &build_flags)?);
    let mut options = session.options();
    options.image.epoch = host.epoch(None)?;
    let build =
        builder.build_plan(&source, planned.plan, &options).map_err(|error| session.failure(error))?;
    if let Some(dir) = &out {
        let folder = dir.join(".nixpacks");
        fs::create_dir_all(&folder).map_err(|error| messages::unwritable(&folder, &error))?;
    }
    let mut delivered = destinations.iter().map(|destination| build.deliver(destination));
    delivered.try_for_each(|delivered| delivered.map_err(|error| session.failure(error)))?;
    let notices = session.finish();
    let took = session.started.elapsed();
    let summary = Summary { build: &build, destinations: &destinations, notices: &notices, took };
    output::message(&summary.text(Style::new(host.terminal.colour)));
    output::result(&match &out {
        None => messages::in_the_store(&build.digest().to_string()),
        Some(dir) => {
            write_dockerfile(dir, &build)?;
            let shown = flags.out.as_ref().unwrap_or(&flags.path).display().to_string();
            let left_out = nixpacks::left_out(&build.image);
            messages::saved(&shown, flags.name.as_deref(), &flags.tag, &left_out)
        }
    })?;
    Ok(Exit::Done)
}

/// A layout under every name, and an archive under the first one.
fn destinations(flags: &NixpacksBuild, out: Option<&Path>) -> Result<Vec<Destination>, Failure> {
    let Some(dir) = out else { return Ok(Vec::new()) };
    let folder = dir.join(".nixpacks");
    let names: Vec<&String> = flags.name.iter().chain(&flags.tag).collect();
    let tag = |name: &str| match name.rsplit('/').next().and_then(|last| last.split_once(':')) {
        Some((_, tag)) => tag.to_owned(),
        None => "latest".to_owned(),
    };
    let mut tags: Vec<String> = names.iter().map(|name| tag(name)).collect();
    if tags.is_empty() {
        tags.push("latest".to_owned());
    }
    tags.dedup();
    let mut texts: Vec<String> =
        tags.iter().map(|tag| format!("oci:{}:{tag}", folder.join("image").display())).collect();
    let archive = folder.join("image.tar");
    texts.push(match names.first() {
        Some(name) => format!("docker-archive:{}:{name}", archive.display()),
        None => format!("docker-archive:{}", archive.display()),
    });
    let parsed = texts.iter().map(|text| text.parse::<Destination>());
    parsed.collect::<Result<_, _>>().map_err(|error| {
        let fix = error.fix();
        Report::new("the image cannot have that name").because(&error).fix(fix).into()
    })
}

/// Remarks about flags that are not followed or have no effect.
fn remarks(flags: &NixpacksBuild) -> Vec<Diagnostic> {
    let mut said = Vec::new();
    let ours = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    for platform in &flags.platform {
        if !platform.starts_with(&format!("linux/{ours}")) {
            let fix = "build on a machine of that kind";
            said.push(messages::not_done(
                &format!("--platform {platform}"),
                "images are made for this machine's processor",
                fix,
            ));
        }
    }
    for label in &flags.label {
        let fix = "set it where the image is delivered to";
        said.push(messages::not_done(
            &format!("--label {label}"),
            "the labels of an image are those of its plan",
            fix,
        ));
    }
    for output in &flags.docker_output {
        let why = "the image is made without Docker, and written below `-o DIR`";
        said.push(messages::not_done(&format!("--docker-output {output}"), why, "give `-o DIR`"));
    }
    let given = [
        (
            "--cache-key",
            flags.cache_key.is_some(),
            "results are kept by what they were made of, and found again whoever asks",
        ),
        (
            "--incremental-cache-image",
            flags.incremental_cache_image.is_some(),
            "the store keeps what builds share",
        ),
        ("--cache-from", flags.cache_from.is_some(), "the store keeps what builds share"),
        ("--inline-cache", flags.inline_cache, "the store keeps what builds share"),
        ("--docker-host", flags.docker_host.is_some(), NO_DOCKER),
        ("--docker-tls-verify", flags.docker_tls_verify.is_some(), NO_DOCKER),
        ("--docker-cert-path", flags.docker_cert_path.is_some(), NO_DOCKER),
        (
            "--add-host",
            !flags.add_host.is_empty(),
            "steps that fetch use this machine's names, all others have no network",
        ),
        ("--cpu-quota", flags.cpu_quota.is_some(), "steps may use all processors of this machine"),
        ("--verbose", flags.verbose, "progress is always shown, and what a step printed when it fails"),
    ];
    let given = given.into_iter().filter(|(_, given, _)| *given);
    said.extend(given.map(|(flag, _, why)| messages::without_effect(flag, why)));
    if flags.no_cache {
        let why =
            "archives and package indexes are asked anew; results are used again only for the same input";
        said.push(messages::without_effect("--no-cache", why));
    }
    if flags.tag.len() + usize::from(flags.name.is_some()) > 1 {
        let why = "the archive for `docker load` has the first name alone; the layout has all tags";
        said.push(messages::not_done("--tag", why, "give it the other names with `docker tag`"));
    }
    said
}

/// What `packwright build` does without flags.
fn build_flags(flags: &NixpacksBuild) -> Result<BuildFlags, Failure> {
    let memory = flags.memory.as_deref().map(|size| {
        values::size(&size.trim_end_matches(['b', 'B']).to_uppercase())
            .map_err(|why| Failure::from(Report::new(format!("`--memory {size}` is no size")).why(why)))
    });
    Ok(BuildFlags {
        archive: ArchiveFlags {
            mirror: None,
            security_mirror: None,
            max_age: Duration::from_secs(3600),
            refresh: flags.no_cache,
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

/// The Dockerfile, and what of its context Docker needs.
fn write_dockerfile(dir: &Path, build: &Build) -> Result<(), Failure> {
    let folder = dir.join(".nixpacks");
    let dockerfile = nixpacks::dockerfile(&build.image);
    let files = [("Dockerfile", dockerfile), ("Dockerfile.dockerignore", nixpacks::ignored())];
    for (name, text) in files {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| messages::unwritable(&path, &error))?;
    }
    Ok(())
}

/// The failure when no application is recognised, with the files that are there.
fn nothing(source: &Source) -> Failure {
    let names: Vec<&str> = source.files().iter().take(10).map(|file| file.path.as_str()).collect();
    let found = if names.is_empty() {
        "there are no files".to_owned()
    } else {
        format!("there are {}", names.join(", "))
    };
    Report::new("no application was recognised")
        .why(found)
        .fix("name the directory of an application, or say with `--start-cmd` how it is started")
        .into()
}
