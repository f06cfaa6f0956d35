//! A buildpack of one's own: an application that is a shell script, with a step that builds
//! something. Shows all a language has to say: evidence, packages, steps, processes.
//!
//! `cargo run -p packwright --example custom_buildpack -- DIR MIRROR`, where DIR holds a `start.sh` and MIRROR is
//! the base address of a Debian mirror.

#![allow(clippy::print_stdout, reason = "an example shows what it did")]

use std::error::Error;

use packwright::debian::Mirror;
use packwright::planner::{
    Buildpack, BuildpackError, Claim, Command, Input, LayerKind, Origin, Output, Package, PlanContext,
    Process, Proposal, Role, Scope, Selection, Step, has,
};
use packwright::store::Store;
use packwright::{BuildOptions, Builder, Source};

/// Applications that start with `start.sh`.
struct Shell;

impl Buildpack for Shell {
    fn name(&self) -> &str {
        "shell"
    }

    fn looks_for(&self) -> &[&str] {
        &["start.sh"]
    }

    fn propose(&self, given: &PlanContext<'_>) -> Result<Option<Proposal>, BuildpackError> {
        if given.role != Role::Owner || !has(given.tree, "start.sh") {
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
            ..Proposal::new(Claim::Program.by(Origin::Detected("start.sh".to_owned())))
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
