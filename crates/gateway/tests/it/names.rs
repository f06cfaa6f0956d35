//! The resolver, over both transports.

use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};

use packwright_gateway::{GatewayOptions, Rules};

use crate::World;

/// A question for the address of `name`.
pub(crate) fn question(name: &str) -> Vec<u8> {
    let mut bytes = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.extend_from_slice(&[0, 0, 1, 0, 1]);
    bytes
}

/// The resolver's answer, by UDP.
pub(crate) fn ask(world: &World, question: &[u8]) -> Vec<u8> {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(question, world.resolver).unwrap();
    let mut answer = [0; 512];
    let length = socket.recv(&mut answer).unwrap();
    answer[..length].to_vec()
}

#[test]
fn names_get_addresses_and_denied_ones_do_not_exist() {
    let rules = Rules { deny: vec!["evil.test".parse().unwrap()], ..Rules::default() };
    let mut world = World::new(GatewayOptions { rules, ..GatewayOptions::default() }, Vec::new());
    let ask = |name: &str| ask(&world, &question(name));
    let first = ask("host.test");
    assert!(first.ends_with(&[198, 18, 0, 2]), "{first:?}");
    assert_eq!(ask("host.test"), first);
    assert!(ask("other.test").ends_with(&[198, 18, 0, 3]));
    assert_eq!(ask("c2.evil.test")[3] & 0xf, 3);
    let mut stream = TcpStream::connect(world.resolver_stream).unwrap();
    let bytes = question("host.test");
    stream.write_all(&(bytes.len() as u16).to_be_bytes()).unwrap();
    stream.write_all(&bytes).unwrap();
    let mut answer = vec![0; 2 + first.len()];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer[2..], first);
    drop(stream);
    assert_eq!(world.problems(), ["`c2.evil.test` is refused: `--deny-host` names it"]);
}
