//! What is mounted, what is written where, and that nothing reaches the host's other files.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use packwright_sandbox::{Access, Mount, Root, SandboxError, Stage};

use crate::world::{World, bind, marker, ran, try_run};

fn tmpfs(target: &str, size: Option<u64>, mode: u32) -> Mount {
    Mount::Tmpfs { target: target.into(), size, mode }
}

#[test]
fn writes_land_in_the_upper_directory_only() {
    let world = World::new();
    ran(&world.sh("echo new > /etc/new; echo changed > /etc/lower; mkdir /made")).text();
    assert_eq!(fs::read_to_string(world.path("lower/etc/lower")).unwrap(), "lower");
    assert!(!world.path("lower/etc/new").exists());
    assert_eq!(fs::read_to_string(world.path("upper/etc/lower")).unwrap(), "changed\n");
    assert_eq!(fs::read_to_string(world.path("upper/etc/new")).unwrap(), "new\n");
    assert_eq!(fs::metadata(world.path("upper/etc/new")).unwrap().uid(), rustix::process::geteuid().as_raw());
    assert_eq!(
        fs::metadata(world.path("upper/made")).unwrap().permissions().mode() & 0o777,
        0o755,
        "umask 022"
    );
}

#[test]
fn removals_are_whiteouts_and_opaque_directories() {
    let world = World::new();
    fs::create_dir(world.path("lower/gone")).unwrap();
    fs::write(world.path("lower/gone/file"), "").unwrap();
    ran(&world.sh("rm /etc/lower; rm -r /gone; mkdir /gone")).text();
    let whiteout = fs::symlink_metadata(world.path("upper/etc/lower")).unwrap();
    assert!(whiteout.file_type().is_char_device());
    assert_eq!(whiteout.rdev(), 0);
    let mut value = [0u8; 8];
    let count = rustix::fs::getxattr(world.path("upper/gone"), "user.overlay.opaque", &mut value).unwrap();
    assert_eq!(&value[..count], b"y");
}

#[test]
fn the_topmost_lower_wins_and_many_are_possible() {
    let world = World::new();
    let mut lowers = Vec::new();
    for index in 0..130 {
        let lower = world.path(&format!("layer, with: odd\\name {index}"));
        fs::create_dir_all(lower.join("etc")).unwrap();
        fs::write(lower.join("etc/who"), index.to_string()).unwrap();
        fs::write(lower.join(format!("etc/only-{index}")), "").unwrap();
        lowers.push(lower);
    }
    lowers.push(world.path("lower"));
    let few = lowers.iter().take(3).chain(lowers.last()).cloned().collect::<Vec<_>>();
    for (lowers, count) in [(few, 3), (lowers, 130)] {
        let mut sandbox = world.sh("cat /etc/who; echo; ls /etc | grep -c only-");
        sandbox.root = Root::Overlay { lowers, upper: world.path("upper"), work: world.path("work") };
        assert_eq!(ran(&sandbox).text(), format!("0\n{count}"));
    }
}

#[test]
fn without_lower_directories_the_upper_is_the_root() {
    let world = World::new();
    let mut sandbox = world.command(["/usr/bin/touch", "/written"]);
    for name in ["lib", "lib64"] {
        let _ = fs::read_link(world.path("lower").join(name))
            .map(|target| symlink(target, world.path("upper").join(name)).unwrap());
    }
    sandbox.root = Root::Overlay { lowers: vec![], upper: world.path("upper"), work: world.path("work") };
    ran(&sandbox).text();
    assert!(world.path("upper/written").exists());
}

#[test]
fn a_missing_lower_directory_is_no_obstacle_of_the_machine() {
    let world = World::new();
    let mut sandbox = world.sh("true");
    let lowers = vec![world.path("lower"), world.path("missing")];
    sandbox.root = Root::Overlay { lowers, upper: world.path("upper"), work: world.path("work") };
    let error = try_run(&sandbox).unwrap_err();
    assert!(matches!(error, SandboxError::Setup { stage: Stage::Overlay, obstacle: None, .. }), "{error:?}");
}

#[test]
fn a_read_only_bind_cannot_be_written_to() {
    let world = World::new();
    fs::write(world.path("other/file"), "kept").unwrap();
    let mut sandbox = world.sh(
        "cat /ro/file; echo x > /ro/file; echo x > /ro/new; rm -f /ro/file; mount -o remount,rw /ro; echo x > /ro/new; \
         echo y > /rw/new && cat /rw/new; echo z > /single",
    );
    fs::write(world.path("single"), "one").unwrap();
    sandbox.mounts.push(bind(world.path("other"), "/ro", Access::ReadOnly));
    sandbox.mounts.push(bind(world.path("other"), "/rw", Access::ReadWrite));
    sandbox.mounts.push(bind(world.path("single"), "/single", Access::ReadOnly));
    assert_eq!(ran(&sandbox).stdout, "kepty\n");
    assert_eq!(fs::read_to_string(world.path("other/file")).unwrap(), "kept");
    assert_eq!(fs::read_to_string(world.path("other/new")).unwrap(), "y\n");
    assert_eq!(fs::read_to_string(world.path("single")).unwrap(), "one");
}

#[test]
fn read_only_holds_for_what_is_mounted_below_the_source() {
    let world = World::new();
    // The host's /dev/shm is a file system of its own below /dev, writable for everybody.
    let mut sandbox =
        world.sh("test -d /host/shm && ! touch /host/shm/packwright-probe 2>/dev/null && echo held");
    sandbox.mounts.push(bind("/dev", "/host", Access::ReadOnly));
    assert_eq!(ran(&sandbox).text(), "held");
}

