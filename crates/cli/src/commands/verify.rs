//! `packwright verify`: what an image lacks.

use packwright::planner::{Diagnostic, Severity};
use packwright::store::Store;
use packwright::{BuildOptions, Builder, Destination};
use serde::Serialize;

use crate::exit::Exit;
use crate::flags::commands::Verify;
use crate::host::Host;
use crate::output;
use crate::report::{Failure, Report};
use crate::terminal::problem;
use crate::terminal::style::Style;

/// The answer for programs.
#[derive(Serialize)]
struct Answer {
    /// The image as it was named.
    image: String,
    /// The digest of its manifest.
    digest: String,
    /// Whether nothing that counts is missing.
    whole: bool,
    findings: Vec<Diagnostic>,
}

pub(super) fn verify(flags: &Verify, host: &Host) -> Result<Exit, Failure> {
    let place: Destination = flags.image.parse().map_err(|error: packwright::DestinationError| {
        Failure::usage(Report::of(&error, Some(error.fix().to_owned())))
    })?;
    let store = host.store(flags.store.store.as_deref())?;
    let builder = Builder::new(Store::open(&store.path)?);
    let options = BuildOptions::default();
    let opened = builder.open_image(&place, &options)?;
    let findings = builder.verify(&opened, &options)?;
    let least = if flags.strict { Severity::Warning } else { Severity::Error };
    let answer = Answer {
        image: flags.image.clone(),
        digest: opened.image.digest.to_string(),
        whole: findings.iter().all(|finding| finding.severity < least),
        findings,
    };
    output::answer(flags.format, &answer, text)?;
    Ok(if answer.whole { Exit::Done } else { Exit::Failed })
}

/// The findings as they are told after a build, and a line that sums up.
fn text(answer: &Answer) -> String {
    let count = |severity: Severity, one: &str| {
        let found = answer.findings.iter().filter(|finding| finding.severity == severity).count();
        match found {
            1 => format!("1 {one}"),
            found => format!("{found} {one}s"),
        }
    };
    let style = Style::new(false);
    let mut text: String =
        answer.findings.iter().map(|finding| problem::text(&Report::from(finding), &[], style)).collect();
    let is_whole = if answer.whole { "whole" } else { "not whole" };
    let (errors, warnings) = (count(Severity::Error, "error"), count(Severity::Warning, "warning"));
    text.push_str(&format!("{is_whole} {} ({errors}, {warnings})\n", answer.digest));
    text
}
