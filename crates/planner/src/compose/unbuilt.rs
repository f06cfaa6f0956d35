//! Applications that no language claims: nothing is built for them, so what their processes start
//! must be among their files. Knows no program by what it does.

use super::base;
use crate::{Component, DeclaredProcess, Diagnostic, Origin, SourceTree, find};

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
    programs.iter().find_map(|program| match program.as_str() {
        name if name.starts_with('/') || base::has_program(name) => None,
        path if path.contains('/') => {
            let is_missing = !moves && !is_there(tree, path.trim_start_matches("./"));
            is_missing.then(|| missing(program, origin))
        }
        _ => component.packages.is_empty().then(|| unknown(program, origin)),
    })
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
            "$RUN",
            "echo begins && ./run",
            "exec sleep infinity",
            "whoami | tac && readlink run",
            "cd x && ./hello",
            "cd x && exec bash -c './hello; true'",
        ] {
            assert_eq!(said(command, files), "", "{command}");
        }
        for command in ["./hello", "bin/other", "exec ./target/release/shop", "export A=1; ./hello"] {
            assert_eq!(said(command, files), "Error plan/program-missing", "{command}");
        }
        for command in ["ruby app.rb", "cd x && ruby app.rb", "sleep 1; ruby app.rb", "hostname"] {
            assert_eq!(said(command, files), "Warning plan/no-language", "{command}");
        }
    }
}
