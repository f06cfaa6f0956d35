//! What is read, what is not, and that any text is.

use proptest::prelude::*;

use super::*;

fn commands(text: &str, dialect: Dialect) -> Vec<String> {
    let script = parse(text, dialect);
    assert_eq!(script.rest, None, "{text}");
    script.commands().into_iter().map(|simple| simple.text.clone()).collect()
}

fn word(text: &str) -> Word {
    let script = parse(text, Dialect::Bash);
    script.commands()[0].words[0].clone()
}

#[test]
fn tokens_have_kinds_and_places() {
    let text = "é=1 a \\\n 2>&1 # c\ncat <<-'E F';b&&(c)\n\tx\n\tE F\nd<(e)";
    let found: Vec<String> =
        tokens(text).iter().map(|token| format!("{:?} {:?}", token.kind, token.text(text))).collect();
    let expected = [
        "Word \"é=1\"",
        "Blank \" \"",
        "Word \"a\"",
        "Blank \" \"",
        "Continuation \"\\\\\\n\"",
        "Blank \" \"",
        "Descriptor \"2\"",
        "Redirection(\">&\") \">&\"",
        "Word \"1\"",
        "Blank \" \"",
        "Comment \"# c\"",
        "Newline \"\\n\"",
        "Word \"cat\"",
        "Blank \" \"",
        "Redirection(\"<<-\") \"<<-\"",
        "Word \"'E F'\"",
        "Operator(\";\") \";\"",
        "Word \"b\"",
        "Operator(\"&&\") \"&&\"",
        "Operator(\"(\") \"(\"",
        "Word \"c\"",
        "Operator(\")\") \")\"",
        "Newline \"\\n\"",
        "Document \"\\tx\\n\\tE F\"",
        "Newline \"\\n\"",
        "Word \"d<(e)\"",
    ];
    assert_eq!(found, expected);
}

#[test]
fn words_at_any_depth() {
    let text = "A=1 b >c $(d ${E:-f}); for x in {1..3}; do y; done; case $g in h) ;; esac\ncat <<I\nj\nI";
    let script = parse(text, Dialect::Bash);
    let raw: Vec<&str> = script.words().into_iter().map(|word| word.raw.as_str()).collect();
    let expected = ["1", "b", "$(d ${E:-f})", "d", "${E:-f}", "f", "c", "{1..3}", "y", "$g", "h", "cat", "I"];
    assert_eq!(raw, expected);
}

#[test]
fn a_substitution_ends_where_its_commands_end() {
    for text in [
        "$(case x in a) b;; (c) d;; esac)",
        "$(a # )\n)",
        "$(cat <<E\n)\nE\n)",
        "$(echo ')' \")\" $(a))",
        "$((1 << 2))",
        "$((a); (b))",
        "$(echo case)",
        "`a \\` ) \" `",
        "\"$(a \"b)\" )\"",
        "${a:-'}'}",
        "\"${a:-it's}\"",
        "$'it\\'s'",
        "a=(b 'c)' # d)\n)",
    ] {
        let kinds: Vec<TokenKind> = tokens(text).iter().map(|token| token.kind).collect();
        assert_eq!(kinds, [TokenKind::Word], "{text}");
    }
}

