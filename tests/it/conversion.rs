//! What `packwright convert` writes for platforms that run images, before the judges of those
//! platforms: Compose's own reader, the schemas of the Kubernetes API, the shapes of Amazon ECS.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use walkdir::WalkDir;

use crate::command::finish;
use crate::fixture::packwright;
use crate::outside;
use crate::place;

/// The packages with the schemas of the Kubernetes API, and the version of the API.
const KUBERNETES: (&[&str], &str) = (&["kubernetes-validate==1.37.0"], "1.33");

/// The package with the shapes of Amazon ECS.
const ECS: &[&str] = &["botocore==1.44.5"];

/// The image that runs.
const IMAGE: &str = "registry.example.com/shop:1";

/// Everything that a platform's file says about a shop.
const SHOP: &[(&str, &str)] = &[
    (
        "package.json",
        "{\"name\": \"shop\", \"version\": \"1.0.0\", \"scripts\": {\"start\": \"node server.js\"}}\n",
    ),
    (
        "server.js",
        "require('http').createServer((_, answer) => answer.end('shop')).listen(process.env.PORT)\n",
    ),
    (
        "render.yaml",
        r#"services:
  - type: web
    name: shop
    runtime: node
    plan: standard
    buildCommand: npm install
    preDeployCommand: node migrate.js
    startCommand: node server.js
    healthCheckPath: /healthz
    maxShutdownDelaySeconds: 60
    domains: [shop.example.com]
    scaling: {minInstances: 2, maxInstances: 5, targetCPUPercent: 70}
    disk: {name: media, mountPath: /app/media, sizeGB: 2}
    envVars: &variables
      - {key: PRICE_FORMAT, value: "$ $(AMOUNT) ${AMOUNT} it's"}
      - {key: SECRET_KEY, generateValue: true}
      - {key: STRIPE_KEY, sync: false}
      - {key: DATABASE_URL, fromDatabase: {name: db, property: connectionString}}
      - {key: CACHE_HOST, fromService: {name: cache, type: keyvalue, property: host}}
  - {type: worker, name: mails, runtime: node, buildCommand: npm install, startCommand: node mails.js, envVars: *variables}
  - {type: pserv, name: search, runtime: node, buildCommand: npm install, startCommand: node search.js, envVars: *variables}
  - {type: cron, name: nightly, runtime: node, schedule: "0 3 * * *", buildCommand: npm install, startCommand: node nightly.js}
  - {type: keyvalue, name: cache, plan: starter, ipAllowList: []}
databases: [{name: db, postgresMajorVersion: "16"}]
"#,
    ),
];

/// The shop's files for `platform`, in a directory of their own.
fn converted(platform: &str) -> TempDir {
    let dir = place::new_dir("conversion");
    let shop = dir.path().join("shop");
    fs::create_dir(&shop).unwrap();
    for (name, text) in SHOP {
        fs::write(shop.join(name), text).unwrap();
    }
    let out = dir.path().join("out");
    finish(packwright(["convert", "--to", platform, "--image", IMAGE]).arg(&shop).arg("-o").arg(&out)).ok();
    dir
}

/// The files that were written, with this ending.
fn written(dir: &TempDir, ending: &str) -> Vec<PathBuf> {
    let files = WalkDir::new(dir.path().join("out")).sort_by_file_name().into_iter();
    let files = files.map(|entry| entry.unwrap().into_path());
    let files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
    assert!(!files.is_empty(), "nothing was written");
    files
}

/// `file` with `word` replaced, to see that a judge can say no.
fn spoiled(file: &Path, word: &str, other: &str) -> PathBuf {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(word), "{} has no `{word}`:\n{text}", file.display());
    let spoiled = file.with_file_name("spoiled");
    fs::write(&spoiled, text.replacen(word, other, 1)).unwrap();
    spoiled
}

#[test]
fn compose_takes_the_file() {
    let dir = converted("compose");
    let file = &written(&dir, "yaml")[0];
    let judge = |file: &Path| {
        let mut compose = outside::compose();
        compose.arg(file).env_clear();
        compose
    };
    let given = [("DB_PASSWORD", "a"), ("SECRET_KEY", "b"), ("STRIPE_KEY", "c")];
    finish(judge(file).envs(given)).ok();
    // What has to be given is asked for, and a key that Compose does not know is not taken.
    drop(finish(&mut judge(file)).failed(1, &["required variable"]));
    let spoiled = spoiled(file, "entrypoint:", "entrypont:");
    drop(finish(judge(&spoiled).envs(given)).failed(1, &["entrypont"]));
}

fn python(packages: &[&str]) -> Command {
    let mut python = outside::python("python", packages);
    python.arg(place::house().join("tests/judges/conversion.py"));
    python
}

#[test]
fn the_manifests_fit_the_api_of_kubernetes() {
    let dir = converted("kubernetes");
    let files = written(&dir, "yaml");
    let (packages, version) = KUBERNETES;
    let judge = |file: &Path| finish(python(packages).args(["kubernetes", version]).arg(file));
    let told = judge(&files[0]).ok().stdout();
    assert!(told.contains(" fit, 0 do not") && !told.starts_with("0 "), "{told}");
    drop(judge(&spoiled(&files[0], "command:", "comand:")).failed(1, &["comand"]));
    drop(judge(&spoiled(&files[0], "containerPort: ", "containerPort: x")).failed(1, &["integer"]));
}

#[test]
fn the_task_definitions_fit_the_shapes_of_ecs() {
    let dir = converted("ecs");
    let files = written(&dir, "json");
    let told = finish(python(ECS).arg("ecs").args(&files)).ok().stdout();
    assert!(told.contains(" fit, 0 do not") && !told.starts_with("0 "), "{told}");
    let judge = |file: &Path| finish(python(ECS).arg("ecs").arg(file));
    drop(judge(&spoiled(&files[0], "\"essential\"", "\"esential\"")).failed(1, &["esential"]));
}
