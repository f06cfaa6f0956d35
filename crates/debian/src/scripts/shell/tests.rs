//! What `shell` must and must not read.

use super::*;

fn commands(script: &str) -> Vec<String> {
    fn collect(nodes: &[Node], found: &mut Vec<String>) {
        for node in nodes {
            match node {
                Node::Simple(simple) => found.push(simple.text.clone()),
                Node::Pipeline { commands, .. } => collect(commands, found),
                Node::And(left, right) | Node::Or(left, right) => {
                    collect(std::slice::from_ref(left), found);
                    collect(std::slice::from_ref(right), found);
                }
                Node::If { branches, otherwise } => {
                    for (condition, body) in branches {
                        collect(condition, found);
                        collect(body, found);
                    }
                    collect(otherwise, found);
                }
                Node::Case { arms, .. } => arms.iter().for_each(|(_, body)| collect(body, found)),
                Node::For { body, .. } => collect(body, found),
                Node::While { condition, body } => {
                    collect(condition, found);
                    collect(body, found);
                }
                Node::Group(nodes, _) | Node::Subshell(nodes, _) => collect(nodes, found),
                Node::Function { body, .. } => collect(std::slice::from_ref(body), found),
            }
        }
    }
    let mut found = Vec::new();
    collect(&read(script).expect(script), &mut found);
    found
}

#[test]
fn every_command_is_found() {
    for (script, expected) in [
        ("a; b & c\nd", vec!["a", "b", "c", "d"]),
        ("a && b || c | d", vec!["a", "b", "c", "d"]),
        ("if a\nthen b; elif ! c; then d; else e; fi >/dev/null", vec!["a", "b", "c", "d", "e"]),
        ("case $1 in (a|b) c;; d) e\nesac", vec!["c", "e"]),
        ("case \"$1\" in\n a)\n  b\n  ;;\n *) ;;\nesac\nf", vec!["b", "f"]),
        ("for x in done fi; do a; done; for y\ndo b; done", vec!["a", "b"]),
        ("while a; do b; done; until c; do d; done", vec!["a", "b", "c", "d"]),
        ("f() { a; }\ng()\n(\nb\n)\nf x", vec!["a", "b", "f x"]),
        ("function f () { a; }; function g\nb", vec!["a", "function g", "b"]),
        ("a \\\n  b # c\n# d\ne#f", vec!["a b", "e#f"]),
        ("echo 'a;b' \"c;d\" e\\;f", vec!["echo 'a;b' \"c;d\" e\\;f"]),
        ("{ a; }; ( b )", vec!["a", "b"]),
        ("x=1 a 2>&1 >/dev/null", vec!["x=1 a 2>&1 >/dev/null"]),
        ("cat <<EOF | b\nc; d $x\n EOF\nEOF\ne", vec!["cat <<EOF", "b", "e"]),
        ("cat <<-'EOF'; b\n\t$(c)\n\tEOF\nd", vec!["cat <<-'EOF'", "b", "d"]),
        ("if a <<A <<B; then\nb\nA\nc\nB\nd; fi", vec!["a <<A <<B", "d"]),
        ("echo fi then", vec!["echo fi then"]),
    ] {
        assert_eq!(commands(script), expected, "{script}");
    }
}

#[test]
fn what_shells_read_differently_is_not_read() {
    for script in [
        "cat <<EOF\n$(rm -r /)\nEOF\n",
        "cat <<EOF\n`rm -r /`\nEOF\n",
        "cat <<EOF\nEOF \n",
        "cat <<EOF",
        "cat <<$x\n$x\n",
        "cat <<EOF '\n'\nEOF\n'",
        "cat <<EOF $(a\nEOF\nb)",
        "a <<<b",
        "echo $'a\\'; b '",
        "echo $((1 + 1))",
        "((a))",
        "a=(b c)",
        "cat <(a)",
        "echo \"${x:-\"a\"}\"",
        "if a; then b",
        "echo 'a",
        "echo \"a",
        "echo $(a",
        "echo `a",
        "a )",
        "fi",
        "case x in a) b",
        "a >&$x",
    ] {
        assert!(read(script).is_err(), "{script}");
    }
}

#[test]
fn depth_has_an_end() {
    for deep in [
        "(".repeat(10_000),
        "$(".repeat(10_000),
        "`".repeat(9_999),
        "if ".repeat(10_000),
        "${a:-".repeat(10_000),
        "\"$(".repeat(10_000),
        "f() ".repeat(10_000),
        "! ".repeat(10_000),
        "{ ".repeat(10_000),
    ] {
        assert!(read(&deep).is_err());
    }
}
