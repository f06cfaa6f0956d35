//! What is found of a secret, and what is shown of it.

use super::*;

fn traces(value: &str) -> SecretPatterns {
    SecretPatterns::of(&[Secret::new("TOKEN".parse().unwrap(), value).unwrap()])
}

fn finds(traces: &SecretPatterns, bytes: &[u8]) -> bool {
    traces.find(bytes).unwrap().is_some()
}

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\n\
    q/8Kz+3vYbW1tZs0u5x7c9d1e2f3\n\
    g4h5i6j7k8l9m0==\n-----END PRIVATE KEY-----\n";

#[test]
fn finds_a_secret_across_blocks_and_encoded() {
    let traces = traces("s3cr3t/value\n");
    let mut long = vec![b'x'; (1 << 20) - 5];
    long.extend_from_slice(b"s3cr3t/value and more");
    assert!(finds(&traces, &long));
    assert!(finds(&traces, b"czNjcjN0L3ZhbHVl"));
    // `user:s3cr3t/value`, as in an `Authorization` header.
    assert!(finds(&traces, b"Basic dXNlcjpzM2NyM3QvdmFsdWU="));
    assert!(finds(&traces, b"https://u:s3cr3t%2Fvalue@host"));
    assert!(finds(&traces, b"https://u:s3cr3t%2fvalue@host"));
    assert!(finds(&traces, b"7333637233742f76616c7565"));
    assert!(finds(&traces, b"7333637233742F76616C7565"));
    assert!(finds(&traces, b"eulav/t3rc3s"));
    assert!(finds(&traces, br#"{"a":"s3cr3t\/value"}"#));
    assert!(finds(&traces, b"s\x003\x00c\x00r\x003\x00t\x00/\x00v\x00a\x00l\x00u\x00e\x00"), "UTF-16");
    assert!(!finds(&traces, b"s3cr3t"));
}

#[test]
fn a_secret_of_several_lines_is_found_line_by_line_and_with_other_line_ends() {
    let traces = traces(KEY);
    let lines: Vec<&str> = KEY.lines().collect();
    let wrapped: String = KEY.lines().map(|line| format!("    {line}\r\n")).collect();
    let encoded = String::from_utf8(forms::encoded(lines[2].as_bytes()).remove(1)).unwrap();
    for left in [
        lines[1].to_owned(),
        lines[3].to_owned(),
        format!("key = {}", lines[2]),
        KEY.replace('\n', "\r\n"),
        KEY.replace('\n', ""),
        KEY.replace('\n', "\\n"),
        serde_json::to_string(KEY).unwrap(),
        lines[2].replace('/', "%2F").replace('+', "%2B"),
        lines[1].chars().rev().collect(),
        encoded,
        wrapped,
        // The middle line on two lines.
        format!("{}\n{}", &lines[2][..9], &lines[2][9..]),
    ] {
        assert!(finds(&traces, left.as_bytes()), "{left}");
    }
    // Every private key begins like this, and some text is in both.
    assert!(!finds(&traces, b"-----BEGIN PRIVATE KEY-----\nof another one\n-----END PRIVATE KEY-----"));
    assert!(!finds(&traces, b"MIIEvQIBADANBg"));
}

#[test]
fn a_line_inside_base64_is_found_at_every_alignment_and_wrapped() {
    use std::io::Write;
    let traces = traces(KEY);
    let line = KEY.lines().nth(2).unwrap();
    for before in ["", "a", "ab", "abc"] {
        let text = base64_of(format!("{before}{line} and more").as_bytes());
        assert!(finds(&traces, text.as_bytes()), "{before}");
        let mut wrapped = Vec::new();
        for part in text.as_bytes().chunks(20) {
            wrapped.write_all(part).unwrap();
            wrapped.push(b'\n');
        }
        assert!(finds(&traces, &wrapped), "{before}");
    }
}

/// Padded base64, written the slow way so that it shares nothing with what it tests.
fn base64_of(bytes: &[u8]) -> String {
    let digits: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digit = |start: usize| {
        let part: String = bits.chars().skip(start).chain("000000".chars()).take(6).collect();
        digits[usize::from_str_radix(&part, 2).unwrap()]
    };
    let mut text: String = (0..bits.len()).step_by(6).map(digit).collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

#[test]
fn a_key_inside_of_json_is_found_as_the_file_it_stands_for() {
    let secret = format!("{{\n  \"private_key\": {}\n}}\n", serde_json::to_string(KEY).unwrap());
    let traces = traces(&secret);
    assert!(finds(&traces, KEY.as_bytes()));
    assert!(finds(&traces, secret.replace("\n  ", "\n\t\t").as_bytes()));
}

#[test]
fn all_of_them_are_redacted() {
    assert_eq!(traces("hunter22").redact(b"a hunter22 b hunter22"), b"a *** b ***");
    let both = ["hunter22", "ter22-long"].map(|value| Secret::new("T".parse().unwrap(), value).unwrap());
    assert_eq!(SecretPatterns::of(&both).redact(b"a hunter22-long b"), b"a *** b");
}

#[test]
fn control_sequences_do_not_hide_a_secret() {
    let traces = traces("hunter22");
    for hidden in [
        "h\x1b[1mu\x1b[0mnter22",
        "hunt\0er22",
        "hunt\x1b(B\x1b[mer22",
        "hunt\x1b]0;title\x07er22",
        "hunt\u{9b}1mer22",
        "h\x08hu\x08un\x08nt\x08te\x08er\x08r2\x0822\x082",
        "hunt\u{200b}er22",
        "hunt\x1ber22",
    ] {
        let shown = traces.redact_text(&format!("a {hidden} b"));
        assert!(shown.contains("***") && !shown.contains("22"), "{hidden:?}: {shown:?}");
    }
    // What hides nothing keeps its colours.
    assert_eq!(traces.redact(b"\x1b[31mred\x1b[0m hunter22"), b"\x1b[31mred\x1b[0m ***");
}

#[test]
fn a_secret_of_several_lines_is_redacted_line_by_line() {
    let traces = traces("-----BEGIN KEY-----\nhunter22\r\nend\n");
    assert_eq!(traces.redact(b"cat: hunter22"), b"cat: ***");
    assert!(!finds(&traces, b"-----BEGIN KEY-----\nof somebody else"));
}

#[test]
fn a_line_that_is_a_part_of_an_encoded_secret_is_redacted() {
    let traces = traces(KEY);
    let text = base64_of(KEY.as_bytes());
    assert_eq!(traces.redact_text(&text[40..80]), "***");
    assert_eq!(traces.redact_text(&text[40..50]), text[40..50]);
}

#[test]
fn a_short_secret_is_refused_and_none_is_shown() {
    assert!(Secret::new("PIN".parse().unwrap(), "123\n").is_err());
    let secret = Secret::new("TOKEN".parse().unwrap(), "hunter22").unwrap();
    assert_eq!(format!("{secret:?}"), "Secret(TOKEN)");
}
