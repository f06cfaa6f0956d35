//! The applications in `fixtures/`, and what their `<name>.toml` demands. See `fixtures/README.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};

use packwright_planner::Lock;
use serde::Deserialize;
use serde_json::json;

use crate::command::finish;
use crate::layout::Layout;
use crate::place;
use crate::running::get;
use crate::shared::Shared;

/// What `<name>.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demands {
    #[expect(dead_code, reason = "for people")]
    about: String,
    /// Arguments of every command that plans it.
    #[serde(default)]
    args: Vec<String>,
    /// Whether it answers before it hears signals.
    #[serde(default)]
    pub deaf_at_start: bool,
    /// The install mechanism that it stands for. The test command tries on this one what the gate
    /// tries on all fixtures.
    pub stands_for: Option<String>,
    prepare: Option<Prepare>,
    /// What must be planned.
    pub plan: Planned,
    /// Directories of the image, absolute, that its platform mounts: where a file system can be read only, these
    /// are writable.
    #[serde(default)]
    pub mounts: Vec<String>,
    /// The environment of the running image.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// What `web` must answer, in this order.
    #[serde(default)]
    pub http: Vec<Request>,
    /// The text that a process must print, by its name.
    #[serde(default)]
    pub run: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prepare {
    command: String,
}

/// What the plan must say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// The buildpack that owns the application.
    pub language: String,
    /// The version of the language, where it has one.
    pub version: Option<String>,
    /// The program that runs it, where that is not the language's own.
    pub runtime: Option<String>,
    /// The package manager, where there is one.
    pub manager: Option<String>,
    /// The framework, where it is told.
    pub framework: Option<String>,
    /// Name and command; the command `static` is whatever serves files.
    pub processes: BTreeMap<String, String>,
    /// The port of `web` when nobody sets `PORT`.
    #[serde(default = "usual_port")]
    pub port: u16,
    /// What must not be in the image: programs, installed packages, paths below `/app`.
    #[serde(default)]
    pub absent: Vec<String>,
}

fn usual_port() -> u16 {
    8080
}

/// A request with the answer that it must get.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    path: String,
    status: u16,
    body: Option<String>,
    contains: Option<String>,
}

/// An application with its demands.
pub struct Fixture {
    /// Its name: that of its folder.
    pub name: String,
    /// What its file demands.
    pub demands: Demands,
}

/// The directory of all fixtures.
pub fn dir() -> PathBuf {
    place::house().join("fixtures")
}

/// The names of all applications that must build.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

impl Fixture {
    /// All fixtures, sorted by name.
    pub fn all() -> Vec<Fixture> {
        names().iter().map(|name| Fixture::read(name)).collect()
    }

    /// The fixture `name`.
    pub fn read(name: &str) -> Fixture {
        let path = dir().join(format!("{name}.toml"));
        let text = fs::read_to_string(&path).unwrap();
        let demands = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Fixture { name: name.to_owned(), demands }
    }

    /// A copy of the application at `to`, with all that has to be done before.
    pub fn copy_to(&self, to: &Path) {
        place::copy(&dir().join(&self.name), to);
        let Some(prepare) = &self.demands.prepare else { return };
        let (name, make): (_, fn(&Fixture) -> Vec<u8>) = match prepare.command.as_str() {
            "uv lock" => ("uv.lock", Fixture::uv_lock),
            command if command.starts_with("yarn install") => ("yarn.lock", Fixture::yarn_lock),
            command => panic!("{}: the tests do not know how to `{command}`", self.name),
        };
        fs::write(to.join(name), self.prepared(make)).unwrap();
    }

    /// What `make` makes for this application: once in a run, so that all copies have the same.
    fn prepared(&self, make: fn(&Fixture) -> Vec<u8>) -> Vec<u8> {
        static MADE: Mutex<BTreeMap<String, Arc<OnceLock<Vec<u8>>>>> = Mutex::new(BTreeMap::new());
        let made = Arc::clone(MADE.lock().unwrap().entry(self.name.clone()).or_default());
        made.get_or_init(|| make(self)).clone()
    }

    /// The lock that yarn makes, as the step that resolves leaves it in our lock.
    fn yarn_lock(&self) -> Vec<u8> {
        let place = place::new_dir("lock");
        let file = place.path().join("packwright.lock");
        let mut command = packwright(["lock", "-o"]);
        finish(self.with(command.arg(&file), &dir().join(&self.name))).ok();
        let lock = Lock::from_text(&fs::read_to_string(&file).unwrap()).unwrap();
        let mut answers = lock.resolutions.into_values().flatten();
        let (_, text) = answers.find(|(path, _)| path.name() == "yarn.lock").expect("the plan asks for one");
        text.into_bytes()
    }

