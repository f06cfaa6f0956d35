//! What a step that fetches reaches, in every isolation that works here. The host's bash is the client: it can connect.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;

use packwright_gateway::{HostRule, Rules};
use packwright_sandbox::Isolation;

use super::*;
use crate::downloads::StoreDownloads;
use crate::network::StepNetwork;

/// A bash function that asks for a page: `page HOST PORT NAME` prints the whole answer.
pub(super) const PAGE: &str = r#"
    page() {
        exec 3<>"/dev/tcp/$1/$2"
        printf 'GET /a HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$3" >&3
        while IFS= read -r line <&3 || [ -n "$line" ]; do echo "${line%$'\r'}"; done
        exec 3<&-
    }
"#;

/// What a step printed, what it was told, and how it ended.
pub(super) struct Ran {
    pub(super) printed: Vec<String>,
    pub(super) fetched: Vec<(usize, u64, usize)>,
    pub(super) noticed: Vec<String>,
    pub(super) result: Result<StepResult, BuildError>,
}

impl Ran {
    /// What was refused or failed, one line each.
    pub(super) fn problems(&self) -> Vec<String> {
        match &self.result {
            Err(BuildError::StepFailed(failure)) => failure.network.iter().map(ToString::to_string).collect(),
            other => panic!("{other:?}"),
        }
    }
}

/// The isolations that run steps here.
pub(super) fn isolations() -> Vec<Isolation> {
    let dir = tempfile::tempdir().unwrap();
    let probes = packwright_sandbox::probe(dir.path(), &[]);
    let works = probes.iter().filter(|probe| probe.works() && probe.isolation != Isolation::Nothing);
    works.map(|probe| probe.isolation).collect()
}

/// Runs a line of bash in a step that fetches.
pub(super) fn run(
    dir: &Path,
    isolation: Isolation,
    network: StepNetwork,
    settings: &[(&str, &str)],
    script: &str,
) -> Ran {
    run_with(dir, isolation, network, settings, &[], &|_| {}, script)
}

/// The same with secrets, in a step that is `changed`.
pub(super) fn run_with(
    dir: &Path,
    isolation: Isolation,
    network: StepNetwork,
    settings: &[(&str, &str)],
    secrets: &[(&str, &str)],
    changed: &dyn Fn(&mut Step),
    script: &str,
) -> Ran {
    run_in(dir, isolation, network, settings, secrets, &|_| {}, changed, script)
}

/// The same in a context that is changed too.
#[allow(clippy::too_many_arguments, reason = "a test names what it changes")]
fn run_in(
    dir: &Path,
    isolation: Isolation,
    network: StepNetwork,
    settings: &[(&str, &str)],
    secrets: &[(&str, &str)],
    limit: &dyn Fn(&mut Limits),
    changed: &dyn Fn(&mut Step),
    script: &str,
) -> Ran {
    let store = Arc::new(Store::open(&dir.join("store")).unwrap());
    let client = Client::new(ClientOptions::default()).unwrap();
    let stop = Cancellation::new().unwrap();
    let (printed, fetched) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let noticed = Mutex::new(Vec::new());
    let events = |event: Event| match event {
        Event::StepOutput { line, .. } => printed.lock().unwrap().push(line),
        Event::StepFetched { answers, bytes, cached, .. } => {
            fetched.lock().unwrap().push((answers, bytes, cached))
        }
        Event::Noticed(notice) => noticed.lock().unwrap().push(notice.message),
        _ => {}
    };
    let mut context = BuildContext::new(&store, &client, &stop, SystemTime::UNIX_EPOCH, &events);
    context.isolation = Some(isolation);
    // Nothing here gets better by waiting.
    context.retry.tries = 1;
    context.network = network;
    limit(&mut context.limits);
    context.downloads = Some(Arc::new(StoreDownloads::new(Arc::clone(&store))));
    context.settings =
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    context.secrets =
        secrets.iter().map(|(name, value)| Secret::new(name.parse().unwrap(), *value).unwrap()).collect();
    let (source, shell) = program(&store, "bash");
    let mut step = step(Network::Fetch, shell, &format!("{PAGE}\n{script}\necho done > /app/out/answer"));
    step.settings = settings.iter().map(|(name, _)| (*name).to_owned()).collect();
    step.secrets = context.secrets.iter().map(|secret| secret.name.clone()).collect();
    changed(&mut step);
    let (plan, lock) = (plan(vec![step]), lock());
    let roots = Roots::new(&context, &plan, &lock, StoreCheck::Trusted);
    let steps = Steps::new(&plan, &source, &roots, &lock.resolutions, |_| true).unwrap();
    let result = tasks::run(&context, steps.needs(), &|number, context| steps.run(number, context));
    let result = result.map(|()| steps.done(0).expect("the step was run").1.clone());
    Ran {
        printed: printed.into_inner().unwrap(),
        fetched: fetched.into_inner().unwrap(),
        noticed: noticed.into_inner().unwrap(),
        result,
    }
}

/// Answers every request on the loopback of the host; gives its port.
pub(super) fn server(head: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // All of it: a shell writes line by line, into a connection that must not be closed yet.
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let fields: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let is_known =
                fields.iter().any(|field| field == "authorization: Basic bWU6c2VjcmV0LW9mLW1pbmU=");
            let body = if is_known { "authorized" } else { "inside" };
            let head = format!("{head}Content-Length: {}\r\nConnection: close\r\n", body.len());
            let _ = write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\n{body}");
        }
    });
    port
}

