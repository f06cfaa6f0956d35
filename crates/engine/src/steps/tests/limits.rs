//! Limits on what a step writes to disk: of the whole step, with its caches, and nothing of it is kept. And on memory.

use packwright_sandbox::Outcome;

use super::*;

/// Those that this user may try.
fn rungs() -> Vec<Isolation> {
    let root =
        std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    Isolation::ALL
        .into_iter()
        .filter(|isolation| *isolation != Isolation::Nothing && (root || *isolation != Isolation::Chroot))
        .collect()
}

/// Writes `count` lines of 200 bytes to `file`, with nothing but the shell.
fn lines(count: usize, file: &str) -> String {
    let line = "x".repeat(199);
    format!("i=0; while [ $i -lt {count} ]; do echo {line}; i=$((i+1)); done > {file}")
}

fn entries(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_step_that_writes_too_much_is_stopped_and_nothing_of_it_is_left() {
    for isolation in rungs() {
        for file in ["/app/out/answer", "/tmp/file", "/cache/file"] {
            let mut case = Case { subject: Some("toy".to_owned()), ..Case::new() };
            case.isolation = Some(isolation);
            case.limits.disk = Some(1 << 20);
            let result = case.run(Network::None, &lines(20_000, file), &|_, _| {});
            let fix = result.as_ref().err().and_then(BuildError::fix).unwrap();
            assert!(fix.contains("`--max-disk`; what it wrote is removed"), "{fix}");
            let outcome = failure(result).outcome;
            assert!(
                matches!(outcome, Outcome::DiskExceeded { limit: 0x10_0000, .. }),
                "{isolation}, {file}: {outcome:?}"
            );
            let store = case.dir.path().join("store");
            assert_eq!(entries(&store.join("caches")), [""; 0], "{isolation}, {file}");
            assert_eq!(entries(&store.join("scratch")), [""; 0], "{isolation}, {file}");
        }
    }
}

#[test]
fn the_limit_is_that_of_the_whole_step_and_what_it_found_does_not_count() {
    for isolation in rungs() {
        let mut case = Case { subject: Some("toy".to_owned()), ..Case::new() };
        case.isolation = Some(isolation);
        // The shell and its libraries are in the root, and 3 MB in the cache.
        case.run(
            Network::None,
            &format!("{}; : > /app/out/answer", lines(15_000, "/cache/file")),
            &|_, _| {},
        )
        .unwrap();
        case.limits.disk = Some(1 << 20);
        case.run(Network::None, &lines(2_000, "/app/out/answer"), &|_, _| {}).unwrap();
        case.limits.files = Some(200);
        let many = "i=0; while [ $i -lt 300 ]; do : > /app/out/$i; i=$((i+1)); done";
        let outcome = failure(case.run(Network::None, many, &|_, _| {})).outcome;
        assert!(matches!(outcome, Outcome::FilesExceeded { limit: 200, .. }), "{isolation}: {outcome:?}");
    }
}

#[test]
fn a_step_that_takes_too_much_memory_is_stopped_whatever_its_command_makes_of_it() {
    // A megabyte, once and again and again, in a process of which the step needs nothing.
    let takes = "s=; l=x; i=0; while [ $i -lt 20 ]; do l=$l$l; i=$((i+1)); done; while :; do s=$s$l; done";
    for isolation in rungs() {
        let mut case = Case::new();
        case.isolation = Some(isolation);
        case.limits.memory = Some(64 << 20);
        let result = case.run(Network::None, &format!("({takes}) || : > /app/out/answer"), &|_, _| {});
        let fix = result.as_ref().err().and_then(BuildError::fix);
        let failure = failure(result);
        assert!(fix.is_some_and(|fix| fix.contains("`--memory`")), "{isolation}: {failure:?}");
        let outcome = failure.outcome;
        assert!(
            matches!(outcome, Outcome::MemoryExceeded { limit: 0x400_0000, .. }),
            "{isolation}: {outcome:?}"
        );
    }
}
