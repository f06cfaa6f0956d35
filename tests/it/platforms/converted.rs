//! The files that `packwright convert` writes for every platform that it knows, from an
//! application on Render.

use std::fs;

use expect_test::expect_file;
use walkdir::WalkDir;

use super::known_platforms;
use crate::command::finish;
use crate::fixture::{Fixture, packwright};

/// The platforms that are written.
const WRITTEN: &[&str] = &[
    "cloudfoundry",
    "compose",
    "ecs",
    "fly",
    "heroku",
    "kubernetes",
    "platformsh",
    "railway",
    "render",
    "systemd",
    "upsun",
];

#[test]
fn every_writer_is_tried() {
    let mut known = known_platforms("convert", "--to");
    known.sort();
    assert_eq!(known, WRITTEN);
}

/// All files of a conversion and all that it loses, as one text.
#[test]
fn files_and_losses_are_as_they_were() {
    let checkout = Fixture::read("platform-render").checkout();
    for platform in WRITTEN {
        let dir = checkout.beside(platform);
        let mut command =
            packwright(["convert", "--to", platform, "--image", "registry.example/bakery:7", "-o"]);
        let told = finish(checkout.with(command.arg(&dir))).ok();
        let mut text = String::new();
        for entry in WalkDir::new(&dir).sort_by_file_name() {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let path = entry.path().strip_prefix(&dir).unwrap();
                text +=
                    &format!("==> {} <==\n{}\n", path.display(), fs::read_to_string(entry.path()).unwrap());
            }
        }
        assert!(!text.is_empty(), "{platform}: {}", told.story());
        let losses: String = told
            .stderr()
            .lines()
            .filter(|line| !line.starts_with("wrote "))
            .fold(String::new(), |text, line| text + line + "\n");
        expect_file![format!("converted/{platform}.txt")]
            .assert_eq(&format!("{text}==> losses <==\n{losses}"));
    }
}
