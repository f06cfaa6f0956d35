//! `packwright doctor`: what this machine can do, and what stands in the way of the rest.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use packwright::remote::{Expect, Request, Url, Watch};
use packwright::sandbox::{Isolation, Probe, landlock, memory_cgroups, probe};
use packwright::store::Store;

use crate::exit::Exit;
use crate::flags::commands::Doctor;
use crate::host::{Addresses, Host};
use crate::output;
use crate::report::{Failure, Report};
use crate::terminal::numbers::bytes;
use crate::terminal::style::Style;

/// The largest index that is accepted from a mirror, in bytes.
const LARGEST: u64 = 16 << 20;

pub(super) fn doctor(flags: &Doctor, host: &Host) -> Result<Exit, Failure> {
    let mut findings = Findings { text: String::new(), style: Style::new(host.terminal.result_colour) };
    let place = host.store(flags.store.store.as_deref())?;
    findings.title("store");
    let store = Store::open(&place.path);
    let works = match &store {
        Ok(store) => {
            findings.good(&format!(
                "{} ({}), {}",
                place.path.display(),
                place.origin,
                file_system(&place.path)
            ));
            findings.title("isolation");
            let scratch = store.scratch()?;
            isolation(&mut findings, &probe(scratch.path(), &[Isolation::Nothing]))
        }
        Err(error) => {
            findings.bad(&Report::of(error, error.fix()));
            findings.title("isolation");
            findings.bad(&Report::new("not tried: it depends on the file system of the store"));
            false
        }
    };
    findings.title("second wall");
    second_wall(&mut findings);
    findings.title("memory limit");
    memory_limit(&mut findings);
    findings.title("debian mirror");
    let addresses = host.addresses(flags.mirror.as_deref(), flags.security_mirror.as_deref());
    match &addresses {
        Ok(addresses) => mirrors(&mut findings, addresses),
        Err(failure) => failure.reports.iter().for_each(|report| findings.bad(report)),
    }
    findings.title("network");
    network(&mut findings, host);
    if let (true, Ok(addresses)) = (flags.network, &addresses) {
        reach(&mut findings, host, addresses);
    }
    output::result(&findings.text)?;
    Ok(if works { Exit::Done } else { Exit::Failed })
}

/// What was found, as text.
struct Findings {
    text: String,
    style: Style,
}

impl Findings {
    fn title(&mut self, title: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(&format!("{}\n", self.style.bold(title)));
    }

    fn good(&mut self, what: &str) {
        self.text.push_str(&format!("  {}  {what}\n", self.style.green("ok")));
    }

    fn bad(&mut self, report: &Report) {
        self.text.push_str(&format!("  {}  {}\n", self.style.yellow("no"), report.message));
        for why in &report.why {
            self.text.push_str(&format!("      why: {why}\n"));
        }
        if let Some(fix) = &report.fix {
            self.text.push_str(&format!("      fix: {fix}\n"));
        }
    }
}

/// Reports every way of isolation; gives whether one of them works.
fn isolation(findings: &mut Findings, probes: &[Probe]) -> bool {
    let mut works = false;
    for probe in probes.iter().filter(|probe| probe.isolation != Isolation::Nothing) {
        match &probe.result {
            Ok(notes) => {
                works = true;
                findings.good(&probe.isolation.to_string());
                for note in notes {
                    findings.text.push_str(&format!("      note: {note}\n"));
                }
            }
            Err(error) => {
                let mut report = Report::new(format!("{}: {error}", probe.isolation));
                report.fix = error.fix();
                findings.bad(&report);
            }
        }
    }
    works
}

/// What stands around every step besides its isolation. Steps run without it too.
fn second_wall(findings: &mut Findings) {
    match landlock() {
        Some(version) => findings.good(&format!("Landlock, version {version}")),
        None => findings.bad(
            &Report::new(
                "Landlock: this kernel has none, or one that refuses to move files between directories",
            )
            .fix("use Linux 5.19 or newer, with `landlock` among the security modules (`lsm=`)"),
        ),
    }
}

