//! Secrets: given to the steps that name them, looked for in all those steps leave behind, and
//! redacted from all they print.

use std::fmt;
use std::io::{self, Read};

use packwright_planner::SecretName;

/// A secret with its value. The value never shows in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its name.
    pub name: SecretName,
    value: Vec<u8>,
}

/// Why a secret cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret `{name}` has fewer than {SHORTEST} bytes")]
pub struct SecretTooShort {
    /// Its name.
    pub name: SecretName,
}

/// A shorter value is found everywhere by chance, so that looking for it proves nothing.
const SHORTEST: usize = 4;

impl Secret {
    /// A secret. One newline at the end, as editors leave it in files, is not part of the value.
    pub fn new(name: SecretName, value: impl Into<Vec<u8>>) -> Result<Secret, SecretTooShort> {
        let mut value = value.into();
        if value.last() == Some(&b'\n') {
            value.pop();
        }
        match value.len() < SHORTEST {
            true => Err(SecretTooShort { name }),
            false => Ok(Secret { name, value }),
        }
    }

    /// The value.
    pub fn value(&self) -> &[u8] {
        &self.value
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.name)
    }
}

/// The byte patterns that give a secret away: each secret as it is, in base64 and percent-encoded.
pub(crate) struct SecretPatterns {
    patterns: Vec<(SecretName, Vec<u8>)>,
    /// What is redacted from a line: these, and each line of a secret that has several.
    blots: Vec<Vec<u8>>,
}

impl SecretPatterns {
    pub(crate) fn of(secrets: &[Secret]) -> SecretPatterns {
        let mut patterns = Vec::new();
        for secret in secrets {
            // What stands before a secret decides which of three forms base64 gives it.
            let base64 = (0..3).filter_map(|before| base64(secret.value.get(before..)?));
            let plain = [secret.value.clone(), percent_encoded(&secret.value)];
            for pattern in plain.into_iter().chain(base64) {
                if !patterns.iter().any(|(_, known)| *known == pattern) {
                    patterns.push((secret.name.clone(), pattern));
                }
            }
        }
        let lines =
            secrets.iter().flat_map(|secret| secret.value.split(|byte| matches!(byte, b'\n' | b'\r')));
        let lines = lines.filter(|line| line.len() >= SHORTEST).map(<[u8]>::to_vec);
        let mut blots: Vec<Vec<u8>> =
            patterns.iter().map(|(_, pattern)| pattern.clone()).chain(lines).collect();
        // Longest first, so that blotting out never leaves the tail of a longer secret.
        blots.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        blots.dedup();
        SecretPatterns { patterns, blots }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The first secret found in what `read` holds. Memory: one block.
    pub(crate) fn find(&self, mut read: impl Read) -> io::Result<Option<SecretName>> {
        const BLOCK: usize = 1 << 20;
        let longest = self.patterns.iter().map(|(_, pattern)| pattern.len()).max().unwrap_or(0);
        let mut window: Vec<u8> = Vec::new();
        loop {
            let kept = window.len().min(longest.saturating_sub(1));
            window.drain(..window.len() - kept);
            let added = read.by_ref().take(BLOCK as u64).read_to_end(&mut window)?;
            if let Some(name) = self.find_in(&window) {
                return Ok(Some(name));
            }
            if added == 0 {
                return Ok(None);
            }
        }
    }

    /// The first secret found in `bytes`.
    pub(crate) fn find_in(&self, bytes: &[u8]) -> Option<SecretName> {
        self.patterns
            .iter()
            .find(|(_, pattern)| position(bytes, pattern).is_some())
            .map(|(name, _)| name.clone())
    }

    /// `line` with every secret replaced by stars.
    pub(crate) fn redact(&self, line: &[u8]) -> Vec<u8> {
        let mut line = line.to_vec();
        for blot in &self.blots {
            while let Some(at) = position(&line, blot) {
                line.splice(at..at + blot.len(), *b"***");
            }
        }
        line
    }
}

fn position(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, pattern)
}

/// Base64 of `value` without the last characters, which depend on what follows it; `None` when
/// that is so short that it is found by chance.
fn base64(value: &[u8]) -> Option<Vec<u8>> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text: Vec<u8> = value
        .chunks_exact(3)
        .flat_map(|part| {
            let bits = u32::from_be_bytes([0, part[0], part[1], part[2]]);
            [18, 12, 6, 0].map(|shift| DIGITS[(bits >> shift & 63) as usize])
        })
        .collect();
    (text.len() >= 8).then_some(text)
}

fn percent_encoded(value: &[u8]) -> Vec<u8> {
    value
        .iter()
        .flat_map(|&byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => vec![byte],
            _ => format!("%{byte:02X}").into_bytes(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(value: &str) -> SecretPatterns {
        SecretPatterns::of(&[Secret::new("TOKEN".parse().unwrap(), value).unwrap()])
    }

    #[test]
    fn finds_a_secret_across_blocks_and_encoded() {
        let traces = traces("s3cr3t/value\n");
        let mut long = vec![b'x'; (1 << 20) - 5];
        long.extend_from_slice(b"s3cr3t/value and more");
        assert!(traces.find(long.as_slice()).unwrap().is_some());
        assert!(traces.find_in(b"czNjcjN0L3ZhbHVl").is_some());
        // `user:s3cr3t/value`, as in an `Authorization` header.
        assert!(traces.find_in(b"Basic dXNlcjpzM2NyM3QvdmFsdWU=").is_some());
        assert!(traces.find_in(b"https://u:s3cr3t%2Fvalue@host").is_some());
        assert!(traces.find(&b"s3cr3t"[..]).unwrap().is_none());
    }

    #[test]
    fn blots_out_all_of_them() {
        assert_eq!(traces("hunter22").redact(b"a hunter22 b hunter22"), b"a *** b ***");
    }

    #[test]
    fn a_secret_of_several_lines_is_blotted_out_line_by_line() {
        let traces = traces("-----BEGIN KEY-----\nhunter22\r\nend\n");
        assert_eq!(traces.redact(b"cat: hunter22"), b"cat: ***");
        assert!(traces.find_in(b"-----BEGIN KEY-----\nof somebody else").is_none());
    }

    #[test]
    fn a_short_secret_is_refused_and_none_is_shown() {
        assert!(Secret::new("PIN".parse().unwrap(), "123\n").is_err());
        let secret = Secret::new("TOKEN".parse().unwrap(), "hunter22").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(TOKEN)");
    }
}
