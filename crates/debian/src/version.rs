//! Debian version numbers: their order and their form. A version stays one text; its parts are not
//! offered as values.
//!
//! Source: Debian Policy 5.6.12, deb-version(7).

use std::cmp::Ordering;

/// Why a text is not a Debian version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a Debian version: {reason}")]
pub struct VersionError {
    /// The text that was given.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// The order of two versions: epoch, then upstream version, then revision.
///
/// Total over all texts; whether a text is a version at all is [`check`]'s question.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (left_epoch, left_upstream, left_revision) = parts(left);
    let (right_epoch, right_upstream, right_revision) = parts(right);
    compare_numbers(left_epoch, right_epoch)
        .then_with(|| compare_part(left_upstream, right_upstream))
        .then_with(|| compare_part(left_revision, right_revision))
}

/// Fails when `text` could not be the version of a package.
pub fn check(text: &str) -> Result<(), VersionError> {
    let fail = |reason| Err(VersionError { text: text.to_owned(), reason });
    let (epoch, upstream, revision) = parts(text);
    if !epoch.bytes().all(|byte| byte.is_ascii_digit()) {
        return fail("the epoch is not a number");
    }
    if text.starts_with(':') || upstream.is_empty() {
        return fail("a part is empty");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".+~-:".contains(&byte);
    if !upstream.bytes().all(allowed) {
        return fail("the upstream version has a character that is not allowed");
    }
    if text.ends_with('-') || !revision.bytes().all(|byte| byte != b'-' && byte != b':' && allowed(byte)) {
        return fail("the revision is empty or has a character that is not allowed");
    }
    Ok(())
}

fn parts(text: &str) -> (&str, &str, &str) {
    let (epoch, rest) = text.split_once(':').unwrap_or(("", text));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    (epoch, upstream, revision)
}

fn compare_numbers(left: &str, right: &str) -> Ordering {
    let left = left.trim_start_matches('0');
    let right = right.trim_start_matches('0');
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// Alternates between a run of non-digits, compared by [`weight`], and a run of digits,
/// compared as numbers.
fn compare_part(mut left: &str, mut right: &str) -> Ordering {
    while !left.is_empty() || !right.is_empty() {
        let (left_text, left_rest) = split_run(left, |byte| !byte.is_ascii_digit());
        let (right_text, right_rest) = split_run(right, |byte| !byte.is_ascii_digit());
        let (left_number, left_after) = split_run(left_rest, |byte| byte.is_ascii_digit());
        let (right_number, right_after) = split_run(right_rest, |byte| byte.is_ascii_digit());
        let order =
            compare_texts(left_text, right_text).then_with(|| compare_numbers(left_number, right_number));
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (left_after, right_after);
    }
    Ordering::Equal
}

fn split_run(text: &str, belongs: impl Fn(u8) -> bool) -> (&str, &str) {
    // Bytes of multi-byte characters are never digits, so the cut is at a character boundary.
    let end = text.bytes().position(|byte| !belongs(byte)).unwrap_or(text.len());
    text.split_at(end)
}

fn compare_texts(left: &str, right: &str) -> Ordering {
    let length = left.len().max(right.len());
    let weights = |text: &str, at: usize| text.as_bytes().get(at).map_or(0, |byte| weight(*byte));
    (0..length)
        .map(|at| weights(left, at).cmp(&weights(right, at)))
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

/// `~` sorts before the end of the text (which is 0), letters before everything else.
fn weight(byte: u8) -> i32 {
    match byte {
        b'~' => -1,
        byte if byte.is_ascii_alphabetic() => i32::from(byte),
        byte => i32::from(byte) + 256,
    }
}

#[cfg(test)]
mod tests;
