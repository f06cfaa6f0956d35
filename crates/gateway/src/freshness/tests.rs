//! Who shares an answer, and for how long.

use super::*;

fn fields(text: &str) -> Fields {
    text.lines()
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
        .collect()
}

fn kept(text: &str) -> Kept {
    let (fields, current_at) = to_keep(200, &fields(text), 1000).unwrap();
    Kept { status: 200, fields, content: Digest::of(b""), size: 0, current_at }
}

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_key_holds_all_that_the_request_says() {
    let of = |text| key("https://host.test/a", &fields(text));
    let plain = of("accept: x\nuser-agent: y");
    assert!(plain.is_some());
    assert_eq!(of("user-agent: y\naccept: x"), plain);
    assert_eq!(of("accept: x\nuser-agent: y\nnpm-session: 1234\ncache-control: no-cache"), plain);
    for other in [
        "accept: x",
        "accept: z\nuser-agent: y",
        "accept: x\nuser-agent: y\nauthorization: Bearer t",
        "accept: x\nuser-agent: y\nx-forwarded-host: evil.test",
        "accept: x\nuser-agent: y\ncookie: a",
        "accept: x\nuser-agent: y\nrange: bytes=1-",
    ] {
        assert_ne!(of(other), plain, "{other}");
    }
    assert_ne!(key("https://host.test/b", &fields("accept: x\nuser-agent: y")), plain);
    for none in ["if-none-match: x", "range: bytes=1-\nif-range: x", "cache-control: no-store"] {
        assert_eq!(of(none), None, "{none}");
    }
    // They are in no key, and are sent on: with such a value the answer may be another one.
    for none in ["cache-control: ${evil}", "pragma: no-cache'", "npm-session: <script>"] {
        assert_eq!(of(none), None, "{none}");
    }
}

#[test]
fn what_is_for_one_asker_is_not_kept() {
    for text in [
        "cache-control: no-store",
        "cache-control: private, max-age=60",
        "cache-control: max-age=60\nset-cookie: a=b",
        "cache-control: max-age=60\nvary: *",
    ] {
        assert_eq!(to_keep(200, &fields(text), 0), None, "{text}");
    }
    for (status, is_kept) in [(404, true), (302, true), (206, true), (401, false), (500, false)] {
        assert_eq!(to_keep(status, &fields("cache-control: max-age=60"), 0).is_some(), is_kept, "{status}");
    }
    assert!(to_keep(200, &fields("date: today"), 0).is_some(), "for builds that know what to expect");
    let (kept, at) = to_keep(200, &fields("etag: x\nage: 30\nwarning: w"), 1000).unwrap();
    assert_eq!((kept, at), (fields("etag: x"), 970));
}

#[test]
fn an_answer_is_current_for_the_shorter_time() {
    let at = |kept: &Kept, now| is_current(kept, &Fields::new(), now, HOUR);
    let short = kept("cache-control: max-age=60");
    assert!(at(&short, 1059) && !at(&short, 1060));
    let long = kept("cache-control: Max-Age=\"99999\"");
    assert!(at(&long, 4599) && !at(&long, 4600), "never longer than the build takes for current");
    let forever = kept("cache-control: max-age=999999, immutable");
    assert!(at(&forever, 900_000));
    assert!(is_current(&forever, &fields("cache-control: max-age=0"), 1001, Duration::ZERO));
    assert!(!at(&kept("etag: x"), 1000), "what says nothing is asked for again");
    assert!(!at(&kept("etag: x\ncache-control: no-cache, max-age=60"), 1000));
    let silent = kept("date: today\ncontent-type: t");
    assert!(at(&silent, 4599) && !at(&silent, 4600), "the caller decides where the server says nothing");
    assert!(!is_current(&silent, &Fields::new(), 1000, Duration::ZERO));
    assert!(!at(&kept("date: today\nexpires: 0"), 1000));
    assert!(!at(&long, 999), "from the future");
    assert!(!is_current(&long, &fields("cache-control: no-cache"), 1000, HOUR));
    assert!(!is_current(&long, &fields("pragma: no-cache"), 1000, HOUR));
    assert!(is_current(&long, &fields("cache-control: max-age=10"), 1010, HOUR));
    assert!(!is_current(&long, &fields("cache-control: max-age=10"), 1011, HOUR));
}

#[test]
fn what_is_still_current_is_renewed() {
    let old = kept("etag: x\ncontent-type: t\ncache-control: max-age=1");
    assert_eq!(conditions(&old), fields("if-none-match: x"));
    let new = renewed(&old, &fields("etag: x\ncache-control: max-age=9\ncontent-length: 0"), 2000);
    assert_eq!(new.current_at, 2000);
    assert_eq!(new.fields, fields("content-type: t\netag: x\ncache-control: max-age=9"));
}

#[test]
fn an_address_may_name_its_content() {
    let digest = "66471f9b7e9291cca697b2e61a10645a537f389a9d5c0679d50dd86b20f7";
    assert!(names_its_content(&format!("https://files.test/packages/0e/f9/{digest}/a.whl")));
    assert!(names_its_content(&format!("https://files.test/{digest}abcd?x")));
    assert!(!names_its_content(&format!("https://files.test/packages/{digest}/a.whl")));
    assert!(!names_its_content(&format!("https://files.test/x?{digest}abcd")));
    assert!(!names_its_content(&format!("https://files.test/0e/f9/latest/{digest}")));
}
