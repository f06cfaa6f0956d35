//! Each setting is told apart by the error number and the facts.

use super::*;

fn user() -> HostFacts {
    HostFacts { user_namespace: true, max_user_namespaces: Some(100), ..HostFacts::default() }
}

#[test]
fn each_obstacle_has_its_own_name() {
    let cases = [
        (
            Stage::Namespaces,
            Errno::NOSPC,
            HostFacts { max_user_namespaces: Some(0), ..user() },
            Obstacle::NamespacesDisabled,
        ),
        (Stage::Namespaces, Errno::NOSPC, user(), Obstacle::NamespacesExhausted),
        (
            Stage::Namespaces,
            Errno::PERM,
            HostFacts { unprivileged_clone: Some(0), ..user() },
            Obstacle::UnprivilegedClone,
        ),
        (Stage::Namespaces, Errno::PERM, HostFacts { filtered: true, ..user() }, Obstacle::SystemCallFilter),
        (Stage::Namespaces, Errno::PERM, user(), Obstacle::Forbidden),
        (Stage::Namespaces, Errno::INVAL, user(), Obstacle::NamespacesMissing),
        (Stage::Identity, Errno::PERM, HostFacts { apparmor: Some(1), ..user() }, Obstacle::AppArmor),
        (Stage::PrivateMounts, Errno::ACCESS, HostFacts { apparmor: Some(1), ..user() }, Obstacle::AppArmor),
        (
            Stage::Overlay,
            Errno::INVAL,
            HostFacts { upper_on_overlay: true, ..user() },
            Obstacle::OverlayNested,
        ),
        (Stage::Overlay, Errno::INVAL, user(), Obstacle::OverlayRefused),
        (Stage::Overlay, Errno::PERM, user(), Obstacle::OverlayRefused),
        (Stage::Overlay, Errno::NODEV, user(), Obstacle::OverlayMissing),
        (Stage::System, Errno::NOSYS, user(), Obstacle::KernelTooOld),
        (Stage::Namespaces, Errno::PERM, HostFacts::default(), Obstacle::NotRoot),
        (Stage::Privileges, Errno::PERM, HostFacts { root: true, ..HostFacts::default() }, Obstacle::NotRoot),
        (Stage::PrivateMounts, Errno::INVAL, HostFacts::default(), Obstacle::Chrooted),
        (
            Stage::Namespaces,
            Errno::PERM,
            HostFacts { root: true, ..HostFacts::default() },
            Obstacle::MountRefused,
        ),
    ];
    for (stage, errno, facts, expected) in cases {
        assert_eq!(Obstacle::diagnose(stage, errno, &facts), Some(expected), "{stage:?} {errno:?} {facts:?}");
        assert!(!expected.fix().is_empty());
    }
}

#[test]
fn settings_for_ordinary_users_do_not_stop_root() {
    let facts = HostFacts { root: true, apparmor: Some(1), unprivileged_clone: Some(0), ..user() };
    assert_eq!(Obstacle::diagnose(Stage::Namespaces, Errno::PERM, &facts), Some(Obstacle::Forbidden));
}

#[test]
fn a_missing_file_is_no_obstacle_of_the_machine() {
    for stage in [Stage::Mount, Stage::Overlay, Stage::WorkingDirectory, Stage::Root] {
        assert_eq!(Obstacle::diagnose(stage, Errno::NOENT, &user()), None);
    }
    assert_eq!(Obstacle::diagnose(Stage::Mount, Errno::ACCESS, &user()), None);
}
