//! Railway's files: reading and writing them.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_planner::{AppModel, MemoryTree, Origin, Port, Requested, Strategy, Volume};
use proptest::prelude::*;

use super::*;
use crate::generate;
use crate::generate::limits::Limits;
use crate::nixpacks::tests::described;
use crate::test_languages::LANGUAGES;
use crate::write::Conversion;

fn check(tree: &str, expected: Expect) {
    let tree = MemoryTree::parse(tree);
    let found = declarations(&DirView {
        tree: &tree,
        dir: None,
        languages: LANGUAGES,
        environment: &BTreeMap::new(),
    });
    expected.assert_eq(&described(&found));
}

#[test]
fn a_service_with_everything() {
    check(
        r#"//- /railway.toml
[build]
builder = "railpack"
buildCommand = "python manage.py collectstatic --noinput"
watchPatterns = ["src/**"]

[deploy]
preDeployCommand = ["python manage.py migrate", "python manage.py check"]
startCommand = "gunicorn shop.wsgi -b 0.0.0.0:$PORT"
healthcheckPath = "/healthz"
healthcheckTimeout = 300
numReplicas = 2
drainingSeconds = "10"
restartPolicyType = "ON_FAILURE"
requiredMountPath = "/data"

[environments.pr.deploy]
startCommand = "gunicorn shop.wsgi --reload"

[environments.staging.build]
buildCommand = "make"
"#,
        expect![[r#"
            phase build (All)
              railway.toml:3 python manage.py collectstatic --noinput
            railway.toml:8 web Web = gunicorn shop.wsgi -b 0.0.0.0:$PORT
              Health { probe: Http("/healthz"), interval: None, timeout: None, grace: Some(300), retries: None }
              Scale { min: 2, max: None }
              Stop { signal: None, grace: Some(10) }
            railway.toml:7 release Release(BeforeTraffic) = python manage.py migrate && python manage.py check
            railway.toml:16 in pr:
              railway.toml:17 web Web = gunicorn shop.wsgi --reload
            railway.toml:19 in staging:
            Info railway/deprecated railway.toml is of a kind that Railway reads until 2026-12-01
            Info railway/without-effect railway.toml:19: `environments.staging.build` has no effect
        "#]],
    );
}

#[test]
fn regions_cron_and_a_bare_string() {
    check(
        r#"//- /railway.json
{
  "$schema": "https://railway.com/railway.schema.json",
  "deploy": {
    "cronSchedule": "*/15 * * * *",
    "startCommand": "python nightly.py",
    "preDeployCommand": "migrate",
    "numReplicas": 1,
    "multiRegionConfig": {"us-west2": {"numReplicas": 2}, "europe-west4": {"numReplicas": 3}},
    "startcommand": "x", "healthCheckPath": "/"
  }
}
"#,
        expect![[r#"
            railway.json:5 cron Cron("*/15 * * * *") = python nightly.py
              Scale { min: 5, max: None }
            railway.json:6 release Release(BeforeTraffic) = migrate
            Info railway/deprecated railway.json is of a kind that Railway reads until 2026-12-01
            Warning railway/unknown-key railway.json:9: `deploy.startcommand` is no key that is known
            Warning railway/unknown-key railway.json:9: `deploy.healthCheckPath` is no key that is known
        "#]],
    );
}

#[test]
fn a_dockerfile_starts_commands_without_a_shell() {
    let file = "//- /railway.toml\n[build]\nbuilder = \"NIXPACKS\"\n[deploy]\nstartCommand = \"uvicorn main:app --port $PORT\"\n";
    check(
        file,
        expect![[r#"
        railway.toml:2 builds with Program("nixpacks")
        railway.toml:4 web Web = uvicorn main:app --port $PORT
        Info railway/deprecated railway.toml is of a kind that Railway reads until 2026-12-01
    "#]],
    );
    check(
        &format!("{file}//- /Dockerfile\nFROM scratch\n"),
        expect![[r#"
        Dockerfile builds with Dockerfile { path: "Dockerfile", target: None, args: {} }
        railway.toml:4 web Web = uvicorn main:app --port '$PORT'
        Info railway/deprecated railway.toml is of a kind that Railway reads until 2026-12-01
        Warning railway/no-shell railway.toml:4: `uvicorn main:app --port $PORT` is started without a shell
    "#]],
    );
    check(
        "//- /railway.toml\n[build]\nbuilder = \"DOCKERFILE\"\ndockerfilePath = \"/deploy/Dockerfile\"\n[deploy]\nstartCommand = \"sh -c 'run $PORT'\"\n",
        expect![[r#"
            railway.toml:3 builds with Dockerfile { path: "deploy/Dockerfile", target: None, args: {} }
            railway.toml:5 web Web = sh -c 'run $PORT'
            Info railway/deprecated railway.toml is of a kind that Railway reads until 2026-12-01
        "#]],
    );
}

#[test]
fn plans_of_nixpacks_within() {
    check(
        r#"//- /deploy/nixpacks.toml
[start]
cmd = "from the file"
//- /railway.toml
[build]
builder = "NIXPACKS"
nixpacksConfigPath = "deploy/nixpacks.toml"
[build.nixpacksPlan.phases.setup]
aptPkgs = ["...", "ffmpeg"]
[build.nixpacksPlan]
providers = ["python"]
"#,
        expect![[r#"
            railway.toml:7 language python
            railway.toml:2 builds with Program("nixpacks")
            railway.toml:5 package ffmpeg (Run)
            railway.toml:7 package python3 (Run)
            railway.toml:7 package python-is-python3 (Run)
            Info railway/deprecated railway.toml is of a kind that Railway reads until 2026-12-01
            deploy/nixpacks.toml:2 web Web = from the file
        "#]],
    );
    check(
        "//- /railway.toml\n[build]\nbuilder = \"KANIKO\"\nnixpacksConfigPath = \"gone.toml\"\n",
        expect![[r#"
        Info railway/deprecated railway.toml is of a kind that Railway reads until 2026-12-01
        Error railway/value railway.toml:2: `KANIKO` is no builder of Railway
        Error railway/value railway.toml:3: there is no file `gone.toml`
    "#]],
    );
}

#[test]
fn two_files_and_none() {
    check("//- /main.py\n", expect![[""]]);
    check(
        "//- /railway.json\n{}\n//- /railway.toml\n",
        expect![[r#"
        Info railway/deprecated railway.toml is of a kind that Railway reads until 2026-12-01
        Warning railway/second-file railway.json is not read: railway.toml comes before it
    "#]],
    );
    check(
        "//- /railway.json\n[1]\n",
        expect![[r#"
        Info railway/deprecated railway.json is of a kind that Railway reads until 2026-12-01
        Error railway/type railway.json:1: the file is a list, not a map
    "#]],
    );
}

/// A shop with everything that writers have to say something about.
fn shop() -> MemoryTree {
    MemoryTree::parse(
        r#"//- /Procfile
release: python manage.py migrate
web: gunicorn shop.wsgi
worker: celery -A shop worker
//- /nixpacks.toml
[variables]
STAGE = "live"
SECRET_KEY = "0123456789abcdef"
[phases.setup]
aptPkgs = ["...", "ffmpeg", "libpq-dev"]
[phases.build]
cmds = ["...", "make"]
"#,
    )
}

#[test]
fn the_shop_is_written() {
    let mut model = crate::model(&shop());
    let origin = Origin::Option("x".to_owned());
    model.components[0].volumes.push(Volume {
        name: None,
        path: Requested { value: "/data".to_owned(), origin: origin.clone() },
        megabytes: None,
    });
    model.components[0].processes[1].port = Some(Requested { value: Port::Fixed(8000), origin });
    let made = write(&Conversion { model: &model, image: None });
    let mut text = String::new();
    for (path, content) in &made.files {
        text += &format!("//- /{path}\n{content}");
    }
    for loss in &made.losses {
        text += &format!("{} {}: {}\n", loss.code, loss.message, loss.fix.as_deref().unwrap_or_default());
    }
    expect![[r#"
        //- /railpack.json
        {
          "$schema": "https://schema.railpack.com",
          "steps": {
            "build": {
              "commands": [
                "...",
                "make"
              ]
            }
          },
          "buildAptPackages": [
            "...",
            "libpq-dev"
          ],
          "deploy": {
            "aptPackages": [
              "...",
              "ffmpeg",
              "libpq5"
            ]
          }
        }
        //- /railway.toml
        [build]
        builder = "RAILPACK"

        [deploy]
        restartPolicyType = "ON_FAILURE"
        startCommand = "gunicorn shop.wsgi"
        preDeployCommand = ["python manage.py migrate"]
        requiredMountPath = "/data"
        //- /railway.worker.toml
        [build]
        builder = "RAILPACK"

        [deploy]
        restartPolicyType = "ON_FAILURE"
        startCommand = "celery -A shop worker"
        convert/L32-variables `SECRET_KEY` is not in the file: set it in the variables of the service
        convert/L32-variables `STAGE` is not in the file: set it to `live` in the variables of the service
        convert/L31-port the port of `web` is not in the file: listen where `PORT` says, or set the port of the domain on Railway
        convert/L14-components `worker` is a service of its own on Railway, which reads its file only when told: make the service and set its config file to `/railway.worker.toml`
    "#]].assert_eq(&text);
}

#[test]
fn work_that_leaves_room_for_what_is_detected_goes_to_the_steps_of_railpack() {
    let steps = |text: &str| {
        let tree = MemoryTree::parse(&format!("//- /package.json\n{{}}\n{text}"));
        let model = crate::model(&tree);
        let made = write(&Conversion { model: &model, image: None });
        assert!(!made.files["railway.toml"].contains("buildCommand"), "{:?}", made.files);
        let json = &made.files["railpack.json"];
        json[json.find("\"steps\"").unwrap()..].replace(['\n', ' '], "")
    };
    let nixpacks = "//- /nixpacks.toml\n[phases.grind]\ndependsOn = [\"install\"]\ncmds = [\"grind it\"]\n[phases.build]\ndependsOn = [\"...\", \"grind\"]\n";
    assert_eq!(steps(nixpacks), r#""steps":{"build":{"commands":["grindit","..."]}}}"#);
    let install = "//- /nixpacks.toml\n[phases.install]\ncmds = [\"npm ci\", \"PATH:x\"]\n";
    assert_eq!(steps(install), r#""steps":{"install":{"commands":["npmci","RUN:PATH:x"]}}}"#);
    let both = "//- /nixpacks.toml\n[phases.install]\ncmds = [\"...\", \"a\"]\n[phases.build]\ncmds = [\"b\", \"...\"]\n";
    assert_eq!(
        steps(both),
        r#""steps":{"install":{"commands":["...","a"]},"build":{"commands":["b","..."]}}}"#
    );
}

proptest! {
    /// What is read again is what was written, less what the losses name.
    #[test]
    fn round_trip(model in generate::model(Limits::default())) {
        let model = nameless(model);
        let made = write(&Conversion { model: &model, image: None });
        let mut tree = generate::tree(&made.files);
        for part in &model.components {
            let dir = part.dir().map(|dir| format!("{dir}/")).unwrap_or_default();
            tree.add(format!("{dir}requirements.txt").parse().unwrap(), String::new());
            tree.add(format!("{dir}package.json").parse().unwrap(), "{}".to_owned());
        }
        let mut read = crate::model_in(&tree, LANGUAGES, &BTreeMap::new(), None, None);
        // What Railway tells every build is in no file.
        read.components.iter_mut().for_each(|part| part.environment.retain(|variable| variable.name != "RAILWAY_ENVIRONMENT_NAME"));
        prop_assert_eq!(generate::differences(&model, &read, &made.losses), Vec::<String>::new(), "{:?}", made.files);
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}", json in any::<bool>()) {
        let name = if json { "railway.json" } else { "railway.toml" };
        answered(name, &text);
    }

    #[test]
    fn any_keys_are_answered(lines in prop::collection::vec(prop::sample::select(vec![
        "[build]", "[deploy]", "[environments.pr.deploy]", "[environments.x]", "startCommand = 'a $B'", "numReplicas = -1",
        "builder = 'DOCKERFILE'", "builder = 3", "preDeployCommand = ['a', 'b']", "preDeployCommand = ''", "healthcheckPath = '/'",
        "cronSchedule = '* * * * *'", "dockerfilePath = 'a'", "nixpacksPlan = {phases = {build = {cmds = ['x']}}}",
        "multiRegionConfig = {a = {}}", "startCommand = \"'\"", "drainingSeconds = '99999999999'",
    ]), 0..10)) {
        answered("railway.toml", &lines.join("\n"));
    }
}

/// Names have no place in the files; a loss of one is about the whole part, which would hide the
/// rest.
fn nameless(mut model: AppModel) -> AppModel {
    model.name = None;
    model.components.iter_mut().for_each(|part| part.name = None);
    model
}

fn answered(name: &str, text: &str) {
    let tree = MemoryTree::parse(&format!("//- /{name}\n{text}\n"));
    let read = declarations(&DirView {
        tree: &tree,
        dir: None,
        languages: LANGUAGES,
        environment: &BTreeMap::new(),
    });
    assert_eq!(read.len(), 1);
    for part in &read[0].components {
        let mut names: Vec<_> = part.processes.iter().map(|process| &process.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), part.processes.len());
        assert!(!matches!(&part.strategy, Some(Requested { value: Strategy::Detect, .. })));
    }
    let lines = text.lines().count().max(1) as u32 + 1;
    let told = packwright_planner::decide(read, None).to_json();
    let found: Vec<u32> = told
        .split("\"line\": ")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
        .collect();
    assert!(found.iter().all(|line| (1..=lines).contains(line)), "{found:?} of {lines}");
}
