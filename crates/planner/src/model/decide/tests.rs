//! Decisions between files, by small models made here.

use super::*;
use crate::{Command, Port, Wish};

fn path(text: &str) -> RelPath {
    text.parse().unwrap()
}

fn at(file: &str, line: u32) -> Origin {
    Origin::line(&path(file), line)
}

fn process(name: &str, command: &str, origin: Origin) -> DeclaredProcess {
    DeclaredProcess::new(name.parse().unwrap(), Command::shell(command), origin)
}

fn file(platform: &str, name: &str, weight: Weight, component: Component) -> Declarations {
    Declarations { components: vec![component], ..Declarations::new(platform, &path(name), weight) }
}

fn with(processes: Vec<DeclaredProcess>) -> Component {
    Component { processes, ..Component::default() }
}

#[test]
fn the_first_file_with_processes_has_the_say_and_others_add_what_they_know() {
    let procfile = with(vec![process("web", "gunicorn a", at("Procfile", 1))]);
    let mut web = process("web", "gunicorn b", at("render.yaml", 4));
    web.port = Some(Requested { value: Port::Fixed(10000), origin: at("render.yaml", 9) });
    let render = with(vec![
        web,
        process("celery", "celery", at("render.yaml", 12)),
        process("release", "migrate", at("render.yaml", 5)),
    ]);
    let model = decide(
        vec![
            file("procfile", "Procfile", Weight::Decides, procfile),
            file("render", "render.yaml", Weight::Decides, render),
        ],
        None,
    );
    let component = model.component(None);
    let names: Vec<&str> = component.processes.iter().map(|process| process.name.as_str()).collect();
    assert_eq!(names, ["web", "release"]);
    assert_eq!(component.processes[0].command, Some(Command::shell("gunicorn a")));
    assert_eq!(component.processes[0].port.as_ref().unwrap().value, Port::Fixed(10000));
    let told: Vec<String> = model
        .decisions
        .iter()
        .map(|decision| format!("{} = {} > {}", decision.subject, decision.value, decision.losers[0].value))
        .collect();
    assert_eq!(told, ["process web = gunicorn a > gunicorn b", "process celery = none > celery"]);
}

#[test]
fn hints_wait_behind_what_is_detected() {
    let compose = with(vec![process("web", "runserver", at("compose.yaml", 3))]);
    let model = decide(vec![file("compose", "compose.yaml", Weight::Hints, compose.clone())], None);
    let component = model.component(None);
    assert!(component.processes.is_empty());
    assert_eq!(component.hints.unwrap().processes, compose.processes);
}

#[test]
fn a_chosen_platform_reads_its_own_files_alone() {
    let wish = |version: &str, origin: Origin| Component {
        versions: vec![Wish {
            tool: "python".to_owned(),
            version: Requested { value: version.to_owned(), origin },
        }],
        ..Component::default()
    };
    let files = || {
        vec![
            file("procfile", "Procfile", Weight::Decides, with(vec![process("web", "a", at("Procfile", 1))])),
            file("render", "render.yaml", Weight::Decides, wish("3.12", at("render.yaml", 2))),
            file("compose", "compose.yaml", Weight::Hints, with(vec![process("web", "b", at("compose.yaml", 1))])),
        ]
    };
    let chosen = |platform: &str| Chosen {
        platform: platform.to_owned(),
        reads: vec![platform.to_owned()],
        customs: Customs { platform: platform.to_owned(), ..Customs::default() },
    };
    let model = decide(files(), Some(&chosen("render")));
    let component = model.component(None);
    assert!(component.processes.is_empty());
    assert_eq!(component.wishes("python").next().unwrap().value, "3.12");
    let told: Vec<&str> = model.diagnostics.iter().map(|remark| remark.code.as_str()).collect();
    assert_eq!(told, ["platform/not-read", "platform/not-read"]);

    let component = decide(files(), Some(&chosen("compose"))).component(None);
    assert_eq!(component.processes[0].command, Some(Command::shell("b")));

    let model = decide(files(), Some(&chosen("fly")));
    assert_eq!(model.diagnostics[0].code, "platform/no-file");
    assert_eq!(model.component(None).customs.platform, "fly");
}

#[test]
fn parts_in_one_directory_share_an_image_and_others_do_not() {
    let in_dir = |dir: &str, name: &str| Component {
        name: Some(Requested { value: name.to_owned(), origin: at("render.yaml", 1) }),
        root: Some(Requested { value: path(dir), origin: at("render.yaml", 2) }),
        processes: vec![process(name, name, at("render.yaml", 3))],
        ..Component::default()
    };
    let mut declared = Declarations::new("render", &path("render.yaml"), Weight::Decides);
    declared.components = vec![in_dir("api", "worker"), in_dir("front", "site"), in_dir("api", "web")];
    let model = decide(vec![declared], None);
    let api = model.component(Some(&path("api")));
    assert_eq!(api.name.unwrap().value, "web", "the part that answers gives the name");
    assert_eq!(api.processes.len(), 2);
    assert_eq!(model.component(Some(&path("front"))).processes.len(), 1);
    assert!(model.component(None).is_empty());
}
