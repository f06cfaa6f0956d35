//! Package names as they occur in platform files.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use packwright_planner::{MemoryTree, Origin, PackageSystem};

use super::*;
use crate::dir_view::DirView;
use crate::test_languages::LANGUAGES;

fn asked(name: &str) -> Requested<String> {
    Requested { value: name.to_owned(), origin: Origin::Option("x".to_owned()) }
}

fn told(named: &Named) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(
        named.version_requests.iter().map(|wish| format!("wants {} {}", wish.tool, wish.version.value)),
    );
    parts.extend(named.packages.iter().map(|package| match package.system {
        PackageSystem::Debian => format!("{} ({:?})", package.name.value, package.scope),
        _ => format!("no {}", package.name.value),
    }));
    parts.extend(named.told.iter().map(|found| format!("{:?} {}", found.severity, found.code)));
    parts.join(", ")
}

fn check(names: &[&str], named: impl Fn(&Requested<String>) -> Named, expected: Expect) {
    let lines: Vec<String> =
        names.iter().map(|name| format!("{name}: {}\n", told(&named(&asked(name))))).collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn names_of_nixpkgs() {
    check(
        &[
            "ffmpeg",
            "pkgs.zlib.dev",
            "stdenv.cc.cc.lib",
            "postgresql_16.dev",
            "gcc",
            "openssl",
            "python311",
            "python3",
            "python39Full",
            "python311Packages.pip",
            "python311Packages.numpy",
            "nodejs",
            "nodejs_20",
            "nodejs-18_x",
            "npm-9_x",
            "pnpm-8_x",
            "yarn-1_x",
            "bun",
            "poetry",
            "jdk17",
            "jdk",
            "go_1_21",
            "php82",
            "(php81.withExtensions (pe: pe.enabled))",
            "ruby_3_2",
            "elixir_1_14",
            "dotnet-sdk_7",
            "gradle_7",
            "cacert",
            "xorg.libX11",
            "rustc",
            "frobnicate",
            "",
            "libGL",
            "chromium",
        ],
        |name| nix("x", name, &Present::default()),
        expect![[r#"
            ffmpeg: ffmpeg (Run)
            pkgs.zlib.dev: zlib1g (Run), zlib1g-dev (Build)
            stdenv.cc.cc.lib: libstdc++6 (Run), libgcc-s1 (Run), libgomp1 (Run)
            postgresql_16.dev: postgresql-client (Run), libpq5 (Run), libpq-dev (Build)
            gcc: gcc (Build), g++ (Build), libc6-dev (Build), libstdc++6 (Run)
            openssl: openssl (Run), libssl3t64 | libssl3 (Run), libssl-dev (Build)
            python311: wants python 3.11, python3 (Run), python-is-python3 (Run), Info x/package-version
            python3: python3 (Run), python-is-python3 (Run)
            python39Full: wants python 3.9, python3 (Run), python-is-python3 (Run), Info x/package-version
            python311Packages.pip: python3-pip (Build)
            python311Packages.numpy: no python311Packages.numpy, Warning x/unknown-package
            nodejs: nodejs (Run)
            nodejs_20: wants node 20, nodejs (Run), Info x/package-version
            nodejs-18_x: wants node 18, nodejs (Run), Info x/package-version
            npm-9_x: wants npm 9, npm (Run), Info x/package-version
            pnpm-8_x: wants pnpm 8, Info x/package-with-files
            yarn-1_x: wants yarn 1, Info x/package-with-files
            bun: Info x/package-with-files
            poetry: Info x/package-with-files
            jdk17: wants java 17, openjdk-17-jdk-headless (Build), openjdk-17-jre-headless (Run)
            jdk: default-jdk-headless (Build), default-jre-headless (Run)
            go_1_21: wants go 1.21, golang-go (Build), Info x/package-version
            php82: wants php 8.2, php-cli (Run), Info x/package-version
            (php81.withExtensions (pe: pe.enabled)): wants php 8.1, php-cli (Run), Info x/package-version
            ruby_3_2: wants ruby 3.2, ruby (Run), Info x/package-version
            elixir_1_14: wants elixir 1.14, elixir (Run), Info x/package-version
            dotnet-sdk_7: wants dotnet 7, Info x/package-with-files
            gradle_7: wants gradle 7, gradle (Build), Info x/package-version
            cacert: Info x/package-there
            xorg.libX11: libx11-6 (Run), libx11-dev (Build)
            rustc: rustc (Build)
            frobnicate: no frobnicate, Warning x/unknown-package
            : no , Warning x/unknown-package
            libGL: libgl1 (Run), libgl-dev (Build)
            chromium: chromium (Run)
        "#]],
    );
}

#[test]
fn a_language_with_files_of_its_own_is_a_wish_alone() {
    let none = Default::default();
    let present = |tree: &str| {
        let tree = MemoryTree::parse(tree);
        Present::of(&DirView { tree: &tree, dir: None, languages: LANGUAGES, environment: &none })
    };
    let both = present("//- /main.py\n//- /package.json\n{}\n//- /Gemfile\n");
    check(
        &["python311", "nodejs_20", "npm-9_x", "ruby_3_2"],
        |name| nix("x", name, &both),
        expect![[r#"
        python311: wants python 3.11
        nodejs_20: wants node 20
        npm-9_x: wants npm 9
        ruby_3_2: wants ruby 3.2, ruby (Run), Info x/package-version
    "#]],
    );
    let sees = |tree: &str| ["python", "poetry", "node", "ruby"].map(|tool| present(tree).has(tool));
    assert_eq!(sees("//- /package.json\n{}\n"), [false, false, true, false]);
    assert_eq!(sees("//- /main.py\n"), [true, true, false, false]);
    assert_eq!(sees("//- /api/main.py\n"), [false; 4]);
    assert_eq!(sees("//- /Gemfile\n"), [false; 4]);
}

#[test]
fn names_of_debian_and_ubuntu() {
    let names = [
        "libpq-dev",
        "build-essential",
        "ffmpeg",
        "libasound2",
        "libasound2t64",
        "chromium-browser",
        "curl=8.1-2",
        "Curl",
        "a b",
        "x=",
        "https://example.com/x.deb",
        "",
    ];
    check(
        &names,
        |name| apt("x", name, Scope::Run),
        expect![[r#"
        libpq-dev: libpq-dev (Build), libpq5 (Run)
        build-essential: build-essential (Build)
        ffmpeg: ffmpeg (Run)
        libasound2: libasound2t64 | libasound2 (Run)
        libasound2t64: libasound2t64 | libasound2 (Run)
        chromium-browser: chromium (Run)
        curl=8.1-2: curl (= 8.1-2) (Run)
        Curl: Warning x/package-name
        a b: Warning x/package-name
        x=: Warning x/package-name
        https://example.com/x.deb: Warning x/package-name
        : Warning x/package-name
    "#]],
    );
    check(
        &["libpq-dev", "curl"],
        |name| apt("x", name, Scope::Build),
        expect![[r#"
        libpq-dev: libpq-dev (Build), libpq5 (Build)
        curl: curl (Build)
    "#]],
    );
}

#[test]
fn tools_of_mise() {
    let tree = MemoryTree::parse("//- /package.json\n{}\n");
    let none = Default::default();
    let view = DirView { tree: &tree, dir: None, languages: LANGUAGES, environment: &none };
    let present = Present::of(&view);
    let named = |name: &str, version: &str| told(&mise("x", name, &asked(version), &present));
    expect![[r#"
        wants node 22

        wants python 3.12, python3 (Run), python-is-python3 (Run), Info x/package-version
        python3 (Run), python-is-python3 (Run)
        wants java 8.86, openjdk-8-jdk-headless (Build), openjdk-8-jre-headless (Run)
        jq (Run)
        jq (Run), Warning x/package-version
        no pipx:httpie, Warning x/unknown-package
        no frobnicate, Warning x/unknown-package"#]]
    .assert_eq(
        &[
            named("node", "22"),
            named("node", "latest"),
            named("python", "3.12"),
            named("python", "latest"),
            named("java", "zulu-8.86"),
            named("jq", "latest"),
            named("jq", "1.7"),
            named("pipx:httpie", "latest"),
            named("frobnicate", "1"),
        ]
        .join("\n"),
    );
}

#[test]
fn no_name_is_in_a_table_twice() {
    let mut seen = BTreeSet::new();
    for name in nix::names() {
        assert!(seen.insert(name), "{name} is there twice");
    }
    let mut seen = BTreeSet::new();
    for name in apt::names() {
        assert!(seen.insert(name), "{name} is there twice");
    }
}
