//! Languages that are recognised and that no buildpack builds: an application in one of them is an
//! error that names the language, never an image without its programs.
//!
//! Each entry is a buildpack that claims a tree by its manifests and proposes nothing. A language
//! that gets a buildpack leaves this list.

use std::sync::Arc;

use packwright_engine::planner::{
    Buildpack, Claim, Diagnostic, Language, Origin, PlanContext, Proposal, Requested, Role, SourceFile,
};

/// A language that no buildpack builds.
#[derive(Clone, Copy)]
struct Unsupported {
    language: Language,
    /// How the names of further manifests end: `.csproj`.
    manifest_suffixes: &'static [&'static str],
    /// Programs that a declared process of the language starts with.
    programs: &'static [&'static str],
}

/// The languages that are recognised and not built.
pub(crate) fn all() -> impl Iterator<Item = Arc<dyn Buildpack>> {
    LANGUAGES.iter().map(|language| Arc::new(*language) as Arc<dyn Buildpack>)
}

const fn language(
    name: &'static str,
    title: &'static str,
    manifests: &'static [&'static str],
    programs: &'static [&'static str],
) -> Unsupported {
    let language = Language::new(name, title).manifests(manifests).unsupported();
    Unsupported { language, manifest_suffixes: &[], programs }
}

static LANGUAGES: &[Unsupported] = &[
    language(
        "ruby",
        "Ruby",
        &["Gemfile", "Gemfile.lock", "gems.rb", "config.ru", "Rakefile", "app.rb", "main.rb"],
        &["bundle", "rackup", "rails", "rake", "ruby", "puma", "unicorn", "thin", "sidekiq"],
    ),
    language(
        "php",
        "PHP",
        &["composer.json", "composer.lock", "symfony.lock", "index.php", "wp-config.php", "artisan"],
        &["php", "php-fpm", "heroku-php-apache2", "heroku-php-nginx"],
    ),
    Unsupported {
        manifest_suffixes: &[".gradle", ".gradle.kts"],
        ..language(
            "java",
            "Java",
            &["pom.xml", "build.gradle", "build.gradle.kts", "build.xml", "gradlew", "mvnw", "Main.java"],
            &["java", "mvn", "gradle"],
        )
    },
    language("rust", "Rust", &["Cargo.toml", "Cargo.lock", "rust-toolchain.toml"], &["cargo"]),
    Unsupported {
        manifest_suffixes: &[".csproj", ".fsproj", ".vbproj", ".sln", ".slnx"],
        ..language("dotnet", ".NET", &["global.json", "Directory.Build.props", "Program.cs"], &["dotnet"])
    },
    language("elixir", "Elixir", &["mix.exs"], &["elixir", "mix", "iex"]),
    language("erlang", "Erlang", &["rebar.config"], &["erl", "rebar3"]),
    language("scala", "Scala", &["build.sbt", "build.sc", "build.mill"], &["sbt", "scala", "mill"]),
    language("clojure", "Clojure", &["deps.edn", "project.clj", "bb.edn"], &["clojure", "clj", "lein", "bb"]),
    language("crystal", "Crystal", &["shard.yml"], &["crystal", "shards"]),
    Unsupported {
        manifest_suffixes: &[".cabal"],
        ..language(
            "haskell",
            "Haskell",
            &["stack.yaml", "cabal.project", "package.yaml"],
            &["stack", "cabal", "runghc"],
        )
    },
    language("swift", "Swift", &["Package.swift"], &["swift"]),
    language("deno", "Deno", &["deno.json", "deno.jsonc", "deno.lock", "jsr.json"], &["deno"]),
    language("dart", "Dart", &["pubspec.yaml"], &["dart", "flutter"]),
    language("gleam", "Gleam", &["gleam.toml"], &["gleam"]),
    language("julia", "Julia", &["Project.toml", "Manifest.toml"], &["julia"]),
    language("r", "R", &["renv.lock", "app.R", "server.R", "plumber.R"], &["R", "Rscript"]),
    language("perl", "Perl", &["cpanfile", "Makefile.PL", "app.psgi"], &["perl", "plackup", "starman"]),
    Unsupported {
        manifest_suffixes: &[".rockspec"],
        ..language("lua", "Lua", &["main.lua"], &["lua", "luajit", "lapis"])
    },
    language("zig", "Zig", &["build.zig"], &["zig"]),
    Unsupported { manifest_suffixes: &[".nimble"], ..language("nim", "Nim", &[], &["nim", "nimble"]) },
    Unsupported {
        manifest_suffixes: &[".opam"],
        ..language("ocaml", "OCaml", &["dune-project"], &["dune", "ocaml"])
    },
    language("elm", "Elm", &["elm.json"], &["elm", "elm-live"]),
    language("d", "D", &["dub.json", "dub.sdl"], &["dub", "rdmd"]),
    language("v", "V", &["v.mod"], &["v"]),
    language("racket", "Racket", &["info.rkt", "main.rkt"], &["racket", "raco"]),
    language(
        "cpp",
        "C or C++",
        &["CMakeLists.txt", "meson.build", "conanfile.txt", "vcpkg.json", "configure.ac"],
        &["cmake", "meson"],
    ),
];

