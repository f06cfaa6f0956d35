//! Reads what the kernel of a step refuses because no socket listens there. The program sees only `Connection refused`;
//! the record says what it asked for and what to do about it.
//!
//! A program can cause refusals as fast as it likes. So they are read in small batches with a pause after each, packets
//! that do not fit into the socket's buffer are lost, and once the record is full nothing is read any more.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::io::Errno;

use crate::connection::NO_NAME;
use crate::names::RESOLVER;
use crate::record::{Problem, ProblemKind};
use crate::rules::RuleRefusal;
use crate::session_state::SessionState;

/// How a program asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Transport {
    Tcp,
    Udp,
}

/// A connection or datagram that the kernel refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RefusedPacket {
    address: Ipv4Addr,
    port: u16,
    transport: Transport,
}

/// Most packets that are read at a time.
const BATCH: usize = 64;

/// How long nothing is read after them.
const REST: Duration = Duration::from_millis(20);

/// Where domain names are asked for.
const DNS: u16 = 53;

/// The refusals of one process in a step, as they come.
pub(crate) struct Refusals {
    /// `None` once there is no use in reading more.
    socket: Option<OwnedFd>,
    seen: BTreeSet<RefusedPacket>,
    rest: Option<Instant>,
}

impl Refusals {
    pub(crate) fn new(socket: Option<OwnedFd>) -> Refusals {
        Refusals { socket, seen: BTreeSet::new(), rest: None }
    }

    /// What to wait for until some can be read; `None` while nothing is to be read.
    pub(crate) fn waiting(&self) -> Option<BorrowedFd<'_>> {
        self.socket.as_ref().filter(|_| self.left().is_none()).map(AsFd::as_fd)
    }

    /// How long to rest before more are read, if so.
    pub(crate) fn left(&self) -> Option<Duration> {
        let left = self.rest.map(|end| end.saturating_duration_since(Instant::now()));
        left.filter(|left| self.socket.is_some() && !left.is_zero())
    }

    /// Reads what has come, as far as it goes in one batch, into the record; then it is time for a rest.
    pub(crate) fn read(&mut self, session: &SessionState) {
        self.rest = Some(Instant::now() + REST);
        let mut packet = [0; 256];
        for _ in 0..BATCH {
            let Some(socket) = &self.socket else { return };
            let length = match rustix::io::read(socket, &mut packet) {
                Ok(length) => length,
                Err(Errno::AGAIN) => return,
                Err(Errno::INTR) => continue,
                Err(_) => {
                    self.socket = None;
                    return;
                }
            };
            let Some(asked) = asked(&packet[..length]).filter(|asked| self.seen.insert(*asked)) else {
                continue;
            };
            if !session.kernel_refused(asked.problem(session)) {
                self.socket = None;
            }
        }
    }
}

/// What a program asked for that got `packet`, an IPv4 packet of the kernel's, as answer.
///
/// Source: RFC 791, section 3.1; RFC 792, "Destination Unreachable Message"; RFC 9293, section 3.1.
fn asked(packet: &[u8]) -> Option<RefusedPacket> {
    const TCP: u8 = 6;
    const ICMP: u8 = 1;
    const UDP: u8 = 17;
    let (protocol, source, _, content) = split(packet)?;
    match protocol {
        // The reset comes from where the program wanted to go.
        TCP => Some(RefusedPacket { address: source, port: number(content, 0)?, transport: Transport::Tcp }),
        // Behind the message's own 8 bytes is the packet that it is about.
        ICMP => {
            let (protocol, _, destination, content) = split(content.get(8..)?)?;
            let port = number(content, 2)?;
            (protocol == UDP).then_some(RefusedPacket {
                address: destination,
                port,
                transport: Transport::Udp,
            })
        }
        _ => None,
    }
}

