//! Chooses the languages that take part in a plan, and their roles: the owner of the application, its helpers,
//! and the server of static files.

use super::declared::{self, Share};
use crate::{
    BuildRunner, Buildpack, Claim, Component, Decision, DeclaredBuild, Diagnostic, Overridden, PlanContext,
    PlanError, PlanOptions, Proposal, Requested, Role, Severity, SourceTree,
};

/// What all buildpacks are asked about.
pub(super) struct PlanInputs<'a, 'b> {
    pub(super) tree: &'b dyn SourceTree,
    pub(super) buildpacks: &'b [&'a dyn Buildpack],
    pub(super) model: &'b Component,
    pub(super) options: &'b PlanOptions,
}

/// A buildpack that takes part, with what it does.
pub(super) struct Participant {
    pub(super) buildpack: String,
    pub(super) proposal: Proposal,
    /// Whether it works for the owner before the owner does.
    pub(super) helps: bool,
}

/// All buildpacks that take part, and what is left for the planner.
pub(super) struct Participants {
    /// The owner first, if there is one.
    pub(super) parts: Vec<Participant>,
    pub(super) decisions: Vec<Decision>,
    /// The owner's part of the declared build.
    pub(super) build: Option<DeclaredBuild>,
    /// About commands of that part.
    pub(super) warnings: Vec<Diagnostic>,
}

/// A language that claims the application.
pub(super) struct Candidate<'a> {
    pub(super) buildpack: &'a dyn Buildpack,
    pub(super) claim: Requested<Claim>,
}

/// The buildpacks that the caller allows, in the caller's order; all of them when the caller
/// names none.
pub(super) fn allowed<'a>(
    buildpacks: &[&'a dyn Buildpack],
    options: &PlanOptions,
) -> Result<Vec<&'a dyn Buildpack>, PlanError> {
    if options.buildpacks.is_empty() {
        return Ok(buildpacks.to_vec());
    }
    let find = |name: &String| {
        buildpacks.iter().find(|pack| pack.language().name == name).copied().ok_or_else(|| {
            let supported = buildpacks.iter().filter(|pack| pack.language().is_supported);
            let known: Vec<&str> = supported.map(|pack| pack.language().name).collect();
            let message = format!("there is no buildpack `{name}`");
            Diagnostic::error("plan/unknown-buildpack", message)
                .fix(format!("name one of {}", known.join(", ")))
                .into()
        })
    };
    options.buildpacks.iter().map(find).collect()
}

