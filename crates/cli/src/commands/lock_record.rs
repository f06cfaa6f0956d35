//! `packwright lock --explain`: what entered each step from the network, and which packages the image lacked. Values in, text out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use packwright::Event;
use packwright::planner::{AddedPackage, Lock, LockedDownload, StepName};

use crate::terminal::numbers::bytes;
use crate::terminal::problem::harmless;
use crate::terminal::style::{Style, table};

/// For each step, whether it ran and how many responses came from the download cache, as its events tell.
#[derive(Debug, Clone, Default)]
pub(super) struct FetchSources(Arc<Mutex<BTreeMap<StepName, FetchSource>>>);

/// Where the downloads of a step come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FetchSource {
    /// It ran now, and so many answers came from the download cache.
    Now { cached: usize },
    /// It did not run now: its result was in the store.
    Before,
}

impl FetchSources {
    /// Notes what an event tells.
    pub(super) fn hear(&self, event: &Event) {
        let (step, way) = match event {
            Event::StepFetched { step, cached, .. } => (step, FetchSource::Now { cached: *cached }),
            Event::StepReused { step } => (step, FetchSource::Before),
            _ => return,
        };
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A step that ran for its answer is found when what builds on it is run.
        sources.entry(step.clone()).or_insert(way);
    }

    /// What entered each step of `lock`: a line with how much, then one for each content.
    pub(super) fn text(&self, lock: &Lock, style: Style) -> String {
        let sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        for (step, downloads) in &lock.fetched {
            let how = how(downloads, sources.get(step).copied());
            text.push_str(&format!("\n{}: {how}\n", style.bold(step.as_str())));
            let rows: Vec<[String; 3]> = downloads
                .iter()
                .map(|one| [bytes(one.size), one.digest.to_string(), harmless(&one.address)])
                .collect();
            text.push_str(&table("  ", &rows));
        }
        if lock.fetched.is_empty() {
            text.push_str("\nno step fetches anything that the lock has\n");
        }
        if !lock.added.is_empty() {
            let added = |package: &AddedPackage| [package.name.clone(), harmless(&package.why)];
            let rows: Vec<[String; 2]> = lock.added.iter().map(added).collect();
            text.push_str(&format!(
                "\n{}\n{}",
                style.bold("packages that the image lacked"),
                table("  ", &rows)
            ));
        }
        text
    }
}

fn how(downloads: &[LockedDownload], way: Option<FetchSource>) -> String {
    if downloads.is_empty() {
        return "nothing".to_owned();
    }
    let size = bytes(downloads.iter().map(|one| one.size).sum());
    let count = match downloads.len() {
        1 => "1 download".to_owned(),
        count => format!("{count} downloads"),
    };
    let from = match way {
        Some(FetchSource::Before) => ", in an earlier build",
        Some(FetchSource::Now { cached: 0 }) | None => "",
        Some(FetchSource::Now { cached }) => &*format!(", {cached} answers from the download cache"),
    };
    format!("{count}, {size}{from}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::expect;
    use packwright::oci::Digest;
    use packwright::planner::LOCK_FORMAT;

    use super::*;

    fn lock(fetched: &[(&str, &[(&str, u64)])]) -> Lock {
        let download = |(address, size): &(&str, u64)| LockedDownload {
            address: (*address).to_owned(),
            digest: Digest::of(b""),
            size: *size,
            looks_up: false,
        };
        let fetched = fetched.iter().map(|(step, all)| {
            (step.parse::<StepName>().unwrap(), all.iter().map(download).collect::<Vec<_>>())
        });
        Lock {
            format: LOCK_FORMAT.to_owned(),
            requests: Digest::of(b""),
            profile: 1,
            architecture: "amd64".to_owned(),
            releases: Vec::new(),
            substituted: Vec::new(),
            packages: Vec::new(),
            added: Vec::new(),
            resolutions: BTreeMap::new(),
            fetched: fetched.collect(),
        }
    }

    #[test]
    fn each_step_has_its_downloads_and_says_where_they_came_from() {
        let lock = lock(&[
            ("toy.before", &[("https://files.test/a", 999)]),
            ("toy.nothing", &[]),
            ("toy.now", &[("https://files.test/b", 24_100_000), ("https://files.test/c?…", 5)]),
        ]);
        let sources = FetchSources::default();
        let step = |name: &str| name.parse::<StepName>().unwrap();
        sources.hear(&Event::StepReused { step: step("toy.before") });
        sources.hear(&Event::StepFetched { step: step("toy.now"), answers: 3, bytes: 1, cached: 2 });
        sources.hear(&Event::StepReused { step: step("toy.now") });
        expect![[r#"

            toy.before: 1 download, 999 B, in an earlier build
              999 B  sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  https://files.test/a

            toy.nothing: nothing

            toy.now: 2 downloads, 24.1 MB, 2 answers from the download cache
              24.1 MB  sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  https://files.test/b
              5 B      sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  https://files.test/c?…
        "#]]
        .assert_eq(&sources.text(&lock, Style::new(false)));
    }

    #[test]
    fn packages_that_the_image_lacked_are_told_with_what_needs_them() {
        let added =
            AddedPackage { name: "libgl1".to_owned(), why: "`/app/a.so` needs `libGL.so.1`".to_owned() };
        let lock = Lock { added: vec![added], ..lock(&[]) };
        expect![[r#"

            no step fetches anything that the lock has

            packages that the image lacked
              libgl1  `/app/a.so` needs `libGL.so.1`
        "#]]
        .assert_eq(&FetchSources::default().text(&lock, Style::new(false)));
    }

    #[test]
    fn a_lock_without_downloads_says_so() {
        let text = FetchSources::default().text(&lock(&[]), Style::new(false));
        assert_eq!(text, "\nno step fetches anything that the lock has\n");
    }
}
