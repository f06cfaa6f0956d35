//! `doctor` and `cache`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use expect_test::expect;

use crate::{Stage, is_there};

#[test]
fn doctor_succeeds_where_a_rung_works() {
    let stage = Stage::with("");
    let answer = stage.run("doctor");
    assert_eq!(answer.stderr, "");
    let sections: Vec<&str> = answer.stdout.split("\n\n").collect();
    let titles: Vec<&str> = sections.iter().map(|section| section.lines().next().unwrap()).collect();
    assert_eq!(titles, ["store", "isolation", "second wall", "memory limit", "debian mirror", "network"]);
    assert!(sections[0].contains("  ok  <stage>/.cache/packwright (HOME), "), "{}", sections[0]);
    let rungs: Vec<&str> =
        sections[1].lines().filter(|line| line.starts_with("  ok") || line.starts_with("  no")).collect();
    assert_eq!(rungs.len(), 3, "{}", sections[1]);
    let wall = packwright::sandbox::landlock()
        .map_or("  no  Landlock".to_owned(), |version| format!("  ok  Landlock, version {version}"));
    assert!(sections[2].contains(&wall), "{}", sections[2]);
    let memory = packwright::sandbox::memory_cgroups()
        .map_or("  no  control groups: ".to_owned(), |groups| format!("  ok  {groups}"));
    assert!(sections[3].contains(&memory), "{}", sections[3]);
    let works = rungs.iter().any(|isolation| isolation.starts_with("  ok"));
    assert_eq!(answer.status, if works { 0 } else { 1 });
}

#[test]
fn doctor_names_who_chose_the_mirror() {
    let stage = Stage::with("");
    let mut command = stage.command("doctor --mirror http://a.test/debian");
    command.env("PACKWRIGHT_DEBIAN_SECURITY_MIRROR", "http://user:word@a.test/security");
    let answer = stage.finish(&mut command);
    assert!(answer.stdout.contains("ok  http://a.test/debian (--mirror)"), "{}", answer.stdout);
    assert!(answer.stdout.contains("(PACKWRIGHT_DEBIAN_SECURITY_MIRROR)"), "{}", answer.stdout);
    assert!(!answer.stdout.contains("word"), "{}", answer.stdout);
}

#[test]
fn a_store_that_others_can_write_into_is_refused_with_a_remedy() {
    let stage = Stage::with("");
    let store = stage.dir.path().join(".cache/packwright");
    std::fs::create_dir_all(&store).unwrap();
    std::fs::set_permissions(&store, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let answer = stage.run("doctor");
    assert!(answer.stdout.contains("other users can write into"), "{}", answer.stdout);
    assert_ne!(answer.status, 0);
}

#[test]
fn a_cache_that_is_not_there_yet() {
    let stage = Stage::with("");
    stage.run("cache info").check(&expect![[r#"
        status 0
        -- stdout
        <stage>/.cache/packwright (HOME)
          nothing was stored yet
    "#]]);
    stage.run("cache prune --all").check(&expect![[r#"
        status 1
        -- stderr
        error: there is no store at `<stage>/.cache/packwright`
          why: HOME says that it is there
          fix: name the store with `--store DIR`
    "#]]);
    assert!(!is_there(stage.dir.path().join(".cache")));
}

#[test]
fn an_empty_cache() {
    let stage = Stage::with("");
    assert!(matches!(stage.run("doctor --store ../store").status, 0 | 1));
    let answer = stage.run("cache info --store ../store");
    assert_eq!(answer.status, 0);
    assert!(answer.stdout.contains("\n  all         0 B\n"), "{}", answer.stdout);
    assert_eq!(stage.run("cache prune --older-than 1d --max-size 1G --store ../store").status, 0);
}

/// A busy machine's store is pruned in its turn: a prune that waits says for whom, and goes on when the store is free.
#[test]
fn a_prune_waits_for_its_turn_when_it_is_asked_to() {
    let stage = Stage::with("");
    assert!(matches!(stage.run("doctor --store ../store").status, 0 | 1));
    let held = std::fs::File::open(stage.dir.path().join("store/locks/store")).unwrap();
    held.lock_shared().unwrap();
    let refused = stage.run("cache prune --all --store ../store");
    assert_eq!(refused.status, 75, "{refused:?}");
    assert!(refused.stderr.contains("packwright cache prune --wait"), "{refused:?}");
    let mut command = stage.command("cache prune --all --wait --store ../store");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    stderr.read_line(&mut told).unwrap();
    let holder = std::process::id();
    assert_eq!(told, format!("waiting for the process {holder}, which is busy with the store\n"));
    held.unlock().unwrap();
    assert!(child.wait().unwrap().success());
}
