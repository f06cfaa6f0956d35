//! Reading a whole tree: which directories are searched, and how components are named.

use packwright_planner::{MemoryTree, Scoped};

use super::*;
use crate::test_languages::LANGUAGES;

#[test]
fn a_file_in_a_directory_is_about_that_directory() {
    let tree = MemoryTree::parse("//- /api/Procfile\nweb: run api\n//- /.hidden/Procfile\nweb: no\n");
    let model = model(&tree);
    let dirs: Vec<_> = model.components.iter().map(|part| part.dir().map(RelPath::as_str)).collect();
    assert_eq!(dirs, [Some("api")]);
    let api: RelPath = "api".parse().unwrap();
    assert_eq!(model.component(Some(&api)).processes[0].origin.to_string(), "api/Procfile:1");
}

#[test]
fn names_of_platforms_are_unique_and_all_that_are_read_exist() {
    let names: BTreeSet<&str> = PLATFORMS.iter().map(|platform| platform.name).collect();
    assert_eq!(names.len(), PLATFORMS.len());
    for platform in PLATFORMS {
        for name in platform.reads_before.iter().chain(platform.reads_after) {
            assert!(names.contains(name), "{} reads {name}", platform.name);
        }
    }
}

#[test]
fn a_build_knows_the_platform_whose_file_describes_it() {
    let service = "services:\n  - type: web\n    name: shop\n    runtime: python\n    startCommand: run\n";
    let built = MemoryTree::parse(&format!("//- /render.yaml\n{service}    buildCommand: make\n"));
    let component = model(&built).component(None);
    let told = component.variable("RENDER").unwrap();
    assert_eq!((told.scope, told.value.description().as_str()), (Scoped::Build, "true"));
    let started = MemoryTree::parse(&format!("//- /render.yaml\n{service}"));
    assert!(model(&started).component(None).variable("RENDER").is_none());
}

/// The port of the only component: its value, and who says so.
fn port(text: &str, chosen: Option<&str>) -> Option<String> {
    let tree = MemoryTree::parse(text);
    let model = model_in(&tree, LANGUAGES, &BTreeMap::new(), chosen.and_then(platform), None);
    let port = model.component(None).variable("PORT").cloned()?;
    Some(format!("{} ({})", port.value.description(), port.origin))
}

#[test]
fn processes_have_the_port_that_their_platform_always_gives() {
    let of_render = Some("10000 (default: the port of a web process on Render)".to_owned());
    let service = |kind: &str, more: &str| {
        format!(
            "//- /render.yaml\nservices:\n  - type: {kind}\n    name: shop\n    startCommand: run\n{more}"
        )
    };
    assert_eq!(port(&service("web", ""), None), of_render);
    assert_eq!(port(&service("web", ""), Some("render")), of_render);
    assert_eq!(port(&service("worker", ""), Some("render")), None);
    let named = service("web", "    envVars:\n      - {key: PORT, value: \"9000\"}\n");
    assert_eq!(port(&named, None).as_deref(), Some("9000 (render.yaml:6)"));
    // What is detected has it too, where the caller chooses the platform.
    assert_eq!(port("//- /main.py\n", Some("render")), of_render);
    assert_eq!(port("//- /main.py\n", None), None);
    // Another file starts the process: its platform counts.
    let both = format!("//- /Procfile\nweb: run\n{}", service("web", ""));
    assert_eq!(port(&both, None), None);
    assert_eq!(port(&both, Some("render")), of_render);
    // A Dockerfile's program listens where the Dockerfile says.
    let image = "//- /render.yaml\nservices:\n  - {type: web, name: shop, runtime: docker}\n//- /Dockerfile\nFROM x\nEXPOSE 3000\n";
    assert_eq!(port(image, None), None);

    let of_cf = Some("8080 (default: the port of a web process on Cloud Foundry)".to_owned());
    assert_eq!(port("//- /manifest.yml\napplications: [{name: a, command: run}]\n", None), of_cf);
    let google = "//- /app.yaml\nruntime: python312\nentrypoint: run\n";
    let of_google = Some("8080 (default: the port of a web process on Google App Engine)".to_owned());
    assert_eq!(port(google, None), of_google);
    let amazon = "//- /requirements.txt\n//- /Procfile\nweb: run\n";
    let of_amazon = Some("8000 (default: the port of a web process on AWS Elastic Beanstalk)".to_owned());
    assert_eq!(port(amazon, Some("beanstalk")), of_amazon);
    assert_eq!(port("//- /package.json\n{}\n", Some("beanstalk")), None);
    assert_eq!(port(amazon, Some("heroku")), None);
}

