//! The fingerprint of secrets' values, for the key of a step whose build names no subject.
//!
//! It holds a random number of the store, so that neither the key nor a fingerprint that another store made tells
//! whether a guessed value is right.

use std::fs::File;
use std::io::Read;

use packwright_oci::{Digest, Hasher};
use packwright_store::{Store, StoreError};

use crate::error::BuildError;
use crate::namespace::SALT;
use crate::secret::Secret;

/// Where random numbers come from.
///
/// Source: random(4).
const RANDOM: &str = "/dev/urandom";

/// A digest that is the same for the same `secrets` in the same order, in this store.
pub(crate) fn fingerprint(store: &Store, secrets: &[Secret]) -> Result<Digest, BuildError> {
    let mut hasher = Hasher::new();
    hasher.update_framed(salt(store)?.hex().as_bytes());
    for secret in secrets {
        hasher.update_framed(secret.name.as_str().as_bytes());
        hasher.update_framed(secret.value());
    }
    Ok(hasher.finish())
}

/// The random number of `store`. A new one, when the old one was pruned, makes steps run again and does no other
/// harm.
fn salt(store: &Store) -> Result<Digest, BuildError> {
    let at = Digest::of(b"");
    let known = |store: &Store| -> Result<Option<Digest>, StoreError> {
        let record = store.record::<String>(SALT, &at)?;
        Ok(record.and_then(|record| Digest::from_hex(&record.value).ok()))
    };
    if let Some(salt) = known(store)? {
        return Ok(salt);
    }
    let mut bytes = [0; 32];
    File::open(RANDOM)
        .and_then(|mut random| random.read_exact(&mut bytes))
        .map_err(|source| BuildError::Disk { path: RANDOM.into(), source })?;
    // Of two builds that make one at once, the later one's stays; the other's step runs once more.
    let salt = Digest::of(&bytes);
    store.put_record(SALT, &at, &salt.hex())?;
    Ok(salt)
}
