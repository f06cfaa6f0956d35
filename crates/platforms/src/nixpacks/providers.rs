//! The names of Nixpacks' providers and the languages that they stand for: a translation of its vocabulary.

/// The language that a provider of Nixpacks is for; `None` for one that it does not have.
///
/// Source: railwayapp/nixpacks, `src/lib.rs`, `get_providers`.
pub(super) fn provider(name: &str) -> Option<&str> {
    const PROVIDERS: &[(&str, &str)] = &[
        ("c#", "dotnet"),
        ("csharp", "dotnet"),
        ("f#", "dotnet"),
        ("fsharp", "dotnet"),
        ("staticfile", "static"),
    ];
    const SAME: &[&str] = &[
        "clojure", "cobol", "crystal", "dart", "deno", "elixir", "gleam", "go", "haskell", "java", "lunatic",
        "node", "php", "python", "ruby", "rust", "scala", "scheme", "swift", "zig",
    ];
    let renamed = PROVIDERS.iter().find(|(known, _)| *known == name).map(|(_, language)| *language);
    renamed.or_else(|| SAME.contains(&name).then_some(name))
}
