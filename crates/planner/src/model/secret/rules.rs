//! The rules that recognise a secret by the name of its variable or the form of its value.

/// Texts that make every name a secret's that has them anywhere: `PGPASSWORD`, `secretKey`.
const ANYWHERE: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "PRIVATEKEY",
    "CREDENTIAL",
    "APIKEY",
    "ACCESSKEY",
    "ACCOUNTKEY",
    "AUTHKEY",
    "ENCRYPTIONKEY",
    "MASTERKEY",
    "SIGNINGKEY",
];

/// Words that do so as a whole: `DB_PASS`, `dbPass`.
const WORDS: &[&str] = &["PASS", "PWD", "DSN", "PRIVATE", "SALT", "SALTS", "PAT"];

/// Words that do so as the last of several; elsewhere they do not (`KEY_PREFIX`).
const ENDINGS: &[&str] = &["KEY", "KEYS", "AUTH"];

/// Words before `KEY` that make it a public one.
const PUBLIC_KEYS: &[&str] = &["PUBLIC", "PUBLISHABLE", "CACHE", "SORT", "PRIMARY", "PARTITION"];

/// Last words of names that are about a secret and hold none: how long it lasts, where it is.
const ABOUT: &[&str] = &[
    "MS",
    "SECONDS",
    "MINUTES",
    "HOURS",
    "DAYS",
    "TTL",
    "LENGTH",
    "EXPIRE",
    "EXPIRES",
    "NAME",
    "ALGORITHM",
    "URL",
    "URI",
    "HEADER",
    "BACKEND",
    "CLASS",
    "FILE",
    "PATH",
    "TYPE",
    "ISSUER",
    "AUDIENCE",
    "DOMAIN",
    "HOST",
    "PREFIX",
    "ENDPOINT",
    "VALIDATORS",
    "HASHERS",
];

/// Words at the beginning or the end of a value that say that it is none. A command may set one for
/// itself; a variable that the image would have is no place for it.
const DUMMIES: &[&str] = &["DUMMY", "PLACEHOLDER", "UNUSED", "FAKE"];

/// The longest value that such a word makes none, in bytes.
const DUMMY: usize = 32;

/// Last words after which a number is a secret and no setting.
const NUMBERED: &[&str] =
    &["TOKEN", "APIKEY", "PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PWD", "SECRET", "KEY", "SALT"];

/// Digits from which such a number is taken for one: `USE_SECRET=1` switches something on.
const DIGITS: usize = 4;

/// The names of the shell's own directories.
const DIRECTORIES: &[&str] = &["PWD", "OLDPWD"];

/// What stands in place of a secret that was blotted out.
pub(super) const BLOT: &str = "***";

/// Whether a variable of this name holds a secret, as far as a name can tell.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let about = words.len() > 1 && words.last().is_some_and(|last| ABOUT.contains(&last.as_str()));
    if about || DIRECTORIES.contains(&name) {
        return false;
    }
    // A tokenizer splits texts; it is no token.
    let upper = name.to_ascii_uppercase().replace("TOKENIZ", "");
    if ANYWHERE.iter().any(|text| upper.contains(text))
        || words.iter().any(|word| WORDS.contains(&word.as_str()))
    {
        return true;
    }
    match words.as_slice() {
        [.., before, last] => ENDINGS.contains(&last.as_str()) && !PUBLIC_KEYS.contains(&before.as_str()),
        _ => false,
    }
}

/// Whether a secret's value stands for one that is somewhere else, says that there is none, or is
/// a setting of a secret.
pub(super) fn is_harmless(name: &str, value: &str) -> bool {
    let value = value.trim();
    let switch = ["", "true", "false", "yes", "no", "on", "off", "none", "null", BLOT];
    if switch.contains(&value.to_ascii_lowercase().as_str()) || is_reference(value) || is_file(value) {
        return true;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_numbered = || words(name).last().is_some_and(|last| NUMBERED.contains(&last.as_str()));
    is_number(value) && (digits < DIGITS || !is_numbered())
}

/// Whether a value says that it stands for none: `dummy`, `dummy-key-for-the-build`.
pub(super) fn is_dummy(value: &str) -> bool {
    let words = words(value);
    let says = |word: Option<&String>| word.is_some_and(|word| DUMMIES.contains(&word.as_str()));
    value.len() <= DUMMY && (says(words.first()) || says(words.last()))
}

/// Whether a value is a number, with or without a unit of time: `60`, `-0.5`, `15m`.
fn is_number(value: &str) -> bool {
    let number = value.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = &value[number.len()..];
    let units = ["", "ms", "s", "sec", "m", "min", "h", "d", "days", "w"];
    number.parse::<f64>().is_ok() && units.contains(&unit.to_ascii_lowercase().as_str())
}

/// Whether a value is the path of a file that holds the secret.
fn is_file(value: &str) -> bool {
    let is_path = ["/", "./", "~/"].iter().any(|start| value.starts_with(start));
    let endings = [".json", ".pem", ".key", ".crt", ".p12", ".pfx", ".txt", ".env"];
    is_path
        && (value.starts_with("/run/secrets/") || endings.iter().any(|ending| value.ends_with(ending)))
        && !value.contains(char::is_whitespace)
}

/// Whether a value is nothing but references to variables, or what a command says: `$NAME`,
/// `${NAME}`, `$(NAME)`, `{{ NAME }}`. A default that is a text of its own is none:
/// `${NAME:-text}`.
pub(super) fn is_reference(value: &str) -> bool {
    let mut rest = value;
    loop {
        let Some(after) = after_reference(rest) else { return false };
        if after.is_empty() {
            return true;
        }
        match after.strip_prefix([':', '@', '-', '_', '/', '.']) {
            Some(next) => rest = next,
            None => return false,
        }
    }
}

/// What follows the reference at the start of `text`.
fn after_reference(text: &str) -> Option<&str> {
    if let Some(inner) = text.strip_prefix("{{") {
        return inner.split_once("}}").map(|(_, after)| after);
    }
    if let Some(inner) = text.strip_prefix('`') {
        return inner.split_once('`').map(|(_, after)| after);
    }
    let rest = text.strip_prefix('$')?;
    if rest.starts_with('(') {
        return closing(rest, '(', ')').map(|end| &rest[end..]);
    }
    if rest.starts_with('{') {
        let end = closing(rest, '{', '}')?;
        let inner = &rest[1..end - 1];
        let name = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
        let default = inner[name..].trim_start_matches(':').strip_prefix(['-', '=']);
        let is_bare = default.is_none_or(|text| text.is_empty() || text == BLOT || is_reference(text));
        return is_bare.then(|| &rest[end..]);
    }
    let starts = rest.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    starts.then(|| &rest[name..])
}

/// The offset behind the bracket that closes the one at the start of `text`.
pub(super) fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0usize;
    for (at, symbol) in text.char_indices() {
        if symbol == open {
            depth += 1;
        } else if symbol == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at + symbol.len_utf8());
            }
        }
    }
    None
}

/// The words of a name in upper case: of `DB_PASS`, `db-pass`, `dbPass`, `DBPass`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let letters: Vec<char> = name.chars().collect();
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let hump = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                let after = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
                before.is_ascii_lowercase()
                    || before.is_ascii_digit() && after
                    || before.is_ascii_uppercase() && after
            });
        if hump || !letter.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if letter.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(letter.to_ascii_uppercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
