//! Why no set of packages can be given, and what to do about it.

use crate::relation::RelationError;

/// Why no set of packages can be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SolveError {
    /// A request is malformed.
    #[error("the request `{text}` cannot be read")]
    Request {
        /// The request.
        text: String,
        /// What is wrong with it.
        source: RelationError,
    },
    /// A dependency field of a package that was to be chosen is malformed.
    #[error("the dependencies of `{package}` {version} cannot be read")]
    Dependencies {
        /// The package.
        package: String,
        /// Its version.
        version: String,
        /// What is wrong with them.
        source: RelationError,
    },
    /// The requests contradict each other or the archive.
    #[error("no set of packages satisfies the requests: {}", reasons.join("; "))]
    Unsolvable {
        /// A chain from requests to the contradiction, each link a sentence.
        reasons: Vec<String>,
        /// The requests that take part in it, in their normal spelling.
        requests: Vec<String>,
    },
}

impl SolveError {
    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            SolveError::Request { .. } => "write a package name, or `name (= version)`".to_owned(),
            SolveError::Dependencies { .. } => "use another mirror".to_owned(),
            SolveError::Unsolvable { .. } => {
                "ask for other packages or versions, or choose the suite that has them".to_owned()
            }
        }
    }
}
