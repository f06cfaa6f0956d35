//! Which uses of a lock demand that steps fetch what it has. The step is one of the host's bash, and the server is here.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command as Host;

use packwright::gateway::{HostRule, Rules};
use packwright::oci::{Digest, Hasher};
use packwright::planner::{
    Base, Command, Input, LOCK_FORMAT, LayerKind, Lock, LockedDownload, Network, Origin, Output, PLAN_FORMAT,
    Plan, Selection, Step,
};
use packwright::{BuildError, BuildOptions, Error, LOCK_FILE, LockUse, Source, StepNetwork};

use crate::builder;

/// Asks for `/a`, and goes on whatever comes.
const SCRIPT: &str = r"
    exec 3<>/dev/tcp/127.0.0.1/PORT
    printf 'GET /a HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n' >&3
    while IFS= read -r line <&3; do echo; done || true
    echo done > /app/out
";

/// A server that says `body` to everything.
fn server(body: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let head = format!("Content-Length: {}\r\nConnection: close", body.len());
            let _ = write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}");
        }
    });
    port
}

/// Copies the host's bash with its libraries to `dir`; the words that start it below `/app`.
fn bash(dir: &Path) -> Vec<String> {
    let listed = Host::new("ldd").arg("/bin/bash").output().expect("ldd says what the shell needs");
    let listed = String::from_utf8(listed.stdout).unwrap();
    let files = listed.split_whitespace().filter(|word| word.starts_with('/') && !word.ends_with(':'));
    let mut loader = String::new();
    for file in files.chain(["/bin/bash"]).map(PathBuf::from) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        fs::copy(&file, dir.join(&name)).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(dir.join(&name), mode).unwrap();
        if name.starts_with("ld-") {
            loader = format!("/app/{name}");
        }
    }
    [&loader, "--library-path", "/app", "/app/bash", "-euc"].map(str::to_owned).to_vec()
}

fn plan(shell: Vec<String>, port: u16) -> Plan {
    let mut step = Step::new("toy.fetch".parse().unwrap(), "fetches");
    let script = SCRIPT.replace("PORT", &port.to_string());
    step.commands = vec![Command::Exec(shell.into_iter().chain([script]).collect())];
    step.inputs = vec![Input::Source(Selection::all())];
    step.network = Network::Fetch;
    let path = "app/out".parse().unwrap();
    step.outputs = vec![Output { path, layer: Some(LayerKind::Build), scrub: Vec::new() }];
    Plan {
        format: PLAN_FORMAT.to_owned(),
        buildpacks: Vec::new(),
        root: None,
        base: Base::Debian { suite: "trixie".to_owned(), origin: Origin::Default("toy".to_owned()) },
        versions: Vec::new(),
        packages: Vec::new(),
        steps: vec![step],
        source: Selection::all(),
        environment: BTreeMap::new(),
        port: None,
        processes: Vec::new(),
        question: None,
        decisions: Vec::new(),
        diagnostics: Vec::new(),
    }
}

/// A lock of that plan, in which the step was sent `body`.
fn lock(port: u16, body: &str) -> Lock {
    let mut requests = Hasher::new();
    // Nothing of the plan is open but its base.
    requests.update_framed(b"\"trixie\"");
    let download = LockedDownload {
        address: format!("http://127.0.0.1:{port}/a"),
        digest: Digest::of(body.as_bytes()),
        size: body.len() as u64,
        looks_up: false,
    };
    Lock {
        format: LOCK_FORMAT.to_owned(),
        requests: requests.finish(),
        profile: 1,
        architecture: if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" }.to_owned(),
        releases: Vec::new(),
        substituted: Vec::new(),
        packages: Vec::new(),
        added: Vec::new(),
        resolutions: BTreeMap::new(),
        fetched: BTreeMap::from([("toy.fetch".parse().unwrap(), vec![download])]),
    }
}

#[test]
fn a_lock_that_must_fit_demands_what_its_steps_fetched() {
    let port = server("what it says today");
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path().join("toy");
    fs::create_dir(&top).unwrap();
    let plan = plan(bash(&top), port);
    let other = lock(port, "what it said");
    fs::write(top.join(LOCK_FILE), other.to_text()).unwrap();
    let file = dir.path().join("other.lock");
    fs::write(&file, other.to_text()).unwrap();
    let build = |using: LockUse| {
        let (builder, _store) = builder();
        let mut options = BuildOptions::default();
        let rule: HostRule = format!("127.0.0.1:{port}").parse().unwrap();
        options.network = StepNetwork::Gateway(Rules { allow: vec![rule], ..Rules::default() });
        options.lock = using;
        builder.build_plan(&Source::dir(&top).unwrap(), plan.clone(), &options).map(|build| build.digest())
    };
    for using in [LockUse::Required, LockUse::File(file), LockUse::Exactly(Box::new(other.clone()))] {
        let error = build(using.clone()).unwrap_err();
        let Error::Build(BuildError::NotInLock { step, network }) = &error else {
            panic!("{using:?}: {error:?}")
        };
        assert_eq!((step.as_str(), network.len()), ("toy.fetch", 1), "{network:?}");
        let said = network[0].to_string();
        for digest in ["what it says today", "what it said"].map(|body| Digest::of(body.as_bytes())) {
            assert!(said.contains(&digest.to_string()), "{said}");
        }
        assert!(error.fix().unwrap().contains("`packwright lock`"), "{:?}", error.fix());
    }
    let free = build(LockUse::IfFits).unwrap();
    let same = build(LockUse::Exactly(Box::new(lock(port, "what it says today")))).unwrap();
    let old = Lock { fetched: BTreeMap::new(), ..other };
    assert_eq!(
        [same, build(LockUse::Exactly(Box::new(old))).unwrap()],
        [free, free],
        "no record reaches an image"
    );
}
