//! The network of a sandbox: its loopback interface, the route that makes every address its own, and the sockets that
//! listen there for the parent.
//!
//! Runs in the child: no allocation, no panic.

use std::mem::size_of;
use std::net::Ipv4Addr;

use rustix::io::Errno;

use crate::descriptors::{FIRST_FREE, SOCKETS};
use crate::script::MOST_PORTS;
use crate::syscall::{check, check_long};

use super::refusals;

pub(super) fn bring_up_loopback() -> Result<(), Errno> {
    // SAFETY: plain system call; the result is checked.
    let socket = unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) };
    check(socket)?;
    // SAFETY: all zeros is a valid `ifreq`; name and flags are the fields that the request reads; the kernel
    // copies the structure before it returns. The socket is ours to close.
    unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        for (place, byte) in request.ifr_name.iter_mut().zip(b"lo") {
            *place = *byte as libc::c_char;
        }
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        let result = check(libc::ioctl(socket, libc::SIOCSIFFLAGS as _, &request));
        libc::close(socket);
        result
    }
}

/// The loopback interface is the first of every namespace (`LOOPBACK_IFINDEX` of the kernel).
const LOOPBACK: u32 = 1;

/// A netlink message: header, `rtmsg`, one attribute.
const ROUTE_SIZE: usize = 36;

/// `ip route add local default dev lo`: the kernel takes every IPv4 address for one of this namespace. Needs no route
/// of the host and no privilege outside.
///
/// Source: rtnetlink(7).
pub(super) fn route_to_self() -> Result<(), Errno> {
    let flags = (libc::NLM_F_REQUEST | libc::NLM_F_ACK | libc::NLM_F_CREATE) as u16;
    let mut message = [0u8; ROUTE_SIZE];
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        for byte in bytes {
            if let Some(place) = message.get_mut(at) {
                *place = *byte;
            }
            at += 1;
        }
    };
    put(&(ROUTE_SIZE as u32).to_ne_bytes());
    put(&libc::RTM_NEWROUTE.to_ne_bytes());
    put(&flags.to_ne_bytes());
    // Sequence and sender.
    put(&[0; 8]);
    // Family; lengths of destination and source, 0 for all addresses; type of service.
    put(&[libc::AF_INET as u8, 0, 0, 0]);
    put(&[libc::RT_TABLE_LOCAL, libc::RTPROT_BOOT, libc::RT_SCOPE_HOST, libc::RTN_LOCAL]);
    put(&[0; 4]);
    put(&8u16.to_ne_bytes());
    put(&libc::RTA_OIF.to_ne_bytes());
    put(&LOOPBACK.to_ne_bytes());
    // SAFETY: plain system calls; the results are checked. Pointers and lengths are those of arrays that live as long;
    // the socket is ours to close.
    unsafe {
        let socket = libc::socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_CLOEXEC, libc::NETLINK_ROUTE);
        check(socket)?;
        let sent = libc::send(socket, message.as_ptr().cast(), message.len(), 0);
        let mut answer = [0u8; 128];
        let result = check_long(sent as i64).and_then(|()| {
            let count = libc::recv(socket, answer.as_mut_ptr().cast(), answer.len(), 0);
            check_long(count as i64)
        });
        libc::close(socket);
        result?;
        // A header of 16 bytes, then the negative error number, 0 for done.
        let error = i32::from_ne_bytes([answer[16], answer[17], answer[18], answer[19]]);
        if error == 0 { Ok(()) } else { Err(Errno::from_raw_os_error(-error)) }
    }
}

/// Most sockets: one for each port, two for the resolver, one that hears refusals.
const MOST_SOCKETS: usize = MOST_PORTS + 3;

/// Connections that wait until the parent takes them.
const WAITING: libc::c_int = 1024;

/// Opens the sockets and hands them to the parent: the resolver's for UDP and TCP, those of the ports, in order, and
/// the one that hears refusals, if there is one.
pub(super) fn listen(ports: &[u16], resolver: Ipv4Addr) -> Result<(), Errno> {
    let mut sockets = [-1; MOST_SOCKETS];
    let mut count = 0;
    let mut keep = |socket: Result<libc::c_int, Errno>| {
        let place = sockets.get_mut(count).ok_or(Errno::INVAL)?;
        *place = socket?;
        count += 1;
        Ok::<(), Errno>(())
    };
    keep(open(libc::SOCK_DGRAM, resolver, 53))?;
    keep(open(libc::SOCK_STREAM, resolver, 53))?;
    for port in ports {
        keep(open(libc::SOCK_STREAM, Ipv4Addr::UNSPECIFIED, *port))?;
    }
    let hears = refusals::open();
    if let Some(socket) = hears {
        keep(Ok(socket))?;
    }
    hand_over(&sockets[..count.min(MOST_SOCKETS)], hears.is_some())?;
    // SAFETY: nothing in this process owns these numbers any more: sockets were opened above, and `SOCKETS` is owned
    // by no Rust object; 0 is open.
    unsafe {
        check_long(libc::syscall(libc::SYS_close_range, FIRST_FREE, u32::MAX, 0))?;
        check(libc::dup3(0, SOCKETS, libc::O_CLOEXEC))
    }
}

fn open(kind: libc::c_int, address: Ipv4Addr, port: u16) -> Result<libc::c_int, Errno> {
    // SAFETY: plain system calls; the results are checked. All zeros is a valid `sockaddr_in`; pointers and sizes are
    // those of values that live as long.
    unsafe {
        let socket = libc::socket(libc::AF_INET, kind | libc::SOCK_CLOEXEC, 0);
        check(socket)?;
        let mut place: libc::sockaddr_in = std::mem::zeroed();
        place.sin_family = libc::AF_INET as libc::sa_family_t;
        place.sin_port = port.to_be();
        place.sin_addr.s_addr = u32::from(address).to_be();
        let size = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        check(libc::bind(socket, (&raw const place).cast(), size))?;
        if kind == libc::SOCK_STREAM {
            check(libc::listen(socket, WAITING))?;
        }
        Ok(socket)
    }
}

/// Sends open files over the pair whose other end the parent has, with a byte that says whether the last of them hears
/// refusals.
///
/// Source: unix(7), `SCM_RIGHTS`.
fn hand_over(sockets: &[libc::c_int], hears: bool) -> Result<(), Errno> {
    let size = size_of_val(sockets) as libc::c_uint;
    // Aligned as the header is; room for the most.
    let mut control = [0u64; (MOST_SOCKETS * size_of::<libc::c_int>()).div_ceil(8) + 4];
    let byte = [u8::from(hears)];
    // SAFETY: all zeros is a valid `msghdr`; its pointers are to values that live as long. The control buffer has room
    // for one header and all sockets, and the header's data is written within it.
    unsafe {
        let mut part = libc::iovec { iov_base: byte.as_ptr().cast_mut().cast(), iov_len: byte.len() };
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = libc::CMSG_SPACE(size) as _;
        let header = libc::CMSG_FIRSTHDR(&raw const message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(size) as _;
        std::ptr::copy_nonoverlapping(sockets.as_ptr().cast::<u8>(), libc::CMSG_DATA(header), size as usize);
        check_long(libc::sendmsg(SOCKETS, &raw const message, 0) as i64)
    }
}
