//! Secrets inside texts: their positions, and the text without them.

use std::ops::Range;

use super::rules::{BLOT, is_dummy, is_harmless, is_reference};

/// Beginnings of the keys that well-known issuers hand out.
const ISSUERS: &[&str] = &[
    "AKIA",
    "AIza",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "rk_test_",
    "whsec_",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xapp-",
    "eyJhbGciOi",
    "dop_v1_",
    "shpat_",
];

/// Beginnings that other words share: only with a digit behind them it is a key.
const SHARED_BEGINNINGS: &[&str] = &["ASIA", "SG.", "sk-", "npm_", "hf_", "pypi-"];

/// The beginning of a key in a file's armour, and of its last line.
const ARMOUR: (&str, &str) = ("-----BEGIN", "-----END");

/// The shortest key of an issuer, in bytes.
const KEY: usize = 16;

/// The shortest user of an address without a password that is taken for a key, in bytes.
const USER: usize = 20;

/// Addresses that let everybody post who knows them, up to where their secret starts.
const WEBHOOKS: &[&str] = &[
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "hooks.slack.com/triggers/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "webhook.office.com/",
    "outlook.office.com/webhook/",
    "chat.googleapis.com/v1/spaces/",
    "api.telegram.org/bot",
    "hooks.zapier.com/hooks/catch/",
    "open.feishu.cn/open-apis/bot/v2/hook/",
];

/// Keys of settings inside of a value, as in `Server=db;Password=…` and `…?password=…`.
const SETTINGS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "accountkey",
    "sharedaccesskey",
    "sharedaccesssignature",
    "client_secret",
    "secret_key",
    "secret",
    "private_key",
    "access_token",
    "auth_token",
    "refresh_token",
    "token",
    "api_key",
    "apikey",
];

/// Where in `text` secrets stand, in order, none inside another.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    if text.trim_start().starts_with(ARMOUR.0) {
        return std::iter::once(0..text.len()).collect();
    }
    let mut found = keys(text);
    found.extend(armoured(text));
    found.extend(in_addresses(text));
    found.extend(settings(text));
    found.extend(fields(text));
    found.extend(bearers(text));
    found.retain(|range| !matches!(&text[range.clone()], "" | BLOT));
    found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// `text` with all secrets in it blotted out.
pub(in crate::model) fn hidden(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for range in secrets(text) {
        shown.push_str(&text[from..range.start]);
        shown.push_str(BLOT);
        from = range.end;
    }
    shown.push_str(&text[from..]);
    shown
}

/// Issuers' keys that stand for themselves.
fn keys(text: &str) -> Vec<Range<usize>> {
    let is_edge = |c: char| c.is_whitespace() || "\"'`=:,;()[]{}".contains(c);
    let mut found = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(is_edge) {
        let key = word.trim_end_matches(is_edge);
        let body = key.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c))).unwrap_or(key.len());
        if is_key(&key[..body]) {
            found.push(at..at + key.len());
        }
        at += word.len();
    }
    found
}

fn is_key(word: &str) -> bool {
    let starts = |beginnings: &[&str]| beginnings.iter().any(|beginning| word.starts_with(beginning));
    let has_digit = || word.bytes().any(|byte| byte.is_ascii_digit());
    word.len() >= KEY && (starts(ISSUERS) || starts(SHARED_BEGINNINGS) && has_digit())
}

/// Private keys in their armour inside of a text, as documents of service accounts have them.
fn armoured(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices(ARMOUR.0) {
        let is_private = text[at..].lines().next().is_some_and(|line| line.contains("PRIVATE KEY"));
        if is_private && found.last().is_none_or(|last| last.end <= at) {
            let end = text[at..].find(ARMOUR.1).map_or(text.len(), |end| at + end);
            found.push(at..end);
        }
    }
    found
}

/// Passwords, keys in the place of a user, and webhooks, of all addresses in `text`.
fn in_addresses(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, mark) in text.match_indices("://") {
        if !text[..at].ends_with(|last: char| last.is_ascii_alphanumeric()) {
            continue;
        }
        let start = at + mark.len();
        let rest = &text[start..];
        let rest = &rest[..address_end(rest)];
        if let Some(range) = password(rest) {
            found.push(start + range.start..start + range.end);
        }
        for hook in WEBHOOKS {
            let host = rest.find(hook).filter(|&host| host == 0 || rest[..host].ends_with('.'));
            let secret = host.map(|host| host + hook.len()).filter(|&from| from < rest.len());
            if let Some(from) = secret.filter(|&from| !rest[from..].starts_with(['$', '{', '<'])) {
                found.push(start + from..start + rest.len());
            }
        }
    }
    found
}

