//! Writes `type` and `dependencies`: the language, its version, and global tools.

use packwright_planner::{Requested, VersionRequest};

use super::application::ApplicationWriter;
use crate::entries::Entries;
use crate::write::Loss;

/// A runtime of the platform.
struct Runtime {
    /// Our name for the language.
    tool: &'static str,
    /// The platform's.
    word: &'static str,
    /// How many parts its versions have.
    parts: usize,
    /// The version that is written when the model has none that the platform could have.
    newest: &'static str,
}

/// Source: platformsh-docs, "Languages", supported versions of 2025.
const RUNTIMES: &[Runtime] = &[
    Runtime { tool: "python", word: "python", parts: 2, newest: "3.13" },
    Runtime { tool: "node", word: "nodejs", parts: 1, newest: "22" },
    Runtime { tool: "ruby", word: "ruby", parts: 2, newest: "3.4" },
    Runtime { tool: "go", word: "golang", parts: 2, newest: "1.24" },
    Runtime { tool: "php", word: "php", parts: 2, newest: "8.4" },
    Runtime { tool: "java", word: "java", parts: 1, newest: "21" },
    Runtime { tool: "elixir", word: "elixir", parts: 2, newest: "1.18" },
    Runtime { tool: "rust", word: "rust", parts: 1, newest: "1" },
    Runtime { tool: "dotnet", word: "dotnet", parts: 2, newest: "8.0" },
];

/// What stands for a runtime that nobody has named.
const UNKNOWN: &str = "RUNTIME:VERSION";

/// Tools, and the language whose registry has them.
const TOOLS: &[(&str, &str)] = &[
    ("pipenv", "python3"),
    ("poetry", "python3"),
    ("uv", "python3"),
    ("pdm", "python3"),
    ("pip", "python3"),
    ("npm", "nodejs"),
    ("pnpm", "nodejs"),
    ("yarn", "nodejs"),
    ("bun", "nodejs"),
    ("deno", "nodejs"),
];

impl<'a> ApplicationWriter<'a> {
    /// Writes the runtime; gives our name of it.
    pub(super) fn runtime(&mut self, entries: &mut Entries) -> Option<&'static str> {
        let part = self.part;
        let of = |tool: &str| RUNTIMES.iter().find(|runtime| runtime.tool == tool);
        let runtime = match &part.language {
            Some(language) => of(&language.value),
            None => part.versions.iter().find_map(|wish| of(&wish.tool)),
        };
        let mut written: Vec<&VersionRequest> = Vec::new();
        match runtime {
            Some(runtime) => {
                let wish = part.versions.iter().find(|wish| wish.tool == runtime.tool);
                let version = wish.and_then(|wish| fitting(&wish.version, runtime.parts));
                let word = runtime.word;
                if version.is_none_or(|version| wish.is_some_and(|wish| wish.version.value != version)) {
                    let version = version.unwrap_or(runtime.newest);
                    let what = format!("the runtime is `{word}:{version}`");
                    let instead = "change `type`, if the application needs another one that the platform has";
                    self.converted.lose(Loss::Versions, what, instead, wish.map(|wish| &wish.version.origin));
                }
                entries.text("type", format!("{word}:{}", version.unwrap_or(runtime.newest)));
                written.extend(wish);
            }
            None => {
                let what = format!("the runtime is not known, `{UNKNOWN}` stands for it");
                self.converted.lose(Loss::Versions, what.clone(), "write it into `type`", None);
                if let Some(language) = &part.language {
                    self.lose(Loss::Build, what, "write it into `type`", &language.origin);
                }
                entries.text("type", UNKNOWN);
            }
        }
        self.dependencies(entries, written);
        runtime.map(|runtime| runtime.tool)
    }

    fn dependencies(&mut self, entries: &mut Entries, mut written: Vec<&'a VersionRequest>) {
        let part = self.part;
        let mut known = Vec::new();
        let mut of: [(&str, Entries); 2] = [("python3", Entries::default()), ("nodejs", Entries::default())];
        for wish in &part.versions {
            let registry = TOOLS.iter().find(|(tool, _)| *tool == wish.tool).map(|(_, registry)| *registry);
            let place = of.iter_mut().find(|(name, _)| Some(*name) == registry);
            if let Some((_, tools)) = place.filter(|_| !known.contains(&wish.tool)) {
                tools.text(&wish.tool, &wish.version.value);
                known.push(wish.tool.clone());
                written.push(wish);
            }
        }
        if let Some(manager) = part.manager.as_ref() {
            let registry =
                TOOLS.iter().find(|(tool, _)| *tool == manager.value).map(|(_, registry)| *registry);
            if let Some((_, tools)) = of.iter_mut().find(|(name, _)| Some(*name) == registry)
                && !known.contains(&manager.value)
            {
                tools.text(&manager.value, "*");
            }
            let what = format!("that {} installs is said by `hooks.build` alone", manager.value);
            self.lose(Loss::Build, what, "call it there", &manager.origin);
        }
        for wish in
            part.versions.iter().filter(|wish| !written.iter().any(|known| std::ptr::eq(*known, *wish)))
        {
            let what = format!("{} {} is not asked for", wish.tool, wish.version.value);
            self.lose(
                Loss::Versions,
                what,
                "install it in `hooks.build`, or use `stack`",
                &wish.version.origin,
            );
        }
        let mut dependencies = Entries::default();
        for (name, tools) in of {
            dependencies.map(name, tools);
        }
        entries.map("dependencies", dependencies);
    }
}

/// The version in as many parts as the platform's have; nothing for a range.
fn fitting(version: &Requested<String>, parts: usize) -> Option<&str> {
    let text = version.value.as_str();
    let numbers: Vec<&str> = text.split('.').collect();
    let are_numbers =
        numbers.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !are_numbers || numbers.len() < parts {
        return None;
    }
    let length = numbers[..parts].iter().map(|part| part.len()).sum::<usize>() + parts - 1;
    Some(&text[..length])
}
