//! Which programs a command certainly starts.

use packwright_planner::Command;

use crate::command::programs;

/// Each program: its word, `@` and the directory where that is not `/app`, `+` when another one ran before.
fn said(command: &Command) -> String {
    let shown = programs(command, "/app").into_iter().map(|program| {
        let dir = match program.dir.as_deref() {
            Some("/app") => String::new(),
            Some(dir) => format!("@{dir}"),
            None => "@?".to_owned(),
        };
        format!("{}{dir}{}", program.word, if program.follows { "+" } else { "" })
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
        ("bash -c 'cd x && exec ./server'", "bash ./server@/app/x"),
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
        ("for x in 1 2; do y; done; ./z", "./z@?+"),
        ("source env.sh && serve && ./run && /opt/run", "./run@?+ /opt/run@?+"),
        ("export PATH=$PATH:/x && serve", ""),
        ("PATH=/x serve; other", "other+"),
        ("serve() { gone; }; serve", ""),
        ("exit 0; serve", ""),
        ("eval \"$(tool)\"; serve", ""),
        ("pushd x && ./a", "./a@?"),
    ] {
        assert_eq!(said(&Command::shell(line)), expected, "{line}");
    }
}
