//! Packwright turns a source tree into a reproducible OCI image: no Docker daemon, no root, no
//! builder image. This crate is all that an embedder needs; the `packwright` command is its first
//! user.
//!
//! ```text
//! Source ──plan──▶ Plan ──lock──▶ Lock ──build──▶ Build ──deliver──▶ oci: · oci-archive: · docker-archive:
//! Catalog          └──────────── Builder ────────────┘
//! ```
//!
//! - A [`Catalog`] has the languages and platforms; it makes plans, and needs nothing for it.
//! - A [`Builder`] has a store on disk and what else builds may use; it makes locks and images.
//! - [`BuildOptions`] say what one build is to be, receive its [`Update`]s, and end it early.
//!
//! Nothing here prints, reads the environment or looks for a home directory: what a caller does not
//! give, a build does not have. All calls block; a build uses threads of its own.
//!
//! # Plan
//!
//! A plan is data: it can be printed, compared, stored, and built elsewhere.
//!
//! ```
//! use packwright::planner::{MemoryTree, PlanOptions};
//! use packwright::{Catalog, Source};
//!
//! let shop = "//- /requirements.txt\nflask==3.1.0\ngunicorn==23.0.0\n\
//!             //- /app.py\nfrom flask import Flask\napp = Flask(__name__)\n";
//! let source = Source::tree(MemoryTree::parse(shop));
//! let plan = Catalog::default().plan(&source, &PlanOptions::default())?;
//! assert_eq!(plan.buildpacks, ["python"]);
//! assert!(plan.default_process().is_some_and(|web| web.command.to_string().contains("gunicorn")));
//! println!("{}", plan.to_json());
//! # Ok::<(), packwright::Error>(())
//! ```
//!
//! # Build
//!
//! ```no_run
//! use packwright::debian::Mirror;
//! use packwright::remote::{Client, ClientOptions};
//! use packwright::store::Store;
//! use packwright::{BuildOptions, Builder, Event, HostFiles, Source};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let ca = "/etc/ssl/certs/ca-certificates.crt";
//! let client = Client::new(ClientOptions { ca_bundle: Some(std::fs::read(ca)?), ..Default::default() })?;
//! let builder = Builder::new(Store::open("/var/lib/platform/store".as_ref())?)
//!     .mirror(Mirror { archive: "http://mirror.example/debian".to_owned(), security: None })
//!     .client(client)
//!     .host_files(HostFiles::default().ca_bundle(ca))
//!     .settings([("PIP_INDEX_URL".to_owned(), "https://pypi.example/simple".to_owned())]);
//! let options = BuildOptions::default().on_progress(|update| match (&update.event, update.step) {
//!     (Event::StepStarted { step, .. }, Some(at)) => println!("{step}, {} of {}", at.number, at.of),
//!     _ => {}
//! });
//! let build = builder.build(&Source::dir("shop")?, &options)?;
//! build.deliver(&"oci:shop.oci:v1".parse()?)?;
//! println!("{}", build.digest());
//! # Ok(())
//! # }
//! ```
//!
//! # Build in a server
//!
//! A [`Builder`] is `Send + Sync + 'static` and cheap to clone. A build belongs on a thread that may
//! block; a [`CancelToken`] and a deadline end it from anywhere.
//!
//! ```no_run
//! # use packwright::{BuildOptions, Builder, Error, Source};
//! use std::time::{Duration, Instant};
//!
//! async fn build(builder: Builder, dir: String) -> Result<String, Error> {
//!     let (updates, mut received) = tokio::sync::mpsc::unbounded_channel();
//!     let mut options = BuildOptions::default().on_progress(move |update| drop(updates.send(update.clone())));
//!     options.deadline = Some(Instant::now() + Duration::from_secs(1800));
//!     let cancel = options.cancel.clone(); // `cancel.cancel()` when the client goes away
//!     let build = tokio::task::spawn_blocking(move || builder.build(&Source::dir(dir)?, &options));
//!     while let Some(update) = received.recv().await {
//!         println!("build {}: {:?}", update.build, update.event);
//!     }
//!     Ok(build.await.expect("a build does not panic")?.digest().to_string())
//! }
//! ```
//!
//! `tests/embedding` in the repository is such a server as a whole.
//!
//! # A language of one's own
//!
//! ```
//! use packwright::planner::{
//!     Buildpack, Claim, Command, Diagnostic, Language, MemoryTree, Origin, PlanContext, PlanOptions,
//!     Process, Proposal, Requested, Role, has,
//! };
//! use packwright::{Catalog, Source};
//!
//! struct Tcl;
//!
//! const LANGUAGE: Language = Language::new("tcl", "Tcl").manifests(&["main.tcl"]);
//!
//! impl Buildpack for Tcl {
//!     fn language(&self) -> &Language {
//!         &LANGUAGE
//!     }
//!
//!     fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
//!         let evidence = Origin::Detected("main.tcl".to_owned());
//!         has(context.tree, "main.tcl").then(|| Claim::Program.by(evidence))
//!     }
//!
//!     fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
//!         let web = Process::web(Command::exec(["tclsh", "main.tcl"]), Origin::Detected("main.tcl".to_owned()));
//!         let proposal = Proposal { processes: vec![web], ..Proposal::new() };
//!         Ok((context.role == Role::Owner).then_some(proposal))
//!     }
//! }
//!
//! let source = Source::tree(MemoryTree::parse("//- /main.tcl\nputs hello\n"));
//! let plan = Catalog::default().buildpack(Tcl).plan(&source, &PlanOptions::default())?;
//! assert_eq!(plan.buildpacks, ["tcl"]);
//! # Ok::<(), packwright::Error>(())
//! ```
//!
//! `examples/custom_buildpack.rs` has one with packages and a step that builds something.

mod build;
mod builder;
mod cancel;
mod catalog;
mod compat;
mod error;
mod isolation;
mod job;
mod lockfile;
pub mod nixpacks;
mod options;
mod parts;
mod progress;
mod public_variables;
mod question;
pub mod railpack;
mod registry;
mod settings;
mod source;
mod unsupported;

pub use build::Build;
pub use builder::Builder;
pub use cancel::CancelToken;
pub use catalog::Catalog;
pub use error::Error;
pub use options::{BuildOptions, LockUse};
pub use progress::{BuildId, FetchProgress, StepPosition, Update};
pub use registry::{languages, platforms};
pub use source::{LOCK_FILE, Source};

pub use packwright_engine::{
    Architecture, BuildError, Built, Destination, DestinationError, Difference, Event, HostFiles,
    ImageOptions, LABEL, Label, LayerReport, MAX_AGE, OpenedImage, STEP_RETRY, Secret, SecretTooShort,
    StartOptions, StepFailure, StepNetwork, Strictness, label,
};

pub use packwright_engine::{debian, gateway, oci, planner, remote, sandbox, store};
pub use packwright_platforms as platforms;
