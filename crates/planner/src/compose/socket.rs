//! Processes that listen on their platform's Unix socket. In an image they listen on `PORT`, which every other
//! platform uses.

use crate::{Command, Component, Diagnostic, Origin, Port};

/// How servers are told of a socket, and how of an address. `{}` is the socket's variable.
const WAYS: &[(&str, &str)] = &[
    ("unix:{}", "0.0.0.0:$PORT"),
    ("--uds={}", "--host 0.0.0.0 --port $PORT"),
    ("--uds {}", "--host 0.0.0.0 --port $PORT"),
    ("--unix-socket={}", "--host=0.0.0.0 --port=$PORT"),
    ("--unix-socket {}", "--host=0.0.0.0 --port=$PORT"),
    ("-u {}", "-b 0.0.0.0 -p $PORT"),
];

/// The same for uWSGI, whose option for sockets is a word of other programs too.
const OF_UWSGI: &[(&str, &str)] = &[
    ("--socket={}", "--http-socket=0.0.0.0:$PORT"),
    ("--socket {}", "--http-socket 0.0.0.0:$PORT"),
    ("-s {}", "--http-socket 0.0.0.0:$PORT"),
];

/// Puts the port in the place of the socket in every command that names one. Says so; a command
/// that uses the socket in another way is dropped, so that the detected one takes its place.
pub(super) fn replaced(component: &mut Component) -> Vec<Diagnostic> {
    let mut remarks = Vec::new();
    for process in &mut component.processes {
        let Some(Port::Socket(variable)) = process.port.as_ref().map(|port| &port.value) else { continue };
        let Some(Command::Shell(line)) = &process.command else { continue };
        if !mentions(line, variable) {
            continue;
        }
        let new = rewritten(line, variable);
        match mentions(&new, variable) {
            true => {
                remarks.push(unknown(&process.name.to_string(), variable, &process.origin));
                process.command = None;
            }
            false => {
                remarks.push(said(&process.name.to_string(), &new, &process.origin));
                process.command = Some(Command::Shell(new));
            }
        }
    }
    remarks
}

fn mentions(line: &str, variable: &str) -> bool {
    let bare = format!("${variable}");
    let goes_on = |rest: &str| rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_');
    line.match_indices(&bare).any(|(at, _)| !goes_on(&line[at + bare.len()..]))
        || line.contains(&format!("${{{variable}}}"))
}

fn rewritten(line: &str, variable: &str) -> String {
    let spellings = [
        format!("\"${variable}\""),
        format!("\"${{{variable}}}\""),
        format!("${{{variable}}}"),
        format!("${variable}"),
    ];
    let mut line = line.to_owned();
    let words = Command::shell(&line).simple_commands().concat();
    let is_uwsgi = words.iter().any(|word| word.rsplit('/').next() == Some("uwsgi"));
    let of_uwsgi = OF_UWSGI.iter().filter(|_| is_uwsgi);
    for (socket, port) in WAYS.iter().chain(of_uwsgi) {
        for spelling in &spellings {
            line = line.replace(&socket.replace("{}", spelling), port);
        }
    }
    line
}

fn said(name: &str, command: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning("plan/socket", format!("{origin}: in the image `{name}` is started by `{command}`"))
        .why("the declared command listens on a Unix socket, which only its platform connects to")
        .fix("nothing, or let the command listen on PORT on every platform")
        .at(origin.clone())
}

fn unknown(name: &str, variable: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(
        "plan/socket",
        format!(
            "{origin}: `{name}` uses ${variable} in a way that is not known; the detected command is taken"
        ),
    )
    .why("only its platform connects to that Unix socket; in an image the process has to listen on PORT")
    .fix("give the command for the image with `--start`, or let it listen on PORT")
    .at(origin.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_listen_on_the_port() {
        for (line, expected) in [
            ("gunicorn -b unix:$SOCKET shop.wsgi", "gunicorn -b 0.0.0.0:$PORT shop.wsgi"),
            ("gunicorn --bind \"unix:${SOCKET}\" a:b", "gunicorn --bind \"0.0.0.0:$PORT\" a:b"),
            ("uvicorn main:app --uds \"$SOCKET\"", "uvicorn main:app --host 0.0.0.0 --port $PORT"),
            ("daphne -u $SOCKET a.asgi:application", "daphne -b 0.0.0.0 -p $PORT a.asgi:application"),
            ("uwsgi --socket $SOCKET -w a", "uwsgi --http-socket 0.0.0.0:$PORT -w a"),
            ("'/opt/bin/uwsgi' -s $SOCKET", "'/opt/bin/uwsgi' --http-socket 0.0.0.0:$PORT"),
            ("serve --socket $SOCKET", "serve --socket $SOCKET"),
            ("serve -c uwsgi.ini --socket $SOCKET # uwsgi", "serve -c uwsgi.ini --socket $SOCKET # uwsgi"),
            ("serve --on $SOCKET", "serve --on $SOCKET"),
        ] {
            assert_eq!(rewritten(line, "SOCKET"), expected);
        }
        assert!(!mentions("serve $PORT", "SOCKET"));
        assert!(!mentions("serve $SOCKET_DIR/x", "SOCKET"));
    }

    #[test]
    fn an_unknown_way_leaves_the_command_to_what_is_detected() {
        let origin = Origin::Option("test".to_owned());
        let command = Command::shell("serve --on $SOCKET");
        let mut web = crate::DeclaredProcess::new("web".parse().unwrap(), command, origin.clone());
        web.port = Some(crate::Requested { value: Port::Socket("SOCKET".to_owned()), origin });
        let mut component = Component { processes: vec![web], ..Component::default() };
        let remarks = replaced(&mut component);
        assert_eq!(remarks[0].severity, crate::Severity::Warning);
        assert_eq!(component.processes[0].command, None);
    }
}
