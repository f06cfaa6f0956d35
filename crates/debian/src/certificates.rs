//! The CA bundle, as `update-ca-certificates` would write it: all certificates of the
//! `ca-certificates` package in the order of their names.
//!
//! Only the bundle `/etc/ssl/certs/ca-certificates.crt` is made, to which Debian's
//! `/usr/lib/ssl/cert.pem` points. The links by subject hash beside it, which OpenSSL would
//! need only where the bundle is absent, are left out.

use std::collections::BTreeMap;

use packwright_oci::RelPath;

/// Where the package has its certificates.
const SOURCE: &str = "usr/share/ca-certificates/";

/// The bundle's text and the list `/etc/ca-certificates.conf`; `None` without certificates.
pub(crate) fn compose<'a>(
    texts: impl Iterator<Item = (&'a RelPath, &'a String)>,
) -> Option<(String, String)> {
    let certificates: BTreeMap<&str, &String> = texts
        .filter_map(|(path, text)| Some((path.as_str().strip_prefix(SOURCE)?, text)))
        .filter(|(name, _)| name.ends_with(".crt"))
        .collect();
    if certificates.is_empty() {
        return None;
    }
    let mut bundle = String::new();
    let mut list = String::from("# The certificates in /etc/ssl/certs/ca-certificates.crt.\n");
    for (name, text) in certificates {
        bundle.push_str(text);
        if !text.ends_with('\n') {
            bundle.push('\n');
        }
        list.push_str(name);
        list.push('\n');
    }
    Some((bundle, list))
}
