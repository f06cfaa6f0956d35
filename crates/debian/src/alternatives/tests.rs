//! What `alternatives` must and must not do.

use super::*;

fn first(script: &str) -> Option<Vec<Offer>> {
    commands(script).iter().map(|command| offers(command)).find(|found| found != &Some(Vec::new()))?
}

#[test]
fn continued_lines_and_slaves_are_read() {
    let script = "if [ x ]; then\n  update-alternatives --quiet --install /usr/bin/pager pager \\\n  /usr/bin/less 77 --slave /usr/share/man/man1/pager.1.gz \\\n  pager.1.gz /usr/share/man/man1/less.1.gz\nfi\n";
    let found = first(script).expect("readable");
    assert_eq!(found[0].name, "pager");
    assert_eq!(found[0].priority, 77);
    assert_eq!(found[0].links[0].target, "/usr/bin/less");
    assert_eq!(found[0].links[1].link, "/usr/share/man/man1/pager.1.gz");
}

#[test]
fn quotes_and_tails_do_not_matter() {
    let found = first(
        "update-alternatives --install /etc/mysql/my.cnf my.cnf \"/etc/mysql/mariadb.cnf\" 500 || true",
    );
    assert_eq!(found.expect("readable")[0].links[0].target, "/etc/mysql/mariadb.cnf");
}

#[test]
fn what_needs_a_shell_is_not_guessed() {
    assert_eq!(first("update-alternatives --install /usr/bin/$prog $prog /usr/bin/$prog-im7 10"), None);
    assert_eq!(first("update-alternatives --install /usr/bin/lzma lzma /usr/bin/xz 20 $( slave a b )"), None);
    assert_eq!(offers("update-alternatives --remove awk /usr/bin/mawk"), Some(Vec::new()));
    assert_eq!(offers("echo nothing"), Some(Vec::new()));
}
