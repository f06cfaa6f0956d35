//! Landlock: what holds when a program gets past the first wall.

use std::fs;
use std::io::Write;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::thread;

use packwright_sandbox::{Access, Network};

use crate::world::{Rung, World, bind, marker, ran, this_program_inside};

/// With the host's network and a door that its accomplice outside leaves open.
#[test]
fn the_second_wall_closes_what_lies_outside_of_the_root() {
    let Some(version) = packwright_sandbox::landlock() else {
        let _ = writeln!(std::io::stderr(), "\nNOT RUN: the second wall, as this kernel has no Landlock.");
        return;
    };
    for rung in Rung::all() {
        let world = World::new();
        fs::write(world.path("secret"), "secret").unwrap();
        let accomplice = UnixListener::bind(world.path("other/door")).unwrap();
        let name = SocketAddr::from_abstract_name(marker()).unwrap();
        let hidden = UnixListener::bind_addr(&name).unwrap();
        let mut sandbox = this_program_inside(&world, "second_wall::in_a_program_with_an_accomplice");
        sandbox.mounts.push(bind(world.path("other"), "/other", Access::ReadWrite));
        sandbox.network = Network::Host;
        let name = String::from_utf8(name.as_abstract_name().unwrap().to_vec()).unwrap();
        sandbox.env.insert("PACKWRIGHT_TEST_SOCKET".into(), name.into());
        rung.apply(&world, &mut sandbox);
        let home = fs::File::open(world.path("")).unwrap();
        let output = thread::scope(|scope| {
            scope.spawn(|| passed::give(&accomplice.accept().unwrap().0, &home));
            ran(&sandbox).stdout
        });
        assert!(output.contains("door: Permission denied"), "{rung:?}: {output}");
        if version >= 6 {
            assert!(output.contains("socket: Operation not permitted"), "{rung:?}: {output}");
        }
        assert!(output.contains("moved"), "files still move between directories: {rung:?}: {output}");
        drop(hidden);
    }
}

#[test]
#[ignore = "run by the test above in a sandbox"]
fn in_a_program_with_an_accomplice() {
    let home = passed::take(&UnixStream::connect("/other/door").unwrap());
    let flags = rustix::fs::OFlags::RDONLY;
    let secret = rustix::fs::openat(&home, "secret", flags, rustix::fs::Mode::empty());
    println!(
        "door: {}",
        secret.map_or_else(|errno| std::io::Error::from(errno).to_string(), |_| "open".into())
    );
    let name = std::env::var("PACKWRIGHT_TEST_SOCKET").unwrap();
    let reached = UnixStream::connect_addr(&SocketAddr::from_abstract_name(name).unwrap());
    println!("socket: {}", reached.map_or_else(|error| error.to_string(), |_| "reached".into()));
    for (from, to) in [("/a", "/b"), ("/tmp/a", "/tmp/b"), ("/other/a", "/other/b")] {
        fs::create_dir_all(from).unwrap();
        fs::create_dir_all(to).unwrap();
        fs::write(format!("{from}/file"), "").unwrap();
        fs::rename(format!("{from}/file"), format!("{to}/file")).unwrap();
        fs::hard_link(format!("{to}/file"), format!("{from}/file")).unwrap();
    }
    println!("moved");
}

/// An open file on its way through a socket.
#[allow(unsafe_code)]
mod passed {
    use std::fs::File;
    use std::mem::{size_of, zeroed};
    use std::os::fd::{AsRawFd, FromRawFd};
    use std::os::unix::net::UnixStream;

    /// Calls `act` with a message of one byte and room for one descriptor.
    fn with_message(act: impl FnOnce(&mut libc::msghdr)) {
        let (mut byte, mut room) = ([1u8], [0u64; 4]);
        let mut part = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: 1 };
        // SAFETY: all zeros is a valid header; what it points to outlives the call.
        let mut message: libc::msghdr = unsafe { zeroed() };
        message.msg_iov = &mut part;
        message.msg_iovlen = 1;
        message.msg_control = room.as_mut_ptr().cast();
        message.msg_controllen = 24;
        act(&mut message);
    }

    pub(super) fn give(socket: &UnixStream, file: &File) {
        with_message(|message| {
            // SAFETY: there is room for one header and one descriptor, see above.
            unsafe {
                let header = libc::CMSG_FIRSTHDR(message);
                (*header).cmsg_level = libc::SOL_SOCKET;
                (*header).cmsg_type = libc::SCM_RIGHTS;
                (*header).cmsg_len = libc::CMSG_LEN(size_of::<i32>() as u32) as usize;
                libc::CMSG_DATA(header).cast::<i32>().write_unaligned(file.as_raw_fd());
                assert_eq!(libc::sendmsg(socket.as_raw_fd(), message, 0), 1);
            }
        });
    }

    pub(super) fn take(socket: &UnixStream) -> File {
        let mut number = -1;
        with_message(|message| {
            // SAFETY: as above; the kernel has put a descriptor there that is ours.
            unsafe {
                assert_eq!(libc::recvmsg(socket.as_raw_fd(), message, 0), 1);
                number = libc::CMSG_DATA(libc::CMSG_FIRSTHDR(message)).cast::<i32>().read_unaligned();
            }
        });
        // SAFETY: the kernel has just opened it for us.
        unsafe { File::from_raw_fd(number) }
    }
}
