//! Texts that are made up: what is left of a script without some of its parts is a script of the
//! others. Three thousand of this kind were looked at by `bash -n` too.

use proptest::prelude::*;

use super::*;

/// Commands with what makes them hard to read.
const COMMANDS: &[&str] = &[
    "a",
    "echo 'x; y'",
    "X=$(a; b) c",
    "cd web",
    "cd ..",
    "export A=\"b c\"",
    "set -e",
    "a 2>&1",
    "b | a",
    "[ -f x ]",
    "[[ -n $A && x ]]",
    "echo \"$(a \"b)\" )\"",
    "a <<< 'x y'",
    "true",
    "exit 0",
    "a=(b 'c d')",
    "echo ${A:-'}'}",
    "echo \"${A:-it's}\"",
    "c > x 2> y",
    "a `b; c`",
    "echo done; echo if fi",
    "a {b,c} {}",
    "printf '%s\\n' it\\'s",
    "c <(a; b)",
    "echo $((1 << 2))",
    "case $x in a|b) c ;; (d) e;; *) ;; esac",
    "a # it's; b",
];

fn script() -> impl Strategy<Value = String> {
    let document = Just("cat <<EOF\nit's $x ; { (\nEOF".to_owned());
    let command = prop_oneof![4 => prop::sample::select(COMMANDS).prop_map(str::to_owned), 1 => document];
    let list = joined(command);
    list.prop_recursive(3, 24, 4, |inner| {
        let block = (0..7usize, inner).prop_map(|(kind, inner)| match kind {
            0 => format!("if a\nthen {inner}\nfi > log"),
            1 => format!("for x in a b; do {inner}\ndone"),
            2 => format!("while a; do {inner}\ndone < in"),
            3 => format!("( {inner}\n)"),
            4 => format!("{{ {inner}\n}}"),
            5 => format!("f() {{\n{inner}\n}}"),
            _ => format!("function f {{\n{inner}\n}}"),
        });
        joined(block)
    })
}

/// Several commands; behind a here-document and a comment a line has to end.
fn joined(command: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let joint = prop::sample::select(&[" && ", " || ", "; ", " &&\n", "\n"][..]);
    prop::collection::vec((command, joint), 1..6).prop_map(|commands| {
        let mut text = String::new();
        for (at, (command, joint)) in commands.iter().enumerate() {
            text.push_str(command);
            let ends = command.ends_with("EOF") || command.contains("# ");
            if at + 1 < commands.len() {
                text.push_str(if ends { "\n" } else { joint });
            }
        }
        text
    })
}

fn told(line: &Line, stays: impl Fn(&Part) -> bool) -> Vec<String> {
    line.parts().filter(|part| stays(part)).map(|part| part.command.value.to_string()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_left_is_read_as_what_stays(text in script(), number in 0..5usize) {
        let line = read(&requested(&text));
        let goes = |part: &Part| part.place.0 % 5 == number;
        let fate = |part: &Part| if goes(part) { Fate::Goes } else { Fate::Stays };
        match line.kept(fate) {
            None => prop_assert_eq!(told(&line, |part| !goes(part)), Vec::<String>::new()),
            Some(kept) => {
                let again = told(&read(&kept), |_| true);
                let questions: Vec<String> = told(&line, |part| !goes(part) && part.kind == Kind::Asks);
                let wanted: Vec<String> = told(&line, |part| !goes(part));
                // A question behind which nothing stays may go too.
                let mut left = again.iter().peekable();
                for part in &wanted {
                    if left.next_if(|next| *next == part).is_none() {
                        prop_assert!(questions.contains(part), "{} is lost: {:?}", part, kept.value);
                    }
                }
                prop_assert_eq!(left.next(), None);
            }
        }
    }

    #[test]
    fn any_text_is_read(text in "([a-z'\"`$(){}<>|&;\\\\# \n=!-]|EOF|é|if |fi|case |esac|in |done|do |\\[\\[ | \\]\\]|<<){0,60}") {
        let line = read(&requested(&text));
        let parts: Vec<&Part> = line.parts().collect();
        // Every part is a place of the text, behind the one before.
        prop_assert!(parts.windows(2).all(|pair| pair[0].place.1 <= pair[1].place.0));
        let kept = line.kept(|_| Fate::Stays).map(|kept| kept.value);
        prop_assert!(parts.is_empty() || kept == Some(Command::Shell(text.clone())));
        line.kept(|part| if part.place.0 % 2 == 0 { Fate::Goes } else { Fate::Serves });
        line.taken(|part| part.place.0 % 3 == 0, |_| false);
    }
}