/// The processes of the only component, and whether it is a job of the clock.
fn job(text: &str, chosen: Option<&str>) -> (Vec<String>, bool) {
    let tree = MemoryTree::parse(text);
    let model = model_in(&tree, LANGUAGES, &BTreeMap::new(), chosen.and_then(platform), None);
    let part = model.component(None);
    (part.processes.iter().map(|process| process.name.to_string()).collect(), part.is_job)
}

#[test]
fn a_service_that_the_clock_starts_is_nothing_else() {
    let railway = "//- /railway.json\n{\"deploy\": {\"startCommand\": \"run\", \"cronSchedule\": \"*/5 * * * *\", \"preDeployCommand\": \"migrate\"}}\n";
    let render = |kind: &str| {
        format!(
            "  - {{type: {kind}, name: {kind}, runtime: python, startCommand: run, schedule: \"0 3 * * *\"}}\n"
        )
    };
    let cron = format!("//- /render.yaml\nservices:\n{}", render("cron"));
    let kubernetes = "//- /k8s/job.yaml\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: shop}\nspec:\n  schedule: \"0 3 * * *\"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n            - {name: shop, image: me/shop, command: [run]}\n";
    for (tree, chosen) in [(railway, "railway"), (&cron, "render"), (kubernetes, "kubernetes")] {
        assert!(job(tree, Some(chosen)).1, "{chosen}: {:?}", job(tree, Some(chosen)));
    }
    assert!(job(railway, None).1 && job(&cron, None).1);
    // A web service of the same directory runs beside it, and a Procfile says what runs.
    assert!(!job(&format!("{cron}{}", render("web")), Some("render")).1);
    assert!(!job(&format!("{railway}//- /Procfile\nweb: serve\n"), None).1);
    // An application of Platform.sh has jobs and answers requests.
    let upsun = "//- /.platform.app.yaml\nname: app\ntype: python:3.12\ncrons:\n  night: {spec: \"0 3 * * *\", commands: {start: run}}\n";
    assert!(!job(upsun, Some("platformsh")).1);
    // Nobody sends requests to it.
    assert_eq!(port(&cron, Some("render")), None);
}

#[test]
fn no_ignore_file_hides_what_platforms_have() {
    for path in [
        "fly.toml",
        "api/Procfile",
        "Dockerfile.prod",
        "docker/Dockerfile",
        ".platform/services.yaml",
        ".ebextensions/x.config",
        ".upsun/config.yaml",
        ".platform.app.yaml",
        "compose.yaml",
    ] {
        assert!(is_read(&path.parse().unwrap()), "{path}");
    }
    for path in ["app.py", "data/config.yaml", "README.md", "secrets.json", "toml", "x.platform.app.yaml"] {
        assert!(!is_read(&path.parse().unwrap()), "{path}");
    }
}

#[test]
fn every_platform_says_which_ignore_files_it_reads() {
    let told = |name: &str| platform(name).unwrap().ignore_files.map(<[_]>::len);
    assert_eq!(
        (told("procfile"), told("heroku"), told("fly"), told("render")),
        (None, Some(1), Some(1), Some(0))
    );
    let silent: Vec<&str> = PLATFORMS
        .iter()
        .filter(|platform| platform.ignore_files.is_none())
        .map(|platform| platform.name)
        .collect();
    // The two are no platforms that build images.
    assert_eq!(silent, ["procfile", "systemd"]);
}

