//! What every implementation of [`DownloadCache`] promises, as a test suite that any crate can run on its
//! implementation. It returns the first promise that is broken. That contents outlive the process is not among them: a
//! cache in memory is one too.

use std::io::{self, Read, Write};
use std::thread;

use packwright_oci::Digest;

use crate::cache::{DownloadCache, Kept};

/// A description of the promise that is broken.
pub type BrokenPromise = String;

fn promise(holds: bool, promise: &str) -> Result<(), BrokenPromise> {
    match holds {
        true => Ok(()),
        false => Err(promise.to_owned()),
    }
}

fn succeeds<T>(result: io::Result<T>, what: &str) -> Result<T, BrokenPromise> {
    result.map_err(|error| format!("{what}: {error}"))
}

/// Tests the promises of a [`DownloadCache`], which must not hold keys and contents of the suite yet.
pub fn download_cache(cache: &dyn DownloadCache) -> Result<(), BrokenPromise> {
    contents(cache)?;
    responses(cache)?;
    many_users(cache)
}

fn contents(cache: &dyn DownloadCache) -> Result<(), BrokenPromise> {
    let bytes = b"the conformance suite's content";
    let digest = Digest::of(bytes);
    promise(cache.open(&digest).is_err(), "what was not kept cannot be opened")?;

    let mut dropped = succeeds(cache.incoming(), "beginning a content")?;
    succeeds(dropped.write_all(bytes), "writing")?;
    drop(dropped);
    promise(cache.open(&digest).is_err(), "a content that was not kept is not there")?;

    let (mut one, mut other) = (succeeds(cache.incoming(), "one")?, succeeds(cache.incoming(), "another")?);
    for part in bytes.chunks(7) {
        succeeds(one.write_all(part).and_then(|()| other.write_all(part)), "writing")?;
    }
    promise(cache.open(&digest).is_err(), "a content is not there before it is kept")?;
    promise(succeeds(one.keep(), "keeping")? == digest, "keeping gives the digest of what was written")?;
    promise(read(cache, &digest)? == bytes, "what was kept is what is read")?;
    promise(succeeds(other.keep(), "keeping it again")? == digest, "the same content may be kept twice")?;
    drop(succeeds(cache.incoming(), "beginning a content")?);
    promise(read(cache, &digest)? == bytes, "a content stays when others come and go")?;

    promise(written(cache, b"")? == Digest::of(b""), "an empty content is one")?;
    promise(read(cache, &Digest::of(b""))?.is_empty(), "an empty content is read as one")?;
    let large: Vec<u8> = (0..3_000_000_u32).map(|number| number.to_le_bytes()[1]).collect();
    promise(read(cache, &written(cache, &large)?)? == large, "a large content is read as it was kept")
}

fn responses(cache: &dyn DownloadCache) -> Result<(), BrokenPromise> {
    let (key, other) = (Digest::of(b"the conformance suite's key"), Digest::of(b"another key"));
    promise(succeeds(cache.find(&key), "finding")?.is_none(), "what was not kept is not found")?;
    let field = |name: &str, value: &[u8]| (name.to_owned(), value.to_vec());
    // Neither sorted nor each once.
    let fields = vec![field("vary", b"accept"), field("etag", b"\"e\""), field("vary", "täxt".as_bytes())];
    let (content, size) = (written(cache, b"first")?, 5);
    let first = Kept { status: 302, fields, content, size, current_at: 5 };
    let second =
        Kept { status: 200, fields: Vec::new(), content: written(cache, b"second")?, size: 6, ..first };

    for kept in [&first, &second] {
        succeeds(cache.keep(&key, kept), "keeping")?;
        let found = succeeds(cache.find(&key), "finding")?;
        promise(found.as_ref() == Some(kept), "what was kept last is what is found")?;
        succeeds(cache.settle(), "settling")?;
        let found = succeeds(cache.find(&key), "finding")?;
        promise(found.as_ref() == Some(kept), "what was settled is found as it was kept")?;
    }
    promise(succeeds(cache.find(&other), "finding")?.is_none(), "keys are apart")?;
    succeeds(cache.settle(), "settling when there is nothing to settle")?;

    // Not every cache has a place for such bytes, and none may make others of them.
    let odd = Kept { fields: vec![field("x-odd", b"\xff\xfe")], ..second };
    succeeds(cache.keep(&other, &odd), "keeping a field that is no text")?;
    let found = succeeds(cache.find(&other), "finding")?;
    promise(found.is_none_or(|found| found == odd), "a field that is no text comes as it is, or not at all")
}

fn many_users(cache: &dyn DownloadCache) -> Result<(), BrokenPromise> {
    const USERS: u8 = 4;
    let key = |user: u8| Digest::of(&[b'u', user]);
    let entry = |user: u8| -> Result<Kept, BrokenPromise> {
        let content = written(cache, &[user; 70_000])?;
        Ok(Kept { status: 200, fields: Vec::new(), content, size: 70_000, current_at: u64::from(user) })
    };
    let keep = |user: u8| {
        let kept = entry(user)?;
        succeeds(cache.keep(&key(user), &kept).and_then(|()| cache.settle()), "keeping beside others")
    };
    thread::scope(|scope| {
        let users: Vec<_> = (0..USERS).map(|user| scope.spawn(move || keep(user))).collect();
        let ends = users.into_iter().map(|user| user.join().map_err(|_| "a thread of the suite ended")?);
        ends.collect::<Result<(), BrokenPromise>>()
    })?;
    for user in 0..USERS {
        let found = succeeds(cache.find(&key(user)), "finding")?.ok_or("what each one kept is there")?;
        let own = read(cache, &found.content)? == [user; 70_000] && found.current_at == u64::from(user);
        promise(own, "each one finds what was kept under its key")?;
    }
    Ok(())
}

fn written(cache: &dyn DownloadCache, bytes: &[u8]) -> Result<Digest, BrokenPromise> {
    let mut incoming = succeeds(cache.incoming(), "beginning a content")?;
    succeeds(incoming.write_all(bytes), "writing")?;
    succeeds(incoming.keep(), "keeping")
}

fn read(cache: &dyn DownloadCache, digest: &Digest) -> Result<Vec<u8>, BrokenPromise> {
    let mut bytes = Vec::new();
    succeeds(succeeds(cache.open(digest), "opening")?.read_to_end(&mut bytes), "reading")?;
    Ok(bytes)
}
