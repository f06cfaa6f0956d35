//! The help of every command. `UPDATE_EXPECT=1 cargo test` writes it anew.

use expect_test::expect_file;

use crate::Stage;

#[test]
fn every_command_has_its_help() {
    let stage = Stage::with("");
    for (line, expected) in [
        ("--help", expect_file!["help/packwright.txt"]),
        ("build --help", expect_file!["help/build.txt"]),
        ("plan --help", expect_file!["help/plan.txt"]),
        ("detect --help", expect_file!["help/detect.txt"]),
        ("explain --help", expect_file!["help/explain.txt"]),
        ("lock --help", expect_file!["help/lock.txt"]),
        ("check --help", expect_file!["help/check.txt"]),
        ("run --help", expect_file!["help/run.txt"]),
        ("verify --help", expect_file!["help/verify.txt"]),
        ("doctor --help", expect_file!["help/doctor.txt"]),
        ("cache info --help", expect_file!["help/cache-info.txt"]),
        ("cache verify --help", expect_file!["help/cache-verify.txt"]),
        ("cache prune --help", expect_file!["help/cache-prune.txt"]),
        ("compat nixpacks --help", expect_file!["help/compat-nixpacks.txt"]),
        ("compat nixpacks build --help", expect_file!["help/compat-nixpacks-build.txt"]),
        ("compat railpack --help", expect_file!["help/compat-railpack.txt"]),
        ("compat railpack build --help", expect_file!["help/compat-railpack-build.txt"]),
        ("completions --help", expect_file!["help/completions.txt"]),
    ] {
        let answer = stage.run(line);
        assert_eq!((answer.status, answer.stderr.as_str()), (0, ""), "{line}");
        expected.assert_eq(&answer.stdout);
    }
}

#[test]
fn no_line_of_the_short_help_is_wider_than_a_page() {
    let stage = Stage::with("");
    for line in ["-h", "build -h", "run -h", "check -h", "cache prune -h"] {
        let answer = stage.run(line);
        let wide: Vec<&str> = answer.stdout.lines().filter(|line| line.chars().count() > 100).collect();
        assert_eq!(wide, Vec::<&str>::new(), "{line}");
    }
}

#[test]
fn every_shell_gets_its_completions() {
    let stage = Stage::with("");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let answer = stage.run(&format!("completions {shell}"));
        assert_eq!(answer.status, 0, "{shell}");
        assert!(answer.stdout.contains("explain") && answer.stdout.contains("older-than"), "{shell}");
    }
}
