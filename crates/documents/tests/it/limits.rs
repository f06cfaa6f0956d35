//! Limits on depth, size and aliases.

use packwright_documents::{Broken, Value, json, json_strict, json5, limits, toml, yaml};

/// The readers, by format.
fn all(text: &str) -> Vec<Result<Value, Broken>> {
    let first = |documents: Vec<Value>| documents.into_iter().next().expect("one document is enough");
    vec![json(text), json_strict(text), json5(text), yaml(text).map(first), toml(text)]
}

#[test]
fn a_hundred_thousand_brackets_are_refused() {
    for open in
        ["[", "{", "{\"a\":", "{a: ", "- ", "? ", "a: [", "a = [", "a = {a = ", "[[", "a.", "&a [", "!a {"]
    {
        let text = open.repeat(100_000);
        let broken = all(&text).iter().filter(|read| read.is_err()).count();
        // For YAML, some are one long text.
        let is_text = open.starts_with("a = ") || open == "a.";
        assert_eq!(broken, if is_text { 4 } else { 5 }, "{open}");
    }
}

#[test]
fn nesting_has_one_limit() {
    const TOO_DEEP: &str = "values lie too deep in each other";
    let list = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    // A list of n brackets holds values n - 1 deep.
    let fits = list(limits::DEPTH + 1);
    let over = list(limits::DEPTH + 2);
    assert!(json(&fits).is_ok());
    assert_eq!(json(&over).unwrap_err().reason, TOO_DEEP);
    assert!(yaml(&fits).is_ok());
    assert_eq!(yaml(&over).unwrap_err().reason, TOO_DEEP);
    assert!(toml(&format!("a = {}", list(limits::DEPTH))).is_ok());
    assert_eq!(toml(&format!("a = {}", list(limits::DEPTH + 1))).unwrap_err().reason, TOO_DEEP);
    let headers: String = (1..50).map(|depth| format!("[[{}]]\n", vec!["a"; depth].join("."))).collect();
    assert_eq!(toml(&headers).unwrap_err().reason, TOO_DEEP);
    let block: String = (0..200).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let broken = yaml(&block).unwrap_err();
    assert_eq!((broken.line as usize, broken.reason.as_str()), (limits::DEPTH + 1, TOO_DEEP));
}

#[test]
fn headers_dotted_keys_and_inline_tables_count_together() {
    let keys = |count: usize| vec!["a"; count].join(".");
    assert!(toml(&format!("{} = 1", keys(limits::DEPTH))).is_ok());
    for text in [
        format!("{} = 1", keys(limits::DEPTH + 1)),
        format!("[{}]", keys(limits::DEPTH + 1)),
        format!("[{}]\n{} = 1", keys(40), keys(25)),
        format!("[{}]\nb = {{ {} = 1 }}", keys(40), keys(24)),
        format!("[{}]\nb = [[{{ {} = 1 }}]]", keys(40), keys(22)),
        format!("{} = {{ {} = {{ {} = 1 }} }}", keys(60), keys(60), keys(60)),
    ] {
        assert_eq!(toml(&text).unwrap_err().reason, "values lie too deep in each other", "{text}");
    }
    let after = format!("{} = 1\n[b]\n{} = 1\n", keys(60), keys(60));
    assert!(toml(&after).is_ok());
}

#[test]
fn a_text_of_fifty_megabytes_is_refused() {
    let long = "x".repeat(50_000_000);
    for text in [format!("\"{long}\""), format!("a: {long}\n"), format!("a = \"{long}\"\n")] {
        for read in all(&text) {
            assert!(read.unwrap_err().reason.starts_with("the text has 500000"));
        }
    }
}

#[test]
fn aliases_stand_for_values_up_to_a_limit() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{inner}]\n");
    }
    assert_eq!(yaml(&bomb).unwrap_err().reason, "aliases stand for too much");
}

#[test]
fn aliases_of_long_texts_weigh_as_much() {
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(1_000));
    assert_eq!(yaml(&text).unwrap_err().reason, "aliases stand for too much");
    let text = format!("? &a {}\n: 1\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(1_000));
    assert_eq!(yaml(&text).unwrap_err().reason, "aliases stand for too much");
}

#[test]
fn merged_maps_weigh_as_much() {
    let map: String = (0..1_000).map(|key| format!("k{key}: 1, ")).collect();
    let text = format!("a: &a {{{map}}}\nb: [{}]\n", "{<<: *a}, ".repeat(1_000));
    assert_eq!(yaml(&text).unwrap_err().reason, "aliases stand for too much");
}

#[test]
fn anchors_in_anchors_hold_values_up_to_a_limit() {
    let (open, close): (String, String) =
        ((0..60).map(|depth| format!("&a{depth} [")).collect(), "]".repeat(60));
    let text = format!("{open}{}{close}", "x, ".repeat(100_000));
    assert_eq!(yaml(&text).unwrap_err().reason, "anchors stand for too much");
}
