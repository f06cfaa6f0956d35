//! The only HTTP client: verified, cancellable downloads.
