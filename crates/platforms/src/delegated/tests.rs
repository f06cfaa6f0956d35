//! What counts because another file names it, with a chosen platform and without one.

use std::collections::BTreeMap;

use packwright_planner::{Component, MemoryTree};

use crate::test_languages::LANGUAGES;
use crate::{model_in, platform};

const DOCKERFILE: &str =
    "FROM python:3.12\nRUN apt-get update && apt-get install -y postgresql-client curl\n";

/// Packages, versions and processes of the application at the top.
fn told(tree: &str, chosen: Option<&str>) -> String {
    let tree = MemoryTree::parse(tree);
    let model = model_in(&tree, LANGUAGES, &BTreeMap::new(), chosen.and_then(platform), None);
    let part = model.component(None);
    let hints = part.hints.as_deref().cloned().unwrap_or_default();
    let versions = |part: &Component| {
        part.versions.iter().map(|said| format!("{} {}", said.tool, said.version.value)).collect::<Vec<_>>()
    };
    let packages: Vec<&str> = part.packages.iter().map(|package| package.name.value.as_str()).collect();
    let processes: Vec<String> =
        part.commands().map(|(name, command, origin)| format!("{name}={command} ({origin})")).collect();
    let unread: Vec<&str> = model
        .diagnostics
        .iter()
        .filter(|told| told.code == "platform/not-read" || told.code == "dockerfile/packages")
        .map(|told| told.message.as_str())
        .collect();
    format!(
        "packages {packages:?} versions {:?} hints {:?} processes {processes:?} unread {unread:?}",
        versions(&part),
        versions(&hints)
    )
}

#[test]
fn a_dockerfile_that_the_platforms_file_names_counts_as_the_platform_counts_it() {
    let packages = r#"packages ["postgresql-client", "curl"]"#;
    for (chosen, file) in [
        ("heroku", "//- /heroku.yml\nbuild:\n  docker:\n    web: Dockerfile\nrun:\n  web: serve\n"),
        ("render", "//- /render.yaml\nservices:\n  - {type: web, name: a, runtime: docker}\n"),
        (
            "railway",
            "//- /railway.json\n{\"build\": {\"builder\": \"DOCKERFILE\"}, \"deploy\": {\"startCommand\": \"serve\"}}\n",
        ),
        ("fly", "//- /fly.toml\napp = \"a\"\n[build]\ndockerfile = \"Dockerfile\"\n"),
        (
            "compose",
            "//- /compose.yaml\nservices:\n  web:\n    build: .\n    command: serve\n    ports: [\"80:80\"]\n",
        ),
    ] {
        let tree = format!("{file}//- /Dockerfile\n{DOCKERFILE}");
        let found = told(&tree, Some(chosen));
        assert!(
            found.starts_with(&format!("{packages} versions [\"python 3.12\"] hints []")),
            "{chosen}: {found}"
        );
        assert!(found.ends_with("unread []"), "{chosen}: {found}");
    }
    // Without a choice the packages count, and the version stays a hint. Compose is a hint itself.
    let heroku = "//- /heroku.yml\nbuild:\n  docker:\n    web: Dockerfile\nrun:\n  web: serve\n";
    let found = told(&format!("{heroku}//- /Dockerfile\n{DOCKERFILE}"), None);
    assert!(found.starts_with(&format!("{packages} versions [] hints [\"python 3.12\"]")), "{found}");
    assert!(found.ends_with("unread []"), "{found}");
}

#[test]
fn the_named_dockerfile_counts_and_not_the_one_beside_it() {
    let fly = "//- /fly.toml\napp = \"a\"\n[build]\ndockerfile = \"docker/prod.Dockerfile\"\n";
    let tree = format!("{fly}//- /Dockerfile\nFROM python:3.9\n//- /docker/prod.Dockerfile\n{DOCKERFILE}");
    let found = told(&tree, Some("fly"));
    assert!(found.contains("versions [\"python 3.12\"]"), "{found}");
    let found = told(&tree, None);
    assert!(found.contains("hints [\"python 3.12\"]"), "{found}");
}

#[test]
fn builders_read_what_they_document() {
    let paketo = "//- /Procfile\nweb: gunicorn a --workers 3\nworker: work\n//- /fly.toml\napp = \"a\"\n[build]\n\
                  builder = \"paketobuildpacks/builder:base\"\n[build.args]\nBP_CPYTHON_VERSION = \"3.12.*\"\n\
                  [http_service]\ninternal_port = 8080\n";
    let found = told(paketo, Some("fly"));
    assert!(found.contains("versions [\"python 3.12.*\"]"), "{found}");
    assert!(found.contains("web=gunicorn a --workers 3 (Procfile:1)"), "{found}");
    assert!(found.ends_with("unread []"), "{found}");
    let plain = "//- /Procfile\nweb: serve\n//- /fly.toml\napp = \"a\"\n";
    assert!(told(plain, Some("fly")).contains("Procfile is not read"));
    let own = format!("{paketo}[processes]\napp = \"serve\"\n");
    assert!(
        told(&own, Some("fly")).contains("processes [\"web=serve (fly.toml:"),
        "{}",
        told(&own, Some("fly"))
    );

    let customs = |tree: &str| {
        let tree = MemoryTree::parse(tree);
        let model = model_in(&tree, LANGUAGES, &BTreeMap::new(), platform("fly"), None);
        model.component(None).customs.clone()
    };
    let known = customs(paketo);
    assert_eq!(known.managers, ["pipenv", "pip", "poetry"]);
    assert!(!known.version_files.unwrap().contains(&"runtime.txt".to_owned()));
    assert_eq!((known.collects_assets, customs(plain).collects_assets), (Some(false), Some(false)));
    let heroku = "//- /fly.toml\napp = \"a\"\n[build]\nbuilder = \"heroku/builder:24\"\n";
    assert_eq!(customs(heroku).collects_assets, Some(true));
}

#[test]
fn packages_from_elsewhere_are_an_error_only_where_they_are_asked_for() {
    let tree = MemoryTree::parse(
        "//- /Aptfile\nffmpeg\nhttp://example.com/a_1_amd64.deb\n:repo:deb http://example.com x main\n\
         //- /project.toml\n[com.heroku.buildpacks.deb-packages]\ninstall = [\"jq\"]\nsources = [{}]\n",
    );
    let severities = |chosen: Option<&str>| {
        let model = model_in(&tree, LANGUAGES, &BTreeMap::new(), chosen.and_then(platform), None);
        let told = model
            .diagnostics
            .into_iter()
            .filter(|told| told.code.contains("apt-") || told.code.contains("package-source"));
        told.map(|told| format!("{:?}", told.severity)).collect::<Vec<_>>()
    };
    assert_eq!(severities(None), ["Warning"; 3]);
    assert_eq!(severities(Some("heroku")), ["Error"; 3]);
    assert_eq!(severities(Some("render")), [""; 0]);
}
