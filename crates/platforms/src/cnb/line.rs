//! The line that an origin names.

use packwright_planner::Origin;

pub(super) fn line_of(origin: &Origin) -> u32 {
    match origin {
        Origin::File { line: Some(line), .. } => *line,
        _ => 1,
    }
}