#[test]
fn what_a_setting_or_a_rule_names_is_reached_and_kept() {
    let port = server("Cache-Control: max-age=99999, immutable\r\n");
    let address = format!("http://me:secret-of-mine@127.0.0.1:{port}/simple");
    let rule: HostRule = format!("127.0.0.1:{port}").parse().unwrap();
    let rules = StepNetwork::Gateway(Rules { allow: vec![rule], ..Rules::default() });
    for isolation in isolations() {
        let dir = tempfile::tempdir().unwrap();
        let script = |number| {
            format!("page 127.0.0.1 {port} 127.0.0.1:{port}; : {number}; echo \"at ${{TOY_INDEX-}}\"")
        };
        let settings = [("TOY_INDEX", &*address), ("https_proxy", "http://proxy.test:3128")];
        let ran = run(dir.path(), isolation, StepNetwork::default(), &settings, &script(1));
        assert!(ran.result.is_ok(), "{isolation:?}: {:?} {:?}", ran.result, ran.printed);
        assert!(ran.printed.iter().any(|line| line == "authorized"), "{:?}", ran.printed);
        let seen = format!("at http://127.0.0.1:{port}/simple");
        assert_eq!(ran.printed.last(), Some(&seen), "the password is the gateway's");
        assert_eq!(ran.fetched, [(1, 10, 0)]);
        let once = run(dir.path(), isolation, StepNetwork::default(), &settings, &script(4));
        assert_eq!(once.fetched, [(1, 10, 1)]);
        let other = run(dir.path(), isolation, rules.clone(), &[], &script(5));
        assert_eq!(other.fetched, [(1, 6, 0)], "what a credential opened is not there without it");
        let again = run(dir.path(), isolation, rules.clone(), &[], &script(2));
        assert_eq!(again.fetched, [(1, 6, 1)], "{isolation:?}: {:?}", again.printed);
        // Without either it is neither reached nor handed out of the cache: nobody listens there.
        let without = run(dir.path(), isolation, StepNetwork::default(), &[], &script(3));
        assert!(without.result.is_err(), "{:?}", without.printed);
    }
}

#[test]
fn a_step_sees_the_gateways_authority_and_resolver_and_no_proxy() {
    let script = "cat() { while IFS= read -r line || [ -n \"$line\" ]; do echo \"$line\"; done < \"$1\"; }
        cat /etc/resolv.conf; cat /etc/hosts; cat /etc/ssl/certs/ca-certificates.crt; echo \"proxy=${https_proxy-}\"";
    let settings = [("https_proxy", "http://proxy.test:3128")];
    for isolation in isolations() {
        let dir = tempfile::tempdir().unwrap();
        let ran = run(dir.path(), isolation, StepNetwork::default(), &settings, script);
        let said = ran.printed.join("\n");
        assert!(
            said.starts_with("begun\nnameserver 198.18.0.1\n127.0.0.1 localhost\n::1 localhost\n-----BEGIN")
        );
        assert_eq!(said.matches("-----BEGIN CERTIFICATE-----").count(), 1, "{said}");
        assert!(said.ends_with("\nproxy="), "{said}");
    }
}

#[test]
fn the_hosts_network_is_reached_on_request_alone() {
    let port = server("");
    let script = format!("page 127.0.0.1 {port} 127.0.0.1:{port}");
    for isolation in isolations() {
        let dir = tempfile::tempdir().unwrap();
        let ran = run(dir.path(), isolation, StepNetwork::Host, &[], &script);
        assert_eq!(ran.printed.last().map(String::as_str), Some("inside"), "{isolation:?}: {:?}", ran.result);
    }
}

/// A server of the step's own fills no disk: what is over the step's limit reaches the step, and no file of the store.
#[test]
fn a_step_fills_no_disk_with_what_it_downloads() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            assert!(lines.take_while(|line| !line.is_empty()).count() > 0);
            let (line, count) = ("x".repeat(1023), 1024);
            let head =
                "Cache-Control: immutable, max-age=9999\r\nConnection: close\r\nTransfer-Encoding: chunked";
            let _ = write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\n\r\n");
            (0..count).for_each(|_| drop(write!(stream, "400\r\n{line}\n\r\n")));
            let _ = write!(stream, "0\r\n\r\n");
        }
    });
    let rule: HostRule = format!("127.0.0.1:{port}").parse().unwrap();
    let rules = StepNetwork::Gateway(Rules { allow: vec![rule], ..Rules::default() });
    let script = format!("page 127.0.0.1 {port} 127.0.0.1:{port} > /dev/null");
    for isolation in isolations() {
        let dir = tempfile::tempdir().unwrap();
        let run = |limit: u64, script: &str| {
            let limit = |limits: &mut Limits| limits.disk = Some(limit);
            let ran = run_in(dir.path(), isolation, rules.clone(), &[], &[], &limit, &|_| {}, script);
            assert!(ran.result.is_ok(), "{isolation:?}: {:?} {:?}", ran.result, ran.printed);
            (ran.fetched, ran.noticed)
        };
        let notice = "not all that step `toy.fetch` downloaded is kept in the store".to_owned();
        assert_eq!(run(512 << 10, &script), (vec![(1, 1 << 20, 0)], vec![notice]));
        let large = walk(&dir.path().join("store")).filter(|size| *size == 1 << 20).count();
        assert_eq!(large, 0, "{isolation:?}: neither a content nor a half one");
        assert_eq!(run(8 << 20, &format!("{script}; : 2")), (vec![(1, 1 << 20, 0)], Vec::new()));
        assert_eq!(run(8 << 20, &format!("{script}; : 3")), (vec![(1, 1 << 20, 1)], Vec::new()));
    }
}

/// The sizes of all files below `dir`.
fn walk(dir: &Path) -> Box<dyn Iterator<Item = u64>> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    Box::new(entries.flat_map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => walk(&entry.path()),
        found => Box::new(found.ok().map(|found| found.len()).into_iter()) as Box<dyn Iterator<Item = u64>>,
    }))
}
