//! Lines of platform files: what is taken apart, what is not, and what is left without a part.

use super::*;

fn requested(text: &str) -> Requested<Command> {
    let origin = Origin::line(&"render.yaml".parse().unwrap(), 10);
    Requested { value: Command::shell(text), origin }
}

fn split_text(text: &str) -> Vec<(String, String)> {
    let line = read(&requested(text));
    line.parts().map(|part| (part.command.value.to_string(), part.command.origin.to_string())).collect()
}

fn texts(text: &str) -> Vec<String> {
    split_text(text).into_iter().map(|(text, _)| text).collect()
}

/// The line without what `drop` does, as a language gets it that has the rest.
fn without(text: &str) -> String {
    let fate = |part: &Part| match part.kind {
        _ if part.commands.iter().any(|words| words.first().is_some_and(|word| word == "drop")) => Fate::Goes,
        Kind::Works => Fate::Stays,
        _ => Fate::Serves,
    };
    read(&requested(text)).kept(fate).map_or_else(|| "nothing".to_owned(), |kept| kept.value.to_string())
}

#[test]
fn a_chain_is_taken_apart() {
    assert_eq!(
        texts("pip install -r requirements.txt && python manage.py collectstatic --no-input"),
        ["pip install -r requirements.txt", "python manage.py collectstatic --no-input"]
    );
    assert_eq!(texts("a 'x && y' ; b \"c; d\""), ["a 'x && y'", "b \"c; d\""]);
    assert_eq!(texts("a 2>&1 && b | c"), ["a 2>&1", "b | c"]);
    assert_eq!(texts("a &&\n b"), ["a", "b"]);
    assert_eq!(texts("bash -c \"a && b\""), ["a", "b"]);
    assert_eq!(texts("npm ci && cd web && npm run build"), ["npm ci", "cd web", "npm run build"]);
}

#[test]
fn a_script_keeps_its_lines() {
    let found = split_text("set -e\n# packages\nnpm ci\n\nnpm run \\\n  build\n");
    let expected =
        [("set -e", "render.yaml:10"), ("npm ci", "render.yaml:12"), ("npm run    build", "render.yaml:14")];
    let expected: Vec<(String, String)> =
        expected.iter().map(|(text, origin)| ((*text).to_owned(), (*origin).to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_more_than_a_chain_stays_whole() {
    for text in [
        "npm ci || npm install",
        "a && b || c",
        "if [ -f x ]; then npm ci; fi",
        "(cd web && npm ci)",
        "cat <<EOF\nnpm ci\nEOF",
        "npm ci &",
        "for a in b; do npm ci; done",
        "echo `npm ci`; npm ci",
        "echo 'open",
    ] {
        assert_eq!(texts(text), [text], "{text}");
    }
    let tail = "a\nb\nif x; then\n  drop\nfi\nc";
    assert_eq!(texts(tail), ["a", "b", "if x; then\n  drop\nfi\nc"]);
}

#[test]
fn what_is_left_keeps_its_separators_and_conditions() {
    for (text, left) in [
        ("[ -n \"$DEV\" ] && drop; b", "b"),
        ("[ -n \"$DEV\" ] && drop && b", "[ -n \"$DEV\" ] && b"),
        ("set +e; a; drop; b", "set +e; a; b"),
        ("set -e\na\ndrop\nb", "set -e\na\nb"),
        ("drop && a && b || true", "a && b || true"),
        ("a; drop", "a"),
        ("export A=1 && drop", "nothing"),
        ("export A=1 && drop && b", "export A=1 && b"),
        ("drop; if x; then y; fi", "if x; then y; fi"),
        ("sh -c 'drop && a'", "a"),
        ("bash -c 'drop && [[ -f a ]] && b'", "bash -euc '[[ -f a ]] && b'"),
    ] {
        assert_eq!(without(text), left, "{text}");
    }
}

#[test]
fn what_is_given_elsewhere_has_its_preparations() {
    for (text, taken) in [
        ("export A=1 && a && drop", "export A=1 && drop"),
        ("set -o errexit\n. ./.env\na\ndrop\nb\ndrop two\n", ". ./.env && drop && drop two"),
        ("set -a; . ./.env; drop", "set -a && . ./.env && drop"),
        ("a && b && drop || true", "drop || true"),
        ("[ -n \"$A\" ] && drop; b", "if [ -n \"$A\" ]; then drop; fi"),
        ("cd api && a && drop", "cd api && drop"),
    ] {
        let moves = |part: &Part| part.commands.iter().any(|words| words[0] == "drop");
        let found = read(&requested(text)).taken(moves).unwrap();
        assert_eq!(found.value.to_string(), taken, "{text}");
    }
}

#[test]
fn variables_before_a_command_are_no_words_of_it() {
    assert_eq!(split_words("CI=1 NODE_ENV=x npm ci"), ["npm", "ci"]);
    assert_eq!(split_words("echo \"a b\""), ["echo", "a b"]);
}
