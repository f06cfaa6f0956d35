//! Sockets that listen inside a sandbox, on the parent's side.

use std::mem::MaybeUninit;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::OwnedFd;

use rustix::io::{Errno, IoSliceMut};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

use crate::script::MOST_PORTS;

/// Sockets inside the network namespace of a sandbox with [`Network::Gateway`](crate::Network::Gateway). A connection
/// that they accept says by its local address which address the program asked for.
#[derive(Debug)]
pub struct GatewaySockets {
    /// One for each port, in the order of the ports, bound to every address.
    pub listeners: Vec<TcpListener>,
    /// Port 53 of the resolver's address.
    pub resolver: UdpSocket,
    /// The same by TCP.
    pub resolver_stream: TcpListener,
    /// Where the kernel's refusals can be read, one IPv4 packet each: the TCP reset that answers a connection to a
    /// port at which no socket listens, and the ICMP message that answers such a datagram. Never blocks, and loses
    /// what is not read in time. `None` where the kernel has no such socket to give (`AF_PACKET`).
    pub refusals: Option<OwnedFd>,
}

/// The sockets that wait at `pair`; `None` if none came.
pub(crate) fn receive(pair: &OwnedFd) -> Result<Option<GatewaySockets>, Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_PORTS + 3))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let flags = RecvFlags::CMSG_CLOEXEC;
    rustix::io::retry_on_intr(|| recvmsg(pair, &mut [IoSliceMut::new(&mut byte)], &mut control, flags))?;
    let mut sockets: Vec<OwnedFd> = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            sockets.extend(received);
        }
    }
    let refusals = if byte == [1] { sockets.pop() } else { None };
    let mut sockets = sockets.into_iter();
    let (Some(resolver), Some(resolver_stream)) = (sockets.next(), sockets.next()) else { return Ok(None) };
    Ok(Some(GatewaySockets {
        listeners: sockets.map(TcpListener::from).collect(),
        resolver: resolver.into(),
        resolver_stream: resolver_stream.into(),
        refusals,
    }))
}
