//! Which releases of Node and Bun there are, for the kit's choice: Node by its lines, of which the
//! newest release is taken when the plan is pinned; any release of Bun.

use packwright_buildpack::planner::Origin;
use packwright_buildpack::version::{Releases, Request, Unclear, Word};

use super::lines::{self, LineStatus, ReleaseLine};
use super::range::Range;
use super::request;
use super::runtime::JsRuntime;
use crate::messages;

/// The line of which Bun's releases are when nothing is asked for.
const BUN: ReleaseLine = ReleaseLine { major: 1, codename: None, status: LineStatus::Current };

impl Releases for JsRuntime {
    type Wanted = Range;
    type Release = &'static ReleaseLine;

    fn read(&self, request: &Request, word: Word<'_>) -> Result<Range, Unclear> {
        request::read(*self, word, &request.said.origin)
    }

    fn candidates(&self, wanted: &Range) -> Vec<&'static ReleaseLine> {
        match self {
            JsRuntime::Node => lines::allowed(wanted),
            JsRuntime::Bun => vec![&BUN],
        }
    }

    fn fits(&self, wanted: &Range, line: &&'static ReleaseLine) -> bool {
        *self == JsRuntime::Bun || !wanted.both(&Range::line(line.major)).is_empty()
    }

    fn default(&self) -> (&'static ReleaseLine, Origin) {
        let (line, why) = match self {
            JsRuntime::Node => (
                lines::long_term().next().unwrap_or(lines::newest()),
                "the newest line of Node with long-term support",
            ),
            JsRuntime::Bun => (&BUN, "the newest Bun"),
        };
        (line, Origin::Default(why.to_owned()))
    }

    fn name(&self, line: &&'static ReleaseLine) -> String {
        line.major.to_string()
    }

    fn available(&self) -> String {
        match self {
            JsRuntime::Node => {
                let oldest = lines::oldest().major;
                format!("{}; the oldest that can be had is {oldest}", messages::available_lines())
            }
            JsRuntime::Bun => "every release of Bun can be had".to_owned(),
        }
    }

    fn readable(&self) -> String {
        match self {
            JsRuntime::Node => {
                "it is neither a range as npm reads them nor a name such as `lts/*` or `lts/iron`"
            }
            JsRuntime::Bun => "it is no range as npm reads them",
        }
        .to_owned()
    }

    fn nearest(&self, wanted: &Range) -> String {
        let is_newer = wanted.span().is_some_and(|(from, _)| from.0 > lines::newest().major);
        let line = match is_newer {
            true => lines::newest(),
            false => lines::long_term().last().unwrap_or(lines::newest()),
        };
        line.major.to_string()
    }

    fn takes_hint(&self, hint: &Range) -> bool {
        let ends = |line: &&ReleaseLine| matches!(line.status, LineStatus::Ended(_));
        *self == JsRuntime::Bun || lines::allowed(hint).first().is_some_and(|line| !ends(line))
    }

    fn agree(&self, all: &[&Range]) -> bool {
        !together(all.iter().copied()).is_some_and(|range| range.is_empty())
    }

    /// The release satisfies all; whose words it has is what people want to know.
    fn is_overridden(&self, _first: &Range, _other: &Range, _line: &&'static ReleaseLine) -> bool {
        true
    }

    fn contradicts(&self, _other: &Range, _line: &&'static ReleaseLine) -> bool {
        false
    }
}

/// What all of these allow; `None` without any.
pub(super) fn together<'a>(mut all: impl Iterator<Item = &'a Range>) -> Option<Range> {
    let first = all.next()?.clone();
    Some(all.fold(first, |range, other| range.both(other)))
}
