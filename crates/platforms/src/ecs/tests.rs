//! Task definitions: reading real ones and writing them.

mod written;

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::*;
use crate::container::tests::{SECRET, breaches, described};
use crate::test_languages::LANGUAGES;

fn seen(tree: &MemoryTree) -> Vec<Declarations> {
    declarations(&DirView { tree, dir: None, languages: LANGUAGES, environment: &BTreeMap::new() })
}

fn check(tree: &str, expected: Expect) {
    let tree = MemoryTree::parse(tree);
    let declared = seen(&tree);
    expected.assert_eq(&described(&declared));
    assert_eq!(breaches(&tree, &declared), Vec::<String>::new());
}

#[test]
fn what_is_in_a_file_says_that_it_is_a_task_definition() {
    let task = |name: &str| {
        format!(
            "{{\"family\": \"{name}\", \"containerDefinitions\": [{{\"name\": \"{name}\", \"image\": \"x\"}}]}}\n"
        )
    };
    let tree = MemoryTree::parse(&format!(
        "//- /backend.json\n{}//- /gunicorn/fargate.json\n{}//- /a/b/deep.json\n{}//- /package.json\n{}//- /locale.json\n{{}}\n",
        task("a"),
        task("b"),
        task("c"),
        task("d")
    ));
    let files: Vec<String> =
        seen(&tree).iter().flat_map(|declared| &declared.files).map(ToString::to_string).collect();
    assert_eq!(files, ["backend.json", "gunicorn/fargate.json"]);
}

#[test]
fn a_shop_with_a_task_of_its_own_for_the_worker() {
    check(
        r#"//- /task-definition.json
{
  "family": "shop-web",
  "networkMode": "awsvpc",
  "requiresCompatibilities": ["FARGATE"],
  "cpu": "512",
  "memory": "1024",
  "executionRoleArn": "arn:aws:iam::1:role/x",
  "runtimePlatform": {"operatingSystemFamily": "LINUX", "cpuArchitecture": "ARM64"},
  "volumes": [{"name": "media", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}, {"name": "tmp"}],
  "containerDefinitions": [
    {
      "name": "app",
      "image": "1.dkr.ecr.eu-central-1.amazonaws.com/shop:7",
      "essential": true,
      "command": ["gunicorn", "shop.wsgi", "-b", "0.0.0.0:8000"],
      "portMappings": [{"containerPort": 8000, "protocol": "tcp"}],
      "environment": [{"name": "PORT", "value": "8000"}, {"name": "API_TOKEN", "value": "sk_live_0123456789abcdefghij"}, {"name": "STAGE", "value": "prod"}],
      "secrets": [
        {"name": "SECRET_KEY", "valueFrom": "arn:aws:ssm:eu-central-1:1:parameter/x"},
        {"name": "DATABASE_URL", "valueFrom": "/shop/DATABASE_URL"}
      ],
      "environmentFiles": [{"value": "arn:aws:s3:::b/x.env", "type": "s3"}],
      "healthCheck": {"command": ["CMD-SHELL", "curl -f http://localhost:8000/healthz || exit 1"], "interval": 10, "timeout": 5, "retries": 3, "startPeriod": 20},
      "dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"}],
      "stopTimeout": 60,
      "user": "1000",
      "mountPoints": [{"sourceVolume": "media", "containerPath": "/app/media"}, {"sourceVolume": "tmp", "containerPath": "/scratch"}],
      "logConfiguration": {"logDriver": "awslogs"},
      "linuxParameters": {"initProcessEnabled": true}
    },
    {"name": "migrate", "image": "1.dkr.ecr.eu-central-1.amazonaws.com/shop:7", "essential": false, "command": ["python", "manage.py", "migrate"], "cpu": 128, "memory": 256},
    {"name": "xray", "image": "amazon/aws-xray-daemon"},
    {"name": "redis", "image": "public.ecr.aws/docker/library/redis:7.2"}
  ]
}
//- /.aws/worker.json
{"taskDefinition": {"family": "shop-worker", "revision": 3, "containerDefinitions": [{"name": "worker", "image": "1.dkr.ecr.eu-central-1.amazonaws.com/shop:7", "entryPoint": ["celery"], "command": ["-A", "shop", "worker"], "memoryReservation": 512}]}}
//- /.aws/other.json
{"a": 1}
"#,
        expect![[r#"
            .aws/worker.json called shop
              part at the top called shop-web (task-definition.json:2)
                Image("1.dkr.ecr.eu-central-1.amazonaws.com/shop:7") (.aws/worker.json:1)
                worker Worker: exec celery -A shop worker (.aws/worker.json:1)
                  size memory 512Mi (.aws/worker.json:1)
                web Web: exec gunicorn shop.wsgi -b 0.0.0.0:8000 (task-definition.json:11)
                  port Variable (task-definition.json:16)
                  health Http("/healthz") Some(10) Some(5) Some(20) Some(3) (task-definition.json:23)
                  stop None Some(60) (task-definition.json:25)
                release Release(BeforeTraffic): exec python manage.py migrate (task-definition.json:31)
                  size cpu 125m, memory 256Mi (task-definition.json:31)
                API_TOKEN = a secret, not shown (task-definition.json:17)
                STAGE = prod (task-definition.json:17)
                SECRET_KEY = from arn:aws:ssm:eu-central-1:1:parameter/x (task-definition.json:19)
                DATABASE_URL = required (task-definition.json:20)
                PORT = 8000 (task-definition.json:17)
                media at /app/media of None (task-definition.json:27)
              service redis redis 7.2 (task-definition.json:33)
              Info ecs/without-effect task-definition.json:8: `cpuArchitecture` ARM64 has no effect
              Info ecs/elsewhere task-definition.json:22: the variables in `arn:aws:s3:::b/x.env` are not read
              Info ecs/without-effect task-definition.json:26: `user` has no effect
              Info ecs/without-effect task-definition.json:27: the volume `tmp` has no effect
              Info ecs/not-counted task-definition.json:32: a container runs `amazon/aws-xray-daemon`, no part of this source
        "#]],
    );
}

