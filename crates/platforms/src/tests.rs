//! Reading a tree as a whole: where files are looked for, and what their components are called.

use packwright_planner::MemoryTree;

use super::*;

#[test]
fn a_file_in_a_directory_is_about_that_directory() {
    let tree = MemoryTree::parse("//- /api/Procfile\nweb: run api\n//- /.hidden/Procfile\nweb: no\n");
    let model = model(&tree);
    let dirs: Vec<_> = model.components.iter().map(|part| part.dir().map(RelPath::as_str)).collect();
    assert_eq!(dirs, [Some("api")]);
    let api: RelPath = "api".parse().unwrap();
    assert_eq!(model.component(Some(&api)).processes[0].origin.to_string(), "api/Procfile:1");
}

#[test]
fn names_of_platforms_are_unique_and_all_that_are_read_exist() {
    let names: BTreeSet<&str> = PLATFORMS.iter().map(|platform| platform.name).collect();
    assert_eq!(names.len(), PLATFORMS.len());
    for platform in PLATFORMS {
        for name in platform.reads_before.iter().chain(platform.reads_after) {
            assert!(names.contains(name), "{} reads {name}", platform.name);
        }
    }
}

#[test]
fn a_build_knows_the_platform_whose_file_describes_it() {
    let service = "services:\n  - type: web\n    name: shop\n    runtime: python\n    startCommand: run\n";
    let built = MemoryTree::parse(&format!("//- /render.yaml\n{service}    buildCommand: make\n"));
    let component = model(&built).component(None);
    let told = component.variable("RENDER").unwrap();
    assert_eq!((told.scope, told.value.told().as_str()), (Scoped::Build, "true"));
    let started = MemoryTree::parse(&format!("//- /render.yaml\n{service}"));
    assert!(model(&started).component(None).variable("RENDER").is_none());
}
