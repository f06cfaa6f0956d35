//! What is known about programs that scripts start: which package brings them, which serve for
//! development only. One more is one more row.

/// Programs whose package has another name: program, then packages of which one brings it.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("apollo", &["apollo"]),
    ("babel", &["@babel/cli"]),
    ("babel-node", &["@babel/node"]),
    ("blitz", &["blitz"]),
    ("build-storybook", &["@storybook/react", "storybook"]),
    ("craco", &["@craco/craco"]),
    ("cross-env-shell", &["cross-env"]),
    ("docusaurus", &["@docusaurus/core"]),
    ("dotenv", &["dotenv-cli"]),
    ("dotenvx", &["@dotenvx/dotenvx"]),
    ("drizzle-kit", &["drizzle-kit"]),
    ("eleventy", &["@11ty/eleventy"]),
    ("ember", &["ember-cli"]),
    ("fastify", &["fastify-cli"]),
    ("gatsby", &["gatsby", "gatsby-cli"]),
    ("hexo", &["hexo-cli", "hexo"]),
    ("keystone", &["@keystone-6/core"]),
    ("medusa", &["@medusajs/cli", "@medusajs/medusa-cli", "@medusajs/medusa"]),
    ("mikro-orm", &["@mikro-orm/cli"]),
    ("moleculer-runner", &["moleculer"]),
    ("nest", &["@nestjs/cli"]),
    ("ng", &["@angular/cli"]),
    ("npm-run-all", &["npm-run-all", "npm-run-all2"]),
    ("nuxi", &["nuxi", "nuxt"]),
    ("nuxt", &["nuxt", "nuxi"]),
    ("parcel", &["parcel", "parcel-bundler"]),
    ("pm2-docker", &["pm2"]),
    ("pm2-runtime", &["pm2"]),
    ("react-router", &["@react-router/dev"]),
    ("react-router-serve", &["@react-router/serve"]),
    ("remix", &["@remix-run/dev"]),
    ("remix-serve", &["@remix-run/serve"]),
    ("rsbuild", &["@rsbuild/core"]),
    ("rspack", &["@rspack/cli"]),
    ("run-p", &["npm-run-all", "npm-run-all2"]),
    ("run-s", &["npm-run-all", "npm-run-all2"]),
    ("sequelize", &["sequelize-cli"]),
    ("sequelize-cli", &["sequelize-cli"]),
    ("sirv", &["sirv-cli"]),
    ("slidev", &["@slidev/cli"]),
    ("start-storybook", &["@storybook/react", "storybook"]),
    ("storybook", &["storybook"]),
    ("strapi", &["@strapi/strapi", "strapi"]),
    ("svelte-kit", &["@sveltejs/kit"]),
    ("swc", &["@swc/cli"]),
    ("tailwindcss", &["@tailwindcss/cli", "tailwindcss"]),
    ("ts-node", &["ts-node"]),
    ("ts-node-script", &["ts-node"]),
    ("ts-node-esm", &["ts-node"]),
    ("tsc", &["typescript"]),
    ("tsnd", &["ts-node-dev"]),
    ("vue-cli-service", &["@vue/cli-service"]),
    ("webpack", &["webpack-cli", "webpack"]),
    ("webpack-dev-server", &["webpack-dev-server"]),
];

/// Servers for development: the program, and the words of which one must follow it; no words
/// mean that it serves whatever follows, an empty word that nothing or an option follows.
const DEVELOPMENT: &[(&str, &[&str])] = &[
    ("astro", &["dev", "start", "preview", ""]),
    ("craco", &["start"]),
    ("docusaurus", &["start", "serve"]),
    ("ember", &["serve", "server", "s"]),
    ("expo", &["start"]),
    ("gatsby", &["develop", "serve"]),
    ("hexo", &["server", "s"]),
    ("nest", &["start"]),
    ("next", &["dev", ""]),
    ("ng", &["serve", "s", "dev"]),
    ("nuxi", &["dev", "preview", "start"]),
    ("nuxt", &["dev", "preview"]),
    ("parcel", &["serve", "index.html", "src/index.html", ""]),
    ("preact", &["watch"]),
    ("react-app-rewired", &["start"]),
    ("react-router", &["dev"]),
    ("react-scripts", &["start"]),
    ("remix", &["dev", "vite:dev"]),
    ("rsbuild", &["dev", "preview"]),
    ("rspack", &["serve", "dev"]),
    ("slidev", &["", "slides.md"]),
    ("start-storybook", &[]),
    ("storybook", &["dev"]),
    ("strapi", &["develop"]),
    ("svelte-kit", &["dev", "preview"]),
    ("vinxi", &["dev"]),
    ("vite", &["dev", "serve", "preview", ""]),
    ("vitepress", &["dev", "serve", "preview"]),
    ("vue-cli-service", &["serve"]),
    ("vuepress", &["dev"]),
    ("webpack", &["serve"]),
    ("webpack-dev-server", &[]),
    ("wrangler", &["dev"]),
];