#[test]
fn targets_are_made_where_missing() {
    let world = World::new();
    fs::write(world.path("other/file"), "content").unwrap();
    let mut sandbox = world.sh("cat /a/b/file /c/d/file; stat -c %a /a /t");
    sandbox.mounts.push(bind(world.path("other"), "/a/b", Access::ReadOnly));
    sandbox.mounts.push(bind(world.path("other/file"), "/c/d/file", Access::ReadOnly));
    sandbox.mounts.push(tmpfs("/t", None, 0o1700));
    assert_eq!(ran(&sandbox).text(), "contentcontent755\n1700");
    assert!(world.path("upper/a/b").is_dir());
    assert_eq!(fs::metadata(world.path("upper/c/d/file")).unwrap().len(), 0);
}

#[test]
fn a_link_in_the_root_cannot_turn_a_target_to_the_host() {
    let world = World::new();
    let name = marker();
    fs::write(world.path("other/file"), "content").unwrap();
    // An absolute link means the root's own directory of that name; climbing ends at the root.
    symlink("/etc", world.path("lower/absolute")).unwrap();
    symlink("../../../../../../../../etc", world.path("lower/climbing")).unwrap();
    let mut sandbox = world.sh(&format!("cat /etc/{name}/file /etc/{name}-2/file"));
    sandbox.mounts.push(bind(world.path("other"), format!("/absolute/{name}"), Access::ReadOnly));
    sandbox.mounts.push(bind(world.path("other"), format!("/climbing/{name}-2"), Access::ReadOnly));
    assert_eq!(ran(&sandbox).text(), "contentcontent");
    assert!(!Path::new("/etc").join(&name).exists() && !Path::new("/etc").join(name + "-2").exists());
}

#[test]
fn a_magic_or_dangling_link_is_no_target() {
    let world = World::new();
    symlink("/proc/1/root/tmp", world.path("lower/magic")).unwrap();
    symlink("/nowhere/at/all", world.path("lower/dangling")).unwrap();
    for target in ["/magic/x", "/dangling"] {
        let mut sandbox = world.sh("true");
        sandbox.mounts.push(bind(world.path("other"), target, Access::ReadOnly));
        let error = try_run(&sandbox).unwrap_err();
        assert!(matches!(error, SandboxError::Setup { stage: Stage::Mount, .. }), "{target}: {error:?}");
    }
}

#[test]
fn a_missing_source_is_named() {
    let world = World::new();
    let mut sandbox = world.sh("true");
    sandbox.mounts.push(bind("/no/such/source", "/x", Access::ReadOnly));
    let error = try_run(&sandbox).unwrap_err();
    assert_eq!(error.to_string(), "cannot mount `/no/such/source`");
    assert_eq!(error.fix().as_deref(), Some("check that the source of the mount exists on the host"));
    sandbox.mounts = vec![bind("/usr", "/", Access::ReadOnly)];
    assert!(matches!(try_run(&sandbox), Err(SandboxError::CoversRoot)));
    sandbox.mounts = vec![bind("/usr", "/a/../../b", Access::ReadOnly)];
    assert!(matches!(try_run(&sandbox), Err(SandboxError::NotAbsolute { .. })));
}

#[test]
fn what_is_in_tmpfs_is_not_captured() {
    let world = World::new();
    let mut sandbox =
        world.sh("echo x > /tmp/a; echo x > /dev/shm/b; echo x > /cache/c; cat /tmp/a /dev/shm/b /cache/c");
    sandbox.mounts.push(tmpfs("/cache", Some(1 << 20), 0o755));
    assert_eq!(ran(&sandbox).text(), "x\nx\nx");
    for name in ["tmp", "dev", "cache"] {
        assert_eq!(fs::read_dir(world.path("upper").join(name)).unwrap().count(), 0, "{name}");
    }
}

#[test]
fn tmpfs_holds_no_more_than_its_size() {
    let world = World::new();
    let mut sandbox = world.sh("head -c 3000000 /dev/zero > /cache/c; wc -c < /cache/c");
    sandbox.mounts.push(tmpfs("/cache", Some(1 << 20), 0o755));
    let ran = ran(&sandbox);
    assert_eq!(ran.text(), "1048576");
    assert!(ran.stderr.contains("No space left"), "{}", ran.stderr);
}

#[test]
fn later_mounts_cover_earlier_ones() {
    let world = World::new();
    fs::write(world.path("other/file"), "mine").unwrap();
    let mut sandbox = world.sh("cat /tmp/file");
    sandbox.mounts.push(bind(world.path("other"), "/tmp", Access::ReadOnly));
    assert_eq!(ran(&sandbox).text(), "mine");
}

#[test]
fn devices_work_and_there_are_no_others() {
    let world = World::new();
    let line = "echo x > /dev/null; head -c 3 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c; \
                ls /dev | grep -v -x -e null -e zero -e full -e random -e urandom -e tty -e shm -e pts -e ptmx \
                -e fd -e stdin -e stdout -e stderr; echo out > /dev/stdout; echo err > /dev/stderr";
    let ran = ran(&world.sh(line));
    assert_eq!((ran.text(), ran.stderr.as_str()), ("3\n4\nout", "err\n"));
}