impl<'a> PlanInputs<'a, '_> {
    /// All buildpacks that take part, the owner first, and the decision about the language. None takes
    /// part when nothing is recognised. `candidates` are the answers to [`PlanInputs::candidates`].
    pub(super) fn parts(&self, mut candidates: Vec<Candidate<'a>>) -> Result<Participants, PlanError> {
        if candidates.is_empty() {
            let idle = declared::idle(None, &[], self.tree, self.buildpacks);
            let build = self.model_for(None, Share::Owner, &idle).build;
            let warnings = self.without_language(build.as_ref(), None, &idle);
            return Ok(Participants { parts: Vec::new(), decisions: Vec::new(), build, warnings });
        }
        let owner = candidates.remove(0);
        let decision = decision(&owner, &candidates);
        let name = owner.buildpack.language().name.to_owned();
        let mut idle = Vec::new();
        let Some(mut proposal) = self.ask(owner.buildpack, Role::Owner, &idle)? else {
            let message = format!("{name} claims the application and proposes nothing");
            return Err(Diagnostic::error("plan/no-proposal", message)
                .why(owner.claim.origin.to_string())
                .fix(format!("report it to the makers of the buildpack {name}"))
                .into());
        };
        let suite = proposal.suite.as_ref().map(|suite| suite.value.clone());
        let helpers = self.helpers(&candidates, suite.as_deref())?;
        let mut build = self.model_for(Some(owner.buildpack), Share::Owner, &idle).build;
        let runs = helpers.iter().filter(|part| part.proposal.declared_build == BuildRunner::Buildpack);
        let runs: Vec<&str> = runs.map(|part| part.buildpack.as_str()).collect();
        idle = declared::idle(Some(&name), &runs, self.tree, self.buildpacks);
        // Commands of a language that builds nothing here are the owner's after all.
        let whole = self.model_for(Some(owner.buildpack), Share::Owner, &idle).build;
        if whole != build {
            build = whole;
            proposal = self.ask(owner.buildpack, Role::Owner, &idle)?.unwrap_or(proposal);
        }
        let warnings = self.without_language(build.as_ref(), Some(&name), &idle);
        proposal.diagnostics.extend(self.doubt(&name, &owner.claim, &candidates));
        // What an owner that builds nothing shows or starts may be what the other language makes.
        let unbuilt =
            candidates.iter().filter(|_| proposal.steps.is_empty()).find(|other| other.is_unbuilt());
        // Without a runtime of its own the owner only starts what is there, and the image is as good as empty.
        let brings_nothing = proposal.versions.is_empty() && self.options.buildpacks.is_empty();
        proposal.diagnostics.extend(unbuilt.map(|other| {
            match brings_nothing && other.is_beside_process(self) {
                true => Diagnostic { severity: Severity::Error, ..not_in_image(&name, other) },
                false => not_in_image(&name, other),
            }
        }));
        let served = self.server(&name, &proposal)?;
        let mut parts = vec![Participant { buildpack: name, proposal, helps: false }];
        parts.extend(helpers);
        let needs = std::mem::take(&mut parts[0].proposal.needs);
        let helped = self.front_ends(&parts, needs, suite.as_deref())?;
        parts[0].proposal.diagnostics.extend(helped.missing);
        parts.extend(helped.part);
        parts.extend(served);
        Ok(Participants { parts, decisions: vec![decision], build, warnings })
    }

    /// How strongly each buildpack claims the tree, the strongest first; those that were named
    /// in the caller's order.
    pub(super) fn candidates(&self) -> Vec<Candidate<'a>> {
        let mut candidates: Vec<Candidate<'a>> = Vec::new();
        for &buildpack in self.buildpacks {
            let model = self.model_for(Some(buildpack), Share::Owner, &[]);
            let claim = buildpack.detect(&self.context(&model, Role::Owner));
            candidates.extend(claim.map(|claim| Candidate { buildpack, claim }));
        }
        if self.options.buildpacks.is_empty() {
            candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.claim.value));
        }
        candidates
    }

    fn without_language(
        &self,
        build: Option<&DeclaredBuild>,
        owner: Option<&str>,
        idle: &[&str],
    ) -> Vec<Diagnostic> {
        let warn = |build| declared::without_language(build, owner, idle, self.tree, self.buildpacks);
        build.map(warn).unwrap_or_default()
    }

    pub(super) fn ask(
        &self,
        buildpack: &dyn Buildpack,
        role: Role<'_>,
        idle: &[&str],
    ) -> Result<Option<Proposal>, PlanError> {
        let share = match role {
            Role::Helper { .. } => Share::Helper,
            Role::Owner | Role::Server(_) => Share::Owner,
        };
        let model = self.model_for(Some(buildpack), share, idle);
        buildpack.propose(&self.context(&model, role)).map_err(|problems| PlanError::Problems { problems })
    }

    /// The component as `buildpack` sees it: with its own part of a declared build.
    fn model_for(&self, buildpack: Option<&dyn Buildpack>, share: Share, idle: &[&str]) -> Component {
        declared::seen_by(buildpack, share, self.model, self.tree, self.buildpacks, idle)
    }

    fn context<'c>(&'c self, model: &'c Component, role: Role<'c>) -> PlanContext<'c> {
        PlanContext { tree: self.tree, model, options: self.options, role }
    }

    /// A word about a second language that claims the application as strongly as the first.
    fn doubt(&self, owner: &str, claim: &Requested<Claim>, others: &[Candidate<'_>]) -> Option<Diagnostic> {
        // A language that is not built claims as much only when a declared process starts its programs.
        let unbuilt = |other: &&Candidate<'_>| {
            !other.buildpack.language().is_supported && other.claim.value == Claim::Server
        };
        if let Some(other) = others.iter().find(unbuilt) {
            let title = other.buildpack.language().title;
            let origin = &other.claim.origin;
            // An image whose default process cannot start is none.
            let is_default =
                self.model.commands().any(|(name, _, at)| name.as_str() == "web" && at == origin);
            let severity = if is_default { Severity::Error } else { Severity::Warning };
            let told = Diagnostic::warning(
                "plan/unsupported-process",
                format!("{origin} starts a program of {title}, and no buildpack builds {title}"),
            );
            return Some(
                Diagnostic { severity, ..told }
                    .why(format!("the image is one of {owner}: that process cannot start in it"))
                    .fix("take the process out, or build it in an image of its own")
                    .at(origin.clone()),
            );
        }
        let rival = others.iter().find(|other| {
            self.options.buildpacks.is_empty()
                && other.buildpack.language().is_supported
                && other.claim.value == claim.value
                && claim.value >= Claim::Program
        })?;
        let other = rival.buildpack.language().name;
        Some(
            Diagnostic::warning("plan/two-languages", format!("{owner} is taken, {other} would do as well"))
                .why(format!("{}; {}", claim.origin, rival.claim.origin))
                .fix(format!("choose with `--buildpack {owner}` or `--buildpack {other}`, or name the directory of the application with `--root DIR`")),
        )
    }

    fn helpers(&self, others: &[Candidate<'_>], suite: Option<&str>) -> Result<Vec<Participant>, PlanError> {
        let mut helpers = Vec::new();
        for other in others {
            let proposal = self.ask(other.buildpack, Role::Helper { suite }, &[])?;
            let buildpack = other.buildpack.language().name.to_owned();
            helpers.extend(proposal.map(|proposal| Participant { buildpack, proposal, helps: true }));
        }
        Ok(helpers)
    }

    /// Whoever serves the owner's site, if it has one.
    fn server(&self, owner: &str, proposal: &Proposal) -> Result<Option<Participant>, PlanError> {
        let Some(site) = &proposal.site else { return Ok(None) };
        for &buildpack in self.buildpacks.iter().filter(|pack| pack.language().name != owner) {
            let answer = self.ask(buildpack, Role::Server(site), &[])?;
            if let Some(proposal) = answer {
                let buildpack = buildpack.language().name.to_owned();
                return Ok(Some(Participant { buildpack, proposal, helps: false }));
            }
        }
        Err(Diagnostic::error("plan/no-server", format!("{owner} makes files and no buildpack serves them"))
            .why(site.origin.to_string())
            .fix("allow the buildpack `static` too, or declare a process that serves them")
            .into())
    }
}

