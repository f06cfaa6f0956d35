//! The command lines with which public platforms call Nixpacks, Railpack and pack, word for word but for names and paths.
//! Each is accepted and does what it does there, or ends with the reason.
//!
//! Source: coollabsio/coolify, `app/Jobs/ApplicationDeploymentJob.php` (379abb2); Dokploy/dokploy,
//! `packages/server/src/utils/builders/*.ts` (772b768); dokku/dokku, `plugins/builder-*/builder-build` (33896f5);
//! kubero-dev/kubero, `server/src/deployments/templates/nixpacks.yaml.ts` (36a5046); superfly/flyctl,
//! `internal/build/imgsrc/nixpacks_builder.go` (076a6aa).

use std::os::unix::process::CommandExt;

use crate::{Answer, Stage};

const SHOP: &str = "\
//- /package.json
{\"name\": \"shop\", \"scripts\": {\"build\": \"node make.js\", \"start\": \"node index.js\"}}
//- /package-lock.json
{\"name\": \"shop\", \"lockfileVersion\": 3, \"packages\": {\"\": {\"name\": \"shop\"}}}
//- /index.js
require(\"http\").createServer().listen(process.env.PORT || 3000)
//- /make.js
//- /.coolify/railpack.generated.json
{\"deploy\": {\"startCommand\": \"node made.js\"}}
//- /plan.json
{\"providers\": [], \"buildImage\": \"debian\", \"phases\": {}, \"start\": {\"cmd\": \"node index.js\"}}
";

/// The words of a line in which single quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for letter in line.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What becomes of a line where no engine and no mirror answers. The first word is the program; `DIR` stands for the source.
fn call(stage: &Stage, line: &str) -> Answer {
    let line = line.replace("DIR", &stage.source().display().to_string());
    let words = words(&line);
    let mut command = stage.command("");
    if words[0] == "pack" {
        command.arg("compat").arg("pack");
    }
    command.arg0(format!("/usr/local/bin/{}", words[0])).args(&words[1..]);
    command.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    command.env("PACKWRIGHT_DEBIAN_MIRROR", "file:///nowhere");
    stage.finish(&mut command)
}

#[test]
fn an_image_is_for_the_engine() {
    for line in [
        // Dokploy
        "nixpacks build DIR --name shop --no-cache --env 'STAGE=live now' --no-error-without-start",
        // Dokku
        "nixpacks build --label=org.label-schema.schema-version=1.0 --label=org.label-schema.vendor=dokku --label=com.dokku.image-stage=build --label=com.dokku.builder-type=nixpacks --label=com.dokku.app-name=shop --label=dokku --name dokku/shop:latest DIR",
        "railpack build --name dokku/shop:latest-build DIR",
        "railpack build --platform linux/HERE --progress plain --cache-key shop --env STAGE=live --previous node@24 --build-cmd 'npm run build' --start-cmd 'node index.js' --error-missing-start --name dokku/shop:latest-build DIR",
        // Fly's client
        "nixpacks build --name registry.fly.io/shop:deployment-1 DIR",
    ] {
        let here = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
        let stage = Stage::with(SHOP);
        let answer = call(&stage, &line.replace("HERE", here));
        assert_eq!((answer.status, answer.stdout.as_str()), (1, ""), "{line}: {}", answer.stderr);
        assert!(answer.stderr.contains("no Docker engine answers"), "{line}: {}", answer.stderr);
    }
}

#[test]
fn coolify_asks_what_it_is_and_for_the_plan() {
    let stage = Stage::with(SHOP);
    let answer = call(&stage, "nixpacks detect DIR");
    assert_eq!((answer.status, answer.stdout.as_str()), (0, "node\n"));
    let line = "nixpacks plan -f json --env 'NIXPACKS_NODE_VERSION=22' --env 'COOLIFY_URL=https://shop.example.com' --env 'COOLIFY_BRANCH=main' --build-cmd 'npm run build' --start-cmd 'node index.js' --install-cmd 'npm ci' DIR";
    let answer = call(&stage, line);
    assert_eq!(answer.status, 0, "{}", answer.stderr);
    let plan: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(plan["start"]["cmd"], "node index.js");
    assert_eq!(plan["variables"]["COOLIFY_BRANCH"], "main");
    assert_eq!(plan["phases"]["install"]["cmds"], serde_json::json!(["npm ci"]));
}

#[test]
fn an_image_for_a_docker_build_needs_no_engine() {
    for line in [
        // Coolify
        "nixpacks build -c DIR/plan.json --no-cache --no-error-without-start -n shop:1 DIR -o DIR",
        "nixpacks build -c DIR/plan.json --cache-key 'a1' --no-error-without-start -n shop:1 DIR -o DIR",
        // Kubero, in the directory
        "nixpacks build . -o .",
    ] {
        let stage = Stage::with(SHOP);
        let answer = call(&stage, line);
        // It ends where packages are fetched: there is no mirror.
        assert_eq!((answer.status, answer.stdout.as_str()), (1, ""), "{line}: {}", answer.stderr);
        let told = answer.stderr.to_lowercase();
        assert!(told.contains("mirror") && !told.contains("engine"), "{line}: {told}");
    }
}

#[test]
fn a_plan_for_the_frontend_of_railpack_is_refused() {
    for line in [
        // Dokploy
        "railpack prepare DIR --plan-out DIR/railpack-plan.json --info-out DIR/railpack-info.json --env 'STAGE=live now'",
        // Coolify
        "railpack prepare --build-cmd 'npm run build' --start-cmd 'node index.js' --env 'RAILPACK_NODE_VERSION=22' --env 'RAILPACK_INSTALL_CMD=npm ci' --config-file '.coolify/railpack.generated.json' --plan-out DIR/railpack-plan.json DIR",
    ] {
        let stage = Stage::with(SHOP);
        let answer = call(&stage, line);
        assert_eq!(answer.status, 1, "{line}: {}", answer.stderr);
        assert!(
            answer.stderr.contains("fix: call `railpack build DIRECTORY --name NAME`"),
            "{}",
            answer.stderr
        );
        assert!(!crate::is_there(stage.source().join("railpack-plan.json")));
        // Without the file it tells what would be built.
        let told = call(&stage, &line.replace("--plan-out DIR/railpack-plan.json", ""));
        assert_eq!(told.status, 0, "{}", told.stderr);
        let start = if line.contains("--config-file") { "node made.js" } else { "node index.js" };
        assert!(told.stdout.contains(start), "{}", told.stdout);
    }
}

#[test]
fn pack_is_told_what_builds_the_same() {
    for line in [
        // Dokploy
        "pack build shop --path DIR --builder paketobuildpacks/builder-jammy-full --clear-cache --env 'STAGE=live now'",
        "pack build shop --path DIR --builder heroku/builder:24",
        // Dokku
        "pack build dokku/shop:latest --builder heroku/builder:24 --path DIR --default-process web --env STAGE",
    ] {
        let answer = call(&Stage::with(SHOP), line);
        assert_eq!((answer.status, answer.stdout.as_str()), (1, ""), "{line}: {}", answer.stderr);
        assert!(answer.stderr.contains("command lines of pack are not answered"), "{}", answer.stderr);
        assert!(answer.stderr.contains("fix: call `packwright build"), "{}", answer.stderr);
    }
}
