//! The search itself: conflict-driven clause learning over "package p is chosen", with clauses
//! made only for packages that become chosen. It must not know anything of Debian beyond what
//! [`Index`] answers.
//!
//! Two chosen packages can exclude each other only through a clause of one of them, and both
//! are expanded when chosen; so a package that is never chosen needs no clauses.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::clause::{Clause, ClauseOrigin, Literal};
use super::error::SolveError;
use super::explain;
use super::request::Request;
use crate::essential;
use crate::index::{Index, PackageId};
use crate::relation;

use crate::substituted::Substituted;

#[derive(Clone, Copy)]
struct Assignment {
    chosen: bool,
    level: u32,
    /// The clause that forced it; `None` for a decision.
    reason: Option<usize>,
}

pub(super) struct Search<'a> {
    index: &'a Index,
    clauses: Vec<Clause>,
    substituted: Vec<Substituted>,
    used_substitutes: BTreeSet<&'static str>,
    /// Clauses by the packages in them.
    mentions: BTreeMap<PackageId, Vec<usize>>,
    assignments: BTreeMap<PackageId, Assignment>,
    /// Assigned packages in order.
    trail: Vec<PackageId>,
    level: u32,
    expanded: BTreeSet<PackageId>,
    /// Clauses to look at.
    pending: VecDeque<usize>,
}

