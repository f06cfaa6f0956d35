//! [`RedactedError`]: an error whose words held a secret, as text without it. Names and texts of what a step left
//! reach errors of many kinds; this is the one place that looks at the words of all of them.

use std::error::Error;

use crate::secret::SecretPatterns;

/// An error and its causes as text, secrets redacted.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct RedactedError {
    message: String,
    fix: Option<String>,
    source: Option<Box<RedactedError>>,
}

impl RedactedError {
    /// `error` with `fix`, when one of its words holds a secret.
    pub(crate) fn of(
        error: &dyn Error,
        fix: Option<String>,
        patterns: &SecretPatterns,
    ) -> Option<RedactedError> {
        let mut texts: Vec<String> = fix.iter().cloned().collect();
        let mut next = Some(error);
        while let Some(error) = next {
            texts.push(error.to_string());
            next = error.source();
        }
        if patterns.is_empty() || texts.iter().all(|text| patterns.redact_text(text) == *text) {
            return None;
        }
        let fix = fix.map(|fix| patterns.redact_text(&fix));
        Some(RedactedError { fix, ..RedactedError::whole(error, patterns) })
    }

    fn whole(error: &dyn Error, patterns: &SecretPatterns) -> RedactedError {
        RedactedError {
            message: patterns.redact_text(&error.to_string()),
            fix: None,
            source: error.source().map(|source| Box::new(RedactedError::whole(source, patterns))),
        }
    }

    /// What to do about it, if there is something.
    pub fn fix(&self) -> Option<String> {
        self.fix.clone()
    }
}
