//! What follows from an environment.

use std::path::Path;

use super::environment::Host;
use crate::flags::values::{SecretFlag, SecretFrom};

fn store(variables: &[(&str, &str)], flag: Option<&str>) -> Option<String> {
    let found = Host::with(variables).store(flag.map(Path::new)).ok()?;
    Some(format!("{} by {}", found.path.display(), found.origin))
}

#[test]
fn the_store_is_where_the_first_says() {
    let all = [("PACKWRIGHT_STORE", "s"), ("XDG_CACHE_HOME", "/c"), ("HOME", "/h")];
    assert_eq!(store(&all, Some("flag")).as_deref(), Some("/here/flag by --store"));
    assert_eq!(store(&all, None).as_deref(), Some("/here/s by PACKWRIGHT_STORE"));
    assert_eq!(store(&all[1..], None).as_deref(), Some("/c/packwright by XDG_CACHE_HOME"));
    assert_eq!(store(&all[2..], None).as_deref(), Some("/h/.cache/packwright by HOME"));
    assert_eq!(
        store(&[("XDG_CACHE_HOME", "c"), ("HOME", "/h")], None).as_deref(),
        Some("/h/.cache/packwright by HOME")
    );
    assert_eq!(store(&[("HOME", "")], None), None);
}

#[test]
fn the_epoch_is_the_flag_then_the_variable() {
    let set = Host::with(&[("SOURCE_DATE_EPOCH", "7")]);
    assert_eq!(set.epoch(Some(5)).unwrap(), Some(5));
    assert_eq!(set.epoch(None).unwrap(), Some(7));
    assert_eq!(Host::with(&[]).epoch(None).unwrap(), None);
    assert!(Host::with(&[("SOURCE_DATE_EPOCH", "today")]).epoch(None).is_err());
}

#[test]
fn a_secret_without_a_value_is_wrong_usage() {
    let flag = SecretFlag { name: "TOKEN".parse().unwrap(), from: SecretFrom::Variable("TOKEN".to_owned()) };
    let set = Host::with(&[("TOKEN", "long enough")]);
    assert_eq!(set.secret(&flag).unwrap().value(), b"long enough");
    let failure = Host::with(&[]).secret(&flag).unwrap_err();
    assert_eq!(failure.exit, crate::exit::Exit::Usage);
    assert!(Host::with(&[("TOKEN", "x")]).secret(&flag).is_err());
}
