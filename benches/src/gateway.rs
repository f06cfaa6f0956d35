//! What the gateway costs: one large file, fetched by curl directly and from inside a sandbox through the gateway. From
//! a server on the loopback by plain http, so that copying and hashing is measured and no cipher: the gateway hashes all
//! that it passes on, so the time of one SHA-256 stands beside it as the limit. And from the server of an address that
//! the caller names, by https, as packages come.

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

use packwright::oci::Hasher;
use packwright::remote::ClientOptions;

use crate::row;

/// Size of the file in bytes.
const SIZE: usize = 500_000_000;

/// How often each way is measured.
const ROUNDS: usize = 5;

/// The certificates to trust where no variable names others.
const CA_BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Where the authority of the gateway is inside: a file that every host has.
const AUTHORITY: &str = "/etc/hostname";

/// Measures both ways in turn, and prints their medians; then the file at `address`.
pub(crate) fn measure(room: &Path, address: Option<&str>) {
    let root = root(&room.join("root"));
    let port = serve();
    compare("500 MB from the loopback", &root, &format!("http://127.0.0.1:{port}/file"), Some(port), "");
    let hashed = median((0..ROUNDS).map(|_| hash_time()).collect());
    row("SHA-256 of 500 MB in memory", &rate(SIZE as u64, hashed), "");
    if let Some(address) = address {
        compare("a large file from its server", &root, address, None, "1.10");
    }
}

fn compare(what: &str, root: &Path, address: &str, port: Option<u16>, aim: &str) {
    let (mut direct, mut through, mut size) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let (time, received) = directly(address);
        size = received;
        direct.push(time);
        through.push(through_gateway(root, address, port, size));
    }
    let (direct, through) = (median(direct), median(through));
    row(&format!("{what} by curl, directly ({:.0} MB)", size as f64 / 1e6), &rate(size, direct), "");
    row("the same through the gateway, sandbox included", &rate(size, through), "");
    row("gateway / directly, time", &format!("{:.2}", through.as_secs_f64() / direct.as_secs_f64()), aim);
}

fn rate(size: u64, time: Duration) -> String {
    format!("{:.0} MB/s", size as f64 / 1e6 / time.as_secs_f64())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn hash_time() -> Duration {
    let block = vec![0x5a; 1 << 20];
    let start = Instant::now();
    let mut hasher = Hasher::new();
    (0..SIZE / block.len()).for_each(|_| hasher.update(&block));
    hasher.finish();
    start.elapsed()
}

/// How long curl takes by itself, and how many bytes it gets.
fn directly(address: &str) -> (Duration, u64) {
    let start = Instant::now();
    let mut command = Command::new("curl");
    command.args(["-sSf", "-o", "/dev/null", "-w", "%{size_download}"]);
    if is_of_this_machine(address) {
        command.args(["--noproxy", "*"]);
    }
    let told = command.arg(address).output().expect("curl is installed");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    (start.elapsed(), String::from_utf8_lossy(&told.stdout).parse().expect("curl tells the size"))
}

fn is_of_this_machine(address: &str) -> bool {
    address.starts_with("http://127.0.0.1:")
}

/// How long curl takes in a step's network; `port` is that of this machine that it may reach.
fn through_gateway(root: &Path, address: &str, port: Option<u16>, size: u64) -> Duration {
    let rule = port.map(|port| HostRule::new("127.0.0.1", Some(port)).expect("an address is a host"));
    let rules = Rules { allow: rule.into_iter().collect(), deny: Vec::new() };
    let bundle = std::env::var("SSL_CERT_FILE").unwrap_or_else(|_| CA_BUNDLE.to_owned());
    let client = ClientOptions { ca_bundle: fs::read(bundle).ok(), ..ClientOptions::default() };
    let options = GatewayOptions { rules, client, ..GatewayOptions::default() };
    let gateway = Gateway::new(options).expect("a gateway");
    let session = gateway.session();
    let room = root.with_extension("own");
    fs::create_dir_all(&room).expect("the room is writable");
    let (authority, resolver) = (room.join("authority.pem"), room.join("resolv.conf"));
    fs::write(&authority, gateway.certificate()).expect("the room is writable");
    fs::write(&resolver, format!("nameserver {RESOLVER}\n")).expect("the room is writable");
    let argv = ["/usr/bin/curl", "-sSf", "--noproxy", "*", "--cacert", AUTHORITY, "-o", "/dev/null", address];
    let mut sandbox = Sandbox::new(Root::Directory(root.to_owned()), argv);
    sandbox.mounts = ["/usr", "/etc"]
        .map(|path| Mount::Bind { source: path.into(), target: path.into(), access: Access::ReadOnly })
        .into();
    for (source, target) in [(&authority, AUTHORITY), (&resolver, "/etc/resolv.conf")] {
        let bind = Mount::Bind { source: source.clone(), target: target.into(), access: Access::ReadOnly };
        sandbox.mounts.push(bind);
    }
    let ports = PORTS.into_iter().chain(port).collect();
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
    assert_eq!(fetched, size);
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
