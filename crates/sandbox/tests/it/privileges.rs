//! What a program may not do, and does not see.

use std::fs;
use std::net::TcpListener;

use packwright_sandbox::{Access, Network, User};

use crate::world::{Rung, World, bind, ran, root};

#[test]
fn it_sees_only_its_own_processes() {
    let world = World::new();
    let ran = ran(&world.sh("cat /proc/1/comm; ls -d /proc/[0-9]* | wc -l; echo $$"));
    let lines: Vec<&str> = ran.text().lines().collect();
    assert!(lines[1].parse::<u32>().unwrap() <= 4, "{lines:?}");
    assert_eq!(lines[2], "2");
}

/// On every rung that this user may try.
#[test]
fn process_1_shows_nothing_of_the_caller() {
    let look = "tr -d '\\0' < /proc/1/cmdline; cat /proc/1/environ 2>/dev/null; readlink /proc/1/exe; \
                readlink /proc/1/cwd; readlink /proc/1/root; true";
    for rung in Rung::all() {
        let world = World::new();
        let mut sandbox = world.sh(look);
        rung.apply(&world, &mut sandbox);
        assert_eq!(ran(&sandbox).text(), "", "{rung:?}");
    }
}

/// Of the caller's paths, a program sees those that the kernel lists with each mount, and in the list of mounts alone.
#[test]
fn paths_of_the_caller_are_in_no_file_of_a_process_but_the_list_of_mounts() {
    for rung in Rung::all() {
        let world = World::new();
        let home = world.path("other").parent().unwrap().to_str().unwrap().to_owned();
        let name = home.rsplit('/').next().unwrap().to_owned();
        // The line itself must not have the name, as it is in the command line of the shell.
        let (first, rest) = name.split_at(name.len() / 2);
        let line = format!(
            "name={first}; name=${{name}}{rest}; cd /proc; for f in self/* 1/* mounts cmdline self/fd/* self/task/*/*; do \
             if readlink $f | grep -q $name; then echo link $f; fi; \
             if test -f $f && tr '\\0' ' ' < $f | grep -q $name; then echo file $f; fi; done 2>/dev/null; \
             env | grep /$name; cut -d: -f3 self/cgroup | sort -u; readlink self/fd/0; \
             sed 's/ - .*//' self/mountinfo | grep -c $name; sed 's/.* - //' self/mountinfo | grep $name; true"
        );
        let mut sandbox = world.sh(&line);
        sandbox.mounts.push(bind(world.path("other"), "/other", Access::ReadWrite));
        rung.apply(&world, &mut sandbox);
        let text = ran(&sandbox).text().to_owned();
        let seen: Vec<&str> = text.lines().filter(|line| line.contains('/')).collect();
        let lists = ["file self/mountinfo", "file 1/mountinfo", "file self/task/"];
        let other = seen.iter().filter(|line| !lists.iter().any(|list| line.starts_with(list)));
        // The cgroup is the root of its namespace; standard input is the sandbox's own.
        assert_eq!(other.collect::<Vec<_>>(), [&"/", &"/dev/null"], "{rung:?}: {text}");
        assert!(seen.contains(&"file self/mountinfo"), "what is searched for is found: {rung:?}: {text}");
        let tasks = seen.iter().filter(|line| line.starts_with("file self/task/"));
        assert!(tasks.clone().all(|line| line.ends_with("/mountinfo")), "{rung:?}: {text}");
    }
}

#[test]
fn standard_input_can_be_opened_by_its_names() {
    for rung in Rung::all() {
        let world = World::new();
        let mut sandbox = world.sh("cat /dev/stdin /proc/self/fd/0 && echo opened > /dev/stdout");
        rung.apply(&world, &mut sandbox);
        assert_eq!(ran(&sandbox).text(), "opened");
    }
}

#[test]
fn capabilities_are_the_nine_documented_for_root_and_none_for_others() {
    let world = World::new();
    let mut sandbox = world.sh("grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status | tr -s '\\t ' ' '");
    let kept = packwright_sandbox::KEPT_CAPABILITIES.iter().fold(0u64, |set, (_, bit)| set | 1 << bit);
    let status = |inheritable: u64, own: u64, bounding: u64| {
        format!(
            "CapInh: {inheritable:016x}\nCapPrm: {own:016x}\nCapEff: {own:016x}\nCapBnd: {bounding:016x}\n\
             CapAmb: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2"
        )
    };
    assert_eq!(ran(&sandbox).text(), status(0, kept, kept));
    sandbox.user = User { uid: 1000, gid: 0 };
    assert_eq!(ran(&sandbox).text(), status(0, 0, kept));
}

#[test]
fn dangerous_calls_are_refused() {
    let world = World::new();
    for line in [
        "unshare -U true",
        "unshare -m true",
        "mount -t tmpfs x /mnt",
        "chroot / true",
        "nsenter -t 1 -m true",
    ] {
        let ran = ran(&world.sh(&format!("mkdir -p /mnt; {line}")));
        assert_ne!(ran.report.outcome, packwright_sandbox::Outcome::Exited(0), "{line}");
        let answer = ran.stderr.to_lowercase();
        assert!(
            answer.contains("not permitted") || answer.contains("permission denied"),
            "{line}: {}",
            ran.stderr
        );
    }
}

