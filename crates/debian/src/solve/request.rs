//! A request for a package, as plans and people write it.

use serde::{Deserialize, Serialize};

use super::error::SolveError;
use crate::relation::{self, RelationError};

/// One thing that must be in the root: a package, perhaps of a certain version, or any one of
/// several: `python3.13-minimal`, `libpq5 (= 17.6-0+deb13u1)`, `libssl3t64 | libssl3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Request(String);

impl Request {
    /// Reads `name`, `name (= version)` or alternatives joined by `|`.
    pub fn parse(text: &str) -> Result<Request, SolveError> {
        let fail = |source| SolveError::Request { text: text.to_owned(), source };
        let relations = relation::parse(text, "any").map_err(fail)?;
        match relations.as_slice() {
            [relation] => Ok(Request(relation.to_string())),
            _ => Err(fail(RelationError { part: text.to_owned(), reason: "it must be exactly one" })),
        }
    }

    /// The request in its normal spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Request {
    type Error = SolveError;

    fn try_from(text: String) -> Result<Request, SolveError> {
        Request::parse(&text)
    }
}

impl From<Request> for String {
    fn from(request: Request) -> String {
        request.0
    }
}
