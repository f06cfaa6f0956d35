//! Which isolation steps run in: the one that the caller wants, or the best that works on the file
//! system of the store.

use packwright_engine::planner::Diagnostic;
use packwright_engine::sandbox::{Note, Probe, Rung, probe};
use packwright_engine::store::Store;

use crate::error::Error;

/// What the caller wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The best that works.
    #[default]
    Best,
    /// This one and no other.
    Only(Rung),
    /// The best that works; this one only where no other does.
    RatherNot(Rung),
}

/// What was found out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// The isolation that works, if one does.
    pub(crate) rung: Option<Rung>,
    /// What it offers less than it should.
    pub(crate) notes: Vec<Diagnostic>,
    /// What was tried and does not work, with the reason, for people.
    pub(crate) obstacles: Vec<String>,
}

/// Every isolation that can run steps, the best one first.
const RUNGS: [Rung; 3] = [Rung::Overlay, Rung::Copy, Rung::Chroot];

/// Tries what `wanted` allows, in order, until one works.
///
/// Errors: the isolation that is wanted does not work.
pub(crate) fn find(store: &Store, wanted: Wanted) -> Result<Found, Error> {
    let scratch = store.scratch()?;
    let mut rungs = match wanted {
        Wanted::Only(rung) => vec![rung],
        Wanted::Best | Wanted::RatherNot(_) => RUNGS.to_vec(),
    };
    rungs.sort_by_key(|rung| wanted == Wanted::RatherNot(*rung));
    let mut obstacles = Vec::new();
    for rung in rungs {
        let others: Vec<Rung> = Rung::ALL.into_iter().filter(|other| *other != rung).collect();
        let tried = probe(scratch.path(), &others).into_iter().find(|probe| probe.rung == rung);
        match tried {
            Some(Probe { result: Ok(notes), .. }) => {
                let notes = notes.iter().map(remark).collect();
                return Ok(Found { rung: Some(rung), notes, obstacles });
            }
            Some(Probe { result: Err(source), .. }) if wanted == Wanted::Only(rung) => {
                return Err(Error::IsolationRefused { rung, source });
            }
            Some(Probe { result: Err(error), .. }) => obstacles.push(format!("{rung}: {error}")),
            None => {}
        }
    }
    Ok(Found { rung: None, notes: Vec::new(), obstacles })
}

fn remark(note: &Note) -> Diagnostic {
    Diagnostic::info("isolation/less", note.to_string())
}
