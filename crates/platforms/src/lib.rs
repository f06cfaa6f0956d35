//! Readers of the files that platforms keep in a repository.