impl Buildpack for Unsupported {
    fn language(&self) -> &Language {
        &self.language
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        let manifest = context.tree.files().iter().find(|file| self.is_manifest(file))?;
        match self.declared(context) {
            Some(origin) => Some(Claim::Server.by(origin)),
            None => Some(Claim::Program.by(Origin::file(&manifest.path))),
        }
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        if context.role != Role::Owner {
            return Ok(None);
        }
        let Some(manifest) = context.tree.files().iter().find(|file| self.is_manifest(file)) else {
            return Ok(None);
        };
        let title = self.language.title;
        let path = &manifest.path;
        Err(vec![
            Diagnostic::error(
                "plan/unsupported-language",
                format!("`{path}` says {title}, and no buildpack builds {title}"),
            )
            .why("an image would have the source, without its programs and packages")
            .fix(
                "name another language of this application with `--buildpack NAME`, or the directory of \
                 another application with `--root DIR`",
            )
            .at(Origin::file(path)),
        ])
    }
}

impl Unsupported {
    fn is_manifest(&self, file: &SourceFile) -> bool {
        let path = &file.path;
        path.depth() == 1
            && (self.language.manifests.contains(&path.name())
                || self.manifest_suffixes.iter().any(|suffix| path.name().ends_with(suffix)))
    }

    /// Who declares a process that starts with a program of the language.
    fn declared(&self, context: &PlanContext<'_>) -> Option<Origin> {
        let is_ours =
            |program: &String| self.programs.contains(&program.rsplit('/').next().unwrap_or(program));
        let mut commands = context.model.commands();
        let (.., origin) = commands.find(|(_, command, _)| command.programs().iter().any(is_ours))?;
        Some(origin.clone())
    }
}

#[cfg(test)]
mod tests {
    use packwright_engine::planner::{MemoryTree, PlanOptions};

    use crate::Catalog;

    /// What becomes of the tree: the owner, or the first problem with its place.
    fn planned(tree: &str) -> String {
        let plan = Catalog::default().plan(&MemoryTree::parse(tree).into(), &PlanOptions::default());
        match plan {
            Ok(plan) => plan.buildpacks.join(", "),
            Err(crate::Error::Plan(error)) => {
                let problem = error.problems().remove(0);
                let at = problem.at.map_or_else(String::new, |at| format!(" at {at}"));
                format!("{}: {}{at}", problem.code, problem.message)
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_declared_process_makes_no_image_of_a_language_that_is_not_built() {
        for (tree, said) in [
            ("//- /Gemfile\n//- /Procfile\nweb: bundle exec rackup\n", "`Gemfile` says Ruby"),
            ("//- /Cargo.toml\n//- /Procfile\nweb: ./target/release/shop\n", "`Cargo.toml` says Rust"),
            (
                "//- /composer.json\n{}\n//- /Procfile\nweb: php -S 0.0.0.0:$PORT\n",
                "`composer.json` says PHP",
            ),
            ("//- /shop.csproj\n//- /Procfile\nweb: dotnet shop.dll\n", "`shop.csproj` says .NET"),
            ("//- /mix.exs\n//- /index.html\n", "`mix.exs` says Elixir"),
            ("//- /Gemfile\n//- /Procfile\nweb: cd . && bundle exec rackup\n", "`Gemfile` says Ruby"),
        ] {
            let found = planned(tree);
            assert!(found.starts_with(&format!("plan/unsupported-language: {said}")), "{found}");
        }
    }

    #[test]
    fn a_language_that_is_built_is_taken_before_one_that_is_not() {
        let python = "//- /main.py\nprint('x')\n//- /requirements.txt\n";
        assert_eq!(planned(&format!("{python}//- /Gemfile\n")), "python");
        let below =
            "//- /backend/main.py\nprint('x')\n//- /backend/requirements.txt\n//- /mobile/pubspec.yaml\n";
        assert_eq!(planned(below), "python");
        assert_eq!(planned(&format!("{below}//- /Gemfile\n")), "python");
    }
}
