//! Files of variables that a start script names in `--env-file`. A file called `.env` holds secrets of a
//! developer's machine and is in no image, and Node does not start without a file that is named.

use super::line::{Segment, Word};
use crate::application::AppContext;

/// Programs that hand the option on to Node. Bun starts without the file.
const READERS: &[&str] = &["node", "nodejs", "tsx", "ts-node"];
const OPTION: &str = "--env-file";
/// The same where the file may be missing. Source: Node's documentation, "Command-line API".
const OPTIONAL: &str = "--env-file-if-exists";
const OPTIONAL_SINCE: (u64, u64) = (22, 9);

/// Lets the commands start without the files that are not in the source, and returns their names. The
/// option becomes the one that accepts a missing file, or goes where Node does not know that one.
pub(super) fn made_optional(subject: &AppContext<'_>, segments: &mut [Segment]) -> Vec<String> {
    let can_be_missing = subject.node >= OPTIONAL_SINCE;
    let mut missing = Vec::new();
    for segment in segments {
        let start = segment.split().0.len();
        if !segment.words[start..].iter().any(|word| READERS.contains(&word.text.as_str())) {
            continue;
        }
        let mut kept: Vec<Word> = Vec::with_capacity(segment.words.len());
        let mut words = std::mem::take(&mut segment.words).into_iter().peekable();
        while let Some(word) = words.next() {
            let inline = word.text.strip_prefix(OPTION).and_then(|rest| rest.strip_prefix('='));
            let next = (word.text == OPTION).then(|| words.peek()).flatten();
            let path = inline.map(str::to_owned).or(next.map(|next| next.text.clone()));
            match path.filter(|path| !path.contains('$') && !subject.project.has(path)) {
                None => kept.push(word),
                Some(path) => {
                    if can_be_missing {
                        kept.push(optional(word));
                    } else if inline.is_none() {
                        words.next();
                    }
                    missing.push(path);
                }
            }
        }
        segment.words = kept;
    }
    missing
}

fn optional(word: Word) -> Word {
    let change = |text: &str| text.replacen(OPTION, OPTIONAL, 1);
    Word { raw: change(&word.raw), text: change(&word.text), plain: word.plain }
}
