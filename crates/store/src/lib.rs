//! The local content-addressed store, and directories as source trees.
