//! First lines and words of scripts.

use super::{interpreter, words};

#[test]
fn first_lines() {
    let cases = [
        ("#!/bin/sh\n", "sh"),
        ("#!/bin/bash -eu\n", "bash -eu"),
        ("#! /usr/bin/env zsh\n", "zsh"),
        ("#!/usr/bin/env -S bash -e\n", "bash -e"),
        ("#!/usr/bin/env -S A=1 bash\n", "bash"),
        ("echo\n", "none"),
        ("", "none"),
        ("#!\n", "none"),
        ("#!/usr/bin/env\n", "none"),
        ("#!/bin/bash\r\n", "bash"),
    ];
    for (text, expected) in cases {
        let found = interpreter(text)
            .map_or("none".to_owned(), |found| [vec![found.name], found.arguments].concat().join(" "));
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn comments_are_no_words() {
    let text = "# curl\nexec curl -s \"$URL\" | jq . # wget\n";
    let found: Vec<_> = words(text).collect();
    assert_eq!(found, [(2, "exec"), (2, "curl"), (2, "-s"), (2, "URL"), (2, "jq"), (2, ".")]);
}
