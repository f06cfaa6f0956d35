//! HTTP/1.1 as bytes: heads and bodies of messages. No socket, no decision about who may ask for what.

pub(crate) mod body;
pub(crate) mod head;
