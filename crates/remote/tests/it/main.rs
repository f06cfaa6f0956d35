//! The client against real servers on the loopback, most of them hostile.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a failed unwrap fails the test"
)]

mod answers;
mod exchange;
mod many;
mod proxies;
mod redirects;
mod retries;
mod server;
mod tls;

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use packwright_oci::Digest;
use packwright_remote::{
    Client, ClientOptions, Expect, Fetched, Progress, RemoteError, Request, Retry, Timeouts, Url, Watch,
};

fn options() -> ClientOptions {
    ClientOptions {
        retry: Retry {
            tries: 3,
            first_pause: Duration::from_millis(10),
            longest_pause: Duration::from_millis(300),
        },
        timeouts: Timeouts {
            resolve: Duration::from_secs(2),
            connect: Duration::from_secs(2),
            response: Duration::from_secs(30),
            stall: Duration::from_secs(30),
        },
        ..ClientOptions::default()
    }
}

/// For servers that say nothing: others are too slow for it on a busy machine.
fn hasty() -> ClientOptions {
    let mut options = options();
    options.timeouts.response = Duration::from_millis(400);
    options.timeouts.stall = Duration::from_millis(300);
    options
}

fn client() -> Client {
    Client::new(options()).unwrap()
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

/// Downloads into memory with no limit worth mentioning.
fn get(client: &Client, address: &str) -> Result<(Vec<u8>, Fetched), RemoteError> {
    get_expecting(client, &[address], Expect::at_most(1 << 20))
}

fn get_expecting(
    client: &Client,
    addresses: &[&str],
    expect: Expect,
) -> Result<(Vec<u8>, Fetched), RemoteError> {
    let urls = addresses.iter().map(|address| url(address)).collect();
    let request = Request { urls, expect, headers: Vec::new() };
    let cancel = AtomicBool::new(false);
    client.bytes(&request, &Watch { cancel: &cancel, progress: &|_| {} })
}

/// Exactly these bytes.
fn exactly(content: &[u8]) -> Expect {
    Expect::exactly(Digest::of(content), content.len() as u64)
}

/// What was told, one word each.
#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Told {
    fn note(&self, progress: Progress<'_>) {
        let word = match progress {
            Progress::Started { size, .. } => format!("started {size:?}"),
            Progress::Received { bytes, .. } => format!("received {bytes}"),
            Progress::Restarted { lost, .. } => format!("lost {lost}"),
            Progress::Retrying { .. } => "retrying".to_owned(),
            Progress::Finished { .. } => "finished".to_owned(),
        };
        self.0.lock().unwrap().push(word);
    }

    fn words(self) -> Vec<String> {
        self.0.into_inner().unwrap()
    }
}
