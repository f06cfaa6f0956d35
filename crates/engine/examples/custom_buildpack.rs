//! A buildpack of one's own: an application that is a shell script, with a step that builds
//! something. Shows all a language has to say: evidence, packages, steps, processes.
//!
//! `cargo run --example custom_buildpack -- DIR MIRROR`, where DIR holds a `start.sh` and MIRROR is
//! the base address of a Debian mirror.

#![allow(clippy::print_stdout, reason = "an example shows what it did")]

use std::error::Error;
use std::path::Path;
use std::time::SystemTime;

use packwright_engine::debian::Mirror;
use packwright_engine::planner::{
    AppModel, Buildpack, Claim, Command, Diagnostic, Ignoring, Input, Language, LayerKind, Origin, Output,
    Package, PlanContext, PlanOptions, Process, Proposal, Requested, Role, Scope, Selection, Step, has,
};
use packwright_engine::remote::{Client, ClientOptions};
use packwright_engine::store::{Store, scan};
use packwright_engine::{BuildContext, ImageOptions, Stop, Strictness, best_isolation};

/// Applications that start with `start.sh`.
struct Shell;

/// What is true of all of them.
const LANGUAGE: Language = Language::new("shell", "shell").manifests(&["start.sh"]);

impl Buildpack for Shell {
    fn language(&self) -> &Language {
        &LANGUAGE
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        let evidence = Origin::Detected("start.sh".to_owned());
        has(context.tree, "start.sh").then(|| Claim::Program.by(evidence))
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        if context.role != Role::Owner {
            return Ok(None);
        }
        // Grep is in no base image; the application gets it because its buildpack says so.
        let grep = Package {
            name: "grep".to_owned(),
            scope: Scope::Run,
            layer: LayerKind::System,
            why: "scripts search in files".to_owned(),
        };
        let name = "shell.count".parse().expect("a valid name");
        let mut count = Step::new(name, "counts the lines of all scripts");
        count.inputs = vec![Input::Source(Selection::of(["**/*.sh"]))];
        count.commands =
            vec![Command::shell("mkdir -p /opt/count && cat /app/*.sh | wc -l > /opt/count/lines")];
        count.outputs = vec![Output {
            path: "opt/count".parse().expect("a valid path"),
            layer: Some(LayerKind::Build),
            scrub: Vec::new(),
        }];
        let web = Process {
            name: "web".parse().expect("a valid name"),
            command: Command::exec(["bash", "start.sh"]),
            origin: Origin::Detected("start.sh".to_owned()),
        };
        Ok(Some(Proposal {
            packages: vec![grep],
            steps: vec![count],
            processes: vec![web],
            ..Proposal::new()
        }))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(dir), Some(mirror)) = (arguments.next(), arguments.next()) else {
        return Err("usage: custom_buildpack DIR MIRROR".into());
    };
    let source = scan(Path::new(&dir), &Ignoring::default())?;
    let plan =
        packwright_engine::plan(&source, &[&Shell], &|_| AppModel::default(), &PlanOptions::default())?;
    println!("{}", plan.to_toml());

    let store = Store::open(&std::env::temp_dir().join("packwright-embed"))?;
    let client = Client::new(ClientOptions::default())?;
    let stop = Stop::new()?;
    let show = |event| println!("{event:?}");
    let context = BuildContext {
        mirror: Some(Mirror { archive: mirror.clone(), security: Some(format!("{mirror}-security")) }),
        isolation: best_isolation(&store, &[])?,
        ..BuildContext::new(&store, &client, &stop, SystemTime::now(), &show)
    };
    let source = packwright_engine::snapshot_dir(&store, &source)?;
    let lock = packwright_engine::pin(&context, &plan, &source, Strictness::Lenient)?;
    let built = packwright_engine::build(&context, &plan, &lock, &source, &ImageOptions::default())?;
    packwright_engine::deliver(&context, &built.image, built.epoch, &"oci:shell.oci".parse()?)?;
    println!("{}", built.image.digest);
    Ok(())
}
