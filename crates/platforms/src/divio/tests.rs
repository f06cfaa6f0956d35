//! Projects of Divio as they are found.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::*;
use crate::test_languages::LANGUAGES;

fn seen(tree: &MemoryTree) -> Vec<Declarations> {
    let environment = BTreeMap::new();
    declarations(&DirView { tree, dir: None, languages: LANGUAGES, environment: &environment })
}

fn check(tree: &str, expected: Expect) {
    let mut out = String::new();
    for declared in seen(&MemoryTree::parse(tree)) {
        let files: Vec<&str> = declared.files.iter().map(|path| path.as_str()).collect();
        out += &format!("{:?} {}\n", declared.name.map(|name| name.value), files.join(", "));
        for service in &declared.services {
            out += &format!(
                "{} {} {} {:?} {:?}\n",
                service.origin, service.name, service.kind, service.version, service.tells
            );
        }
        for part in &declared.components {
            out += &format!("{:?}\n", part.strategy.as_ref().map(|strategy| &strategy.value));
            for process in &part.processes {
                out += &format!(
                    "{} {:?} {:?}\n",
                    process.name,
                    process.command,
                    process.port.as_ref().map(|port| &port.value)
                );
            }
            for variable in &part.environment {
                out += &format!("{} = {:?}\n", variable.name, variable.value);
            }
        }
        for found in &declared.diagnostics {
            out += &format!("{:?} {} {}\n", found.severity, found.code, found.message);
        }
    }
    expected.assert_eq(&out);
}

#[test]
fn a_project() {
    check(
        "//- /.divio/config.json
{\"id\": 1, \"slug\": \"shop\"}
//- /Dockerfile
FROM python:3.12
EXPOSE 80
CMD gunicorn shop.wsgi
//- /docker-compose.yml
services:
  web: {build: ., env_file: .env-local, ports: ['8000:80']}
  database_default: {image: 'postgres:15'}
  cache_default: {image: 'redis:7'}
  storage_default: {image: 'minio/minio'}
",
        expect![[r#"
            Some("shop") .divio/config.json, docker-compose.yml
            docker-compose.yml:3 database_default postgresql Some("15") ["DATABASE_URL", "DEFAULT_DATABASE_DSN"]
            docker-compose.yml:4 cache_default redis Some("7") ["DEFAULT_CACHE_URL"]
            docker-compose.yml:5 storage_default s3 None ["DEFAULT_STORAGE_DSN"]
            Some(Dockerfile { path: "Dockerfile", target: None, args: {} })
            web None Some(Fixed(80))
            SECRET_KEY = Generated
            DOMAIN = Elsewhere("Divio")
            DOMAIN_ALIASES = Elsewhere("Divio")
            STAGE = Elsewhere("Divio")
        "#]],
    );
}

#[test]
fn an_older_project_that_breaks_the_contract() {
    check(
        "//- /.aldryn\n{\"slug\": \"shop\"}\n//- /Dockerfile\nFROM python:3.6\nEXPOSE 8000\n",
        expect![[r#"
        Some("shop") .aldryn
        Some(Dockerfile { path: "Dockerfile", target: None, args: {} })
        web None Some(Fixed(80))
        SECRET_KEY = Generated
        DOMAIN = Elsewhere("Divio")
        DOMAIN_ALIASES = Elsewhere("Divio")
        STAGE = Elsewhere("Divio")
        Warning divio/port Dockerfile:2: the port is 8000; Divio asks for 80
    "#]],
    );
    check(
        "//- /.divio/config.json\n{\"slug\": 3\n",
        expect![[r#"
        None .divio/config.json
        Warning divio/syntax .divio/config.json:1: column 1: unterminated object
    "#]],
    );
    check(
        "//- /.divio/config.json\n[]\n",
        expect![[r#"
        None .divio/config.json
        None
        web None Some(Fixed(80))
        SECRET_KEY = Generated
        DOMAIN = Elsewhere("Divio")
        DOMAIN_ALIASES = Elsewhere("Divio")
        STAGE = Elsewhere("Divio")
        Warning divio/type .divio/config.json:1: the file is a list, not a map
        Warning divio/no-dockerfile .divio/config.json: there is no Dockerfile
    "#]],
    );
    check("//- /docker-compose.yml\nservices: {database_default: {image: postgres}}\n", expect![]);
}

proptest! {
    /// Any text is answered with the port of the contract or with what is wrong, at lines of the file.
    #[test]
    fn any_text(text in "(?s)(\\{\"slug\": )?.{0,100}") {
        let mut tree = MemoryTree::new();
        for name in [".divio/config.json", "Dockerfile", "docker-compose.yml"] {
            tree.add(name.parse().unwrap(), text.as_bytes().to_vec());
        }
        let found = seen(&tree);
        prop_assert!(found.iter().all(|found| !found.components.is_empty() || !found.diagnostics.is_empty()));
        let count = text.replace("\r\n", "\n").replace('\r', "\n").split('\n').count() as u32;
        for piece in format!("{found:?}").split("line: Some(").skip(1) {
            let line: u32 = piece.split(')').next().unwrap().parse().unwrap();
            prop_assert!((1..=count).contains(&line), "{line} of {count}");
        }
    }
}
