//! What platform files declare about a build, its variables and its port, up to the plan.

use super::*;
use crate::{
    BuildWork, CommandKind, Declarations, DeclaredBuild, FileWeight, Overlay, Phase, Port, ProcessKind,
    Requested, Scoped, Strategy, Task, Variable, VariableValue, decide,
};

/// A language whose installer, tool and migration are `toy install`, `toy …` and `toy migrate`.
struct Builder;

impl Buildpack for Builder {
    fn language(&self) -> &Language {
        &TOY
    }

    fn detect(&self, _context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        Some(Claim::Server.by(Origin::Detected("toy.txt".to_owned())))
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        let claim = Claim::Server.by(Origin::Detected("toy.txt".to_owned()));
        let told = |build: &DeclaredBuild| {
            let texts = |commands: &[Requested<Command>]| -> Vec<String> {
                commands.iter().map(|command| format!("{} ({})", command.value, command.origin)).collect()
            };
            format!("{:?} {} {:?}", texts(&build.before), build.detected, texts(&build.after))
        };
        let decision = Decision {
            subject: "seen".to_owned(),
            value: context.model.build.as_ref().map_or_else(|| "nothing declared".to_owned(), told),
            origin: claim.origin.clone(),
            overridden: Vec::new(),
        };
        let web = Process {
            name: "web".parse().unwrap(),
            command: Command::exec(["toy"]),
            origin: claim.origin.clone(),
        };
        Ok(Some(Proposal { decisions: vec![decision], processes: vec![web], ..Proposal::new() }))
    }

    fn launch_command(&self, command: &Command) -> Option<Command> {
        command.to_string().strip_prefix("toy run ").map(Command::shell)
    }

    fn classify(&self, words: &[String]) -> Option<CommandKind> {
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["toy", "install"] => Some(CommandKind::Installs),
            ["toy", "migrate"] => Some(CommandKind::Releases),
            ["toy", ..] => Some(CommandKind::Runs),
            _ => None,
        }
    }
}

fn at(line: u32) -> Origin {
    Origin::line(&"render.yaml".parse().unwrap(), line)
}

fn run(text: &str, line: u32) -> Task {
    Task::Run(Requested { value: Command::shell(text), origin: at(line) })
}

fn phase(work: BuildWork, tasks: Vec<Task>) -> Phase {
    Phase { name: "build".to_owned(), work, tasks }
}

fn planned_with(mut component: Component, tree: &str) -> Result<Plan, PlanError> {
    let hints = component.hints.take();
    let parts = [(FileWeight::Decides, Some(component)), (FileWeight::Hints, hints.map(|hints| *hints))];
    let declared = parts.into_iter().map(|(weight, part)| {
        let file = Declarations::new("render", &"render.yaml".parse().unwrap(), weight);
        Declarations { components: part.into_iter().collect(), ..file }
    });
    let model = decide(declared.collect(), None);
    plan(&MemoryTree::parse(tree), &[&Builder], &|_| model.clone(), &PlanOptions::default())
}

fn seen(phases: Vec<Phase>, tree: &str) -> (String, Plan) {
    let plan = planned_with(Component { phases, ..Component::default() }, tree).unwrap();
    let seen = plan.decisions.iter().find(|decision| decision.subject == "seen").unwrap().value.clone();
    (seen, plan)
}

const TREE: &str = "//- /toy.txt\n";

