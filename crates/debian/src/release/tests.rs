//! What `release` must and must not do.

use pgp::composed::{
    ArmorOptions, CleartextSignedMessage, KeyType, SecretKeyParamsBuilder, SignedPublicKey, SignedSecretKey,
    SubkeyParamsBuilder,
};
use pgp::packet::{SignatureConfig, SignatureType, Subpacket, SubpacketData};
use pgp::ser::Serialize;
use pgp::types::{KeyDetails, Password, SigningKey, Timestamp};
use rand::thread_rng;

use super::*;
use crate::archive::{Area, Key};

/// 12 September 2026, 08:00 UTC.
const NOW: u64 = 1_789_200_000;

const TEXT: &str = "\
Origin: Test
Suite: stable
Codename: trixie
Date: Sat, 12 Sep 2026 07:55:41 UTC
Valid-Until: Sat, 19 Sep 2026 07:55:41 UTC
Acquire-By-Hash: yes
Components: main
MD5Sum:
 d41d8cd98f00b204e9800998ecf8427e 0 main/binary-amd64/Packages.xz
SHA256:
 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855        0 main/binary-amd64/Packages.xz
";

fn secret_key() -> SignedSecretKey {
    let subkey = SubkeyParamsBuilder::default()
        .key_type(KeyType::Ed25519Legacy)
        .can_sign(true)
        .build()
        .expect("a subkey");
    SecretKeyParamsBuilder::default()
        .key_type(KeyType::Ed25519Legacy)
        .can_certify(true)
        .can_sign(true)
        .primary_user_id("Test <test@example.org>".into())
        .subkeys(vec![subkey])
        .build()
        .expect("a key")
        .generate(thread_rng())
        .expect("a key")
}

fn accepted(secret: &SignedSecretKey) -> Key {
    let public = SignedPublicKey::from(secret.clone());
    Key {
        fingerprint: hex::encode_upper(public.fingerprint().as_bytes()),
        certificate: public.to_bytes().expect("in memory"),
    }
}

fn suite(keys: Vec<Key>) -> Suite {
    Suite {
        codename: "trixie".to_owned(),
        pockets: vec![
            Pocket { name: "trixie".to_owned(), area: Area::Archive },
            Pocket { name: "trixie-updates".to_owned(), area: Area::Archive },
        ],
        components: vec!["main".to_owned()],
        keys,
    }
}

fn sign(text: &str, key: &impl SigningKey) -> String {
    let mut config = SignatureConfig::from_key(thread_rng(), key, SignatureType::Text).expect("a signature");
    config.hashed_subpackets = vec![
        Subpacket::regular(SubpacketData::SignatureCreationTime(Timestamp::from_secs(NOW as u32 - 100)))
            .expect("a packet"),
        Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint())).expect("a packet"),
    ];
    CleartextSignedMessage::new(text, config, key, &Password::empty())
        .expect("a signed text")
        .to_armored_string(ArmorOptions::default())
        .expect("in memory")
}

fn verify(text: &str, now: u64) -> Result<Release, ReleaseError> {
    let secret = secret_key();
    let suite = suite(vec![accepted(&secret)]);
    Release::verify(sign(text, &secret.primary_key).as_bytes(), &suite, &suite.pockets[0], now)
}

#[test]
fn a_good_release_says_what_to_fetch() {
    let release = verify(TEXT, NOW).expect("a good release");
    assert_eq!(release.codename, "trixie");
    assert_eq!(release.valid_until, Some(release.date + 7 * 86_400));
    let files = release.package_indexes(&suite(Vec::new()), "amd64").expect("the index");
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(files[0].path, format!("dists/trixie/main/binary-amd64/by-hash/SHA256/{hash}"));
    assert_eq!(files[0].digest.hex(), hash);
}

#[test]
fn without_by_hash_the_plain_path_is_fetched() {
    let release = verify(&TEXT.replace("Acquire-By-Hash: yes\n", ""), NOW).expect("a good release");
    let files = release.package_indexes(&suite(Vec::new()), "amd64").expect("the index");
    assert_eq!(files[0].path, "dists/trixie/main/binary-amd64/Packages.xz");
}

#[test]
fn an_architecture_that_is_not_there_is_named() {
    let release = verify(TEXT, NOW).expect("a good release");
    let error = release.package_indexes(&suite(Vec::new()), "riscv64").expect_err("no index");
    assert_eq!(error.to_string(), "the release file of `trixie` lists no `main/binary-riscv64/Packages`");
}

#[test]
fn a_signing_subkey_of_an_accepted_key_counts() {
    let secret = secret_key();
    let suite = suite(vec![accepted(&secret)]);
    let signed = sign(TEXT, &secret.secret_subkeys[0].key);
    let release = Release::verify(signed.as_bytes(), &suite, &suite.pockets[0], NOW).expect("a good release");
    assert_eq!(release.signed_by, [suite.keys[0].fingerprint.clone()]);
}

#[test]
fn a_changed_text_is_refused() {
    let secret = secret_key();
    let suite = suite(vec![accepted(&secret)]);
    let signed = sign(TEXT, &secret.primary_key).replace("e3b0c44", "e3b0c45");
    let error = Release::verify(signed.as_bytes(), &suite, &suite.pockets[0], NOW).expect_err("tampered");
    assert!(matches!(error, ReleaseError::Signature { source: SignatureError::Bad { .. }, .. }), "{error:?}");
}

