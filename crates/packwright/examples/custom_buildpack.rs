//! A buildpack of one's own: an application that is a shell script, with a step that builds
//! something. Shows all a language has to say: evidence, packages, steps, processes.
//!
//! `cargo run -p packwright --example custom_buildpack -- DIR MIRROR`, where DIR holds a `start.sh` and MIRROR is
//! the base address of a Debian mirror.

#![allow(clippy::print_stdout, reason = "an example shows what it did")]

use std::error::Error;

use packwright::debian::Mirror;
use packwright::planner::{
    Buildpack, Claim, Command, Diagnostic, Language, LayerKind, Origin, Output, Package, PlanContext,
    Process, Proposal, Requested, Role, Selection, Step, has,
};
use packwright::store::Store;
use packwright::{BuildOptions, Builder, Source};

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
        let grep = Package::run("grep", LayerKind::System, "scripts search in files");
        let name = "shell.count".parse().expect("a valid name");
        let count = Step::new(name, "counts the lines of all scripts")
            .sees(Selection::of(["**/*.sh"]))
            .runs(Command::shell("mkdir -p /opt/count && cat /app/*.sh | wc -l > /opt/count/lines"))
            .leaves(Output::layer("opt/count".parse().expect("a valid path"), LayerKind::Build));
        let evidence = Origin::Detected("start.sh".to_owned());
        let web = Process::web(Command::exec(["bash", "start.sh"]), evidence);
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
    let source = Source::dir(dir)?;
    let store = Store::open(&std::env::temp_dir().join("packwright-embed"))?;
    let builder = Builder::new(store)
        .mirror(Mirror { archive: mirror.clone(), security: Some(format!("{mirror}-security")) })
        .languages([])
        .buildpack(Shell);
    let options = BuildOptions::default().on_progress(|update| println!("{update:?}"));
    let build = builder.build(&source, &options)?;
    println!("{}", build.plan.to_toml());
    build.deliver(&"oci:shell.oci".parse()?)?;
    println!("{}", build.digest());
    Ok(())
}
