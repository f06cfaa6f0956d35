//! Many downloads at a time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use packwright_remote::{Expect, RemoteError, Request, Watch};

use crate::server::{Server, ok, status};
use crate::{client, exactly, url};

fn requests(server: &Server, count: usize) -> Vec<Request> {
    (0..count)
        .map(|index| {
            let content = format!("content {index}");
            Request::new(url(&server.url(&format!("/{index}"))), exactly(content.as_bytes()))
        })
        .collect()
}

#[test]
fn all_of_them_a_few_at_a_time() {
    static NOW: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let server = Server::new(|asked, _, stream| {
        let now = NOW.fetch_add(1, Ordering::SeqCst) + 1;
        MOST.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(10));
        // Before the answer: the client asks for the next one as soon as it has it.
        NOW.fetch_sub(1, Ordering::SeqCst);
        ok(stream, format!("content {}", &asked.path()[1..]).as_bytes());
    });
    let done = Mutex::new(BTreeMap::new());
    let cancel = AtomicBool::new(false);
    let mut options = crate::options();
    options.parallel = 4;
    packwright_remote::Client::new(options)
        .unwrap()
        .fetch_all(
            &requests(&server, 30),
            |_| Ok(Vec::new()),
            |index, bytes, _| {
                done.lock().unwrap().insert(index, String::from_utf8(bytes).unwrap());
                Ok(())
            },
            &Watch { cancel: &cancel, progress: &|_| {} },
        )
        .unwrap();
    let done = done.into_inner().unwrap();
    assert_eq!(done.len(), 30);
    assert!(done.iter().all(|(index, content)| *content == format!("content {index}")));
    assert!((2..=4).contains(&MOST.load(Ordering::SeqCst)), "{MOST:?}");
}

#[test]
fn all_that_are_missing_are_named_and_the_rest_is_had() {
    let server = Server::new(|asked, _, stream| match asked.path() {
        "/3" | "/7" => status(stream, "404 Not Found", &[]),
        path => ok(stream, format!("content {}", &path[1..]).as_bytes()),
    });
    let done = AtomicUsize::new(0);
    let cancel = AtomicBool::new(false);
    let error = client()
        .fetch_all(
            &requests(&server, 10),
            |_| Ok(Vec::new()),
            |_, _, _| {
                done.fetch_add(1, Ordering::SeqCst);
                Ok(())
            },
            &Watch { cancel: &cancel, progress: &|_| {} },
        )
        .unwrap_err();
    let RemoteError::Several { errors } = &error else { panic!("{error}") };
    assert!(errors[0].to_string().contains("/3`") && errors[1].to_string().contains("/7`"));
    assert_eq!((errors.len(), done.into_inner()), (2, 8));
}

#[test]
fn a_dead_network_is_not_asked_for_everything() {
    let server = Server::new(|_, _, stream| status(stream, "503 Down", &[]));
    let cancel = AtomicBool::new(false);
    let mut options = crate::options();
    options.parallel = 2;
    let error = packwright_remote::Client::new(options)
        .unwrap()
        .fetch_all(
            &requests(&server, 50),
            |_| Ok(Vec::new()),
            |_, _, _| Ok(()),
            &Watch { cancel: &cancel, progress: &|_| {} },
        )
        .unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert!(server.asked().len() <= 12, "{} requests", server.asked().len());
}

#[test]
fn what_cannot_be_kept_ends_it() {
    let server = Server::new(|asked, _, stream| {
        ok(stream, format!("content {}", &asked.path()[1..]).as_bytes());
    });
    let cancel = AtomicBool::new(false);
    let error = client()
        .fetch_all(
            &requests(&server, 200),
            |_| Ok(Vec::new()),
            |_, _, _| Err(std::io::ErrorKind::StorageFull.into()),
            &Watch { cancel: &cancel, progress: &|_| {} },
        )
        .unwrap_err();
    let is_sink = |error: &RemoteError| matches!(error, RemoteError::Sink { .. });
    match &error {
        RemoteError::Several { errors } => assert!(errors.iter().all(is_sink), "{error}"),
        other => assert!(is_sink(other), "{other}"),
    }
    assert!(server.asked().len() < 50, "{} requests", server.asked().len());
}

#[test]
fn a_stop_ends_all() {
    let server = Server::new(|_, _, _| std::thread::sleep(Duration::from_secs(2)));
    let mut options = crate::options();
    options.timeouts.response = Duration::from_secs(60);
    let client = packwright_remote::Client::new(options).unwrap();
    let cancel = AtomicBool::new(false);
    let begin = std::time::Instant::now();
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            cancel.store(true, Ordering::SeqCst);
        });
        let watch = Watch { cancel: &cancel, progress: &|_| {} };
        client.fetch_all(&requests(&server, 20), |_| Ok(Vec::new()), |_, _, _| Ok(()), &watch).unwrap_err()
    });
    assert!(matches!(error, RemoteError::Cancelled), "{error}");
    assert!(begin.elapsed() < Duration::from_millis(1500), "{:?}", begin.elapsed());
}

#[test]
fn nothing_to_do() {
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|_| {} };
    client().fetch_all(&[], |_| Ok(Vec::new()), |_, _, _| Ok(()), &watch).unwrap();
    let _ = Expect::at_most(0);
}
