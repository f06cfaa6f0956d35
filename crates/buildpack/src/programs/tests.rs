//! Programs by name, by process, by themselves.

use packwright_planner::{Command, DeclaredProcess, MemoryTree, ProcessKind};

use super::*;

fn program(name: &str, dir: &str) -> Program {
    let dir: Option<RelPath> = dir.parse().ok();
    let file = dir.as_ref().map_or("main.x".parse(), |dir| dir.join("main.x")).unwrap();
    let is_beside = is_beside(dir.as_ref());
    Program { name: name.to_owned(), dir, file, arguments: Vec::new(), is_beside }
}

fn model(lines: &[(&str, &str)]) -> Component {
    let process = |(name, line): &(&str, &str)| {
        let origin = Origin::Detected("Procfile".to_owned());
        DeclaredProcess {
            name: name.parse().unwrap(),
            kind: ProcessKind::Web,
            command: Some(Command::shell(*line)),
            origin,
            port: None,
            health: None,
            scale: None,
            size: None,
            stop: None,
        }
    };
    Component { processes: lines.iter().map(process).collect(), ..Component::default() }
}

fn chosen(programs: &[Program], app: Option<&str>, model: &Component) -> String {
    let listens = |program: &Program| program.name == "web";
    match choose("x", programs, app, model, &listens) {
        Ok((chosen, decision)) => {
            let names: Vec<&str> = chosen.iter().map(|program| program.name.as_str()).collect();
            let lost = decision.map_or(0, |decision| decision.overridden.len());
            format!("{} over {lost}", names.join(" "))
        }
        Err(problem) => problem.code,
    }
}

#[test]
fn which_programs_are_built() {
    let none = Component::default();
    let all = [program("web", "cmd/web"), program("job", "cmd/job"), program("fix", "tools/fix")];
    assert_eq!(chosen(&all, None, &none), "web over 1");
    assert_eq!(chosen(&all, Some("fix"), &none), "fix over 2");
    assert_eq!(chosen(&all, Some("./cmd/job/"), &none), "job over 1");
    assert_eq!(chosen(&all, Some("other"), &none), "x/no-such-program");
    assert_eq!(chosen(&all[1..], None, &none), "job over 0");
    assert_eq!(chosen(&all[2..], None, &none), "fix over 0");
    assert_eq!(chosen(&[], None, &none), "x/no-program");
    assert_eq!(chosen(&[program("a", "a"), program("b", "b")], None, &none), "x/several-programs");
    assert_eq!(chosen(&[program("a", "a"), program("b", "")], None, &none), "b over 1");
    let declared = model(&[("web", "exec bin/job --now"), ("other", "X=1 web"), ("more", "sh x")]);
    assert_eq!(chosen(&all, None, &declared), "job web over 0");
}

#[test]
fn a_name_that_several_have_is_none() {
    let none = Component::default();
    let all = [program("server", "cmd/server"), program("server", "svc/server")];
    assert_eq!(chosen(&all, Some("server"), &none), "x/several-programs");
    assert_eq!(chosen(&all, Some("svc/server"), &none), "server over 1");
    let listens = |_: &Program| false;
    let problem = choose("x", &all, None, &none, &listens).unwrap_err();
    assert!(problem.fix.unwrap().starts_with("choose with `--app cmd/server`"));
}

#[test]
fn processes_of_programs_that_are_not_built() {
    let all = [program("web", "cmd/web"), program("job", "cmd/job")];
    let model = model(&[("web", "web"), ("job", "./job")]);
    let found = left_out("x", &model, &all, &[&all[1]]);
    let said: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(said, ["detected: Procfile starts web (cmd/web), which is not built"]);
    assert!(left_out("x", &model, &all, &[&all[0], &all[1]]).is_empty());
}

#[test]
fn paths_that_are_not_there_become_links() {
    let tree = MemoryTree::parse("//- /start.sh\nx\n//- /bin/tool\nx\n");
    let one = program("web", "");
    let model = model(&[
        ("a", "./out"),
        ("b", "./start.sh"),
        ("c", "bin/web"),
        ("d", "web"),
        ("e", "/usr/bin/x"),
        ("f", "./out -v"),
    ]);
    let links = links("x", &tree, &model, &[&one], "bin");
    let paths: Vec<&str> = links.iter().map(|link| link.path.as_str()).collect();
    assert_eq!(paths, ["out"]);
}
