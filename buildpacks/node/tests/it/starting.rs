//! Where a program listens, and what it reads when it starts.

use expect_test::expect;

use super::processes::{lines, scripts};
use super::proposals::{manifest, told};

#[test]
fn a_program_that_ignores_port() {
    let mut out = String::new();
    for (dependency, source) in [
        ("express", "const port = 3000;\nconst app = express();\napp.listen(port, () => console.log(port));"),
        ("express", "const port = process.env.PORT || 3000;\napp.listen(port);"),
        ("express", "app.listen(process.env.PORT || 3000, 'localhost');"),
        ("express", "app.listen(5000, '0.0.0.0');"),
        ("express", "function listen(port) {}\nclass A { listen(port, host) { net(port) } }\nlisten();"),
        ("fastify", "await app.listen({ port: 3000 });"),
        ("fastify", "const { PORT } = process.env;\nawait app.listen({ port: PORT });"),
        ("fastify", "await app.listen({ port: Number(process.env.PORT), host: '0.0.0.0' });"),
        ("fastify", "await app.listen({ ...options, port: 3000 });"),
        ("fastify", "await app.listen({ path: '/run/socket' });"),
        ("@nestjs/platform-fastify", "await app.listen(process.env.PORT ?? 3000);"),
        ("@nestjs/platform-express", "await app.listen(process.env.PORT ?? 3000);"),
        ("@hono/node-server", "serve({ fetch: app.fetch, port: 8787 });"),
        ("koa", "import { config } from './config.js';\napp.listen(config.port);"),
    ] {
        let tree = manifest(&[dependency], &[], &[("start", "node main.js")])
            + &format!(
                "//- /main.js\n{source}\n//- /config.js\nexport const config = {{ port: process.env.PORT }}\n"
            );
        let text = told(&tree);
        let keep =
            |line: &&str| ["  PORT", "Warning", "  fix", "Error"].iter().any(|start| line.starts_with(start));
        let kept: String = text.lines().filter(keep).map(|line| format!("{line}\n")).collect();
        out += &format!("{dependency}: {}\n{kept}", source.lines().last().unwrap_or_default());
    }
    expect![[r#"
        express: app.listen(port, () => console.log(port));
          PORT=3000
        Warning node/port-fixed: main.js:3 listens on port 3000, whatever PORT says
          fix: write `process.env.PORT ?? 3000` there
        express: app.listen(port);
        express: app.listen(process.env.PORT || 3000, 'localhost');
        Warning node/host-local: main.js:1 listens to its own machine alone
          fix: write the address `0.0.0.0` there
        express: app.listen(5000, '0.0.0.0');
          PORT=5000
        Warning node/port-fixed: main.js:1 listens on port 5000, whatever PORT says
          fix: write `process.env.PORT ?? 5000` there
        express: listen();
        fastify: await app.listen({ port: 3000 });
          PORT=3000
        Warning node/port-fixed: main.js:1 listens on port 3000, whatever PORT says
          fix: write `process.env.PORT ?? 3000` there
        Warning node/host-local: main.js:1 listens to its own machine alone
          fix: write the address `0.0.0.0` there
        fastify: await app.listen({ port: PORT });
        Warning node/host-local: main.js:2 listens to its own machine alone
          fix: write the address `0.0.0.0` there
        fastify: await app.listen({ port: Number(process.env.PORT), host: '0.0.0.0' });
        fastify: await app.listen({ ...options, port: 3000 });
          PORT=3000
        Warning node/port-fixed: main.js:1 listens on port 3000, whatever PORT says
          fix: write `process.env.PORT ?? 3000` there
        fastify: await app.listen({ path: '/run/socket' });
        @nestjs/platform-fastify: await app.listen(process.env.PORT ?? 3000);
        Warning node/host-local: main.js:1 listens to its own machine alone
          fix: write the address `0.0.0.0` there
        @nestjs/platform-express: await app.listen(process.env.PORT ?? 3000);
        @hono/node-server: serve({ fetch: app.fetch, port: 8787 });
          PORT=8787
        Warning node/port-fixed: main.js:1 listens on port 8787, whatever PORT says
          fix: write `process.env.PORT ?? 8787` there
        koa: app.listen(config.port);
    "#]]
    .assert_eq(&out);
}

#[test]
fn a_file_of_variables_that_is_in_no_image() {
    let start = |line: &str, node: &str| {
        let tree = scripts(&[], &["tsx"], &[("start", line)]).replacen(
            "{\n",
            &format!("{{\n\"engines\": {{\"node\": \"{node}\"}},\n"),
            1,
        ) + "//- /settings.vars\nA=1\n";
        let text = lines(&tree);
        text.lines()
            .filter(|line| !line.contains("packages"))
            .map(|line| format!("  {line}\n"))
            .collect::<String>()
    };
    let mut out = String::new();
    for (line, node) in [
        ("node --env-file=.env server.js", ">=24"),
        ("node --env-file=.env server.js", ">=20"),
        ("node --env-file .env server.js", "22.8.x"),
        ("node --env-file .env --env-file=settings.vars server.js", ">=24"),
        ("tsx --env-file=.env server.js", ">=24"),
        ("node --env-file=$FILE server.js", ">=24"),
        ("node --env-file-if-exists=.env server.js", ">=24"),
    ] {
        out += &format!("{line} ({node})\n{}", start(line, node));
    }
    expect![[r#"
        node --env-file=.env server.js (>=24)
          web: node --env-file-if-exists=.env server.js
          Info node/env-file-missing: the start script reads .env, which is not in the image; it starts without
            fix: give the image its variables when it starts
        node --env-file=.env server.js (>=20)
          web: node --env-file-if-exists=.env server.js
          Info node/env-file-missing: the start script reads .env, which is not in the image; it starts without
            fix: give the image its variables when it starts
        node --env-file .env server.js (22.8.x)
          web: node server.js
          Info node/env-file-missing: the start script reads .env, which is not in the image; it starts without
            fix: give the image its variables when it starts
        node --env-file .env --env-file=settings.vars server.js (>=24)
          web: node --env-file-if-exists .env --env-file=settings.vars server.js
          Info node/env-file-missing: the start script reads .env, which is not in the image; it starts without
            fix: give the image its variables when it starts
        tsx --env-file=.env server.js (>=24)
          web: tsx --env-file-if-exists=.env server.js
          Warning node/development-at-start: the image starts `tsx` of tsx, a development dependency
            fix: move tsx to `dependencies`
          Info node/env-file-missing: the start script reads .env, which is not in the image; it starts without
            fix: give the image its variables when it starts
        node --env-file=$FILE server.js (>=24)
          web: node --env-file=$FILE server.js
        node --env-file-if-exists=.env server.js (>=24)
          web: node --env-file-if-exists=.env server.js
    "#]]
    .assert_eq(&out);
}