/// The length of an address, which references inside of it do not end.
fn address_end(text: &str) -> usize {
    let mut depth = 0usize;
    for (at, symbol) in text.char_indices() {
        match symbol {
            '{' | '(' => depth += 1,
            '}' | ')' if depth > 0 => depth -= 1,
            '"' | '\'' | '`' | ')' | '}' | '<' | '>' => return at,
            _ if symbol.is_whitespace() && depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// The secret before the `@` of an address whose scheme is left out.
fn password(address: &str) -> Option<Range<usize>> {
    // Another address may follow behind a comma, as replicas do.
    let address = address.split_once("://").map_or(address, |(first, _)| first);
    let (before, _) = address.rsplit_once('@')?;
    let slash = outside(before, &['/', '?', '#']);
    match (outside(before, &[':']), slash) {
        (Some(colon), slash) => {
            // Behind a slash an `@` is part of the path, unless the password has the slash.
            let end = slash.unwrap_or(before.len());
            if colon > end || before.starts_with('[') {
                return None;
            }
            let word = &before[colon + 1..end];
            let is_port = slash.is_some() && word.bytes().all(|byte| byte.is_ascii_digit());
            let is_open = !word.is_empty() && !is_reference(&before[colon + 1..]) && !is_reference(word);
            (is_open && !is_port).then_some(colon + 1..before.len())
        }
        (None, None) => {
            let long = before.len() >= USER && before.bytes().any(|byte| byte.is_ascii_digit());
            (is_key(before) || long && !before.contains('$')).then_some(0..before.len())
        }
        (None, Some(_)) => None,
    }
}

/// The first of `symbols` in `text` that is in no reference.
fn outside(text: &str, symbols: &[char]) -> Option<usize> {
    let mut depth = 0usize;
    for (at, symbol) in text.char_indices() {
        match symbol {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && symbols.contains(&symbol) => return Some(at),
            _ => {}
        }
    }
    None
}

/// Values of settings that are secrets.
fn settings(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('=') {
        let before = &text[..at];
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ' ';
        let start =
            before.char_indices().rfind(|(_, c)| !is_part(*c)).map_or(0, |(edge, c)| edge + c.len_utf8());
        let separated = start == 0 || before[..start].ends_with([';', '&', '?', '"', '\'', ',', '{']);
        // `Shared Access Key` may be written apart, and `host=db password=…` has blanks between.
        let key = &before[start..];
        let last = key.trim_end().rsplit(' ').next().unwrap_or(key);
        let joined = key.replace(' ', "").to_ascii_lowercase();
        let is_setting = |key: &str| SETTINGS.contains(&key);
        let is_secret =
            is_setting(&joined) && separated || key.contains(' ') && is_setting(&last.to_ascii_lowercase());
        if !is_secret {
            continue;
        }
        let blanks = if is_setting(&joined) && key.ends_with(' ') { 1 } else { 0 };
        let from = at + 1 + text[at + 1..].bytes().take(blanks).filter(|byte| *byte == b' ').count();
        let rest = &text[from..];
        let end = rest.find(|c: char| c.is_whitespace() || ";&\"'".contains(c)).unwrap_or(rest.len());
        let value = &rest[..end];
        if !is_place(value) && !is_harmless(last, value) {
            found.push(from..from + end);
        }
    }
    found
}

/// Whether a value is a place for one, as `%s` and `<password>` are, a path, which is what `pwd` has
/// elsewhere, or what a command says.
fn is_place(value: &str) -> bool {
    value.starts_with(['/', '%', '<', '{', '`']) || value.starts_with("$(") || is_dummy(value)
}

/// Values of the fields of a document, as in `{"password": "…"}`.
fn fields(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for quote in ['"', '\''] {
        for (at, _) in text.match_indices(quote) {
            // A document inside of a text has its quotes escaped.
            let Some(rest) = text[at + 1..].strip_prefix(':') else { continue };
            let before = text[..at].trim_end_matches('\\');
            let key = before.rsplit(quote).next().unwrap_or_default();
            let key = key.trim_matches('\\').replace('-', "_").to_ascii_lowercase();
            let value = rest.trim_start().trim_start_matches('\\');
            let (Some(value), true) = (value.strip_prefix(quote), SETTINGS.contains(&key.as_str())) else {
                continue;
            };
            let end = value.find([quote, '\\']).unwrap_or(value.len());
            if !is_place(&value[..end]) && !is_harmless(&key, &value[..end]) {
                let start = text.len() - value.len();
                found.push(start..start + end);
            }
        }
    }
    found
}

/// What follows `Authorization: Bearer`.
fn bearers(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for kind in ["Bearer ", "Authorization: Basic ", "Authorization: Token "] {
        for (at, mark) in text.match_indices(kind) {
            let start = at + mark.len();
            let rest = &text[start..];
            let end = rest.find(|c: char| c.is_whitespace() || "\"'\\".contains(c)).unwrap_or(rest.len());
            if end >= KEY && !rest.starts_with(['$', '{', '<', '%', '`']) {
                found.push(start..start + end);
            }
        }
    }
    found
}
