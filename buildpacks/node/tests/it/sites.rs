//! Builders of files, and what is no site: what is built, what is served.

use expect_test::{Expect, expect};

use super::proposals::{manifest, told, told_with, with_env};

fn check(tree: &str, expected: Expect) {
    expected.assert_eq(&told(tree));
}

const ANGULAR: &str = r#"//- /angular.json
{ "projects": { "shop": { "projectType": "application", "architect": { "build": {
  "builder": "@angular/build:application",
  "options": { OPTIONS }
} } } } }
"#;

#[test]
fn angular() {
    let tree =
        manifest(&["@angular/core"], &["@angular/cli"], &[("build", "ng build"), ("start", "ng serve")]);
    check(
        &(tree.clone() + &ANGULAR.replace("OPTIONS", "")),
        expect![[r#"
        Site by angular.json:1
          $ npm run build
          > app/dist/shop/browser
          files in dist/shop/browser, else index, for ever chunk-*.js main-*.js polyfills-*.js scripts-*.js styles-*.css media/** main.*.js runtime.*.js polyfills.*.js styles.*.css
        node framework = angular by package.json:3
        served files = dist/shop/browser by angular.json:1
          not ng serve by package.json:5
        Info node/static-server: the files in dist/shop/browser are served by the image's own server, not by `ng serve`
          fix: to keep the script, set --env PACKWRIGHT_STATIC=0
    "#]],
    );
    let server = "\"outputPath\": \"out\",\n \"ssr\": { \"entry\": \"src/server.ts\" }";
    check(
        &(tree.clone() + &ANGULAR.replace("OPTIONS", server)),
        expect![[r#"
        Server by angular.json:4
          production packages
          $ npm run build
          > app/out
          source
        web: node out/server/server.mjs
        node framework = angular by package.json:3
        start command = node out/server/server.mjs by default: how Angular is started
          not ng serve by package.json:5
        Warning node/development-server: `ng serve` serves for development; the image starts `node out/server/server.mjs`
          fix: let the script `start` run `node out/server/server.mjs`, or say how it starts in a Procfile
    "#]],
    );
    check(
        &tree,
        expect![[r#"
        Server by package.json:3
          production packages
          $ npm run build
          > app
          source
        node framework = angular by package.json:3
        Error node/angular-project-missing: no angular.json names an application to build
          fix: add angular.json, or name the directory with --env PACKWRIGHT_STATIC=dist/<project>/browser
    "#]],
    );
}

/// Builders of files: dependencies, build script, more files.
const SITES: &[(&[&str], &str, &str)] = &[
    (&["gatsby"], "gatsby build", ""),
    (&["react-scripts"], "react-scripts build", ""),
    (&["@craco/craco", "react-scripts"], "craco build", ""),
    (&["@docusaurus/core"], "docusaurus build", ""),
    (&["vitepress"], "vitepress build docs", ""),
    (
        &["@11ty/eleventy"],
        "npx @11ty/eleventy",
        "//- /.eleventy.js\nmodule.exports = () => { return { dir: { output: 'www' } } }\n",
    ),
    (&["@storybook/react", "storybook"], "storybook build -o book", ""),
    (
        &["@vue/cli-service"],
        "vue-cli-service build",
        "//- /vue.config.js\nmodule.exports = { outputDir: 'site' }\n",
    ),
    (&["parcel"], "parcel build src/index.html --dist-dir=out", ""),
    (
        &["expo", "react-native-web"],
        "expo export -p web",
        "//- /app.json\n{\"expo\": {\"web\": {\"output\": \"static\"}}}\n",
    ),
    (
        &["html-webpack-plugin", "webpack"],
        "webpack --mode production",
        "//- /webpack.config.js\nmodule.exports = { output: { path: path.resolve(__dirname, 'build') } }\n",
    ),
    (&["@rsbuild/core"], "rsbuild build", ""),
    (&["vite", "react", "@vitejs/plugin-react"], "tsc -b && vite build", ""),
    (
        &["vite", "vue"],
        "run-p type-check build-only",
        "//- /vite.config.ts\nexport default defineConfig({ build: { outDir: '../server/public' }, root: 'web' })\n",
    ),
    (&["vite", "svelte"], "vite build --outDir build", ""),
    (&["vite", "solid-js"], "vite build", "//- /vite.config.mjs\nexport default { root: 'client' }\n"),
    (
        &["vite", "lit"],
        "vite build",
        "//- /vite.config.js\nexport default { build: { outDir: process.env.OUT } }\n",
    ),
];

#[test]
fn sites() {
    let mut out = String::new();
    for (packages, build, more) in SITES {
        let scripts = [("build", *build), ("build-only", "vite build"), ("type-check", "vue-tsc")];
        let text = told(&(manifest(&[], packages, &scripts) + more));
        let lines = text.lines().filter(|line| {
            ["  files", "served files", "node framework", "Warning", "Error", "  >"]
                .iter()
                .any(|start| line.starts_with(start))
        });
        out += &format!("{build}\n{}\n", lines.collect::<Vec<_>>().join("\n"));
    }
    expect![[r#"
        gatsby build
          > app/public
          files in public, else 404, for ever static/**
        node framework = gatsby by package.json:3
        served files = public by default: where gatsby build writes
        react-scripts build
          > app/build
          files in build, else index, for ever static/**
        node framework = create-react-app by package.json:3
        served files = build by default: where react-scripts build writes
        craco build
          > app/build
          files in build, else index, for ever static/**
        node framework = create-react-app by package.json:3
        served files = build by default: where react-scripts build writes
        docusaurus build
          > app/build
          files in build, else 404, for ever assets/**
        node framework = docusaurus by package.json:3
        served files = build by default: where docusaurus build writes
        vitepress build docs
          > app/docs/.vitepress/dist
          files in docs/.vitepress/dist, else 404, for ever assets/**
        node framework = vitepress by package.json:4
        served files = docs/.vitepress/dist by package.json:4
        npx @11ty/eleventy
          > app/www
          files in www, else 404, for ever 
        node framework = eleventy by package.json:3
        served files = www by .eleventy.js:1
        storybook build -o book
          > app/book
          files in book, else 404, for ever assets/**
        node framework = storybook by package.json:4
        served files = book by package.json:4
        vue-cli-service build
          > app/site
          files in site, else index, for ever 
        node framework = vue-cli by package.json:3
        served files = site by vue.config.js:1
        parcel build src/index.html --dist-dir=out
          > app/out
          files in out, else index, for ever 
        node framework = parcel by package.json:4
        served files = out by package.json:4
        expo export -p web
          > app/dist
          files in dist, else 404, for ever _expo/static/**
        node framework = expo by package.json:4
        served files = dist by app.json:1
        webpack --mode production
          > app/build
          files in build, else index, for ever 
        node framework = webpack by package.json:4
        served files = build by webpack.config.js:1
        rsbuild build
          > app/dist
          files in dist, else index, for ever static/**
        node framework = rsbuild by package.json:4
        served files = dist by default: where rsbuild build writes
        tsc -b && vite build
          > app/dist
          files in dist, else index, for ever assets/**
        node framework = vite by package.json:4
        served files = dist by default: where vite build writes
        run-p type-check build-only
          > app/server/public
          files in server/public, else index, for ever assets/**
        node framework = vite by package.json:4
        served files = server/public by vite.config.ts:1
        vite build --outDir build
          > app/build
          files in build, else index, for ever assets/**
        node framework = vite by package.json:4
        served files = build by package.json:4
        vite build
          > app/client/dist
          files in client/dist, else index, for ever assets/**
        node framework = vite by package.json:4
        served files = client/dist by default: where vite build writes
        vite build
          > app/dist
          files in dist, else index, for ever assets/**
        node framework = vite by package.json:4
        served files = dist by default: where vite build writes
        Warning node/setting-computed: `build.outDir` is computed: its value is not known before the build
    "#]]
    .assert_eq(&out);
}

#[test]
fn a_site_whose_script_serves_it() {
    let tree =
        manifest(&["serve"], &["vite"], &[("build", "vite build"), ("start", "serve -s dist -l $PORT")]);
    check(
        &tree,
        expect![[r#"
        Site by default: where vite build writes
          $ npm run build
          > app/dist
          files in dist, else index, for ever assets/**
        node framework = vite by package.json:4
        served files = dist by default: where vite build writes
          not serve -s dist -l $PORT by package.json:5
        Info node/static-server: the files in dist are served by the image's own server, not by `serve -s dist -l $PORT`
          fix: to keep the script, set --env PACKWRIGHT_STATIC=0
    "#]],
    );
    expect![[r#"
        Server by package.json:5
          production packages
          $ npm run build
          > app
          source
        web: serve -s dist -l $PORT
        node framework = vite by package.json:4
        start command = serve -s dist -l $PORT by package.json:5
          not files of dist by default: where vite build writes
    "#]]
    .assert_eq(&told_with(&tree, &with_env("PACKWRIGHT_STATIC", "0")));
}

#[test]
fn a_program_of_ones_own_wins_over_a_site() {
    let tree = manifest(&["express"], &["vite"], &[("build", "vite build"), ("start", "node server.js")]);
    check(
        &(tree + "//- /server.js\nrequire('express')()\n//- /index.html\n"),
        expect![[r#"
        Server by package.json:5
          production packages
          $ npm run build
          > app
          source
        web: node server.js
        node framework = vite by package.json:4
        start command = node server.js by package.json:5
          not files of dist by default: where vite build writes
    "#]],
    );
}

#[test]
fn vite_that_makes_no_site() {
    let library = "//- /vite.config.ts\nexport default { build: { lib: { entry: 'a.ts' } } }\n";
    check(
        &(manifest(&[], &["vite"], &[("build", "vite build")]) + library),
        expect![[r#"
        Tools by package.json
          production packages
          $ npm run build
          > app
          source
        Error node/nothing-starts: nothing says how the application starts
          fix: add a script `start` to package.json, or say how it starts in a Procfile: `web: <command>`, or `worker: <command>`
    "#]],
    );
    check(
        &(manifest(&["express"], &["vite", "vitest"], &[("test", "vitest")])
            + "//- /index.js\nrequire('express')\n"),
        expect![[r#"
        Server by index.js:1
          production packages
          source
        web: node index.js
        node framework = express by package.json:2
        start command = node index.js by detected: index.js is there
        kind of process = web by index.js:1
    "#]],
    );
}

#[test]
fn a_directory_that_the_caller_names() {
    let tree = manifest(&[], &["my-builder"], &[("build", "my-builder")]);
    expect![[r#"
        Site by --env PACKWRIGHT_STATIC
          $ npm run build
          > app/out
          files in out, else 404, for ever 
        served files = out by --env PACKWRIGHT_STATIC
    "#]]
    .assert_eq(&told_with(&tree, &with_env("PACKWRIGHT_STATIC", "./out/")));
    check(
        &tree,
        expect![[r#"
        Tools by package.json
          production packages
          $ npm run build
          > app
          source
        Error node/nothing-starts: nothing says how the application starts
          fix: add a script `start` to package.json, or say how it starts in a Procfile: `web: <command>`, or `worker: <command>`
    "#]],
    );
}

#[test]
fn files_of_the_source_that_a_script_serves() {
    let tree = manifest(&["http-server"], &[], &[("start", "http-server -p 8080")]);
    check(
        &(tree.clone() + "//- /public/index.html\n"),
        expect![[r#"
        Site by package.json:4
          files in public of the source, else 404, for ever 
          source
        served files = public by package.json:4
          not http-server -p 8080 by package.json:4
        Info node/static-server: the files in public are served by the image's own server, not by `http-server -p 8080`
          fix: to keep the script, set --env PACKWRIGHT_STATIC=0
    "#]],
    );
}

#[test]
fn a_server_of_files_that_is_fetched_first_is_one_too() {
    let script = ("start", "npx http-server dist -a localhost -p 5001 -o");
    check(
        &manifest(&[], &["vite"], &[("build", "vite build"), script]),
        expect![[r#"
        Site by default: where vite build writes
          $ npm run build
          > app/dist
          files in dist, else index, for ever assets/**
        node framework = vite by package.json:4
        served files = dist by default: where vite build writes
          not npx http-server dist -a localhost -p 5001 -o by package.json:5
        Info node/static-server: the files in dist are served by the image's own server, not by `npx http-server dist -a localhost -p 5001 -o`
          fix: to keep the script, set --env PACKWRIGHT_STATIC=0
    "#]],
    );
}

#[test]
fn a_build_by_another_name() {
    let mut out = String::new();
    for scripts in [
        &[("dev", "vite"), ("prod", "vite build")][..],
        &[("build:prod", "tsc -b && vite build --outDir out")],
        // It starts what it built.
        &[("prod", "vite build && node server.js")],
        &[("build", "node make.js"), ("prod", "vite build")],
    ] {
        let text = told(&(manifest(&[], &["vite"], scripts) + "//- /server.js\nlisten(process.env.PORT)\n"));
        let keep = |line: &&str| {
            ["  $", "  >", "node framework", "served"].iter().any(|start| line.starts_with(start))
        };
        let kept: String = text.lines().filter(keep).map(|line| format!("{line}\n")).collect();
        out += &format!("{scripts:?}\n{kept}");
    }
    expect![[r#"
        [("dev", "vite"), ("prod", "vite build")]
          $ npm run prod
          > app/dist
        node framework = vite by package.json:5
        served files = dist by default: where vite build writes
        [("build:prod", "tsc -b && vite build --outDir out")]
          $ npm run build:prod
          > app/out
        node framework = vite by package.json:4
        served files = out by package.json:4
        [("prod", "vite build && node server.js")]
          $ vite build
          > app
        node framework = none by default: no framework among the dependencies
        [("build", "node make.js"), ("prod", "vite build")]
          $ npm run build
          > app
        node framework = none by default: no framework among the dependencies
    "#]]
    .assert_eq(&out);
}

#[test]
fn the_directory_that_a_script_serves_is_a_word_of_the_shell() {
    for (start, dir) in [
        ("serve 'my dist' -s", "my dist"),
        ("PORT=1 serve -l 3000 dist >log # of public", "dist"),
        ("echo serve now && serve dist", "dist"),
    ] {
        let text = told(&manifest(&["serve"], &[], &[("build", "make"), ("start", start)]));
        assert!(text.contains(&format!("served files = {dir} by")), "{start}: {text}");
    }
}

#[test]
fn a_directory_that_is_no_path_from_the_root_of_vite() {
    let served = |config: &str| {
        let tree = manifest(&[], &["vite"], &[("build", "vite build")])
            + &format!("//- /vite.config.js\nexport default {{ {config} }}\n");
        let text = told(&tree);
        text.lines().find(|line| line.starts_with("served")).unwrap_or("nothing").to_owned()
    };
    for (config, dir) in [
        ("root: resolve('./static/src'), build: { outDir: resolve('./static/dist') }", "static/dist"),
        ("root: 'web', build: { outDir: path.resolve(__dirname, 'out') }", "out"),
        ("root: 'web', build: { outDir: path.join(__dirname, 'out') }", "out"),
        ("root: 'web', build: { outDir: fileURLToPath(new URL('./out', import.meta.url)) }", "out"),
        ("root: 'web', build: { outDir: join('..', 'out') }", "out"),
        ("root: 'web', build: { outDir: '../out' }", "out"),
        ("root: 'web', build: { outDir: 'out' }", "web/out"),
    ] {
        assert!(
            served(config).starts_with(&format!("served files = {dir} by")),
            "{config}: {}",
            served(config)
        );
    }
}
