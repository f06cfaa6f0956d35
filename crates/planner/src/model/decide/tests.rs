//! Decisions between files, with small models.

use super::*;
use crate::model::{BuildWork, Health, Overlay, Phase, Probe, Strategy};
use crate::{
    Command, Decision, DeclaredProcess, Port, Requested, Severity, Variable, VariableValue, VersionRequest,
};

fn path(text: &str) -> RelPath {
    text.parse().unwrap()
}

fn at(file: &str, line: u32) -> Origin {
    Origin::line(&path(file), line)
}

fn process(name: &str, command: &str, origin: Origin) -> DeclaredProcess {
    DeclaredProcess::new(name.parse().unwrap(), Command::shell(command), origin)
}

fn file(platform: &str, name: &str, weight: FileWeight, component: Component) -> Declarations {
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
            file("procfile", "Procfile", FileWeight::Decides, procfile),
            file("render", "render.yaml", FileWeight::Decides, render),
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
        .map(|decision| {
            format!("{} = {} > {}", decision.subject, decision.value, decision.overridden[0].value)
        })
        .collect();
    assert_eq!(told, ["process web = gunicorn a > gunicorn b", "process celery = none > celery"]);
}

#[test]
fn hints_wait_behind_what_is_detected() {
    let compose = with(vec![process("web", "runserver", at("compose.yaml", 3))]);
    let model = decide(vec![file("compose", "compose.yaml", FileWeight::Hints, compose.clone())], None);
    let component = model.component(None);
    assert!(component.processes.is_empty());
    assert_eq!(component.hints.unwrap().processes, compose.processes);
}

#[test]
fn a_chosen_platform_reads_its_own_files_alone() {
    let wish = |version: &str, origin: Origin| Component {
        versions: vec![VersionRequest {
            tool: "python".to_owned(),
            version: Requested { value: version.to_owned(), origin },
        }],
        ..Component::default()
    };
    let files = || {
        vec![
            file(
                "procfile",
                "Procfile",
                FileWeight::Decides,
                with(vec![process("web", "a", at("Procfile", 1))]),
            ),
            file("render", "render.yaml", FileWeight::Decides, wish("3.12", at("render.yaml", 2))),
            file(
                "compose",
                "compose.yaml",
                FileWeight::Hints,
                with(vec![process("web", "b", at("compose.yaml", 1))]),
            ),
        ]
    };
    let chosen = |platform: &str| ChosenPlatform {
        platform: platform.to_owned(),
        reads: vec![platform.to_owned()],
        customs: Customs { platform: Some(platform.to_owned()), ..Customs::default() },
    };
    let model = decide(files(), Some(&chosen("render")));
    let component = model.component(None);
    assert!(component.processes.is_empty());
    assert_eq!(component.version_requests("python").next().unwrap().value, "3.12");
    let told: Vec<&str> = model.diagnostics.iter().map(|remark| remark.code.as_str()).collect();
    assert_eq!(told, ["platform/not-read", "platform/not-read"]);

    let component = decide(files(), Some(&chosen("compose"))).component(None);
    assert_eq!(component.processes[0].command, Some(Command::shell("b")));

    let model = decide(files(), Some(&chosen("fly")));
    assert_eq!(model.diagnostics[0].code, "platform/no-file");
    assert_eq!(model.component(None).customs.platform.as_deref(), Some("fly"));
}

#[test]
fn parts_in_one_directory_share_an_image_and_others_do_not() {
    let in_dir = |dir: &str, name: &str| Component {
        name: Some(Requested { value: name.to_owned(), origin: at("render.yaml", 1) }),
        root: Some(Requested { value: path(dir), origin: at("render.yaml", 2) }),
        processes: vec![process(name, name, at("render.yaml", 3))],
        ..Component::default()
    };
    let mut declared = Declarations::new("render", &path("render.yaml"), FileWeight::Decides);
    declared.components = vec![in_dir("api", "worker"), in_dir("front", "site"), in_dir("api", "web")];
    let model = decide(vec![declared], None);
    let api = model.component(Some(&path("api")));
    assert_eq!(api.name.unwrap().value, "web", "the part that answers gives the name");
    assert_eq!(api.processes.len(), 2);
    assert_eq!(model.component(Some(&path("front"))).processes.len(), 1);
    assert!(model.component(None).is_empty());
}

