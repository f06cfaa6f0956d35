//! Applications that share a store and do not trust each other: attackers are built, then their victims, and each
//! victim must have the image that it has from a store that never saw an attacker.
//!
//! ```text
//! clean store ─▶ the victim's true image
//! one store   ─▶ the victim before, with a subject of its own
//!             ─▶ the attacker, twice, so that its code meets the caches that it filled
//!             ─▶ the victim where the attacker was, as another subject; without one; as the subject that it had before
//! ```
//!
//! An attacker's build may fail. That its code ran is proven, or the attempt counts for nothing, unless it is there to
//! show that the code is kept from running.

mod attempts;
mod index;
mod victims;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use packwright_planner::Digest;
use serde_json::{Value, json};

pub use attempts::{Attempt, Needs, Proof, attempts};
pub use victims::{VICTIMS, Victim, victim};

use crate::command::{Finished, finish, say};
use crate::fixture::{destination, packwright_on};
use crate::layout::Layout;
use crate::place;
use crate::shared::{self, Shared};
use crate::stores::{OwnStore, holders, holds};
pub(crate) use index::Index;

/// The files of an application: paths and texts.
pub type Files = &'static [(&'static str, &'static str)];

const SCRIPT: &str = include_str!("tenants/worst.sh");
const POISON: &str = include_str!("tenants/poison.cjs");

/// How the value of each victim's secret begins.
const MARK: &str = "token-of-the-victim-";

/// The name of every secret here.
const TOKEN: &str = "TOKEN";

/// What everything that an attacker spoils holds.
const SPOILED: &str = "spoiled by";

/// The subject that a victim has before and after.
const RESIDENT: &str = "tenants/resident";

/// Tries all attempts: the trial of the gate.
pub fn all() {
    none_changes_another(&attempts(), Residents::BuiltBefore);
}

/// Whether victims are built before the attackers too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residents {
    /// They have caches in the store when the attackers come.
    BuiltBefore,
    /// They come after the attackers only.
    New,
}

