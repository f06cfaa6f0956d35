//! Programs that processes start by a path: they must be among the files of the application, or be made by a step.
//! Where no language claims the application nothing is built, and that holds for every program. Knows no
//! program by what it does.

use packwright_oci::RelPath;

use super::base;
use crate::{Component, DeclaredProcess, Diagnostic, Origin, Plan, Process, SourceTree, find};

/// Directories whose programs packages bring.
const OF_PACKAGES: &[&str] =
    &["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/games/", "/usr/lib/", "/usr/local/"];

/// Where the application is.
const APP: &str = "/app/";

/// What is wrong with the declared processes when no buildpack takes part: a program that is not
/// among the files is an error, one that nothing is known to bring a warning.
///
/// A build that the files declare may make the programs, and packages that they ask for may bring
/// them: then nothing is said.
pub(super) fn remarks(component: &Component, tree: &dyn SourceTree) -> Vec<Diagnostic> {
    if !component.phases.is_empty() {
        return Vec::new();
    }
    component.processes.iter().filter_map(|process| remark(process, component, tree)).collect()
}

fn remark(process: &DeclaredProcess, component: &Component, tree: &dyn SourceTree) -> Option<Diagnostic> {
    let programs = process.command.as_ref()?.programs();
    // Behind `cd` a path starts in a directory that is not followed here.
    let moves = programs.iter().any(|program| program == "cd");
    let origin = &process.origin;
    programs.iter().find_map(|program| match program.strip_prefix(APP).unwrap_or(program) {
        name if is_of_packages(name) || base::has_program(name) => None,
        path if path.starts_with('/') => component.packages.is_empty().then(|| elsewhere(program, origin)),
        path if path.contains('/') || program.starts_with(APP) => {
            let is_missing = !moves && !is_there(tree, path.trim_start_matches("./"));
            is_missing.then(|| missing(program, origin))
        }
        _ => component.packages.is_empty().then(|| unknown(program, origin)),
    })
}

/// Warnings about programs that the processes of `plan` start by a path at which neither `tree`, nor a step, nor a
/// package has anything.
pub(super) fn missing_paths(plan: &Plan, tree: &dyn SourceTree) -> Vec<Diagnostic> {
    plan.processes.iter().filter_map(|process| missing_path(process, plan, tree)).collect()
}

fn missing_path(process: &Process, plan: &Plan, tree: &dyn SourceTree) -> Option<Diagnostic> {
    let programs = process.command.programs();
    // Behind `cd` a path starts in a directory that is not followed here.
    let moves = programs.iter().any(|program| program == "cd");
    let is_made = |path: &str| {
        let path: Option<RelPath> = path.trim_start_matches('/').parse().ok();
        let outputs = plan.steps.iter().flat_map(|step| &step.outputs);
        path.is_none_or(|path| outputs.into_iter().any(|output| path.is_within(&output.path)))
    };
    let origin = &process.origin;
    programs.iter().find_map(|program| {
        let here = match program.strip_prefix('/') {
            None if moves || !program.contains('/') => return None,
            None => Some(program.trim_start_matches("./")),
            Some(_) => program.strip_prefix(APP),
        };
        match here {
            Some(path) if is_there(tree, path) || is_made(&format!("{APP}{path}")) => None,
            Some(_) => Some(unmade(program, origin)),
            None if is_of_packages(program) || is_made(program) => None,
            None => Some(elsewhere(program, origin)),
        }
    })
}

/// Whether a path is in a directory whose programs packages bring.
fn is_of_packages(path: &str) -> bool {
    OF_PACKAGES.iter().any(|dir| path.starts_with(dir))
}

fn unmade(program: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(
        "plan/program-missing",
        format!("{origin} starts `{program}`, which is not among the files of the application"),
    )
    .why("no step of the build makes it either")
    .fix("add the program, or correct its path")
    .at(origin.clone())
}

fn elsewhere(program: &str, origin: &Origin) -> Diagnostic {
    let name = program.rsplit('/').next().unwrap_or(program);
    Diagnostic::warning(
        "plan/program-elsewhere",
        format!("{origin} starts `{program}`, a path that the image does not have"),
    )
    .why("it is a path of another image; here the application is in `/app`, and programs are found by their name")
    .fix(format!("write `{name}`"))
    .at(origin.clone())
}

fn missing(program: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::error(
        "plan/program-missing",
        format!("{origin} starts `{program}`, which is not among the files of the application"),
    )
    .why("no buildpack recognises a language here, so nothing is built")
    .fix("add the program, or the manifest of the language that builds it")
    .at(origin.clone())
}

fn unknown(program: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(
        "plan/no-language",
        format!("{origin} starts `{program}`, and no language is recognised"),
    )
    .why("nothing is built and nothing is installed: the image has the files as they are")
    .fix(format!(
        "make sure that the image has `{program}`, or add the manifest of the language that it runs"
    ))
    .at(origin.clone())
}

/// Whether the tree has a file at `path`, or a link on the way to it.
fn is_there(tree: &dyn SourceTree, path: &str) -> bool {
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    ends.into_iter().any(|end| find(tree, &path[..end]).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Command, MemoryTree, ProcessKind};

    fn said(command: &str, tree: &str) -> String {
        let origin = Origin::line(&"Procfile".parse().unwrap(), 1);
        let bare = DeclaredProcess::bare("web".parse().unwrap(), ProcessKind::Web, origin);
        let process = DeclaredProcess { command: Some(Command::shell(command)), ..bare };
        let component = Component { processes: vec![process], ..Component::default() };
        let found = remarks(&component, &MemoryTree::parse(tree));
        found.iter().map(|found| format!("{:?} {}", found.severity, found.code)).collect()
    }

    #[test]
    fn a_program_must_be_among_the_files() {
        let files = "//- /run\n//- /bin/serve\n";
        for command in [
            "./run",
            "bin/serve --port $PORT",
            "A=1 exec ./run",
            "sh run",
            "/usr/bin/env",
            "/app/bin/serve",
            "$RUN",
            "echo begins && ./run",
            "exec sleep infinity",
            "whoami | tac && readlink run",
            "cd x && ./hello",
            "cd x && exec bash -c './hello; true'",
        ] {
            assert_eq!(said(command, files), "", "{command}");
        }
        for command in [
            "./hello",
            "bin/other",
            "exec ./target/release/shop",
            "export A=1; ./hello",
            "/app/hello",
            "/app/bin/server",
        ] {
            assert_eq!(said(command, files), "Error plan/program-missing", "{command}");
        }
        assert_eq!(said("/venv/bin/python x.py", files), "Warning plan/program-elsewhere");
        for command in ["ruby app.rb", "cd x && ruby app.rb", "sleep 1; ruby app.rb", "hostname"] {
            assert_eq!(said(command, files), "Warning plan/no-language", "{command}");
        }
    }
}
