//! Cleartext signatures by OpenPGP keys: the text that an accepted key signed. Nothing here knows what the
//! text means. The only file that uses the crate `pgp`.

use pgp::composed::{CleartextSignedMessage, Deserializable, SignedPublicKey, SignedPublicSubKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Signature, SignatureType};
use pgp::types::{KeyDetails, VerifyingKey};

use super::signature::{SignatureError, Signed};
use crate::archive::Key;

/// The signed text of `bytes` if at least one of `keys` made a good signature over it.
///
/// A bad signature by one accepted key does not spoil a good one by another: mirrors of a
/// release in transition carry signatures of keys we may know only in part.
pub(super) fn verify(bytes: &[u8], keys: &[Key], now: u64) -> Result<Signed, SignatureError> {
    let malformed = |reason: String| SignatureError::Malformed { reason };
    let text = std::str::from_utf8(bytes).map_err(|error| malformed(error.to_string()))?;
    // Nothing may stand before the signed text: a reader must not be able to take it for part.
    if !text.starts_with("-----BEGIN PGP SIGNED MESSAGE-----") {
        return Err(malformed("it does not begin with the armor header".to_owned()));
    }
    let (message, _) =
        CleartextSignedMessage::from_string(text).map_err(|error| malformed(error.to_string()))?;
    let signed_text = message.signed_text();
    let mut by = Vec::new();
    let mut bad = None;
    for key in keys {
        let certificate = read_certificate(key)?;
        for signature in message.signatures() {
            match check(&certificate, signature, signed_text.as_bytes(), now) {
                None => {}
                Some(Ok(())) => {
                    by.push(key.fingerprint.clone());
                    break;
                }
                Some(Err(reason)) => {
                    bad = Some(SignatureError::Bad { fingerprint: key.fingerprint.clone(), reason });
                }
            }
        }
    }
    by.sort();
    match (by.is_empty(), bad) {
        (false, _) => Ok(Signed { text: signed_text.replace("\r\n", "\n"), by }),
        (true, Some(bad)) => Err(bad),
        (true, None) => Err(SignatureError::UnknownKey { signers: signers(message.signatures()) }),
    }
}

fn read_certificate(key: &Key) -> Result<SignedPublicKey, SignatureError> {
    let fail = |reason: String| SignatureError::Certificate { fingerprint: key.fingerprint.clone(), reason };
    let certificate =
        SignedPublicKey::from_bytes(key.certificate.as_slice()).map_err(|error| fail(error.to_string()))?;
    let found = hex::encode_upper(certificate.fingerprint().as_bytes());
    if found != key.fingerprint {
        return Err(fail(format!("it is that of {found}")));
    }
    if !certificate.details.revocation_signatures.is_empty() {
        return Err(fail("it is revoked".to_owned()));
    }
    Ok(certificate)
}

/// `None` when the signature was made by none of the certificate's keys.
fn check(
    certificate: &SignedPublicKey,
    signature: &Signature,
    text: &[u8],
    now: u64,
) -> Option<Result<(), String>> {
    let users = certificate.details.users.iter().flat_map(|user| &user.signatures);
    let own: Vec<&Signature> = users
        .chain(&certificate.details.direct_signatures)
        .filter(|binding| made_by(binding, &certificate.primary_key))
        .collect();
    if expired(&certificate.primary_key, &own, now) {
        return made_by_any(certificate, signature).then(|| Err("the key is expired".to_owned()));
    }
    if made_by(signature, &certificate.primary_key) {
        return Some(check_by(&certificate.primary_key, signature, text, now));
    }
    let subkey = certificate.public_subkeys.iter().find(|subkey| made_by(signature, &subkey.key))?;
    Some(check_subkey(certificate, subkey, now).and_then(|()| check_by(&subkey.key, signature, text, now)))
}

fn check_subkey(certificate: &SignedPublicKey, subkey: &SignedPublicSubKey, now: u64) -> Result<(), String> {
    let bindings: Vec<&Signature> = subkey.signatures.iter().collect();
    if bindings.iter().any(|binding| binding.typ() == Some(SignatureType::SubkeyRevocation)) {
        return Err("its subkey is revoked".to_owned());
    }
    // Checks the binding, and for signing subkeys the signature back on the primary key.
    subkey.verify_bindings(&certificate.primary_key).map_err(|error| error.to_string())?;
    if !bindings.iter().any(|binding| binding.key_flags().sign()) {
        return Err("its subkey is not one for signing".to_owned());
    }
    if expired(&subkey.key, &bindings, now) { Err("its subkey is expired".to_owned()) } else { Ok(()) }
}

fn check_by(key: &impl VerifyingKey, signature: &Signature, text: &[u8], now: u64) -> Result<(), String> {
    if !matches!(signature.typ(), Some(SignatureType::Text | SignatureType::Binary)) {
        return Err("it is not a signature over a document".to_owned());
    }
    let strong = [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];
    if !signature.hash_alg().is_some_and(|algorithm| strong.contains(&algorithm)) {
        return Err("it uses a weak hash algorithm".to_owned());
    }
    signature.verify(key, text).map_err(|error| error.to_string())?;
    let created = signature.created().ok_or("it has no time")?.as_secs();
    let lifetime = signature.signature_expiration_time().map_or(0, |lifetime| lifetime.as_secs());
    if lifetime != 0 && u64::from(created) + u64::from(lifetime) < now {
        return Err("it is expired".to_owned());
    }
    Ok(())
}

/// The newest binding decides how long a key lives; no lifetime, or one of zero, is for ever.
fn expired(key: &impl KeyDetails, bindings: &[&Signature], now: u64) -> bool {
    let newest = bindings.iter().max_by_key(|binding| binding.created().map(|time| time.as_secs()));
    let lifetime =
        newest.and_then(|binding| binding.key_expiration_time()).map_or(0, |lifetime| lifetime.as_secs());
    lifetime != 0 && u64::from(key.created_at().as_secs()) + u64::from(lifetime) < now
}

fn made_by(signature: &Signature, key: &impl KeyDetails) -> bool {
    let fingerprint = key.fingerprint();
    let named = signature.issuer_fingerprint();
    if named.is_empty() {
        let id = key.legacy_key_id();
        return signature.issuer_key_id().contains(&&id);
    }
    named.contains(&&fingerprint)
}

fn made_by_any(certificate: &SignedPublicKey, signature: &Signature) -> bool {
    made_by(signature, &certificate.primary_key)
        || certificate.public_subkeys.iter().any(|subkey| made_by(signature, &subkey.key))
}

fn signers(signatures: &[Signature]) -> Vec<String> {
    let mut names: Vec<String> = signatures
        .iter()
        .flat_map(|signature| {
            let prints = signature.issuer_fingerprint();
            if prints.is_empty() {
                signature.issuer_key_id().iter().map(|id| id.to_string().to_uppercase()).collect::<Vec<_>>()
            } else {
                prints.iter().map(|print| hex::encode_upper(print.as_bytes())).collect()
            }
        })
        .collect();
    names.sort();
    names.dedup();
    names
}