#[test]
fn every_command_is_found_in_both_dialects() {
    for (script, expected) in [
        ("a; b & c\nd", vec!["a", "b", "c", "d"]),
        ("a && b || c | d", vec!["a", "b", "c", "d"]),
        ("if a\nthen b; elif ! c; then d; else e; fi >/dev/null", vec!["a", "b", "c", "d", "e"]),
        ("case $1 in (a|b) c;; d) e\nesac", vec!["c", "e"]),
        ("case \"$1\" in\n a)\n  b\n  ;;\n *) ;;\nesac\nf", vec!["b", "f"]),
        ("for x in done fi; do a; done; for y\ndo b; done", vec!["a", "b"]),
        ("while a; do b; done; until c; do d; done", vec!["a", "b", "c", "d"]),
        ("f() { a; }\ng()\n(\nb\n)\nf x", vec!["a", "b", "f x"]),
        ("function f () { a; }; b", vec!["a", "b"]),
        ("a \\\n  b # c\n# d\ne#f", vec!["a b", "e#f"]),
        ("echo 'a;b' \"c;d\" e\\;f", vec!["echo 'a;b' \"c;d\" e\\;f"]),
        ("{ a; }; ( b )", vec!["a", "b"]),
        ("x=1 a 2>&1 >/dev/null", vec!["x=1 a 2>&1 >/dev/null"]),
        ("cat <<EOF | b\nc; d $x\n EOF\nEOF\ne", vec!["cat <<EOF", "b", "e"]),
        ("cat <<-'EOF'; b\n\t$(c)\n\tEOF\nd", vec!["cat <<-'EOF'", "b", "d"]),
        ("if a <<A <<B; then\nb\nA\nc\nB\nd; fi", vec!["a <<A <<B", "d"]),
        ("echo fi then", vec!["echo fi then"]),
        (
            "a \"$(b `c`)\" ${d:-$(e)} > $(f)",
            vec!["a \"$(b `c`)\" ${d:-$(e)} > $(f)", "b `c`", "c", "e", "f"],
        ),
    ] {
        assert_eq!(commands(script, Dialect::Portable), expected, "{script}");
        assert_eq!(commands(script, Dialect::Bash), expected, "{script}");
    }
}

#[test]
fn what_shells_read_differently_is_for_bash_alone() {
    for script in [
        "cat <<EOF\n$(rm -r /)\nEOF\n",
        "cat <<EOF\n`rm -r /`\nEOF\n",
        "cat <<$x\n$x\n",
        "cat <<EOF '\n'\nEOF\n'\n'\nEOF",
        "a <<<b",
        "echo $'a\\'; b '",
        "echo $((1 + 1))",
        "((a))",
        "for ((a; b; c)); do d; done",
        "a=(b c)",
        "cat <(a)",
        "echo \"${x:-\"a\"}\"",
        "a >&$x",
        "a |& b",
        "a\r\nb",
        "case x in a) b;& c) d;; esac",
        "[[ a || (b && c) ]]",
    ] {
        assert!(parse(script, Dialect::Portable).rest.is_some() || script.starts_with("[["), "{script}");
        assert_eq!(parse(script, Dialect::Bash).rest, None, "{script}");
    }
}

#[test]
fn what_cannot_be_read_begins_at_a_command() {
    for (text, rest) in [
        ("a && if b; then c", "if b; then c"),
        ("a; }", "}"),
        ("a; b (c)", "b (c)"),
        ("a 'b", "a 'b"),
        ("a; $(b", "$(b"),
        ("a; `b", "`b"),
        ("a; cat <<E", "cat <<E"),
        ("a; cat <<E; b\nc", "cat <<E; b\nc"),
        ("a &&", ""),
        ("a )", ")"),
        ("case x in a) b", "case x in a) b"),
        ("a <<", "a <<"),
    ] {
        for dialect in [Dialect::Portable, Dialect::Bash] {
            let found = parse(text, dialect).rest.expect(text);
            assert_eq!(&text[found.start..], rest, "{text}");
        }
    }
}

#[test]
fn words_have_values() {
    for (text, literal, unquoted) in [
        ("a'b c'\"d\\\"e\\f\"g\\ h", Some("ab cd\"e\\fg h"), "ab cd\"e\\fg h"),
        ("\"\"", Some(""), ""),
        ("a\\\nb", Some("ab"), "ab"),
        ("\"a $b\"", None, "a $b"),
        ("e\"$(f \"g h\")\"", None, "e$(f \"g h\")"),
        ("'$a'", Some("$a"), "$a"),
        ("a$", Some("a$"), "a$"),
        ("$'a'", None, "$'a'"),
    ] {
        let word = word(text);
        assert_eq!((word.literal().as_deref(), word.unquoted().as_str()), (literal, unquoted), "{text}");
    }
    assert!(word("*.js").has_patterns() && word("~/x").has_patterns() && !word("'*'").has_patterns());
    assert_eq!(word("a+=b").assigned(), Some("a"));
    assert_eq!(word("1a=b").assigned(), None);
}