/// The strongest claim on a tree; the first of equals, as when the owner is chosen.
pub(super) fn strongest<'c, 'a>(candidates: &'c [Candidate<'a>]) -> Option<&'c Candidate<'a>> {
    candidates.iter().reduce(|best, next| match next.claim.value > best.claim.value {
        true => next,
        false => best,
    })
}

impl Candidate<'_> {
    /// Whether there is a program in a language that is only recognised.
    fn is_unbuilt(&self) -> bool {
        self.claim.value == Claim::Program && !self.buildpack.language().is_supported
    }

    /// Whether the files declare a process, which may be one of this language.
    fn is_beside_process(&self, inputs: &PlanInputs<'_, '_>) -> bool {
        inputs.model.commands().next().is_some()
    }

    /// Whether there is an application that can be built, and not only tools.
    pub(super) fn is_application(&self) -> bool {
        self.claim.value > Claim::Tools && self.buildpack.language().is_supported
    }
}

/// A warning that nothing of the language of `other` is in the image of `owner`.
fn not_in_image(owner: &str, other: &Candidate<'_>) -> Diagnostic {
    let title = other.buildpack.language().title;
    let origin = &other.claim.origin;
    Diagnostic::warning(
        "plan/unsupported-language",
        format!("`{origin}` says {title}, and no buildpack builds {title}"),
    )
    .why(format!("the image is one of {owner}: programs and packages of {title} are not in it"))
    .fix(format!("name `--buildpack {owner}` if nothing of {title} is needed"))
    .at(origin.clone())
}

fn decision(owner: &Candidate<'_>, others: &[Candidate<'_>]) -> Decision {
    let label = |candidate: &Candidate<'_>| {
        format!("{} ({})", candidate.buildpack.language().name, candidate.claim.value.meaning())
    };
    Decision {
        subject: "language".to_owned(),
        value: label(owner),
        origin: owner.claim.origin.clone(),
        overridden: others
            .iter()
            .map(|other| Overridden { value: label(other), origin: other.claim.origin.clone() })
            .collect(),
    }
}
