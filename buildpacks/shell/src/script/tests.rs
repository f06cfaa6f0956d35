//! Words of scripts.

use super::words;

#[test]
fn comments_are_no_words() {
    let text = "# curl\nexec curl -s \"$URL\" | jq . # wget\n";
    assert_eq!(words(text), [(2, "exec"), (2, "curl"), (2, "-s"), (2, "URL"), (2, "jq"), (2, ".")]);
    assert_eq!(
        words("a 'b # c\nd' \\\n e\n# f\ng"),
        [(1, "a"), (1, "b"), (1, "c"), (2, "d"), (3, "e"), (5, "g")]
    );
}
