//! Programs that talk to a gateway over real sockets on the loopback, and the servers behind it.
//!
//! There is no network namespace here, where every address is the machine's own: connections come in at 127.0.0.1,
//! which the rules of these tests allow or refuse as the host that it is.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod attacks;
mod downloads;
mod expected;
mod names;
mod quota;
mod refusals;
mod requests;
mod server;
mod tls;
mod walls;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::time::Duration;

use packwright_gateway::{Gateway, GatewayOptions, Rules, Session, Sockets};

/// A gateway that serves one listener, and what it was told.
pub(crate) struct World {
    pub(crate) gateway: Gateway,
    pub(crate) session: Session,
    serving: Option<packwright_gateway::Serving>,
    pub(crate) resolver: SocketAddr,
    pub(crate) resolver_stream: SocketAddr,
}

/// Rules that let steps reach these.
pub(crate) fn allowing(hosts: &[&str]) -> GatewayOptions {
    let allow = hosts.iter().map(|host| host.parse().unwrap()).collect();
    GatewayOptions { rules: Rules { allow, ..Rules::default() }, ..GatewayOptions::default() }
}

impl World {
    /// Listens at these addresses for programs that ask for what is behind them.
    ///
    /// A request is for the address and port at which it comes in, so the real server of a test must have the same
    /// port on another address: listeners are at 127.0.0.2, servers behind names or proxies.
    pub(crate) fn new(options: GatewayOptions, listeners: Vec<TcpListener>) -> World {
        World::made(options, listeners, None, Gateway::session)
    }

    /// The same for a session that `open` opens.
    pub(crate) fn of_session(
        options: GatewayOptions,
        listeners: Vec<TcpListener>,
        open: impl FnOnce(&Gateway) -> Session,
    ) -> World {
        World::made(options, listeners, None, open)
    }

    /// The same, with what the kernel of a step refuses.
    pub(crate) fn hearing(
        options: GatewayOptions,
        listeners: Vec<TcpListener>,
        refusals: Option<OwnedFd>,
    ) -> World {
        World::made(options, listeners, refusals, Gateway::session)
    }

    fn made(
        options: GatewayOptions,
        listeners: Vec<TcpListener>,
        refusals: Option<OwnedFd>,
        open: impl FnOnce(&Gateway) -> Session,
    ) -> World {
        let gateway = Gateway::new(options).unwrap();
        let session = open(&gateway);
        let resolver = UdpSocket::bind("127.0.0.1:0").unwrap();
        let resolver_stream = TcpListener::bind("127.0.0.1:0").unwrap();
        let (udp, tcp) = (resolver.local_addr().unwrap(), resolver_stream.local_addr().unwrap());
        let serving = session.serve(Sockets { listeners, resolver, resolver_stream, refusals }).unwrap();
        World { gateway, session, serving: Some(serving), resolver: udp, resolver_stream: tcp }
    }

    /// Ends the serving, as the end of a step's process does.
    pub(crate) fn end(&mut self) {
        self.serving = None;
    }

    /// What was refused or failed, one line each.
    pub(crate) fn problems(&mut self) -> Vec<String> {
        self.end();
        self.session.problems().iter().map(ToString::to_string).collect()
    }
}

/// Sends `text` with CR LF to `address`, and gives back all that comes until the end.
pub(crate) fn say(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(text.replace('\n', "\r\n").as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
