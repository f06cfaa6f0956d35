//! YAML.

use packwright_documents::yaml;

use super::shown::shown;

/// All documents, or what is broken.
fn told(text: &str) -> String {
    match yaml(text) {
        Ok(documents) => documents.iter().map(shown).collect::<Vec<_>>().join(" --- "),
        Err(broken) => broken.to_string(),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, wanted) in cases {
        assert_eq!(told(text), *wanted, "{text:?}");
    }
}

#[test]
fn everything_has_its_line() {
    let text = "# a\na: 1\nb:\n  - x\n  -\n  - c: 'd\n\n      e'\n    f:\n  - - g\nh: [\n  i, {j: k},\n]\nl: &m\n  n: o\np: *m\nq: !r\n  s\n";
    let wanted = "{a@2=1@2, b@3=[\"x\"@4, null@5, {c@6=\"d\\ne\"@6, f@9=null@9}@6, [\"g\"@10]@10]@4, \
        h@11=[\"i\"@12, {j@12=\"k\"@12}@12]@11, l@14={n@15=\"o\"@15}@15, p@16={n@15=\"o\"@15}@16, \
        q@17=\"s\"@18}@2";
    assert_eq!(told(text), wanted);
    assert_eq!(told(&text.replace('\n', "\r\n")), wanted);
    assert_eq!(told(&text.replace('\n', "\r")), wanted);
    assert_eq!(told(&format!("\u{feff}{text}")), wanted);
}

#[test]
fn block_scalars_start_at_their_sign() {
    check(&[
        ("a: |\n  x\n   y\n\nb: >-\n\n\n  q\n  r\n", "{a@1=\"x\\n y\\n\"@1, b@5=\"\\n\\nq r\"@5}@1"),
        ("a: |+ # c\n  k\n\nb:\n  |2-\n   x\n", "{a@1=\"k\\n\\n\"@1, b@4=\" x\"@5}@1"),
        ("- |\n- >\n- |+\n\n- x\n- |", "[\"\"@1, \"\"@2, \"\\n\"@3, \"x\"@5, \"\"@6]@1"),
        ("a: |\n# c\nb: 1\n", "{a@1=\"\"@1, b@3=1@3}@1"),
        ("--- |\n x\n--- >\n y\n", "\"x\\n\"@1 --- \"y\\n\"@3"),
    ]);
}

#[test]
fn a_stream_has_any_number_of_documents() {
    check(&[
        ("", ""),
        ("\n# a\n", ""),
        ("---\n", "null@1"),
        ("a: 1\n---\n# b\n---\nb: 2\n...\n", "{a@1=1@1}@1 --- null@2 --- {b@5=2@5}@5"),
        ("%YAML 1.1\n---\nx\n", "\"x\"@3"),
    ]);
}

#[test]
fn plain_scalars_are_those_of_the_core_schema() {
    check(&[
        ("[on, off, yes, No, y]", "[\"on\"@1, \"off\"@1, \"yes\"@1, \"No\"@1, \"y\"@1]@1"),
        ("[true, FALSE, ~, Null, nULL]", "[true@1, false@1, null@1, null@1, \"nULL\"@1]@1"),
        (
            "[1.10, 0777, 0x1F, 0o7, 1e5, -.5, .inf, .nan]",
            "[1.10@1, 0777@1, 0x1F@1, 0o7@1, 1e5@1, -.5@1, .inf@1, .nan@1]@1",
        ),
        (
            "[1_000, 22:22, 2020-01-01, inf, 0x, 1.2.3]",
            "[\"1_000\"@1, \"22:22\"@1, \"2020-01-01\"@1, \"inf\"@1, \"0x\"@1, \"1.2.3\"@1]@1",
        ),
        ("on: 1\n8080: 2\n~: 3\nTrue: 4\n", "{on@1=1@1, 8080@2=2@2, ~@3=3@3, True@4=4@4}@1"),
        ("{{ x }}: 1\n", "line 1, column 2: a key is a list or a map and not a text"),
    ]);
}

#[test]
fn tags_are_kept_out() {
    check(&[
        (
            "a: !Ref b\nc: !GetAtt\n  - d\ne: !Sub |\n  f\n",
            "{a@1=\"b\"@1, c@2=[\"d\"@3]@3, e@4=\"f\\n\"@4}@1",
        ),
        (
            "a: !reset null\nb: !reset\nc: !Sub 12\nd: ! 12\n",
            "{a@1=\"null\"@1, b@2=null@2, c@3=\"12\"@3, d@4=\"12\"@4}@1",
        ),
        (
            "a: !!str 12\nb: !!int '3'\nc: !!binary aGk=\nd: !!str\n",
            "{a@1=\"12\"@1, b@2=3@2, c@3=\"aGk=\"@3, d@4=\"\"@4}@1",
        ),
        ("a: !b!c d\n", "line 1, column 4: the handle wasn't declared"),
    ]);
}

#[test]
fn merge_keys_take_in_entries_where_they_stand() {
    check(&[
        (
            "base: &b\n  a: 1\n  z: 2\nx:\n  q: 0\n  <<: *b\n  a: 3\n",
            "{base@1={a@2=1@2, z@3=2@3}@2, x@4={q@5=0@5, z@3=2@3, a@7=3@7}@5}@1",
        ),
        (
            "l: &l {a: 1}\nm: &m {a: 2, b: 3, c: 4}\nx: {<<: [*l, *m], b: 4}\n",
            "{l@1={a@1=1@1}@1, m@2={a@2=2@2, b@2=3@2, c@2=4@2}@2, x@3={a@1=1@1, c@2=4@2, b@3=4@3}@3}@1",
        ),
        (
            "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n",
            "{a@1={x@1=1@1}@1, b@2={x@1=1@1, y@2=2@2}@2, c@3={x@1=1@1, y@2=2@2}@3}@1",
        ),
        ("'<<': 1\n", "{<<@1=1@1}@1"),
        ("x:\n  <<: 1\n", "line 2, column 7: `<<` takes in a map or a list of maps"),
        ("x:\n  <<: [{a: 1}, 2]\n", "line 2, column 7: `<<` takes in a map or a list of maps"),
        ("<<: {a: 1}\nb: 1\n<<: {a: 2}\n", "line 3, column 1: the key `<<` is in line 1 already"),
    ]);
}

#[test]
fn a_key_that_is_there_twice_is_broken() {
    check(&[
        ("a: 1\nb:\n  a: 2\na: 3\n", "line 4, column 1: the key `a` is in line 1 already"),
        ("x: {b: 1, 'b': 2}\n", "line 1, column 11: the key `b` is in line 1 already"),
        ("1: a\n\"1\": b\n", "line 2, column 1: the key `1` is in line 1 already"),
    ]);
}

#[test]
fn a_list_may_end_in_the_column_of_its_key() {
    check(&[("a:\n  t: [\n    \"x\",\n    \"y\"\n  ]\n", "{a@1={t@2=[\"x\"@3, \"y\"@4]@2}@2}@1")]);
}

#[test]
fn broken_texts_have_a_place() {
    check(&[
        ("a: 1\nb: [\n", "line 2, column 4: unclosed bracket '['"),
        ("a: b: c\n", "line 1, column 5: mapping values are not allowed in this context"),
        ("ä: *b\n", "line 1, column 4: while parsing node, found unknown anchor"),
        ("a: &a [*a]\n", "line 1, column 8: an alias for what it is part of"),
        ("a: \"x\n", "line 2, column 1: invalid indentation in multiline quoted scalar"),
    ]);
}
