//! The key of a step: same key, same output, so that the step need not run.
//!
//! | Input | In the key | Why |
//! |---|---|---|
//! | rules ([`RULES`]), architecture | yes | they decide what is kept of an output, and machine code |
//! | the build root's tree | yes | compilers and libraries decide output |
//! | trees of the steps before | yes | the step reads them |
//! | selected source files | yes, each by path, mode and digest | an edit elsewhere must not re-run it |
//! | the order of these | yes | what comes later lies over what came before |
//! | commands, environment, network, outputs with scrub patterns, cache places | yes | they are the work |
//! | names of secrets | yes | a step behaves differently with and without one |
//! | the subject, of a step that knows secrets | yes | what it made of them (pages of a database, private packages) is that application's own |
//! | values of secrets | only without a subject, as a fingerprint that holds a random number of the store | nothing else tells applications apart then; a key is not secret. With a subject no: a new token fetches the same bytes |
//! | settings (package indexes to use) of a step that fetches | yes, without passwords | the index decides which versions there are, and what it answers where nothing pins that |
//! | settings of other steps | no | without network they do nothing |
//! | hosts of credentials, placeholders | no | they decide where a password is sent, and not what is fetched |
//! | the subject, of a step that uses its caches | yes | no client checks all that it takes out of its cache; what one application put there must reach no other |
//! | `resolves` | no | it decides how long an answer is good, and not what it is |
//! | `dir` | no | it decides which files the step sees, which are in the key where it sees them |
//! | `why`, `hint`, the step's name | no | for people |
//! | `transient` | no | it decides whether a failure is tried again; each try begins anew |
//! | whether downloads are recorded or compared with the lock | no | it decides what is refused, and changes no byte; a result that was made from other downloads than the lock's is made again |
//! | contents of caches | no | they must not reach the output; where they do, it is the subject's own |
//! | limits, isolation, jobs, clock, host, user, paths | no | they must not reach the output; `check` proves it |
//!
//! Every part is framed by its length, and each has a name, so that a difference from the last
//! build can be put into words.

use std::collections::BTreeMap;

use packwright_oci::{Digest, Entry, Hasher, RelPath};
use serde::{Deserialize, Serialize};

/// Number of the rules that decide what a step sees and what is kept of it.
pub(crate) const RULES: u32 = 4;

/// The parts of a key, by what they are called in messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct StepKey {
    parts: BTreeMap<String, Digest>,
}

impl StepKey {
    pub(crate) fn new() -> StepKey {
        let mut key = StepKey::default();
        key.add("the rules of this version", RULES.to_string());
        key
    }

    pub(crate) fn add(&mut self, part: impl Into<String>, value: impl AsRef<[u8]>) {
        self.parts.insert(part.into(), Digest::of(value.as_ref()));
    }

    pub(crate) fn add_value(&mut self, part: impl Into<String>, value: &impl Serialize) {
        let json = serde_json::to_vec(value).expect("keys are made of plain values");
        self.add(part, json);
    }

    /// Adds a source file. Its part's name starts with `/`, so that no file is taken for another
    /// part, whatever it is called.
    pub(crate) fn add_source(&mut self, path: &RelPath, entry: &Entry) {
        self.add_value(format!("/{path}"), entry);
    }

    pub(crate) fn digest(&self) -> Digest {
        let mut hasher = Hasher::new();
        for (part, digest) in &self.parts {
            hasher.update_framed(part.as_bytes());
            hasher.update_framed(digest.hex().as_bytes());
        }
        hasher.finish()
    }

    /// What is different from `last`, for people; at most three names.
    pub(crate) fn difference(&self, last: &StepKey) -> String {
        let named = |part: &str| part.strip_prefix("/app/").unwrap_or(part).to_owned();
        let changed = self.parts.iter().filter_map(|(part, digest)| match last.parts.get(part) {
            None => Some(format!("{} is new", named(part))),
            Some(old) if old != digest => Some(format!("{} changed", named(part))),
            Some(_) => None,
        });
        let gone = last
            .parts
            .keys()
            .filter(|part| !self.parts.contains_key(*part))
            .map(|part| format!("{} is gone", named(part)));
        let all: Vec<String> = changed.chain(gone).collect();
        match all.len() {
            0 => "its result is no longer in the store".to_owned(),
            1..=3 => all.join(", "),
            more => format!("{}, and {} more", all[..2].join(", "), more - 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(parts: &[(&str, &str)]) -> StepKey {
        let mut key = StepKey::new();
        for (part, value) in parts {
            key.add(*part, value);
        }
        key
    }

    #[test]
    fn neighbouring_parts_do_not_run_together() {
        assert_ne!(key(&[("a", "bc")]).digest(), key(&[("ab", "c")]).digest());
        assert_eq!(key(&[("a", "1"), ("b", "2")]).digest(), key(&[("b", "2"), ("a", "1")]).digest());
    }

    #[test]
    fn no_file_is_taken_for_another_part() {
        let mut with_file = key(&[("its commands", "make")]);
        let path: RelPath = "app/its commands".parse().unwrap();
        with_file.add_source(&path, &Entry::file(Digest::of(b""), 0, 0o644));
        let mut other_commands = key(&[("its commands", "make all")]);
        other_commands.add_source(&path, &Entry::file(Digest::of(b""), 0, 0o644));
        assert_ne!(with_file.digest(), other_commands.digest());
        assert_eq!(with_file.difference(&other_commands), "its commands changed");
        assert_eq!(with_file.difference(&key(&[("its commands", "make")])), "its commands is new");
    }

    #[test]
    fn differences_are_told() {
        let last = key(&[("a.txt", "1"), ("b.txt", "1"), ("c.txt", "1")]);
        let now = key(&[("a.txt", "2"), ("b.txt", "1"), ("d.txt", "1")]);
        assert_eq!(now.difference(&last), "a.txt changed, d.txt is new, c.txt is gone");
        assert_eq!(now.difference(&now), "its result is no longer in the store");
    }
}
