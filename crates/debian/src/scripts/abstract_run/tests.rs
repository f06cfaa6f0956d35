//! What `trace` must and must not find.

use super::*;

fn postinst(script: &str) -> Trace {
    trace(script, &[Some("configure"), Some("")]).expect(script)
}

fn ran(script: &str) -> Vec<String> {
    let words = |ran: &PossibleCommand| {
        let words: Vec<&str> = ran.words.iter().map(|word| word.as_deref().unwrap_or("?")).collect();
        words.join(" ")
    };
    postinst(script).commands.iter().map(words).collect()
}

#[test]
fn only_the_first_installation_is_followed() {
    for (script, expected) in [
        ("if [ \"$1\" = upgrade ]; then a; else b; fi", vec!["b"]),
        ("if [ -n \"$2\" ]; then a; fi; if [ -z $2 ]; then b; fi", vec!["b"]),
        ("if [ \"$1\" = configure ] && dpkg --compare-versions \"$2\" lt-nl 1.0; then a; fi", vec![]),
        ("if dpkg --compare-versions \"$2\" lt 1.0; then a; fi", vec!["a"]),
        ("test \"$1\" = configure || exit 0; a", vec!["a"]),
        ("test \"$1\" = remove || exit 0; a", vec![]),
        ("case $1 in upgrade|abort-*) a;; configure) b;; *) c;; esac", vec!["a", "b"]),
        ("case $1 in upgrade) a;; configure) b;; *) c;; esac; d", vec!["b", "d"]),
        ("[ ! \"$1\" = configure ] || a", vec!["a"]),
        ("[ -z \"$2\" -o \"$x\" = y ] && a", vec!["a"]),
        ("[ -n \"$2\" -a -d /x ] && a", vec![]),
        ("[ -d /x ] && a || b", vec!["a", "b"]),
        ("if [ -d /x ]; then exit 0; fi; a", vec!["a"]),
        ("exit 0; a", vec![]),
        ("[ \"${2+set}\" = set ] && a; [ \"${2:+set}\" = set ] && b", vec!["a"]),
    ] {
        assert_eq!(ran(script), expected, "{script}");
    }
}

#[test]
fn what_is_known_is_put_in() {
    for (script, expected) in [
        ("x=1; a $x \"$x\" ${x} ${y:-2} ${x}3", vec!["a 1 1 1 ? 13"]),
        ("for p in a b; do run $p /x/$p; done", vec!["run a /x/a", "run b /x/b"]),
        ("x='a b'; run $x; run \"$x\"", vec!["run a b", "run a b"]),
        ("f() { run $1 \"$@\"; }; f a b; f c", vec!["run a a b", "run c c"]),
        ("x=$(echo a.b:c | cut -d: -f2); run $x", vec!["echo a.b:c", "cut -d: -f2", "run c"]),
        ("if [ -d /x ]; then x=1; else x=2; fi; run $x", vec!["run ?"]),
        ("x=1; while w; do run $x; x=2; done; run $x", vec!["w", "run ?"]),
        ("(x=1); run $x", vec!["run ?"]),
        ("for f in /x/*; do run $f; done", vec!["run ?"]),
        ("x=1; for i in a b; do [ -d /y ] && break; x=2; done; run $x", vec!["run ?"]),
    ] {
        assert_eq!(ran(script), expected, "{script}");
    }
}

#[test]
fn nothing_hides() {
    for script in [
        "ldconfig; evil",
        "ldconfig && evil",
        "ldconfig & evil",
        "ldconfig | evil",
        "echo $(evil)",
        "echo \"$(evil)\"",
        "echo \"`evil`\"",
        "echo ${x:-$(evil)}",
        "echo \"${1#$(evil)}\"",
        "x=$(evil)",
        "for x in $(evil); do :; done",
        "case $(evil) in x) ;; esac",
        "case x in $(evil)) ;; esac",
        "echo x > $(evil)",
        "f() { evil; }; f",
        "f() { evil; }; g() { f; }; g",
        "if [ -d /x ]; then f() { evil; }; else f() { :; }; fi; f() { evil; }; f",
        "while x; do evil; done",
        "until x; do evil; done",
        "if evil; then :; fi",
        "[ \"$1\" = configure ] && evil",
        "[ -d /x ] || evil",
        "! evil",
        "( evil )",
        "{ evil; }",
        "# Automatically added by dh_installdeb/13\nevil\n# End automatically added section",
        "x=evil; $x",
        "x=ev; ${x}il",
        "e'v'\"il\"",
        "\\evil",
        "ev\\\nil",
        "set -- evil; evil",
        "shift; evil",
        "trap : 0; evil",
        "eval x; evil",
        "for x in a; do if [ $x = a ]; then evil; fi; done",
        "f() { [ \"$1\" = go ] && evil; }; f go",
    ] {
        let found = ran(script);
        assert!(found.iter().any(|command| command.split(' ').next() == Some("evil")), "{script}: {found:?}");
    }
}

#[test]
fn names_that_are_not_known_are_commands_that_are_not_known() {
    for script in [
        "$x",
        "$(echo evil)",
        "if [ -d /x ]; then f() { :; }; fi; f",
        "f() { :; }; unset -f f; f",
        "f() { :; }; unset -f $x; f",
        "f() { :; }; while x; do f; unset -f f; done",
        "for x in a b; do continue; f() { :; }; done; f",
        "exit() { :; }",
        "if [ -d /x ]; then x=a; fi; $x",
    ] {
        let commands = postinst(script).commands;
        assert!(commands.iter().any(|ran| ran.words[0].is_none()), "{script}: {commands:?}");
    }
}

#[test]
fn files_that_are_written_are_found() {
    for script in ["echo x > /etc/x", ": >>/etc/x", "{ :; } >/etc/x", "if a; then b; fi > $x", "a >| /etc/x"]
    {
        assert_eq!(postinst(script).writes.len(), 1, "{script}");
    }
    assert!(postinst("echo x >/dev/null 2>&1 </etc/x >&2").writes.is_empty());
}

#[test]
fn endless_scripts_end() {
    for script in [
        "f() { f; }; f".to_owned(),
        "f() { f; f; }; f".to_owned(),
        format!("{} a {}", "for x in 1 2 3 4 5 6 7 8 9; do ".repeat(10), "; done".repeat(10)),
    ] {
        assert!(trace(&script, &[Some("install")]).is_err(), "{script}");
    }
}
