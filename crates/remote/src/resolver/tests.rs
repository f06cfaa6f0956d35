//! One look-up for a name, and a wall that is asked every time.

use std::sync::atomic::{AtomicUsize, Ordering};

use ureq::unversioned::transport::time::Duration as Until;

use super::*;

/// Answers with these addresses and counts how often it is asked.
#[derive(Debug)]
struct Counting {
    asked: Arc<AtomicUsize>,
    addresses: Vec<&'static str>,
}

impl Resolver for Counting {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(30));
        let mut found = self.empty();
        self.addresses.iter().for_each(|address| found.push(address.parse().unwrap()));
        Ok(found)
    }
}

fn checked(addresses: &[&'static str], wall: Option<Wall>) -> (FilteredResolver<Counting>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let lookup = Counting { asked: Arc::clone(&asked), addresses: addresses.to_vec() };
    (FilteredResolver { names: Arc::new(DnsCache::new(lookup)), wall }, asked)
}

fn ask<R: Resolver>(resolver: &FilteredResolver<R>, uri: &str) -> Result<Vec<SocketAddr>, Error> {
    let timeout =
        NextTimeout { after: Until::NotHappening, reason: ureq::Timeout::Resolve, ..Default::default() };
    resolver
        .resolve(&uri.parse().unwrap(), &Config::default(), timeout)
        .map(|found| found.iter().copied().collect())
}

#[test]
fn many_threads_ask_once() {
    let (resolver, asked) = checked(&["192.0.2.7:443"], None);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(ask(&resolver, "https://Host.test/a").unwrap().len(), 1));
        }
    });
    ask(&resolver, "https://host.test/b").unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    ask(&resolver, "https://other.test/").unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

/// Looks up `silent` names for 300 ms and in vain, others at once.
#[derive(Debug)]
struct Silent(Arc<AtomicUsize>);

impl Resolver for Silent {
    fn resolve(&self, uri: &Uri, _: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut found = self.empty();
        match uri.host().unwrap() {
            "silent.test" => {
                self.0.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(300));
                return Err(Error::Timeout(timeout.reason));
            }
            "unknown.test" => {
                self.0.fetch_add(1, Ordering::SeqCst);
                return Err(Error::Io(io::Error::other("no such name")));
            }
            _ => found.push("192.0.2.7:443".parse().unwrap()),
        }
        Ok(found)
    }
}

fn silent() -> (FilteredResolver<Silent>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    (FilteredResolver { names: Arc::new(DnsCache::new(Silent(Arc::clone(&asked)))), wall: None }, asked)
}

#[test]
fn many_threads_wait_once_for_a_silent_name() {
    let (resolver, asked) = silent();
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                let error = ask(&resolver, "https://silent.test/").unwrap_err();
                assert!(matches!(error, Error::Timeout(ureq::Timeout::Resolve)), "{error}");
            });
        }
        // Nobody waits for it who asks for another name.
        while asked.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        let begin = Instant::now();
        ask(&resolver, "https://host.test/").unwrap();
        assert!(begin.elapsed() < Duration::from_millis(250), "{:?}", begin.elapsed());
    });
    // One after the other it would be 32 x 300 ms; a thread that starts late may make it two.
    assert!(asked.load(Ordering::SeqCst) <= 2);
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
}

#[test]
fn failures_are_kept_for_as_long_as_they_took() {
    let (resolver, asked) = silent();
    let fails = |uri: &str| ask(&resolver, uri).unwrap_err().to_string();
    let first = fails("https://silent.test/");
    assert_eq!(fails("https://silent.test/"), first);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    std::thread::sleep(Duration::from_millis(350));
    assert_eq!(fails("https://silent.test/"), first);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    for number in 3..5 {
        assert!(fails("https://unknown.test/").contains("no such name"));
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(asked.load(Ordering::SeqCst), number);
    }
}

#[test]
fn not_more_than_so_many_names_are_remembered() {
    let (resolver, _) = silent();
    let in_use = resolver.names.name("in use".to_owned());
    for number in 1..MOST_NAMES {
        ask(&resolver, &format!("https://host{number}.test/")).unwrap();
    }
    let count = || unpoisoned(&resolver.names.known).len();
    assert_eq!(count(), MOST_NAMES);
    ask(&resolver, "https://host1.test/").unwrap();
    assert_eq!(count(), MOST_NAMES);
    ask(&resolver, "https://one-more.test/").unwrap();
    assert_eq!(count(), 2);
    assert!(Arc::ptr_eq(&in_use, &resolver.names.name("in use".to_owned())));
}

#[test]
fn one_refused_address_refuses_the_name() {
    let wall = Wall::new(|host, port, address| match address.is_loopback() {
        true => Err(crate::WallRefusal { why: format!("{host}:{port} is {address}"), fix: None }),
        false => Ok(()),
    });
    let (resolver, _) = checked(&["192.0.2.7:443", "127.0.0.1:443"], Some(wall));
    let error = ask(&resolver, "https://mixed.test/").unwrap_err();
    assert!(error.to_string().contains("mixed.test:443 is 127.0.0.1"), "{error}");
}
