//! The kinds of application objects, and of the servers that run them.

/// The protocol between server and application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gateway {
    /// PEP 3333.
    Wsgi,
    /// The asynchronous one.
    Asgi,
    /// aiohttp's own, by its worker for gunicorn.
    Aiohttp,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AppKind {
    /// The name is the application.
    Object,
    /// The whole file is the application.
    File,
    /// A function without needed arguments that gives the application.
    Factory,
    /// The same as `async def`.
    Coroutine,
}
