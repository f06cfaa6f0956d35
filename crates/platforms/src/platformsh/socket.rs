//! Commands that listen on a Unix socket, rewritten so that they listen on a port.

/// How programs are told to listen on the socket in `SOCKET`, and how to tell them to listen on
/// the port in `PORT`. Source: the settings of gunicorn (`bind`), uvicorn (`uds`, `host`, `port`),
/// hypercorn (`bind`), daphne (`-u`, `-b`, `-p`) and granian (`uds`).
const FORMS: &[(&str, &str)] = &[
    ("unix://@S", "0.0.0.0:$PORT"),
    ("unix:@S", "0.0.0.0:$PORT"),
    ("--uds=@S", "--host 0.0.0.0 --port $PORT"),
    ("--uds @S", "--host 0.0.0.0 --port $PORT"),
    ("-u @S", "-b 0.0.0.0 -p $PORT"),
    ("--unix-socket @S", "--bind 0.0.0.0 --port $PORT"),
];

/// Ways to write the variable.
const SPELLINGS: &[&str] = &["\"${SOCKET}\"", "\"$SOCKET\"", "${SOCKET}", "$SOCKET"];

/// The line with `PORT` in place of `SOCKET`; nothing when it is not plain how its program is
/// told where to listen.
pub(crate) fn on_port(line: &str) -> Option<String> {
    let mut rewritten = line.to_owned();
    for spelling in SPELLINGS {
        for (from, to) in FORMS {
            rewritten = rewritten.replace(&from.replace("@S", spelling), to);
        }
    }
    (rewritten != line && !rewritten.contains("SOCKET")).then_some(rewritten)
}

#[cfg(test)]
mod tests {
    use super::on_port;

    #[test]
    fn programs_are_told_the_port() {
        let is = |line: &str, wanted: &str| assert_eq!(on_port(line).as_deref(), Some(wanted), "{line}");
        is("gunicorn -b unix:$SOCKET shop.wsgi", "gunicorn -b 0.0.0.0:$PORT shop.wsgi");
        is("gunicorn -w 4 --bind=unix:${SOCKET} a:b", "gunicorn -w 4 --bind=0.0.0.0:$PORT a:b");
        is("gunicorn --bind unix:\"$SOCKET\" a:b", "gunicorn --bind 0.0.0.0:$PORT a:b");
        is("uvicorn main:app --uds $SOCKET", "uvicorn main:app --host 0.0.0.0 --port $PORT");
        is("daphne -u \"${SOCKET}\" a.asgi:application", "daphne -b 0.0.0.0 -p $PORT a.asgi:application");
    }

    #[test]
    fn what_is_not_plain_stays() {
        for line in ["node server.js", "gunicorn -c conf.py a:b", "run \"$SOCKET\"", "gunicorn -b unix:$SOCKETS a", ""] {
            assert_eq!(on_port(line), None, "{line}");
        }
    }
}