/// Servers of finished files.
const FILES: &[&str] =
    &["http-server", "light-server", "lite-server", "live-server", "serve", "sirv", "local-web-server", "ws"];

/// Programs that start another one anew whenever a file changes.
const WATCHERS: &[&str] = &["nodemon", "ts-node-dev", "tsnd", "node-dev", "supervisor"];

/// Programs that set something and start what follows: the options of theirs that take a value.
const WRAPPERS: &[(&str, &[&str])] = &[
    ("exec", &[]),
    ("env", &["-u", "-C"]),
    ("nohup", &[]),
    ("time", &[]),
    ("dotenv", &["-e", "-v", "-c", "-p"]),
    ("dotenvx", &["-f", "-e"]),
    ("env-cmd", &["-f", "-e", "-r"]),
    ("cross-env", &[]),
    ("cross-env-shell", &[]),
];

/// Options of node, and of what runs files as node does, that take their value in the next word.
pub(super) const RUNTIME_VALUED: &[&str] = &[
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
    "-C",
    "--conditions",
    "--env-file",
    "--env-file-if-exists",
    "--title",
    "--stack-trace-limit",
    "--max-http-header-size",
    "--tsconfig",
    "--cwd",
];

/// Commands for a developer's machine that people leave in a start script, and what an image runs instead.
/// Source: Prisma's documentation, "Development and production".
const FOR_DEVELOPMENT: &[(&[&str], &str)] = &[
    (&["prisma", "migrate", "dev"], "prisma migrate deploy"),
    (&["prisma", "migrate", "reset"], "prisma migrate deploy"),
    (&["prisma", "studio"], "the application alone"),
    (&["drizzle-kit", "studio"], "the application alone"),
    (&["mikro-orm", "migration:create"], "mikro-orm migration:up"),
];

/// Programs that make files of the source, which an image has already: compilers and bundlers, the words of which
/// one must follow, none for all.
const COMPILERS: &[(&str, &[&str])] = &[
    ("babel", &[]),
    ("bun", &["build"]),
    ("coffee", &[]),
    ("esbuild", &[]),
    ("gulp", &["build"]),
    ("lb-tsc", &[]),
    ("ncc", &["build"]),
    ("nest", &["build"]),
    ("next", &["build"]),
    ("node-sass", &[]),
    ("nuxt", &["build"]),
    ("parcel", &["build"]),
    ("postcss", &[]),
    ("react-scripts", &["build"]),
    ("rollup", &[]),
    ("rspack", &["", "build"]),
    ("sass", &[]),
    ("swc", &[]),
    ("tailwindcss", &[]),
    ("tsc", &[]),
    ("tsc-alias", &[]),
    ("tsdown", &[]),
    ("tspc", &[]),
    ("tsup", &[]),
    ("vite", &["build"]),
    ("webpack", &["", "build"]),
];

/// Programs that take away what a build made before, or prepare its directory.
const CLEANERS: &[&str] =
    &["cp", "cpx", "copyfiles", "del", "del-cli", "lb-clean", "mkdir", "rimraf", "rm", "shx"];

/// What a command serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serving {
    /// Whatever the program does.
    Program,
    /// The source, compiled while people look at it.
    Development,
    /// Finished files.
    Files,
    /// A program that is started anew when its files change.
    Watching,
}

/// The packages of which one brings the program `name`.
pub(crate) fn packages(name: &str) -> Vec<&str> {
    match PROGRAMS.iter().find(|(program, _)| *program == name) {
        Some((_, packages)) => packages.to_vec(),
        None => vec![name],
    }
}

/// The program of a package whose program has another name.
pub(crate) fn of_package(package: &str) -> Option<&'static str> {
    PROGRAMS.iter().find(|(_, packages)| packages.contains(&package)).map(|(program, _)| *program)
}

