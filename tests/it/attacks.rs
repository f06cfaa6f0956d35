//! Attacks from inside a step that has network. The gate makes them as an ordinary user too.

use packwright_tests::attacks;

#[test]
fn a_source_package_reaches_nothing_that_it_may_not() {
    attacks::from_a_step();
}
