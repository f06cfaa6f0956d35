//! Which requests get a value, in which form, and which are refused.

use super::*;

const HOST: &str = "https://npm.test/a/b";

fn token() -> Placeholder {
    Placeholder::new("TOKEN", "real-token", vec![CredentialHost::new("NPM.test", Some(443))])
}

/// The field `authorization` as it is sent for one that was `written`, or why it is not sent.
fn sent(placeholder: &Placeholder, url: &str, written: &str) -> Result<String, NotSent> {
    let mut fields = vec![
        ("accept".to_owned(), b"*/*".to_vec()),
        ("authorization".to_owned(), written.as_bytes().to_vec()),
    ];
    let url = url.parse().unwrap();
    let placeholders = [Placeholder::new("TOKEN2", "another", Vec::new()), placeholder.clone()];
    put_in(&placeholders, &url, "/a/b", &mut fields)?;
    Ok(String::from_utf8(fields.pop().unwrap().1).unwrap())
}

fn base64(text: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(text)
}

#[test]
fn a_placeholder_is_letters_and_digits_and_made_of_the_name_alone() {
    for name in ["T", "NPM_TOKEN", "npm_config_//host.test/:_authToken", "netrc/host.test/password"] {
        let placeholder = Placeholder::new(name, "one", Vec::new());
        assert!(placeholder.text().bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
        assert_eq!(placeholder.text(), Placeholder::new(name, "other", Vec::new()).text());
        let decoded = String::from_utf8(BASE64_STANDARD.decode(placeholder.text()).unwrap()).unwrap();
        assert!(decoded.starts_with("packwright:placeholder-"), "{decoded}");
    }
    let (one, other) = (Placeholder::new("a/b", "", Vec::new()), Placeholder::new("a.b", "", Vec::new()));
    assert_ne!(one.text(), other.text(), "names that look alike once they are plain");
    assert!(!format!("{:?}", token()).contains("real-token"));
}

#[test]
fn a_token_and_a_password_are_put_in_where_they_stand() {
    let token = token();
    let text = token.text();
    assert_eq!(sent(&token, HOST, &format!("Bearer {text}")).unwrap(), "Bearer real-token");
    assert_eq!(sent(&token, HOST, &format!("token {text}")).unwrap(), "token real-token");
    let pair = format!("basic {}", base64(format!("me:{text}")));
    assert_eq!(sent(&token, HOST, &pair).unwrap(), format!("Basic {}", base64("me:real-token")));
    let user = format!("Basic {}", base64(format!("{text}:x-oauth-basic")));
    assert_eq!(sent(&token, HOST, &user).unwrap(), format!("Basic {}", base64("real-token:x-oauth-basic")));
    let other = "Bearer of-the-programs-own";
    assert_eq!(sent(&token, HOST, other).unwrap(), other);
}

/// `_password` of an `.npmrc` is encoded, `_auth` is an encoded pair, and `npmAuthIdent` is either.
#[test]
fn what_clients_decode_before_they_send_it_is_decoded_too() {
    let hosts = || vec![CredentialHost::new("npm.test", None)];
    let password = Placeholder::new("PASSWORD", base64("pa$$"), hosts());
    let decoded = BASE64_STANDARD.decode(password.text()).unwrap();
    let pair = base64([b"me:", decoded.as_slice()].concat());
    let expected = format!("Basic {}", base64("me:pa$$"));
    assert_eq!(sent(&password, HOST, &format!("Basic {pair}")).unwrap(), expected);
    // As it is, or decoded and encoded again: what is sent is the same.
    let auth = Placeholder::new("AUTH", base64("me:pa$$"), hosts());
    assert_eq!(sent(&auth, HOST, &format!("Basic {}", auth.text())).unwrap(), expected);
    let plain = Placeholder::new("IDENT", "me:pa$$", hosts());
    assert_eq!(sent(&plain, HOST, &format!("Basic {}", plain.text())).unwrap(), expected);
}

#[test]
fn another_host_gets_nothing() {
    let token = token();
    let written = format!("Bearer {}", token.text());
    let why = |url: &str| sent(&token, url, &written).unwrap_err().why;
    let other = "it carries the credential `TOKEN`, which is for `npm.test`";
    for url in [
        "https://evil.test/",
        "https://npm.test.evil.test/",
        "https://sub.npm.test/",
        "https://npm.test:8443/",
    ] {
        assert_eq!(why(url), other, "{url}");
    }
    let any_port = Placeholder::new("TOKEN", "real-token", vec![CredentialHost::new("npm.test", None)]);
    assert_eq!(
        sent(&any_port, "http://npm.test/", &written).unwrap_err().why,
        "it carries the credential `TOKEN` without encryption"
    );
    let plain = vec![CredentialHost::new("npm.test", None).over_http()];
    let plain = Placeholder::new("TOKEN", "real-token", plain);
    assert_eq!(sent(&plain, "http://npm.test:4873/", &written).unwrap(), "Bearer real-token");
    let unbound = Placeholder::new("TOKEN", "real-token", Vec::new());
    let error = sent(&unbound, HOST, &written).unwrap_err();
    assert_eq!(error.why, "it carries the credential `TOKEN`, and nothing says which host that is for");
    assert!(error.fix.contains("`--secret TOKEN`"), "{}", error.fix);
}

#[test]
fn a_value_is_put_into_no_place_that_servers_repeat() {
    let token = token();
    let url: Url = HOST.parse().unwrap();
    let path = format!("/{}/simple", token.text());
    let error = put_in(std::slice::from_ref(&token), &url, &path, &mut Fields::new()).unwrap_err();
    assert!(error.why.contains("`TOKEN` in its path"), "{}", error.why);
    let mut fields = vec![("x-own".to_owned(), token.text().as_bytes().to_vec())];
    let error = put_in(std::slice::from_ref(&token), &url, "/", &mut fields).unwrap_err();
    assert!(error.why.contains("`TOKEN` in its field `x-own`"), "{}", error.why);
    assert_eq!(fields[0].1, token.text().as_bytes(), "nothing was put in");
    let lines = Placeholder::new("KEY", "one\r\nx-two: 2", vec![CredentialHost::new("npm.test", None)]);
    let error = sent(&lines, HOST, &format!("Bearer {}", lines.text())).unwrap_err();
    assert!(error.why.contains("several lines"), "{}", error.why);
}
