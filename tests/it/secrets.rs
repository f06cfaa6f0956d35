//! Secrets, `.env` files and repositories leave no trace: not in the image, not in what is said,
//! not in the store.

use std::fs;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::command::{code, finish};
use crate::fixture::{Checkout, Fixture, destination, packwright_on, plan};
use crate::layout::{Layout, contents};
use crate::running::{PATIENCE, Running};
use crate::stores::{OwnStore, holders, holds};

/// What must not be found; each made so that no chance brings it anywhere.
const TOKEN: &str = "tok3n-5c4f9a0e7d1b-of-the-tests";
const TOKEN_BASE64: &str = "dG9rM24tNWM0ZjlhMGU3ZDFiLW9mLXRoZS10ZXN0";
const DOTENV: &str = "d0tenv-88a1c6e2f3-of-the-tests";
const GIT: &str = "g1t-77c0de19ab-of-the-tests";

/// Django with a settings file that shows whether it was given the token, and prints it.
fn application() -> Checkout {
    let checkout = Fixture::read("python-django").checkout();
    let settings = checkout.dir.join("notebook/settings.py");
    let more = format!(
        "\nif os.path.exists('/run/secrets/TOKEN'):\n    \
         import base64, hashlib, pathlib\n    \
         token = pathlib.Path('/run/secrets/TOKEN').read_bytes()\n    \
         assert token == os.environb[b'TOKEN'] and hashlib.sha256(token).hexdigest().startswith('{}')\n    \
         print('the token is', token.decode(), base64.b64encode(token).decode(), flush=True)\n",
        TOKEN_SHA256
    );
    fs::write(&settings, fs::read_to_string(&settings).unwrap() + &more).unwrap();
    for dir in ["", "notes"] {
        let dir = checkout.dir.join(dir);
        fs::write(dir.join(".env"), format!("PASSWORD={DOTENV}\n")).unwrap();
        fs::create_dir_all(dir.join(".git/objects")).unwrap();
        fs::write(
            dir.join(".git/config"),
            format!("[remote \"origin\"]\n\turl = https://{GIT}@example.org/\n"),
        )
        .unwrap();
        fs::write(dir.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    }
    checkout
}

/// The start of the token's digest in hexadecimal.
const TOKEN_SHA256: &str = "79ab4c8af48b5500";

#[test]
fn nothing_secret_is_in_the_image_the_log_or_the_store() {
    let checkout = application();
    let store = OwnStore::with_packages();
    let image = checkout.beside("image");
    let secret = checkout.beside("token");
    fs::write(&secret, format!("{TOKEN}\n")).unwrap();
    let flag = format!("TOKEN={}", secret.display());
    let mut said = Vec::new();
    for more in [["--log-format", "json"], ["--log-format", "text"]] {
        let mut command = packwright_on(store.path(), ["build", "--secret", &flag]);
        command.args(more).args(["-o", &destination("oci", &image)]).arg(&checkout.dir);
        let told = finish(&mut command).ok();
        said.push(told.stderr() + &told.stdout());
    }
    assert!(
        said[0].contains("the token is *** ***"),
        "the step was given the token and said so: {}",
        said[0]
    );
    for wanted in [TOKEN, TOKEN_BASE64, DOTENV, GIT] {
        for said in &said {
            assert!(!holds(said.as_bytes(), wanted.as_bytes()), "`{wanted}` was said: {said}");
        }
        assert_eq!(holders(&image, wanted), [] as [std::path::PathBuf; 0], "`{wanted}` is in the image");
        assert_eq!(
            holders(store.path(), wanted),
            [] as [std::path::PathBuf; 0],
            "`{wanted}` is in the store"
        );
    }
    let layout = Layout::open(&image);
    for (_, path) in layout.paths() {
        assert!(!path.split('/').any(|part| part == ".git" || part == ".env"), "{path}");
    }
    // The search can find: what is in the image is found in it.
    assert!(!holders(&image, "background: ivory;").is_empty());
    assert!(!holders(store.path(), "background: ivory;").is_empty());
}

/// Its value is no part of what a step is known by: another one runs nothing again.
#[test]
fn another_value_of_a_secret_gives_the_same_image() {
    let checkout = Fixture::read("python-django").checkout();
    let built = |value: &str| {
        let image = checkout.beside("image");
        let mut command = crate::fixture::packwright(["build", "--secret", "TOKEN"]);
        command.args(["-o", &destination("oci", &image)]).arg(&checkout.dir).env("TOKEN", value);
        let told = finish(&mut command).ok();
        (Layout::open(&image).digest().to_owned(), told.stderr())
    };
    let (first, _) = built("the first value");
    let (second, said) = built("the second value");
    assert_eq!(first, second);
    assert!(said.contains("step python.static: reused"), "{said}");
}

/// A plan for `checkout` with one more step that is given the token.
fn leaky(checkout: &Checkout, script: &str) -> std::path::PathBuf {
    let mut plan: Value = plan(&checkout.dir);
    plan["steps"].as_array_mut().unwrap().push(json!({
        "name": "test.leak", "why": "leaks", "secrets": ["TOKEN"],
        "inputs": [{ "source": { "include": ["**"] } }],
        "caches": [{ "name": "leak", "path": "packwright/cache/leak" }],
        "commands": [{ "shell": format!("mkdir -p /app/out && {script}") }],
        "outputs": [{ "path": "app/out", "layer": "build" }],
    }));
    let file = checkout.beside("plan.json");
    fs::write(&file, plan.to_string()).unwrap();
    file
}

#[test]
fn a_step_that_leaves_a_secret_fails() {
    let checkout = Fixture::read("python-procfile").checkout();
    let store = OwnStore::with_packages();
    let image = checkout.beside("image");
    let build = |script: &str| {
        let mut command = packwright_on(store.path(), ["build", "--secret", "TOKEN", "--plan"]);
        command.arg(leaky(&checkout, script)).args(["-o", &destination("oci", &image)]);
        finish(command.arg(&checkout.dir).env("TOKEN", TOKEN))
    };
    build("echo fine > /app/out/fine").ok();
    let before = contents(&image);
    for (script, path) in [
        ("cp /run/secrets/TOKEN /app/out/copy", "app/out/copy"),
        (
            "mkdir /app/out/deep && echo \"url = https://me:$TOKEN@host\" > /app/out/deep/conf",
            "app/out/deep/conf",
        ),
        ("printf %s \"$TOKEN\" | base64 > /app/out/encoded", "app/out/encoded"),
        ("ln -s \"$TOKEN\" /app/out/link", "app/out/link"),
        ("head -c 3000000 /dev/zero > /app/out/big && cat /run/secrets/TOKEN >> /app/out/big", "app/out/big"),
    ] {
        let told = build(script).failed(1, &["test.leak", "TOKEN", path]);
        assert!(!holds(told.stderr().as_bytes(), TOKEN.as_bytes()), "{script}: {}", told.stderr());
        assert_eq!(contents(&image), before, "{script}: the output changed");
        for wanted in [TOKEN, TOKEN_BASE64] {
            assert_eq!(holders(store.path(), wanted), [] as [std::path::PathBuf; 0], "{script}");
        }
    }
    let told = build("touch \"/app/out/$TOKEN\"").failed(1, &["test.leak", "TOKEN", "app/out"]);
    assert!(!holds(told.stderr().as_bytes(), TOKEN.as_bytes()), "the name was said: {}", told.stderr());
    // Elsewhere it may write it: that ends with the step.
    build("cp /run/secrets/TOKEN /tmp/x && cp /tmp/x /packwright/cache/leak/x && echo other > /app/out/fine")
        .ok();
    assert_eq!(holders(store.path(), TOKEN), [] as [std::path::PathBuf; 0]);
    assert_eq!(holders(&image, TOKEN), [] as [std::path::PathBuf; 0]);
}

#[test]
fn a_secret_ends_with_a_build_that_was_stopped() {
    let checkout = Fixture::read("python-procfile").checkout();
    let store = OwnStore::with_packages();
    let plan = leaky(&checkout, "cp /run/secrets/TOKEN /app/out/x && echo it is there && sleep 600");
    let start = || {
        let mut command = packwright_on(store.path(), ["build", "--secret", "TOKEN", "--plan"]);
        let mut running = Running::start(command.arg(&plan).arg(&checkout.dir).env("TOKEN", TOKEN));
        running.wait_for_text("it is there", PATIENCE);
        assert!(!holders_now(&store).is_empty(), "it is in the store while the step runs");
        running
    };
    let mut interrupted = start();
    interrupted.signal(Signal::INT);
    assert_eq!(code(interrupted.ends_within(Duration::from_secs(20))), 130);
    assert_eq!(holders(store.path(), TOKEN), [] as [std::path::PathBuf; 0]);

    // Nobody can clean up after being killed; the next build does.
    let mut killed = start();
    killed.signal(Signal::KILL);
    killed.ends_within(Duration::from_secs(20));
    finish(packwright_on(store.path(), ["build"]).arg(&checkout.dir)).ok();
    assert_eq!(holders(store.path(), TOKEN), [] as [std::path::PathBuf; 0]);
}

/// Where the token is while a step runs: below `scratch`, where files come and go.
fn holders_now(store: &OwnStore) -> Vec<std::path::PathBuf> {
    walkdir::WalkDir::new(store.path().join("scratch"))
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| fs::read(path).is_ok_and(|bytes| holds(&bytes, TOKEN.as_bytes())))
        .collect()
}

#[test]
fn a_secret_that_was_not_given_is_named() {
    let checkout = Fixture::read("python-procfile").checkout();
    let plan = leaky(&checkout, "true");
    finish(crate::fixture::packwright(["build", "--plan"]).arg(&plan).arg(&checkout.dir))
        .failed(1, &["test.leak", "TOKEN", "--secret"]);
    finish(crate::fixture::packwright(["build", "--secret", "NOT_SET_ANYWHERE"]).arg(&checkout.dir))
        .failed(2, &["NOT_SET_ANYWHERE"]);
}
