//! Lines of platform files: what is taken apart, and what is not.

use super::*;

fn split_text(text: &str) -> Vec<(String, String)> {
    let origin = Origin::line(&"render.yaml".parse().unwrap(), 10);
    let parts = split(&Requested { value: Command::shell(text), origin });
    parts.iter().map(|part| (part.value.to_string(), part.origin.to_string())).collect()
}

fn texts(text: &str) -> Vec<String> {
    split_text(text).into_iter().map(|(text, _)| text).collect()
}

#[test]
fn a_chain_is_taken_apart() {
    assert_eq!(
        texts("pip install -r requirements.txt && python manage.py collectstatic --no-input"),
        ["pip install -r requirements.txt", "python manage.py collectstatic --no-input"]
    );
    assert_eq!(texts("a 'x && y' ; b \"c; d\""), ["a 'x && y'", "b \"c; d\""]);
    assert_eq!(texts("a 2>&1 && b | c"), ["a 2>&1", "b | c"]);
}

#[test]
fn a_script_keeps_its_lines() {
    let found = split_text("set -e\n# packages\nnpm ci\n\nnpm run \\\n  build\n");
    let expected = [("set -e", "render.yaml:10"), ("npm ci", "render.yaml:12"), ("npm run    build", "render.yaml:14")];
    let expected: Vec<(String, String)> =
        expected.iter().map(|(text, origin)| ((*text).to_owned(), (*origin).to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_more_than_a_chain_stays_whole() {
    for text in [
        "npm ci || npm install",
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
}

#[test]
fn what_follows_a_change_of_directory_stays_together() {
    assert_eq!(texts("npm ci && cd web && npm ci && npm run build"), ["npm ci", "cd web && npm ci && npm run build"]);
}

#[test]
fn variables_before_a_command_are_no_words_of_it() {
    assert_eq!(words(&Command::shell("CI=1 NODE_ENV=x npm ci")), ["npm", "ci"]);
    assert!(only_prepares(&Command::shell("export A=b")));
}
