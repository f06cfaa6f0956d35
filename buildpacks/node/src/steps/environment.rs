//! The variables that every step of this buildpack has: nothing asks, nothing reports, no git
//! hooks are installed.

use std::collections::BTreeMap;

use crate::manager::kind::PackageManager;
use crate::project::NodeProject;

/// The variables of every step in which the package manager may run, `PATH` apart.
pub(super) fn of_manager(manager: PackageManager) -> BTreeMap<String, String> {
    let own: &[(&str, &str)] = match manager {
        PackageManager::Npm | PackageManager::Yarn | PackageManager::Bun => &[],
        PackageManager::Pnpm => PNPM,
        PackageManager::Berry => BERRY,
    };
    FIXED.iter().chain(own).map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The directories of the installed packages' commands: the application's, then the root's.
pub(crate) fn bin_dirs(project: &NodeProject<'_>) -> Vec<String> {
    let own = project.dir().map(|dir| format!("/app/{dir}/node_modules/.bin"));
    own.into_iter().chain(["/app/node_modules/.bin".to_owned()]).collect()
}

/// Directories of programs that every root has.
pub(super) const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The same for every manager.
const FIXED: &[(&str, &str)] = &[
    ("ADBLOCK", "1"),
    ("ASTRO_TELEMETRY_DISABLED", "1"),
    ("CI", "1"),
    ("DISABLE_OPENCOLLECTIVE", "1"),
    ("DO_NOT_TRACK", "1"),
    ("GATSBY_TELEMETRY_DISABLED", "1"),
    ("HUSKY", "0"),
    ("LEFTHOOK", "0"),
    ("NEXT_TELEMETRY_DISABLED", "1"),
    ("NG_CLI_ANALYTICS", "false"),
    ("NO_UPDATE_NOTIFIER", "1"),
    ("NUXT_TELEMETRY_DISABLED", "1"),
    ("NX_DAEMON", "false"),
    ("PRISMA_HIDE_UPDATE_MESSAGE", "1"),
    ("SKIP_INSTALL_SIMPLE_GIT_HOOKS", "1"),
    ("STORYBOOK_DISABLE_TELEMETRY", "1"),
    ("TURBO_TELEMETRY_DISABLED", "1"),
    ("npm_config_audit", "false"),
    ("npm_config_fund", "false"),
    ("npm_config_progress", "false"),
    ("npm_config_update_notifier", "false"),
];

/// pnpm is the one that was brought; every call of it must name the same store.
const PNPM: &[(&str, &str)] = &[
    ("npm_config_manage_package_manager_versions", "false"),
    ("npm_config_package_manager_strict", "false"),
    ("npm_config_store_dir", "/packwright/cache/pnpm"),
];

/// Archives lie in the project, so that later steps and the image find them.
const BERRY: &[(&str, &str)] = &[
    ("YARN_ENABLE_GLOBAL_CACHE", "false"),
    ("YARN_ENABLE_PROGRESS_BARS", "false"),
    ("YARN_ENABLE_TELEMETRY", "false"),
];
