//! The accept loop: one thread accepts connections, answers DNS queries by UDP and reads what the kernel refuses; each
//! connection gets a thread of its own.

use std::io::{self, PipeWriter, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::refusals::Refusals;
use crate::response;
use crate::session_state::SessionState;
use crate::{connection, dns};

/// Sockets inside a step's network namespace, made before its program starts.
#[derive(Debug)]
pub struct Sockets {
    /// One for each TCP port, bound to `0.0.0.0`. The local address of an accepted connection is the one that the
    /// program asked for.
    pub listeners: Vec<TcpListener>,
    /// Port 53 of [`RESOLVER`](crate::RESOLVER).
    pub resolver: UdpSocket,
    /// The same by TCP, for queries that are too long for UDP.
    pub resolver_stream: TcpListener,
    /// A non-blocking packet socket from which the kernel's TCP resets and ICMP messages can be read, one IPv4 packet
    /// at a time. Without it, connections that the kernel refuses are not in
    /// [`Session::problems`](crate::Session::problems).
    pub refusals: Option<OwnedFd>,
}

/// A running accept loop. Dropping it closes the sockets and waits a second at most for responses in flight; open
/// connections end when the programs at their other ends do.
pub struct Serving {
    session: Arc<SessionState>,
    over: Arc<AtomicBool>,
    wake: PipeWriter,
    thread: Option<JoinHandle<()>>,
}

/// How long the end of a step waits for answers to be recorded, where the record need not be complete.
const DRAIN_TIME: Duration = Duration::from_secs(1);

/// After an error of `accept`: mostly there are no more descriptors, and waiting helps.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a question that comes by TCP may take.
const QUESTION_TIME: Duration = Duration::from_secs(10);

pub(crate) fn serve(session: Arc<SessionState>, mut sockets: Sockets) -> io::Result<Serving> {
    let (wait, wake) = io::pipe()?;
    let over = Arc::new(AtomicBool::new(false));
    for listener in sockets.listeners.iter().chain([&sockets.resolver_stream]) {
        listener.set_nonblocking(true)?;
    }
    sockets.resolver.set_nonblocking(true)?;
    let refusals = Refusals::new(sockets.refusals.take());
    let (own, is_over) = (Arc::clone(&session), Arc::clone(&over));
    let thread = std::thread::Builder::new()
        .name("gateway".to_owned())
        .spawn(move || accept_loop(&own, &sockets, refusals, &wait, &|| is_over.load(Ordering::SeqCst)))?;
    Ok(Serving { session, over, wake, thread: Some(thread) })
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = self.wake.write_all(&[0]);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
        let is_recorded = self.session.options.is_recorded;
        self.session.drain(if is_recorded { response::REST } else { DRAIN_TIME });
    }
}

fn accept_loop(
    session: &Arc<SessionState>,
    sockets: &Sockets,
    mut refusals: Refusals,
    wait: &io::PipeReader,
    is_over: &dyn Fn() -> bool,
) {
    while !is_over() {
        let mut events = vec![
            PollFd::from_borrowed_fd(wait.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(sockets.resolver.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(sockets.resolver_stream.as_fd(), PollFlags::IN),
        ];
        let listeners = sockets.listeners.iter();
        events.extend(listeners.map(|listener| PollFd::from_borrowed_fd(listener.as_fd(), PollFlags::IN)));
        let listening = events.len();
        events.extend(refusals.waiting().map(|socket| PollFd::from_borrowed_fd(socket, PollFlags::IN)));
        let rest = refusals.left().and_then(|left| Timespec::try_from(left).ok());
        if poll(&mut events, rest.as_ref()).is_err() {
            std::thread::sleep(PAUSE);
            continue;
        }
        let ready: Vec<bool> = events.iter().map(|event| !event.revents().is_empty()).collect();
        if ready[1] {
            answer_datagrams(session, &sockets.resolver);
        }
        if ready[2] {
            accept(session, &sockets.resolver_stream, is_over, |session, stream| {
                drop(answer_stream(session, stream))
            });
        }
        for (listener, _) in sockets.listeners.iter().zip(&ready[3..listening]).filter(|(_, ready)| **ready) {
            accept(session, listener, is_over, connection::handle);
        }
        if ready.get(listening) == Some(&true) {
            refusals.read(session);
        }
    }
    // The last refusals may be the reason why the program ended.
    refusals.read(session);
}

/// Takes one connection and gives it a thread of its own.
fn accept(
    session: &Arc<SessionState>,
    listener: &TcpListener,
    is_over: &dyn Fn() -> bool,
    work: impl FnOnce(&Arc<SessionState>, TcpStream) + Send + 'static,
) {
    let stream = match listener.accept() {
        Ok((stream, _)) => stream,
        Err(error) => {
            if !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) {
                std::thread::sleep(PAUSE);
            }
            return;
        }
    };
    let Some(permit) = session.connection_permit(is_over) else { return };
    let thread = std::thread::Builder::new().name("gateway connection".to_owned());
    // Without a thread the connection is closed, which the program sees.
    let _ = thread.spawn(move || {
        if stream.set_nonblocking(false).is_ok() {
            work(&permit.0, stream);
        }
    });
}

fn answer_datagrams(session: &SessionState, resolver: &UdpSocket) {
    let mut question = [0; 4096];
    while let Ok((length, from)) = resolver.recv_from(&mut question) {
        if let Some(answer) = dns::answer(&question[..length], &mut |name| session.look_up(name)) {
            let _ = resolver.send_to(&answer, from);
        }
    }
}

/// Questions on one connection, each after its length.
///
/// Source: RFC 1035, section 4.2.2.
fn answer_stream(session: &SessionState, mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(QUESTION_TIME))?;
    stream.set_write_timeout(Some(QUESTION_TIME))?;
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut question)?;
        let Some(answer) = dns::answer(&question, &mut |name| session.look_up(name)) else { return Ok(()) };
        let mut bytes = (answer.len() as u16).to_be_bytes().to_vec();
        bytes.extend_from_slice(&answer);
        stream.write_all(&bytes)?;
    }
}
