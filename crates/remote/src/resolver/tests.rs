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

fn checked(addresses: &[&'static str], wall: Option<Wall>) -> (Checked<Counting>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let lookup = Counting { asked: Arc::clone(&asked), addresses: addresses.to_vec() };
    (Checked { names: Arc::new(Names::new(lookup)), wall }, asked)
}

fn ask(resolver: &Checked<Counting>, uri: &str) -> Result<Vec<SocketAddr>, Error> {
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

#[test]
fn one_refused_address_refuses_the_name() {
    let wall = Wall::new(|host, port, address| match address.is_loopback() {
        true => Err(format!("{host}:{port} is {address}")),
        false => Ok(()),
    });
    let (resolver, _) = checked(&["192.0.2.7:443", "127.0.0.1:443"], Some(wall));
    let error = ask(&resolver, "https://mixed.test/").unwrap_err();
    assert!(error.to_string().contains("mixed.test:443 is 127.0.0.1"), "{error}");
}
