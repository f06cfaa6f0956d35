//! Debian packages that Python packages need: some to be compiled, others because they load a
//! system library by its name or start a system program when they run. Matches exact names only; each row of the
//! table says why. What extension modules are linked to is not here: the engine reads that in their files.

mod table;

use packwright_buildpack::native::name_in;
use table::{APPS, Row, TABLE, UNTIL_BOOKWORM, Wheels};

use crate::dependencies::Dependencies;
use crate::releases::Delivery;

/// What one requirement needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NativeNeed {
    /// Who needs it: a requirement, or an application of Django.
    pub(crate) who: &'static str,
    /// Debian packages for its build, besides the compiler.
    pub(crate) build: Vec<String>,
    /// Debian packages that it uses when it runs.
    pub(crate) run: Vec<String>,
    /// Whether it is compiled here.
    pub(crate) from_source: bool,
    /// What for, as the end of a sentence that starts with its name.
    pub(crate) why: &'static str,
}

/// What the requirements in `dependencies` and the Django applications in `apps` need in the
/// Debian suite of `delivery`, in the order of the table.
pub(crate) fn needs(dependencies: &Dependencies, apps: &[String], delivery: &Delivery) -> Vec<NativeNeed> {
    let names = |list: &[&'static str]| -> Vec<String> {
        let there = list.iter().filter(|name| !is_gone(delivery, name));
        there.map(|name| name_in(delivery.suite, name).to_owned()).collect()
    };
    let need = |row: &Row, from_source: bool| NativeNeed {
        who: row.name,
        build: if from_source { names(row.native.build) } else { Vec::new() },
        run: names(row.native.run),
        from_source,
        why: row.native.why,
    };
    let required = TABLE
        .iter()
        .filter(|row| dependencies.have(row.name))
        .filter(|row| !row.unless.iter().any(|other| dependencies.have(other)))
        .filter_map(|row| {
            let is_built = dependencies.built().contains_key(row.name);
            match row.wheels {
                Wheels::None => Some(need(row, true)),
                Wheels::Complete => is_built.then(|| need(row, true)),
                Wheels::Using => Some(need(row, false)),
            }
        });
    let installed =
        APPS.iter().filter(|row| apps.iter().any(|app| app == row.name)).map(|row| need(row, false));
    required.chain(installed).filter(|need| need.from_source || !need.run.is_empty()).collect()
}

/// The requirements that use a package which the Debian suite of `delivery` no longer has, with that package.
pub(crate) fn gone(
    dependencies: &Dependencies,
    delivery: &Delivery,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let required = TABLE.iter().filter(|row| dependencies.have(row.name));
    required.filter_map(|row| Some((row.name, *row.native.run.iter().find(|name| is_gone(delivery, name))?)))
}

fn is_gone(delivery: &Delivery, name: &str) -> bool {
    delivery.suite != "bookworm" && UNTIL_BOOKWORM.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_order_and_have_a_purpose() {
        assert!(TABLE.is_sorted_by_key(|row| row.name));
        for row in TABLE.iter().chain(APPS) {
            assert!(!row.native.why.is_empty(), "{}", row.name);
            let is_used = row.wheels == Wheels::Using;
            assert!(!is_used || row.native.build.is_empty(), "{}: it is never built", row.name);
            let needs = [row.native.run, row.native.build].concat();
            assert!(row.wheels == Wheels::None || !needs.is_empty(), "{}: needs nothing", row.name);
        }
    }
}