#[test]
fn what_a_platform_tells_by_itself_is_in_the_files_of_no_other() {
    let tree = MemoryTree::parse(
        "//- /render.yaml\nservices:\n  - type: web\n    name: shop\n    runtime: python\n    buildCommand: make\n    startCommand: run\n",
    );
    let model = model(&tree);
    assert!(model.component(None).variable("RENDER").is_some());
    for platform in PLATFORMS {
        let Some(write) = platform.write else { continue };
        let made = write(&Conversion { model: &model, image: None });
        let texts = made.files.values().cloned().chain(made.losses.iter().map(|loss| format!("{loss:?}")));
        let told: Vec<String> =
            texts.filter(|text| text.contains("`RENDER`") || text.contains("10000")).collect();
        assert_eq!(told, Vec::<String>::new(), "{}", platform.name);
    }
}

#[test]
fn the_readme_lists_every_platform_and_writer_in_the_order_in_which_they_count() {
    let readme = include_str!("../../../README.md");
    let start = readme.find("| `--platform` |").unwrap();
    let table = readme[start..].split("\n\n").next().unwrap();
    let rows: Vec<(&str, bool)> = table
        .lines()
        .skip(2)
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            (cells[1].trim_matches('`'), cells[3].starts_with("yes"))
        })
        .collect();
    let platforms: Vec<(&str, bool)> =
        PLATFORMS.iter().map(|platform| (platform.name, platform.write.is_some())).collect();
    assert_eq!(rows, platforms);
}

#[test]
fn examples_and_tests_are_not_about_the_application_unless_the_caller_says_so() {
    let tree = MemoryTree::parse(
        "//- /Procfile\nweb: run\n//- /examples/one/Procfile\nweb: one\n//- /tests/Procfile\nweb: two\n\
         //- /a/b/c/Procfile\nweb: deep\n",
    );
    assert_eq!(model(&tree).components.len(), 1);
    for root in ["examples/one", "a/b/c"] {
        let root: RelPath = root.parse().unwrap();
        let model = model_in(&tree, &[], &BTreeMap::new(), None, Some(&root));
        assert_eq!(model.component(Some(&root)).processes.len(), 1, "{root}");
        assert_eq!(model.components.len(), 2);
    }
}

#[test]
fn the_names_of_a_directory_are_its_own_files_alone() {
    let tree = MemoryTree::parse("//- /a\n//- /b-c/x\n//- /b/d/x\n//- /b/x\n//- /b/y\n//- /b0/x\n//- /c\n");
    let dir: RelPath = "b".parse().unwrap();
    let environment = BTreeMap::new();
    let names = |dir, folder| {
        DirView { tree: &tree, dir, languages: LANGUAGES, environment: &environment }.names(folder, |_| true)
    };
    assert_eq!(names(None, ""), ["a", "c"]);
    assert_eq!(names(Some(&dir), ""), ["x", "y"]);
    assert_eq!(names(None, "b"), ["x", "y"]);
    assert_eq!(names(Some(&dir), "d"), ["x"]);
    assert_eq!(names(Some(&dir), "none"), [""; 0]);
}

/// Without indexes this takes minutes.
#[test]
fn files_with_many_lines_and_many_files_are_read_in_the_time_of_their_lines() {
    let lines = |count: usize, line: fn(usize) -> String| (0..count).map(line).collect::<String>();
    let mut tree = MemoryTree::new();
    let mut add = |path: &str, content: String| tree.add(path.parse().unwrap(), content);
    add("Procfile", lines(30_000, |at| format!("p{at}: run {at}\n")));
    add("fly.toml", format!("app = \"a\"\n[env]\n{}", lines(30_000, |at| format!("V{at} = \"{at}\"\n"))));
    add(".slugignore", lines(60_000, |at| format!("d{at}/*\n")));
    let component = model(&tree).component(None);
    assert_eq!((component.processes.len(), component.environment.len()), (30_000, 30_000));
    assert_eq!(component.ignore.len(), 60_000);

    let mut tree = MemoryTree::new();
    for at in 0..300 {
        tree.add(format!("d{at:03}/Dockerfile").parse().unwrap(), "FROM scratch\nCMD [\"run\"]\n");
        (0..30).for_each(|file| tree.add(format!("d{at:03}/f{file}").parse().unwrap(), ""));
    }
    assert_eq!(model(&tree).components.len(), 300);
}

