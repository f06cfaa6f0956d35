//! The Procfile grammar against the published rules of the Cloud Native Buildpack. Each row has a line, real
//! or made up, what the specification says about it, what the reader does, and why the two differ.
//!
//! Source: heroku/buildpacks-procfile, SPEC.md. What its program does with every one of these
//! texts was looked at by running it; where the program is stricter than its specification, the
//! row says so.

use packwright_planner::RelPath;

use super::super::parse;

/// What the specification says.
#[derive(Clone, Copy, PartialEq)]
enum Says {
    /// These processes.
    Is(&'static [(&'static str, &'static str)]),
    /// These processes, with names or keys put right and a warning.
    Corrects(&'static [(&'static str, &'static str)]),
    /// No process.
    Nothing,
    /// An error, for the whole file.
    Refuses,
}

use Says::{Corrects, Is, Nothing, Refuses};

/// What is done here: the processes, and the codes of what is said.
struct Row(
    &'static str,
    Says,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
    &'static str,
);

const LONGEST: &str = "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww";

const SAME: &str = "";
const KEPT: &str = "names stay as they are written, since people call them by it; writers make them fit";
const SKIPPED: &str =
    "classic Heroku skips such lines without a word, and a file of which one line is odd still starts";
const YAML: &str = "no shell starts anything with the mark of a text of several lines";
const TRIMMED: &str = "spaces at the end of a line mean nothing to a shell and are not seen";

const ROWS: &[Row] = &[
    Row(
        "web: gunicorn shop.wsgi --log-file -",
        Is(&[("web", "gunicorn shop.wsgi --log-file -")]),
        &[("web", "gunicorn shop.wsgi --log-file -")],
        &[],
        SAME,
    ),
    Row(
        "web:gunicorn app:app",
        Is(&[("web", "gunicorn app:app")]),
        &[("web", "gunicorn app:app")],
        &[],
        SAME,
    ),
    Row("web:\t node server.js", Is(&[("web", "node server.js")]), &[("web", "node server.js")], &[], SAME),
    Row("web: echo foo: bar", Is(&[("web", "echo foo: bar")]), &[("web", "echo foo: bar")], &[], SAME),
    Row("web: a # b", Is(&[("web", "a # b")]), &[("web", "a # b")], &[], SAME),
    Row(
        "web: \"quoted\" && x | y > z",
        Is(&[("web", "\"quoted\" && x | y > z")]),
        &[("web", "\"quoted\" && x | y > z")],
        &[],
        SAME,
    ),
    Row("web: $(cat <<EOF)", Is(&[("web", "$(cat <<EOF)")]), &[("web", "$(cat <<EOF)")], &[], SAME),
    Row("web: éè ☃", Is(&[("web", "éè ☃")]), &[("web", "éè ☃")], &[], SAME),
    Row("web:: a", Is(&[("web", ": a")]), &[("web", ": a")], &[], SAME),
    Row("http://x", Is(&[("http", "//x")]), &[("http", "//x")], &[], SAME),
    Row("2: a", Is(&[("2", "a")]), &[("2", "a")], &[], SAME),
    Row("night--watch: a", Is(&[("night--watch", "a")]), &[("night--watch", "a")], &[], SAME),
    Row(
        "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww: a",
        Is(&[(LONGEST, "a")]),
        &[(LONGEST, "a")],
        &[],
        SAME,
    ),
    Row(
        "web: a\r\nworker: b\r\n",
        Is(&[("web", "a"), ("worker", "b")]),
        &[("web", "a"), ("worker", "b")],
        &[],
        SAME,
    ),
    Row(
        "web: 'a \\\nworker: b'",
        Corrects(&[("web", "'a \\"), ("worker", "b'")]),
        &[("web", "'a \\"), ("worker", "b'")],
        &["procfile/continued"],
        SAME,
    ),
    Row(
        "web: >\n    a\n    --b\n",
        Is(&[("web", ">")]),
        &[],
        &["procfile/yaml", "procfile/line-skipped", "procfile/line-skipped"],
        YAML,
    ),
    Row(
        "web: |- # all\n  a\n",
        Is(&[("web", "|- # all")]),
        &[],
        &["procfile/yaml", "procfile/line-skipped"],
        YAML,
    ),
    Row("web: >out a", Is(&[("web", ">out a")]), &[("web", ">out a")], &[], SAME),
    Row("web: 'a b'", Corrects(&[("web", "'a b'")]), &[("web", "'a b'")], &["procfile/quoted"], SAME),
    Row("web: 'a' 'b'", Is(&[("web", "'a' 'b'")]), &[("web", "'a' 'b'")], &[], SAME),
    Row("web: a\nweb: b", Corrects(&[("web", "b")]), &[("web", "b")], &["procfile/duplicate"], SAME),
    Row("web: a   ", Is(&[("web", "a   ")]), &[("web", "a")], &[], TRIMMED),
    Row("  web: a", Corrects(&[("web", "a")]), &[("web", "a")], &[], "a space before a name changes nothing"),
    Row("Web: a", Corrects(&[("web", "a")]), &[("Web", "a")], &[], KEPT),
    Row("night_watch: a", Corrects(&[("night-watch", "a")]), &[("night_watch", "a")], &[], KEPT),
    Row(
        "# web: a\n   # b\n\n",
        Nothing,
        &[],
        &["procfile/empty"],
        "the program refuses a file of comments alone, against its specification; an empty one is warned of",
    ),
    Row(
        "web: a\n   ",
        Is(&[("web", "a")]),
        &[("web", "a")],
        &[],
        "the program refuses spaces before the end of the file, against its specification",
    ),
    Row("web : a", Refuses, &[("web", "a")], &[], "classic Heroku has no such line; what is meant is plain"),
    Row("web:", Refuses, &[], &["procfile/no-command"], SAME),
    Row("web:  \t ", Refuses, &[], &["procfile/no-command"], SAME),
    Row("-web: a", Refuses, &[], &["procfile/name"], SAME),
    Row("web-: a", Refuses, &[], &["procfile/name"], SAME),
    Row("_web: a", Refuses, &[], &["procfile/name"], SAME),
    Row(
        "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww: a",
        Refuses,
        &[],
        &["procfile/name"],
        SAME,
    ),
    Row(
        "web a",
        Refuses,
        &[],
        &["procfile/line-skipped"],
        "classic Heroku takes it for the process `web`; nobody means that",
    ),
    Row(
        "web: a\nworker b\nclock: c",
        Refuses,
        &[("web", "a"), ("clock", "c")],
        &["procfile/line-skipped"],
        SKIPPED,
    ),
    Row("web.1: a", Refuses, &[], &["procfile/line-skipped"], SKIPPED),
    Row("web 2: a", Refuses, &[], &["procfile/line-skipped"], SKIPPED),
    Row("wéb: a", Refuses, &[], &["procfile/line-skipped"], SKIPPED),
    Row(": a", Refuses, &[], &["procfile/line-skipped"], SKIPPED),
    Row("// web: a", Refuses, &[], &["procfile/line-skipped"], SKIPPED),
    Row("- web: a", Refuses, &[], &["procfile/line-skipped"], SKIPPED),
    Row("{web: a}", Refuses, &[], &["procfile/line-skipped"], SKIPPED),
    Row(
        "\u{feff}web: a",
        Refuses,
        &[("web", "a")],
        &[],
        "editors on Windows put a byte order mark there; it is no part of the name",
    ),
    Row(
        "web: a\rworker: b",
        Refuses,
        &[("web", "a"), ("worker", "b")],
        &[],
        "the old line end of the Macintosh; a specification that asks for line ends does not name them",
    ),
    Row(
        "web: a\0b",
        Is(&[("web", "a\0b")]),
        &[],
        &["procfile/control-character"],
        "no program can be started with a zero byte in its words",
    ),
];

#[test]
fn lines_and_what_the_specification_says_about_them() {
    let path: RelPath = "Procfile".parse().unwrap();
    assert!(ROWS.len() >= 30);
    for Row(text, says, wanted, codes, why) in ROWS {
        let declared = parse(&path, text);
        let processes: Vec<(String, String)> = declared
            .components
            .iter()
            .flat_map(|part| &part.processes)
            .map(|process| (process.name.to_string(), process.command.as_ref().unwrap().to_string()))
            .collect();
        let processes: Vec<(&str, &str)> =
            processes.iter().map(|(name, command)| (name.as_str(), command.as_str())).collect();
        assert_eq!(processes, *wanted, "{text:?}");
        let said: Vec<&str> = declared.diagnostics.iter().map(|told| told.code.as_str()).collect();
        assert_eq!(said, *codes, "{text:?}");
        // A row says why exactly when the two differ.
        let same = match says {
            Is(theirs) => theirs == wanted && codes.is_empty(),
            Corrects(theirs) => theirs == wanted && !codes.is_empty(),
            Nothing => wanted.is_empty() && codes.is_empty(),
            Refuses => {
                wanted.is_empty()
                    && declared
                        .diagnostics
                        .iter()
                        .all(|told| told.severity == packwright_planner::Severity::Error)
            }
        };
        let stricter = why.starts_with("the program");
        assert_eq!(same && !stricter, why.is_empty(), "{text:?}: {why}");
    }
}