#[test]
fn types_are_strict_and_unknown_keys_are_named() {
    check(
        r#"//- /ecs/a.json
{"family": "a", "cpus": "256", "containerDefinitions": [
  {"name": "a", "image": "x/a", "command": {"a": 1}, "portMappings": [{"containerPort": 70000}, {"containerPort": 53, "protocol": "udp"}], "healthCheck": {"command": ["curl"]}, "cmmand": []},
  {"image": "x/a"}, "text"
]}
"#,
        expect![[r#"
            ecs/a.json called a
              part at the top
                Image("x/a") (ecs/a.json:2)
                a Worker: as the image does (ecs/a.json:2)
              Info ecs/unknown-key ecs/a.json:1: `cpus` is no key that is known
              Warning ecs/type ecs/a.json:2: `containerDefinitions[0].command` is a map, not a list of texts
              Warning ecs/value ecs/a.json:2: 70000 is no port
              Warning ecs/value ecs/a.json:2: `healthCheck.command` begins with neither CMD, CMD-SHELL nor NONE
              Info ecs/unknown-key ecs/a.json:2: `containerDefinitions[0].cmmand` is no key that is known
              Warning ecs/type ecs/a.json:3: `containerDefinitions[2]` is a text, not a map
              Warning ecs/value ecs/a.json:3: a container has no name
        "#]],
    );
    check(
        "//- /taskdef.json\n{\"containerDefinitions\": [\n",
        expect![[r#"
        taskdef.json
          Warning ecs/syntax taskdef.json:1: column 26: unterminated array
    "#]],
    );
    check(
        "//- /package.json\n{\"containerDefinitions\": []}\n//- /task-definition.json\n{}\n",
        expect![[r#""#]],
    );
}

#[test]
fn the_name_is_what_all_families_begin_with() {
    let name = |families: &[&str]| {
        let families = families.iter().map(|&family| crate::generate::limits::requested(family.to_owned()));
        super::name(&families.collect::<Vec<_>>()).map(|name| name.value)
    };
    assert_eq!(name(&["shop-web", "shop-worker"]).as_deref(), Some("shop"));
    assert_eq!(name(&["my-shop", "my-shop-worker"]).as_deref(), Some("my-shop"));
    assert_eq!(name(&["web", "worker"]), None);
    assert_eq!(name(&["web"]).as_deref(), Some("web"));
    assert_eq!(name(&[]), None);
}

/// Task definitions of the format's own keys, with values of all kinds.
fn document() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("[1, {}, [\"x\"]]".to_owned()),
        Just("[\"CMD\", \"x\"]".to_owned()),
        Just("[\"/packwright/process/web\"]".to_owned()),
        Just("{\"command\": [\"CMD-SHELL\", \"x\"], \"interval\": -1}".to_owned()),
        Just("[{\"containerPort\": 80}, {\"containerName\": \"a\", \"condition\": \"SUCCESS\"}]".to_owned()),
        Just(format!("[{{\"name\": \"A_KEY\", \"value\": \"{SECRET}\"}}]")),
        Just("99999999999999999999".to_owned()),
        "[a-z/]{0,8}".prop_map(|text| format!("\"{text}\"")),
    ];
    let key = prop::sample::select(vec![
        "name",
        "entryPoint",
        "command",
        "portMappings",
        "environment",
        "secrets",
        "environmentFiles",
        "healthCheck",
        "dependsOn",
        "stopTimeout",
        "cpu",
        "memory",
        "mountPoints",
        "user",
        "unknown",
    ]);
    let container = prop::collection::btree_map(key, value, 0..6);
    prop::collection::vec(container, 0..4).prop_map(|containers| {
        let container = |keys: std::collections::BTreeMap<&str, String>| {
            let pairs: Vec<String> =
                keys.into_iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
            format!(
                "{{\"image\": \"x/a\",\n{}{}}}",
                pairs.join(",\n"),
                if pairs.is_empty() { "\"name\": \"a\"" } else { "" }
            )
        };
        let containers: Vec<String> = containers.into_iter().map(container).collect();
        format!("{{\"family\": \"a\",\n\"containerDefinitions\": [\n{}\n]}}\n", containers.join(",\n"))
    })
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        let tree = MemoryTree::parse(&format!("//- /taskdef.json\n{{\"containerDefinitions\": {text}\n"));
        prop_assert_eq!(breaches(&tree, &seen(&tree)), Vec::<String>::new());
    }

    #[test]
    fn any_document_is_answered(text in document()) {
        let tree = MemoryTree::parse(&format!("//- /taskdef.json\n{text}"));
        let declared = seen(&tree);
        prop_assert_eq!(declared.len(), 1);
        prop_assert_eq!(breaches(&tree, &declared), Vec::<String>::new());
    }
}
