//! Handles one connection out of a step: finds its destination and protocol, ends TLS, and forwards one request after
//! the other.

use std::io::{self, Read, Write};
use std::net::{IpAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::server::{Acceptor, ServerConnection};
use rustls::{AlertDescription, StreamOwned};

use crate::destination::Destination;
use crate::forward;
use crate::http::head;
use crate::response;
use crate::session_state::SessionState;
use crate::wire::Wire;

/// Where `ssh` listens.
pub(crate) const SSH: u16 = 22;
/// Where `git://` listens.
pub(crate) const GIT: u16 = 9418;

/// Why an address that no name of the step has is not reached; it may be one of another step's.
pub(crate) const NO_NAME: &str = "the address stands for no name of this step";

/// How long the first byte may take: a program that waits for the server to speak first waits in vain.
const FIRST_BYTE: Duration = Duration::from_secs(30);

/// How long a program may be silent between requests or leave an answer unread.
const SILENCE: Duration = Duration::from_secs(600);

/// The first byte of TLS.
const HANDSHAKE: u8 = 0x16;

/// Handles one connection until it is closed. What the gateway refuses is recorded; an error of the connection itself is
/// seen by the program.
pub(crate) fn handle(session: &Arc<SessionState>, stream: TcpStream) {
    let Ok(local) = stream.local_addr() else { return };
    let IpAddr::V4(address) = local.ip() else { return };
    let Some(host) = session.host_of(address) else {
        return session.refuse(&local.to_string(), NO_NAME, None);
    };
    let destination = Destination { host, port: local.port(), is_https: false };
    // An error is a connection that broke: whoever broke it knows.
    let _ = by_protocol(session, destination, stream);
}

fn by_protocol(session: &SessionState, mut to: Destination, mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(SILENCE))?;
    match to.port {
        SSH => return refuse_protocol(session, &to, "ssh"),
        GIT => {
            refuse_protocol(session, &to, "git://")?;
            let message = format!("packwright: steps reach `{}` by https only", to.host);
            return stream.write_all(format!("{:04x}ERR {message}", message.len() + 8).as_bytes());
        }
        _ => {}
    }
    stream.set_read_timeout(Some(FIRST_BYTE))?;
    let mut first = [0];
    match stream.peek(&mut first) {
        Ok(0) => return Ok(()),
        Ok(_) => {}
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
            return refuse_protocol(session, &to, "a protocol in which the server speaks first");
        }
        Err(error) => return Err(error),
    }
    stream.set_read_timeout(Some(SILENCE))?;
    match first[0] {
        HANDSHAKE => {
            to.is_https = true;
            match handshake(session, &mut to, stream)? {
                Some(mut stream) => {
                    requests(session, &to, &mut stream)?;
                    // So that the end of an answer is not taken for a broken one.
                    stream.conn.send_close_notify();
                    stream.flush()
                }
                None => Ok(()),
            }
        }
        b'A'..=b'Z' | b'a'..=b'z' => requests(session, &to, stream),
        _ => refuse_protocol(session, &to, "a protocol that is neither HTTP nor TLS"),
    }
}

fn refuse_protocol(session: &SessionState, to: &Destination, protocol: &str) -> io::Result<()> {
    let why = format!("it is asked by {protocol}, and steps reach the network by http and https only");
    let fix = "use an https address, or let the steps have the host's network: `--network host`";
    session.refuse(&to.authority(), why, Some(fix.to_owned()));
    Ok(())
}

/// Ends TLS with a certificate for the host; `None` if the connection was refused.
fn handshake(
    session: &SessionState,
    to: &mut Destination,
    mut stream: TcpStream,
) -> io::Result<Option<StreamOwned<ServerConnection, TcpStream>>> {
    // A program that rejects the certificate sends an alert and exits: the end of the step waits until it is read.
    let _in_flight = session.request();
    let mut acceptor = Acceptor::default();
    let accepted = loop {
        if acceptor.read_tls(&mut stream)? == 0 {
            return Ok(None);
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => break accepted,
            Ok(None) => {}
            Err((error, mut alert)) => {
                alert.write_all(&mut stream)?;
                session.refuse(&to.authority(), format!("its TLS is not understood: {error}"), None);
                return Ok(None);
            }
        }
    };
    let named = accepted.client_hello().server_name().map(str::to_owned);
    if let Some(named) = named {
        let Some(called) = to.called(&named) else {
            let why = format!("a connection to it asks for the certificate of `{named}`");
            session.refuse(&to.authority(), why, None);
            return Ok(None);
        };
        *to = called;
    }
    let config = session.gateway.authority.config(&to.host).map_err(io::Error::other)?;
    let connection = match accepted.into_connection(config) {
        Ok(connection) => connection,
        Err((error, mut alert)) => {
            alert.write_all(&mut stream)?;
            let why = format!("its TLS cannot be spoken: {error}");
            session.refuse(&to.authority(), why, Some(HTTP_ALONE.to_owned()));
            return Ok(None);
        }
    };
    let mut stream = StreamOwned::new(connection, stream);
    while stream.conn.is_handshaking() {
        if let Err(error) = stream.conn.complete_io(&mut stream.sock) {
            if distrusts(&error) {
                let why = "the program does not accept the gateway's certificate";
                session.refuse(&to.authority(), why, Some(DISTRUST.to_owned()));
            }
            return Ok(None);
        }
    }
    Ok(Some(stream))
}

const HTTP_ALONE: &str =
    "let the program speak HTTP/1.1, or let the steps have the host's network: `--network host`";

const DISTRUST: &str = "let the program trust the bundle that SSL_CERT_FILE names; one that accepts its own \
                        certificates only needs the host's network: `--network host`";

/// Whether the program says that it does not trust the certificate.
fn distrusts(error: &io::Error) -> bool {
    let error = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(
        error,
        Some(rustls::Error::AlertReceived(
            AlertDescription::UnknownCA
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateExpired
        ))
    )
}

/// Forwards requests until one side closes the connection.
fn requests(session: &SessionState, to: &Destination, stream: impl Read + Write) -> io::Result<()> {
    let mut wire = Wire::new(stream);
    loop {
        let request = loop {
            match head::request(wire.pending()) {
                Ok(Some((request, length))) => {
                    io::BufRead::consume(&mut wire, length);
                    break request;
                }
                Ok(None) => {
                    if wire.more()? == 0 {
                        return Ok(());
                    }
                }
                Err(bad) => {
                    session.refuse(&to.authority(), bad.why, None);
                    return response::say(&mut wire, bad.status, bad.why);
                }
            }
        };
        if !forward::one(session, to, &request, &mut wire)? {
            return Ok(());
        }
    }
}
