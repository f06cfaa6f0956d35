//! What the gateway costs: one large file from a server on the loopback, fetched by curl directly and from inside a
//! sandbox through the gateway. Plain http on both sides, so that the copying and hashing is measured and no cipher.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use packwright::gateway::{Gateway, GatewayOptions, HostRule, PORTS, RESOLVER, Rules, Sockets};
use packwright::sandbox::{Access, Control, Mount, Network, Root, Sandbox, run_with_gateway};

use crate::row;

/// Size of the file in bytes.
const SIZE: usize = 500_000_000;

/// How often each way is measured.
const ROUNDS: usize = 5;

/// Measures both ways in turn, and prints their medians.
pub(crate) fn measure(room: &Path) {
    let port = serve();
    let address = format!("http://127.0.0.1:{port}/file");
    let root = root(&room.join("root"));
    let (mut direct, mut through) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        direct.push(directly(&address));
        through.push(through_gateway(&root, &address, port));
    }
    let (direct, through) = (median(direct), median(through));
    let rate = |time: Duration| format!("{:.0} MB/s", SIZE as f64 / 1e6 / time.as_secs_f64());
    row("500 MB from the loopback by curl, directly", &rate(direct), "");
    row("the same through the gateway, sandbox included", &rate(through), "");
    row("gateway / directly, time", &format!("{:.2}", through.as_secs_f64() / direct.as_secs_f64()), "1.10");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn directly(address: &str) -> Duration {
    let start = Instant::now();
    let status = Command::new("curl").args(["-sSf", "--noproxy", "*", "-o", "/dev/null", address]).status();
    assert!(status.expect("curl is installed").success());
    start.elapsed()
}

fn through_gateway(root: &Path, address: &str, port: u16) -> Duration {
    let rule = HostRule::new("127.0.0.1", Some(port)).expect("an address is a host");
    let rules = Rules { allow: vec![rule], deny: Vec::new() };
    let gateway = Gateway::new(GatewayOptions { rules, ..GatewayOptions::default() }).expect("a gateway");
    let session = gateway.session();
    let argv = ["/usr/bin/curl", "-sSf", "--noproxy", "*", "-o", "/dev/null", address];
    let mut sandbox = Sandbox::new(Root::Directory(root.to_owned()), argv);
    sandbox.mounts = ["/usr", "/etc"]
        .map(|path| Mount::Bind { source: path.into(), target: path.into(), access: Access::ReadOnly })
        .into();
    let ports = PORTS.into_iter().chain([port]).collect();
    sandbox.network = Network::Gateway { ports, resolver: RESOLVER };
    let mut serving = None;
    let start = Instant::now();
    let report = run_with_gateway(
        &sandbox,
        &mut |_, text| print!("{}", String::from_utf8_lossy(text)),
        &mut |from| {
            let (listeners, resolver, refusals) = (from.listeners, from.resolver, from.refusals);
            let sockets = Sockets { listeners, resolver, resolver_stream: from.resolver_stream, refusals };
            serving = Some(session.serve(sockets).expect("the sockets can be served"));
        },
        &Control::new().expect("a control"),
    )
    .expect("the sandbox works here");
    let elapsed = start.elapsed();
    assert!(report.outcome.success(), "{:?} {:?}", report.outcome, session.problems());
    drop(serving);
    let fetched: u64 = session.transfers().iter().map(|transfer| transfer.size).sum();
    assert_eq!(fetched, SIZE as u64);
    elapsed
}

/// A root that is the host's `/usr`.
fn root(dir: &Path) -> std::path::PathBuf {
    fs::create_dir(dir).expect("the room is empty");
    for name in ["bin", "sbin", "lib", "lib64"] {
        if let Ok(target) = fs::read_link(Path::new("/").join(name)) {
            symlink(target, dir.join(name)).expect("the root is empty");
        }
    }
    dir.to_owned()
}

/// Serves the file to every request, until the process ends.
fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("a port").port();
    thread::spawn(move || {
        let block = vec![0x5a; 1 << 20];
        for mut stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            while lines.next().is_some_and(|line| !line.is_empty()) {}
            drop(lines);
            let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\nConnection: close\r\n\r\n");
            let mut left = SIZE;
            while left > 0 {
                let part = left.min(block.len());
                if stream.write_all(&block[..part]).is_err() {
                    break;
                }
                left -= part;
            }
        }
    });
    port
}
