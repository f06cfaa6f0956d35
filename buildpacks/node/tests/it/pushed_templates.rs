//! More of what people push to hosts: commands for development, locks, native needs, templates of frameworks,
//! public variables, process managers.

use expect_test::expect;
use packwright_buildpack::planner::{MemoryTree, PlanOptions, PublicVariable};
use packwright_buildpack::testing::{Part, with_env};

use super::processes::{lines, scripts};
use super::proposals::{manifest, native, told};
use super::pushed::short;
use super::{HARNESS, check, planned};

#[test]
fn commands_for_a_developers_machine() {
    let mut out = String::new();
    for line in [
        "tsx --import ./telemetry.ts --watch server.js",
        "node --env-file-if-exists .env --watch server.js",
        "node --import tsx --watch-path=src server.js",
        "bun --hot server.js",
        "node server.js --watch",
        "prisma migrate dev && node server.js",
        "npx prisma migrate reset --force && node server.js",
        "prisma migrate deploy && node server.js",
    ] {
        let tree = scripts(&["tsx", "prisma"], &[], &[("start", line)]);
        let told = lines(&tree);
        let warned: Vec<&str> = told
            .lines()
            .filter(|line| line.contains("node/watcher") || line.contains("node/development-command"))
            .collect();
        out += &format!("{line}: {}\n", if warned.is_empty() { "fine" } else { warned[0] });
    }
    expect![[r#"
        tsx --import ./telemetry.ts --watch server.js: Warning node/watcher-starts: the start script runs `tsx --import ./telemetry.ts --watch server.js`, which waits for files to change
        node --env-file-if-exists .env --watch server.js: Warning node/watcher-starts: the start script runs `node --env-file-if-exists .env --watch server.js`, which waits for files to change
        node --import tsx --watch-path=src server.js: Warning node/watcher-starts: the start script runs `node --import tsx --watch-path=src server.js`, which waits for files to change
        bun --hot server.js: Warning node/watcher-starts: the start script runs `bun --hot server.js`, which waits for files to change
        node server.js --watch: fine
        prisma migrate dev && node server.js: Warning node/development-command: the start script runs `prisma migrate dev`, which is for development
        npx prisma migrate reset --force && node server.js: Warning node/development-command: the start script runs `prisma migrate reset --force`, which is for development
        prisma migrate deploy && node server.js: fine
    "#]].assert_eq(&out);
}

#[test]
fn a_lock_that_fits_by_its_versions() {
    let mut out = String::new();
    for (asked, locked) in [
        ("2.1.3", "2.1.3"),
        ("latest", "2.1.3"),
        ("^2.0.0 || 3", "2.1.3"),
        ("npm:other@^2", "2.1.3"),
        ("^3.0.0", "2.1.3"),
        ("^3.0.0-rc.1", "3.0.0-rc.2"),
        ("github:a/b", "2.1.3"),
    ] {
        let tree = format!(
            "//- /package.json\n{{ \"scripts\": {{ \"start\": \"node index.js\" }}, \"dependencies\": {{ \"ms\": \"{asked}\" }} }}\n//- /index.js\n//- /package-lock.json\n{{ \"lockfileVersion\": 3, \"packages\": {{ \"\": {{ \"dependencies\": {{ \"ms\": \"^2.1.3\", \"gone\": \"1\" }} }}, \"node_modules/ms\": {{ \"version\": \"{locked}\" }}, \"node_modules/gone\": {{ \"version\": \"1.0.0\" }} }} }}\n"
        );
        let text = told(&tree);
        let error = text.lines().find(|line| line.starts_with("Error"));
        out += &format!("{asked}: {}\n", error.unwrap_or("fits"));
    }
    expect![[r#"
        2.1.3: fits
        latest: fits
        ^2.0.0 || 3: fits
        npm:other@^2: fits
        ^3.0.0: Error node/lock-stale: package.json:1 asks for `ms` `^3.0.0`, package-lock.json has 2.1.3
        ^3.0.0-rc.1: fits
        github:a/b: fits
    "#]]
    .assert_eq(&out);
}

#[test]
fn a_package_without_the_workspace_around_it() {
    check(
        r#"
//- /package.json
{ "name": "@acme/web", "scripts": { "start": "node server.js" }, "dependencies": { "express": "catalog:", "@acme/util": "workspace:*" } }
//- /server.js
"#,
        &[Part::Processes],
        expect![[r#"
            Error node/outside-workspace: package.json:1 asks for `@acme/util` `workspace:*`, which only the workspace around it can resolve
              why: its root, with the lock file and the other members, is not part of the directory that is built
              fix: plan from the root of the workspace: `--app @acme/web` in the place of `--root` and of the directory that a platform's file names
            Error node/outside-workspace: package.json:1 asks for `express` `catalog:`, which only the workspace around it can resolve
              why: its root, with the lock file and the other members, is not part of the directory that is built
              fix: plan from the root of the workspace: `--app @acme/web` in the place of `--root` and of the directory that a platform's file names
        "#]],
    );
}

#[test]
fn needs_of_packages_that_the_image_has() {
    let nuxt = &[("build", "nuxt build")];
    let mut out = String::new();
    for (dependencies, development, scripts) in [
        (&["nuxt"][..], &["simple-git"][..], &nuxt[..]),
        (&["nuxt", "simple-git"], &[], nuxt),
        (&["express"], &["simple-git"], &[("start", "node server.js")]),
        (&["express", "simple-git"], &[], &[("start", "node server.js")]),
        (&["pm2"], &[], &[("start", "pm2 start server.js --no-daemon")]),
        (&["pm2"], &[], &[("start", "pm2-runtime server.js")]),
    ] {
        let tree =
            manifest(dependencies, development, scripts) + "//- /server.js\nlisten(process.env.PORT)\n";
        let found: Vec<String> = native(&tree).lines().map(str::to_owned).collect();
        out += &format!("{dependencies:?} {development:?}: {}\n", found.join(", "));
    }
    expect![[r#"
        ["nuxt"] ["simple-git"]: 
        ["nuxt", "simple-git"] []: run git
        ["express"] ["simple-git"]: 
        ["express", "simple-git"] []: run git
        ["pm2"] []: run libc-bin
        ["pm2"] []: run libc-bin
    "#]]
    .assert_eq(&out);
}

#[test]
fn install_scripts_without_a_lock_have_the_network_that_they_need() {
    let prisma = manifest(&["@prisma/client ^5.22.0"], &["prisma ^5.22.0"], &[("start", "node server.js")]);
    let text = told(&(prisma + "//- /server.js\n//- /prisma/schema.prisma\n"));
    let decision = text.lines().find(|line| line.starts_with("network")).unwrap_or("closed");
    expect!["network of node.scripts = open by detected: @prisma/client: runs `prisma generate`, which may download engines; prisma: downloads its engines"].assert_eq(decision);
    assert!(
        !told(&(manifest(&["express"], &[], &[("start", "node server.js")]) + "//- /server.js\n"))
            .contains("network of")
    );
}

#[test]
fn templates_of_frameworks_are_built() {
    let mut out = String::new();
    let svelte = "//- /svelte.config.js\nimport adapter from '@sveltejs/adapter-auto';\nexport default { kit: { adapter: adapter() } };\n";
    for (tree, files) in [
        (
            manifest(
                &[],
                &["@sveltejs/kit ^2.20.0", "@sveltejs/adapter-auto ^6.0.0", "vite"],
                &[("build", "vite build")],
            ),
            svelte,
        ),
        (
            manifest(
                &[],
                &["@sveltejs/kit ^1.0.0", "@sveltejs/adapter-auto ^2.0.0", "vite"],
                &[("build", "vite build")],
            ),
            svelte,
        ),
        (
            manifest(
                &["expo", "react-native-web"],
                &[],
                &[("start", "expo start"), ("web", "expo start --web")],
            ),
            "//- /app.json\n{ \"expo\": { \"web\": { \"output\": \"static\" } } }\n",
        ),
        (manifest(&["expo"], &[], &[("start", "expo start")]), ""),
        (
            manifest(&["@tanstack/react-start"], &["vite"], &[("build", "vite build"), ("dev", "vite dev")]),
            "",
        ),
        (
            manifest(
                &["@adonisjs/core"],
                &["@adonisjs/assembler"],
                &[("build", "node ace build"), ("start", "node bin/server.js")],
            ),
            "//- /bin/server.ts\n//- /ace.js\n",
        ),
        (
            manifest(
                &["@google-cloud/functions-framework"],
                &[],
                &[("start", "functions-framework --target=hello")],
            ),
            "//- /index.js\n",
        ),
    ] {
        out += &format!("{}\n{}", tree.lines().nth(2).unwrap_or_default(), short(&(tree.clone() + files)));
    }
    expect![[r#"
        "dependencies": {},
          $ node /tmp/settle.cjs before --root=/app sveltekit
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app sveltekit
          > app/build
        web: node build
        "dependencies": {},
          $ node /tmp/settle.cjs before --root=/app sveltekit
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app sveltekit
          > app
        Error node/built-for-elsewhere: @sveltejs/adapter-auto, which knows some hosts and makes nothing for any other, makes nothing that runs in an image
        "dependencies": {"expo": "*", "react-native-web": "*"},
          $ expo export -p web
          > app/dist
          files in dist, else 404, for ever _expo/static/**
        "dependencies": {"expo": "*"},
        web: expo start
        Warning node/development-server: the image starts `expo start`, which serves for development
        "dependencies": {"@tanstack/react-start": "*"},
          $ npm run build
          > app/dist
        web: /node_modules/.bin/srvx --prod -s ../client dist/server/server.js
        "dependencies": {"@adonisjs/core": "*"},
          $ npm run build
          > app/build
        web: node build/bin/server.js
        "dependencies": {"@google-cloud/functions-framework": "*"},
        web: functions-framework --target=hello
    "#]].assert_eq(&out);
}

#[test]
fn what_a_framework_would_install_itself_is_pinned() {
    let tree = manifest(
        &[],
        &["@sveltejs/kit ^2.20.0", "@sveltejs/adapter-auto ^6.0.0", "vite"],
        &[("build", "vite build")],
    ) + "//- /svelte.config.js\nimport adapter from '@sveltejs/adapter-auto';\nexport default { kit: { adapter: adapter() } };\n";
    let plan = planned(&MemoryTree::parse(&tree), &PlanOptions::default());
    let text = HARNESS.told(&plan, &[Part::Steps]);
    let at = text.find("node.added-lock").unwrap();
    expect![[r#"
        node.added-lock fetch resolves
          $ mkdir -p /tmp/added
          $ cat > /tmp/added/package.json <<'END' …
          $ /opt/npm/npm --prefix /tmp/added --legacy-peer-deps --ignore-scripts install --package-lock-only --omit-lockfile-registry-resolved
          $ mkdir -p /packwright/node && cp /tmp/added/package-lock.json /packwright/node/added-lock.json
          > packwright/node/added-lock.json
        node.added fetch
          < node.added-lock
          $ mkdir -p /tmp/added
          $ cat > /tmp/added/package.json <<'END' …
          $ cp /packwright/node/added-lock.json /tmp/added/package-lock.json
          $ /opt/npm/npm --prefix /tmp/added --legacy-peer-deps --ignore-scripts ci
          $ mv /tmp/added/node_modules /node_modules
          > node_modules
        node.build
          < node.manager
          < node.scripts
          < source ** without **/node_modules
          < node.added
          $ cat > /tmp/settle.cjs <<'END' …
          $ node /tmp/settle.cjs before --root=/app sveltekit
          $ npm run build
          $ node /tmp/settle.cjs after --root=/app sveltekit
          > app/build Build
    "#]].assert_eq(&text[at..]);
}

#[test]
fn public_variables_of_committed_files_reach_the_build() {
    let set = |file: &str, name: &str, value: &str| PublicVariable {
        file: file.parse().unwrap(),
        line: 1,
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let public = vec![
        set(".env", "VITE_TITLE", "plain"),
        set(".env", "VITE_HOST", "a.example"),
        set(".env", "VITE_OWN", "file"),
        set(".env.production", "VITE_TITLE", "production"),
        set(".env.production", "VITE_API", "https://${VITE_HOST}/$x"),
        set(".env.staging", "VITE_TITLE", "staging"),
        set("docs/.env", "VITE_TITLE", "docs"),
    ];
    let told = |build: &str| {
        let options = PlanOptions { public: public.clone(), ..with_env([("VITE_OWN", "caller")]) };
        let tree = manifest(&[], &["vite"], &[("build", build), ("start", "node server.js")])
            + "//- /index.html\n//- /server.js\n";
        let plan = planned(&MemoryTree::parse(&tree), &options).unwrap();
        let step = plan.steps.iter().find(|step| step.name.as_str() == "node.build").unwrap();
        let set: Vec<String> = step
            .environment
            .iter()
            .filter(|(name, _)| name.starts_with("VITE"))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert!(!plan.environment.contains_key("VITE_TITLE"));
        let remarks: Vec<&str> = plan
            .diagnostics
            .iter()
            .filter(|told| told.code.contains("public"))
            .map(|told| told.message.as_str())
            .collect();
        format!("{build}: {}\n{}\n", set.join(" "), remarks.join("\n"))
    };
    expect![[r#"
        vite build: VITE_HOST=a.example VITE_OWN=caller VITE_TITLE=production
        the build does not get `VITE_API` of .env.production:1
        vite build --mode staging: VITE_HOST=a.example VITE_OWN=caller VITE_TITLE=staging

    "#]]
    .assert_eq(&(told("vite build") + &told("vite build --mode staging")));
}

#[test]
fn a_process_manager_stays_in_front() {
    let mut out = String::new();
    for line in [
        "pm2 start server.js -i max",
        "NODE_ENV=x pm2 start server.js --no-daemon",
        "forever start server.js",
        "pm2 start server.js && pm2 logs",
    ] {
        let told = lines(&scripts(&["pm2", "forever"], &[], &[("start", line)]));
        out += told.lines().find(|line| line.contains(": ")).unwrap_or_default();
        out += "\n";
    }
    expect![[r#"
        web: pm2-runtime start server.js -i max
        web: NODE_ENV=x pm2 start server.js --no-daemon
        web: forever server.js
        web: pm2 start server.js && pm2 logs
    "#]]
    .assert_eq(&out);
}