    /// The lock that `uv lock` makes of the project. uv comes from the plan's own step, so that the
    /// machine needs none.
    fn uv_lock(&self) -> Vec<u8> {
        let dir = dir().join(&self.name);
        let mut plan = plan(&dir);
        let steps = plan["steps"].as_array_mut().unwrap();
        steps.retain(|step| step["name"] == "python.uv");
        let mut lock = steps.first().expect("uv is brought by a step of its own").clone();
        for (key, value) in [
            ("name", json!("test.lock")),
            ("why", json!("locks the project")),
            ("commands", json!([{ "exec": ["/opt/uv/uv", "lock", "--no-progress"] }])),
            ("environment", json!({ "UV_NO_CACHE": "1", "UV_PYTHON_DOWNLOADS": "never" })),
            ("inputs", json!([{ "step": "python.uv" }, { "source": { "include": ["**"] } }])),
            ("outputs", json!([{ "path": "app/uv.lock", "layer": "build" }])),
        ] {
            lock[key] = value;
        }
        steps.push(lock);
        // Without the application's packages nothing of it could start.
        plan["processes"] = json!([]);
        let place = place::new_dir("uv-lock");
        let file = place.path().join("plan.json");
        fs::write(&file, plan.to_string()).unwrap();
        let layout = place.path().join("image");
        let mut command = packwright(["build", "-o", &destination("oci", &layout), "--plan"]);
        finish(command.arg(&file).arg(&dir)).ok();
        Layout::open(&layout).file("app/uv.lock").expect("the step left it")
    }

    /// A copy of the application in a directory of its own.
    pub fn checkout(&self) -> Checkout {
        let above = place::new_dir(&self.name);
        let dir = above.path().join("app");
        self.copy_to(&dir);
        Checkout { above, dir, args: self.demands.args.clone() }
    }

    /// `command` with `dir`, a copy of the application, and its arguments.
    pub fn with<'a>(&self, command: &'a mut Command, dir: &Path) -> &'a mut Command {
        command.arg(dir).args(&self.demands.args)
    }

    /// Whether the application opens a port.
    pub fn serves(&self) -> bool {
        !self.demands.http.is_empty()
    }

    /// The process that runs when nobody names one, as far as it is known here.
    pub fn default_process(&self) -> &str {
        if self.serves() { "web" } else { "worker" }
    }

    /// Demands that the server on `port` answers all requests as it must.
    #[track_caller]
    pub fn answers_on(&self, port: u16) {
        for request in &self.demands.http {
            let answer = get(port, &request.path);
            let what = format!("GET {} of {}: {answer:?}", request.path, self.name);
            assert_eq!(answer.status, request.status, "{what}");
            match (&request.body, &request.contains) {
                (Some(body), None) => assert_eq!(answer.body, *body, "{what}"),
                (None, Some(part)) => assert!(answer.body.contains(part), "{what}"),
                (None, None) => {}
                (Some(_), Some(_)) => {
                    panic!("{}: {} wants both `body` and `contains`", self.name, request.path)
                }
            }
        }
    }

    /// The environment of the running image as `--env` flags.
    pub fn env_flags(&self) -> Vec<String> {
        self.demands
            .env
            .iter()
            .flat_map(|(name, value)| ["--env".to_owned(), format!("{name}={value}")])
            .collect()
    }
}

/// A copy of an application, gone when dropped.
pub struct Checkout {
    above: tempfile::TempDir,
    /// The application's directory.
    pub dir: PathBuf,
    args: Vec<String>,
}

impl Checkout {
    /// `command` with the application's directory and arguments.
    pub fn with<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.arg(&self.dir).args(&self.args)
    }

    /// Builds the application and gives the layout it was written to, beside it.
    #[track_caller]
    pub fn build(&self) -> Layout {
        let layout = self.dir.with_extension("oci");
        // Other builds that must give the same use one job.
        let mut command = packwright(["build", "--jobs", "4", "-o", &destination("oci", &layout)]);
        finish(self.with(&mut command)).ok();
        Layout::open(&layout)
    }

    /// The plan as data that can be edited.
    #[track_caller]
    pub fn plan(&self) -> serde_json::Value {
        let told = finish(self.with(&mut packwright(["plan", "--format", "json"]))).ok();
        serde_json::from_slice(&told.stdout).unwrap()
    }

    /// A new path beside the application.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.above.path().join(name)
    }
}

/// `packwright` with `args`, on the store that most tests share.
pub fn packwright<T: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = T>) -> Command {
    packwright_on(&Shared::First.path(), args)
}

/// `packwright` with `args`, on `store`. What this machine's environment says about mirrors,
/// indexes and proxies holds; what would choose other output does not. All fixtures are ours, so they are one subject:
/// what one fetched, another finds in the caches.
pub fn packwright_on<T: AsRef<std::ffi::OsStr>>(store: &Path, args: impl IntoIterator<Item = T>) -> Command {
    let mut command = Command::new(place::program());
    command.args(args).env("PACKWRIGHT_STORE", store).env_remove("SOURCE_DATE_EPOCH");
    command.env("PACKWRIGHT_SUBJECT", "packwright-tests");
    command
}

/// Builds the directory `dir`, which is no checkout, and gives the layout beside it.
#[track_caller]
pub fn build(dir: &Path) -> Layout {
    let layout = dir.with_extension("oci");
    finish(packwright(["build"]).arg(dir).arg("-o").arg(destination("oci", &layout))).ok();
    Layout::open(&layout)
}

/// `TRANSPORT:PATH`.
pub fn destination(transport: &str, path: &Path) -> String {
    format!("{transport}:{}", path.display())
}

/// The plan of `dir` as data that can be edited.
#[track_caller]
pub fn plan(dir: &Path) -> serde_json::Value {
    let told = finish(packwright(["plan", "--format", "json"]).arg(dir)).ok();
    serde_json::from_slice(&told.stdout).unwrap()
}
