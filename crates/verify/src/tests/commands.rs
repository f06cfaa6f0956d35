//! Which programs a command certainly starts.

use packwright_planner::Command;

use crate::command::{Place, programs};

/// Each program: its word, `@` and the directory where that is not `/app`, `+` when another one ran before, `L` when
/// the command may say where libraries are.
fn said(command: &Command) -> String {
    said_at(command, Place { dir: "/app", has_bash_env: false })
}

fn said_at(command: &Command, place: Place<'_>) -> String {
    let shown = programs(command, place).into_iter().map(|program| {
        let dir = match program.dir.as_deref() {
            Some("/app") => String::new(),
            Some(dir) => format!("@{dir}"),
            None => "@?".to_owned(),
        };
        let (follows, own) = (program.follows, program.has_own_libraries);
        format!("{}{dir}{}{}", program.word, if follows { "+" } else { "" }, if own { "L" } else { "" })
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_first_words_of_what_certainly_runs() {
    for (line, expected) in [
        ("gunicorn app:app --bind 0.0.0.0:$PORT", "gunicorn"),
        ("A=1 B=$C exec ./server", "./server"),
        ("cd web && bin/start", "bin/start@/app/web"),
        ("cd $DIR && bin/start && serve", "bin/start@? serve@?+"),
        ("python manage.py migrate && gunicorn shop.wsgi", "python gunicorn+"),
        ("python manage.py migrate; exec gunicorn shop.wsgi; never", "python gunicorn+"),
        ("ulimit -n 1024 && echo begins && serve", "serve"),
        ("a & b", "a b+"),
        ("a | b", "a b"),
        ("(cd x && ./a) && ./b", "./a@/app/x ./b+"),
        ("{ ./a; ./b; }", "./a ./b+"),
        ("env A=1 B=2 ./run x", "env ./run"),
        ("/usr/bin/env -i x", "/usr/bin/env"),
        ("nohup nice -n 5 timeout -k 1 10 ./run", "nohup nice timeout ./run"),
        ("tini -s -- node server.js", "tini node"),
        ("gosu redis redis-server --port 1", "gosu redis-server"),
        ("catatonit -g -- a; env -u A su-exec app b", "catatonit a env+ su-exec+ b+"),
        ("bash -c 'cd x && exec ./server'", "bash ./server@/app/x"),
        ("sh -o errexit -ec './a; ./b'", "sh ./a ./b+"),
        ("bash --norc -e -c 'a' && b", "bash a b+"),
        ("command serve && x", "serve x+"),
        ("", ""),
    ] {
        assert_eq!(said(&Command::shell(line)), expected, "{line}");
    }
    assert_eq!(said(&Command::exec(["./run", "a && b"])), "./run");
    assert_eq!(said(&Command::exec(["/bin/sh", "-c", "cd x; ./run"])), "/bin/sh ./run@/app/x");
    assert_eq!(said(&Command::exec(["cd", "x"])), "cd");
}

#[test]
fn what_only_a_running_shell_knows_is_not_claimed() {
    for (line, expected) in [
        ("$PROGRAM x", ""),
        ("./bin/* x", ""),
        ("a || b", ""),
        ("a && b || c; d", "d+"),
        ("[ -f x ] && y", ""),
        ("command -v x && x", ""),
        ("which x && x", ""),
        ("! a && b", ""),
        ("if a; then b; fi; c", ""),
        ("for x in 1 2; do y; done; ./z", "./z@?+L"),
        ("source env.sh && serve && ./run && /opt/run", "./run@?+L /opt/run@?+L"),
        ("export PATH=$PATH:/x && serve", ""),
        ("PATH=/x serve; other", "other+"),
        ("env PATH=/x serve && ./b", "env ./b+"),
        ("bash -lc 'tool && ./b'; c", "bash ./b+L c+"),
        ("bash --login -c tool", "bash"),
        ("bash -i -c tool", "bash"),
        ("sh script.sh -c tool", "sh"),
        ("LD_LIBRARY_PATH=/x ./a; ./b", "./aL ./b+"),
        ("export LD_LIBRARY_PATH=/x && ./a", "./aL"),
        ("env LD_LIBRARY_PATH=/x ./a && ./b", "env ./aL ./b+"),
        ("export $VARIABLES; serve; ./a", "./a+L"),
        ("A=1 source env.sh; serve", ""),
        ("serve() { gone; }; serve", ""),
        ("exit 0; serve", ""),
        ("eval \"$(tool)\"; serve", ""),
        ("pushd x && ./a", "./a@?"),
    ] {
        assert_eq!(said(&Command::shell(line)), expected, "{line}");
    }
}

#[test]
fn what_bash_reads_before_may_set_anything() {
    let place = Place { dir: "/app", has_bash_env: true };
    assert_eq!(said_at(&Command::exec(["bash", "-c", "serve; ./a"]), place), "bash ./a+L");
    assert_eq!(said_at(&Command::exec(["sh", "-c", "serve; ./a"]), place), "sh serve ./a+");
    assert_eq!(said_at(&Command::shell("serve; ./a"), place), "./a+L");
    assert_eq!(said_at(&Command::exec(["serve"]), place), "serve");
}
