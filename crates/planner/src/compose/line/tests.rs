//! Lines of platform files: what is taken apart, what is not, and what is left without a part.

mod any;

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
    for (text, parts) in [
        (
            "pip install -r requirements.txt && python manage.py collectstatic --no-input",
            &["pip install -r requirements.txt", "python manage.py collectstatic --no-input"][..],
        ),
        ("a 'x && y' ; b \"c; d\"", &["a 'x && y'", "b \"c; d\""]),
        ("a 2>&1 && b | c", &["a 2>&1", "b | c"]),
        ("a &&\n b", &["a", "b"]),
        ("a |\n b; c", &["a |  b", "c"]),
        ("bash -c \"a && b\"", &["a", "b"]),
        ("npm ci && cd web && npm run build", &["npm ci", "cd web", "npm run build"]),
        ("X=$(a && b; c) d; e", &["X=$(a && b; c) d", "e"]),
        ("cd \"$(dirname \"$0\" && pwd)\"; a", &["cd \"$(dirname \"$0\" && pwd)\"", "a"]),
        ("echo `a; b`; c", &["echo `a; b`", "c"]),
        ("[[ -f a && -n $B ]] && c", &["[[ -f a && -n $B ]]", "c"]),
        ("a=(x y); b=$((1 + 2)); c <(d; e)", &["a=(x y)", "b=$((1 + 2))", "c <(d; e)"]),
        ("a &> log; b >&2; c", &["a &> log", "b >&2", "c"]),
        ("echo ${A:-'}; x'}; b", &["echo ${A:-'}; x'}", "b"]),
        ("echo \"${A:-it's}\"; b", &["echo \"${A:-it's}\"", "b"]),
        ("echo $'it\\'s; a'; b", &["echo $'it\\'s; a'", "b"]),
        ("a # not; b\nc#d; e", &["a", "c#d", "e"]),
    ] {
        assert_eq!(texts(text), parts, "{text}");
    }
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
        "echo 'open",
        "echo $(open; npm ci",
        "case $a in\n  b|c) npm ci ;;\n  *) exit 1;;\nesac",
        "build() {\n  npm ci; echo \"}\"\n}",
        "function build {\n npm ci\n}",
        "build()\n{ npm ci; }",
        "while read a; do npm ci; done < list",
        "a | while read b; do npm ci; done",
        "! npm ci",
        "exec a; b",
        "cat <<'A' > x && npm ci\nit's\nA",
        "if a; then\n cat <<-EOF\n\tfi; b\n\tEOF\nfi",
        "if a; then b",
        "a; }",
    ] {
        let found = texts(text);
        let expected =
            if text == "a; }" { vec!["a".to_owned(), "}".to_owned()] } else { vec![text.to_owned()] };
        assert_eq!(found, expected, "{text}");
        assert!(
            read(&requested(text)).parts().last().unwrap().commands.is_empty() || text.contains(" || npm")
        );
    }
}

#[test]
fn a_block_ends_where_it_ends() {
    for (text, parts) in [
        ("a\nif x; then\n  drop # it\nfi\nc", &["a", "if x; then\n  drop # it\nfi", "c"][..]),
        ("cat > x <<EOF\n$a; b\nEOF\nc && d", &["cat > x <<EOF\n$a; b\nEOF", "c", "d"]),
        ("(cd web && a) && b", &["(cd web && a)", "b"]),
        ("{ a; b; } > log; c", &["{ a; b; } > log", "c"]),
        ("f() { a; }\nf; b", &["f() { a; }", "f", "b"]),
        ("for x in if done; do a; done; b", &["for x in if done; do a; done", "b"]),
        ("echo if; echo { }; b", &["echo if", "echo { }", "b"]),
        ("case a in (b) if c; then d; fi;; esac; e", &["case a in (b) if c; then d; fi;; esac", "e"]),
        ("time a; b", &["time a", "b"]),
    ] {
        assert_eq!(texts(text), parts, "{text}");
    }
    let lines = split_text("cat <<EOF\n1\n2\nEOF\nif a; then\n b\nfi\nc");
    assert_eq!(lines[2], ("c".to_owned(), "render.yaml:17".to_owned()));
}

