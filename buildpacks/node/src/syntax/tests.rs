//! What is read in scripts.

use super::{JsLiteral, JsSource};

fn text(value: &str) -> Option<JsLiteral> {
    Some(JsLiteral::Text(value.to_owned()))
}

fn property(source: &str, path: &[&str]) -> Option<JsLiteral> {
    JsSource::read(source).property(path).map(|found| found.value)
}

#[test]
fn a_property_in_every_form_of_a_configuration() {
    for source in [
        "module.exports = { output: 'export' }",
        "/** @type {import('next').NextConfig} */\nconst nextConfig = {\n  output: \"export\",\n};\nexport default nextConfig;",
        "const c: NextConfig = { images: { output: 1 }, 'output': `export` }",
        "export default defineConfig(({ mode }) => ({ plugins: [a({ output: 'no' })], output: 'export' }))",
        "export default (phase) => { if (x) { y() } return { output: 'export' } }",
        "module.exports = withMDX({ a: 1 })({ output: 'export' })",
        "const target = 'export'; export default { output: target }",
        "const output = 'export'; export default { output, x: 1 }",
        "const config = {}; config.output = 'export'\nmodule.exports = config",
        "export default { output: 'export' as const } satisfies X",
        "export default { async rewrites() { return { output: 'no' } }, output: 'export' }",
        "export default { a: /[/'\"]{/, b: 1 / 2, output: 'export' }",
        "export default { a: `${b({ output: 'no' })}`, output: 'export' }",
    ] {
        assert_eq!(property(source, &["output"]), text("export"), "{source}");
    }
}

#[test]
fn comments_and_texts_are_no_properties() {
    for source in [
        "export default { // output: 'export'\n }",
        "export default { /* output: 'export', */ a: \"output: 'export'\" }",
        "export default { a: { output: 'export' } }",
        "export default { a: [{ output: 'export' }] }",
        "export default { a() { return { output: 'export' } } }",
    ] {
        assert_eq!(property(source, &["output"]), None, "{source}");
    }
}

#[test]
fn what_is_computed_is_said_to_be() {
    for source in [
        "export default { output: process.env.X ? 'export' : undefined }",
        "export default { output: 'a' + b }",
        "export default { output: `${a}` }",
        "export default { output: process.env.OUTPUT }",
        "export default { output: mode }",
        "const a = b; const b = a; export default { output: a }",
        "export default { ...(process.env.X ? {} : { output: 'export' }) }",
        "export default { ...(x && { output: 'export' }), a: 1 }",
        "if (x) { config.output = 'a' } else { config.output = 'b' }",
    ] {
        assert_eq!(property(source, &["output"]), Some(JsLiteral::Computed), "{source}");
    }
}

#[test]
fn nested_properties_calls_and_paths() {
    let source = "import { resolve } from 'node:path'
        export default defineConfig({
            build: { outDir: resolve(__dirname, '..', 'public/app') },
            adapter: node({ mode: 'standalone' }),
            ssr: false, root: new URL('./web', import.meta.url).pathname,
            plugins: [sveltekit({ adapter: adapter() })],
            dir: path.join(import.meta.dirname, 'x'),
            url: fileURLToPath(new URL('dist', import.meta.url)),
        })";
    assert_eq!(property(source, &["build", "outDir"]), Some(JsLiteral::Path("../public/app".to_owned())));
    assert_eq!(property(source, &["adapter"]), Some(JsLiteral::Call("node".to_owned())));
    assert_eq!(property(source, &["adapter", "()", "mode"]), text("standalone"));
    assert_eq!(property(source, &["ssr"]), Some(JsLiteral::Bool(false)));
    assert_eq!(property(source, &["root"]), Some(JsLiteral::Path("./web".to_owned())));
    assert_eq!(
        property(source, &["plugins", "[]", "()", "adapter"]),
        Some(JsLiteral::Call("adapter".to_owned()))
    );
    assert_eq!(property(source, &["dir"]), Some(JsLiteral::Path("x".to_owned())));
    assert_eq!(property(source, &["url"]), Some(JsLiteral::Path("dist".to_owned())));
}

#[test]
fn a_property_has_a_line() {
    let found = JsSource::read("// a\n/* b\n c */\nexport default {\n  output: 'x'\n}").property(&["output"]);
    assert_eq!(found.map(|found| found.line), Some(5));
}

#[test]
fn imports() {
    let script = JsSource::read(
        "#!/usr/bin/env node\nimport a, { b } from 'a'\nimport 'b'\nconst c = require(\"c\")\nawait import('d')\n\
         export * from 'e'\nimport type { X } from 'types'\n// import 'no'\nconst s = \"import 'no'\"\nimport type from 'f'\n",
    );
    let names: Vec<&str> = script.imports().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["a", "b", "c", "d", "e", "f"]);
    assert_eq!(script.imports()[3], ("d", 5));
}

#[test]
fn names_and_calls() {
    let script = JsSource::read(
        "const { PORT } = process.env\napp.listen(PORT)\nhttp.createServer\n// Bun.serve()\nprocess.env?.HOME\n",
    );
    assert_eq!(script.word("PORT"), Some(1));
    assert_eq!(script.names(&["process", "env"]), Some(1));
    assert_eq!(script.calls(&["app", "listen"]), Some(2));
    assert_eq!(script.calls(&["createServer"]), None);
    assert_eq!(script.calls(&["Bun", "serve"]), None);
    assert_eq!(script.names(&["process", "env", "HOME"]), Some(5));
}

#[test]
fn markup_with_an_apostrophe_does_not_hide_the_rest() {
    let script = JsSource::read("const a = <p>don't</p>\nconst b = <br/>;\nserver.listen(3000)\n");
    assert_eq!(script.calls(&["server", "listen"]), Some(3));
}
