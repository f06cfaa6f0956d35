//! Debian packages that libraries of a language need: one set to run, another to be compiled. The
//! rows are the languages' own; what a compiler needs, and what packages are called in each suite, is
//! the same for all.

use packwright_planner::{LayerKind, Package};

/// What one library needs of the system. Names are those of the newest suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Native {
    /// Packages that it uses when it runs.
    pub run: &'static [&'static str],
    /// Packages for its build, besides the compiler.
    pub build: &'static [&'static str],
    /// What for: the end of a sentence that starts with the library's name.
    pub why: &'static str,
}

/// What every compilation of C needs: the compiler, the program by which builds find libraries, and
/// what scripts of builds take for granted. Debian calls the latter essential, so that nothing
/// depends on them by name: `pg_config` is a script for perl, `configure` one for sed and grep.
pub const COMPILER: &[&str] =
    &["build-essential", "pkgconf", "perl-base", "sed", "grep", "findutils", "diffutils", "tar", "gzip"];

/// Packages whose name differs between suites: from trixie on, in bookworm.
const RENAMED: &[(&str, &str)] = &[
    ("libaio1t64", "libaio1"),
    ("libcurl4t64", "libcurl4"),
    ("libdmtx0t64", "libdmtx0b"),
    ("libgdal36", "libgdal32"),
    ("libgeos-c1t64", "libgeos-c1v5"),
    ("libgirepository-2.0-dev", "libgirepository1.0-dev"),
    ("libldap2", "libldap-2.5-0"),
    ("libmagic1t64", "libmagic1"),
    ("libmagickwand-7.q16-10", "libmagickwand-6.q16-6"),
    ("libpcap0.8t64", "libpcap0.8"),
    ("libssl3t64", "libssl3"),
    ("libvips42t64", "libvips42"),
    ("libzbar0t64", "libzbar0"),
];

/// What `suite` calls the package that is called `name` in the newest one.
pub fn name_in(suite: &str, name: &'static str) -> &'static str {
    match suite {
        "bookworm" => RENAMED.iter().find(|(new, _)| *new == name).map_or(name, |(_, old)| old),
        _ => name,
    }
}

impl Native {
    /// The packages for the image, and when it is compiled those for the build, without the compiler.
    /// `who` is the library.
    pub fn packages(&self, who: &str, compiled: bool, suite: &str) -> Vec<Package> {
        let why = format!("{who} {}", self.why);
        let build = if compiled { self.build } else { &[] };
        let run = self.run.iter().map(|name| Package::run(name_in(suite, name), LayerKind::System, &why));
        let build = build.iter().map(|name| Package::build(name_in(suite, name), LayerKind::System, &why));
        run.chain(build).collect()
    }
}

/// The packages of [`COMPILER`]; `why` says what is compiled.
pub fn compiler(why: &str) -> Vec<Package> {
    COMPILER.iter().map(|&name| Package::build(name, LayerKind::System, why)).collect()
}

/// Adds those of `more` that `packages` does not have in the same scope.
pub fn add(packages: &mut Vec<Package>, more: impl IntoIterator<Item = Package>) {
    for package in more {
        let is_same = |known: &Package| known.name == package.name && known.scope == package.scope;
        if !packages.iter().any(is_same) {
            packages.push(package);
        }
    }
}

#[cfg(test)]
mod tests {
    use packwright_planner::Scope;

    use super::*;

    const SSL: Native = Native { run: &["libssl3t64"], build: &["libssl-dev"], why: "speaks TLS" };

    #[test]
    fn a_library_that_is_compiled_needs_more() {
        let of = |compiled, suite| -> Vec<(Scope, String)> {
            let packages = SSL.packages("it", compiled, suite);
            packages.into_iter().map(|package| (package.scope, package.name)).collect()
        };
        assert_eq!(of(false, "trixie"), [(Scope::Run, "libssl3t64".to_owned())]);
        assert_eq!(
            of(true, "bookworm"),
            [(Scope::Run, "libssl3".to_owned()), (Scope::Build, "libssl-dev".to_owned())]
        );
    }

    #[test]
    fn the_table_of_names_is_in_order() {
        assert!(RENAMED.is_sorted());
        assert!(RENAMED.iter().all(|(new, old)| new != old));
    }

    #[test]
    fn a_package_is_there_once_in_each_scope() {
        let mut packages = SSL.packages("one", true, "trixie");
        add(&mut packages, SSL.packages("two", true, "trixie"));
        assert_eq!(packages.len(), 2);
    }
}