#[test]
fn lines_of_programs_are_split_at_blanks_alone() {
    let words = |line: &str| split(line).map(|words| words.join("|"));
    assert_eq!(words("a 'b c' \"d\\\"e\\x\" f\\ g ;$h").as_deref(), Some("a|b c|d\"e\\x|f g|;$h"));
    assert_eq!(words("'a"), None);
    assert_eq!(words("a\\"), None);
    for text in ["", "a b", "it's", "$x", "a/b:c"] {
        assert_eq!(split(&quote(text)), Some(vec![text.to_owned()]));
    }
}

#[test]
fn a_first_line_names_an_interpreter() {
    for (script, name, arguments) in [
        ("#!/bin/sh -e\n", "sh", "-e"),
        ("#! /usr/bin/env -S A=1 bash -x", "bash", "-x"),
        ("#!/usr/bin/env python3", "python3", ""),
        ("#!/bin/bash\r\n", "bash", ""),
    ] {
        let found = shebang(script).expect(script);
        assert_eq!((found.name(), found.arguments.join(" ").as_str()), (name, arguments), "{script}");
    }
    for none in ["echo a", "", "#!\n", "#!/usr/bin/env\n"] {
        assert_eq!(shebang(none), None, "{none}");
    }
}

#[test]
fn depth_and_time_have_an_end() {
    for deep in [
        "(",
        "$(",
        "`",
        "if ",
        "${a:-",
        "\"$(",
        "f() ",
        "! ",
        "{ ",
        "$((",
        "((a ",
        "a=(",
        "<(",
        "$(case x in ",
        "[[ ",
    ] {
        let text = deep.repeat(9_999);
        assert!(tokens(&text).len() <= text.len());
        for dialect in [Dialect::Portable, Dialect::Bash] {
            let script = parse(&text, dialect);
            assert!(script.rest.is_some() || deep == "[[ " && dialect == Dialect::Portable, "{deep}");
        }
    }
    let lines = "a 'b' \"$c\" $(d) && e <<E; f\nE\n".repeat(2_000);
    assert_eq!(parse(&lines, Dialect::Portable).list.len(), 6_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_its_tokens(
        text in prop_oneof![
            "([a-z'\"`$(){}<>|&;\\\\# \n=!-]|EOF|é|if |fi|case |esac|in |done|do |\\[\\[ | \\]\\]|<<|\\(\\(|\r|then |2>){0,60}",
            prop::collection::vec(any::<u8>(), 0..80).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        ],
    ) {
        let tokens = tokens(&text);
        let joined: String = tokens.iter().map(|token| token.text(&text)).collect();
        prop_assert_eq!(&joined, &text);
        prop_assert!(tokens.iter().all(|token| token.start < token.end));
        for dialect in [Dialect::Portable, Dialect::Bash] {
            let script = parse(&text, dialect);
            let places: Vec<(usize, usize)> =
                script.list.iter().map(|entry| (entry.pipeline.start, entry.pipeline.end)).collect();
            prop_assert!(places.iter().all(|place| place.0 < place.1));
            prop_assert!(places.windows(2).all(|pair| pair[0].1 <= pair[1].0));
            let end = places.last().map_or(0, |last| last.1);
            prop_assert!(script.rest.is_none_or(|rest| end <= rest.start && rest.start <= text.len()));
        }
        split(&text);
        shebang(&text);
        prop_assert_eq!(split(&quote(&text)), Some(vec![text]));
    }
}
