//! The explanation of an unsatisfiable solve: each clause of the unsatisfiable core as a sentence. Nothing is
//! decided here.

use super::clause::{Clause, ClauseOrigin};
use crate::index::Index;
use crate::relation;

/// The longest explanation: a reader does not follow more sentences.
const LIMIT: usize = 12;

/// One sentence per clause, requests first, in the order the chain was followed.
pub(super) fn reasons(index: &Index, core: &[&Clause]) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    for clause in core {
        let package = |id| {
            let package = index.package(id);
            format!("{} {}", package.name(), package.version())
        };
        let impossible = !clause.literals.iter().any(|literal| literal.chosen);
        let sentence = match &clause.origin {
            ClauseOrigin::Request(relation) if impossible => {
                format!("`{relation}` is requested, {}", missing(index, relation))
            }
            ClauseOrigin::Request(relation) => format!("`{relation}` is requested"),
            ClauseOrigin::Depends(id, relation) if impossible => {
                format!("{} needs `{relation}`, {}", package(*id), missing(index, relation))
            }
            ClauseOrigin::Depends(id, relation) => format!("{} needs `{relation}`", package(*id)),
            ClauseOrigin::Conflict(id, other, relation) => {
                format!("{} excludes `{relation}`, which is {}", package(*id), package(*other))
            }
            ClauseOrigin::SameName(id, other) => {
                format!("{} and {} cannot be together", package(*id), package(*other))
            }
            ClauseOrigin::Learned(_) => continue,
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

fn missing(index: &Index, relation: &str) -> String {
    let relations = relation::parse(relation, index.architecture()).unwrap_or_default();
    let there: Vec<String> = relations
        .iter()
        .flat_map(|relation| &relation.alternatives)
        .flat_map(|alternative| index.named(alternative.name))
        .map(|id| format!("{} {}", index.package(id).name(), index.package(id).version()))
        .collect();
    match there.is_empty() {
        true => "which no package is or provides".to_owned(),
        false => format!("only {} is there", there.join(", ")),
    }
}
