//! A network that ends at the caller's sockets.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

use packwright_sandbox::{
    Control, GatewaySockets, Network, Outcome, Privilege, Sandbox, SandboxError, Stream, run_with_gateway,
};

use crate::world::{World, ran, root};

const RESOLVER: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 1);

/// All kinds of caller that this user can be.
fn privileges() -> Vec<Privilege> {
    match root() {
        true => vec![Privilege::UserNamespace, Privilege::Chroot],
        false => vec![Privilege::UserNamespace],
    }
}

/// Runs a line of bash behind listeners that answer with the address that was asked for.
fn behind(world: &World, privilege: Privilege, ports: &[u16], line: &str) -> (Outcome, String) {
    let mut sandbox = world.command(["bash", "-c", line]);
    sandbox.privilege = privilege;
    sandbox.network = Network::Gateway { ports: ports.to_vec(), resolver: RESOLVER };
    serve(&sandbox).unwrap()
}

fn serve(sandbox: &Sandbox) -> Result<(Outcome, String), SandboxError> {
    let mut text = Vec::new();
    let mut gather = |_: Stream, bytes: &[u8]| text.extend_from_slice(bytes);
    let mut serve = |sockets: GatewaySockets| {
        for listener in sockets.listeners {
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let asked = stream.local_addr().unwrap();
                    let _ = writeln!(&stream, "{asked}");
                }
            });
        }
        std::thread::spawn(move || {
            let mut question = [0; 16];
            while let Ok((length, from)) = sockets.resolver.recv_from(&mut question) {
                sockets.resolver.send_to(&question[..length], from).unwrap();
            }
        });
    };
    let report = run_with_gateway(sandbox, &mut gather, &mut serve, &Control::new().unwrap())?;
    Ok((report.outcome, String::from_utf8(text).unwrap()))
}

#[test]
fn every_address_is_the_callers() {
    for privilege in privileges() {
        let world = World::new();
        let line = "for at in 198.18.0.7/80 203.0.113.80/443 169.254.169.254/80 10.0.0.1/80 255.0.0.1/443 \
                    127.0.0.1/80; do exec 3<>/dev/tcp/$at; head -n 1 <&3; done";
        let (outcome, text) = behind(&world, privilege, &[80, 443], line);
        assert_eq!(outcome, Outcome::Exited(0), "{text}");
        let asked: Vec<&str> = text.lines().collect();
        let expected = [
            "198.18.0.7:80",
            "203.0.113.80:443",
            "169.254.169.254:80",
            "10.0.0.1:80",
            "255.0.0.1:443",
            "127.0.0.1:80",
        ];
        assert_eq!(asked, expected, "{privilege:?}");
    }
}

#[test]
fn other_ports_and_ipv6_are_refused_at_once() {
    for privilege in privileges() {
        let world = World::new();
        let line = "(exec 3<>/dev/tcp/203.0.113.80/81) 2>&1; (exec 3<>/dev/tcp/2001:db8::1/80) 2>&1; true";
        let (_, text) = behind(&world, privilege, &[80], line);
        assert!(text.contains("Connection refused"), "{text}");
        assert!(text.contains("unreachable") || text.contains("Cannot assign"), "{text}");
    }
}

#[test]
fn the_resolver_answers_at_its_address() {
    for privilege in privileges() {
        let world = World::new();
        let line = "exec 3<>/dev/udp/198.18.0.1/53; printf question >&3; head -c 8 <&3";
        let (_, text) = behind(&world, privilege, &[], line);
        assert_eq!(text, "question", "{privilege:?}");
    }
}

#[test]
fn of_the_host_there_is_nothing() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = tcp.local_addr().unwrap().port();
    let name = format!("packwright-canary-{}", std::process::id());
    let _abstract = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    for privilege in privileges() {
        let world = World::new();
        let line = format!(
            "(exec 3<>/dev/tcp/127.0.0.1/{port}) 2>&1; grep -c {name} /proc/net/unix; tail -n +3 /proc/net/dev | \
             cut -d: -f1 | tr -d ' '"
        );
        let (_, text) = behind(&world, privilege, &[80], &line);
        assert!(text.contains("Connection refused"), "{text}");
        assert!(text.ends_with("\n0\nlo\n"), "{text}");
    }
    // The canary can be seen where the network is the host's.
    let world = World::new();
    let mut sandbox = world.sh(&format!("grep -c {name} /proc/net/unix"));
    sandbox.network = Network::Host;
    assert_eq!(ran(&sandbox).text(), "1");
}

