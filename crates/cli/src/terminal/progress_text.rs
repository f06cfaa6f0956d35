//! [`ProgressText`]: events as lines for people, and the line about what is going on right now.

use std::time::Instant;

use packwright::Event;

use super::numbers::{bytes, elapsed, left};
use super::problem::harmless;
use super::style::Style;

/// The state of a build, as far as the next line depends on it.
#[derive(Debug)]
pub(crate) struct ProgressText {
    style: Style,
    fetch_start: FetchStart,
    activity: Activity,
    since: Instant,
}

/// How the beginning of a download is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FetchStart {
    /// As a line of its own: in a log nothing else says what the build waits for.
    Line,
    /// By [`ProgressText::now`] alone.
    Live,
}

#[derive(Debug)]
enum Activity {
    /// Work that has no event of its own.
    Working,
    Fetching {
        what: String,
        files: usize,
        total: u64,
        done: u64,
    },
    Unpacking {
        packages: usize,
    },
    Running {
        step: String,
    },
}

impl ProgressText {
    pub(crate) fn new(style: Style, fetch_start: FetchStart) -> ProgressText {
        ProgressText { style, fetch_start, activity: Activity::Working, since: Instant::now() }
    }

    /// Takes in an event; gives the line that stays on the screen, if there is one, without line end.
    pub(crate) fn handle(&mut self, event: &Event) -> Option<String> {
        match event {
            Event::FetchStarted { what, files, bytes: total } => {
                let (what, files, total) = (what.clone(), *files, *total);
                let line = format!("fetching {what}: {}, {}", count(files, "file"), bytes(total));
                self.begin(Activity::Fetching { what, files, total, done: 0 });
                (self.fetch_start == FetchStart::Line).then_some(line)
            }
            Event::Fetched { bytes } => {
                if let Activity::Fetching { done, .. } = &mut self.activity {
                    *done += bytes;
                }
                None
            }
            Event::FetchRetried { error, pause_ms } => {
                let pause = elapsed(std::time::Duration::from_millis(*pause_ms));
                Some(format!("{} in {pause}: {}", self.style.yellow("trying again"), harmless(error)))
            }
            Event::Waiting { what, process } => {
                let (waiting, holder) = (self.style.yellow("waiting"), holder(*process));
                Some(format!("{waiting} for {holder}, which is busy with {what}"))
            }
            Event::FetchEnded => self.end(),
            Event::UnpackStarted { packages } => {
                self.begin(Activity::Unpacking { packages: *packages });
                None
            }
            Event::UnpackEnded => self.end(),
            Event::StepStarted { step, why, reason } => {
                self.begin(Activity::Running { step: step.to_string() });
                let step = self.style.bold(step.as_str());
                Some(format!("step {step}: {} {}", harmless(why), self.style.dim(&format!("({reason})"))))
            }
            Event::StepOutput { step, line, .. } => {
                Some(format!("{} {}", self.style.dim(&format!("{step} │")), harmless(line)))
            }
            Event::StepRetried { step, line, next, most, pause_ms } => {
                let pause = elapsed(std::time::Duration::from_millis(*pause_ms));
                let again = self.style.yellow("trying again");
                let step = self.style.bold(step.as_str());
                Some(format!(
                    "step {step}: {again} in {pause}, try {next} of {most}: {}",
                    harmless(line.trim())
                ))
            }
            Event::StepFetched { step, answers, bytes: size, cached } => {
                let step = self.style.bold(step.as_str());
                let (answers, size) = (count(*answers, "answer"), bytes(*size));
                Some(format!("step {step}: fetched {answers}, {size}; {cached} from the download cache"))
            }
            Event::StepEnded { step, elapsed_ms } => {
                // Not the time between the events: a step may be told of when it has ended.
                let time = elapsed(std::time::Duration::from_millis(*elapsed_ms));
                self.begin(Activity::Working);
                Some(format!("step {}: done in {time}", self.style.bold(step.as_str())))
            }
            Event::StepReused { step } => Some(format!("step {}: reused", self.style.bold(step.as_str()))),
            // Layers and notices are in the summary.
            _ => None,
        }
    }

    fn begin(&mut self, activity: Activity) {
        self.activity = activity;
        self.since = Instant::now();
    }