/// Makes `attempts` in one store and demands that each victim gets its true image, and that no attacker reads a
/// secret. Every attempt is made, also after one that succeeded.
pub fn none_changes_another(attempts: &[&Attempt], residents: Residents) {
    let mut victims: Vec<&Victim> = VICTIMS.iter().collect();
    victims.retain(|victim| attempts.iter().any(|attempt| attempt.victim == victim.name));
    let store = OwnStore::with_packages();
    let place = place::new_dir("tenants");
    let resident = |victim: &Victim| place.path().join("residents").join(victim.name);
    if residents == Residents::BuiltBefore {
        for victim in &victims {
            let dir = resident(victim);
            write(&dir, victim.files, &Texts { edit: "0", ..Texts::of(victim.name) });
            let (told, layout) = build(store.path(), &dir, Some(RESIDENT), &secret_of(victim), &[]);
            let layout = layout.unwrap_or_else(|| panic!("{} is not built: {}", victim.name, told.story()));
            place::remove(layout.dir());
        }
    }
    let mut problems: Vec<String> = Vec::new();
    for attempt in attempts {
        problems.extend(attack(attempt, store.path(), &at(place.path(), attempt)));
    }
    for victim in &victims {
        let kept = holders(&store.path().join("caches"), &secret(victim));
        if !kept.is_empty() {
            problems.push(format!("the secret of {} is in caches: {kept:?}", victim.name));
        }
    }
    let truths: Vec<(&Victim, String)> = victims.iter().map(|victim| (*victim, truth(victim))).collect();
    let truth = |name: &str| truths.iter().find(|(victim, _)| victim.name == name).expect("it was built");
    for attempt in attempts {
        let (victim, digest) = truth(attempt.victim);
        let dir = at(place.path(), attempt);
        place::remove(&dir);
        let subject = format!("tenants/victim of {}", attempt.name);
        problems.extend(differs(victim, digest, store.path(), &dir, Some(&subject), attempt.name));
    }
    for (victim, digest) in &truths {
        let dir = place.path().join("nameless").join(victim.name);
        problems.extend(differs(victim, digest, store.path(), &dir, None, "all, without a subject"));
        if residents == Residents::BuiltBefore {
            let dir = resident(victim);
            place::remove(&dir);
            let subject = Some(RESIDENT);
            problems.extend(differs(
                victim,
                digest,
                store.path(),
                &dir,
                subject,
                "all, with a subject from before",
            ));
        }
    }
    place::remove(place.path());
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// The directory of an attacker, in which its victim is built after it.
fn at(place: &Path, attempt: &Attempt) -> PathBuf {
    place.join("applications").join(attempt.name)
}

/// The digest of `victim` from a store that never sees an attacker.
fn truth(victim: &Victim) -> String {
    let place = place::new_dir("truth");
    let dir = place.path().join("shop");
    write(&dir, victim.files, &Texts { edit: "1", ..Texts::of(victim.name) });
    let (told, layout) =
        build(&Shared::First.path(), &dir, Some("packwright-tests"), &secret_of(victim), &[]);
    shared::release();
    let layout = layout.unwrap_or_else(|| panic!("{} is not built: {}", victim.name, told.story()));
    assert_eq!(holders(layout.dir(), SPOILED), [] as [PathBuf; 0], "the true image is spoiled");
    layout.digest().to_owned()
}

/// Builds `victim` in `dir` for `subject`: what is wrong with its image, after `attempt`.
fn differs(
    victim: &Victim,
    digest: &str,
    store: &Path,
    dir: &Path,
    subject: Option<&str>,
    attempt: &str,
) -> Option<String> {
    write(dir, victim.files, &Texts { edit: "1", ..Texts::of(victim.name) });
    let (told, layout) = build(store, dir, subject, &secret_of(victim), &[]);
    let after = format!("{} after the attempt {attempt}", victim.name);
    let Some(layout) = layout else { return Some(format!("{after} is not built: {}", told.story())) };
    let spoiled = holders(layout.dir(), SPOILED);
    let found = layout.digest().to_owned();
    place::remove(layout.dir());
    match found == digest {
        true => None,
        false => Some(format!(
            "{after} has the digest {found}, not {digest}; spoiled: {spoiled:?}\n{}",
            told.stderr()
        )),
    }
}

/// Builds the attacker twice. Gives what is wrong: that its code did not run, or that it read a secret.
fn attack(attempt: &Attempt, store: &Path, dir: &Path) -> Vec<String> {
    let backend = |round| Texts { round, ..Texts::of(attempt.name) }.fill(attempts::BACKEND);
    let index = Index::serve([&backend("1"), &backend("2")], &format!("# {SPOILED} {}\n", attempt.name));
    let subject = format!("tenants/attacker {}", attempt.name);
    let subject = Some(subject.as_str()).filter(|_| attempt.needs != Needs::IndexAndNoSubject);
    let mut problems = Vec::new();
    let (mut said, mut planted) = (String::new(), false);
    for round in ["1", "2"] {
        let texts = Texts { round, ..Texts::of(attempt.name) };
        write(dir, attempt.files, &texts);
        let mut args: Vec<String> = attempt.args.iter().map(|&arg| arg.to_owned()).collect();
        if attempt.needs == Needs::Plan {
            let file = dir.with_extension("plan.json");
            fs::write(&file, own_plan(store, dir, &texts).to_string()).unwrap();
            args.extend(["--plan".to_owned(), file.display().to_string()]);
        }
        let variables: &[(&str, String)] = match attempt.needs {
            Needs::Index => &[("UV_EXTRA_INDEX_URL", index.sources())],
            Needs::IndexAndNoSubject => &[("UV_EXTRA_INDEX_URL", index.wheels())],
            Needs::Nothing | Needs::Plan => &[],
        };
        let (told, layout) = build(store, dir, subject, &args, variables);
        said += &told.story();
        if let Some(layout) = layout {
            planted |= !holders(layout.dir(), &format!("{SPOILED} {}", attempt.name)).is_empty();
            for victim in VICTIMS.iter().filter(|victim| victim.has_secret) {
                if !holders(layout.dir(), &secret(victim)).is_empty() {
                    problems.push(format!("{}: a secret is in the attacker's image", attempt.name));
                }
            }
            place::remove(layout.dir());
        }
    }
    let ran = said.contains(&format!("attacker {} ran", attempt.name)) || has_left(store, attempt.name);
    let proven = match attempt.proof {
        Proof::Ran => ran,
        Proof::Image => planted,
        Proof::KeptFromRunning => !ran,
    };
    if !proven {
        let what = if ran { "ran" } else { "did not run" };
        problems.push(format!("{}: the attacker's code {what}:\n{said}", attempt.name));
    }
    if VICTIMS.iter().any(|victim| holds(said.as_bytes(), secret(victim).as_bytes())) {
        problems.push(format!("{}: the attacker read a secret:\n{said}", attempt.name));
    }
    say(&format!("attempt {}: {}", attempt.name, if proven { "made" } else { "NOT MADE" }));
    problems
}

/// Whether the attacker left its file in a cache.
fn has_left(store: &Path, name: &str) -> bool {
    let caches = fs::read_dir(store.join("caches")).into_iter().flatten();
    caches.filter_map(Result::ok).any(|cache| cache.path().join(format!("left-by-{name}")).exists())
}

/// The attacker's plan with one more step, which asks for the caches of others by the names that they have in
/// plans, and by those that they have in the store.
fn own_plan(store: &Path, dir: &Path, texts: &Texts<'_>) -> Value {
    let told = finish(packwright_on(store, ["plan", "--format", "json"]).arg(dir)).ok();
    let mut plan: Value = serde_json::from_slice(&told.stdout).unwrap();
    let owner = &Digest::of(RESIDENT.as_bytes()).hex()[..32];
    let plain = [
        "npm",
        "pnpm",
        "yarn",
        "yarn-berry",
        "bun",
        "uv",
        "go-modules",
        "go-build",
        "node-app--parcel-cache",
    ];
    let names = plain.iter().flat_map(|name| [(*name).to_owned(), format!("{name}-{owner}")]);
    let caches: Vec<Value> =
        names.map(|name| json!({ "name": name, "path": format!("packwright/cache/{name}") })).collect();
    let script = texts.fill("mkdir -p /app/out\n(\n@SCRIPT@\n) 2>&1 | tee /app/out/found");
    plan["steps"].as_array_mut().unwrap().push(json!({
        "name": "evil.caches", "why": "spoils caches", "network": "fetch", "caches": caches,
        "inputs": [{ "source": { "include": ["**"] } }],
        "commands": [{ "shell": script }], "outputs": [{ "path": "app/out", "layer": "build" }],
    }));
    plan
}

/// Two applications from one template, of the same files, which differ in their secret alone: what the build of one
/// made of its secret is in no image of the other.
pub fn a_template_tells_nothing() {
    let store = OwnStore::with_packages();
    let place = place::new_dir("template");
    for (number, (subject, letters)) in
        [(Some("one"), 20), (Some("two"), 21), (None, 22), (None, 23)].into_iter().enumerate()
    {
        let dir = place.path().join(number.to_string());
        write(&dir, victims::NPM, &Texts::of("template"));
        let value = "t".repeat(letters);
        let args = ["--secret".to_owned(), format!("{TOKEN}={}", place.path().join("token").display())];
        fs::write(place.path().join("token"), value).unwrap();
        let (told, layout) = build(store.path(), &dir, subject, &args, &[]);
        let layout = layout.unwrap_or_else(|| panic!("{}", told.story()));
        let made = layout.file("app/made.txt").map(|text| String::from_utf8(text).unwrap());
        let wanted = format!("of {letters} letters\n");
        assert_eq!(made, Some(wanted), "{subject:?} has what another made of its secret: {}", told.story());
    }
    place::remove(place.path());
    shared::release();
}

/// Builds `dir`, and gives the layout when it was built.
fn build(
    store: &Path,
    dir: &Path,
    subject: Option<&str>,
    args: &[String],
    variables: &[(&str, String)],
) -> (Finished, Option<Layout>) {
    let out = dir.with_extension("oci");
    let mut command = packwright_on(store, ["build", "-o", &destination("oci", &out)]);
    command.env_remove("PACKWRIGHT_SUBJECT");
    command.args(subject.map(|subject| format!("--subject={subject}")));
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let told = finish(command.args(args).arg(dir));
    let layout = told.status.success().then(|| Layout::open(&out));
    (told, layout)
}

/// The value of the victim's secret.
fn secret(victim: &Victim) -> String {
    format!("{MARK}{}", victim.name)
}

/// The arguments that give `victim` its secret. The file with the value lies where no step sees it.
fn secret_of(victim: &Victim) -> Vec<String> {
    if !victim.has_secret {
        return Vec::new();
    }
    let file = place::run_dir().join(format!("secret-of-{}", victim.name));
    fs::write(&file, secret(victim)).unwrap();
    vec!["--secret".to_owned(), format!("{TOKEN}={}", file.display())]
}

/// What stands for the marks in files.
struct Texts<'a> {
    name: &'a str,
    round: &'a str,
    edit: &'a str,
}

impl<'a> Texts<'a> {
    fn of(name: &'a str) -> Texts<'a> {
        Texts { name, round: "1", edit: "1" }
    }

    /// `text` with all marks replaced.
    fn fill(&self, text: &str) -> String {
        let marks = |text: &str| {
            let text = text.replace("@NAME@", self.name).replace("@ROUND@", self.round);
            text.replace("@EDIT@", self.edit).replace("@MARK@", MARK)
        };
        // A string of JSON is one of JavaScript and of Python.
        let script = Value::String(marks(SCRIPT)).to_string();
        marks(&text.replace("@SCRIPT@", SCRIPT).replace("@POISON@", POISON)).replace("@WORST@", &script)
    }
}

/// Writes the application `files` into `dir`, which it makes; what was there stays.
fn write(dir: &Path, files: Files, texts: &Texts<'_>) {
    for (path, text) in files {
        let (path, text) = (dir.join(path), texts.fill(text));
        fs::create_dir_all(path.parent().expect("it is below `dir`")).unwrap();
        fs::write(&path, &text).unwrap();
        let mode = if text.starts_with("#!") { 0o755 } else { 0o644 };
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    }
}