/// Who holds `--memory`. Without control groups the limit is held too, later and with gaps.
fn memory_limit(findings: &mut Findings) {
    match memory_cgroups() {
        Ok(groups) => findings.good(&groups.to_string()),
        Err(error) => {
            let report = Report::new(
                "control groups: none can be made, so memory is counted about ten times a second",
            );
            findings.bad(&report.because(&error).fix(error.fix()));
        }
    }
}

fn mirrors(findings: &mut Findings, addresses: &Addresses) {
    let parts = [
        (&addresses.archive, "mirror", "--mirror", "PACKWRIGHT_DEBIAN_MIRROR"),
        (
            &addresses.security,
            "mirror of the security archive",
            "--security-mirror",
            "PACKWRIGHT_DEBIAN_SECURITY_MIRROR",
        ),
    ];
    for (found, what, flag, variable) in parts {
        match found {
            Some((url, origin)) => findings.good(&format!("{url} ({origin})")),
            None => findings.bad(
                &Report::new(format!("no {what} is known"))
                    .fix(format!("name one with `{flag} URL` or in {variable}")),
            ),
        }
    }
}

fn network(findings: &mut Findings, host: &Host) {
    match host.ca_bundle() {
        Ok(Some(found)) => {
            findings.good(&format!("certificate authorities in {} ({})", found.path.display(), found.origin));
        }
        Ok(None) => findings.bad(
            &Report::new("no certificate authorities were found, so that no https address can be reached")
                .fix("install the package ca-certificates, or name a PEM bundle in SSL_CERT_FILE"),
        ),
        Err(failure) => failure.reports.iter().for_each(|report| findings.bad(report)),
    }
    match host.proxies() {
        Ok(proxies) => {
            // Their addresses may hold passwords.
            for (scheme, proxy) in [("http", &proxies.http), ("https", &proxies.https)] {
                if let Some(proxy) = proxy {
                    match proxy.parse::<Url>() {
                        Ok(url) => findings.good(&format!("proxy for {scheme}: {url}")),
                        Err(_) => findings.good(&format!("proxy for {scheme} is set")),
                    }
                }
            }
        }
        Err(failure) => failure.reports.iter().for_each(|report| findings.bad(report)),
    }
}

/// Fetches the signed index of one suite from each mirror.
fn reach(findings: &mut Findings, host: &Host, addresses: &Addresses) {
    let client = match host.client() {
        Ok(client) => client,
        Err(failure) => return failure.reports.iter().for_each(|report| findings.bad(report)),
    };
    let newest = packwright::debian::Suite::debian_codenames().last().copied().unwrap_or_default();
    for (found, suffix) in [(&addresses.archive, ""), (&addresses.security, "-security")] {
        let Some((url, _)) = found else { continue };
        let index = url.below(&format!("dists/{newest}{suffix}/InRelease"));
        let (cancel, quiet) = (AtomicBool::new(false), |_: packwright::remote::Progress<'_>| {});
        let watch = Watch { cancel: &cancel, progress: &quiet };
        match client.bytes(&Request::new(index.clone(), Expect::at_most(LARGEST)), &watch) {
            Ok(_) => findings.good(&format!("{index} answers")),
            Err(error) => findings.bad(&Report::of(&error, error.fix())),
        }
    }
}

/// The kind of the file system at `path` and its free space.
fn file_system(path: &Path) -> String {
    match rustix::fs::statfs(path) {
        Ok(found) => {
            let kind = kind(found.f_type);
            format!("{kind}, {} free", bytes(found.f_bavail * found.f_bsize as u64))
        }
        Err(error) => format!("its file system cannot be asked: {error}"),
    }
}

/// Source: statfs(2), the table of magic numbers.
fn kind(magic: i64) -> String {
    match magic {
        0xef53 => "ext4".to_owned(),
        0x5846_5342 => "xfs".to_owned(),
        0x9123_683e => "btrfs".to_owned(),
        0x0102_1994 => "tmpfs".to_owned(),
        0x794c_7630 => "overlay".to_owned(),
        0x6969 => "nfs".to_owned(),
        0x6573_5546 => "fuse".to_owned(),
        0x2fc1_2fc1 => "zfs".to_owned(),
        0xf2f5_2010 => "f2fs".to_owned(),
        other => format!("file system 0x{other:x}"),
    }
}
