//! The client against hostile servers.
