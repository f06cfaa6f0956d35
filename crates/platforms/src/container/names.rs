//! Process names, made from the names that containers and services have in other files.

use packwright_planner::ProcessName;

/// A name of a process that `text` is, or is nearly: other characters become `-`.
pub(crate) fn process_name(text: &str) -> Option<ProcessName> {
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let name: String = text.chars().take(63).map(fits).collect();
    name.trim_matches(['-', '_']).parse().ok()
}
