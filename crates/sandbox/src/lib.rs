//! One isolated process: namespaces, mounts, limits.