#[test]
fn hostile_texts_are_read_in_the_time_of_their_lines() {
    let deep = "$(".repeat(100_000);
    assert_eq!(texts(&deep).len(), 1);
    let open = "( ".repeat(100_000);
    assert_eq!(texts(&open).len(), 1);
    let lines = "a 'b' \"$c\" $(d) && e\n".repeat(10_000);
    assert_eq!(texts(&lines).len(), 20_000);
    for text in ["é(", "'é", "\\é", "$", "a\\", "<<", "<<é", ";;", ")", "&", "\u{a0}a", "\"\\", "${", "[["]
    {
        assert!(texts(text).len() <= 1, "{text}");
    }
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
        ("if x; then y; fi; drop; a", "if x; then y; fi; a"),
        ("cat > f <<EOF\nx\nEOF\ndrop\na", "cat > f <<EOF\nx\nEOF\na"),
        ("cat > f <<EOF\nx\nEOF\ndrop; a", "cat > f <<EOF\nx\nEOF\na"),
        ("drop; a; echo x | tee log", "a; echo x | tee log"),
        ("drop || exit 1; a", "a"),
        ("drop || { echo no; exit 1; }; a", "a"),
        ("drop\na\nexit 0", "a"),
        (
            "VERSION=$(git describe --tags || echo dev) && drop && a",
            "VERSION=$(git describe --tags || echo dev) && a",
        ),
        ("sh -c 'drop && a'", "a"),
        ("sh -ec 'a; drop'", "sh -ec a"),
        ("bash -c 'drop && [[ -f a ]] && b'", "bash -c '[[ -f a ]] && b'"),
        ("bash -euc 'drop; [[ $A ]] && b'", "bash -euc '[[ $A ]] && b'"),
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
        ("set -o allexport; . ./.env; drop", "set -o allexport && . ./.env && drop"),
        ("set -euo pipefail\ntrap 'echo no' ERR\na\ndrop", "drop"),
        ("bash -c 'set -euo pipefail; a; drop'", "drop"),
        ("bash -c 'a; [[ $B ]] && drop'", "bash -c 'if [[ $B ]]; then drop; fi'"),
        ("python -m venv .venv && gone && drop", "drop"),
        ("a && b && drop || true", "drop || true"),
        ("[ -n \"$A\" ] && drop; b", "if [ -n \"$A\" ]; then drop; fi"),
        ("cd api && a && drop", "cd api && drop"),
    ] {
        let is = |part: &Part, name: &str| part.commands.iter().any(|words| words[0] == name);
        let found = read(&requested(text)).taken(|part| is(part, "drop"), |part| is(part, "gone")).unwrap();
        assert_eq!(found.value.to_string(), taken, "{text}");
    }
    let text = "source venv/bin/activate && drop";
    let words = |part: &Part, name: &str| part.commands.iter().any(|words| words[0] == name);
    let found =
        read(&requested(text)).taken(|part| words(part, "drop"), |part| words(part, "source")).unwrap();
    assert_eq!(found.value.to_string(), "drop", "what the steps do is no preparation");
}

#[test]
fn a_line_knows_when_it_is_back() {
    for (text, elsewhere) in [
        ("cd web && x", true),
        ("cd web && cd .. && x", false),
        ("cd web/a && cd ../.. && x", false),
        ("cd web\ncd -\nx", false),
        ("pushd web; popd; x", false),
        ("pushd web; x", true),
        ("cd web || exit 1; x", true),
        ("cd . && cd \"$PWD\" && cd ./ && x", false),
        ("cd ../other && x", true),
        ("cd $DIR && x", true),
        ("cd /app && x", true),
        ("(cd web; y); x", false),
        ("[ -d web ] && cd web || cd site; x", true),
    ] {
        let line = read(&requested(text));
        let last = line.parts().last().unwrap();
        assert_eq!(last.elsewhere, elsewhere, "{text}");
    }
}

#[test]
fn variables_before_a_command_are_no_words_of_it() {
    for (text, words) in [
        ("CI=1 NODE_ENV=x npm ci", vec![vec!["npm", "ci"]]),
        ("echo \"a b\"|c", vec![vec!["echo", "a b"], vec!["c"]]),
        ("A=$(b c) d \"e $(f \"g h\")\"", vec![vec!["d", "e $(f \"g h\")"]]),
        ("pip install -r x >/dev/null 2>&1", vec![vec!["pip", "install", "-r", "x"]]),
        ("A=1", vec![]),
    ] {
        assert_eq!(words::of(words::commands(text)), words, "{text}");
    }
}

#[test]
fn only_what_writes_or_runs_is_work() {
    for (text, kind) in [
        ("echo 'a -> b `c` $(d)'", Kind::Idle),
        ("echo a > b", Kind::Works),
        ("echo \"$(b)\" `c`", Kind::Works),
        ("> a", Kind::Works),
        ("A=$(b)", Kind::Prepares),
        ("echo a | b", Kind::Works),
    ] {
        assert_eq!(words::kind(&words::commands(text)), kind, "{text}");
    }
}

#[test]
fn bash_is_needed_for_what_it_alone_reads() {
    for text in [
        "[[ $A ]]",
        "source a",
        "set -euo pipefail",
        "a <(b)",
        "A=(b)",
        "a <<<b",
        "a &> b",
        "echo $'a'",
        "trap a ERR",
        "echo -e a",
        "for i in {1..3}; do a; done",
        "echo ${A^^} ${B//c/d}",
        "if test a == b; then c; fi",
        "echo \"$(declare -p)\"",
        "function f { a; }",
        "(( A ))",
        "read -p a b",
    ] {
        assert!(needs_bash(text), "{text}");
    }
    for text in [
        "echo 'source a, [[ b ]] and $((c'",
        "a # [[ b ]]",
        "cat <<'E'\n[[ a ]]\nsource b\nE",
        "git commit -m 'x == y'",
        "echo ${A%,,} ${#B} ${C:-d}",
        "a --on-error=' ERR '",
        "set -e; . ./a",
        "find . -exec a {} ;",
    ] {
        assert!(!needs_bash(text), "{text}");
    }
}
