//! Each ignore dialect against what its own tool does with the same lines.

use super::*;

/// A language as far as this room needs one.
const LANGUAGE: Language = Language::new("node", "Node.js")
    .never_in_image(&[("node_modules", "the build installs it")])
    .never_beside(&[("pyvenv.cfg", "a virtual environment")]);

fn ignored(file: &str, text: &str, path: &str, is_dir: bool) -> bool {
    let file: RelPath = file.parse().unwrap();
    let kind = IgnoreFile::of(&file).unwrap();
    let (rules, diagnostics) = Ignoring::new([&LANGUAGE]).read(kind, &file, text);
    assert_eq!(diagnostics, []);
    rules.reason(&path.parse().unwrap(), is_dir).is_some()
}

#[test]
fn never_without_any_file() {
    let rules = Ignoring::new([&LANGUAGE]);
    for name in [".git", "a/.git", ".env", "deep/er/.env.production", "web/node_modules"] {
        assert!(rules.reason(&name.parse().unwrap(), true).is_some(), "{name}");
    }
    for name in [".env.example", ".env.local.sample", ".github", "env", "environment.py"] {
        assert!(rules.reason(&name.parse().unwrap(), false).is_none(), "{name}");
    }
}

#[test]
fn git() {
    assert!(ignored(".gitignore", "*.log\n", "a/b.log", false));
    assert!(!ignored(".gitignore", "/b.log\n", "a/b.log", false));
    assert!(ignored(".gitignore", "build/\r\n", "x/build", true));
    assert!(!ignored(".gitignore", "build/\n", "x/build", false));
    assert!(!ignored(".gitignore", "*.log\n!keep.log\n", "keep.log", false));
    assert!(ignored("sub/.gitignore", "/x\n", "sub/x", false));
    assert!(!ignored("sub/.gitignore", "/x\n", "x", false));
    assert!(!ignored(".gitignore", "# comment\n\n", "comment", false));
}

#[test]
fn docker() {
    assert!(ignored(".dockerignore", "secret.txt\n", "secret.txt", false));
    assert!(!ignored(".dockerignore", "secret.txt\n", "a/secret.txt", false));
    assert!(ignored(".dockerignore", "**/secret.txt\n", "a/secret.txt", false));
    assert!(ignored(".dockerignore", "./docs/\n", "docs", true));
    assert!(ignored(".dockerignore", "*\n!app\n", "readme", false));
    assert!(!ignored(".dockerignore", "*\n!app\n", "app/main.py", false));
    assert!(!ignored(".dockerignore", "docs\n!docs/keep.md\n", "docs/keep.md", false));
    assert!(ignored(".dockerignore", "docs\n!docs/keep.md\n", "docs/other.md", false));
}

#[test]
fn slug_has_no_exceptions() {
    assert!(ignored(".slugignore", "*.psd\n/test\n", "art/x.psd", false));
    let file: RelPath = ".slugignore".parse().unwrap();
    let (_, diagnostics) = Ignoring::new([&LANGUAGE]).read(IgnoreFile::Slug, &file, "!x\n");
    assert_eq!(diagnostics[0].code, "ignore/no-exceptions");
}