#[test]
fn the_program_has_none_of_the_sockets() {
    for privilege in privileges() {
        let world = World::new();
        let (_, text) =
            behind(&world, privilege, &[80, 443], "ls /proc/self/fd; ls -l /proc/self/fd | grep -c socket");
        // Its own three, and the one that lists them.
        assert!(text.starts_with("0\n1\n2\n3\n") && text.ends_with("\n0\n"), "{text}");
    }
}

#[test]
fn without_a_taker_connections_are_refused() {
    let world = World::new();
    let mut sandbox = world.command(["bash", "-c", "sleep 0.3; exec 3<>/dev/tcp/203.0.113.80/80"]);
    sandbox.network = Network::Gateway { ports: vec![80], resolver: RESOLVER };
    assert!(ran(&sandbox).stderr.contains("Connection refused"));
}

#[test]
fn more_ports_than_fit_are_an_error() {
    let world = World::new();
    let mut sandbox = world.command(["true"]);
    sandbox.network = Network::Gateway { ports: (1000..1200).collect(), resolver: RESOLVER };
    assert_eq!(serve(&sandbox).unwrap().0, Outcome::Exited(0));
    sandbox.network = Network::Gateway { ports: (1000..1201).collect(), resolver: RESOLVER };
    assert!(matches!(serve(&sandbox), Err(SandboxError::TooManyPorts { count: 201 })));
}

#[test]
fn a_port_that_is_there_twice_is_an_error_with_its_stage() {
    let world = World::new();
    let mut sandbox = world.command(["true"]);
    sandbox.network = Network::Gateway { ports: vec![80, 80], resolver: RESOLVER };
    let error = serve(&sandbox).unwrap_err();
    assert!(error.to_string().contains("listen for the step's connections"), "{error}");
}

/// What the kernel refused, as protocol and first bytes behind the header.
fn refusals(world: &World, privilege: Privilege, line: &str) -> Vec<Vec<u8>> {
    let mut sandbox = world.command(["bash", "-c", line]);
    sandbox.privilege = privilege;
    sandbox.network = Network::Gateway { ports: vec![80], resolver: RESOLVER };
    let mut kept = None;
    let mut serve = |sockets: GatewaySockets| kept = Some(sockets);
    let report = run_with_gateway(&sandbox, &mut |_, _| {}, &mut serve, &Control::new().unwrap()).unwrap();
    assert_eq!(report.outcome, Outcome::Exited(0));
    let socket = kept.unwrap().refusals.expect("the kernel of the tests has AF_PACKET");
    let (mut packets, mut packet) = (Vec::new(), [0; 256]);
    while let Ok(length) = rustix::io::read(&socket, &mut packet) {
        packets.push(packet[..length].to_vec());
    }
    packets
}

#[test]
fn what_the_kernel_refuses_is_heard_and_nothing_else() {
    for privilege in privileges() {
        let world = World::new();
        // Served: a connection, a question for a name, what a program of the step's own listens for.
        let line = "exec 3<>/dev/tcp/203.0.113.80/80; exec 4<>/dev/udp/198.18.0.1/53; printf x >&4
            (exec 5<>/dev/tcp/203.0.113.80/8443); exec 6<>/dev/udp/203.0.113.80/443; printf x >&6; exec 3<&-";
        let heard = refusals(&world, privilege, line);
        let [reset, message] = heard.as_slice() else { panic!("{privilege:?}: {heard:?}") };
        assert_eq!(
            (reset[9], &reset[12..16], &reset[20..22]),
            (6, &[203, 0, 113, 80][..], &[0x20, 0xfb][..])
        );
        assert_eq!((message[9], &message[20..22]), (1, &[3, 3][..]));
        // The packet that it is about.
        assert_eq!(
            (message[28 + 9], &message[28 + 16..28 + 20], &message[28 + 22..28 + 24]),
            (17, &[203, 0, 113, 80][..], &[1, 0xbb][..])
        );
    }
}
