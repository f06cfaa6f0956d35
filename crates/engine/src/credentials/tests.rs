//! What a step sees of which credential, and for which hosts.

use super::*;

/// What a step with these `credentials` sees of `settings` and `secrets`.
fn seen(
    credentials: &[(&str, &[&str])],
    settings: &[(&str, &str)],
    secrets: &[(&str, &str)],
) -> StepCredentials {
    let mut step = Step::new("toy.fetch".parse().unwrap(), "fetches");
    step.settings = vec!["TOY_*".to_owned()];
    step.environment.insert("NETRC".to_owned(), "/run/secrets/netrc".to_owned());
    for (name, addresses) in credentials {
        step.bind(name, addresses.iter().map(|address| (*address).to_owned()));
    }
    step.credentials.insert("netrc".to_owned(), Credential::Netrc);
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let secrets: Vec<Secret> =
        secrets.iter().map(|(name, value)| Secret::new(name.parse().unwrap(), *value).unwrap()).collect();
    StepCredentials::of(&step, &settings, &secrets)
}

fn placeholder(name: &str) -> String {
    Placeholder::new(name, "", Vec::new()).text().to_owned()
}

fn https(host: &str, port: u16) -> CredentialHost {
    CredentialHost::new(host, Some(port))
}

#[test]
fn a_credential_is_for_the_hosts_that_the_plan_or_its_own_name_says() {
    let credentials: &[(&str, &[&str])] = &[
        ("TOY_TOKEN", &["//npm.test/a/", "//npm.test:8443/", "https://also.test/x"]),
        ("TOY_OF_SETTING", &["${TOY_INDEX}", "${TOY_UNSET}", "https://${TOY_UNSET}/"]),
        ("TOY_INDEX_*_PASSWORD", &["${TOY_NAMED}"]),
    ];
    let settings = [
        ("TOY_TOKEN", "one"),
        ("TOY_OF_SETTING", "two"),
        ("TOY_INDEX", "https://me:pass@index.test/simple"),
        ("TOY_NAMED", "shop=https://shop.test/simple my-own=https://mine.test:444/simple"),
        ("TOY_INDEX_MY_OWN_PASSWORD", "three"),
        ("TOY_//host.test:81/:_authToken", "four"),
        ("TOY_https_proxy", "http://proxy.test"),
    ];
    let seen = seen(credentials, &settings, &[]);
    let expected = [
        Placeholder::new("TOY_//host.test:81/:_authToken", "four", vec![https("host.test", 81)]),
        Placeholder::new("TOY_INDEX_MY_OWN_PASSWORD", "three", vec![https("mine.test", 444)]),
        Placeholder::new("TOY_OF_SETTING", "two", vec![https("index.test", 443)]),
        Placeholder::new(
            "TOY_TOKEN",
            "one",
            vec![
                https("also.test", 443),
                https("npm.test", 80),
                https("npm.test", 443),
                https("npm.test", 8443),
            ],
        ),
    ];
    assert_eq!(seen.placeholders, expected);
    assert_eq!(seen.settings["TOY_TOKEN"], placeholder("TOY_TOKEN"));
    assert_eq!(seen.settings["TOY_INDEX"], "https://index.test/simple");
    assert!(!seen.settings.contains_key("TOY_https_proxy"));
    assert_eq!(seen.notices, []);
}

#[test]
fn http_is_for_what_the_caller_named_so() {
    let settings = [("TOY_INDEX", "http://Plain.test:4873/ https://npm.test"), ("TOY_TOKEN", "one")];
    // A file of the source that says http decides nothing.
    let credentials: &[(&str, &[&str])] =
        &[("TOY_TOKEN", &["//plain.test:4873/", "http://other.test/", "//npm.test/"])];
    let seen = seen(credentials, &settings, &[("netrc", "machine plain.test login me password secret")]);
    let expected = vec![
        https("npm.test", 80),
        https("npm.test", 443),
        https("other.test", 80),
        https("plain.test", 4873).over_http(),
    ];
    assert_eq!(seen.placeholders[1], Placeholder::new("TOY_TOKEN", "one", expected));
    let machine = vec![https("plain.test", 4873).over_http(), CredentialHost::new("plain.test", None)];
    assert_eq!(seen.placeholders[0], Placeholder::new("netrc/plain.test/password", "secret", machine));
}

#[test]
fn what_has_no_host_is_withheld_unless_the_user_gave_it() {
    let settings = [
        ("TOY_AUTH_TOKEN", "one"),
        ("TOY_GOAUTH", "netrc"),
        ("TOY_ALWAYS_AUTH", "true"),
        ("TOY_AUTH_TYPE", "legacy"),
        ("TOY_EMPTY_TOKEN", ""),
    ];
    let seen = seen(&[("TOY_UNSET_TOKEN", &["${TOY_UNSET}"])], &settings, &[("TOY_UNSET_TOKEN", "value")]);
    assert_eq!(seen.placeholders, [Placeholder::new("TOY_AUTH_TOKEN", "one", Vec::new())]);
    assert_eq!(seen.settings["TOY_GOAUTH"], "netrc", "a way, and no password");
    assert_eq!(seen.settings["TOY_ALWAYS_AUTH"], "true");
    assert_eq!(seen.settings["TOY_AUTH_TYPE"], "legacy");
    assert_eq!(seen.secrets[0].value(), b"value");
    let notices: Vec<&str> = seen.notices.iter().map(|notice| notice.message.as_str()).collect();
    assert_eq!(notices, ["the step `toy.fetch` sees the value of the secret `TOY_UNSET_TOKEN`"]);
}

#[test]
fn a_secret_counts_before_a_setting_of_its_name() {
    let seen = seen(
        &[("TOY_TOKEN", &["//npm.test/"])],
        &[("TOY_TOKEN", "of the environment")],
        &[("TOY_TOKEN", "of the user")],
    );
    let hosts = vec![https("npm.test", 80), https("npm.test", 443)];
    assert_eq!(seen.placeholders, [Placeholder::new("TOY_TOKEN", "of the user", hosts)]);
    assert_eq!(seen.secrets[0].value(), placeholder("TOY_TOKEN").as_bytes());
    assert!(seen.settings.is_empty());
}

#[test]
fn a_netrc_file_keeps_its_machines_and_names() {
    let file = "machine a.test login me password hunter22\nmachine git.test login a-long-token password x\n\
                default login you password for-everyone\n";
    let seen = seen(&[], &[], &[("netrc", file)]);
    let expected = format!(
        "machine a.test login me password {}\nmachine git.test login {} password {}\n",
        placeholder("netrc/a.test/password"),
        placeholder("netrc/git.test/login"),
        placeholder("netrc/git.test/password"),
    );
    assert_eq!(std::str::from_utf8(seen.secrets[0].value()).unwrap(), expected);
    let hosts = || vec![CredentialHost::new("a.test", None)];
    assert_eq!(seen.placeholders[0], Placeholder::new("netrc/a.test/password", "hunter22", hosts()));
    assert_eq!(seen.notices[0].message, "the `default` entry of the secret `netrc` is left out");
    let nothing = self::seen(&[], &[], &[("netrc", "just-a-token")]);
    assert_eq!(nothing.secrets[0].value(), b"", "what is no netrc file is shown to no step");
    assert_eq!(nothing.notices[0].message, "the secret `netrc` names no machine");
}
