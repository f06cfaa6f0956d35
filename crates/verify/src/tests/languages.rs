//! Python distributions and Node packages.

use expect_test::expect;

use super::kit::{Elf, Stage};

#[test]
fn distributions_that_overwrite_each_other_are_told() {
    let site = "/opt/venv/lib/python3.13/site-packages";
    let record = |name: &str, hash: &str, more: &str| {
        format!(
            "//- {site}/{name}.dist-info/RECORD\ncv2/__init__.py,sha256={hash},9\ncv2/same.py,sha256=s,1\n\
             cv2/x.pyc,,\n../../../bin/tool,sha256={hash},3\n{name}.dist-info/RECORD,,\n{more}"
        )
    };
    let files = record("opencv_python-4.13", "a", "")
        + &record("opencv_python_headless-4.13", "b", "\"cv2/a,b\"\"c.py\",sha256=c,1\n");
    expect![[r#"
        Warning verify/files-overwritten: `opencv_python` and `opencv_python_headless` both install `/opt/venv/lib/python3.13/site-packages/cv2/__init__.py` and `/opt/venv/bin/tool`, with different contents
          why: whichever was installed last has overwritten the other's, and Python imports what is left
          fix: ask for one of the two
    "#]].assert_eq(&Stage::with(&files).said());
    // Texts beside the packages are read by nobody.
    let text = |name: &str| {
        format!(
            "//- {site}/{name}.dist-info/RECORD\nLICENSE,sha256={name},9\n../../../share/man/x.1,sha256={name},9\n"
        )
    };
    assert_eq!(Stage::with(&(text("a-1") + &text("b-1"))).said(), "");
    // The same contents do no harm, nor what the distribution's own packages write.
    let same = record("a-1", "a", "") + &record("b-1", "a", "");
    assert_eq!(Stage::with(&same).said(), "");
    assert_eq!(Stage::with(&files.replace("/opt/venv", "/usr")).said(), "");
}

#[test]
fn a_package_without_a_native_module_for_here_is_told() {
    let mut stage = Stage::with("//- /app/node_modules/only-mac/package.json\n{\"os\": [\"darwin\"]}\n");
    let mac = b"\xcf\xfa\xed\xfe and more";
    stage.bytes("app/node_modules/sqlite3/build/Release/node_sqlite3.node", mac, 0o755);
    stage.bytes("app/node_modules/only-mac/x.node", mac, 0o755);
    stage.bytes("app/node_modules/@s/both/mac.node", mac, 0o755);
    stage.elf("app/node_modules/@s/both/linux.node", &Elf::MODULE);
    stage.bytes("app/node_modules/text/x.node", b"a diagram", 0o644);
    stage.bytes("app/own.node", mac, 0o644);
    expect![[r#"
        Warning verify/native-module: the package `/app/node_modules/sqlite3` has no native module for linux/amd64: `/app/node_modules/sqlite3/build/Release/node_sqlite3.node`
          why: it was installed on another platform, or its install script did not run
          fix: let the build install it: leave `node_modules` out of the source
    "#]].assert_eq(&stage.said());
}

#[test]
fn links_in_node_modules_that_lead_nowhere_are_told() {
    let files = "//- /app/node_modules/lib -> ../../lib\n//- /app/node_modules/@s/other -> /build/other\n\
                 //- /app/node_modules/.bin/tool -> ../gone/cli.js\n//- /app/node_modules/x/fixtures/dead -> nowhere\n\
                 //- /app/node_modules/good -> ../packages/good\n//- /app/packages/good/index.js\n";
    expect![[r#"
        Warning verify/link-lost: links in `node_modules` lead to nothing in the image: `/app/node_modules/.bin/tool` and 2 other files
          why: what they point at lies outside of the source, or was left out of the image
          fix: build from the directory that holds what they point at, or depend on it by version
    "#]].assert_eq(&Stage::with(files).said());
}
