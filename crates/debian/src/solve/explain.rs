//! The explanation of an unsatisfiable solve: each clause of the unsatisfiable core as a sentence. Nothing is
//! decided here.

use crate::relation;
use crate::solve::search::{Search, Why};

/// The longest explanation: a reader does not follow more sentences.
const LIMIT: usize = 12;

/// One sentence per clause, requests first, in the order the chain was followed.
pub(super) fn reasons(search: &Search<'_>, core: Vec<usize>) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    for number in core {
        let clause = &search.clauses[number];
        let package = |id| {
            let package = search.index.package(id);
            format!("{} {}", package.name(), package.version())
        };
        let impossible = !clause.literals.iter().any(|literal| literal.chosen);
        let sentence = match &clause.why {
            Why::Request(relation) if impossible => {
                format!("`{relation}` is requested, {}", missing(search, relation))
            }
            Why::Request(relation) => format!("`{relation}` is requested"),
            Why::Depends(id, relation) if impossible => {
                format!("{} needs `{relation}`, {}", package(*id), missing(search, relation))
            }
            Why::Depends(id, relation) => format!("{} needs `{relation}`", package(*id)),
            Why::Conflict(id, other, relation) => {
                format!("{} excludes `{relation}`, which is {}", package(*id), package(*other))
            }
            Why::SameName(id, other) => {
                format!("{} and {} cannot be together", package(*id), package(*other))
            }
            Why::Learned(_) => continue,
        };
        sentences.push(sentence);
    }
    sentences.dedup();
    let left_out = sentences.len().saturating_sub(LIMIT);
    if left_out > 0 {
        // The contradiction itself is at the end.
        sentences.drain(LIMIT / 2..LIMIT / 2 + left_out);
        sentences.insert(LIMIT / 2, format!("… and {left_out} more"));
    }
    sentences
}

fn missing(search: &Search<'_>, relation: &str) -> String {
    let relations = relation::parse(relation, search.index.architecture()).unwrap_or_default();
    let there: Vec<String> = relations
        .iter()
        .flat_map(|relation| &relation.alternatives)
        .flat_map(|alternative| search.index.named(alternative.name))
        .map(|id| format!("{} {}", search.index.package(id).name(), search.index.package(id).version()))
        .collect();
    match there.is_empty() {
        true => "which no package is or provides".to_owned(),
        false => format!("only {} is there", there.join(", ")),
    }
}
