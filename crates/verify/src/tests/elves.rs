//! Libraries and symbol versions.

use expect_test::expect;

use super::kit::{Elf, Stage};
use crate::Use;

#[test]
fn what_a_process_cannot_start_without_is_an_error() {
    let mut stage = Stage::with("").web("./serve");
    stage.elf("app/serve", &Elf { needed: &["libpq.so.5", "libc.so.6"], ..Elf::PROGRAM });
    expect![[r#"
        Error verify/library-missing: the process `web` (Procfile:1) starts `/app/serve`, which cannot be loaded without `libpq.so.5`; the image does not have it
          fix: add the package that brings `libpq.so.5`
    "#]].assert_eq(&stage.said());
    // What it needs needs more.
    stage.elf(
        "usr/lib/x86_64-linux-gnu/libpq.so.5",
        &Elf { needed: &["libssl.so.3"], ..Elf::library("libpq.so.5") },
    );
    expect![[r#"
        Error verify/library-missing: the process `web` (Procfile:1) starts `/app/serve`, which cannot be loaded without `libssl.so.3` of `/usr/lib/x86_64-linux-gnu/libpq.so.5`; the image does not have it
          fix: add the package that brings `libssl.so.3`
    "#]].assert_eq(&stage.said());
    stage.elf("usr/lib/x86_64-linux-gnu/libssl.so.3", &Elf::library("libssl.so.3"));
    assert_eq!(stage.codes(), [""; 0]);
}

#[test]
fn what_a_plugin_needs_is_a_warning_once_for_each_library() {
    let mut stage = Stage::with("");
    for name in ["a", "b", "c"] {
        stage.elf(
            &format!("opt/venv/lib/{name}.so"),
            &Elf { needed: &["libGL.so.1", "libc.so.6"], ..Elf::MODULE },
        );
    }
    stage.elf("usr/lib/gtk/d.so", &Elf { needed: &["libgone.so"], ..Elf::MODULE });
    expect![[r#"
        Warning verify/library-missing: the image does not have `libGL.so.1`, without which `/opt/venv/lib/a.so` and 2 other files cannot be loaded
          fix: add the package that brings `libGL.so.1`, unless nothing of this is used
    "#]].assert_eq(&stage.said());
}

#[test]
fn a_missing_library_says_how_the_file_that_needs_it_is_loaded() {
    let needs = Elf { needed: &["libGL.so.1"], ..Elf::MODULE };
    let used = |name: &str, elf: &Elf<'_>| {
        let mut stage = Stage::with("").web("./serve");
        stage.elf("app/serve", &Elf { needed: &["libother.so"], ..Elf::PROGRAM });
        stage.elf("app/libother.so", &Elf::library("libother.so"));
        stage.elf(name, elf);
        stage.used()
    };
    for (name, elf, expected) in [
        ("app/serve", &Elf { needed: &["libGL.so.1"], ..Elf::PROGRAM }, Use::Start),
        ("opt/chrome/chrome", &Elf { needed: &["libGL.so.1"], ..Elf::PROGRAM }, Use::Name),
        ("opt/venv/cv2/cv2.abi3.so", &needs, Use::Name),
        ("opt/venv/x/_x.cpython-313-x86_64-linux-gnu.so", &needs, Use::Name),
        ("app/node_modules/x/build/x.node", &needs, Use::Name),
        ("opt/venv/cv2/qt/plugins/libqxcb.so", &needs, Use::Path),
        ("opt/venv/x/lib/lib_x.so", &needs, Use::Path),
    ] {
        let found = used(name, elf);
        assert!(found.contains(&(format!("/{name}"), expected)), "{name}: {found:?}");
    }
    // A library of a wheel that a module of it loads.
    let mut stage = Stage::with("");
    stage.elf("opt/venv/x.libs/libQt.so", &needs);
    stage.elf("opt/venv/x.libs/libplugin.so", &needs);
    assert_eq!(stage.used(), [("/opt/venv/x.libs/libQt.so".to_owned(), Use::Path)]);
    let module = Elf { needed: &["libQt.so"], rpath: "$ORIGIN/../x.libs", ..Elf::MODULE };
    stage.elf("opt/venv/x/x.abi3.so", &module);
    assert_eq!(stage.used(), [("/opt/venv/x.libs/libQt.so".to_owned(), Use::Name)]);
}

#[test]
fn a_binary_for_a_newer_glibc_is_told() {
    let requires =
        &[("libc.so.6", "GLIBC_2.2.5"), ("libc.so.6", "GLIBC_2.38"), ("ld-linux-x86-64.so.2", "GLIBC_2.99")];
    let needs_newer = Elf { requires, ..Elf::PROGRAM };
    let mut stage = Stage::with("").web("./serve");
    stage.elf("app/serve", &needs_newer);
    expect![[r#"
        Error verify/symbol-version-missing: the process `web` (Procfile:1) starts `/app/serve`, which needs `GLIBC_2.38`; `/usr/lib/x86_64-linux-gnu/libc.so.6` does not have it
          why: it is made for glibc 2.38 or newer, and the image's is older
          fix: build it on a system as old as the image, or take a newer base
    "#]].assert_eq(&stage.said());
    let mut stage = Stage::with("");
    stage.elf("opt/lib/plugin.so", &Elf { interpreter: "", ..needs_newer });
    expect![[r#"
        Warning verify/symbol-version-missing: `/usr/lib/x86_64-linux-gnu/libc.so.6` does not have `GLIBC_2.38`, without which `/opt/lib/plugin.so` cannot be loaded
          why: it is made for glibc 2.38 or newer, and the image's is older
          fix: take a build for a system as old as the image, or a newer base, unless nothing of this is used
    "#]].assert_eq(&stage.said());
}

#[test]
fn a_version_that_another_library_of_that_name_has_is_not_missing() {
    let mut stage = Stage::with("");
    stage.elf("usr/lib/libx.so.1", &Elf { offers: &["X_1"], ..Elf::library("libx.so.1") });
    let module = Elf { requires: &[("libx.so.1", "X_2")], needed: &["libx.so.1"], ..Elf::MODULE };
    stage.elf("opt/conda/lib/module.so", &module);
    assert_eq!(stage.codes(), ["symbol-version-missing"]);
    // The interpreter that loads the module brings it.
    stage.elf("opt/conda/lib/libx.so.1", &Elf { offers: &["X_1", "X_2"], ..Elf::library("libx.so.1") });
    assert_eq!(stage.codes(), [""; 0]);
}

#[test]
fn libraries_are_found_where_the_loader_looks() {
    let lib = Elf::library("libx.so.1");
    for (place, rpath, runpath) in [
        ("usr/lib/x86_64-linux-gnu", "", ""),
        ("usr/lib", "", ""),
        ("usr/lib64", "", ""),
        ("app/libs", "$ORIGIN/../libs", ""),
        ("app/libs", "", "/gone:${ORIGIN}/../libs"),
        ("app/lib/x86_64-linux-gnu", "", "$ORIGIN/../$LIB"),
        ("srv/lib", "/srv/lib", ""),
        ("opt/of-environment", "", ""),
        ("opt/of-cache", "", ""),
    ] {
        let mut stage = Stage::with("").web("bin/serve");
        stage.config.env.push(("LD_LIBRARY_PATH".to_owned(), "/opt/of-environment".to_owned()));
        stage.bytes("etc/ld.so.cache", &cache("libx.so.1", "/opt/of-cache/libx.so.1"), 0o644);
        stage.elf("app/bin/serve", &Elf { needed: &["libx.so.1"], rpath, runpath, ..Elf::PROGRAM });
        assert_eq!(stage.codes(), ["library-missing!"], "{place}");
        stage.elf(&format!("{place}/libx.so.1"), &Elf { machine: 183, ..lib });
        assert_eq!(stage.codes(), ["library-missing!"], "{place}, another processor");
        stage.elf(&format!("{place}/libx.so.1"), &lib);
        assert_eq!(stage.codes(), [""; 0], "{place}");
    }
}

#[test]
fn rpath_reaches_what_is_needed_in_turn_and_runpath_does_not() {
    for (rpath, runpath, expected) in [("/srv", "", vec![]), ("", "/srv", vec!["library-missing!"])] {
        let mut stage = Stage::with("").web("./serve");
        stage.elf("app/serve", &Elf { needed: &["libone.so"], rpath, runpath, ..Elf::PROGRAM });
        stage.elf("srv/libone.so", &Elf { needed: &["libtwo.so"], ..Elf::library("libone.so") });
        stage.elf("srv/libtwo.so", &Elf::library("libtwo.so"));
        assert_eq!(stage.codes(), expected, "{rpath}{runpath}");
    }
}

#[test]
fn what_nothing_loads_here_and_what_may_be_loaded_before_are_no_findings() {
    let mut stage = Stage::with("");
    let modules = "app/node_modules/x/prebuilds";
    stage.elf(&format!("{modules}/linux-x64/x.node"), &Elf::MODULE);
    stage.elf(
        &format!("{modules}/linux-arm64/x.node"),
        &Elf { machine: 183, needed: &["libgone.so"], ..Elf::MODULE },
    );
    stage.elf(
        &format!("{modules}/linuxmusl-x64/x.node"),
        &Elf { needed: &["libgone.so", "libc.musl-x86_64.so.1"], ..Elf::MODULE },
    );
    stage.elf(
        &format!("{modules}/linuxmusl-x64/rust.node"),
        &Elf { needed: &["libgone.so", "libc.so"], ..Elf::MODULE },
    );
    // FreeBSD's says so, OpenBSD's needs its C library.
    stage.elf(
        &format!("{modules}/freebsd-x64/x.node"),
        &Elf { system: 9, needed: &["libthr.so.3"], ..Elf::MODULE },
    );
    stage.elf(
        &format!("{modules}/openbsd-x64/x.node"),
        &Elf { needed: &["libgone.so", "libc.so.96.1"], ..Elf::MODULE },
    );
    // The wheel's program loads it by path before.
    stage.elf("opt/venv/lib/x.so", &Elf { needed: &["libcudart.so.12"], ..Elf::MODULE });
    stage.elf("opt/venv/nvidia/lib/libcudart.so.12", &Elf::library("libcudart.so.12"));
    // The host's driver brings it.
    stage.elf("opt/venv/lib/y.so", &Elf { needed: &["libcuda.so.1"], ..Elf::MODULE });
    // Data that is called so, and programs without a loader.
    stage.bytes("app/data.so", b"text", 0o644);
    stage.bytes("app/broken.so", b"\x7fELF", 0o755);
    stage.elf("app/static", &Elf { needed: &[], interpreter: "", ..Elf::PROGRAM });
    assert_eq!(stage.said(), "");
}

#[test]
fn a_process_of_another_c_library_lacks_its_loader() {
    let mut stage = Stage::with("").web("./serve");
    stage.elf(
        "app/serve",
        &Elf { interpreter: "/lib/ld-musl-x86_64.so.1", needed: &["libc.musl-x86_64.so.1"], ..Elf::PROGRAM },
    );
    expect![[r#"
        Error verify/interpreter-missing: the process `web` (Procfile:1) starts `/app/serve`, and its loader `/lib/ld-musl-x86_64.so.1` is not in the image
          why: it is made for musl, as on Alpine
          fix: take the build of the program for this image's C library, or a static one
    "#]].assert_eq(&stage.said());
    // An image of musl.
    stage.tree.remove(&super::kit::path("usr/lib64"));
    stage.elf("lib/ld-musl-x86_64.so.1", &Elf::library("libc.musl-x86_64.so.1"));
    stage.elf("app/glibc.node", &Elf::MODULE);
    assert_eq!(stage.codes(), [""; 0]);
    // The loader is the C library, under all its names.
    let needed = &["libc.so", "libm.so.6", "libcrypt.so.1"];
    stage.elf("app/serve", &Elf { interpreter: "/lib/ld-musl-x86_64.so.1", needed, ..Elf::PROGRAM });
    assert_eq!(stage.codes(), ["library-missing!"]);
    stage.elf("lib/libcrypt.so.1", &Elf::library("libcrypt.so.1"));
    assert_eq!(stage.codes(), [""; 0]);
}

/// A cache of one library.
fn cache(name: &str, path: &str) -> Vec<u8> {
    let mut bytes = b"glibc-ld.so.cache1.1".to_vec();
    let at = 48 + 24;
    let words = [
        1,
        (name.len() + path.len() + 2) as u32,
        2,
        0,
        0,
        0,
        0,
        0x0303,
        at,
        at + name.len() as u32 + 1,
        0,
        0,
        0,
    ];
    words.iter().for_each(|word| bytes.extend_from_slice(&u32::to_le_bytes(*word)));
    bytes.extend_from_slice(format!("{name}\0{path}\0").as_bytes());
    bytes
}
