//! Bodies that end, and bodies that lie.

use super::*;

fn read(bytes: &[u8], framing: Framing) -> (io::Result<Vec<u8>>, bool, Vec<u8>) {
    let mut rest = bytes;
    let mut body = BodyReader::new(&mut rest, framing);
    let mut content = Vec::new();
    let result = body.read_to_end(&mut content).map(|_| content);
    let is_whole = body.is_whole();
    (result, is_whole, rest.to_vec())
}

#[test]
fn a_body_ends_where_it_says() {
    let (content, is_whole, rest) = read(b"helloGET /", Framing::Sized(5));
    assert_eq!(
        (content.unwrap().as_slice(), is_whole, rest.as_slice()),
        (&b"hello"[..], true, &b"GET /"[..])
    );
    let (content, is_whole, rest) =
        read(b"3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX: trailer\r\n\r\nGET /", Framing::Chunked);
    assert_eq!(
        (content.unwrap().as_slice(), is_whole, rest.as_slice()),
        (&b"hello"[..], true, &b"GET /"[..])
    );
    let (content, is_whole, rest) = read(b"GET /", Framing::None);
    assert_eq!((content.unwrap().as_slice(), is_whole, rest.as_slice()), (&b""[..], true, &b"GET /"[..]));
}

#[test]
fn a_body_that_breaks_is_an_error() {
    for (bytes, framing) in [
        (&b"hell"[..], Framing::Sized(5)),
        (b"5\r\nhell", Framing::Chunked),
        (b"5\r\nhello", Framing::Chunked),
        (b"5\r\nhellooo\r\n0\r\n\r\n", Framing::Chunked),
        (b"-5\r\nhello\r\n0\r\n\r\n", Framing::Chunked),
        (b"+5\r\nhello\r\n0\r\n\r\n", Framing::Chunked),
        (b"5\nhello\n0\n\n", Framing::Chunked),
        (b"\r\n", Framing::Chunked),
        (b"ffffffffffffffffff\r\n", Framing::Chunked),
        (b"0\r\nX: y", Framing::Chunked),
    ] {
        let (content, is_whole, _) = read(bytes, framing);
        assert!(content.is_err() && !is_whole, "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn chunks_are_written_and_read() {
    let mut bytes = Vec::new();
    for part in [&b"one"[..], b"", b"two"] {
        write_chunk(&mut bytes, part).unwrap();
    }
    bytes.extend_from_slice(LAST_CHUNK);
    assert_eq!(read(&bytes, Framing::Chunked).0.unwrap(), b"onetwo");
}
