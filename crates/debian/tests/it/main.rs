//! What needs more than this crate: other programs' opinions.

use std::cmp::Ordering;
use std::process::Command;

use packwright_debian::version;

/// dpkg is the authority where it is installed. Elsewhere the policy's cases above stand alone.
#[test]
fn version_order_agrees_with_dpkg_where_present() {
    if Command::new("dpkg").arg("--version").output().is_err() {
        #[allow(clippy::print_stdout, reason = "a skipped test says so")]
        {
            println!("skipped: there is no dpkg on this machine to compare with");
        }
        return;
    }
    let pieces = ["", "0", "1", "10", "~", "a", "+", ".", "~rc1", "-1", "b", "Z"];
    let mut state: u64 = 7;
    let mut pick = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        pieces[(state >> 33) as usize % pieces.len()]
    };
    let mut compared = 0;
    while compared < 300 {
        let left = format!("1{}{}{}", pick(), pick(), pick());
        let right = format!("1{}{}{}", pick(), pick(), pick());
        if version::check(&left).is_err() || version::check(&right).is_err() {
            continue;
        }
        compared += 1;
        let operator = match version::compare(&left, &right) {
            Ordering::Less => "lt",
            Ordering::Equal => "eq",
            Ordering::Greater => "gt",
        };
        let outcome = Command::new("dpkg").args(["--compare-versions", &left, operator, &right]).status();
        assert!(outcome.expect("dpkg runs").success(), "dpkg disagrees: {left} {operator} {right}");
    }
}
