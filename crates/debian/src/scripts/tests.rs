//! What `scripts` must and must not do.

use packwright_oci::MemoryStore;

use super::*;
use crate::fixtures::Deb;
use crate::rules::Rules;

fn found(name: &str, postinst: &str) -> Result<ScriptEffects, Unsupported> {
    let (chosen, bytes) = Deb::new(name).control("postinst", postinst).build();
    let unpacked = crate::unpack(&chosen, bytes.as_slice(), &mut MemoryStore::new(), &Rules::image());
    effects(&unpacked.expect("a good package"))
}

#[test]
fn scripts_that_do_nothing_are_harmless() {
    for script in [
        "#!/bin/sh\nset -e\n",
        "#!/bin/sh -e\ncase \"$1\" in\n  configure|triggered)\n    ;;\n  abort-upgrade) ;;\n  *)\n    echo \"called with \\`$1'\" >&2\n    exit 1\n    ;;\nesac\nexit 0\n",
        "#!/bin/sh\nif [ \"$1\" = configure ]; then\n  : # nothing\nfi\n",
        "#!/bin/sh\n# Automatically added by dh_makeshlibs/13.11\nldconfig\n# End automatically added section\n",
    ] {
        assert_eq!(found("a", script), Ok(ScriptEffects::default()), "{script}");
    }
}

#[test]
fn anything_else_is_refused_by_name() {
    for (script, line) in [
        ("#!/bin/sh\nuseradd x\n", "useradd x"),
        ("#!/bin/sh\nif [ -z \"$2\" ]; then\n  chmod 0 /etc/x\nfi\n", "chmod 0 /etc/x"),
        ("#!/bin/sh\nif [ \"$(wget x)\" ]; then\n:\nfi\n", "wget x"),
        ("#!/bin/sh\ncase $1 in configure) rm -r $x;; esac\n", "rm -r $x"),
        ("#!/bin/sh\necho x > /etc/x\n", "> /etc/x"),
        ("#!/bin/sh\necho `chmod 0 /x`\n", "chmod 0 /x"),
        ("#!/bin/sh\n:; chmod 0 /x\n", "chmod 0 /x"),
        ("#!/bin/sh\ntrue && chmod 0 /x\n", "chmod 0 /x"),
        ("#!/bin/sh\necho x && chmod 0 /x\n", "chmod 0 /x"),
        ("#!/bin/sh\n(chmod 0 x)\n", "chmod 0 x"),
        ("#!/bin/sh\nrm x)\n", "rm x)"),
        ("#!/bin/sh\nexit $(chmod 0 /x)\n", "chmod 0 /x"),
        ("#!/bin/sh\nif [ 1 ]; then chmod 0 /x; fi\n", "chmod 0 /x"),
        ("#!/bin/sh\necho \\\n; chmod 0 /x\n", "chmod 0 /x"),
        ("#!/bin/sh\nldconfig() { useradd x; }\nldconfig\n", "useradd x"),
        ("#!/bin/sh\nsh -c ldconfig\n", "sh -c ldconfig"),
        ("#!/bin/sh\ncommand useradd\n", "command useradd"),
        ("#!/bin/sh\nfind / -delete\n", "find / -delete"),
        ("#!/bin/sh\nfind / $x\n", "find / $x"),
        ("#!/bin/sh\n. /etc/x\n", ". /etc/x"),
        ("#!/bin/sh\nmkdir -m 777 /x\n", "mkdir -m 777 /x"),
        ("#!/bin/sh\nmkdir /a/../../x\n", "mkdir /a/../../x"),
        ("#!/bin/sh\nln /a /b\n", "ln /a /b"),
        ("#!/bin/sh\nrm -rf /x/*\n", "rm -rf /x/*"),
        ("#!/bin/sh\n/tmp/ldconfig\n", "/tmp/ldconfig"),
        ("#!/usr/bin/perl\nprint;\n", "#!/usr/bin/perl"),
        ("useradd x\n", "useradd x"),
        (
            "#!/bin/sh\n# Automatically added by dh_installdeb/13\nchmod 0 /x\n# End automatically added section\n",
            "chmod 0 /x",
        ),
        ("#!/bin/sh\nupdate-alternatives --install $a $b $c 1\n", "update-alternatives --install $a $b $c 1"),
        ("#!/bin/sh\nupdate-alternatives --set a /b\n", "update-alternatives --set a /b"),
    ] {
        let refused = found("a", script).expect_err(script);
        assert_eq!(
            (refused.package.as_str(), refused.script, refused.line.as_str()),
            ("a", "postinst", line)
        );
    }
}

#[test]
fn literal_alternatives_are_offers() {
    let effects = found("a", "#!/bin/sh\nupdate-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5\n");
    assert_eq!(effects.expect("harmless").offers[0].priority, 5);
    let effects = found(
        "a",
        "#!/bin/sh\nfor p in x y; do update-alternatives --install /usr/bin/$p $p /usr/bin/$p-1 10; done\n",
    );
    let names: Vec<String> =
        effects.expect("harmless").offers.into_iter().map(|offer| offer.links[0].target.clone()).collect();
    assert_eq!(names, ["/usr/bin/x-1", "/usr/bin/y-1"]);
}

#[test]
fn work_is_read_off_arguments() {
    let effects = found(
        "a",
        "#!/bin/sh\nmkdir -p /x/y\nmkdir -m 700 `dirname /z/y`\ntouch /t\nln -sf /a /b\nucf --three-way /c /d\nrm -f /e /f\n",
    );
    let effects: Vec<FileEffect> =
        effects.expect("known").commands.into_iter().map(|effect| effect.effect).collect();
    let text = str::to_owned;
    assert_eq!(
        effects,
        [
            FileEffect::Directory(text("/x/y"), 0o755),
            FileEffect::Directory(text("/z"), 0o700),
            FileEffect::Empty(text("/t")),
            FileEffect::Link { path: text("/b"), target: text("/a") },
            FileEffect::Copy { from: text("/c"), to: text("/d") },
            FileEffect::Absent(text("/e")),
            FileEffect::Absent(text("/f")),
        ]
    );
}

#[test]
fn triggers_are_judged_where_a_package_has_them() {
    let script = "#!/bin/sh\nif [ $1 = triggered ]; then useradd x; fi\n";
    assert!(found("a", script).is_ok());
    let (chosen, bytes) =
        Deb::new("a").control("postinst", script).control("triggers", "interest /x\n").build();
    let unpacked = crate::unpack(&chosen, bytes.as_slice(), &mut MemoryStore::new(), &Rules::image());
    assert_eq!(effects(&unpacked.expect("a good package")).expect_err("refused").line, "useradd x");
}

#[test]
fn reviewed_packages_pass_with_a_reason() {
    let effects = found("libc-bin", "#!/bin/sh\ncp a b\n").expect("reviewed");
    assert!(effects.reviewed.is_some_and(|row| row.reason.contains("linker")));
    assert_eq!(effects.reviewed_effects().len(), 1);
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
fn the_harmless_are_in_order_and_say_why() {
    assert!(classify::HARMLESS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(classify::HARMLESS.iter().all(|(_, _, reason)| !reason.is_empty()));
}

#[test]
fn patterns_match_whole_names() {
    assert!(reviewed::find("libpython3.13-minimal").is_some());
    assert!(reviewed::find("python3.11-venv").is_some());
    assert!(reviewed::find("libc6-dev").is_none());
    assert!(reviewed::find("libpython3-minimalist").is_none());
}
