//! Tests of the whole house. The code is in `it/`; this file only makes the folder a package.