    fn end(&mut self) -> Option<String> {
        let time = elapsed(self.since.elapsed());
        let line = match &self.activity {
            Activity::Working | Activity::Running { .. } => None,
            Activity::Fetching { what, files, total, .. } => {
                Some(format!("fetched {what}: {}, {} in {time}", count(*files, "file"), bytes(*total)))
            }
            Activity::Unpacking { packages } => {
                Some(format!("unpacked {} in {time}", count(*packages, "package")))
            }
        };
        self.begin(Activity::Working);
        line
    }

    /// What is going on, in at most `width` columns; without colours, so that it can be cut.
    pub(crate) fn now(&self, width: usize) -> String {
        let time = self.since.elapsed();
        let line = match &self.activity {
            Activity::Working => format!("working  {}", elapsed(time)),
            Activity::Unpacking { packages } => {
                format!("unpacking {}  {}", count(*packages, "package"), elapsed(time))
            }
            Activity::Running { step } => format!("running {step}  {}", elapsed(time)),
            Activity::Fetching { what, total, done, .. } => {
                let mut line =
                    format!("{} {what}  {} of {}", bar(*done, *total), bytes(*done), bytes(*total));
                let seconds = time.as_secs_f64();
                if seconds > 0.5 && *done > 0 {
                    let rate = *done as f64 / seconds;
                    let rest = total.saturating_sub(*done) as f64 / rate;
                    let rest = std::time::Duration::from_secs_f64(rest.min(1e6));
                    line.push_str(&format!("  {}/s  {}", bytes(rate as u64), left(rest)));
                }
                line
            }
        };
        line.chars().take(width).collect()
    }
}

/// `1 file`, `2 files`.
/// Who is waited for: the process that holds a lock, where the kernel tells.
pub(crate) fn holder(process: Option<u32>) -> String {
    match process {
        Some(process) => format!("the process {process}"),
        None => "another build".to_owned(),
    }
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// `done` of `total` as a bar of 22 columns.
fn bar(done: u64, total: u64) -> String {
    const LENGTH: u64 = 20;
    let full = (done.min(total) * LENGTH).checked_div(total).unwrap_or(LENGTH) as usize;
    format!("[{:<20}]", "=".repeat(full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fetch_and_a_step_make_lines() {
        let mut text = ProgressText::new(Style::new(false), FetchStart::Line);
        let what = "Debian packages".to_owned();
        let started = text.handle(&Event::FetchStarted { what, files: 2, bytes: 2_000_000 });
        assert_eq!(started.as_deref(), Some("fetching Debian packages: 2 files, 2.0 MB"));
        assert_eq!(text.handle(&Event::Fetched { bytes: 1_000_000 }), None);
        assert_eq!(text.now(60), "[==========          ] Debian packages  1.0 MB of 2.0 MB");
        assert_eq!(text.now(5), "[====");
        let ended = text.handle(&Event::FetchEnded).unwrap();
        assert!(ended.starts_with("fetched Debian packages: 2 files, 2.0 MB in "), "{ended}");
        let step: packwright::planner::StepName = "toy.make".parse().unwrap();
        let (why, reason) = ("makes it".to_owned(), "it runs for the first time".to_owned());
        let line = text.handle(&Event::StepStarted { step: step.clone(), why, reason });
        assert_eq!(line.as_deref(), Some("step toy.make: makes it (it runs for the first time)"));
        let line = "\x1b[31mred".to_owned();
        let shown = text.handle(&Event::StepOutput { step: step.clone(), stderr: false, line });
        assert_eq!(shown.as_deref(), Some("toy.make │ red"));
        let fetched = Event::StepFetched { step: step.clone(), answers: 3, bytes: 2_000_000, cached: 1 };
        let expected = "step toy.make: fetched 3 answers, 2.0 MB; 1 from the download cache";
        assert_eq!(text.handle(&fetched).as_deref(), Some(expected));
        let line = "  read \x1b[31mECONNRESET".to_owned();
        let again = text.handle(&Event::StepRetried { step, line, next: 2, most: 3, pause_ms: 3000 });
        let expected = "step toy.make: trying again in 3.0 s, try 2 of 3: read ECONNRESET";
        assert_eq!(again.as_deref(), Some(expected));
    }

    #[test]
    fn a_bar_is_full_at_the_end_and_for_nothing() {
        assert_eq!(bar(5, 5), format!("[{}]", "=".repeat(20)));
        assert_eq!(bar(0, 0), bar(9, 5));
        assert_eq!(bar(0, 5), format!("[{}]", " ".repeat(20)));
    }
}
