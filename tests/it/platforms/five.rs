//! One application with the files of many platforms, which disagree: built as each of them would
//! build it.

use expect_test::expect_file;
use serde_json::{Value, json};

use super::{codes, known_platforms, plan_on};
use crate::command::finish;
use crate::fixture::{Checkout, Fixture, packwright};
use crate::running::{Running, free_port, get};

/// What becomes of it on one platform.
struct Made {
    platform: &'static str,
    python: &'static str,
    /// The port when nobody sets `PORT`.
    port: u16,
    /// The command as the application sees it, `{}` for the port.
    start: &'static str,
    /// The version of FastAPI: `requirements.txt` and `poetry.lock` name different ones.
    fastapi: &'static str,
    /// What its variable says.
    stage: &'static str,
}

/// The version in `requirements.txt`.
const OF_PIP: &str = "0.162.5";

/// The version in `poetry.lock`.
const OF_POETRY: &str = "0.165.0";

/// The platforms whose files it has and that build it.
const MADE: &[Made] = &[
    Made {
        platform: "procfile",
        python: "3.13",
        port: 8080,
        start: "uvicorn tram.api:app --host 0.0.0.0 --port {} --proxy-headers",
        fastapi: OF_POETRY,
        stage: "none",
    },
    Made {
        platform: "render",
        python: "3.13",
        port: 10000,
        start: "uvicorn tram.api:app --host 0.0.0.0 --port {} --no-access-log",
        fastapi: OF_PIP,
        stage: "render",
    },
    Made {
        platform: "railway",
        python: "3.13",
        port: 8080,
        start: "uvicorn tram.api:app --host 0.0.0.0 --port {}",
        fastapi: OF_PIP,
        stage: "none",
    },
    Made {
        platform: "fly",
        python: "3.11",
        port: 8000,
        start: "__main__.py",
        fastapi: OF_POETRY,
        stage: "fly",
    },
    Made {
        platform: "platformsh",
        python: "3.11",
        port: 8080,
        start: "uvicorn tram.api:app --port {}",
        fastapi: OF_PIP,
        stage: "platformsh",
    },
    Made {
        platform: "appengine",
        python: "3.13",
        port: 8080,
        start: "uvicorn tram.api:app --host 0.0.0.0 --port {} --workers 1",
        fastapi: OF_PIP,
        stage: "appengine",
    },
];

/// The one that refuses it.
const REFUSED: &str = "heroku";

fn five() -> Checkout {
    Fixture::read("platform-five").checkout()
}

/// Demands that the application answers as `made` says when `platform` builds it.
#[track_caller]
fn answers(made: &Made, checkout: &Checkout) {
    let what = made.platform;
    let plan = plan_on(what, checkout);
    assert_eq!(plan["port"], made.port, "{what}");
    assert_eq!(plan["environment"]["PORT"]["value"], made.port.to_string(), "{what}");
    let port = free_port();
    let mut command = packwright(["run", "--platform", what, "-p", &port.to_string()]);
    let mut web = Running::start(checkout.with(&mut command).env_remove("PORT"));
    web.wait_for_port(port);
    let answer = get(port, "/");
    assert_eq!(answer.status, 200, "{what}: {answer:?}");
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    let start = made.start.replace("{}", &port.to_string());
    let Made { python, fastapi, stage, .. } = made;
    assert_eq!(
        told,
        json!({ "python": python, "start": start, "fastapi": fastapi, "stage": stage }),
        "{what}"
    );
    web.ends_on_sigterm();
}

macro_rules! platforms {
    ($($platform:ident),* $(,)?) => {
        $(#[test]
        fn $platform() {
            let made = MADE.iter().find(|made| made.platform == stringify!($platform)).unwrap();
            answers(made, &five());
        })*

        #[test]
        fn no_row_is_forgotten() {
            let mut tested = vec![$(stringify!($platform)),*];
            tested.sort();
            let mut rows: Vec<&str> = MADE.iter().map(|made| made.platform).collect();
            rows.sort();
            assert_eq!(tested, rows);
        }
    };
}

platforms! { appengine, fly, platformsh, procfile, railway, render }

/// Heroku's buildpack takes files of one package manager, so that nobody has to guess.
#[test]
fn heroku_refuses_two_package_managers() {
    let checkout = five();
    let mut command = packwright(["build", "--log-format", "json", "--platform", REFUSED]);
    let told = finish(checkout.with(&mut command)).failed(1, &["requirements.txt", "poetry.lock"]);
    let events = told.stderr();
    let failed: Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!(failed["event"], "failed");
    let problems = failed["problems"].as_array().unwrap();
    let codes: Vec<&str> = problems.iter().map(|problem| problem["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["python/one-manager"]);
}

/// With one manager left it builds, on the Python that `runtime.txt` asks for.
#[test]
fn heroku_builds_when_one_manager_is_left() {
    let checkout = five();
    std::fs::remove_file(checkout.dir.join("poetry.lock")).unwrap();
    let made = Made {
        platform: REFUSED,
        python: "3.11",
        port: 8080,
        start: "uvicorn tram.api:app --host 0.0.0.0 --port {} --proxy-headers",
        fastapi: OF_PIP,
        stage: "heroku",
    };
    answers(&made, &checkout);
}

/// Every other platform has no file here: it says so, and builds what is detected.
#[test]
fn platforms_without_a_file_say_so() {
    let checkout = five();
    let has_file: Vec<&str> = MADE.iter().map(|made| made.platform).chain([REFUSED]).collect();
    let others: Vec<String> = known_platforms("plan", "--platform")
        .into_iter()
        .filter(|name| !has_file.contains(&name.as_str()))
        .collect();
    assert!(others.len() >= 5, "{others:?}");
    for platform in others {
        let plan = plan_on(&platform, &checkout);
        assert!(codes(&plan).contains(&"platform/no-file"), "{platform}: {:?}", codes(&plan));
        let web = plan["processes"][0]["command"]["shell"].as_str();
        assert!(web.unwrap_or_default().starts_with("uvicorn tram.api:app"), "{platform}: {web:?}");
    }
}

/// A platform reads its own files: what others say is named and not followed.
#[test]
fn files_of_other_platforms_are_named_as_not_read() {
    let plan = plan_on("fly", &five());
    let told = plan["diagnostics"].as_array().unwrap().iter();
    let unread: Vec<&str> = told
        .filter(|found| found["code"] == "platform/not-read")
        .filter_map(|found| found["message"].as_str()?.split(" is not read").next())
        .collect();
    assert_eq!(
        unread,
        ["Procfile", "app.json", "render.yaml", "railway.toml", ".platform.app.yaml", "app.yaml"]
    );
}

/// Without a chosen platform: all decisions with their overridden, and all there is to say.
#[test]
fn the_whole_story() {
    let told = finish(five().with(&mut packwright(["explain"]))).ok();
    expect_file!["platform-five.txt"].assert_eq(&(told.stdout() + &told.stderr()));
}
