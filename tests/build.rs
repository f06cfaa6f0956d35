//! Makes a test of every file `fixtures/<name>.toml`, so that a fixture is added in one place: its own files.
//!
//! `fixtures.rs` in the build directory defines `every_fixture!(each)`, which hands all names to the macro
//! `each`, and `every_platform_fixture!(each)`, which hands on those that begin with `platform-`, without that.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let house = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let fixtures = house.parent().expect("the tests are a folder of the house").join("fixtures");
    println!("cargo::rerun-if-changed={}", fixtures.display());
    // A package that was taken out of the house has no fixtures, and still builds.
    let mut names: Vec<String> = fs::read_dir(&fixtures)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            entry
                .expect("a fixture can be read")
                .file_name()
                .to_str()?
                .strip_suffix(".toml")
                .map(str::to_owned)
        })
        .collect();
    names.sort();
    let rows = |prefix: &str| {
        let of_prefix = names.iter().filter_map(|name| Some((name, name.strip_prefix(prefix)?)));
        of_prefix.map(|(name, rest)| format!("r#{}: {name:?}, ", rest.replace('-', "_"))).collect::<String>()
    };
    let one = |name: &str, rows: &str| {
        format!("macro_rules! {name} {{\n    ($each:ident) => {{ $each! {{ {rows} }} }};\n}}\n")
    };
    let text = one("every_fixture", &rows("")) + &one("every_platform_fixture", &rows("platform-"));
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("fixtures.rs"), text).expect("the build directory can be written");
}
