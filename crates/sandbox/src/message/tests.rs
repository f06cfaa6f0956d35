//! Messages survive the pipe.

use super::*;

#[test]
fn messages_survive_encoding() {
    let messages = [
        Message::NotReady(9),
        Message::Failed(300, libc::EPERM),
        Message::Ready,
        Message::NotExecuted(libc::ENOENT, -1),
        Message::HostProc,
        Message::NoTerminals,
        Message::Exited(255),
        Message::Signaled(15),
    ];
    for message in messages {
        assert_eq!(Message::decode(&message.encode()), Some(message));
    }
}

#[test]
fn an_unknown_kind_is_no_message() {
    assert_eq!(Message::decode(&[0xff; MESSAGE_SIZE]), None);
}
