//! TOML.

use packwright_documents::toml;

use super::shown::told;

#[test]
fn everything_has_its_line() {
    let text = "# a\nx = 1_000\n\n[a.b] # b\ny = [\n  true,\n  { z = 'q' },\n]\n\n[[l.m]]\nn = 1\n[[l.m]]\n[l.m.o]\np = 2\n";
    let wanted = "{x@2=1_000@2, \
        a@4={b@4={y@5=[true@6, {z@7=\"q\"@7}@7]@5}@4}@4, \
        l@10={m@10=[{n@11=1@11}@10, {o@13={p@14=2@14}@13}@12]@10}@10}@1";
    assert_eq!(told(toml(text)), wanted);
    assert_eq!(told(toml(&text.replace('\n', "\r\n"))), wanted);
    assert_eq!(told(toml(&format!("\u{feff}{text}"))), wanted);
    assert_eq!(told(toml("")), "{}@1");
}

#[test]
fn dotted_keys_are_maps_in_maps_in_the_order_of_the_text() {
    assert_eq!(
        told(toml("b.c = 1\na = 2\nb.\"d.e\" = 3\n[f]\ng.h = 4\ng.i = 5\n")),
        "{b@1={c@1=1@1, d.e@3=3@3}@1, a@2=2@2, f@4={g@5={h@5=4@5, i@6=5@6}@5}@4}@1"
    );
    assert_eq!(told(toml("[z]\n[y]\n[x]\n")), "{z@1={}@1, y@2={}@2, x@3={}@3}@1");
    assert_eq!(
        told(toml("[a.b]\nx = 1\n[c]\n[a]\ny = 2\n")),
        "{c@3={}@3, a@4={b@1={x@2=1@2}@1, y@5=2@5}@4}@1"
    );
}

#[test]
fn scalars_keep_their_spelling_and_dates_are_texts() {
    assert_eq!(
        told(toml("a = 1979-05-27T07:32:00Z\nb = 1979-05-27\nc = 07:32:00\nd = 0xFF\ne = -inf\nf = 1e5\n")),
        "{a@1=\"1979-05-27T07:32:00Z\"@1, b@2=\"1979-05-27\"@2, c@3=\"07:32:00\"@3, d@4=0xFF@4, \
         e@5=-inf@5, f@6=1e5@6}@1"
    );
    assert_eq!(
        told(toml("a = \"\"\"\n b\\\n  c\"\"\"\nd = '''\n\\x\r\ny'''\ne = \"\\u00e4\"\n")),
        "{a@1=\" bc\"@1, d@4=\"\\\\x\\ny\"@4, e@7=\"ä\"@7}@1"
    );
}

#[test]
fn a_key_that_is_there_twice_is_broken() {
    for (text, wanted) in [
        ("a = 1\nb = 2\na = 3\n", "line 3, column 1: the key `a` is in line 1 already"),
        ("[a]\n\n[b]\n[a]\n", "line 4, column 2: the key `a` is in line 1 already"),
        ("[a]\nb.c = 1\n[a.b]\n", "line 3, column 4: the key `b` is in line 2 already"),
        ("[[a]]\nx = 1\n[[a]]\nx = 1\ny = 2\nx = 3\n", "line 6, column 1: the key `x` is in line 4 already"),
        ("a = []\n[[a]]\n", "line 2, column 3: the key `a` is in line 1 already"),
        ("\n\"a\" = 1\na = 2\n", "line 3, column 1: the key `a` is in line 2 already"),
        ("x = { a = 1, a = 2 }\n", "line 1, column 14: the key `a` is there already"),
        ("a = 1\na.b = 2\n", "line 2, column 1: cannot extend value of type integer with a dotted key"),
    ] {
        assert_eq!(told(toml(text)), wanted, "{text:?}");
    }
}

#[test]
fn broken_texts_have_a_place() {
    for (text, wanted) in [
        ("a = \"x\n", "line 1, column 7: invalid basic string, expected `\"`"),
        ("a = 1\nä = 2\n", "line 2, column 1: invalid unquoted key, expected letters, numbers, `-`, `_`"),
        ("a = 1 b = 2\n", "line 1, column 9: unexpected key or value, expected newline, `#`"),
        ("\n[a\n", "line 2, column 3: unclosed table, expected `]`"),
    ] {
        assert_eq!(told(toml(text)), wanted, "{text:?}");
    }
}