/// Protocol, source, destination and content of an IPv4 packet.
fn split(packet: &[u8]) -> Option<(u8, Ipv4Addr, Ipv4Addr, &[u8])> {
    let address = |at: usize| Some(Ipv4Addr::from(<[u8; 4]>::try_from(packet.get(at..at + 4)?).ok()?));
    let length = usize::from(packet.first()? & 0x0f) * 4;
    (length >= 20).then_some(())?;
    Some((*packet.get(9)?, address(12)?, address(16)?, packet.get(length..)?))
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

/// It is not known whether a refusal is the reason why the step fails. What most clients do without is `Unserved`.
impl RefusedPacket {
    fn problem(self, session: &SessionState) -> Problem {
        let Some(host) = session.host_of(self.address) else {
            let what = format!("{}:{}", self.address, self.port);
            return Problem { kind: ProblemKind::Refused, what, why: NO_NAME.to_owned(), fix: None };
        };
        let what = format!("{host}:{}", self.port);
        let refused = session.gateway.rules.check(&host, self.port, None);
        let allow = format!("`--allow-host {what}`");
        let (kind, why, fix) = match (refused, self.transport) {
            (Err(RuleRefusal::Denied), _) => {
                (ProblemKind::Refused, RuleRefusal::Denied.why(), RuleRefusal::Denied.fix(&host))
            }
            (_, _) if self.port == DNS && !self.address.is_loopback() => {
                let how = if self.transport == Transport::Udp { "UDP" } else { "TCP" };
                let why =
                    format!("it is asked for names by {how}, and the only resolver of a step is {RESOLVER}");
                let fix = "let the program ask the resolver that /etc/resolv.conf names, or let the steps have \
                           the host's network: `--network host`";
                (ProblemKind::Refused, why, fix.to_owned())
            }
            (_, Transport::Udp) => {
                let why = "it is asked by UDP (HTTP/3 or another protocol), and steps reach the network by TCP \
                           only, with http and https";
                let fix = "let the program use https over TCP, or let the steps have the host's network: \
                           `--network host`";
                (ProblemKind::Unserved, why.to_owned(), fix.to_owned())
            }
            // Programs of a step ask each other here, and look whether one is there.
            (_, Transport::Tcp) if self.address.is_loopback() => {
                let why = "nothing in the step listens there, and services of this machine are not reached";
                let fix = format!(
                    "if steps may reach what listens there on this machine, by http or https, say so: {allow} (for \
                     another protocol, `--network host`)"
                );
                (ProblemKind::Unserved, why.to_owned(), fix)
            }
            (refused, Transport::Tcp) => {
                let why = match refused {
                    Err(refused) => refused.why(),
                    Ok(()) => {
                        "steps reach the ports 80 and 443, and others that a setting or `--allow-host` names \
                               with their host"
                            .to_owned()
                    }
                };
                let fix = format!(
                    "if steps may reach it, by http or https, say so: {allow} (for another protocol, `--network host`)"
                );
                (ProblemKind::Refused, why, fix)
            }
        };
        Problem { kind, what, why, fix: Some(fix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An IPv4 header of 24 bytes, with an option, and what is behind it.
    fn packet(protocol: u8, source: [u8; 4], destination: [u8; 4], content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x46, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0];
        bytes.extend([source, destination, [1; 4]].concat());
        bytes.extend(content);
        bytes
    }

    #[test]
    fn a_reset_comes_from_what_was_asked_and_a_message_names_it() {
        let (host, step) = ([198, 18, 0, 2], [10, 1, 2, 3]);
        let reset = packet(6, host, step, &[0x20, 0xfb, 0x99, 0x99, 0, 0, 0, 0]);
        let (address, port) = (Ipv4Addr::from(host), 8443);
        assert_eq!(asked(&reset), Some(RefusedPacket { address, port, transport: Transport::Tcp }));
        let datagram = packet(17, step, host, &[0x99, 0x99, 1, 0xbb, 0, 8, 0, 0]);
        let message = packet(1, host, step, &[&[3, 3, 0, 0, 0, 0, 0, 0][..], &datagram].concat());
        assert_eq!(asked(&message), Some(RefusedPacket { address, port: 443, transport: Transport::Udp }));
        for length in 0..message.len() - 4 {
            assert_eq!(asked(&message[..length]), None, "{length}");
        }
        // About another protocol than UDP.
        let other = packet(1, host, step, &[&[3, 3, 0, 0, 0, 0, 0, 0][..], &reset].concat());
        assert_eq!(asked(&other), None);
    }
}
