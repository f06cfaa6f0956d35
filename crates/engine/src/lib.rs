//! Packwright: from a source tree to a reproducible OCI image.
