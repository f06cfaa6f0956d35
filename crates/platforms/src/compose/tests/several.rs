//! Several services of one directory: which of them is the application, and which of them people reach.

use expect_test::{Expect, expect};
use packwright_planner::MemoryTree;

use super::seen;

/// The processes with their ports, and the services that do not count.
fn check(tree: &str, expected: Expect) {
    let mut text = String::new();
    for declared in seen(&MemoryTree::parse(tree)) {
        for part in declared.components {
            let image = part.strategy.as_ref().map(|strategy| format!("{:?}", strategy.value));
            text +=
                &format!("{}: {}\n", part.name.map(|name| name.value).unwrap_or_default(), image.unwrap());
            for process in part.processes {
                let port = process.port.map(|port| format!(" {:?}", port.value)).unwrap_or_default();
                text += &format!("  {} {:?}{port}\n", process.name, process.kind);
            }
        }
        let told = declared.diagnostics.iter().filter(|told| told.code == "compose/not-counted");
        told.for_each(|told| text += &format!("{}\n", told.message));
    }
    expected.assert_eq(&text);
}

#[test]
fn a_second_dockerfile_is_another_image() {
    check(
        "//- /Dockerfile\nFROM node:24\nCOPY . .\n//- /mail.Dockerfile\nFROM node:24\nRUN npm i -g maildev\n//- /compose.yaml\nservices:\n  mail:\n    build: {context: ., dockerfile: mail.Dockerfile}\n    ports: [\"1080:1080\"]\n  api:\n    build: {context: ., dockerfile: ./Dockerfile}\n    ports: [\"${API_PORT}:${API_PORT}\"]\n",
        expect![[r#"
            api: Dockerfile { path: "./Dockerfile", target: None, args: {} }
              web Web
            compose.yaml:2: `mail` is built from `mail.Dockerfile`, another image than the application's
        "#]],
    );
}

#[test]
fn images_of_other_programs_and_without_the_source_are_helpers() {
    check(
        "//- /ops/db/Dockerfile\nFROM postgres:16\nCOPY ops/db/x.sql /x.sql\n//- /ops/proxy/Dockerfile\nFROM traefik:3\nCOPY ops/proxy/t.yml /t.yml\n//- /ops/app/Dockerfile\nFROM python:3.13 AS base\nFROM base\nCOPY . /app\n//- /ops/work/Dockerfile\nFROM python:3.13\nCOPY . /app\n//- /compose.yaml\nservices:\n  db: {build: {context: ., dockerfile: ops/db/Dockerfile}}\n  proxy: {build: {context: ., dockerfile: ops/proxy/Dockerfile}, ports: [80]}\n  tasks: {build: {context: ., dockerfile: ops/work/Dockerfile}, command: celery -A shop worker}\n  shop: {build: {context: ., dockerfile: ops/app/Dockerfile}, expose: [8000]}\n  beat: {build: {context: ., dockerfile: ops/app/Dockerfile}, command: celery -A shop beat}\n",
        expect![[r#"
            : Dockerfile { path: "ops/app/Dockerfile", target: None, args: {} }
              web Web Fixed(8000)
              beat Worker
              tasks Worker
            compose.yaml:2: `db` is built from `ops/db/Dockerfile`, another image than the application's
            compose.yaml:3: `proxy` is built from `ops/proxy/Dockerfile`, another image than the application's
        "#]],
    );
    // For development the source is mounted, and not copied.
    check(
        "//- /a.Dockerfile\nFROM python:3.13\n//- /b.Dockerfile\nFROM python:3.13\nRUN pip install x\n//- /compose.yaml\nservices:\n  docs: {build: {context: ., dockerfile: b.Dockerfile}, ports: [9000]}\n  shop: {build: {context: ., dockerfile: a.Dockerfile}, volumes: [\".:/app\"]}\n",
        expect![[r#"
            : Dockerfile { path: "a.Dockerfile", target: None, args: {} }
              shop Worker
            compose.yaml:2: `docs` is built from `b.Dockerfile`, another image than the application's
        "#]],
    );
}

#[test]
fn a_dashboard_with_a_port_is_not_the_application() {
    // The image's own command before another one, whoever is published.
    check(
        "//- /compose.yaml\nservices:\n  flower: {build: ., command: celery flower, ports: [5555]}\n  api: {build: ., expose: [8000]}\n",
        expect![[r#"
            api: Dockerfile { path: "Dockerfile", target: None, args: {} }
              flower Web Fixed(5555)
              web Web Fixed(8000)
        "#]],
    );
    // What a published service of another image leads to.
    check(
        "//- /compose.yaml\nservices:\n  flower: {build: ., command: celery flower, ports: [5555]}\n  api: {build: ., command: gunicorn a, expose: [8000]}\n  front: {image: \"nginx:1\", ports: [80], depends_on: {api: {condition: service_started}}}\n",
        expect![[r#"
            api: Dockerfile { path: "Dockerfile", target: None, args: {} }
              flower Web Fixed(5555)
              web Web Fixed(8000)
            compose.yaml:4: `front` runs the image `nginx:1`, which is no part of this source
        "#]],
    );
    // A service of that name says it itself.
    check(
        "//- /compose.yaml\nservices:\n  web: {build: ., command: gunicorn a, ports: [8000]}\n  api: {build: ., expose: [9000]}\n",
        expect![[r#"
            web: Dockerfile { path: "Dockerfile", target: None, args: {} }
              web Web Fixed(8000)
              api Private Fixed(9000)
        "#]],
    );
}
