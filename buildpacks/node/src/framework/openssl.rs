//! Builders that hash with algorithms which OpenSSL 3, in Node from version 17 on, has only on request. Sets the
//! variable of the build; a program that starts gets none.

use packwright_buildpack::planner::Origin;

use super::view::AppView;
use crate::application::{AppContext, Application};
use crate::messages;
use crate::version::range::Range;

/// What lets Node use them. Source: Node's documentation, "Command-line API".
const OPTION: &str = "--openssl-legacy-provider";

/// Packages that ask for MD4, with the first major version that no longer does: webpack itself, and what brings a
/// webpack of its own or was not locked. Source: webpack's release 5.61.0 ("use a wasm md4 implementation for node
/// 17 support"); the release notes of each for webpack 5.
const CARRIERS: &[(&str, u64)] = &[
    ("webpack", 5),
    ("react-scripts", 5),
    ("@vue/cli-service", 5),
    ("@angular-devkit/build-angular", 13),
    ("next", 12),
    ("gatsby", 4),
    ("nuxt", 3),
];

/// Lets the build use old algorithms where a package of it asks for them.
pub(super) fn add(subject: &AppContext<'_>, application: &mut Application) {
    let Some(built) = application.build.as_mut().filter(|_| subject.node.0 >= 17) else { return };
    let says_itself = built.commands.iter().any(|command| command.to_string().contains(OPTION));
    let Some((package, version, origin)) = carrier(subject).filter(|_| !says_itself) else { return };
    built.environment.insert("NODE_OPTIONS".to_owned(), OPTION.to_owned());
    application.diagnostics.push(messages::old_algorithms(&package, &version, OPTION, &origin));
}

/// The package that asks for them, its version, and where that stands.
fn carrier(subject: &AppContext<'_>) -> Option<(String, String, Origin)> {
    let locked = subject.project.locked.filter(|locked| locked.is_readable);
    let old = locked.and_then(|locked| {
        let is_old = |version: &&str| Range::exact(version).is_some_and(|number| number < (5, 61, 0));
        let all = locked.versions("webpack").iter().map(|entry| entry.version.as_str());
        Some((all.into_iter().find(is_old)?, Origin::file(&locked.path)))
    });
    if let Some((version, origin)) = old {
        return Some(("webpack".to_owned(), version.to_owned(), origin));
    }
    let look = AppView::of(subject, None);
    // A lock file says which webpack there is.
    let carriers = CARRIERS.iter().filter(|(name, _)| locked.is_none() || *name != "webpack");
    carriers.into_iter().find_map(|&(name, fine)| {
        let origin = look.dependency(&[name])?;
        let major = look.major(name).filter(|&major| major < fine)?;
        Some((name.to_owned(), major.to_string(), origin))
    })
}
