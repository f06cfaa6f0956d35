//! Which isolation steps run in: the one that the caller wants, or the best that works on the file
//! system of the store.

use packwright_engine::planner::Diagnostic;
use packwright_engine::sandbox::{Isolation, Note, Probe, probe};
use packwright_engine::store::Store;

use crate::error::Error;

/// What the caller wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The best that works.
    #[default]
    Best,
    /// This one and no other.
    Only(Isolation),
    /// The best that works; this one only where no other does.
    RatherNot(Isolation),
}

/// What was found out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// The isolation that works, if one does.
    pub(crate) works: Option<Isolation>,
    /// What it offers less than it should.
    pub(crate) notes: Vec<Diagnostic>,
    /// What was tried and does not work, with the reason, for people.
    pub(crate) obstacles: Vec<String>,
}

/// Every isolation that can run steps, the best one first.
const ISOLATIONS: [Isolation; 3] = [Isolation::Overlay, Isolation::Copy, Isolation::Chroot];

/// Tries what `wanted` allows, in order, until one works.
///
/// Errors: the isolation that is wanted does not work.
pub(crate) fn find(store: &Store, wanted: Wanted) -> Result<Found, Error> {
    let scratch = store.scratch()?;
    let mut isolations = match wanted {
        Wanted::Only(isolation) => vec![isolation],
        Wanted::Best | Wanted::RatherNot(_) => ISOLATIONS.to_vec(),
    };
    isolations.sort_by_key(|isolation| wanted == Wanted::RatherNot(*isolation));
    let mut obstacles = Vec::new();
    for isolation in isolations {
        let others: Vec<Isolation> = Isolation::ALL.into_iter().filter(|other| *other != isolation).collect();
        let tried = probe(scratch.path(), &others).into_iter().find(|probe| probe.isolation == isolation);
        match tried {
            Some(Probe { result: Ok(notes), .. }) => {
                let notes = notes.iter().map(remark).collect();
                return Ok(Found { works: Some(isolation), notes, obstacles });
            }
            Some(Probe { result: Err(source), .. }) if wanted == Wanted::Only(isolation) => {
                return Err(Error::IsolationRefused { isolation, source });
            }
            Some(Probe { result: Err(error), .. }) => obstacles.push(format!("{isolation}: {error}")),
            None => {}
        }
    }
    Ok(Found { works: None, notes: Vec::new(), obstacles })
}

fn remark(note: &Note) -> Diagnostic {
    Diagnostic::info("isolation/less", note.to_string())
}
