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

/// Looks up `silent` names in vain for as long as `hold` is locked, others at once.
#[derive(Debug, Default)]
struct Silent {
    asked: AtomicUsize,
    hold: Mutex<()>,
}

/// A look-up that a test holds a handle of.
#[derive(Debug)]
struct Shared(Arc<Silent>);

impl Resolver for Shared {
    fn resolve(&self, uri: &Uri, _: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut found = self.empty();
        match uri.host().unwrap() {
            "silent.test" => {
                self.0.asked.fetch_add(1, Ordering::SeqCst);
                drop(unpoisoned(&self.0.hold));
                return Err(Error::Timeout(timeout.reason));
            }
            _ => found.push("192.0.2.7:443".parse().unwrap()),
        }
        Ok(found)
    }
}

fn silent() -> (FilteredResolver<Shared>, Arc<Silent>) {
    let silent = Arc::new(Silent::default());
    (FilteredResolver { names: Arc::new(DnsCache::new(Shared(Arc::clone(&silent)))), wall: None }, silent)
}

/// No clock decides here: the name is silent until every thread waits for it.
#[test]
fn many_threads_wait_once_for_a_silent_name() {
    const THREADS: usize = 32;
    let (resolver, silent) = silent();
    std::thread::scope(|scope| {
        let held = unpoisoned(&silent.hold);
        for _ in 0..THREADS {
            scope.spawn(|| {
                let error = ask(&resolver, "https://silent.test/").unwrap_err();
                assert!(matches!(error, Error::Timeout(ureq::Timeout::Resolve)), "{error}");
            });
        }
        // Nobody waits for it who asks for another name: this returns while the silent one is held.
        ask(&resolver, "https://host.test/").unwrap();
        let name = resolver.names.name("silent.test:443".to_owned());
        while Arc::strong_count(&name) < THREADS + 2 {
            std::thread::yield_now();
        }
        drop(held);
    });
    assert_eq!(silent.asked.load(Ordering::SeqCst), 1);
}

#[test]
fn failures_are_kept_for_as_long_as_they_took() {
    let (resolver, silent) = silent();
    let fails = || ask(&resolver, "https://silent.test/").unwrap_err().to_string();
    let name = resolver.names.name("silent.test:443".to_owned());
    let begin = Instant::now();
    let first = fails();
    let took = begin.elapsed();
    assert!(unpoisoned(&name).as_ref().unwrap().kept <= took);

    // The same failure while it holds, and the server is asked again when it no longer does.
    let hour = Duration::from_secs(3600);
    unpoisoned(&name).as_mut().unwrap().kept = hour;
    assert_eq!(fails(), first);
    assert_eq!(silent.asked.load(Ordering::SeqCst), 1);
    unpoisoned(&name).as_mut().unwrap().kept = Duration::ZERO;
    assert_eq!(fails(), first);
    assert_eq!(silent.asked.load(Ordering::SeqCst), 2);
}

#[test]
fn no_failure_is_kept_for_long() {
    assert_eq!(failure_kept(Duration::from_millis(40)), Duration::from_millis(40));
    assert_eq!(failure_kept(Duration::from_secs(60)), FAILURE_KEPT);
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
