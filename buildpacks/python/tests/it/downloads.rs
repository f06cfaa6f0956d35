//! A Python that uv downloads, when the list of downloads is not the one that the plan knows.

use packwright_buildpack::planner::{Plan, PlanOptions, Step};

use super::{MemoryTree, planned};

fn plan(text: &str) -> Plan {
    planned(&MemoryTree::parse(text), &PlanOptions::default()).unwrap()
}

fn step<'p>(plan: &'p Plan, name: &str) -> &'p Step {
    plan.steps.iter().find(|step| step.name.as_str() == name).unwrap()
}

/// What uv is asked for, and the version that is told to people.
fn asked(files: &str) -> (String, String) {
    let plan = plan(&format!("//- /main.py\nprint()\n{files}"));
    let line = step(&plan, "python.version").commands[0].to_string();
    let request = line.rsplit_once("--output-format json ").unwrap().1;
    let request = request.split(" >").next().unwrap();
    (request.trim_matches(['\'', '"', '\\']).to_owned(), plan.versions[0].wanted.clone())
}

fn requiring(range: &str) -> String {
    format!("//- /pyproject.toml\n[project]\nname = \"x\"\nversion = \"1\"\nrequires-python = \"{range}\"\n")
}

/// The newest that uv knows would fulfil each; the newest of another list need not.
#[test]
fn uv_is_told_every_bound() {
    for (range, request) in [
        (">=3.12.4,<3.13", ">=3.12.4,<3.13,==3.12.*"),
        ("~=3.12.4", "~=3.12.4,==3.12.*"),
        ("==3.12.*,!=3.12.15", "==3.12.*,!=3.12.15,==3.12.*"),
        (">3.12.2,<3.13", ">3.12.2,<3.13,==3.12.*"),
        // These take every patch.
        ("==3.12.*", "3.12"),
        (">=3.12,<3.13", "3.12"),
    ] {
        let asked = asked(&requiring(range));
        assert_eq!(asked, (request.to_owned(), "3.12".to_owned()), "{range}");
    }
    // A version that is asked for by all its numbers is that one.
    assert_eq!(asked("//- /.python-version\n3.12.4\n"), ("3.12.4".to_owned(), "3.12.4".to_owned()));
}

/// The version file leaves the patch open, the manifest does not.
#[test]
fn uv_is_told_the_bounds_of_all_files() {
    let files = format!("//- /.python-version\n3.12\n{}", requiring(">=3.12.4"));
    assert_eq!(asked(&files).0, ">=3.12.4,==3.12.*");
    // What is not followed is no bound.
    let files = format!("//- /.python-version\n3.12\n{}", requiring(">=3.13.1"));
    assert_eq!(asked(&files).0, "3.12");
}

/// A variable of the caller that names the list is in no key: what it says of the version must be
/// among the inputs.
#[test]
fn the_bytes_of_a_download_are_an_input() {
    let plan = plan("//- /main.py\nprint()\n//- /.python-version\n3.12\n");
    let (version, runtime) = (step(&plan, "python.version"), step(&plan, "python.runtime"));
    let answers: Vec<&str> = version.outputs.iter().map(|output| output.path.as_str()).collect();
    assert_eq!(answers, ["packwright/python/version.txt", "packwright/python/download.txt"]);
    assert!(version.resolves);
    let writes =
        version.commands.iter().any(|line| line.to_string().ends_with("/packwright/python/download.txt"));
    assert!(writes, "{:?}", version.commands);
    // The list may be another one by now.
    let first = runtime.commands[0].to_string();
    assert!(first.ends_with("/packwright/python/download.txt check"), "{first}");
}
