//! Open files stay where they belong, in both directions.

use std::fs;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use crate::world::{World, ran, this_program, try_run};

#[test]
fn no_file_of_the_caller_is_open_inside() {
    let world = World::new();
    let secret = world.path("secret");
    fs::write(&secret, "secret").unwrap();
    let held: Vec<OwnedFd> = (0..40)
        .map(|_| {
            let file: OwnedFd = fs::File::open(&secret).unwrap().into();
            // Not close-on-exec, as a careless library would leave it.
            rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::empty()).unwrap();
            file
        })
        .collect();
    // `ls` itself holds the directory that it lists.
    assert_eq!(ran(&world.command(["ls", "/proc/self/fd"])).text(), "0\n1\n2\n3");
    assert_eq!(held.len(), 40);
}

#[test]
fn runs_leave_no_file_open_in_the_caller() {
    let world = World::new();
    ran(&world.sh("true")).text();
    // Other tests run at the same time in other threads, so what is counted are those of one kind and owner.
    let pipes = || {
        fs::read_dir("/proc/self/fd")
            .unwrap()
            .flatten()
            .filter_map(|entry| fs::read_link(entry.path()).ok())
            .filter(|target| target.to_string_lossy().contains("pidfd"))
            .count()
    };
    let before = pipes();
    for _ in 0..30 {
        ran(&world.sh("true")).text();
        let mut broken = world.sh("true");
        broken.cwd = "/missing".into();
        try_run(&broken).unwrap_err();
    }
    assert!(pipes() < before + 30, "{} were {before}", pipes());
}

#[test]
fn standard_files_closed_in_the_caller_do_not_matter() {
    // In a process of its own, as the numbers 0 to 2 belong to all tests.
    let world = World::new();
    let test = "descriptors::in_a_process_without_standard_files";
    let status = this_program(test).env("PACKWRIGHT_TEST_RESULT", world.path("result")).status().unwrap();
    assert!(status.success());
    assert_eq!(fs::read_to_string(world.path("result")).unwrap(), "fine\n");
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn in_a_process_without_standard_files() {
    let kept: Vec<OwnedFd> = (0..3).map(|number| rustix::io::dup(borrow(number)).unwrap()).collect();
    for number in 0..3 {
        drop(take(number));
    }
    let world = World::new();
    let output = ran(&world.sh("echo fine")).stdout;
    fs::write(std::env::var_os("PACKWRIGHT_TEST_RESULT").unwrap(), output).unwrap();
    // The test harness wants to speak again.
    for (number, file) in kept.iter().enumerate() {
        put_back(file, number as i32);
    }
}

#[allow(unsafe_code)]
fn borrow(number: i32) -> std::os::fd::BorrowedFd<'static> {
    // SAFETY: the standard files of a fresh process are open.
    unsafe { std::os::fd::BorrowedFd::borrow_raw(number) }
}

#[allow(unsafe_code)]
fn take(number: i32) -> OwnedFd {
    // SAFETY: nothing else in this process uses it until `put_back`.
    unsafe { OwnedFd::from_raw_fd(number) }
}

#[allow(unsafe_code)]
fn put_back(file: &OwnedFd, number: i32) {
    // SAFETY: plain numbers.
    unsafe { libc::dup2(file.as_raw_fd(), number) };
}
