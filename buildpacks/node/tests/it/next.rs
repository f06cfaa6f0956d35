//! Next.js: a server, a server that stands alone, files; what of it goes into the image.

use expect_test::{Expect, expect};
use packwright_buildpack::planner::MemoryTree;

use super::proposals::{manifest, told};

fn check(tree: &str, expected: Expect) {
    expected.assert_eq(&told(tree));
}

const NEXT: [(&str, &str); 3] = [("dev", "next dev"), ("build", "next build"), ("start", "next start")];

fn next(config: &str) -> String {
    format!("{}//- /next.config.js\n{config}\n", manifest(&["next", "react"], &["typescript"], &NEXT))
}

#[test]
fn next_server() {
    check(
        &next("module.exports = { reactStrictMode: true }"),
        expect![[r#"
        Server by package.json:2
          production packages
          $ mkdir -p /packwright/node
          $ node /tmp/settle.cjs before --root=/app next
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app next
          > app/.next
          > packwright/node/keys.cjs
          source
          NEXT_TELEMETRY_DISABLED=1
          NODE_OPTIONS=--require=/packwright/node/keys.cjs
        web: next start
        node framework = next by package.json:2
        start command = next start by default: how Next.js is started
    "#]],
    );
}

#[test]
fn next_standalone_with_a_start_script_that_cannot_serve_it() {
    check(
        &next("// output: 'export'\nconst config = { output: 'standalone' }\nmodule.exports = config"),
        expect![[r#"
        Server by next.config.js:2
          $ mkdir -p /packwright/node
          $ node /tmp/settle.cjs before --root=/app next
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app next
          $ test -f .next/standalone/server.js || { echo 'packwright: next build made no .next/standalone/server.js. Does next.config set outputFileTracingRoot to another directory? Name it there as a literal path' >&2; exit 1; } && rm -rf .next/standalone/.next/static .next/standalone/public && mkdir -p .next/standalone/.next && cp -R .next/static .next/standalone/.next/static && if test -d public; then cp -R public .next/standalone/public; fi
          > app/.next/standalone
          > packwright/node/keys.cjs
          HOSTNAME=0.0.0.0
          NEXT_TELEMETRY_DISABLED=1
          NODE_OPTIONS=--require=/packwright/node/keys.cjs
        web: node .next/standalone/server.js
        node framework = next by package.json:2
        start command = node .next/standalone/server.js by default: how Next.js is started
    "#]],
    );
}

#[test]
fn next_export_whatever_the_start_script_says() {
    check(
        &next("module.exports = { output: \"export\" }"),
        expect![[r#"
        Site by next.config.js:1
          $ node /tmp/settle.cjs before --root=/app next
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app next
          > app/out
          files in out, else 404, for ever _next/static/**
        node framework = next by package.json:2
        served files = out by next.config.js:1
          not next start by package.json:6
        Info node/static-server: the files in out are served by the image's own server, not by `next start`
          fix: to keep the script, set --env PACKWRIGHT_STATIC=0
    "#]],
    );
}

#[test]
fn next_whose_output_is_computed() {
    check(
        &next("module.exports = { output: process.env.X ? 'standalone' : undefined }"),
        expect![[r#"
        Server by package.json:2
          production packages
          $ mkdir -p /packwright/node
          $ node /tmp/settle.cjs before --root=/app next
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app next
          > app/.next
          > packwright/node/keys.cjs
          source
          NEXT_TELEMETRY_DISABLED=1
          NODE_OPTIONS=--require=/packwright/node/keys.cjs
        web: next start
        node framework = next by package.json:2
        start command = next start by default: how Next.js is started
        Warning node/setting-computed: `output` is computed: its value is not known before the build
          fix: write the value of `output` as a literal, or say how the application starts in a Procfile
    "#]],
    );
}

#[test]
fn next_with_a_server_of_its_own_and_options_for_node() {
    let scripts = [
        ("build", "next build && tsc -p server"),
        ("start", "NODE_OPTIONS='--enable-source-maps' node dist/server.js"),
    ];
    check(
        &manifest(&["next", "express"], &[], &scripts),
        expect![[r#"
        Server by package.json:5
          production packages
          $ mkdir -p /packwright/node
          $ node /tmp/settle.cjs before --root=/app next
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app next
          > app
          > packwright/node/keys.cjs
          source
          NEXT_TELEMETRY_DISABLED=1
          NODE_OPTIONS=--require=/packwright/node/keys.cjs
        web: NODE_OPTIONS="$NODE_OPTIONS "'--enable-source-maps' node dist/server.js
        node framework = next by package.json:2
        start command = NODE_OPTIONS='--enable-source-maps' node dist/server.js by package.json:5
          not next start by default: how Next.js is started
    "#]],
    );
}

#[test]
fn next_as_a_member_of_a_workspace() {
    let member = manifest(&["next"], &[], &NEXT).replace("/package.json", "/apps/web/package.json");
    let tree = format!(
        "//- /package.json\n{{\"workspaces\": [\"apps/*\"]}}\n{member}//- /apps/web/next.config.mjs\nexport default {{ output: 'standalone' }}\n"
    );
    check(
        &tree,
        expect![[r#"
        Server by apps/web/next.config.mjs:1
          $ mkdir -p /packwright/node
          $ cd apps/web && node /tmp/settle.cjs before --root=/app next
          $ npm --prefix apps/web run build
          $ cd apps/web && node /tmp/settle.cjs after --root=/app next
          $ cd apps/web && test -f .next/standalone/apps/web/server.js || { echo 'packwright: next build made no .next/standalone/apps/web/server.js. Does next.config set outputFileTracingRoot to another directory? Name it there as a literal path' >&2; exit 1; } && rm -rf .next/standalone/apps/web/.next/static .next/standalone/apps/web/public && mkdir -p .next/standalone/apps/web/.next && cp -R .next/static .next/standalone/apps/web/.next/static && if test -d public; then cp -R public .next/standalone/apps/web/public; fi
          > app/apps/web/.next/standalone
          > packwright/node/keys.cjs
          HOSTNAME=0.0.0.0
          NEXT_TELEMETRY_DISABLED=1
          NODE_OPTIONS=--require=/packwright/node/keys.cjs
        web: cd apps/web && node .next/standalone/apps/web/server.js
        application = apps/web by apps/web/package.json:2
        node framework = next by apps/web/package.json:2
        start command = node .next/standalone/apps/web/server.js by default: how Next.js is started
    "#]],
    );
}

#[test]
fn next_that_starts_for_development() {
    check(
        &manifest(&["next"], &[], &[("build", "next build"), ("start", "next dev -p 3000")]),
        expect![[r#"
        Server by package.json:2
          production packages
          $ mkdir -p /packwright/node
          $ node /tmp/settle.cjs before --root=/app next
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app next
          > app/.next
          > packwright/node/keys.cjs
          source
          NEXT_TELEMETRY_DISABLED=1
          NODE_OPTIONS=--require=/packwright/node/keys.cjs
        web: next start
        node framework = next by package.json:2
        start command = next start by default: how Next.js is started
          not next dev -p 3000 by package.json:5
        Warning node/development-server: `next dev -p 3000` serves for development; the image starts `next start`
          fix: let the script `start` run `next start`, or say how it starts in a Procfile
    "#]],
    );
}

#[test]
fn the_compiler_of_next_ships_only_where_a_process_may_need_it() {
    let ships = |tree: &str| {
        let plan = super::planned(&MemoryTree::parse(tree), &super::PlanOptions::default()).unwrap();
        let prune = plan.steps.iter().find(|step| step.name.as_str() == "node.prune").unwrap();
        !prune.outputs[0].scrub.contains(&"**/node_modules/@next/swc-*".to_owned())
    };
    let plain = next("module.exports = {}");
    assert!(!ships(&plain));
    assert!(!ships(&plain.replace("\"next start\"", "\"next start -H 0.0.0.0\"")));
    // `next start` compiles a configuration in TypeScript.
    assert!(ships(&plain.replace("next.config.js", "next.config.ts")));
    assert!(ships(&plain.replace("\"next start\"", "\"next build --debug && next start\"")));
    assert!(ships(&plain.replace("\"next start\"", "\"node server.js\"")));
    assert!(ships(&(plain + "//- /Procfile\nweb: next start\nrelease: next build\n")));
}

#[test]
fn what_a_configuration_needs_when_the_image_starts() {
    let pruned = |name: &str, config: &str, more: &str| {
        let tree = manifest(
            &["next", "react", "@next/mdx"],
            &["typescript", "@next/bundle-analyzer", "eslint"],
            &NEXT,
        ) + &format!("//- /{name}\n{config}\n{more}");
        let plan = super::planned(&MemoryTree::parse(&tree), &Default::default()).unwrap();
        let prune = plan.steps.iter().find(|step| step.name.as_str() == "node.prune").unwrap();
        let told = plan.diagnostics.iter().filter(|told| told.code == "node/kept-for-start").count();
        let last = prune.commands.last().map_or("all packages".to_owned(), ToString::to_string);
        format!("{} ({told} told)", last.replace("/opt/npm/node /tmp/prune.cjs .", "prune"))
    };
    let typed = "import type { X } from 'eslint';\nimport mdx from '@next/mdx';\nimport sizes from '@next/bundle-analyzer';\nexport default {};";
    assert_eq!(pruned("next.config.mjs", "export default {};", ""), "prune (0 told)");
    assert_eq!(pruned("next.config.ts", typed, ""), "prune --also=typescript,@next/bundle-analyzer (2 told)");
    assert_eq!(
        pruned("next.config.js", "const a = require('@next/bundle-analyzer');", ""),
        "prune --also=@next/bundle-analyzer (1 told)"
    );
    let pnp = "//- /.yarnrc.yml\nnodeLinker: pnp\n//- /yarn.lock\n__metadata:\n  version: 8\n";
    assert_eq!(pruned("next.config.ts", "export default {};", pnp), "all packages (1 told)");
}
