//! A Nixpacks plan from a file, from variables or from a command line, and how two of them are merged. This
//! module knows nothing about the effect of a plan on an image.
//!
//! Source: railwayapp/nixpacks, `src/nixpacks/plan/{mod,phase,merge,utils}.rs`.

use std::collections::BTreeMap;

use packwright_planner::{Origin, Requested};

/// A text with the line, or the option, that says it.
pub(crate) type Item = Requested<String>;

/// A list that may be absent: then what has lower priority is kept.
pub(crate) type List = Option<Vec<Item>>;

/// A plan. What is absent is left to what has lower priority.
#[derive(Debug, Clone, Default)]
pub(super) struct NixpacksPlan {
    pub(super) providers: List,
    pub(super) build_image: Option<Item>,
    pub(super) variables: BTreeMap<String, Item>,
    pub(super) static_assets: BTreeMap<String, Item>,
    pub(super) phases: BTreeMap<String, Phase>,
    pub(super) start: StartSettings,
}

/// A phase of the build.
#[derive(Debug, Clone, Default)]
pub(super) struct Phase {
    /// Where it is first mentioned.
    pub(super) origin: Option<Origin>,
    pub(super) depends_on: List,
    pub(super) cmds: List,
    pub(super) nix_pkgs: List,
    pub(super) nix_libs: List,
    pub(super) nix_overlays: List,
    pub(super) nixpkgs_archive: Option<Item>,
    pub(super) apt_pkgs: List,
    pub(super) only_include_files: List,
    pub(super) cache_directories: List,
    pub(super) paths: List,
}

/// How the application is started.
#[derive(Debug, Clone, Default)]
pub(super) struct StartSettings {
    pub(super) cmd: Option<Item>,
    pub(super) run_image: Option<Item>,
    pub(super) only_include_files: List,
    pub(super) user: Option<Item>,
}

/// Whether an element is the place for what has lower priority.
pub(crate) fn is_hole(item: &Item) -> bool {
    matches!(item.value.as_str(), "..." | "@auto")
}

/// The list of `over`, its holes filled with `under`. A hole stays in front of what fills it: it is
/// for what has still lower priority too.
pub(super) fn filled(under: List, over: List) -> List {
    let Some(over) = over else { return under };
    let under = under.unwrap_or_default();
    let mut list = Vec::new();
    for item in over {
        let hole = is_hole(&item);
        list.push(item);
        if hole {
            list.extend(under.iter().cloned());
        }
    }
    Some(list)
}

impl NixpacksPlan {
    /// This plan with `over`, which has higher priority, laid over it.
    pub(super) fn under(mut self, over: NixpacksPlan) -> NixpacksPlan {
        self.providers = filled(self.providers, over.providers);
        self.build_image = over.build_image.or(self.build_image);
        self.variables.extend(over.variables);
        self.static_assets.extend(over.static_assets);
        for (name, phase) in over.phases {
            let known = self.phases.remove(&name).unwrap_or_default();
            self.phases.insert(name, known.under(phase));
        }
        self.start = StartSettings {
            cmd: over.start.cmd.or(self.start.cmd),
            run_image: over.start.run_image.or(self.start.run_image),
            only_include_files: filled(self.start.only_include_files, over.start.only_include_files),
            user: over.start.user.or(self.start.user),
        };
        self
    }

    /// The phase called `name`, made when it is not there.
    pub(super) fn phase(&mut self, name: &str) -> &mut Phase {
        self.phases.entry(name.to_owned()).or_default()
    }
}

impl Phase {
    fn under(self, over: Phase) -> Phase {
        Phase {
            origin: self.origin.or(over.origin),
            depends_on: filled(self.depends_on, over.depends_on),
            cmds: filled(self.cmds, over.cmds),
            nix_pkgs: filled(self.nix_pkgs, over.nix_pkgs),
            nix_libs: filled(self.nix_libs, over.nix_libs),
            nix_overlays: filled(self.nix_overlays, over.nix_overlays),
            nixpkgs_archive: over.nixpkgs_archive.or(self.nixpkgs_archive),
            apt_pkgs: filled(self.apt_pkgs, over.apt_pkgs),
            only_include_files: filled(self.only_include_files, over.only_include_files),
            cache_directories: filled(self.cache_directories, over.cache_directories),
            paths: filled(self.paths, over.paths),
        }
    }
}

/// The elements of a list that are no holes.
pub(crate) fn items(list: &List) -> impl Iterator<Item = &Item> {
    list.iter().flatten().filter(|item| !is_hole(item))
}

/// The names in an order in which everything comes behind what it depends on; of those that could
/// come next, all do, by name. What a phase depends on and is not there counts as done.
///
/// Errors: phases that wait for each other, by name.
///
/// Source: railwayapp/nixpacks, `src/nixpacks/plan/topological_sort.rs`.
pub(crate) fn ordered(mut waiting: BTreeMap<String, Vec<String>>) -> Result<Vec<String>, Vec<String>> {
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let ready = |needs: &[String]| !needs.iter().any(|need| waiting.contains_key(need));
        let next: Vec<String> =
            waiting.iter().filter(|(_, needs)| ready(needs)).map(|(name, _)| name.clone()).collect();
        if next.is_empty() {
            return Err(waiting.into_keys().collect());
        }
        for name in next {
            waiting.remove(&name);
            order.push(name);
        }
    }
    Ok(order)
}