#[test]
fn what_installs_is_left_out_and_what_migrates_becomes_the_release() {
    let command = "toy install && toy build --fast && toy migrate";
    let (seen, plan) = seen(vec![phase(BuildWork::All, vec![run(command, 7)])], TREE);
    assert_eq!(seen, r#"["toy build --fast (render.yaml:7)"] false []"#);
    let release = plan.processes.iter().find(|process| process.name.as_str() == "release").unwrap();
    assert_eq!(release.command, Command::shell("toy migrate"));
    let told: Vec<&str> = plan.diagnostics.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(told, ["plan/install-known", "plan/migrates-in-build"]);
}

#[test]
fn a_script_of_the_source_is_taken_for_its_lines() {
    let tree = "//- /toy.txt\n//- /build.sh\n#!/usr/bin/env bash\nset -o errexit\ntoy install\n\ntoy build\n";
    let (seen, _) = seen(vec![phase(BuildWork::All, vec![run("./build.sh", 7)])], tree);
    assert_eq!(seen, r#"["set -o errexit\ntoy build (build.sh:2)"] false []"#);
    let odd = "//- /toy.txt\n//- /build.sh\n#!/bin/sh\nif true; then toy install; fi\n";
    let (seen, _) = self::seen(vec![phase(BuildWork::All, vec![run("./build.sh", 7)])], odd);
    assert_eq!(seen, r#"["./build.sh (render.yaml:7)"] false []"#);
}

fn release(plan: &Plan) -> String {
    let release = plan.processes.iter().find(|process| process.name.as_str() == "release");
    release.map_or_else(|| "none".to_owned(), |release| release.command.to_string())
}

#[test]
fn only_the_command_that_migrates_moves() {
    for (line, left, released) in [
        ("toy install && toy build && toy migrate || true", "toy build || true", "toy migrate || true"),
        ("bash -c \"toy install && toy build && toy migrate\"", "toy build", "toy migrate"),
        ("toy build; toy migrate", "toy build", "toy migrate"),
        ("export A=1 && toy build && toy migrate", "export A=1 && toy build", "export A=1 && toy migrate"),
        ("echo \"then run toy migrate\" && toy build", "echo \"then run toy migrate\" && toy build", "none"),
        ("cd api && toy build && toy migrate", "cd api && toy build", "cd api && toy migrate"),
    ] {
        let (seen, plan) = seen(vec![phase(BuildWork::All, vec![run(line, 7)])], TREE);
        let told = format!("{:?} false []", [format!("{left} (render.yaml:7)")]);
        assert_eq!((seen, release(&plan)), (told, released.to_owned()), "{line}");
    }
}

#[test]
fn scripts_that_a_line_runs_are_taken_for_their_lines() {
    let tree = "//- /toy.txt\n//- /b.sh\ntoy install\ntoy build\nif [[ -n $X ]]; then\n  toy more\nfi\n";
    let rest = "if [[ -n $X ]]; then\n  toy more\nfi";
    for line in ["chmod a+x b.sh && ./b.sh", "sh b.sh"] {
        let (seen, _) = seen(vec![phase(BuildWork::All, vec![run(line, 7)])], tree);
        assert_eq!(seen, format!("{:?} false []", [format!("toy build\n{rest} (b.sh:2)")]), "{line}");
    }
    let (seen, _) =
        seen(vec![phase(BuildWork::All, vec![run("export A=1 && bash b.sh && toy last", 7)])], tree);
    let first = format!("bash -c 'export A=1\ntoy build\n{rest}' (b.sh:1)");
    let last = "export A=1 && toy last (render.yaml:7)".to_owned();
    assert_eq!(seen, format!("{:?} false []", [first, last]));
}

#[test]
fn a_script_below_a_root_has_its_whole_path() {
    let root = Some(Requested { value: "api".parse().unwrap(), origin: at(2) });
    let phases = vec![phase(BuildWork::All, vec![run("./b.sh", 7)])];
    let tree = "//- /api/toy.txt\n//- /api/b.sh\n#!/bin/sh\ntoy install\ntoy build\n";
    let plan = planned_with(Component { root, phases, ..Component::default() }, tree).unwrap();
    let known = plan.diagnostics.iter().find(|found| found.code == "plan/install-known").unwrap();
    assert_eq!(known.message, "api/b.sh:2: `toy install` is left out of the build");
}

/// A language without a file at the top: its programs are not in the build.
struct Other;

impl Buildpack for Other {
    fn language(&self) -> &Language {
        const { &Language::new("other", "Other").manifests(&["other.txt"]) }
    }

    fn detect(&self, _context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        None
    }

    fn propose(&self, _context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        Ok(None)
    }

    fn classify(&self, words: &[String]) -> Option<CommandKind> {
        (words.first()? == "other").then_some(CommandKind::Runs)
    }
}

#[test]
fn a_command_without_its_program_is_said() {
    for (line, told) in [
        ("cd web && other ci", "render.yaml:7: nothing brings `other` into the build"),
        ("(cd web && other ci)", "render.yaml:7: nothing brings `other` into the build"),
        ("cd web && toy install", "render.yaml:7: `toy install` installs in a directory of its own"),
    ] {
        let component =
            Component { phases: vec![phase(BuildWork::All, vec![run(line, 7)])], ..Component::default() };
        let tree = MemoryTree::parse(TREE);
        let packs = [&Builder as &dyn Buildpack, &Other];
        let remarks = crate::compose::declared::settle_build(component, &tree, None, &packs).remarks;
        let found: Vec<&str> = remarks.iter().map(|found| found.message.as_str()).collect();
        assert_eq!(found, [told], "{line}");
        assert_eq!(remarks[0].severity, Severity::Warning);
    }
}

#[test]
fn the_hole_keeps_what_is_detected_in_its_place() {
    let tasks = vec![run("first", 1), Task::Detected, run("last", 3)];
    let (seen, _) = self::seen(vec![phase(BuildWork::Build, tasks)], TREE);
    assert_eq!(seen, r#"["first (render.yaml:1)"] true ["last (render.yaml:3)"]"#);
    let (seen, _) = self::seen(vec![phase(BuildWork::Install, vec![run("toy install", 1)])], TREE);
    assert_eq!(seen, "nothing declared", "an install alone leaves the build to what is detected");
    let (seen, _) = self::seen(vec![phase(BuildWork::Build, Vec::new())], TREE);
    assert_eq!(seen, "[] false []", "a build without tasks is nothing to do");
}

#[test]
fn variables_and_ports_of_the_files_reach_the_image_and_secrets_do_not() {
    let mut web = DeclaredProcess::new("web".parse().unwrap(), Command::shell("serve"), at(2));
    web.port = Some(Requested { value: Port::Fixed(10000), origin: at(3) });
    let mut build_only = Variable::literal("ONLY_BUILD", "1", at(6));
    build_only.scope = Scoped::Build;
    let environment = vec![
        Variable::literal("COLOUR", "red", at(4)),
        Variable::literal("API_TOKEN", "abcdef123456", at(5)),
        build_only,
        Variable::new("DATABASE_URL", VariableValue::Required, at(7)),
    ];
    let plan =
        planned_with(Component { processes: vec![web], environment, ..Component::default() }, TREE).unwrap();
    assert_eq!(plan.environment["COLOUR"].value, "red");
    assert_eq!(plan.environment["PORT"].value, "10000");
    assert_eq!(plan.port, Some(10000));
    for name in ["API_TOKEN", "ONLY_BUILD", "DATABASE_URL"] {
        assert!(!plan.environment.contains_key(name), "{name}");
    }
    assert!(!plan.to_json().contains("abcdef123456"));
    let told: Vec<&str> = plan.diagnostics.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(told, ["plan/variables-expected", "plan/secret-in-file"]);
    assert_eq!(plan.source.exclude, ["render.yaml"]);
}

#[test]
fn processes_start_without_the_tools_of_the_build() {
    let web = DeclaredProcess::new("web".parse().unwrap(), Command::shell("toy run serve"), at(4));
    let plan = planned_with(Component { processes: vec![web], ..Component::default() }, TREE).unwrap();
    assert_eq!(plan.processes[0].command, Command::shell("serve"));
    let told = plan.diagnostics.iter().find(|found| found.code == "plan/process-started").unwrap();
    assert!(told.message.starts_with("render.yaml:4: the process web starts as `serve`"), "{}", told.message);
}

#[test]
fn scripts_with_secrets_stay_out_unless_a_process_is_one() {
    let tree = "//- /toy.txt\n//- /b.sh\nexport API_TOKEN=abcdef123456\ntoy build\n";
    let command = |text: &str| Requested { value: Command::shell(text), origin: at(3) };
    let planned = |start: &str| {
        let phases = vec![Phase::of("build", BuildWork::All, vec![command("./b.sh")])];
        let processes = vec![DeclaredProcess::new("web".parse().unwrap(), Command::shell(start), at(4))];
        planned_with(Component { phases, processes, ..Component::default() }, tree).unwrap()
    };
    let plan = planned("serve");
    assert_eq!(plan.source.exclude, ["b.sh"]);
    assert!(plan.diagnostics.iter().any(|found| found.code == "plan/secret-in-script"));
    assert!(!plan.to_json().contains("abcdef123456"));
    for other in ["./web.sh", "bin/b.sh", "./b.sh.old"] {
        assert_eq!(planned(other).source.exclude, ["b.sh"], "{other}");
    }
    for same in ["./b.sh && serve", "sh b.sh", "exec '/app/b.sh'", "sh -c 'b.sh; serve'"] {
        assert!(planned(same).source.exclude.is_empty(), "{same}");
    }
    let plan = planned("./b.sh && serve");
    assert!(plan.diagnostics.iter().any(|found| found.code == "plan/secret-in-script"));
}

#[test]
fn files_with_secrets_stay_out_whether_they_count_or_not() {
    let of = |platform: &str, file: &str, weight: FileWeight| {
        let path = file.parse().unwrap();
        let secret = Variable::literal("API_TOKEN", "abcdef123456", Origin::line(&path, 2));
        (secret, Declarations::new(platform, &path, weight))
    };
    let (secret, mut first) = of("render", "render.yaml", FileWeight::Decides);
    first.component().environment.push(secret);
    let (secret, mut lost) = of("fly", "api/fly.toml", FileWeight::Decides);
    lost.component().environment.push(secret);
    let (secret, mut review) = of("heroku", "api/[app].json", FileWeight::Decides);
    let name = Requested { value: "review".to_owned(), origin: at(1) };
    review.overlays.push(Overlay {
        name,
        environment: vec![secret],
        services: Vec::new(),
        processes: Vec::new(),
    });
    let (secret, mut machine) = of("compose", "compose.yaml", FileWeight::Hints);
    machine.component().environment.push(secret);
    let model = decide(vec![first, lost, review, machine], None);
    let planned = |root: Option<&str>| {
        let root = root.map(|root| root.parse().unwrap());
        let options = PlanOptions { root, ..PlanOptions::default() };
        let tree = MemoryTree::parse("//- /toy.txt\nx\n//- /api/toy.txt\nx\n");
        plan(&tree, &[&Builder], &|_| model.clone(), &options).unwrap()
    };
    let whole = planned(None);
    assert_eq!(whole.source.exclude, ["render.yaml", "api/fly.toml", "api/[[]app[]].json", "compose.yaml"]);
    let told: Vec<_> =
        whole.diagnostics.iter().map(|found| (found.severity, found.message.as_str())).collect();
    assert_eq!(
        told,
        [
            (Severity::Warning, "render.yaml:2 has a value for API_TOKEN that looks like a secret"),
            (Severity::Warning, "api/fly.toml:2 has a value for API_TOKEN that looks like a secret"),
            (Severity::Warning, "api/[app].json:2 has a value for API_TOKEN that looks like a secret"),
            (Severity::Info, "compose.yaml:2 has a value for API_TOKEN that looks like a secret"),
        ]
    );
    assert_eq!(planned(Some("api")).source.exclude, ["fly.toml", "[[]app[]].json"]);
}

#[test]
fn a_wish_for_another_build_is_said_and_hints_fill_what_is_left() {
    let strategy = Strategy::Dockerfile {
        path: "Dockerfile".to_owned(),
        target: None,
        args: std::collections::BTreeMap::new(),
    };
    let strategy = Some(Requested { value: strategy, origin: at(2) });
    let mut hinted = DeclaredProcess::new("web".parse().unwrap(), Command::shell("from the image"), at(9));
    hinted.port = Some(Requested { value: Port::Fixed(5000), origin: at(10) });
    let hints = Some(Box::new(Component { processes: vec![hinted], ..Component::default() }));
    let plan = planned_with(Component { strategy, hints, ..Component::default() }, TREE).unwrap();
    assert_eq!(plan.diagnostics[0].code, "plan/other-build");
    assert_eq!(plan.processes[0].command, Command::exec(["toy"]), "what is detected counts before hints");
    assert_eq!(plan.environment["PORT"].value, "5000");
    let lost = plan.decisions.iter().find(|decision| decision.subject == "process web").unwrap();
    assert_eq!(lost.overridden[0].value, "from the image");
}

#[test]
fn the_directory_that_a_file_names_is_the_application() {
    let root = |dir: &str, line: u32, name: &str| Component {
        name: Some(Requested { value: name.to_owned(), origin: at(line) }),
        root: Some(Requested { value: dir.parse().unwrap(), origin: at(line) }),
        ..Component::default()
    };
    let tree = MemoryTree::parse("//- /api/toy.txt\n//- /web/toy.txt\n");
    let planned = |components: Vec<Component>, options: &PlanOptions| {
        let model = AppModel { components, ..AppModel::default() };
        plan(&tree, &[&Builder], &|_| model.clone(), options)
    };
    let one = planned(vec![root("api", 3, "shop-api")], &PlanOptions::default()).unwrap();
    assert_eq!(one.root.unwrap().as_str(), "api");
    assert_eq!(one.decisions[0].origin, at(3));
    let both = || vec![root("api", 3, "shop-api"), root("web", 9, "shop-web")];
    let error = planned(both(), &PlanOptions::default()).unwrap_err();
    assert_eq!(error.problems()[0].fix.as_deref(), Some("choose with `--app shop-api`"));
    let options = PlanOptions { app: Some("shop-web".to_owned()), ..PlanOptions::default() };
    assert_eq!(planned(both(), &options).unwrap().root.unwrap().as_str(), "web");
}

#[test]
fn a_process_without_command_is_the_detected_one() {
    let bare =
        |name: &str, kind: crate::ProcessKind| DeclaredProcess::bare(name.parse().unwrap(), kind, at(2));
    let worker = DeclaredProcess::new("worker".parse().unwrap(), Command::shell("work"), at(3));
    let names = |processes: Vec<DeclaredProcess>| -> Vec<String> {
        let plan = planned_with(Component { processes, ..Component::default() }, TREE).unwrap();
        plan.processes.iter().map(|process| process.name.to_string()).collect()
    };
    assert_eq!(names(vec![worker.clone()]), ["worker"]);
    assert_eq!(names(vec![bare("web", crate::ProcessKind::Web), worker]), ["web", "worker"]);
    let once = DeclaredProcess {
        command: Some(Command::shell("once")),
        ..bare("postdeploy", crate::ProcessKind::Release(crate::Moment::FirstTime))
    };
    assert_eq!(names(vec![once]), ["web", "postdeploy"], "what runs once does not take the place of web");
}

#[test]
fn a_path_is_extended_and_never_replaced() {
    let with = |name: &str, value: &str| {
        let environment = vec![Variable::literal(name, value, at(4))];
        planned_with(Component { environment, ..Component::default() }, TREE).unwrap()
    };
    let usual = with("COLOUR", "red").environment["PATH"].value.clone();
    let more = with("PATH", "/app/.local/bin:$PATH");
    assert_eq!(more.environment["PATH"].value, format!("/app/.local/bin:{usual}"));
    for (name, value) in [("PATH", "/nowhere"), ("PATH", "$PATH:$OTHER"), ("HOME", "/root")] {
        let plan = with(name, value);
        assert_eq!(plan.environment["PATH"].value, usual, "{value}");
        assert_eq!(plan.environment["HOME"].value, "/app");
        assert_eq!(plan.diagnostics[0].code, "plan/fixed-variable");
    }
}

#[test]
fn a_hint_of_a_directory_or_of_a_low_port_moves_nothing() {
    let tree = MemoryTree::parse("//- /toy.txt\n//- /nginx/x\n");
    let proxy = Component {
        root: Some(Requested { value: "nginx".parse().unwrap(), origin: at(3) }),
        hints: Some(Box::new(Component::default())),
        ..Component::default()
    };
    let mut web = DeclaredProcess::bare("web".parse().unwrap(), crate::ProcessKind::Web, at(9));
    web.port = Some(Requested { value: Port::Fixed(443), origin: at(10) });
    let hints = Some(Box::new(Component { processes: vec![web], ..Component::default() }));
    let model = AppModel {
        components: vec![Component { hints, ..Component::default() }, proxy],
        ..AppModel::default()
    };
    let plan = plan(&tree, &[&Builder], &|_| model.clone(), &PlanOptions::default()).unwrap();
    assert_eq!(plan.root, None);
    assert_eq!(plan.port, Some(8080));
}

#[test]
fn what_is_wrong_with_a_file_of_another_application_is_told_and_no_error() {
    let broken = |path: &str| {
        let origin = Origin::line(&path.parse().unwrap(), 1);
        let diagnostics = vec![Diagnostic::error("fly/syntax", "broken").at(origin)];
        let model = AppModel { diagnostics, ..AppModel::default() };
        plan(&MemoryTree::parse(TREE), &[&Builder], &|_| model.clone(), &PlanOptions::default())
    };
    assert_eq!(broken("examples/x/fly.toml").unwrap().diagnostics[0].severity, Severity::Info);
    for path in ["fly.toml", ".platform/services.yaml"] {
        assert!(broken(path).is_err(), "{path}");
    }
}

#[test]
fn a_service_that_the_clock_starts_has_no_other_process() {
    let kind = ProcessKind::Cron("0 3 * * *".to_owned());
    let bare = DeclaredProcess::bare("cron".parse().unwrap(), kind, at(3));
    let cron = DeclaredProcess { command: Some(Command::shell("run")), ..bare };
    let names = |is_job: bool| {
        let component = Component { is_job, processes: vec![cron.clone()], ..Component::default() };
        let plan = planned_with(component, TREE).unwrap();
        plan.processes.iter().map(|process| process.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(true), "cron");
    assert_eq!(names(false), "web cron");
}

#[test]
fn programs_at_paths_that_nothing_makes_are_named() {
    let codes = |command: &str| {
        let process = DeclaredProcess::new("web".parse().unwrap(), Command::shell(command), at(3));
        let component = Component { processes: vec![process], ..Component::default() };
        let plan = planned_with(component, TREE).unwrap();
        let told = plan.diagnostics.into_iter().map(|told| told.code);
        told.filter(|code| code.starts_with("plan/program")).collect::<String>()
    };
    for fine in ["run", "/usr/bin/env run", "cd x && ./run", "$RUN", "./toy.txt"] {
        assert_eq!(codes(fine), "", "{fine}");
    }
    assert_eq!(codes("/venv/bin/python x"), "plan/program-elsewhere");
    assert_eq!(codes("/app/start.sh"), "plan/program-missing");
    assert_eq!(codes("./start.sh"), "plan/program-missing");
}
