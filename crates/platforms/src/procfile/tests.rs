//! Procfiles: real ones, unusual ones and broken ones.

mod grammar;

use expect_test::{Expect, expect};
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::*;
use crate::test_languages::LANGUAGES;

fn describe(model: &Declarations) -> String {
    let mut out = String::new();
    for process in model.components.iter().flat_map(|part| &part.processes) {
        let command = process.command.as_ref().unwrap();
        out += &format!("{} {} = {command}\n", process.origin, process.name);
    }
    for found in &model.diagnostics {
        out += &format!("{:?} {} {}\n", found.severity, found.code, found.message);
    }
    out
}

fn seen(tree: &MemoryTree) -> String {
    let environment = std::collections::BTreeMap::new();
    let found = declarations(&DirView { tree, dir: None, languages: LANGUAGES, environment: &environment });
    found.iter().map(describe).collect()
}

fn check(content: &str, expected: Expect) {
    let path: RelPath = "Procfile".parse().unwrap();
    expected.assert_eq(&describe(&parse(&path, content)));
}

fn check_tree(tree: &str, expected: Expect) {
    expected.assert_eq(&seen(&MemoryTree::parse(tree)));
}

#[test]
fn the_usual_four() {
    check(
        "# how it runs\nrelease: python manage.py migrate --noinput\nweb: gunicorn shop.wsgi --log-file -\n\
         worker: celery -A shop worker -l info\nbeat: celery -A shop beat -l info\n",
        expect![[r#"
            Procfile:2 release = python manage.py migrate --noinput
            Procfile:3 web = gunicorn shop.wsgi --log-file -
            Procfile:4 worker = celery -A shop worker -l info
            Procfile:5 beat = celery -A shop beat -l info
        "#]],
    );
}

#[test]
fn no_space_after_the_colon() {
    check(
        "web:gunicorn app:app",
        expect![[r#"
        Procfile:1 web = gunicorn app:app
    "#]],
    );
}

#[test]
fn spaces_and_tabs_around() {
    check(
        "  web :\t  run --all  \t\n",
        expect![[r#"
        Procfile:1 web = run --all
    "#]],
    );
}

#[test]
fn it_is_not_yaml() {
    check(
        "web: echo foo: bar\nworker: sh -c \"echo 'a' && exec b\" # stays\nodd: {a: [b]}\nq: \"quoted\"\n",
        expect![[r#"
            Procfile:1 web = echo foo: bar
            Procfile:2 worker = sh -c "echo 'a' && exec b" # stays
            Procfile:3 odd = {a: [b]}
            Procfile:4 q = "quoted"
        "#]],
    );
}

#[test]
fn windows_and_old_line_ends() {
    check(
        "web: a\r\n\r\nworker: b\r\n",
        expect![[r#"
        Procfile:1 web = a
        Procfile:3 worker = b
    "#]],
    );
    check(
        "web: a\rworker: b",
        expect![[r#"
        Procfile:1 web = a
        Procfile:2 worker = b
    "#]],
    );
}

#[test]
fn byte_order_mark() {
    check(
        "\u{feff}web: a\n",
        expect![[r#"
        Procfile:1 web = a
    "#]],
    );
}

#[test]
fn names_stay_as_written() {
    check(
        "Web_2: a\nnight-watch-2: b\n2: c\nWEB: d\nweb: e\n",
        expect![[r#"
        Procfile:1 Web_2 = a
        Procfile:2 night-watch-2 = b
        Procfile:3 2 = c
        Procfile:4 WEB = d
        Procfile:5 web = e
    "#]],
    );
}

#[test]
fn names_that_cannot_be_used() {
    let long = "w".repeat(64);
    check(
        &format!("-web: a\nweb-: b\n_: c\n{long}: d\n"),
        expect![[r#"
        Error procfile/name Procfile:1: `-web` is not a process name: letters, digits, `-` and `_`, 1 to 63 long, a letter or digit at both ends
        Error procfile/name Procfile:2: `web-` is not a process name: letters, digits, `-` and `_`, 1 to 63 long, a letter or digit at both ends
        Error procfile/name Procfile:3: `_` is not a process name: letters, digits, `-` and `_`, 1 to 63 long, a letter or digit at both ends
        Error procfile/name Procfile:4: `wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww` is not a process name: letters, digits, `-` and `_`, 1 to 63 long, a letter or digit at both ends
    "#]],
    );
}

#[test]
fn lines_that_are_no_process() {
    check(
        "web: a\nworker python keeper.py\n// c: d\n: e\nweb 2: f\nwéb: g\n./run.sh\nhttp://x\n",
        expect![[r#"
            Procfile:1 web = a
            Procfile:8 http = //x
            Warning procfile/line-skipped Procfile:2: `worker python keeper.py` is no process and is skipped
            Warning procfile/line-skipped Procfile:3: `// c: d` is no process and is skipped
            Warning procfile/line-skipped Procfile:4: `: e` is no process and is skipped
            Warning procfile/line-skipped Procfile:5: `web 2: f` is no process and is skipped
            Warning procfile/line-skipped Procfile:6: `wéb: g` is no process and is skipped
            Warning procfile/line-skipped Procfile:7: `./run.sh` is no process and is skipped
        "#]],
    );
}

#[test]
fn a_process_without_command() {
    check(
        "web:\nworker:   \t\nok: a\n",
        expect![[r#"
        Procfile:3 ok = a
        Error procfile/no-command Procfile:1: `web` has no command
        Error procfile/no-command Procfile:2: `worker` has no command
    "#]],
    );
}

#[test]
fn the_last_of_two_counts() {
    check(
        "web: a\nworker: b\nweb: c\n",
        expect![[r#"
        Procfile:3 web = c
        Procfile:2 worker = b
        Warning procfile/duplicate Procfile:3 declares `web` again
    "#]],
    );
}

#[test]
fn control_characters() {
    check(
        "web: a\0b\nworker: a\tb\nc: \u{1b}[1m\n",
        expect![[r#"
        Procfile:2 worker = a	b
        Error procfile/control-character Procfile:1: the command of `web` has the control character '\0'
        Error procfile/control-character Procfile:3: the command of `c` has the control character '\u{1b}'
    "#]],
    );
}

#[test]
fn comments() {
    check(
        "#web: a\n   # b: c\nweb: d #e\n",
        expect![[r#"
        Procfile:3 web = d #e
    "#]],
    );
}

#[test]
fn nothing_declared() {
    check(
        "",
        expect![[r#"
        Warning procfile/empty Procfile declares no process
    "#]],
    );
    check(
        "# later\n\n",
        expect![[r#"
        Warning procfile/empty Procfile declares no process
    "#]],
    );
}

#[test]
fn variables_and_pipes_are_kept() {
    check(
        "web: PORT=${PORT:-5000} exec ./run | tee log; :\n",
        expect![[r#"
        Procfile:1 web = PORT=${PORT:-5000} exec ./run | tee log; :
    "#]],
    );
}

#[test]
fn other_procfiles_are_ignored() {
    check_tree("//- /Procfile.dev\nweb: a\n//- /sub/Procfile\nweb: b\n", expect![""]);
}

#[test]
fn a_file_with_almost_the_name() {
    check_tree(
        "//- /procfile\nweb: a\n//- /Procfile.txt\nweb: b\n",
        expect![[r#"
        Warning procfile/misnamed Procfile.txt is not read as a Procfile
        Warning procfile/misnamed procfile is not read as a Procfile
    "#]],
    );
}

#[test]
fn not_text() {
    let mut tree = MemoryTree::new();
    tree.add("Procfile".parse().unwrap(), b"web: a\n\xff\xfe".to_vec());
    expect![[r#"
        Error procfile/unreadable `Procfile` is not UTF-8 text (byte 7)
    "#]]
    .assert_eq(&seen(&tree));
}

proptest! {
    /// Any text gives an answer, every process comes from a line of it, and a name comes once.
    #[test]
    fn any_text(content in "(?s)([a-zA-Z0-9_:# \t\r\n.-]|\\PC){0,200}") {
        let path: RelPath = "Procfile".parse().unwrap();
        let model = parse(&path, &content);
        let lines = content.replace("\r\n", "\n").replace('\r', "\n").split('\n').count() as u32;
        let processes: Vec<_> = model.components.iter().flat_map(|part| &part.processes).collect();
        for (index, process) in processes.iter().enumerate() {
            let Origin::File { line: Some(line), .. } = &process.origin else { panic!("no line") };
            prop_assert!((1..=lines).contains(line));
            prop_assert!(!process.command.as_ref().unwrap().to_string().is_empty());
            prop_assert!(processes[..index].iter().all(|other| other.name != process.name));
        }
    }
}
