//! The choice over texts as machines of several kinds have them.

use super::*;

/// `files` holds texts by path; each path as a line `/path: text`.
#[track_caller]
fn check(cgroup: &str, mountinfo: &str, files: &str, expected: Result<(CgroupVersion, &str), &str>) {
    let read = |path: &Path| {
        let mut lines = files.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(name, _)| Path::new(name) == path).map(|(_, text)| format!("{}\n", text.trim()))
    };
    let chosen = choose(cgroup.as_bytes(), mountinfo.as_bytes(), &read);
    let found = chosen.map(|found| (found.version, found.directory)).map_err(|error| error.to_string());
    let expected = expected
        .map(|(version, directory)| (version, PathBuf::from(directory)))
        .map_err(|message| message.to_owned());
    assert_eq!(found, expected);
}

const TWO: &str =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
const ONE: &str = "\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n\
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n\
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

const NOT_DELEGATED: &str = "neither the control group of this process nor the one above it has groups with limits on memory below it";

#[test]
fn version_1_and_hybrid_take_the_callers_own_group() {
    let hybrid = "4:memory:/a b:c\n3:cpuset:/\n1:name=systemd:/user.slice\n0::/user.slice\n";
    let own = "/sys/fs/cgroup/memory/a b:c";
    check(hybrid, ONE, "", Ok((CgroupVersion::One, own)));
    check("4:cpu,memory:/\n", ONE, "", Ok((CgroupVersion::One, "/sys/fs/cgroup/memory")));
    let free = "`/sys/fs/cgroup/memory/memory.use_hierarchy` is 0: a group below would be free of the limits of this process";
    check("4:memory:/\n", ONE, "/sys/fs/cgroup/memory/memory.use_hierarchy: 0", Err(free));
    check(
        "4:memory:/\n",
        ONE,
        "/sys/fs/cgroup/memory/memory.use_hierarchy: 1",
        Ok((CgroupVersion::One, "/sys/fs/cgroup/memory")),
    );
}

const USER: &str = "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice";
const MEMBER: &str = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte.scope\n";

fn session(more: &str) -> String {
    format!(
        "/sys/fs/cgroup/cgroup.controllers: cpuset cpu io memory pids\n{USER}/cgroup.subtree_control: memory pids\n\
         {USER}/vte.scope/cgroup.subtree_control:\n{USER}/vte.scope/memory.max: max\n{USER}/vte.scope/memory.high: max\n\
         {USER}/vte.scope/cpu.max: max 100000\n{USER}/vte.scope/pids.max: 4915\n{more}"
    )
}

#[test]
fn in_a_user_session_of_systemd_the_group_is_beside_the_callers() {
    check(MEMBER, TWO, &session(""), Ok((CgroupVersion::Two, USER)));
}

#[test]
fn a_bound_on_the_callers_group_is_not_escaped() {
    for (name, text) in [
        ("memory.max", "2000000000"),
        ("memory.high", "0"),
        ("cpu.max", "50000 100000"),
        ("cpuset.cpus", "0-3"),
    ] {
        let path = format!("{USER}/vte.scope/{name}");
        let bounded = session("").replace(&format!("{path}: max"), "/x: ");
        let message = format!(
            "`{path}` bounds this process, and a control group beside its own would not be bounded so"
        );
        check(MEMBER, TWO, &format!("{bounded}{path}: {text}"), Err(&message));
    }
}

#[test]
fn the_root_of_all_groups_has_groups_below_it() {
    let files = "/sys/fs/cgroup/cgroup.controllers: memory\n/sys/fs/cgroup/cgroup.subtree_control: memory";
    check("0::/\n", TWO, files, Ok((CgroupVersion::Two, "/sys/fs/cgroup")));
    // A service beside others, and one whose slice passes nothing on.
    check("0::/runner.service\n", TWO, files, Ok((CgroupVersion::Two, "/sys/fs/cgroup")));
    check("0::/system.slice/runner.service\n", TWO, files, Err(NOT_DELEGATED));
}

#[test]
fn containers_have_none_as_a_rule() {
    let read_only = TWO.replace(" rw,", " ro,");
    check("0::/\n", &read_only, "", Err("`/sys/fs/cgroup` is mounted read-only"));
    // Writable, in a cgroup namespace: what is above the container's own group cannot be reached.
    check("0::/\n", TWO, "/sys/fs/cgroup/cgroup.controllers: memory", Err(NOT_DELEGATED));
    check(
        "0::/../other\n",
        TWO,
        "/sys/fs/cgroup/cgroup.controllers: memory",
        Err("no file system of control groups is mounted that has the group of this process"),
    );
    // Without a namespace of its own, the container's group is the root of its mount.
    let shared =
        "35 31 0:32 /docker/ab /sys/fs/cgroup/memory ro,nosuid master:15 - cgroup cgroup rw,memory\n";
    check("9:memory:/docker/ab\n", shared, "", Err("`/sys/fs/cgroup/memory` is mounted read-only"));
    let writable = shared.replace(" ro,", " rw,");
    check("9:memory:/docker/ab/c\n", &writable, "", Ok((CgroupVersion::One, "/sys/fs/cgroup/memory/c")));
    check(
        "9:memory:/docker/abc\n",
        &writable,
        "",
        Err("no file system of control groups is mounted that has the group of this process"),
    );
    // One whose processes were moved out of its top group, as nested builders do.
    let nested = "/sys/fs/cgroup/cgroup.controllers: memory\n/sys/fs/cgroup/cgroup.subtree_control: memory";
    check("0::/init\n", TWO, nested, Ok((CgroupVersion::Two, "/sys/fs/cgroup")));
}

#[test]
fn without_the_controller_there_is_none() {
    let none = "there is no memory controller of control groups";
    check("", "", "", Err(none));
    check("1:cpu:/\n", ONE, "", Err(none));
    check("0::/a\n", TWO, "/sys/fs/cgroup/cgroup.controllers: cpu pids", Err(none));
    let not_mounted = "no file system of control groups is mounted that has the group of this process";
    check("4:memory:/\n0::/\n", TWO, "", Err(not_mounted));
}
