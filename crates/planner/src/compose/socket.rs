//! Processes that listen on a Unix socket of their platform: in an image they listen on `PORT`,
//! where everybody else looks for them.

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

/// Puts the port in the place of the socket in every command that names one. Says so; a command
/// that uses the socket in another way is an error.
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
            true => remarks.push(unknown(&process.name.to_string(), variable, &process.origin)),
            false => {
                remarks.push(said(&process.name.to_string(), &new, &process.origin));
                process.command = Some(Command::Shell(new));
            }
        }
    }
    remarks
}

fn mentions(line: &str, variable: &str) -> bool {
    line.contains(&format!("${variable}")) || line.contains(&format!("${{{variable}}}"))
}

fn rewritten(line: &str, variable: &str) -> String {
    let spellings =
        [format!("\"${variable}\""), format!("\"${{{variable}}}\""), format!("${{{variable}}}"), format!("${variable}")];
    let mut line = line.to_owned();
    for (socket, port) in WAYS {
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
    Diagnostic::error("plan/socket", format!("{origin}: `{name}` uses ${variable} in a way that is not known"))
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
            ("serve --on $SOCKET", "serve --on $SOCKET"),
        ] {
            assert_eq!(rewritten(line, "SOCKET"), expected);
        }
        assert!(!mentions("serve $PORT", "SOCKET"));
    }
}
