//! Applications with the files of platforms: the model and the plan of each as snapshots, and what
//! becomes of secrets and of conversions. `UPDATE_EXPECT=1` writes the snapshots anew.
//!
//! ```text
//! platforms/<fixture>.model.json     what its files declare
//! platforms/<fixture>.plan.json      what is planned, long commands shortened
//! platforms/platform-five.txt        every decision and diagnostic, for people
//! platforms/converted/…              files written for other platforms
//! ```

mod converted;
mod five;
mod secret;

use expect_test::expect_file;
use serde_json::Value;

use crate::command::finish;
use crate::fixture::{Checkout, Fixture, packwright};

/// The length from which a command in a snapshot is shortened: scripts that buildpacks bring are
/// their own affair.
const LONG: usize = 200;

/// The tests for every application with files of platforms, under its name.
macro_rules! snapshots {
    ($($module:ident: $name:literal),* $(,)?) => {
        $(mod $module {
            #[test]
            fn model() {
                crate::platforms::has_model($name);
            }

            #[test]
            fn plan() {
                crate::platforms::has_plan($name);
            }
        })*
    };
}

mod snapshots {
    every_platform_fixture!(snapshots);
}

fn has_model(name: &str) {
    let checkout = Fixture::read(name).checkout();
    let told = finish(checkout.with(&mut packwright(["model", "--format", "json"]))).ok();
    expect_file![format!("platforms/{name}.model.json")].assert_eq(&told.stdout());
}

fn has_plan(name: &str) {
    let mut plan = Fixture::read(name).checkout().plan();
    for step in plan["steps"].as_array_mut().unwrap() {
        for command in step["commands"].as_array_mut().unwrap() {
            shorten(command);
        }
    }
    let text = serde_json::to_string_pretty(&plan).unwrap() + "\n";
    expect_file![format!("platforms/{name}.plan.json")].assert_eq(&text);
}

/// Puts the beginning of every long text in a command in its place.
fn shorten(command: &mut Value) {
    match command {
        Value::String(text) => {
            if let Some((at, _)) = text.char_indices().nth(LONG) {
                *text = format!("{}…", &text[..at]);
            }
        }
        Value::Array(words) => words.iter_mut().for_each(shorten),
        Value::Object(forms) => forms.values_mut().for_each(shorten),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The codes of the diagnostics in a plan.
fn codes(plan: &Value) -> Vec<&str> {
    let diagnostics = plan["diagnostics"].as_array().map(Vec::as_slice).unwrap_or_default();
    diagnostics.iter().map(|found| found["code"].as_str().unwrap()).collect()
}

/// The plan of `checkout` as `platform` would make it.
#[track_caller]
fn plan_on(platform: &str, checkout: &Checkout) -> Value {
    let mut command = packwright(["plan", "--format", "json", "--platform", platform]);
    let told = finish(checkout.with(&mut command)).ok();
    serde_json::from_slice(&told.stdout).unwrap()
}

/// The platforms that `flag` of `command` takes, as it says when it is given another one.
fn known_platforms(command: &str, flag: &str) -> Vec<String> {
    let told = finish(packwright([command, flag, "no-such-platform"]).arg(".")).failed(2, &["none of"]);
    let stderr = told.stderr();
    let (_, list) = stderr.split_once("none of ").unwrap();
    list.lines().next().unwrap().split(", ").map(str::to_owned).collect()
}
