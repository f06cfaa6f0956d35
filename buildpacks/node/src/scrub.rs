//! What installers leave behind that differs from run to run or has no use in an image, as data with a
//! reason for each rule. The rules are part of the plan, and so of each step's key: a plan
//! that was stored is built by the rules that it was made with.

/// What is dropped from a `node_modules` that goes into an image: pattern, reason. `**` spans
/// packages that lie in each other.
pub(crate) const MODULES: &[(&str, &str)] = &[
    (".package-lock.json", "npm's own copy of the lock, valid by the times of directories"),
    (".modules.yaml", "pnpm's notes: the time of the last pruning, the place of its store"),
    (".pnpm/lock.yaml", "pnpm's own copy of the lock"),
    (".pnpm-workspace-state.json", "pnpm's notes with times and absolute paths"),
    (".pnpm-workspace-state-v1.json", "pnpm's notes with times and absolute paths"),
    (".pnpm-sync.json", "notes of a tool around pnpm"),
    (".package-map.json", "yarn's notes on what it installed"),
    (".yarn-state.yml", "yarn's notes on what it installed"),
    (".yarn-integrity", "yarn's notes on what it installed, with the flags of the run"),
    (".bun-tag", "bun's notes on packages from git"),
    (".cache", "caches of tools: transpiled code, downloads"),
    (".vite", "vite's cache of prepared packages"),
    (".vite-temp", "left by vite while it reads its configuration"),
    ("**/build/Makefile", "node-gyp: paths of the build"),
    ("**/build/*.mk", "node-gyp: paths of the build"),
    ("**/build/config.gypi", "node-gyp: paths and settings of the machine"),
    ("**/build/binding.Makefile", "node-gyp: paths of the build"),
    ("**/build/gyp-mac-tool", "node-gyp: a tool for another system"),
    ("**/build/Release/.deps", "node-gyp: dependencies of object files, by absolute path"),
    ("**/build/Release/obj", "node-gyp: object files"),
    ("**/build/Release/obj.target", "node-gyp: object files, linked into the module already"),
    ("**/build/Release/**/*.a", "node-gyp: archives with times, linked into the module already"),
    ("**/build/node_gyp_bins", "node-gyp: a link to the Python of the build"),
    ("**/.node-gyp", "node-gyp: headers of Node"),
];

/// What is dropped besides, from `/app`: pattern, reason.
const APP: &[(&str, &str)] = &[
    (".yarn/install-state.gz", "yarn's notes on what it installed"),
    (".yarn/build-state.yml", "yarn's notes on what it built"),
    (".yarn/unplugged/**/build/Makefile", "node-gyp: paths of the build"),
    (".yarn/unplugged/**/build/*.mk", "node-gyp: paths of the build"),
    (".yarn/unplugged/**/build/config.gypi", "node-gyp: paths and settings of the machine"),
    (".yarn/unplugged/**/build/Release/.deps", "node-gyp: dependencies of object files, by absolute path"),
    (".yarn/unplugged/**/build/Release/obj.target", "node-gyp: object files, linked into the module already"),
];

/// The patterns for an output that is `/app`. Where packages lie in `node_modules`, the archives
/// that yarn keeps beside them are of no use.
pub(crate) fn app(archives: bool) -> Vec<String> {
    let modules = MODULES.iter().map(|(pattern, _)| format!("**/node_modules/{pattern}"));
    let own = APP.iter().map(|&(pattern, _)| pattern.to_owned());
    let cache = [".yarn/cache", ".yarn/unplugged"].map(str::to_owned).into_iter().filter(|_| !archives);
    modules.chain(own).chain(cache).collect()
}
