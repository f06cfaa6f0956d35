//! Reading a tree as a whole: where files are looked for, and what their components are called.

use packwright_planner::MemoryTree;

use super::*;

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
    assert_eq!((told.scope, told.value.told().as_str()), (Scoped::Build, "true"));
    let started = MemoryTree::parse(&format!("//- /render.yaml\n{service}"));
    assert!(model(&started).component(None).variable("RENDER").is_none());
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
        let model = model_in(&tree, &BTreeMap::new(), None, Some(&root));
        assert_eq!(model.component(Some(&root)).processes.len(), 1, "{root}");
        assert_eq!(model.components.len(), 2);
    }
}

#[test]
fn the_names_of_a_directory_are_its_own_files_alone() {
    let tree = MemoryTree::parse("//- /a\n//- /b-c/x\n//- /b/d/x\n//- /b/x\n//- /b/y\n//- /b0/x\n//- /c\n");
    let dir: RelPath = "b".parse().unwrap();
    let environment = BTreeMap::new();
    let names = |dir, folder| Sight { tree: &tree, dir, environment: &environment }.names(folder, |_| true);
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
