//! `nixpacks build`: an image in files, without Docker.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use packwright_engine::planner::Diagnostic;
use packwright_engine::{BuildError, Built, Destination, Strictness};

use super::caller::Caller;
use super::{dockerfile, line, made, messages};
use crate::application::Application;
use crate::exit::Exit;
use crate::flags::{
    ArchiveFlags, CompressionFlag, ImageFlags, LogFlags, Making, SecretFlag, SecretFrom, StepFlags,
    StoreFlags,
};
use crate::making::{self, Made};
use crate::output;
use crate::report::{Failure, Report};
use crate::site::{Ground, Order, Site};
use crate::surroundings::Surroundings;
use crate::terminal::Style;
use crate::terminal::summary::Summary;

/// Why nothing of Docker's matters.
const NO_DOCKER: &str = "the image is built without Docker";

pub(super) fn build(
    line: &line::Nixpacks,
    flags: &line::Build,
    surroundings: &Surroundings,
) -> Result<Exit, Failure> {
    if flags.dockerfile {
        return Err(messages::no_dockerfile());
    }
    let out = flags.out.clone().or_else(|| flags.current_dir.then(|| flags.path.clone()));
    let out = out.map(|dir| surroundings.absolute(&dir));
    let destinations = destinations(flags, out.as_deref())?;
    let caller = Caller::read(line, &flags.path, surroundings)?;
    let store = surroundings.store(None)?;
    let written: Vec<PathBuf> = out.iter().map(|dir| dir.join(".nixpacks")).collect();
    let application = Application::read(surroundings, &flags.path, &written)?;
    application.refuse_inside(&store)?;
    let (planned, caller) = made(&application, &caller)?;
    let Some(planned) = planned else { return Err(nothing(&application)) };
    let mut said = caller.said();
    said.extend(remarks(flags));
    match planned.no_start {
        Some(why) if !flags.no_error_without_start => return Err(why.into()),
        Some(_) => said.push(messages::no_start()),
        None => {}
    }
    let plan = planned.plan;
    said.extend(plan.diagnostics.clone());
    let (making, image) = (making(flags)?, image());
    let kept = secrets(&caller)?;
    let flagged: Vec<SecretFlag> = kept.iter().map(|(flag, _)| flag.clone()).collect();
    let order = Order::new(surroundings, &plan, &flagged, &making, &application.dir)?;
    let site = Site::open(surroundings, &making)?;
    site.notice(said);
    let ground = Ground::open(&site, &store.path, None, None)?;
    let events = |event| site.hear(event);
    let context = site.context(&ground, &order, &events)?;
    let make = || making::make(&site, &ground, &context, &application, &plan, &image, Strictness::Lenient);
    if let Some(dir) = &out {
        let folder = dir.join(".nixpacks");
        fs::create_dir_all(&folder).map_err(|error| messages::unwritable(&folder, &error))?;
    }
    let deliver = |made: &Made| {
        destinations.iter().try_for_each(|destination| {
            packwright_engine::deliver(&context, &made.built.image, made.built.epoch, destination)
        })
    };
    let mut built = make()?;
    let mut delivered = deliver(&built);
    if delivered.as_ref().is_err_and(BuildError::is_damage) {
        // The store has thrown away what was damaged; the build makes it anew.
        built = make()?;
        delivered = deliver(&built);
    }
    delivered.map_err(|error| site.failure(&ground, error))?;
    let notices = site.finish();
    let summary = Summary {
        plan: &plan,
        lock: &built.lock,
        built: &built.built,
        rung: ground.rung,
        destinations: &destinations,
        notices: &notices,
        took: site.started.elapsed(),
    };
    output::say(&summary.text(Style::new(surroundings.terminal.colour)));
    output::result(&match &out {
        None => messages::in_the_store(&built.built.image.digest.to_string()),
        Some(dir) => {
            write_dockerfile(dir, &built.built)?;
            let shown = flags.out.as_ref().unwrap_or(&flags.path).display().to_string();
            messages::saved(&shown, flags.name.as_deref(), &flags.tag, &dockerfile::left_out(&built.built))
        }
    })?;
    Ok(Exit::Done)
}

/// A layout under every name, and an archive under the first one.
fn destinations(flags: &line::Build, out: Option<&Path>) -> Result<Vec<Destination>, Failure> {
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

/// What of the flags is not done, or has no effect.
fn remarks(flags: &line::Build) -> Vec<Diagnostic> {
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

fn image() -> ImageFlags {
    ImageFlags { plan: None, locked: false, lock: None, compression: CompressionFlag::Gzip, epoch: None }
}

/// What `packwright build` does without flags.
fn making(flags: &line::Build) -> Result<Making, Failure> {
    let memory = flags.memory.as_deref().map(|size| {
        crate::flags::size(&size.trim_end_matches(['b', 'B']).to_uppercase())
            .map_err(|why| Failure::from(Report::new(format!("`--memory {size}` is no size")).why(why)))
    });
    Ok(Making {
        archive: ArchiveFlags {
            mirror: None,
            security_mirror: None,
            max_age: Duration::from_secs(3600),
            refresh: flags.no_cache,
        },
        steps: StepFlags {
            isolation: None,
            jobs: None,
            timeout: Duration::from_secs(30 * 60),
            memory: memory.transpose()?,
            max_processes: 4096,
            max_output: 64 << 20,
        },
        store: StoreFlags::default(),
        log: LogFlags::default(),
    })
}

/// The secrets as files that are gone when the build is over.
fn secrets(caller: &Caller) -> Result<Vec<(SecretFlag, tempfile::NamedTempFile)>, Failure> {
    let one = |(name, value): (&packwright_engine::planner::SecretName, &String)| {
        let unwritable = |error: std::io::Error| {
            Failure::from(Report::new("secrets of the build cannot be kept in a file").because(&error))
        };
        let mut file = tempfile::NamedTempFile::new().map_err(unwritable)?;
        file.write_all(value.as_bytes()).map_err(unwritable)?;
        let from = SecretFrom::File(file.path().to_owned());
        Ok((SecretFlag { name: name.clone(), from }, file))
    };
    caller.secrets.iter().map(one).collect()
}

/// The Dockerfile, and what of its context Docker needs.
fn write_dockerfile(dir: &Path, built: &Built) -> Result<(), Failure> {
    let folder = dir.join(".nixpacks");
    let files =
        [("Dockerfile", dockerfile::dockerfile(built)), ("Dockerfile.dockerignore", dockerfile::ignored())];
    for (name, text) in files {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| messages::unwritable(&path, &error))?;
    }
    Ok(())
}

/// Nothing was recognised: what is there instead.
fn nothing(application: &Application) -> Failure {
    use packwright_engine::planner::SourceTree;
    let names: Vec<&str> = application.files().iter().take(10).map(|file| file.path.as_str()).collect();
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