#[test]
fn text_around_the_signed_part_is_refused() {
    let secret = secret_key();
    let suite = suite(vec![accepted(&secret)]);
    let signed = sign(TEXT, &secret.primary_key);
    for text in [format!("SHA256:\n x\n{signed}"), format!("\n{signed}"), format!("{signed}more")] {
        let error =
            Release::verify(text.as_bytes(), &suite, &suite.pockets[0], NOW).expect_err("more than signed");
        assert!(
            matches!(error, ReleaseError::Signature { source: SignatureError::Malformed { .. }, .. }),
            "{error:?}"
        );
    }
}

#[test]
fn an_unsigned_text_is_refused() {
    let suite = suite(vec![accepted(&secret_key())]);
    let error = Release::verify(TEXT.as_bytes(), &suite, &suite.pockets[0], NOW).expect_err("unsigned");
    assert!(
        matches!(error, ReleaseError::Signature { source: SignatureError::Malformed { .. }, .. }),
        "{error:?}"
    );
}

#[test]
fn a_strangers_signature_is_refused_and_named() {
    let stranger = secret_key();
    let suite = suite(vec![accepted(&secret_key())]);
    let signed = sign(TEXT, &stranger.primary_key);
    let error = Release::verify(signed.as_bytes(), &suite, &suite.pockets[0], NOW).expect_err("unknown key");
    let ReleaseError::Signature { source: SignatureError::UnknownKey { signers }, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(signers, [accepted(&stranger).fingerprint]);
}

#[test]
fn a_forged_issuer_does_not_help() {
    let (secret, stranger) = (secret_key(), secret_key());
    let mut key = accepted(&stranger);
    key.fingerprint = accepted(&secret).fingerprint;
    let suite = suite(vec![key]);
    let error = Release::verify(sign(TEXT, &stranger.primary_key).as_bytes(), &suite, &suite.pockets[0], NOW)
        .expect_err("another certificate under the pinned fingerprint");
    assert!(
        matches!(error, ReleaseError::Signature { source: SignatureError::Certificate { .. }, .. }),
        "{error:?}"
    );
}

#[test]
fn an_expired_release_has_its_own_error() {
    let error = verify(TEXT, NOW + 30 * 86_400).expect_err("expired");
    assert!(matches!(error, ReleaseError::Expired { .. }), "{error:?}");
    assert!(verify(&TEXT.replace("Valid-Until", "X-Old"), NOW + 30 * 86_400).is_ok());
}

#[test]
fn a_release_from_the_future_is_refused() {
    let error = verify(TEXT, NOW - 86_400).expect_err("too early");
    assert!(matches!(error, ReleaseError::NotYetValid { .. }), "{error:?}");
}

#[test]
fn another_suites_release_is_refused() {
    let error =
        verify(&TEXT.replace("Codename: trixie", "Codename: bookworm"), NOW).expect_err("wrong suite");
    assert_eq!(
        error.to_string(),
        "the release file of `trixie` is that of suite `stable`, codename `bookworm`"
    );
    // The main pocket's file, replayed for the updates pocket.
    let secret = secret_key();
    let suite = suite(vec![accepted(&secret)]);
    let signed = sign(TEXT, &secret.primary_key);
    let error = Release::verify(signed.as_bytes(), &suite, &suite.pockets[1], NOW).expect_err("wrong pocket");
    assert!(matches!(error, ReleaseError::WrongName { .. }), "{error:?}");
}

#[test]
fn malformed_fields_are_named() {
    for (from, to, reason) in [
        ("Date: Sat, 12 Sep 2026 07:55:41 UTC\n", "", "its date is missing or unreadable"),
        ("07:55:41 UTC\nValid", "07:55:41 CEST\nValid", "its date is missing or unreadable"),
        ("SHA256:\n e3b", "SHA512:\n e3b", "it lists no files by SHA-256"),
        ("SHA256:\n e3b", "SHA256:\n xyz", "is no file"),
        ("Origin: Test\n", "Origin: Test\nSuite: other\n", "the field `Suite` is given twice"),
    ] {
        let error = verify(&TEXT.replace(from, to), NOW).expect_err(reason);
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn dates_are_unix_seconds() {
    for (text, expected) in [
        ("Thu, 01 Jan 1970 00:00:00 UTC", Some(0)),
        ("Sat, 12 Sep 2026 07:55:41 UTC", Some(1_789_199_741)),
        ("Thu, 29 Feb 2024 23:59:59 +0000", Some(1_709_251_199)),
        ("Sat, 12 Sep 2026 07:55:41 +0200", None),
        ("2026-09-12", None),
    ] {
        assert_eq!(date::parse(text), expected, "{text}");
    }
}

#[test]
fn embedded_certificates_are_those_named() {
    for codename in Suite::debian_codenames() {
        let secret = secret_key();
        let mut suite = Suite::debian(codename).expect("a known suite");
        // A stranger's signature: every certificate is read and none accepts.
        let error =
            Release::verify(sign(TEXT, &secret.primary_key).as_bytes(), &suite, &suite.pockets[0], NOW)
                .expect_err("not Debian's key");
        assert!(
            matches!(error, ReleaseError::Signature { source: SignatureError::UnknownKey { .. }, .. }),
            "{error:?}"
        );
        suite.keys[0].certificate.truncate(100);
        let error =
            Release::verify(sign(TEXT, &secret.primary_key).as_bytes(), &suite, &suite.pockets[0], NOW)
                .expect_err("a broken certificate");
        assert!(
            matches!(error, ReleaseError::Signature { source: SignatureError::Certificate { .. }, .. }),
            "{error:?}"
        );
    }
}
