//! What each format of lock says.

use super::*;
use packwright_buildpack::planner::MemoryTree;

fn locked(name: &str, text: &str) -> LockContents {
    let tree = MemoryTree::parse(&format!("//- /{name}\n{text}"));
    let file = files(&tree).remove(0);
    read(&tree, &file).unwrap()
}

/// Name, version, scripts, native.
fn told(locked: &LockContents) -> Vec<String> {
    let one = |(name, found): (&str, &LockEntry)| {
        let native = if found.is_native { " native" } else { "" };
        format!("{name} {} {:?}{native}", found.version, found.scripts)
    };
    locked.packages().map(one).collect()
}

#[test]
fn npm_1_to_3() {
    let old = locked(
        "package-lock.json",
        r#"{ "lockfileVersion": 1, "requires": true, "dependencies": { "a": { "version": "1.0.0", "requires": { "nan": "^2" },
           "dependencies": { "@b/c": { "version": "2.0.0" } } } } }"#,
    );
    assert_eq!(told(&old), ["@b/c 2.0.0 Unknown", "a 1.0.0 Unknown native"]);
    let new = locked(
        "npm-shrinkwrap.json",
        r#"{ "lockfileVersion": 3, "packages": { "": { "dependencies": { "a": "^1" } },
           "apps/x": { "devDependencies": { "b": "1" } }, "node_modules/x": { "link": true, "resolved": "apps/x" },
           "node_modules/a": { "version": "1.0.0", "hasInstallScript": true, "dependencies": { "bindings": "1" } },
           "node_modules/a/node_modules/@b/c": { "version": "2.0.0" },
           "node_modules/alias": { "name": "real", "version": "3.0.0" } } }"#,
    );
    assert_eq!(told(&new), ["@b/c 2.0.0 No", "a 1.0.0 Yes native", "real 3.0.0 No"]);
    assert_eq!(new.asked[""]["a"], "^1");
    assert_eq!(new.asked["apps/x"]["b"], "1");
}

#[test]
fn pnpm_5_6_and_9() {
    let five = locked(
        "pnpm-lock.yaml",
        "lockfileVersion: 5.4\nspecifiers:\n  a: ^1\npackages:\n  /a/1.0.0_peer@1:\n    requiresBuild: true\n  /@b/c/2.0.0:\n    dev: false\n",
    );
    assert_eq!(told(&five), ["@b/c 2.0.0 No", "a 1.0.0 Yes"]);
    assert_eq!(five.asked[""]["a"], "^1");
    let six = locked(
        "pnpm-lock.yaml",
        "lockfileVersion: '6.0'\noverrides:\n  x>y@1: 2\npackages:\n  /@b/c@2.0.0(a@1.0.0):\n    dev: false\n",
    );
    assert_eq!((told(&six), six.rewritten), (vec!["@b/c 2.0.0 No".to_owned()], vec!["y".to_owned()]));
    let nine = locked(
        "pnpm-lock.yaml",
        "lockfileVersion: '9.0'\nimporters:\n  apps/x:\n    devDependencies:\n      a:\n        specifier: ^1\n        version: 1.0.0\n\
         packages:\n  a@1.0.0:\n    resolution: {integrity: x}\nsnapshots:\n  a@1.0.0:\n    dependencies:\n      nan: 2.0.0\n",
    );
    assert_eq!(told(&nine), ["a 1.0.0 Unknown native"]);
    assert_eq!(nine.asked["apps/x"]["a"], "^1");
}

#[test]
fn both_yarns() {
    let one = locked(
        "yarn.lock",
        "# yarn lockfile v1\n\n\"@b/c@^2.0.0\", \"@b/c@^2.1.0\":\n  version \"2.1.0\"\n  dependencies:\n    node-gyp \"^10\"\n\n\
         alias@npm:real@^3:\n  version \"3.0.0\"\n",
    );
    assert_eq!(one.manager, PackageManager::Yarn);
    assert_eq!(told(&one), ["@b/c 2.1.0 Unknown native", "real 3.0.0 Unknown"]);
    let two = locked(
        "yarn.lock",
        "__metadata:\n  version: 8\n\n\"a@npm:^1, a@npm:^1.1\":\n  version: 1.1.0\n  resolution: \"a@npm:1.1.0\"\n\n\
         \"x@workspace:apps/x\":\n  version: 0.0.0-use.local\n  resolution: \"x@workspace:apps/x\"\n  dependencies:\n    a: \"npm:^1\"\n",
    );
    assert_eq!((two.manager, two.format.as_deref()), (PackageManager::Berry, Some("8")));
    assert_eq!(told(&two), ["a 1.1.0 Unknown"]);
    assert_eq!(two.asked["apps/x"]["a"], "^1");
}

#[test]
fn bun_in_text_and_in_bytes() {
    let text = locked(
        "bun.lock",
        r#"{ "lockfileVersion": 1, "workspaces": { "": { "dependencies": { "a": "^1", }, }, },
           "packages": { "a": ["a@1.0.0", "", { "dependencies": { "bindings": "1" } }, "x"], "x": ["x@workspace:apps/x"], } }"#,
    );
    assert_eq!(told(&text), ["a 1.0.0 Unknown native"]);
    let bytes = locked("bun.lockb", "");
    assert!(!bytes.is_readable);
}