fn variable(name: &str, value: &str, line: u32) -> Variable {
    Variable::new(name, VariableValue::Literal(value.to_owned()), at("app.yaml", line))
}

#[test]
fn secrets_in_commands_reach_no_model_and_commands_that_need_them_are_errors() {
    let mut web = process("web", "SECRET_KEY=topsecret gunicorn app", at("Procfile", 1));
    web.health = Some(Requested {
        value: Health {
            probe: Probe::Exec(Command::exec(["check", "--password=hunter2"])),
            interval: None,
            timeout: None,
            grace: None,
            retries: None,
        },
        origin: at("Procfile", 9),
    });
    let worker = process("worker", "serve --db postgres://u:hunter2@db/x", at("Procfile", 2));
    let build = Phase::of(
        "build",
        BuildWork::Build,
        vec![Requested { value: Command::shell("make --token=hunter2"), origin: at("Procfile", 3) }],
    );
    let deciding = Component { phases: vec![build], ..with(vec![web, worker]) };
    let mut first = file("procfile", "Procfile", FileWeight::Decides, deciding);
    first.diagnostics.push(Diagnostic::info("x/y", "`a redis://:hunter2@h` is skipped"));
    first.overlays.push(Overlay {
        name: Requested { value: "review".to_owned(), origin: at("Procfile", 5) },
        environment: vec![variable("DB_PASS", "hunter2", 6)],
        services: Vec::new(),
        processes: vec![process("web", "API_TOKEN=hunter2 run", at("Procfile", 7))],
    });
    let loser = process("web", "PGPASSWORD=hunter2 other", at("render.yaml", 1));
    let second = file("render", "render.yaml", FileWeight::Decides, with(vec![loser]));
    let hint = process("web", "run --password hunter2", at("Dockerfile", 1));
    let third = file("dockerfile", "Dockerfile", FileWeight::Hints, with(vec![hint]));
    let model = decide(vec![first, second, third], None);

    let text = model.to_json();
    assert!(!text.contains("hunter2") && !text.contains("topsecret"), "{text}");
    let component = model.component(None);
    let web = Command::shell(r#"SECRET_KEY="$SECRET_KEY" gunicorn app"#);
    assert_eq!(component.processes[0].command, Some(web));
    assert_eq!(component.hints.unwrap().processes[0].command, None, "a hint that cannot work is none");
    let told: Vec<String> = model
        .diagnostics
        .iter()
        .filter(|remark| remark.code == "platform/secret-in-command")
        .map(|remark| format!("{:?} {}", remark.severity, remark.at.as_ref().unwrap()))
        .collect();
    let expected = [
        "Warning Procfile:1",
        "Warning Procfile:9",
        "Error Procfile:2",
        "Error Procfile:3",
        "Warning Procfile:7",
        "Warning render.yaml:1",
        "Warning Dockerfile:1",
    ];
    assert_eq!(told, expected);
    let exposed: Vec<String> =
        model.exposed.iter().map(|secret| format!("{} {}", secret.name, secret.origin)).collect();
    assert!(exposed.contains(&"DB_PASS app.yaml:6".to_owned()), "{exposed:?}");
    assert!(exposed.contains(&"SECRET_KEY Procfile:1".to_owned()), "{exposed:?}");
}

#[test]
fn arguments_of_a_build_that_are_secrets_are_not_kept() {
    let args =
        [("NPM_TOKEN", "hunter2"), ("VERSION", "3")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let value = Strategy::Dockerfile { path: "Dockerfile".to_owned(), target: None, args: args.into() };
    let strategy = Some(Requested { value, origin: at("heroku.yml", 3) });
    let part = Component { strategy, ..Component::default() };
    let model = decide(vec![file("heroku", "heroku.yml", FileWeight::Decides, part)], None);
    assert!(!model.to_json().contains("hunter2"));
    assert_eq!(model.exposed[0].name, "NPM_TOKEN");
    let Strategy::Dockerfile { args, .. } = model.component(None).strategy.unwrap().value else {
        unreachable!()
    };
    assert_eq!(args.into_keys().collect::<Vec<_>>(), ["VERSION"]);
}

#[test]
fn variables_that_no_environment_can_have_are_left_out() {
    let environment = ["A B", "", "A=B", "A\0B", "GOOD", "with.dots"]
        .into_iter()
        .zip(1..)
        .map(|(name, line)| variable(name, "1", line))
        .chain([variable("NUL", "a\0b", 7)])
        .collect();
    let part = Component { environment, ..Component::default() };
    let mut declared = file("appengine", "app.yaml", FileWeight::Decides, part);
    declared.overlays.push(Overlay {
        name: Requested { value: "review".to_owned(), origin: at("app.yaml", 8) },
        environment: vec![variable("C D", "1", 9)],
        services: Vec::new(),
        processes: Vec::new(),
    });
    let model = decide(vec![declared], None);
    let names: Vec<String> = model.component(None).environment.into_iter().map(|known| known.name).collect();
    assert_eq!(names, ["GOOD", "with.dots"]);
    assert!(model.overlays[0].environment.is_empty());
    let lines: Vec<String> =
        model.diagnostics.iter().map(|remark| remark.at.as_ref().unwrap().to_string()).collect();
    assert_eq!(lines, [1, 2, 3, 4, 7, 9].map(|line| format!("app.yaml:{line}")));
}

#[test]
fn what_differs_between_the_parts_of_a_file_is_told() {
    let part = |name: &str, line: u32| {
        let requested = |text: &str| Requested { value: text.to_owned(), origin: at("render.yaml", line) };
        let command =
            Requested { value: Command::shell(format!("make {name}")), origin: at("render.yaml", line) };
        Component {
            manager: Some(requested(name)),
            strategy: Some(Requested {
                value: Strategy::Program(name.to_owned()),
                origin: at("render.yaml", line),
            }),
            phases: vec![Phase::of("build", BuildWork::Build, vec![command])],
            processes: vec![process(name, name, at("render.yaml", line))],
            ..Component::default()
        }
    };
    let mut declared = Declarations::new("render", &path("render.yaml"), FileWeight::Decides);
    declared.components = vec![part("a", 1), part("b", 2)];
    let same = declared.clone();
    let told: Vec<String> = decide(vec![declared], None)
        .decisions
        .iter()
        .map(|decision| {
            let Decision { subject, value, overridden, .. } = decision;
            format!("{subject}: {value} > {} {}", overridden[0].value, overridden[0].origin)
        })
        .collect();
    let expected = [
        "package manager: a > b render.yaml:2",
        "way to build: by a > by b render.yaml:2",
        "build commands: make a > make b render.yaml:2",
    ];
    assert_eq!(told, expected);
    let mut equal = same;
    equal.components.truncate(1);
    equal.components.push(part("a", 3));
    assert_eq!(decide(vec![equal], None).decisions, []);
}

/// Without an index for each list, this takes minutes.
#[test]
fn files_with_many_lines_are_decided_in_the_time_of_their_lines() {
    const LINES: u32 = 30_000;
    let files: Vec<Declarations> = ["a", "b"]
        .into_iter()
        .map(|name| {
            let part = Component {
                processes: (1..=LINES)
                    .map(|line| process(&format!("p{line}"), name, at(name, line)))
                    .collect(),
                environment: (1..=LINES).map(|line| variable(&format!("V{line}"), name, line)).collect(),
                ignore: (1..=LINES)
                    .map(|line| Requested { value: format!("{line}"), origin: at(name, line) })
                    .collect(),
                ..Component::default()
            };
            let remark = |line: u32| Diagnostic::info("x/y", format!("{name}{line}"));
            let domain = |line: u32| Requested { value: format!("{line}.example"), origin: at(name, line) };
            Declarations {
                // Two parts: those of one file are joined too.
                components: vec![part.clone(), part],
                domains: (1..=LINES).map(domain).collect(),
                diagnostics: (1..=LINES).map(remark).collect(),
                ..Declarations::new(name, &path(name), FileWeight::Decides)
            }
        })
        .collect();
    let model = decide(files, None);
    let component = model.component(None);
    let lines = LINES as usize;
    assert_eq!(
        (component.processes.len(), component.environment.len(), component.ignore.len()),
        (lines, lines, lines)
    );
    assert_eq!(
        (model.domains.len(), model.diagnostics.len(), model.decisions.len()),
        (lines, 2 * lines, 2 * lines)
    );
}

/// What variables of a builder say, after what two files say.
fn spoken() -> Vec<Declarations> {
    let option = |name: &str| Origin::Option(format!("--env NIXPACKS_{name}"));
    let build = |line: &str, origin: Origin| {
        let command = Requested { value: Command::shell(line), origin };
        vec![Phase::of("build", BuildWork::All, vec![command])]
    };
    let wish = |version: &str, origin: Origin| VersionRequest {
        tool: "python".to_owned(),
        version: Requested { value: version.to_owned(), origin },
    };
    let manager = |value: &str, origin: Origin| Some(Requested { value: value.to_owned(), origin });
    let procfile = with(vec![
        process("web", "gunicorn a", at("Procfile", 1)),
        process("worker", "celery", at("Procfile", 2)),
        process("release", "migrate", at("Procfile", 3)),
    ]);
    let render = Component {
        phases: build("make", at("render.yaml", 1)),
        versions: vec![wish("3.11", at("render.yaml", 2))],
        manager: manager("pip", at("render.yaml", 3)),
        ..Component::default()
    };
    let variables = Component {
        phases: build("make all", option("BUILD_CMD")),
        versions: vec![wish("3.12", option("PYTHON_VERSION"))],
        manager: manager("uv", option("PYTHON_PACKAGE_MANAGER")),
        ..with(vec![process("web", "gunicorn b", option("START_CMD"))])
    };
    vec![
        file("procfile", "Procfile", FileWeight::Decides, procfile),
        file("render", "render.yaml", FileWeight::Decides, render),
        file("nixpacks", "NIXPACKS_*", FileWeight::Decides, variables),
    ]
}

#[test]
fn what_the_caller_says_counts_before_every_file() {
    let model = decide(spoken(), None);
    let component = model.component(None);
    let started: Vec<String> =
        component.commands().map(|(name, command, origin)| format!("{name}: {command} ({origin})")).collect();
    assert_eq!(
        started,
        [
            "web: gunicorn b (--env NIXPACKS_START_CMD)",
            "worker: celery (Procfile:2)",
            "release: migrate (Procfile:3)"
        ]
    );
    assert_eq!(component.version_requests("python").next().unwrap().value, "3.12");
    let told: Vec<String> = model
        .decisions
        .iter()
        .map(|decision| {
            format!("{}: {} > {}", decision.subject, decision.value, decision.overridden[0].value)
        })
        .collect();
    assert_eq!(
        told,
        [
            "package manager: uv > pip",
            "build commands: make all > make",
            "process web: gunicorn b > gunicorn a"
        ]
    );
}

#[test]
fn what_the_caller_says_is_about_the_application_that_is_built() {
    let mut declared = spoken();
    for file in &mut declared[..2] {
        file.components[0].root = Some(Requested { value: path("api"), origin: at("render.yaml", 9) });
    }
    let (component, decisions) = decide(declared, None).application(Some(&path("api")));
    assert_eq!(component.dir(), Some(&path("api")));
    let started: Vec<String> = component.commands().map(|(_, command, _)| command.to_string()).collect();
    assert_eq!(started, ["gunicorn b", "celery", "migrate"]);
    assert_eq!(decisions.len(), 3);
}

#[test]
fn a_platform_that_is_not_told_by_variables_does_not_count_them() {
    let chosen = ChosenPlatform {
        platform: "heroku".to_owned(),
        reads: vec!["heroku".to_owned(), "procfile".to_owned()],
        customs: Customs::default(),
    };
    let model = decide(spoken(), Some(&chosen));
    let started: Vec<String> =
        model.component(None).commands().map(|(_, command, _)| command.to_string()).collect();
    assert_eq!(started, ["gunicorn a", "celery", "migrate"]);
    let told = model.diagnostics.iter().find(|found| found.message.starts_with("NIXPACKS_*, ")).unwrap();
    assert_eq!(told.severity, Severity::Warning);
    assert!(told.message.contains("--env NIXPACKS_START_CMD"), "{}", told.message);
}