#[test]
fn kernel_settings_are_read_only_even_for_root() {
    let world = World::new();
    let line = "for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/vm/drop_caches; do \
                if (echo x > $f) 2>/dev/null; then echo wrote $f; fi; done; for f in kcore keys timer_list; do head -c 1 /proc/$f 2>/dev/null; done | wc -c";
    assert_eq!(ran(&world.sh(line)).text(), "0");
}

#[test]
fn pid_1_cannot_be_read_or_killed() {
    let world = World::new();
    let line = "kill -9 1; kill -TERM 1; (printf 'forged report' > /proc/1/fd/3) 2>/dev/null && echo wrote; \
                readlink /proc/1/fd/3; cat /proc/1/environ >/dev/null 2>&1 && echo read; echo alive";
    assert_eq!(ran(&world.sh(line)).text(), "alive");
}

#[test]
fn without_network_there_is_only_loopback() {
    let world = World::new();
    let ran = ran(&world.sh("tail -n +3 /proc/net/dev | cut -d: -f1; wc -l < /proc/net/route; ls /proc/net/if_inet6 2>/dev/null | wc -l"));
    let lines: Vec<&str> = ran.text().lines().map(str::trim).collect();
    assert_eq!(lines[0], "lo", "{lines:?}");
    assert_eq!(lines[1], "1", "the routing table holds its heading only");
}

/// A shell that can connect. Dash cannot, so this is the one test that wants bash.
fn connects(network: Network, port: u16) -> bool {
    let world = World::new();
    let mut sandbox = world.command(["bash", "-c", &format!("exec 3<>/dev/tcp/127.0.0.1/{port}")]);
    sandbox.network = network;
    ran(&sandbox).report.outcome.success()
}

#[test]
fn the_hosts_network_is_reached_only_on_request() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    assert!(connects(Network::Host, port));
    assert!(!connects(Network::None, port));
}

#[test]
fn loopback_is_up() {
    let world = World::new();
    // Refused by the interface being up and nobody listening, instead of unreachable.
    let ran = ran(&world.command(["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9"]));
    assert!(ran.stderr.contains("Connection refused"), "{}", ran.stderr);
}

#[test]
fn the_hosts_files_are_not_there() {
    let world = World::new();
    assert_eq!(ran(&world.sh("ls /home /root /var /etc/passwd 2>/dev/null; ls /etc")).text(), "lower");
}

#[test]
fn a_single_id_is_mapped_for_root_too() {
    let world = World::new();
    let own = rustix::process::geteuid().as_raw();
    let text = ran(&world.sh("cat /proc/self/uid_map; cat /proc/self/setgroups")).text().to_owned();
    assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["0", &own.to_string(), "1", "deny"]);
    assert!(ran(&world.sh("touch /f && chown 5 /f")).stderr.contains("Invalid argument"));
}

#[test]
fn limits_are_set() {
    let world = World::new();
    let text = ran(&world.sh("ulimit -c; ulimit -n; umask")).text().to_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines[2]), ("0", "0022"));
    assert!(lines[1].parse::<u32>().unwrap() <= 65_536);
}

/// Set-user-id bits and devices mean nothing in the root either, which lies on the host's file system.
#[test]
fn everything_that_is_written_to_is_mounted_without_setuid_and_devices() {
    for rung in Rung::all() {
        let world = World::new();
        let mut sandbox = world.sh("cut -d' ' -f5,6 /proc/self/mountinfo");
        sandbox.mounts.push(bind(world.path("other"), "/other", Access::ReadWrite));
        rung.apply(&world, &mut sandbox);
        let text = ran(&sandbox).text().to_owned();
        for place in ["/", "/tmp", "/dev/shm", "/other"] {
            let line = text.lines().rfind(|line| line.split(' ').next() == Some(place)).unwrap();
            let options: Vec<&str> = line.split([' ', ',']).collect();
            let missing = ["nosuid", "nodev"].into_iter().find(|option| !options.contains(option));
            assert_eq!(missing, None, "{rung:?}: {line}");
        }
    }
}

/// As real root, whose setuid files would give root's rights to another user of the same root.
#[test]
fn a_setuid_file_gives_no_rights() {
    if !root() {
        return;
    }
    let world = World::new();
    let mut sandbox = world.sh("cp $(command -v id) /raised && chmod 6755 /raised && stat -c %a:%u /raised");
    Rung::Chroot.apply(&world, &mut sandbox);
    assert_eq!(ran(&sandbox).text(), "6755:0");
    sandbox.argv = ["/bin/sh", "-c", "/raised -u; /raised -g; grep -E '^CapEff' /proc/self/status"]
        .map(Into::into)
        .into();
    sandbox.user = User { uid: 1000, gid: 1000 };
    assert_eq!(ran(&sandbox).text(), "1000\n1000\nCapEff:\t0000000000000000");
}

#[test]
fn the_caller_keeps_its_own_privileges() {
    let before = fs::read_to_string("/proc/thread-self/status").unwrap();
    ran(&World::new().sh("true")).text();
    let after = fs::read_to_string("/proc/thread-self/status").unwrap();
    let privileges = |status: &str| {
        let wanted = ["Uid", "Gid", "Cap", "NoNew", "Seccomp", "SigBlk", "SigIgn", "SigCgt", "Umask"];
        status
            .lines()
            .filter(|line| wanted.iter().any(|name| line.starts_with(name)))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(privileges(&before), privileges(&after));
}
