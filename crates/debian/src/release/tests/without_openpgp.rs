//! Without the feature `openpgp`, no release file is accepted.

use super::*;

#[test]
fn a_file_that_cannot_be_checked_is_refused() {
    let suite = Suite::debian("trixie").expect("a suite of the table");
    let refused = Release::verify(b"Codename: trixie\n", &suite, &suite.pockets[0], 0);
    let Err(error @ ReleaseError::Signature { source: SignatureError::NoOpenPgp, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(error.fix().contains("openpgp"));
}
