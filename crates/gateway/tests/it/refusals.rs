//! What the kernel of a step refuses. A pair of sockets stands for the one that hears it.

use std::os::unix::net::UnixDatagram;
use std::time::Instant;

use packwright_gateway::{ProblemKind, Rules};

use crate::names::{ask, question};
use crate::{GatewayOptions, World};

/// The reset that answers a connection to `port` at `address`.
fn reset(address: [u8; 4], port: u16) -> Vec<u8> {
    let mut bytes = vec![0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0];
    bytes.extend([address, [10, 0, 0, 9]].concat());
    bytes.extend([&port.to_be_bytes()[..], &[0; 18]].concat());
    bytes
}

/// The message that answers a datagram to `port` at `address`.
fn unreachable(address: [u8; 4], port: u16) -> Vec<u8> {
    let mut bytes = vec![0x45, 0xc0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0];
    bytes.extend([address, [10, 0, 0, 9]].concat());
    bytes.extend([3, 3, 0, 0, 0, 0, 0, 0]);
    bytes.extend([0x45, 0, 0, 29, 0, 0, 0x40, 0, 64, 17, 0, 0]);
    bytes.extend([[10, 0, 0, 9], address].concat());
    bytes.extend([&[0x99, 0x99], &port.to_be_bytes()[..], &[0, 9, 0, 0]].concat());
    bytes
}

fn hearing(rules: Rules) -> (World, UnixDatagram) {
    let (kernel, own) = UnixDatagram::pair().unwrap();
    own.set_nonblocking(true).unwrap();
    let options = GatewayOptions { rules, ..GatewayOptions::default() };
    (World::hearing(options, Vec::new(), Some(own.into())), kernel)
}

#[test]
fn each_has_its_reason_and_its_remedy() {
    let rules = Rules { deny: vec!["denied.test:8443".parse().unwrap()], ..Rules::default() };
    let (mut world, kernel) = hearing(rules);
    assert!(ask(&world, &question("host.test")).ends_with(&[198, 18, 0, 2]));
    assert!(ask(&world, &question("denied.test")).ends_with(&[198, 18, 0, 3]));
    for packet in [
        reset([198, 18, 0, 2], 8443),
        reset([198, 18, 0, 2], 8443),
        reset([198, 18, 0, 3], 8443),
        reset([10, 0, 0, 1], 5432),
        reset([127, 0, 0, 1], 5432),
        reset([198, 18, 9, 9], 8443),
        reset([8, 8, 8, 8], 53),
        unreachable([8, 8, 8, 8], 53),
        unreachable([198, 18, 0, 2], 443),
        b"no packet".to_vec(),
    ] {
        kernel.send(&packet).unwrap();
    }
    world.end();
    let problems = world.session.problems();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let ports =
        "steps reach the ports 80 and 443, and others that a setting or `--allow-host` names with their host";
    assert_eq!(
        told,
        [
            "`10.0.0.1:5432` is refused: it is a private address, and steps reach public addresses only".to_owned(),
            "`198.18.9.9:8443` is refused: the address stands for no name of this step".to_owned(),
            "`8.8.8.8:53` is refused: it is asked for names by TCP, and the only resolver of a step is 198.18.0.1"
                .to_owned(),
            "`8.8.8.8:53` is refused: it is asked for names by UDP, and the only resolver of a step is 198.18.0.1"
                .to_owned(),
            "`denied.test:8443` is refused: `--deny-host` names it".to_owned(),
            format!("`host.test:8443` is refused: {ports}"),
            "`127.0.0.1:5432` is refused: nothing in the step listens there, and services of this machine are not \
             reached"
                .to_owned(),
            "`host.test:443` is refused: it is asked by UDP (HTTP/3 or another protocol), and steps reach the network \
             by TCP only, with http and https"
                .to_owned(),
        ]
    );
    assert!(problems[5].fix.as_ref().unwrap().contains("`--allow-host host.test:8443`"), "{problems:?}");
    assert!(problems[2].fix.as_ref().unwrap().contains("/etc/resolv.conf"), "{problems:?}");
    let kinds: Vec<ProblemKind> = problems.iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds[..6], [ProblemKind::Refused; 6]);
    assert_eq!(kinds[6..], [ProblemKind::Unserved; 2], "clients mostly do without these");
}

#[test]
fn a_flood_neither_fills_the_record_nor_keeps_others_waiting() {
    let (mut world, kernel) = hearing(Rules::default());
    kernel.set_nonblocking(true).unwrap();
    let until = Instant::now() + std::time::Duration::from_secs(1);
    let flood = std::thread::spawn(move || {
        let (mut taken, mut port) = (0u64, 0u16);
        while Instant::now() < until {
            // A few ports again and again, then others.
            port = if taken < 200 { port % 4 + 1 } else { port.wrapping_add(1) };
            taken += u64::from(kernel.send(&reset([203, 0, 113, 1], port)).is_ok());
        }
        taken
    });
    for _ in 0..20 {
        assert!(ask(&world, &question("host.test")).ends_with(&[198, 18, 0, 2]));
    }
    let taken = flood.join().unwrap();
    // 64 in 20 milliseconds, and what waits in the socket.
    assert!(taken < 10_000, "{taken}");
    world.end();
    assert_eq!(world.session.problems().len(), 16);
}
