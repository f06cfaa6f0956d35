//! Reading Heroku's files: real ones, unusual ones and broken ones.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_documents::{Content, Entry, Value, to_json, to_yaml};
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::super::declarations;
use crate::dir_view::DirView;
use crate::generate::{breaches, listing};
use crate::test_languages::LANGUAGES;

fn read(tree: &MemoryTree) -> Vec<packwright_planner::Declarations> {
    declarations(&DirView { tree, dir: None, languages: LANGUAGES, environment: &BTreeMap::new() })
}

fn check(tree: &str, expected: Expect) {
    expected.assert_eq(&listing(&read(&MemoryTree::parse(tree))));
}

#[test]
fn app_json_of_a_shop() {
    check(
        r#"//- /app.json
{ "name": "shop", "stack": "heroku-24", "description": "a shop", "website": "https://shop.example.com",
  "env": {
    "SECRET_KEY": {"generator": "secret"},
    "SENTRY_DSN": {"required": false, "description": "where errors go"},
    "DEBUG": "False",
    "WORKERS": 4,
    "STRIPE_KEY": {"description": "a key"},
    "MAIL_PASSWORD": {"value": "hunter2"}
  },
  "formation": { "web": {"quantity": 2, "size": "standard-1x"}, "worker": {"quantity": 1} },
  "addons": ["heroku-postgresql:essential-0", {"plan": "heroku-redis:mini", "as": "QUEUE", "options": {"version": "7"}}],
  "buildpacks": [{"url": "heroku-community/apt"}, {"url": "heroku/nodejs"}, {"url": "https://github.com/heroku/heroku-buildpack-python.git#v250"}],
  "scripts": {"postdeploy": "python manage.py loaddata seed", "pr-predestroy": "true"},
  "environments": {
    "test": {"scripts": {"test": "pytest"}, "env": {"DJANGO_SECRET_KEY": "abcdefgh"}},
    "review": {"addons": ["heroku-postgresql:mini"], "formation": {"web": {"quantity": 1}}, "scripts": {"postdeploy": "./seed"}}
  } }
"#,
        expect![[r#"
            heroku Decides app.json
              app.json:1 name "shop"
              component .
              app.json:12 language "python"
              app.json:12 strategy Buildpacks { builder: None, list: ["heroku-community/apt", "heroku/nodejs", "https://github.com/heroku/heroku-buildpack-python.git#v250"] }
              app.json:10 web Web None
                app.json:10 scale Scale { min: 2, max: None }
                app.json:10 size "standard-1x"
              app.json:10 worker Worker None
                app.json:10 scale Scale { min: 1, max: None }
              app.json:13 postdeploy Release(FirstTime) Some(Shell("python manage.py loaddata seed"))
              app.json:3 SECRET_KEY Both Generated
              app.json:4 SENTRY_DSN Both Optional
              app.json:5 DEBUG Both Literal("False")
              app.json:6 WORKERS Both Literal("4")
              app.json:7 STRIPE_KEY Both Required
              app.json:8 MAIL_PASSWORD Both Withheld
              app.json:11 service heroku-postgresql Postgres (None, Some("essential-0"), ["DATABASE_URL"])
              app.json:11 service QUEUE Redis (Some("7"), Some("mini"), ["QUEUE_URL"])
              app.json:15 overlay "test"
                app.json:15 DJANGO_SECRET_KEY Withheld
              app.json:16 overlay "review"
                app.json:16 service heroku-postgresql Some("mini")
              app.json:16 web Web None
                app.json:16 scale Scale { min: 1, max: None }
              app.json:16 postdeploy Release(FirstTime) Some(Shell("./seed"))
              Info heroku/without-effect app.json:1: `stack` has no effect
              Warning heroku/formation app.json:10: `formation` names `worker`, which no line of a Procfile declares
        "#]],
    );
}

#[test]
fn older_shapes_of_app_json() {
    check(
        r#"//- /app.json
{ "formation": [{"process": "web", "quantity": 1, "size": "free"}, {"quantity": 1}, {"process": "web", "quantity": 3}],
  "env": ["A", "B"],
  "buildpacks": ["heroku/python", "https://github.com/someone/strange.git"],
  "addons": ["a:b", "a:c", {"as": "X"}, 7],
  "image": "heroku/python" }
"#,
        expect![[r#"
            heroku Decides app.json
              component .
              app.json:3 language "python"
              app.json:3 strategy Buildpacks { builder: None, list: ["heroku/python", "https://github.com/someone/strange.git"] }
              app.json:1 web Web None
                app.json:1 scale Scale { min: 1, max: None }
                app.json:1 size "free"
              app.json:2 A Both Required
              app.json:2 B Both Required
              app.json:4 service a Other("a") (None, Some("b"), [])
              app.json:4 service 7 Other("7") (None, None, [])
              Error heroku/value app.json:1: an entry of `formation` has no `process`
              Error heroku/value app.json:1: `formation` has `web` twice
              Warning heroku/unknown-buildpack app.json:3: the buildpack `https://github.com/someone/strange.git` is not run
              Error heroku/value app.json:4: the add-on `a` is there twice
              Error heroku/value app.json:4: an add-on has no `plan`
              Info heroku/without-effect app.json:5: `image` has no effect
        "#]],
    );
}

#[test]
fn app_json_with_mistakes() {
    check(
        r#"//- /app.json
{ "env": {"A": {"value": "1", "requierd": true}, "B": {"required": "yes"}, "C": {"generator": "uuid"}, "D": [1], "E=F": "x"},
  "formation": {"-web": {"quantity": 1}, "worker": {"quantity": -1}},
  "environments": {"staging": {}},
  "scripts": {"predeploy": "x"}, "addon": [] }
"#,
        expect![[r#"
            heroku Decides app.json
              component .
              app.json:2 worker Worker None
              app.json:1 A Both Literal("1")
              app.json:1 B Both Required
              app.json:1 C Both Required
              app.json:3 overlay "staging"
              Warning heroku/unknown-key app.json:1: `env.A.requierd` is no key that is known
              Error heroku/type app.json:1: `env.B.required` is a text, not `true` or `false`
              Error heroku/value app.json:1: `uuid` is no generator that Heroku has
              Error heroku/type app.json:1: `env.D` is a list, not a text
              Error heroku/value app.json:1: "E=F" cannot be the name of a variable
              Error heroku/value app.json:2: `-web` is not a process name: letters, digits, `-` and `_`, 1 to 63 long, a letter or digit at both ends
              Error heroku/type app.json:2: `formation.worker.quantity` is a number, not a whole number
              Warning heroku/unknown-environment app.json:3: `environments.staging` is no environment that Heroku has
              Warning heroku/unknown-key app.json:4: `scripts.predeploy` is no key that is known
              Warning heroku/unknown-key app.json:4: `addon` is no key that is known
              Warning heroku/formation app.json:2: `formation` names `worker`, which no line of a Procfile declares
        "#]],
    );
}

#[test]
fn files_of_others() {
    for text in [
        r#"{"expo": {"name": "x", "slug": "x"}}"#,
        r#"{"name": "HelloWorld", "displayName": "HelloWorld"}"#,
        r#"{"pages": ["a/b"], "window": {}}"#,
        r#"{"promptDelete": false}"#,
        r#"{"appId": "x"}"#,
        r#"[1, 2]"#,
        r#"{"expo": {"name": "x", }}"#,
    ] {
        let found = read(&MemoryTree::parse(&format!("//- /app.json\n{text}\n")));
        assert_eq!(found.len(), 1, "{text}");
        assert!(found[0].components.is_empty(), "{text}");
        let codes: Vec<&str> = found[0].diagnostics.iter().map(|told| told.code.as_str()).collect();
        assert_eq!(codes, ["heroku/foreign-file"], "{text}");
    }
    // What is Heroku's by all of its keys, and by one of them.
    for text in [r#"{"name": "x", "description": "y"}"#, r#"{"env": {}, "pge": 1}"#] {
        let found = read(&MemoryTree::parse(&format!("//- /app.json\n{text}\n")));
        assert!(!listing(&found).contains("foreign"), "{text}");
    }
}

#[test]
fn heroku_yml_with_all_shapes() {
    check(
        "//- /heroku.yml
setup:
  addons:
    - plan: heroku-postgresql:standard-0
      as: DATABASE
  config:
    S3_BUCKET: my-bucket
    NODE_ENV: production
build:
  docker:
    web: ./Dockerfile
    worker:
      dockerfile: worker/Dockerfile
      target: prod
    same: Dockerfile.same
  config: &args
    NODE_ENV: production
    SECRET_TOKEN: abcdefghijkl
release:
  image: worker
  command:
    - ./deployment-tasks.sh
run:
  web: gunicorn shop.wsgi
  worker:
    command: [celery, -A, shop]
    image: web
  clock: {command: [python clock.py, echo done], image: nobody}
  asset: {image: web}
",
        expect![[r#"
            heroku Decides heroku.yml
              component .
              heroku.yml:10 name "web"
              heroku.yml:10 strategy Dockerfile { path: "Dockerfile", target: None, args: {"NODE_ENV": "production"} }
              heroku.yml:23 web Web Some(Shell("gunicorn shop.wsgi"))
              heroku.yml:24 worker Worker Some(Exec(["celery", "-A", "shop"]))
              heroku.yml:27 clock Worker Some(Shell("python clock.py && echo done"))
              heroku.yml:28 asset Worker None
              heroku.yml:6 S3_BUCKET Run Literal("my-bucket")
              heroku.yml:7 NODE_ENV Both Literal("production")
              heroku.yml:17 SECRET_TOKEN Build Withheld
              component worker
              heroku.yml:11 name "worker"
              heroku.yml:11 strategy Dockerfile { path: "Dockerfile", target: Some("prod"), args: {"NODE_ENV": "production"} }
              heroku.yml:19 release Release(BeforeTraffic) Some(Shell("./deployment-tasks.sh"))
              heroku.yml:6 S3_BUCKET Run Literal("my-bucket")
              heroku.yml:7 NODE_ENV Both Literal("production")
              heroku.yml:17 SECRET_TOKEN Build Withheld
              heroku.yml:3 service DATABASE Postgres (None, Some("standard-0"), ["DATABASE_URL"])
              Warning heroku/several-images heroku.yml:14: the image `same` is built from another Dockerfile than `web` in the same directory
              Error heroku/value heroku.yml:27: `nobody` is no image of `build.docker`
              Warning heroku/command-list heroku.yml:27: the command is a list of several lines
        "#]],
    );
}

#[test]
fn heroku_yml_without_run_and_with_merges() {
    check(
        "//- /heroku.yml
x-shared: &shared
  dockerfile: api/Dockerfile
build:
  docker:
    web:
      <<: *shared
    worker: ../Dockerfile
release: {}
",
        expect![[r#"
            heroku Decides heroku.yml
              component api
              heroku.yml:5 name "web"
              heroku.yml:5 strategy Dockerfile { path: "Dockerfile", target: None, args: {} }
              heroku.yml:5 web Web None
              Error heroku/value heroku.yml:7: `..` has the part `..`
              Error heroku/value heroku.yml:8: `release` has no `command`
        "#]],
    );
    check(
        "//- /heroku.yml\nbuild: [\n",
        expect![[r#"
        heroku Decides heroku.yml
          Error heroku/syntax heroku.yml:1: column 8: unclosed bracket '['
    "#]],
    );
    check(
        "//- /heroku.yml\n",
        expect![[r#"
        heroku Decides heroku.yml
    "#]],
    );
}

#[test]
fn app_json_beside_images_that_are_not_at_the_top() {
    check(
        r#"//- /heroku.yml
build: {docker: {web: api/Dockerfile, worker: jobs/Dockerfile}}
//- /app.json
{"env": {"STAGE": "live"}, "formation": {"web": {"quantity": 1}, "worker": {"quantity": 2}}, "scripts": {"postdeploy": "./seed"}}
"#,
        expect![[r#"
            heroku Decides heroku.yml
              component api
              heroku.yml:1 name "web"
              heroku.yml:1 strategy Dockerfile { path: "Dockerfile", target: None, args: {} }
              heroku.yml:1 web Web None
              component jobs
              heroku.yml:1 name "worker"
              heroku.yml:1 strategy Dockerfile { path: "Dockerfile", target: None, args: {} }
              heroku.yml:1 worker Worker None
            heroku Decides app.json
              component api
              app.json:1 web Web None
                app.json:1 scale Scale { min: 1, max: None }
              app.json:1 postdeploy Release(FirstTime) Some(Shell("./seed"))
              app.json:1 STAGE Both Literal("live")
              component jobs
              app.json:1 worker Worker None
                app.json:1 scale Scale { min: 2, max: None }
              app.json:1 STAGE Both Literal("live")
        "#]],
    );
}

#[test]
fn packages_and_what_stands_beside_them() {
    check(
        "//- /Aptfile
# comment
libpq-dev  imagemagick
ffmpeg=7:5.1 # beside
libgl1:amd64
:repo:deb http://apt.example.com/ stable main
https://example.com/x.deb
--no-install-recommends
Bad_Name
",
        expect![[r#"
            heroku Decides Aptfile
              component .
              Aptfile:2 package libpq-dev Build
              Aptfile:2 package libpq5 Run
              Aptfile:2 package imagemagick Run
              Aptfile:3 package ffmpeg (= 7:5.1) Run
              Aptfile:4 package libgl1 Run
              Warning heroku/apt-repository Aptfile:5: the archive `deb http://apt.example.com/ stable main` is not used
              Warning heroku/apt-address Aptfile:6: the package at `https://example.com/x.deb` is not used
              Warning heroku/apt-option Aptfile:7: the option `--no-install-recommends` is not used
              Error heroku/apt-name Aptfile:8: `Bad_Name` is no name of a package
        "#]],
    );
}

#[test]
fn buildpacks_ignored_files_and_hooks() {
    check(
        "//- /.buildpacks
# two
https://github.com/heroku/heroku-buildpack-static.git
https://github.com/heroku/heroku-geo-buildpack.git#v1
heroku/ruby
urn:cnb:registry:heroku/go@1.2.3
https://packs.example.com/buildpacks/heroku-community/inline.tgz
//- /static.json
{\"root\": \"dist/\"}
//- /.slugignore
# art
*.psd
!keep.psd
/test
//- /bin/post_compile
#!/bin/sh
//- /bin/compile
x
//- /bin/detect
x
",
        expect![[r#"
            heroku Decides .buildpacks
              component .
              .buildpacks:5 language "go"
              .buildpacks:2 strategy Buildpacks { builder: None, list: ["https://github.com/heroku/heroku-buildpack-static.git", "https://github.com/heroku/heroku-geo-buildpack.git#v1", "heroku/ruby", "urn:cnb:registry:heroku/go@1.2.3", "https://packs.example.com/buildpacks/heroku-community/inline.tgz"] }
              static.json:1 publish "dist"
              .buildpacks:3 package gdal-bin Run
              .buildpacks:3 package libgdal-dev Build
              .buildpacks:3 package libgdal36 | libgdal32 Run
            heroku Decides .slugignore
              component .
              .slugignore:2 ignores "*.psd"
              .slugignore:4 ignores "/test"
            heroku Decides bin/post_compile bin/compile
              Warning heroku/hook bin/post_compile is not run
              Warning heroku/hook bin/compile is not run
        "#]],
    );
}

#[test]
fn a_directory_that_a_buildpack_builds() {
    check(
        r#"//- /app.json
{"env": {"PROJECT_PATH": "apps/api/"}, "buildpacks": [{"url": "https://github.com/timanovsky/subdir-heroku-buildpack"}, {"url": "heroku/python"}]}
"#,
        expect![[r#"
            heroku Decides app.json
              component apps/api
              app.json:1 language "python"
              app.json:1 strategy Buildpacks { builder: None, list: ["https://github.com/timanovsky/subdir-heroku-buildpack", "heroku/python"] }
              app.json:1 PROJECT_PATH Both Literal("apps/api/")
        "#]],
    );
    check(
        r#"//- /app.json
{"buildpacks": [{"url": "heroku-community/monorepo"}, {}]}
"#,
        expect![[r#"
            heroku Decides app.json
              component .
              app.json:1 strategy Buildpacks { builder: None, list: ["heroku-community/monorepo"] }
              Error heroku/value app.json:1: a buildpack has no `url`
              Warning heroku/directory app.json:1: `heroku-community/monorepo` builds the directory that APP_BASE names
        "#]],
    );
}

/// A document of the format's own keys, and of others, with values of every kind.
fn document() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "name",
        "env",
        "formation",
        "addons",
        "buildpacks",
        "environments",
        "scripts",
        "postdeploy",
        "quantity",
        "size",
        "plan",
        "as",
        "options",
        "url",
        "value",
        "required",
        "generator",
        "setup",
        "config",
        "build",
        "docker",
        "dockerfile",
        "target",
        "release",
        "run",
        "command",
        "image",
        "web",
        "worker",
        "review",
        "process",
        "A",
        "",
        "a b",
        "-",
    ]);
    let leaf = prop_oneof![
        Just(Content::Null),
        any::<bool>().prop_map(Content::Bool),
        any::<i32>().prop_map(|number| Content::Number(number.to_string())),
        "[ -~\\n]{0,12}".prop_map(Content::Text),
        Just(Content::Text("postgres://u:hunter2@db/x".to_owned())),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        let map = prop::collection::btree_map(key.clone(), inner, 0..6);
        prop_oneof![
            list.prop_map(|items| Content::List(items.into_iter().map(Value::from).collect())),
            map.prop_map(|map| Content::Map(
                map.into_iter().map(|(key, value)| Entry::new(key, value)).collect()
            )),
        ]
    })
    .prop_map(Value::from)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_document_is_answered(value in document()) {
        for (file, text) in [("app.json", to_json(&value)), ("heroku.yml", to_yaml(&value))] {
            let mut tree = MemoryTree::new();
            tree.add(file.parse().unwrap(), text.clone());
            let found = read(&tree);
            prop_assert_eq!(breaches(&found, text.lines().count()), Vec::<String>::new(), "{}", text);
        }
    }

    #[test]
    fn any_text_is_answered(text in "(.|\\n){0,200}") {
        for file in ["app.json", "heroku.yml", "Aptfile", ".buildpacks", ".slugignore", "static.json"] {
            let mut tree = MemoryTree::new();
            tree.add(file.parse().unwrap(), text.clone());
            // A reader counts the line after the last line end too, as editors do.
            let lines = text.replace("\r\n", "\n").replace('\r', "\n").split('\n').count();
            prop_assert_eq!(breaches(&read(&tree), lines), Vec::<String>::new());
        }
    }
}

#[test]
fn a_number_of_processes_that_no_file_declares() {
    let told = |tree: &str| -> Vec<String> {
        let tree = MemoryTree::parse(tree);
        let said = read(&tree).into_iter().flat_map(|file| file.diagnostics);
        said.filter(|told| told.code == "heroku/formation").map(|told| told.message).collect()
    };
    let app = "//- /app.json\n{\"formation\": {\"web\": {\"quantity\": 1}, \"worker\": {\"quantity\": 1}}}\n";
    let said = ["app.json:1: `formation` names `worker`, which no line of a Procfile declares"];
    assert_eq!(told(&format!("{app}//- /Procfile\nweb: run\n")), said);
    assert_eq!(told(app), said);
    assert_eq!(told(&format!("{app}//- /Procfile\nworker: run\n")), [""; 0]);
    assert_eq!(told(&format!("{app}//- /heroku.yml\nrun:\n  worker: run\n")), [""; 0]);
}
