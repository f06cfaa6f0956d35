//! What `scripts` must and must not do.

use packwright_oci::MemoryStore;

use super::*;
use crate::fixtures::Deb;
use crate::rules::Rules;

fn judged(name: &str, postinst: &str) -> Result<Instead, Unsupported> {
    let (chosen, bytes) = Deb::new(name).control("postinst", postinst).build();
    let unpacked = crate::unpack(&chosen, bytes.as_slice(), &mut MemoryStore::new(), &Rules::image());
    judge(&unpacked.expect("a good package"))
}

#[test]
fn scripts_that_do_nothing_are_harmless() {
    for script in [
        "#!/bin/sh\nset -e\n",
        "#!/bin/sh -e\ncase \"$1\" in\n  configure|triggered)\n    ;;\n  abort-upgrade) ;;\n  *)\n    echo \"called with \\`$1'\" >&2\n    exit 1\n    ;;\nesac\nexit 0\n",
        "#!/bin/sh\nif [ \"$1\" = configure ]; then\n  : # nothing\nfi\n",
        "#!/bin/sh\n# Automatically added by dh_makeshlibs/13.11\nldconfig\n# End automatically added section\n",
    ] {
        assert_eq!(judged("a", script), Ok(Instead::default()), "{script}");
    }
}

#[test]
fn anything_else_is_refused_by_name() {
    for (script, line) in [
        ("#!/bin/sh\nuseradd x\n", "useradd x"),
        ("#!/bin/sh\nif [ -z \"$2\" ]; then\n  touch /etc/x\nfi\n", "touch /etc/x"),
        ("#!/bin/sh\nif [ \"$(id)\" ]; then\n:\nfi\n", "if [ \"$(id)\" ]; then"),
        ("#!/bin/sh\ncase $1 in configure) rm -r /x;; esac\n", "case $1 in configure) rm -r /x;; esac"),
        ("#!/bin/sh\necho x > /etc/x\n", "echo x > /etc/x"),
        ("#!/bin/sh\necho `touch /x`\n", "echo `touch /x`"),
        ("#!/bin/sh\n:; touch /x\n", ":; touch /x"),
        ("#!/bin/sh\ntrue && touch /x\n", "true && touch /x"),
        ("#!/bin/sh\necho x && touch /x\n", "echo x && touch /x"),
        ("#!/bin/sh\n(rm -r x)\n", "(rm -r x)"),
        ("#!/bin/sh\nrm x)\n", "rm x)"),
        ("#!/bin/sh\nexit $(touch /x)\n", "exit $(touch /x)"),
        ("#!/bin/sh\nif [ 1 ]; then touch /x; fi\n", "if [ 1 ]; then touch /x; fi"),
        ("#!/bin/sh\necho \\\n; touch /x\n", "echo  ; touch /x"),
        ("#!/usr/bin/perl\nprint;\n", "#!/usr/bin/perl"),
        (
            "#!/bin/sh\n# Automatically added by dh_unheard_of/1\ntouch /x\n# End automatically added section\n",
            "touch /x",
        ),
        ("#!/bin/sh\nupdate-alternatives --install $a $b $c 1\n", "update-alternatives --install $a $b $c 1"),
    ] {
        let refused = judged("a", script).expect_err(script);
        assert_eq!(
            (refused.package.as_str(), refused.script, refused.line.as_str()),
            ("a", "postinst", line)
        );
    }
}

#[test]
fn literal_alternatives_are_offers() {
    let instead = judged("a", "#!/bin/sh\nupdate-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5\n");
    assert_eq!(instead.expect("harmless").offers[0].priority, 5);
}

#[test]
fn reviewed_packages_pass_with_a_reason() {
    let instead = judged("libc-bin", "#!/bin/sh\nldconfig\n").expect("reviewed");
    assert!(instead.reviewed.is_some_and(|row| row.reason.contains("linker")));
    assert_eq!(instead.effects().len(), 1);
}

#[test]
fn the_table_is_in_order_and_says_why() {
    let names: Vec<&str> = reviewed::REVIEWED.iter().map(|row| row.package).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted);
    assert!(reviewed::REVIEWED.iter().all(|row| !row.reason.is_empty()));
}

#[test]
fn patterns_match_whole_names() {
    assert!(reviewed::find("libpython3.13-minimal").is_some());
    assert!(reviewed::find("python3.11-venv").is_some());
    assert!(reviewed::find("libc6-dev").is_none());
    assert!(reviewed::find("libpython3-minimalist").is_none());
}
