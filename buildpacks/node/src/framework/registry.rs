//! The frameworks as data. One more is one more row; what is special about it stands beside, in
//! a function of a few lines that looks at its configuration.

use packwright_buildpack::planner::Fallback;

use super::build_result::{BuildResult, BuiltSite, default_dir};
use super::row::{FrameworkRow, ROW};
use super::view::AppView;
use super::{adonis, angular, astro, expo, generators, next, nuxt, qwik, router, svelte, tanstack, vite};

/// Where webpack's loaders and others keep what they made.
const MODULES_CACHE: &str = "node_modules/.cache";

/// The salt of the ids of server actions. The key that Next would make at random is the salt of
/// names in its output; with this one they are the same in every build. It is no secret: what
/// ships has a placeholder in its place, and the real key is made when a process starts.
const ACTION_SALT: &str = "cGFja3dyaWdodC1zYWx0LW9mLWFjdGlvbi1pZHMtMDE=";

/// The frameworks, the more special before those they stand on.
pub(super) const ROWS: &[FrameworkRow] = &[
    FrameworkRow {
        id: "next",
        name: "Next.js",
        packages: &["next"],
        tools: &["next build"],
        build: Some("next build"),
        shape: next::shape,
        environment: &[("NEXT_TELEMETRY_DISABLED", "1"), ("NEXT_SERVER_ACTIONS_ENCRYPTION_KEY", ACTION_SALT)],
        caches: &[".next/cache"],
        settle: Some("next"),
        ..ROW
    },
    FrameworkRow {
        id: "nuxt",
        name: "Nuxt",
        packages: &["nuxt", "nuxt3", "nuxt-nightly"],
        tools: &["nuxt build", "nuxi build", "nuxt generate", "nuxi generate"],
        scripts: &["build", "generate"],
        build: Some("nuxt build"),
        shape: nuxt::shape,
        environment: &[("NUXT_TELEMETRY_DISABLED", "1")],
        caches: &[MODULES_CACHE],
        settle: Some("nuxt"),
        ..ROW
    },
    FrameworkRow {
        id: "react-router",
        name: "React Router",
        packages: &["@react-router/dev"],
        tools: &["react-router build"],
        build: Some("react-router build"),
        shape: router::react_router,
        ..ROW
    },
    FrameworkRow {
        id: "remix",
        name: "Remix",
        packages: &["@remix-run/dev"],
        tools: &["remix vite:build", "remix build"],
        shape: router::remix,
        ..ROW
    },
    FrameworkRow {
        id: "astro",
        name: "Astro",
        packages: &["astro"],
        tools: &["astro build"],
        build: Some("astro build"),
        shape: astro::shape,
        environment: &[("ASTRO_TELEMETRY_DISABLED", "1")],
        caches: &["node_modules/.astro"],
        settle: Some("astro"),
        ..ROW
    },
    FrameworkRow {
        id: "sveltekit",
        name: "SvelteKit",
        packages: &["@sveltejs/kit"],
        tools: &["vite build"],
        build: Some("vite build"),
        shape: svelte::shape,
        settle: Some("sveltekit"),
        ..ROW
    },
    FrameworkRow {
        id: "qwik",
        name: "Qwik",
        packages: &["@builder.io/qwik-city", "@qwik.dev/router"],
        tools: &["qwik build"],
        build: Some("qwik build"),
        shape: qwik::shape,
        ..ROW
    },
    FrameworkRow {
        id: "tanstack-start",
        name: "TanStack Start",
        packages: &["@tanstack/react-start", "@tanstack/solid-start", "@tanstack/start"],
        tools: &["vite build", "vinxi build"],
        build: Some("vite build"),
        shape: tanstack::start,
        ..ROW
    },
    FrameworkRow {
        id: "solid-start",
        name: "SolidStart",
        packages: &["@solidjs/start"],
        tools: &["vinxi build", "vite build"],
        build: Some("vinxi build"),
        shape: tanstack::nitro,
        ..ROW
    },
    FrameworkRow {
        id: "analog",
        name: "Analog",
        packages: &["@analogjs/platform"],
        tools: &["vite build", "ng build"],
        shape: tanstack::analog,
        ..ROW
    },
    FrameworkRow {
        id: "nitro",
        name: "Nitro",
        packages: &["nitropack", "nitro"],
        tools: &["nitro build", "nitropack build"],
        certain: false,
        shape: tanstack::nitro,
        ..ROW
    },
    FrameworkRow {
        id: "adonis",
        name: "AdonisJS",
        packages: &["@adonisjs/core"],
        tools: &["ace build"],
        certain: false,
        shape: adonis::shape,
        ..ROW
    },
    FrameworkRow {
        id: "angular",
        name: "Angular",
        packages: &["@angular/cli", "@angular/build", "@angular-devkit/build-angular"],
        tools: &["ng build"],
        build: Some("ng build"),
        shape: angular::shape,
        environment: &[("NG_CLI_ANALYTICS", "false")],
        caches: &[".angular/cache"],
        ..ROW
    },
    FrameworkRow {
        id: "gatsby",
        name: "Gatsby",
        packages: &["gatsby"],
        tools: &["gatsby build"],
        build: Some("gatsby build"),
        shape: |_, _| {
            BuiltSite::shape(default_dir("public", "gatsby build"), Fallback::NotFound, &["static/**"])
        },
        environment: &[("GATSBY_TELEMETRY_DISABLED", "1")],
        ..ROW
    },
    FrameworkRow {
        id: "create-react-app",
        name: "Create React App",
        packages: &["react-scripts"],
        tools: &["react-scripts build", "craco build", "react-app-rewired build"],
        build: Some("react-scripts build"),
        shape: |_, _| {
            BuiltSite::shape(default_dir("build", "react-scripts build"), Fallback::Index, &["static/**"])
        },
        // With CI set it takes every warning for an error.
        environment: &[("CI", "false")],
        caches: &[MODULES_CACHE],
        ..ROW
    },
    FrameworkRow {
        id: "docusaurus",
        name: "Docusaurus",
        packages: &["@docusaurus/core"],
        is_about_others: true,
        tools: &["docusaurus build"],
        build: Some("docusaurus build"),
        shape: |look, _| {
            let dir = look.option("docusaurus build", &["--out-dir"]);
            BuiltSite::shape(
                dir.unwrap_or_else(|| default_dir("build", "docusaurus build")),
                Fallback::NotFound,
                &["assets/**"],
            )
        },
        environment: &[("DOCUSAURUS_NO_UPDATE_CHECK", "1")],
        caches: &[MODULES_CACHE],
        ..ROW
    },
    FrameworkRow {
        id: "vitepress",
        name: "VitePress",
        packages: &["vitepress"],
        is_about_others: true,
        tools: &["vitepress build"],
        certain: false,
        scripts: &["build", "docs:build"],
        shape: |look, _| pages(look, "vitepress build", ".vitepress/dist", &["--outDir"], &["assets/**"]),
        ..ROW
    },
    FrameworkRow {
        id: "vuepress",
        name: "VuePress",
        packages: &["vuepress"],
        is_about_others: true,
        tools: &["vuepress build"],
        certain: false,
        scripts: &["build", "docs:build"],
        shape: |look, _| pages(look, "vuepress build", ".vuepress/dist", &["-d", "--dest"], &["assets/**"]),
        ..ROW
    },
    FrameworkRow {
        id: "storybook",
        name: "Storybook",
        packages: &["storybook", "@storybook/react", "@storybook/vue3", "@storybook/html"],
        is_about_others: true,
        tools: &["storybook build", "build-storybook"],
        certain: false,
        scripts: &["build", "build-storybook"],
        shape: |look, _| {
            let named = ["storybook build", "build-storybook"];
            let dir = named.iter().find_map(|tool| look.option(tool, &["-o", "--output-dir"]));
            BuiltSite::shape(
                dir.unwrap_or_else(|| default_dir("storybook-static", "storybook build")),
                Fallback::NotFound,
                &["assets/**"],
            )
        },
        environment: &[("STORYBOOK_DISABLE_TELEMETRY", "1")],
        caches: &[MODULES_CACHE],
        ..ROW
    },
    FrameworkRow {
        id: "eleventy",
        name: "Eleventy",
        packages: &["@11ty/eleventy"],
        tools: &["eleventy"],
        build: Some("eleventy"),
        shape: generators::eleventy,
        ..ROW
    },
    FrameworkRow {
        id: "hexo",
        name: "Hexo",
        packages: &["hexo"],
        tools: &["hexo generate", "hexo g"],
        build: Some("hexo generate"),
        shape: |_, _| BuiltSite::shape(default_dir("public", "hexo generate"), Fallback::NotFound, &[]),
        ..ROW
    },
    FrameworkRow {
        id: "slidev",
        name: "Slidev",
        packages: &["@slidev/cli"],
        is_about_others: true,
        tools: &["slidev build"],
        build: Some("slidev build"),
        shape: |look, _| {
            let dir = look.option("slidev build", &["-o", "--out"]);
            BuiltSite::shape(
                dir.unwrap_or_else(|| default_dir("dist", "slidev build")),
                Fallback::Index,
                &["assets/**"],
            )
        },
        ..ROW
    },
    FrameworkRow {
        id: "expo",
        name: "Expo",
        packages: &["expo"],
        tools: &["expo export", "expo export:web"],
        certain: false,
        scripts: &["build", "build:web", "export", "export:web"],
        build: Some("expo export -p web"),
        shape: expo::shape,
        environment: &[("EXPO_NO_TELEMETRY", "1")],
        caches: &[MODULES_CACHE],
        ..ROW
    },
    FrameworkRow {
        id: "vue-cli",
        name: "Vue CLI",
        packages: &["@vue/cli-service"],
        tools: &["vue-cli-service build"],
        build: Some("vue-cli-service build"),
        shape: generators::vue_cli,
        caches: &[MODULES_CACHE],
        ..ROW
    },
    FrameworkRow {
        id: "ember",
        name: "Ember",
        packages: &["ember-cli"],
        tools: &["ember build"],
        shape: |look, _| {
            let dir = look.option("ember build", &["--output-path", "-o"]);
            BuiltSite::shape(dir.unwrap_or_else(|| default_dir("dist", "ember build")), Fallback::Index, &[])
        },
        ..ROW
    },
    FrameworkRow {
        id: "quasar",
        name: "Quasar",
        packages: &["@quasar/app-vite", "@quasar/app-webpack"],
        tools: &["quasar build"],
        shape: |_, _| {
            BuiltSite::shape(default_dir("dist/spa", "quasar build"), Fallback::Index, &["assets/**"])
        },
        ..ROW
    },
    FrameworkRow {
        id: "rsbuild",
        name: "Rsbuild",
        packages: &["@rsbuild/core"],
        tools: &["rsbuild build"],
        certain: false,
        shape: generators::rsbuild,
        ..ROW
    },
    FrameworkRow {
        id: "rspress",
        name: "Rspress",
        packages: &["rspress", "@rspress/core"],
        is_about_others: true,
        tools: &["rspress build"],
        certain: false,
        shape: |_, _| {
            BuiltSite::shape(default_dir("doc_build", "rspress build"), Fallback::NotFound, &["static/**"])
        },
        ..ROW
    },
    FrameworkRow {
        id: "parcel",
        name: "Parcel",
        packages: &["parcel", "parcel-bundler"],
        tools: &["parcel build"],
        certain: false,
        shape: |look, _| {
            let dir = look.option("parcel build", &["--dist-dir", "-d", "--out-dir"]);
            BuiltSite::shape(dir.unwrap_or_else(|| default_dir("dist", "parcel build")), Fallback::Index, &[])
        },
        caches: &[".parcel-cache"],
        ..ROW
    },
    FrameworkRow {
        id: "preact-cli",
        name: "Preact CLI",
        packages: &["preact-cli"],
        tools: &["preact build"],
        shape: |look, _| {
            let dir = look.option("preact build", &["--dest"]);
            BuiltSite::shape(
                dir.unwrap_or_else(|| default_dir("build", "preact build")),
                Fallback::Index,
                &[],
            )
        },
        ..ROW
    },
    FrameworkRow {
        id: "vite",
        name: "Vite",
        packages: &["vite", "rolldown-vite", "vite-plus"],
        tools: &["vite build"],
        certain: false,
        build: Some("vite build"),
        shape: vite::shape,
        ..ROW
    },
    FrameworkRow {
        id: "webpack",
        name: "webpack",
        packages: &["html-webpack-plugin"],
        tools: &["webpack", "webpack build", "rspack build"],
        certain: false,
        shape: generators::webpack,
        caches: &[MODULES_CACHE],
        ..ROW
    },
];

/// The site of a generator of pages: below the directory of the pages, unless an option names
/// it.
fn pages(look: &AppView<'_>, tool: &str, inner: &str, options: &[&str], immutable: &[&str]) -> BuildResult {
    let dir = look.option(tool, options).unwrap_or_else(|| match look.argument(tool) {
        Some(mut pages) => {
            pages.value = format!("{}/{inner}", pages.value.trim_end_matches('/'));
            pages
        }
        None => default_dir(inner, tool),
    });
    BuiltSite::shape(dir, Fallback::NotFound, immutable)
}
