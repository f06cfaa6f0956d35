//! The sockets of one process in a step: one thread accepts connections, answers the resolver's datagrams and hears what
//! the kernel refuses; one more thread for each connection.

use std::io::{self, PipeWriter, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::refusals::Refusals;
use crate::visit::Visit;
use crate::{connection, dns};

/// Sockets inside a step's network namespace, made before its program starts.
#[derive(Debug)]
pub struct Sockets {
    /// One for each port, bound to every address.
    pub listeners: Vec<TcpListener>,
    /// Port 53 of [`RESOLVER`](crate::RESOLVER).
    pub resolver: UdpSocket,
    /// The same, for long questions.
    pub resolver_stream: TcpListener,
    /// Where the kernel's refusals can be read without blocking, one IPv4 packet each: TCP resets and ICMP messages.
    /// Without it, what the kernel refuses is in no record.
    pub refusals: Option<OwnedFd>,
}

/// Sockets being served. Dropping it ends that; connections end when the programs at their other ends do.
pub struct Serving {
    visit: Arc<Visit>,
    over: Arc<AtomicBool>,
    wake: PipeWriter,
    thread: Option<JoinHandle<()>>,
}

/// How long the end of a step waits for answers to be recorded.
const SETTLE: Duration = Duration::from_secs(1);

/// The same where the record has to be complete, so that answers are read to their end.
const SETTLE_RECORD: Duration = Duration::from_secs(30);

/// After an error of `accept`: mostly there are no more descriptors, and waiting helps.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a question that comes by TCP may take.
const QUESTION_TIME: Duration = Duration::from_secs(10);

pub(crate) fn serve(visit: Arc<Visit>, mut sockets: Sockets) -> io::Result<Serving> {
    let (wait, wake) = io::pipe()?;
    let over = Arc::new(AtomicBool::new(false));
    for listener in sockets.listeners.iter().chain([&sockets.resolver_stream]) {
        listener.set_nonblocking(true)?;
    }
    sockets.resolver.set_nonblocking(true)?;
    let refusals = Refusals::new(sockets.refusals.take());
    let (own, is_over) = (Arc::clone(&visit), Arc::clone(&over));
    let thread = std::thread::Builder::new()
        .name("gateway".to_owned())
        .spawn(move || attend(&own, &sockets, refusals, &wait, &|| is_over.load(Ordering::SeqCst)))?;
    Ok(Serving { visit, over, wake, thread: Some(thread) })
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = self.wake.write_all(&[0]);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
        let is_recorded = self.visit.options.is_recorded;
        self.visit.settle(if is_recorded { SETTLE_RECORD } else { SETTLE });
    }
}

fn attend(
    visit: &Arc<Visit>,
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
            answer_datagrams(visit, &sockets.resolver);
        }
        if ready[2] {
            accept(visit, &sockets.resolver_stream, is_over, |visit, stream| {
                drop(answer_stream(visit, stream))
            });
        }
        for (listener, _) in sockets.listeners.iter().zip(&ready[3..listening]).filter(|(_, ready)| **ready) {
            accept(visit, listener, is_over, connection::attend);
        }
        if ready.get(listening) == Some(&true) {
            refusals.read(visit);
        }
    }
    // The last ones may be why the program ended.
    refusals.read(visit);
}

/// Takes one connection and gives it a thread of its own.
fn accept(
    visit: &Arc<Visit>,
    listener: &TcpListener,
    is_over: &dyn Fn() -> bool,
    work: impl FnOnce(&Arc<Visit>, TcpStream) + Send + 'static,
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
    let Some(place) = visit.connection(is_over) else { return };
    let thread = std::thread::Builder::new().name("gateway connection".to_owned());
    // Without a thread the connection is closed, which the program sees.
    let _ = thread.spawn(move || {
        if stream.set_nonblocking(false).is_ok() {
            work(&place.0, stream);
        }
    });
}

fn answer_datagrams(visit: &Visit, resolver: &UdpSocket) {
    let mut question = [0; 4096];
    while let Ok((length, from)) = resolver.recv_from(&mut question) {
        if let Some(answer) = dns::answer(&question[..length], &mut |name| visit.look_up(name)) {
            let _ = resolver.send_to(&answer, from);
        }
    }
}

/// Questions on one connection, each after its length.
///
/// Source: RFC 1035, section 4.2.2.
fn answer_stream(visit: &Visit, mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(QUESTION_TIME))?;
    stream.set_write_timeout(Some(QUESTION_TIME))?;
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut question)?;
        let Some(answer) = dns::answer(&question, &mut |name| visit.look_up(name)) else { return Ok(()) };
        let mut bytes = (answer.len() as u16).to_be_bytes().to_vec();
        bytes.extend_from_slice(&answer);
        stream.write_all(&bytes)?;
    }
}
