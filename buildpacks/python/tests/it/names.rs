//! Names out of files and of files, before they become words of a command line.

use expect_test::expect;
use packwright_buildpack::planner::PlanOptions;

use super::{MemoryTree, Part, check, planned};

/// The processes of a project with the script `value` and nothing else that could be started.
fn started_by(value: &str) -> Vec<String> {
    let text = format!(
        "//- /pyproject.toml\n[project]\nname = \"shop\"\nversion = \"1\"\n[project.scripts]\nx = \"{value}\"\n\
         //- /shop/__init__.py\ndef main(): pass\n"
    );
    let plan = planned(&MemoryTree::parse(&text), &PlanOptions::default());
    let processes = plan.into_iter().flat_map(|plan| plan.processes);
    processes.map(|process| process.command.to_string()).collect()
}

#[test]
fn modules_of_scripts_are_identifiers() {
    assert_eq!(started_by("shop:main"), ["python -c 'import sys; from shop import main; sys.exit(main())'"]);
    assert_eq!(started_by("bücher.laden:main").len(), 1);
    for value in [
        "shop; import os:main",
        "shop'; rm -rf /app; echo ':main",
        "shop:main(), print()",
        "shop:main'",
        "shop-x:main",
        "1shop:main",
        "shop..x:main",
        "$(id):main",
        "`id`:main",
        // No letters, although not ASCII: a space that does not break, a quotation mark, a pile.
        "shop\u{a0}x:main",
        "shop\u{2019}:main",
        "shop\u{1f4a9}:main",
        "shop:main\u{2028}x",
    ] {
        assert_eq!(started_by(value), [""; 0], "{value}");
    }
}

#[test]
fn packages_that_cannot_be_named_do_not_run() {
    let package = |name: &str| format!("//- /requirements.txt\n//- /{name}/__main__.py\nprint()\n");
    check(
        &package("my-shop"),
        &[Part::Processes],
        expect![[r#"
        worker: python -m my-shop
    "#]],
    );
    for name in ["$(id)", "a;id", "-c", "a'b", "a\u{a0}b", "a&b"] {
        let plan = planned(&MemoryTree::parse(&package(name)), &PlanOptions::default());
        assert!(plan.is_err(), "{name}: {:?}", plan.map(|plan| plan.processes));
    }
}

#[test]
fn modules_of_workers_can_be_imported() {
    check(
        "//- /requirements.txt\ndramatiq\n\
         //- /jobs.py\nimport dramatiq\n@dramatiq.actor\ndef a(): pass\n\
         //- /more jobs.py\nimport dramatiq\n@dramatiq.actor\ndef b(): pass\n\
         //- /$(id).py\nimport dramatiq\n@dramatiq.actor\ndef c(): pass\n",
        &[Part::Processes],
        expect![[r#"
            worker: dramatiq jobs
        "#]],
    );
}
