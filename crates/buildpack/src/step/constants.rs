//! The places that every step has, and names and paths that a buildpack writes as constants. Knows no
//! client and builds no step.

use packwright_planner::{RelPath, StepName};

/// Directories of programs that every root has.
pub const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The certificates that a step trusts: the host's, laid over Debian's.
pub const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The name of a step. Panics unless it is one: names of steps are constants.
pub fn name(text: &str) -> StepName {
    text.parse().expect("the names of steps are constants")
}

/// A path from the root, or in the tree. Panics unless it is one: it is for constants.
pub fn path(text: &str) -> RelPath {
    text.parse().expect("the paths of steps are constants")
}
