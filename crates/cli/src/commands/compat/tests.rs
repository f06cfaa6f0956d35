//! The name by which the command is called.

use super::*;

#[test]
fn the_name_of_the_program_chooses() {
    let with = |words: &[&str]| -> Vec<String> {
        let given = words.iter().map(OsString::from);
        arguments(given).into_iter().map(|word| word.into_string().unwrap()).collect()
    };
    assert_eq!(
        with(&["/usr/bin/nixpacks", "plan", "."]),
        ["/usr/bin/nixpacks", "compat", "nixpacks", "plan", "."]
    );
    assert_eq!(with(&["railpack", "info", "."]), ["railpack", "compat", "railpack", "info", "."]);
    assert_eq!(with(&["packwright", "plan"]), ["packwright", "plan"]);
    assert_eq!(with(&["nixpacks-old", "plan"]), ["nixpacks-old", "plan"]);
    assert_eq!(with(&[]), Vec::<String>::new());
}