impl<'a> Search<'a> {
    pub(super) fn new(index: &'a Index, substituted: &[Substituted], requests: &[&Request]) -> Search<'a> {
        let requested = |name: &str| {
            requests.iter().any(|request| {
                relation::parse(request.as_str(), index.architecture())
                    .is_ok_and(|all| all.iter().flat_map(|one| &one.alternatives).any(|one| one.name == name))
            })
        };
        let mut search = Search {
            index,
            clauses: Vec::new(),
            substituted: substituted.iter().filter(|row| !requested(row.package)).copied().collect(),
            used_substitutes: BTreeSet::new(),
            mentions: BTreeMap::new(),
            assignments: BTreeMap::new(),
            trail: Vec::new(),
            level: 0,
            expanded: BTreeSet::new(),
            pending: VecDeque::new(),
        };
        for request in requests {
            let relations = relation::parse(request.as_str(), index.architecture());
            for relation in relations.expect("a request was parsed before") {
                let literals = search.candidates(&relation);
                search.add(Clause { literals, origin: ClauseOrigin::Request(relation.to_string()) });
            }
        }
        search
    }

    /// Runs to a solution or a contradiction.
    pub(super) fn run(&mut self) -> Result<(), SolveError> {
        loop {
            match self.propagate()? {
                Some(conflict) => self.resolve(conflict)?,
                None => match self.next_decision() {
                    Some(package) => {
                        self.level += 1;
                        self.assign(Literal { package, chosen: true }, None);
                    }
                    None => return Ok(()),
                },
            }
        }
    }

    /// The chosen packages by number.
    pub(super) fn chosen(&self) -> impl Iterator<Item = PackageId> {
        self.assignments.iter().filter(|(_, assignment)| assignment.chosen).map(|(id, _)| *id)
    }

    pub(super) fn substitutes_used(&self) -> Vec<String> {
        self.used_substitutes.iter().map(|name| (*name).to_owned()).collect()
    }

    fn candidates(&self, relation: &relation::Relation<'_>) -> Vec<Literal> {
        let mut literals = Vec::new();
        for alternative in &relation.alternatives {
            for package in self.index.candidates(alternative) {
                let literal = Literal { package, chosen: true };
                if !literals.contains(&literal) {
                    literals.push(literal);
                }
            }
        }
        literals
    }

    fn add(&mut self, clause: Clause) -> usize {
        let number = self.clauses.len();
        for literal in &clause.literals {
            self.mentions.entry(literal.package).or_default().push(number);
        }
        self.clauses.push(clause);
        self.pending.push_back(number);
        number
    }

    /// Adds the clauses of a package that became chosen.
    fn expand(&mut self, id: PackageId) -> Result<(), SolveError> {
        if !self.expanded.insert(id) {
            return Ok(());
        }
        let package = self.index.package(id);
        let fail = |source| SolveError::Dependencies {
            package: package.name().to_owned(),
            version: package.version().to_owned(),
            source,
        };
        let not = |package| Literal { package, chosen: false };
        for other in self.index.named(package.name()).filter(|other| *other != id) {
            self.add(Clause {
                literals: vec![not(id), not(other)],
                origin: ClauseOrigin::SameName(id, other),
            });
        }
        for relation in package.conflicts(self.index.architecture()).map_err(fail)? {
            for alternative in &relation.alternatives {
                for other in self.index.candidates(alternative) {
                    // A package may conflict with what it provides itself, to be its only provider.
                    if other == id || self.index.package(other).name() == package.name() {
                        continue;
                    }
                    let origin = ClauseOrigin::Conflict(id, other, alternative.to_string());
                    self.add(Clause { literals: vec![not(id), not(other)], origin });
                }
            }
        }
        for relation in package.depends(self.index.architecture()).map_err(fail)? {
            let substitute = relation.alternatives.iter().find_map(|alternative| {
                self.substituted.iter().find(|row| row.satisfies(alternative.name, package.name()))
            });
            if let Some(row) = substitute {
                self.used_substitutes.insert(row.package);
                continue;
            }
            let mut literals = self.candidates(&relation);
            if literals.iter().any(|literal| literal.package == id) {
                continue;
            }
            literals.insert(0, not(id));
            self.add(Clause { literals, origin: ClauseOrigin::Depends(id, relation.to_string()) });
        }
        for need in essential::unsaid(package.name()) {
            for relation in relation::parse(need, self.index.architecture()).map_err(fail)? {
                let literals = [vec![not(id)], self.candidates(&relation)].concat();
                self.add(Clause { literals, origin: ClauseOrigin::Depends(id, relation.to_string()) });
            }
        }
        Ok(())
    }

    fn value(&self, literal: Literal) -> Option<bool> {
        self.assignments.get(&literal.package).map(|assignment| assignment.chosen == literal.chosen)
    }

    fn assign(&mut self, literal: Literal, reason: Option<usize>) {
        let assignment = Assignment { chosen: literal.chosen, level: self.level, reason };
        self.assignments.insert(literal.package, assignment);
        self.trail.push(literal.package);
        if let Some(mentions) = self.mentions.get(&literal.package) {
            self.pending.extend(mentions);
        }
    }

    /// Follows all consequences; the number of a clause none of whose literals can hold, if
    /// there is one.
    fn propagate(&mut self) -> Result<Option<usize>, SolveError> {
        let mut expanded = 0;
        loop {
            while let Some(number) = self.pending.pop_front() {
                let clause = &self.clauses[number];
                let mut open = None;
                let mut open_count = 0;
                let mut holds = false;
                for literal in &clause.literals {
                    match self.value(*literal) {
                        Some(true) => holds = true,
                        Some(false) => {}
                        None => {
                            open_count += 1;
                            open = open.or(Some(*literal));
                        }
                    }
                }
                match (holds, open_count, open) {
                    (true, ..) => {}
                    (false, 0, _) => return Ok(Some(number)),
                    (false, 1, Some(literal)) => self.assign(literal, Some(number)),
                    _ => {}
                }
            }
            while expanded < self.trail.len() {
                let package = self.trail[expanded];
                expanded += 1;
                if self.assignments[&package].chosen {
                    self.expand(package)?;
                }
            }
            if self.pending.is_empty() {
                return Ok(None);
            }
        }
    }

    /// The next package to try: first where only the version is open, newest first, so that
    /// everything certain is chosen before an alternative has to be.
    fn next_decision(&self) -> Option<PackageId> {
        let mut fallback = None;
        for clause in &self.clauses {
            if matches!(clause.origin, ClauseOrigin::Learned(_)) {
                continue;
            }
            let open = clause.literals.iter().any(|literal| match literal.chosen {
                true => self.value(*literal) == Some(true),
                false => self.value(*literal) != Some(false),
            });
            if open {
                continue;
            }
            let mut candidates = clause.literals.iter().filter(|literal| self.value(**literal).is_none());
            let Some(first) = candidates.next() else { continue };
            let name = self.index.package(first.package).name();
            if candidates.all(|literal| self.index.package(literal.package).name() == name) {
                return Some(first.package);
            }
            fallback = fallback.or(Some(first.package));
        }
        fallback
    }

    /// Learns from a conflict and goes back to where the lesson applies.
    fn resolve(&mut self, conflict: usize) -> Result<(), SolveError> {
        let level_of = |literal: &Literal| self.assignments[&literal.package].level;
        let highest = self.clauses[conflict].literals.iter().map(level_of).max().unwrap_or(0);
        if highest == 0 {
            return Err(self.unsolvable(conflict));
        }
        // The clause may have been added later than its literals were decided.
        self.undo_above(highest);
        let mut from = vec![conflict];
        let mut lesson: BTreeSet<Literal> = self.clauses[conflict].literals.iter().copied().collect();
        for place in (0..self.trail.len()).rev() {
            let at_level = |literal: &&Literal| self.assignments[&literal.package].level == highest;
            if lesson.iter().filter(at_level).count() <= 1 {
                break;
            }
            let package = self.trail[place];
            let assignment = self.assignments[&package];
            let literal = Literal { package, chosen: !assignment.chosen };
            let Some(reason) = assignment.reason.filter(|_| lesson.contains(&literal)) else { continue };
            lesson.remove(&literal);
            from.push(reason);
            lesson.extend(self.clauses[reason].literals.iter().filter(|one| one.package != package));
        }
        let back = lesson
            .iter()
            .map(|literal| self.assignments[&literal.package].level)
            .filter(|level| *level < highest)
            .max()
            .unwrap_or(0);
        self.undo_above(back);
        self.add(Clause { literals: lesson.into_iter().collect(), origin: ClauseOrigin::Learned(from) });
        Ok(())
    }

    fn unsolvable(&self, conflict: usize) -> SolveError {
        let core: Vec<&Clause> =
            self.core(conflict).into_iter().map(|number| &self.clauses[number]).collect();
        let requests: BTreeSet<&String> = core
            .iter()
            .filter_map(|clause| match &clause.origin {
                ClauseOrigin::Request(request) => Some(request),
                _ => None,
            })
            .collect();
        SolveError::Unsolvable {
            reasons: explain::reasons(self.index, &core),
            requests: requests.into_iter().cloned().collect(),
        }
    }

    fn undo_above(&mut self, level: u32) {
        while let Some(package) = self.trail.last() {
            if self.assignments[package].level <= level {
                break;
            }
            self.assignments.remove(package);
            self.trail.pop();
        }
        self.level = level;
        // A clause added above may have consequences here already.
        self.pending = (0..self.clauses.len()).collect();
    }

    /// The given clauses that together contradict, in the order they were made.
    fn core(&self, conflict: usize) -> Vec<usize> {
        let mut seen = BTreeSet::new();
        let mut todo = vec![conflict];
        while let Some(number) = todo.pop() {
            if !seen.insert(number) {
                continue;
            }
            let clause = &self.clauses[number];
            if let ClauseOrigin::Learned(from) = &clause.origin {
                todo.extend(from);
            }
            for literal in &clause.literals {
                let reason =
                    self.assignments.get(&literal.package).filter(|assignment| assignment.level == 0);
                todo.extend(reason.and_then(|assignment| assignment.reason));
            }
        }
        seen.into_iter()
            .filter(|number| !matches!(self.clauses[*number].origin, ClauseOrigin::Learned(_)))
            .collect()
    }
}