/// What an image runs in the place of a command that is for a developer's machine alone.
pub(super) fn instead(words: &[&str]) -> Option<&'static str> {
    FOR_DEVELOPMENT.iter().find(|(start, _)| words.starts_with(start)).map(|(_, instead)| *instead)
}

/// What a command that only makes files does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Making {
    /// It makes files of the source.
    Compiles,
    /// It takes files away or copies some.
    Tidies,
}

/// What the command of these words makes; `None` for every other command, and for one that waits for changes.
pub(super) fn making(words: &[&str]) -> Option<Making> {
    let (program, rest) = words.split_first()?;
    if rest.iter().any(|word| matches!(*word, "-w" | "--watch" | "--serve" | "serve")) {
        return None;
    }
    if CLEANERS.contains(program) {
        return Some(Making::Tidies);
    }
    let next = rest.first().filter(|word| !word.starts_with('-')).copied().unwrap_or_default();
    let found = COMPILERS.iter().find(|(name, _)| name == program)?;
    (found.1.is_empty() || found.1.contains(&next)).then_some(Making::Compiles)
}

/// What the command of these words serves.
pub(crate) fn serving(words: &[&str]) -> Serving {
    let Some((&program, rest)) = words.split_first() else { return Serving::Program };
    let next = rest.first().filter(|word| !word.starts_with('-')).copied().unwrap_or_default();
    let restarts = matches!(program, "tsx" | "bun" | "node" | "ts-node") && watches(rest);
    if restarts || WATCHERS.contains(&program) {
        return Serving::Watching;
    }
    if FILES.contains(&program) {
        return Serving::Files;
    }
    if program == "eleventy" && rest.contains(&"--serve") {
        return Serving::Development;
    }
    match DEVELOPMENT.iter().find(|(name, _)| *name == program) {
        Some((_, words)) if words.is_empty() || words.contains(&next) => Serving::Development,
        _ => Serving::Program,
    }
}

/// Whether a runtime's options, which end with the file, let it start the file anew when it changes.
fn watches(words: &[&str]) -> bool {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "watch" | "--watch" | "--hot" => return true,
            _ if word.starts_with("--watch-path") => return true,
            _ if RUNTIME_VALUED.contains(word) => drop(words.next()),
            _ if word.starts_with('-') || *word == "run" => {}
            _ => return false,
        }
    }
    false
}

/// The words behind those of a program that sets something and starts what follows; `None` when
/// `words` begin with no such program.
pub(crate) fn unwrapped<'a>(words: &'a [&'a str]) -> Option<&'a [&'a str]> {
    let (program, mut rest) = words.split_first()?;
    let (_, valued) = WRAPPERS.iter().find(|(name, _)| name == program)?;
    if *program == "dotenvx" && rest.first() == Some(&"run") {
        rest = &rest[1..];
    }
    while let Some((word, behind)) = rest.split_first() {
        match *word {
            "--" => return Some(behind),
            _ if valued.contains(word) => rest = behind.get(1..).unwrap_or_default(),
            _ if word.starts_with('-') || word.contains('=') && !word.starts_with(['.', '/']) => {
                rest = behind
            }
            _ => break,
        }
    }
    // `env-cmd FILE program` is the form of its older versions.
    if *program == "env-cmd" && rest.first().is_some_and(|word| word.contains(".env")) {
        rest = &rest[1..];
    }
    Some(rest)
}

/// The words behind those of `npx`, `dlx` and the like: a package's program and what it is given.
pub(crate) fn fetched<'a, 'w>(words: &'w [&'a str]) -> Option<&'w [&'a str]> {
    let start = match words {
        ["npx" | "pnpx" | "bunx", ..] => 1,
        ["npm", "exec" | "x", ..] | ["pnpm" | "yarn", "dlx" | "create", ..] | ["bun", "x", ..] => 2,
        _ => return None,
    };
    let at = words[start..].iter().position(|word| !word.starts_with('-'))?;
    Some(&words[start + at..])
}

/// Whether the program runs scripts of members of a workspace.
pub(crate) fn runs_members(name: &str) -> bool {
    is_manager(name) || matches!(name, "bun" | "turbo" | "nx" | "lerna")
}

/// Whether the program is a package manager's, or runs what packages bring.
pub(crate) fn is_manager(name: &str) -> bool {
    matches!(name, "npm" | "npx" | "pnpm" | "pnpx" | "yarn" | "yarnpkg" | "corepack")
}
