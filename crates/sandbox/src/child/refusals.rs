//! A packet socket that receives what the kernel of a sandbox answers to connections and datagrams to ports on which no
//! socket listens. Programs see only `Connection refused`; the parent can say what to do about it.
//!
//! Runs in the child: no allocation, no panic.

use std::mem::size_of;

use crate::syscall::check;

/// The loopback interface is the first of every namespace (`LOOPBACK_IFINDEX` of the kernel).
const LOOPBACK: libc::c_int = 1;

/// Bytes of packets that wait for the parent. What does not fit is dropped.
const WAITING: libc::c_int = 32 * 1024;

/// Bytes of a packet that are kept: two IPv4 headers of the largest size, and the 8 bytes behind each of them.
const KEPT: u32 = 136;

const fn load(code: u32, k: u32) -> libc::sock_filter {
    libc::sock_filter { code: code as u16, jt: 0, jf: 0, k }
}

/// Passes over `jt` instructions if the comparison with `k` holds, else over `jf`.
const fn equal(k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    libc::sock_filter { code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16, jt, jf, k }
}

const HEADER_LENGTH: libc::sock_filter = load(libc::BPF_LDX | libc::BPF_B | libc::BPF_MSH, 0);
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;

/// The flags FIN, SYN, RST and ACK of a TCP header.
const FLAGS: u32 = 0x17;

/// Lets through the two answers that the kernel gives where no socket listens, and nothing of what programs say:
/// a reset with an acknowledgement and the sequence number 0, and an ICMP message of type 3 and code 3.
///
/// Source: RFC 9293, section 3.10.7.1; RFC 1122, section 4.1.3.1; the kernel's filter.rst.
static REFUSALS: [libc::sock_filter; 14] = [
    // The protocol of the IPv4 header, with which the packet begins.
    load(libc::BPF_LD | libc::BPF_B | libc::BPF_ABS, 9),
    equal(libc::IPPROTO_TCP as u32, 1, 0),
    equal(libc::IPPROTO_ICMP as u32, 6, 10),
    HEADER_LENGTH,
    load(libc::BPF_LD | libc::BPF_B | libc::BPF_IND, 13),
    load(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K, FLAGS),
    equal(0x14, 0, 6),
    load(libc::BPF_LD | libc::BPF_W | libc::BPF_IND, 4),
    equal(0, 3, 4),
    HEADER_LENGTH,
    load(libc::BPF_LD | libc::BPF_H | libc::BPF_IND, 0),
    equal(0x0303, 0, 1),
    load(RETURN, KEPT),
    load(RETURN, 0),
];

/// The socket; `None` where the kernel or what surrounds the caller has none to give (`AF_PACKET` needs
/// `CAP_NET_RAW` over the network namespace).
///
/// Source: packet(7).
pub(super) fn open() -> Option<libc::c_int> {
    // SAFETY: plain system calls; the results are checked. All zeros is a valid `sockaddr_ll`; pointers and sizes are
    // those of values that live as long, and the kernel copies what it is given. The socket is ours to close.
    unsafe {
        let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // Of no protocol, so that nothing comes before the filter is there.
        let socket = libc::socket(libc::AF_PACKET, kind, 0);
        check(socket).ok()?;
        let program = libc::sock_fprog { len: REFUSALS.len() as u16, filter: REFUSALS.as_ptr().cast_mut() };
        let mut place: libc::sockaddr_ll = std::mem::zeroed();
        place.sll_family = libc::AF_PACKET as u16;
        // Of this protocol alone: with all of them, each packet of the loopback interface would come twice.
        place.sll_protocol = (libc::ETH_P_IP as u16).to_be();
        place.sll_ifindex = LOOPBACK;
        let waiting = WAITING;
        let set = |option, value: *const libc::c_void, size| {
            check(libc::setsockopt(socket, libc::SOL_SOCKET, option, value, size as libc::socklen_t))
        };
        let made = set(libc::SO_ATTACH_FILTER, (&raw const program).cast(), size_of::<libc::sock_fprog>())
            .and_then(|()| set(libc::SO_RCVBUF, (&raw const waiting).cast(), size_of::<libc::c_int>()))
            .and_then(|()| {
                let size = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
                check(libc::bind(socket, (&raw const place).cast(), size))
            });
        match made {
            Ok(()) => Some(socket),
            Err(_) => {
                libc::close(socket);
                None
            }
        }
    }
}
