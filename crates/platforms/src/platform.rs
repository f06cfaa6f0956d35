//! [`PLATFORMS`]: every platform whose files are read, in order of precedence, and what each of them does
//! differently. The rows translate a platform's documentation; no row says how a language is built.

use packwright_planner::{ChosenPlatform, Customs, Declarations, IgnoreFile};

use crate::dir_view::DirView;
use crate::nixpacks::reader as nixpacks;
use crate::write::{Conversion, Converted, written};
use crate::{
    appengine, beanstalk, cloudfoundry, cnb, compose, divio, dockerfile, ecs, fly, heroku, kubernetes,
    platformsh, procfile, railpack, railway, render, sites, systemd, upsun,
};

/// A platform, or a program that builds for one.
pub struct Platform {
    /// Its name as `--platform` takes it.
    pub name: &'static str,
    /// What it calls itself.
    pub title: &'static str,
    /// Names of its files, for finding directories that have any.
    pub files: &'static [&'static str],
    /// Whether its files are at the top of a repository alone.
    pub(crate) at_top_only: bool,
    /// The platforms whose files it reads besides its own, the ones that count first.
    pub(crate) reads_before: &'static [&'static str],
    /// The platforms whose files it reads and that count after its own.
    pub(crate) reads_after: &'static [&'static str],
    /// The only files that say a language's version there, the one that counts first; the
    /// buildpacks' own order when there is none.
    pub(crate) version_files: Option<&'static [&'static str]>,
    /// Variables that its builds have, besides those that its files set.
    pub(crate) build_variables: &'static [(&'static str, &'static str)],
    /// The `PORT` that a process which answers requests has there, for platforms that always give
    /// the same; with the name of the language, as the platform's documentation has it, where it
    /// depends on that.
    pub(crate) ports: &'static [(Option<&'static str>, u16)],
    /// Whether files of more than one package manager are an error there.
    pub(crate) one_manager: bool,
    /// The package managers whose files the platform reads, by name, in order of precedence. A language
    /// that has more than one of them follows this order, and its own order when the list is empty.
    pub(crate) managers: &'static [&'static str],
    /// Whether its files describe services one by one, so that one with nothing but jobs of the clock runs no
    /// process of the same application beside them.
    pub(crate) has_services: bool,
    /// Which of `.dockerignore` and `.slugignore` say there what an image has not; all of them where the row is no
    /// platform that builds images. Its other ignore files are read with its own files.
    pub ignore_files: Option<&'static [IgnoreFile]>,
    /// Whether its builds gather the static files of a framework (Django's `collectstatic`) although no file
    /// asks for it; nothing where that is not the row's affair.
    pub(crate) collects_assets: Option<bool>,
    /// Reads its files in one directory.
    pub(crate) read: fn(&DirView<'_>) -> Vec<Declarations>,
    /// Whether its builds run the commands of its file alone, so that those that install must be in it.
    pub runs_commands_alone: bool,
    /// Writes its files, for platforms that `convert --to` knows.
    pub write: Option<fn(&Conversion<'_>) -> Converted>,
}

/// A platform that reads its own files alone and has no customs of its own.
const PLAIN: Platform = Platform {
    name: "",
    title: "",
    files: &[],
    at_top_only: false,
    reads_before: &[],
    reads_after: &[],
    version_files: None,
    build_variables: &[],
    ports: &[],
    one_manager: false,
    managers: &[],
    has_services: false,
    ignore_files: None,
    collects_assets: None,
    read: |_| Vec::new(),
    runs_commands_alone: false,
    write: None,
};

/// Of platforms that get the application by `git push` or by an upload with patterns of their own, or that read
/// patterns from a file of theirs.
///
/// Source: the documentation of Render, Platform.sh, Upsun, Google App Engine (`.gcloudignore`), AWS Elastic Beanstalk
/// (`.ebignore`), Cloud Foundry (`.cfignore`), Netlify and Vercel; buildpacks/spec, project descriptor (`exclude`).
const NO_IGNORE_FILE: Option<&[IgnoreFile]> = Some(&[]);

/// Of platforms that build by BuildKit or Docker, whose build context the file filters.
///
/// Source: docs.docker.com, "Build context"; superfly/flyctl, `internal/build/imgsrc`; railwayapp/railpack, `core/app`.
const DOCKER: Option<&[IgnoreFile]> = Some(&[IgnoreFile::Docker]);

/// Source: devcenter.heroku.com, "Slug Compiler", "Ignoring files with .slugignore".
const SLUG: Option<&[IgnoreFile]> = Some(&[IgnoreFile::Slug]);

/// Every platform, the ones whose files count first at the start.
pub static PLATFORMS: &[Platform] = &[
    Platform {
        name: "procfile",
        title: "Procfile",
        files: &["Procfile"],
        read: procfile::declarations,
        ..PLAIN
    },
    Platform {
        name: "heroku",
        title: "Heroku",
        files: &["heroku.yml", "app.json", "Aptfile", ".buildpacks", ".slugignore"],
        at_top_only: true,
        reads_after: &["procfile", "cnb"],
        version_files: Some(&["runtime.txt", ".python-version", "Pipfile.lock", "package.json", "go.mod"]),
        one_manager: true,
        ignore_files: SLUG,
        collects_assets: Some(true),
        read: heroku::declarations,
        write: Some(|conversion| written(conversion, heroku::write)),
        ..PLAIN
    },
    Platform {
        name: "render",
        title: "Render",
        files: &["render.yaml", "render.yml"],
        at_top_only: true,
        version_files: Some(&[".python-version", ".node-version", ".nvmrc", "package.json", "go.mod"]),
        // Source: Render's documentation, "Default environment variables".
        build_variables: &[("RENDER", "true")],
        // Source: the same page, `PORT`.
        ports: &[(None, 10000)],
        has_services: true,
        ignore_files: NO_IGNORE_FILE,
        collects_assets: Some(false),
        read: render::declarations,
        runs_commands_alone: true,
        write: Some(|conversion| written(conversion, render::write)),
        ..PLAIN
    },
    Platform {
        name: "railway",
        title: "Railway",
        files: &railway::FILES,
        // It builds with the Dockerfile that is there, whatever its file says.
        reads_after: &["dockerfile", "railpack", "nixpacks", "procfile"],
        version_files: Some(railpack::VERSION_FILES),
        managers: railpack::MANAGERS,
        // Source: Railway's documentation, "Variables reference".
        build_variables: &[("RAILWAY_ENVIRONMENT_NAME", "production")],
        has_services: true,
        ignore_files: DOCKER,
        collects_assets: Some(false),
        read: railway::declarations,
        write: Some(|conversion| written(conversion, railway::write)),
        ..PLAIN
    },
    Platform {
        name: "nixpacks",
        title: "Nixpacks",
        files: &nixpacks::FILES,
        reads_after: &["procfile"],
        version_files: Some(&[
            ".python-version",
            "runtime.txt",
            "Pipfile",
            ".tool-versions",
            "package.json",
            ".nvmrc",
            ".node-version",
        ]),
        // Source: nixpacks, src/providers/python.rs.
        managers: &["pip", "poetry", "pdm", "uv", "pipenv"],
        ignore_files: DOCKER,
        collects_assets: Some(false),
        read: nixpacks::declarations,
        ..PLAIN
    },
    Platform {
        name: "railpack",
        title: "Railpack",
        files: &[railpack::FILE],
        reads_after: &["procfile"],
        version_files: Some(railpack::VERSION_FILES),
        managers: railpack::MANAGERS,
        ignore_files: DOCKER,
        collects_assets: Some(false),
        read: railpack::declarations,
        ..PLAIN
    },
    Platform {
        name: "fly",
        title: "Fly.io",
        files: &["fly.toml", "fly.json", "fly.yaml"],
        reads_after: &["dockerfile"],
        ignore_files: DOCKER,
        collects_assets: Some(false),
        read: fly::declarations,
        write: Some(|conversion| written(conversion, fly::write)),
        ..PLAIN
    },
    Platform {
        name: "platformsh",
        title: "Platform.sh",
        files: &[".platform.app.yaml"],
        // The type of an application says its version, and nothing else does.
        version_files: Some(&[]),
        ignore_files: NO_IGNORE_FILE,
        collects_assets: Some(false),
        read: platformsh::declarations,
        runs_commands_alone: true,
        write: Some(|conversion| written(conversion, platformsh::write::write)),
        ..PLAIN
    },
    Platform {
        name: "upsun",
        title: "Upsun",
        files: &[".upsun/config.yaml"],
        at_top_only: true,
        version_files: Some(&[]),
        ignore_files: NO_IGNORE_FILE,
        collects_assets: Some(false),
        read: upsun::declarations,
        runs_commands_alone: true,
        write: Some(|conversion| written(conversion, upsun::write)),
        ..PLAIN
    },
    Platform {
        name: "appengine",
        title: "Google App Engine",
        files: &["app.yaml"],
        // Google's buildpacks read a Procfile where there is no entry point.
        reads_after: &["procfile"],
        version_files: Some(&[".python-version", "package.json", "go.mod"]),
        // Source: Google's documentation, "Application startup".
        ports: &[(None, 8080)],
        // Its buildpack takes requirements.txt where there is one.
        managers: &["pip"],
        ignore_files: NO_IGNORE_FILE,
        collects_assets: Some(false),
        read: appengine::declarations,
        ..PLAIN
    },
    Platform {
        name: "beanstalk",
        title: "AWS Elastic Beanstalk",
        files: &["Dockerrun.aws.json", "Buildfile", ".ebignore"],
        reads_before: &["procfile"],
        // Its branch of the platform says the version.
        version_files: Some(&[]),
        // Source: awsdocs/aws-elastic-beanstalk-developer-guide, "Python configuration"; other
        // languages have other ports.
        ports: &[(Some("python"), 8000)],
        managers: &["pip", "pipenv"],
        ignore_files: NO_IGNORE_FILE,
        collects_assets: Some(false),
        read: beanstalk::declarations,
        ..PLAIN
    },
    Platform {
        name: "cloudfoundry",
        title: "Cloud Foundry",
        files: &["manifest.yml", "manifest.yaml"],
        reads_after: &["procfile"],
        version_files: Some(&["runtime.txt", "Pipfile.lock", "package.json", "go.mod"]),
        // Source: Cloud Foundry's documentation, "Environment variables", `PORT`.
        ports: &[(None, 8080)],
        // Source: its documentation, "Python buildpack"; Poetry is cloudfoundry/python-buildpack issue 156. Conda
        // is none that is built here.
        managers: &["pip", "pipenv"],
        ignore_files: NO_IGNORE_FILE,
        collects_assets: Some(true),
        read: cloudfoundry::declarations,
        write: Some(|conversion| written(conversion, cloudfoundry::write)),
        ..PLAIN
    },
    Platform {
        name: "cnb",
        title: "Cloud Native Buildpacks",
        files: &["project.toml"],
        at_top_only: true,
        reads_after: &["procfile"],
        ignore_files: NO_IGNORE_FILE,
        read: cnb::declarations,
        ..PLAIN
    },
    Platform {
        name: "divio",
        title: "Divio",
        files: &[".aldryn"],
        reads_after: &["dockerfile"],
        ignore_files: DOCKER,
        read: divio::declarations,
        ..PLAIN
    },
    Platform {
        name: "netlify",
        title: "Netlify",
        files: &[sites::NETLIFY],
        at_top_only: true,
        ignore_files: NO_IGNORE_FILE,
        read: sites::netlify,
        ..PLAIN
    },
    Platform {
        name: "vercel",
        title: "Vercel",
        files: &[sites::VERCEL],
        at_top_only: true,
        ignore_files: NO_IGNORE_FILE,
        read: sites::vercel,
        ..PLAIN
    },
    Platform {
        name: "dockerfile",
        title: "Dockerfile",
        files: &["Dockerfile", "Containerfile"],
        ignore_files: DOCKER,
        read: dockerfile::declarations,
        ..PLAIN
    },
    Platform {
        name: "ecs",
        title: "Amazon ECS",
        files: ecs::FILES,
        ignore_files: DOCKER,
        read: ecs::declarations,
        write: Some(|conversion| written(conversion, ecs::write)),
        ..PLAIN
    },
    Platform {
        name: "compose",
        title: "Compose",
        files: compose::FILES,
        ignore_files: DOCKER,
        read: compose::declarations,
        write: Some(|conversion| written(conversion, compose::write)),
        ..PLAIN
    },
    Platform {
        name: "kubernetes",
        title: "Kubernetes",
        files: kubernetes::FILES,
        has_services: true,
        ignore_files: DOCKER,
        read: kubernetes::declarations,
        write: Some(|conversion| written(conversion, kubernetes::write)),
        ..PLAIN
    },
    Platform {
        name: "systemd",
        title: "systemd, by podman",
        write: Some(|conversion| written(conversion, systemd::write)),
        ..PLAIN
    },
];

/// The platform called `name`.
pub fn platform(name: &str) -> Option<&'static Platform> {
    PLATFORMS.iter().find(|platform| platform.name == name)
}

impl Platform {
    /// This platform as the caller's choice.
    pub fn chosen(&self) -> ChosenPlatform {
        let before = self.reads_before.iter().copied();
        let reads = before.chain([self.name]).chain(self.reads_after.iter().copied());
        ChosenPlatform {
            platform: self.name.to_owned(),
            reads: reads.map(str::to_owned).collect(),
            customs: Customs {
                platform: Some(self.name.to_owned()),
                version_files: self
                    .version_files
                    .map(|files| files.iter().map(|&file| file.to_owned()).collect()),
                one_manager: self.one_manager,
                managers: self.managers.iter().map(|&name| name.to_owned()).collect(),
                collects_assets: self.collects_assets,
            },
        }
    }
}
