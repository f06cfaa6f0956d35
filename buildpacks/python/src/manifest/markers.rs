//! The environment in which markers such as `python_version < "3.12"` are evaluated.

use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder};

use crate::releases::Delivery;

/// What markers are asked about: CPython of the delivered version on Linux. The machine is taken
/// as x86_64; markers only decide at plan time whether a requirement is among those installed.
pub(crate) fn marker_environment(delivery: &Delivery) -> MarkerEnvironment {
    let full = delivery.version().to_string();
    MarkerEnvironmentBuilder {
        implementation_name: "cpython",
        implementation_version: &full,
        os_name: "posix",
        platform_machine: "x86_64",
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system: "Linux",
        platform_version: "",
        python_full_version: &full,
        python_version: delivery.name,
        sys_platform: "linux",
    }
    .try_into()
    .expect("the versions in the table are versions")
}
