//! `nixpacks build`: an image, made without Docker, in files or in the Docker engine of this machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use packwright::planner::Diagnostic;
use packwright::{Build, Catalog, Destination, Secret, nixpacks};

use super::{caller, loading, messages};
use crate::exit::Exit;
use crate::flags::groups;
use crate::flags::nixpacks::{Nixpacks, NixpacksBuild};
use crate::host::{ContainerEngine, Host};
use crate::output;
use crate::report::{Failure, Report};
use crate::session::{Session, StepValues, refuse_inside, source};
use crate::terminal::style::Style;
use crate::terminal::summary::Summary;

/// Why options for Docker have no effect with `-o`.
const TO_FILES: &str = "the image goes into files, and to no Docker engine";

/// Why a certificate has no effect.
const NO_TLS: &str = "no TLS is spoken with a Docker engine";

pub(super) fn build(line: &Nixpacks, flags: &NixpacksBuild, host: &Host) -> Result<Exit, Failure> {
    if flags.dockerfile {
        return Err(messages::no_dockerfile());
    }
    let out = flags.out.clone().or_else(|| flags.current_dir.then(|| flags.path.clone()));
    let out = out.map(|dir| host.absolute(&dir));
    let destinations = destinations(flags, out.as_deref())?;
    let (caller, mut said) = caller::read(line, &flags.path, host)?;
    let store = host.store(None)?;
    // What Nixpacks or an earlier build wrote there is no part of the application.
    let from = host.absolute(&flags.path);
    let written: Vec<PathBuf> = out.iter().chain([&from]).map(|dir| dir.join(".nixpacks")).collect();
    let catalog = Catalog::default();
    let source = source(host, &groups::catalog(Some("nixpacks")), &flags.path, &written)?;
    refuse_inside(&source, &store)?;
    let (planned, caller) = nixpacks::plan(&catalog, &source, &caller)?;
    let Some(planned) = planned else { return Err(messages::nothing(&source, "--start-cmd")) };
    said.extend(caller.diagnostics());
    said.extend(remarks(flags));
    match planned.no_start {
        Some(why) if !flags.no_error_without_start => return Err(why.into()),
        Some(_) => said.push(messages::no_start()),
        None => {}
    }
    let engine = match out {
        None => Some(engine(flags, host)?),
        Some(_) => None,
    };
    let build_flags = loading::build_flags(flags.no_cache, flags.memory.as_deref())?;
    let secret = |(name, value): (&_, &String)| Secret::new(Clone::clone(name), value.as_bytes());
    let secrets: Vec<Secret> = caller.secrets().iter().map(secret).collect::<Result<_, _>>()?;
    let values = StepValues::read(host, &catalog, &planned.plan, &[])?.and(secrets);
    let session = Session::open(host, &build_flags)?;
    session.notice(said);
    let builder = values.give(session.builder(&store.path, catalog, &build_flags)?);
    let mut options = session.options();
    options.image.epoch = host.epoch(None)?;
    options.image.labels = labels(&flags.label)?;
    let build =
        builder.build_plan(&source, planned.plan, &options).map_err(|error| session.failure(error))?;
    if let Some(dir) = &out {
        let folder = dir.join(".nixpacks");
        fs::create_dir_all(&folder).map_err(|error| messages::unwritable(&folder, &error))?;
    }
    let mut delivered = destinations.iter().map(|destination| build.deliver(destination));
    delivered.try_for_each(|delivered| delivered.map_err(|error| session.failure(error)))?;
    let names: Vec<String> = flags.name.iter().chain(&flags.tag).map(|name| loading::tagged(name)).collect();
    if let Some(engine) = &engine {
        loading::load(engine, &build, &names, &session, host)?;
    }
    let notices = session.finish();
    let took = session.started.elapsed();
    let summary = Summary { build: &build, destinations: &destinations, notices: &notices, took };
    output::message(&summary.text(Style::new(host.terminal.colour)));
    output::result(&match (&out, &engine) {
        (None, None) => String::new(),
        (None, Some(engine)) => messages::loaded(&build.digest().to_string(), engine.address(), &names),
        (Some(dir), _) => {
            write_dockerfile(dir, &build)?;
            let shown = flags.out.as_ref().unwrap_or(&flags.path).display().to_string();
            let left_out = nixpacks::left_out(&build.image);
            messages::saved(&shown, flags.name.as_deref(), &flags.tag, &left_out)
        }
    })?;
    Ok(Exit::Done)
}

/// The engine that gets the image.
fn engine(flags: &NixpacksBuild, host: &Host) -> Result<ContainerEngine, Failure> {
    if flags.docker_tls_verify.as_deref().is_some_and(loading::asks_for_tls) {
        return Err(messages::no_tls("--docker-tls-verify"));
    }
    loading::engine(flags.docker_host.clone(), host)
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

/// `NAME=VALUE`, as Docker takes labels; without `=` the value is empty.
fn labels(given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let one = |label: &String| {
        let (name, value) = label.split_once('=').unwrap_or((label, ""));
        match name.is_empty() {
            true => Err(messages::no_label(label)),
            false => Ok((name.to_owned(), value.to_owned())),
        }
    };
    given.iter().map(one).collect()
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
    for output in &flags.docker_output {
        let why = "the image is made without Docker, and written below `-o DIR`";
        said.push(messages::not_done(&format!("--docker-output {output}"), why, "give `-o DIR`"));
    }
    let into_files = flags.out.is_some() || flags.current_dir;
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
        ("--docker-host", flags.docker_host.is_some() && into_files, TO_FILES),
        ("--docker-tls-verify", flags.docker_tls_verify.is_some() && into_files, TO_FILES),
        ("--docker-cert-path", flags.docker_cert_path.is_some(), NO_TLS),
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
    if into_files && flags.tag.len() + usize::from(flags.name.is_some()) > 1 {
        let why = "the archive for `docker load` has the first name alone; the layout has all tags";
        said.push(messages::not_done("--tag", why, "give it the other names with `docker tag`"));
    }
    said
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
