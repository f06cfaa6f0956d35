//! Secrets that stand in platforms' files: in no layer, and said.

use std::fs;

use crate::command::finish;
use crate::fixture::{Fixture, destination, packwright};
use crate::layout::Layout;
use crate::stores::holds;

/// A key as an issuer makes them, put together here so that no file of ours holds one.
fn key(platform: &str) -> String {
    format!("{}_live_{}{platform}", "sk", "51Hk9aXq2vT7")
}

/// A line that goes behind `after` in a platform's file.
struct Leak {
    platform: &'static str,
    file: &'static str,
    after: &'static str,
    line: &'static str,
}

const LEAKS: &[Leak] = &[
    Leak {
        platform: "heroku",
        file: "app.json",
        after: "  \"env\": {\n",
        line: "    \"PAYMENT\": \"{}\",\n",
    },
    Leak {
        platform: "render",
        file: "render.yaml",
        after: "    envVars:\n",
        line: "      - key: PAYMENT\n        value: {}\n",
    },
    Leak { platform: "fly", file: "fly.toml", after: "[env]\n", line: "  PAYMENT = \"{}\"\n" },
    Leak {
        platform: "platformsh",
        file: ".platform.app.yaml",
        after: "variables:\n  env:\n",
        line: "    PAYMENT: {}\n",
    },
    Leak { platform: "appengine", file: "app.yaml", after: "env_variables:\n", line: "  PAYMENT: {}\n" },
];

/// Files of platforms that nobody chose are part of the repository all the same.
#[test]
fn secrets_in_files_are_in_no_layer_and_reported() {
    let checkout = Fixture::read("platform-five").checkout();
    let mut says = Vec::new();
    for leak in LEAKS {
        let path = checkout.dir.join(leak.file);
        let text = fs::read_to_string(&path).unwrap();
        let (before, behind) = text.split_once(leak.after).unwrap_or_else(|| panic!("{}", leak.file));
        let line = leak.line.replace("{}", &key(leak.platform));
        let whole = format!("{before}{}{line}{behind}", leak.after);
        // The line with the value: in Render's file it is not that of the name.
        let number = whole.lines().position(|line| line.contains(&key(leak.platform))).unwrap() + 1;
        says.push(format!("{}:{number} has a value for PAYMENT that looks like a secret", leak.file));
        fs::write(&path, whole).unwrap();
    }
    let image = checkout.beside("image");
    for platform in [None, Some("render")] {
        let mut command = packwright(["build", "-o", &destination("oci", &image)]);
        command.args(platform.iter().flat_map(|platform| ["--platform", platform]));
        let told = finish(checkout.with(&mut command)).ok();
        let stderr = told.stderr();
        for says in &says {
            assert!(stderr.contains(says), "does not say `{says}`: {}", told.story());
        }
        let layout = Layout::open(&image);
        let config = layout.config().to_string() + &layout.manifest().to_string();
        for leak in LEAKS {
            let key = key(leak.platform);
            assert!(!stderr.contains(&key), "{} was said: {stderr}", leak.platform);
            assert!(!config.contains(&key), "{} is in the documents", leak.platform);
            for layer in layout.layers() {
                assert!(!holds(&layout.plain(&layer), key.as_bytes()), "{} is in {layer}", leak.platform);
            }
        }
        // The search can find: a file without a secret is there.
        let found = |layer: &String| holds(&layout.plain(layer), b"The timetable of a tram");
        assert!(layout.layers().iter().any(found));
    }
}
