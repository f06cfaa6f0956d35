//! What packages need of the system.

use expect_test::expect;

use super::proposals::{manifest, native};

fn needs(dependencies: &[&str], development: &[&str]) -> String {
    native(&(manifest(dependencies, development, &[("start", "node index.js")]) + "//- /index.js\n"))
}

#[test]
fn libraries_for_the_build_and_for_the_image() {
    expect![[r#"
        build libpq-dev
    "#]]
    .assert_eq(&needs(&["pg-native"], &[]));
    expect![[r#"
        build libcairo2-dev
        build libgif-dev
        build libjpeg-dev
        build libpango1.0-dev
        build libpixman-1-dev
        build librsvg2-dev
        build libudev-dev
        build libusb-1.0-0-dev
        run fonts-liberation
        run libfontconfig1
    "#]]
    .assert_eq(&needs(&["canvas", "serialport"], &[]));
}

#[test]
fn packages_that_bring_what_they_need() {
    expect![""].assert_eq(&needs(&["sharp", "bcrypt", "better-sqlite3", "argon2", "ssh2"], &[]));
}

#[test]
fn names_are_exact() {
    expect![""].assert_eq(&needs(&["superagent-prisma", "puppeteer-extra-plugin", "canvas-confetti"], &[]));
}

#[test]
fn browsers() {
    expect![[r#"
        run chromium
        run fonts-liberation
        PUPPETEER_EXECUTABLE_PATH=/usr/bin/chromium
        PUPPETEER_SKIP_DOWNLOAD=1
    "#]]
    .assert_eq(&needs(&["puppeteer"], &[]));
    expect![[r#"
        run chromium
        run fonts-liberation
        CHROMIUM_PATH=/usr/bin/chromium
        PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
        Warning node/browser-missing: playwright finds no browser in the image by itself
          fix: pass it on where playwright is used: `launch({ executablePath: process.env.CHROMIUM_PATH })`
    "#]]
    .assert_eq(&needs(&["playwright"], &[]));
    expect![""].assert_eq(&needs(&["express"], &["puppeteer", "playwright", "cypress"]));
}

#[test]
fn an_old_node_gyp_gets_the_module_that_python_lost() {
    let needs = |version: &str| {
        let tree = format!(
            r#"
//- /package.json
{{ "scripts": {{ "start": "node a.js" }}, "dependencies": {{ "sqlite3": "5.1.6" }} }}
//- /a.js
//- /package-lock.json
{{ "lockfileVersion": 3, "packages": {{ "": {{ "dependencies": {{ "sqlite3": "5.1.6" }} }},
  "node_modules/sqlite3": {{ "version": "5.1.6", "hasInstallScript": true }},
  "node_modules/node-gyp": {{ "version": "{version}" }} }} }}
"#
        );
        let plan = super::planned(
            &packwright_buildpack::planner::MemoryTree::parse(&tree),
            &super::PlanOptions::default(),
        )
        .unwrap();
        plan.packages.iter().any(|package| package.name == "python3-setuptools")
    };
    assert!(needs("8.4.1"));
    assert!(!needs("11.2.0"));
}