#[test]
fn secrets_in_the_commands_of_all_files_reach_no_model() {
    let tree = MemoryTree::parse(
        "//- /Procfile\nweb: SECRET_KEY=hunter2 gunicorn app\nrelease: TOKEN=hunter2 python manage.py migrate\n\
         //- /compose.yaml\nservices:\n  web:\n    build: .\n    command: serve --db postgres://u:hunter2@db/x\n    environment:\n      DB_PASS: hunter2\n\
         //- /Dockerfile\nFROM python:3.12\nENV SMTP_PASS=hunter2\nCMD SECRET_KEY=hunter2 gunicorn app\n\
         //- /fly.toml\napp = \"a\"\n[deploy]\nrelease_command = \"migrate --password hunter2\"\n[env]\nADMIN_PASSWORD = \"$ecret-hunter2\"\n",
    );
    let model = model(&tree);
    let text = model.to_json();
    assert!(!text.contains("hunter2"), "{text}");
    let told: BTreeSet<String> = model
        .diagnostics
        .iter()
        .filter(|remark| remark.code == "platform/secret-in-command")
        .map(|remark| remark.at.as_ref().unwrap().to_string())
        .collect();
    let lines: Vec<&str> = told.iter().map(String::as_str).collect();
    assert_eq!(lines, ["Dockerfile:3", "Procfile:1", "Procfile:2", "compose.yaml:2", "fly.toml:3"]);
}

#[test]
fn files_of_platforms_that_nobody_reads_are_named() {
    let tree = MemoryTree::parse(
        "//- /.do/app.yaml\nname: x\n//- /captain-definition\n{}\n//- /app/zbpack.json\n{}\n",
    );
    let told: Vec<String> = model(&tree).diagnostics.into_iter().map(|told| told.message).collect();
    assert_eq!(
        told,
        [
            ".do/app.yaml is a file of DigitalOcean App Platform, and is not read",
            "captain-definition is a file of CapRover, and is not read"
        ]
    );
}

#[test]
fn the_service_that_is_the_application_is_web_wherever_it_stands() {
    let python = "//- /app.py\n//- /Dockerfile\nFROM python:3.13\nCOPY . .\n//- /mail.Dockerfile\nFROM node:24\nRUN npm i -g maildev\n";
    for (name, file, processes) in [
        (
            "fly",
            "//- /fly.toml\n[processes]\nmetrics = \"python m.py\"\napp = \"run\"\n[[services]]\ninternal_port = 9102\nprocesses = [\"metrics\"]\n[[services.ports]]\nport = 9102\n[[services]]\ninternal_port = 8000\nprocesses = [\"app\"]\n[[services.ports]]\nhandlers = [\"tls\", \"http\"]\nport = 443\n",
            "metrics=python m.py web=run",
        ),
        (
            "heroku",
            "//- /heroku.yml\nbuild:\n  docker:\n    mail: mail.Dockerfile\n    web: Dockerfile\nrun:\n  mail: maildev\n  web: run\n",
            "web=run",
        ),
        (
            "cloudfoundry",
            "//- /manifest.yml\napplications:\n- name: mail\n  docker: {image: axllent/mailpit}\n- name: shop\n  command: run\n",
            "web=run",
        ),
    ] {
        let tree = MemoryTree::parse(&format!("{python}{file}"));
        let model = model_for(&tree, &BTreeMap::new(), platform(name));
        let part = model.component(None);
        let told: Vec<String> = part
            .processes
            .iter()
            .map(|process| format!("{}={}", process.name, process.command.as_ref().unwrap()))
            .collect();
        assert_eq!(told.join(" "), processes, "{name}");
        assert_ne!(part.name.as_ref().map(|name| name.value.as_str()), Some("mail"), "{name}");
    }
}
