//! Same input, same digest: `packwright check`, another user, another order of directories. Every fixture
//! is built twice by `packwright_tests::trials`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use packwright_tests::trials::reproducible::assert_same;
use walkdir::WalkDir;

use crate::command::{finish, say};
use crate::fixture::{Fixture, build, destination, packwright};
use crate::layout::Layout;
use crate::place::{self, is_root};

#[test]
fn check_finds_no_difference() {
    let checkout = Fixture::read("python-fastapi").checkout();
    let told = finish(packwright(["check"]).arg(&checkout.dir)).ok();
    let digest = build(&checkout.dir).digest().to_owned();
    assert_eq!(told.stdout(), format!("same {digest}\n"));
}

#[test]
fn check_tells_what_differs() {
    let checkout = Fixture::read("python-procfile").checkout();
    let mut plan = crate::fixture::plan(&checkout.dir);
    plan["steps"].as_array_mut().unwrap().push(serde_json::json!({
        "name": "test.dice", "why": "differs each time",
        "commands": [{ "shell": "mkdir /app/dice && cat /proc/sys/kernel/random/uuid > /app/dice/thrown" }],
        "outputs": [{ "path": "app/dice", "layer": "build" }],
    }));
    let file = checkout.beside("plan.json");
    fs::write(&file, plan.to_string()).unwrap();
    let told = finish(packwright(["check", "--plan"]).arg(&file).arg(&checkout.dir));
    assert_eq!(told.code(), 1, "{}", told.story());
    assert!(told.stdout().starts_with("different\n"), "{}", told.story());
    assert!(told.stdout().contains("`app/dice/thrown` differs in"), "{}", told.story());
    assert!(!told.stdout().contains("opt/venv"), "{}", told.story());
}

/// As root: the same build as an ordinary user, in that user's own home. As an ordinary user the
/// other user cannot be had; the test then says so and compares two homes.
#[test]
fn another_user_gets_the_same_image() {
    const NOBODY: &str = "65534";
    let fixture = Fixture::read("python-fastapi");
    let checkout = fixture.checkout();
    let first = build(&checkout.dir);
    let lock = checkout.beside("packwright.lock");
    finish(packwright(["lock", "-o"]).arg(&lock).arg(&checkout.dir)).ok();

    // The house may lie where another user cannot go.
    let home = tempfile::Builder::new().prefix("packwright-home-").tempdir().unwrap();
    let program = home.path().join("packwright");
    fs::copy(place::program(), &program).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    fs::copy(&lock, home.path().join("lock")).unwrap();
    let dir = home.path().join("application");
    fixture.copy_to(&dir);
    let mut again = match is_root() {
        true => {
            finish(Command::new("chown").args(["-R", &format!("{NOBODY}:{NOBODY}")]).arg(home.path())).ok();
            let mut command = Command::new("setpriv");
            command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--"]).arg(&program);
            command
        }
        false => {
            say("not root: another user is not tried, another home is");
            Command::new(&program)
        }
    };
    let layout = home.path().join("image");
    again
        .args(["build", "-o", &destination("oci", &layout), "--lock"])
        .arg(home.path().join("lock"))
        .arg(&dir);
    again.current_dir(home.path()).env("HOME", home.path()).env("USER", "nobody").env("LOGNAME", "nobody");
    again.env_remove("PACKWRIGHT_STORE").env_remove("XDG_CACHE_HOME").env_remove("SOURCE_DATE_EPOCH");
    finish(&mut again).ok();
    assert!(home.path().join(".cache/packwright/format").exists(), "the store is in the user's home");
    assert_same("another user", &first, &Layout::open(&layout));
    place::remove(&home.path().join(".cache"));
}

#[test]
fn the_order_of_directories_does_not_matter() {
    let fixture = Fixture::read("python-django");
    let checkout = fixture.checkout();
    let first = build(&checkout.dir);
    let elsewhere = place::new_dir("shuffled");
    let dir = elsewhere.path().join("app");
    // Made in the opposite order, with files in between that are gone again.
    let mut entries: Vec<PathBuf> =
        WalkDir::new(&checkout.dir).into_iter().map(|entry| entry.unwrap().into_path()).collect();
    entries.sort();
    for (number, path) in entries.iter().rev().filter(|path| path.is_file()).enumerate() {
        let target = dir.join(path.strip_prefix(&checkout.dir).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target.with_file_name(format!("filler-{number}")), "x").unwrap();
        fs::copy(path, &target).unwrap();
        fs::remove_file(target.with_file_name(format!("filler-{number}"))).unwrap();
    }
    assert_same("another order", &first, &build(&dir));
}
