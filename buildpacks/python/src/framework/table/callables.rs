//! The two protocols between servers and applications, as rows for what speaks them without a framework.

use super::row::{Framework, Launch, Mark, Sign};
use crate::framework::kinds::Gateway;

const fn protocol(name: &'static str, id: &'static str, signs: &'static [Sign]) -> Framework {
    Framework { name, id, module: id, packages: &[], signs, brings: &[], is_library_too: true }
}

/// The rows. How an application is recognised is in [`crate::entry`]: no class marks it.
pub(crate) const CALLABLES: &[Framework] = &[
    protocol("ASGI", "asgi", &[Sign { mark: Mark::Makes(&[]), launch: Launch::Server(Gateway::Asgi) }]),
    protocol("WSGI", "wsgi", &[Sign { mark: Mark::Makes(&[]), launch: Launch::Server(Gateway::Wsgi) }]),
];
