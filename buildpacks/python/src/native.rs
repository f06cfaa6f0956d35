//! Debian packages that Python packages need: some to be compiled, others because they load a
//! system library or start a system program when they run. Matches exact names only; each row of the
//! table says why.

mod table;

use packwright_buildpack::native::name_in;
use table::{APPS, LIBPYTHON, Row, TABLE, Wheels};

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
    let names =
        |list: &[&'static str]| list.iter().filter_map(|name| name_for(delivery, name)).collect::<Vec<_>>();
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

/// The name of a package beside `delivery`. A Python that is downloaded brings its own library.
fn name_for(delivery: &Delivery, name: &'static str) -> Option<String> {
    match (name, &delivery.download) {
        (LIBPYTHON, None) => Some(format!("{LIBPYTHON}{}", delivery.name)),
        (LIBPYTHON, Some(_)) => None,
        _ => Some(name_in(delivery.suite, name).to_owned()),
    }
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
            assert!(row.wheels == Wheels::None || !row.native.run.is_empty(), "{}: needs nothing", row.name);
        }
    }
}
