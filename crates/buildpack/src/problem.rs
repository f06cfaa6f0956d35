//! Problems of several questions that are asked at once: all of them are reported, not just the first.

use packwright_planner::{Diagnostic, Origin};

/// A problem at one place.
pub fn error_at(code: &str, origin: &Origin, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(code, message).at(origin.clone())
}

/// A warning about one place.
pub fn warning_at(code: &str, origin: &Origin, message: impl Into<String>) -> Diagnostic {
    Diagnostic::warning(code, message).at(origin.clone())
}

/// Something to know about one place.
pub fn info_at(code: &str, origin: &Origin, message: impl Into<String>) -> Diagnostic {
    Diagnostic::info(code, message).at(origin.clone())
}

/// Both values, or the problems of both.
pub fn both<A, B>(
    first: Result<A, Vec<Diagnostic>>,
    second: Result<B, Vec<Diagnostic>>,
) -> Result<(A, B), Vec<Diagnostic>> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (Err(mut problems), Err(more)) => {
            problems.extend(more);
            Err(problems)
        }
        (Err(problems), Ok(_)) | (Ok(_), Err(problems)) => Err(problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_of_both_are_kept() {
        let fails = |code: &str| -> Result<(), Vec<Diagnostic>> { Err(vec![Diagnostic::error(code, "it")]) };
        assert_eq!(both(fails("a"), fails("b")).unwrap_err().len(), 2);
        assert_eq!(both(fails("a"), Ok(())).unwrap_err().len(), 1);
        assert_eq!(both::<_, ()>(Ok(1), Ok(())), Ok((1, ())));
    }
}
