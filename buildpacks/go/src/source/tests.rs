//! Go files as text.

use super::*;

#[test]
fn a_server_with_all_kinds_of_imports() {
    let file = GoFile::read(
        "// Copyright\n/* a\n comment */\n//go:build linux && !integration\n\npackage main // it\n\nimport \"fmt\"\nimport (\n\tchi \"example.org/chi/v5\"\n\t_ \"embed\" // files\n\n\t\"net/http\"\n)\n\n//go:embed dist \"with space\"\nvar files embed.FS\n\nfunc main() {\n\t// http.ListenAndServe(\":1\", nil)\n\turl := \"http://example.org\" // no comment in the text\n\tlog.Fatal(http.ListenAndServe(\"127.0.0.1:3000\", nil))\n}\n",
    )
    .unwrap();
    assert_eq!(file.package, "main");
    let imports: Vec<&str> = file.imports.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(imports, ["fmt", "example.org/chi/v5", "embed", "net/http"]);
    assert_eq!(file.imports("example.org/chi"), Some(10));
    assert_eq!(file.embeds[0], ("dist".to_owned(), 16));
    assert_eq!(file.serves, Some(22));
    assert_eq!(file.address, Some(("127.0.0.1".to_owned(), 3000, 22)));
    assert!(!file.reads_port);
}

#[test]
fn libraries_that_are_linked() {
    let file = GoFile::read(
        "package db\n\n/*\n#cgo linux LDFLAGS: -lm -lsqlite3\n#cgo windows LDFLAGS: -lodd\n#cgo pkg-config: libpng\n#include <sqlite3.h>\n*/\nimport \"C\"\n",
    )
    .unwrap();
    let words: Vec<&str> = file.cgo.iter().map(|(_, word, _)| word.as_str()).collect();
    assert_eq!(words, ["-lm", "-lsqlite3", "libpng"]);
    assert_eq!(file.imports("C"), Some(9));
}

#[test]
fn what_is_not_built() {
    for text in [
        "//go:build ignore\n\npackage main\n",
        "//go:build windows || (darwin && cgo)\npackage a\n",
        "hello\n",
        "",
    ] {
        assert_eq!(GoFile::read(text), None, "{text}");
    }
    for (name, built) in
        [("main.go", true), ("main_test.go", false), ("a_windows.go", false), ("windows.go", true)]
    {
        assert_eq!(is_built(name), built, "{name}");
    }
    assert!(holds("!windows && (linux || darwin)") && holds("go1.21") && !holds("tools") && holds("!("));
    assert!(holds(&"(".repeat(100_000)) && holds(&"!".repeat(100_000)));
}

#[test]
fn a_program_that_asks_for_its_port() {
    let file =
        GoFile::read("package main\nfunc main() { p := os.Getenv(\"PORT\"); s := `a // \"PORT` }\n").unwrap();
    assert!(file.reads_port && file.serves.is_none());
}

#[test]
fn flags_that_say_where_to_listen() {
    let flag = |line: &str| {
        let file = GoFile::read(&format!("package main\n\nfunc main() {{\n\t{line}\n}}\n")).unwrap();
        file.flag.map(|flag| (flag.name, flag.is_port, flag.default))
    };
    let found = |name: &str, is_port, default| Some((name.to_owned(), is_port, default));
    for (line, expected) in [
        (
            r#"flag.StringVar(&port, "port", getEnv("NAME_PORT", "80"), "a port")"#,
            found("port", true, Some(80)),
        ),
        (
            r#"listen := flag.String("listen", ":5678", "address and port")"#,
            found("listen", false, Some(5678)),
        ),
        (r#"fs.Int("port", 9898, "HTTP port")"#, found("port", true, Some(9898))),
        (r#"cmd.Flags().StringP("addr", "a", "localhost:3000", "")"#, found("addr", false, Some(3000))),
        (
            r#"app.Flag("web.listen-address", "where").Default(":9115")"#,
            found("web.listen-address", false, Some(9115)),
        ),
        (r#"rootCmd.Flags().String("addr", "", "address of server")"#, found("addr", false, None)),
        (r#"log.Info("up", zap.String("port", port))"#, None),
        (r#"flag.Int("port-metrics", 0, "metrics port")"#, None),
        (r#"port := fs.GetInt("port")"#, None),
    ] {
        assert_eq!(flag(line), expected, "{line}");
    }
}

#[test]
fn patterns_to_embed() {
    assert_eq!(
        embedded(r#"all:dist "with space" `b c`  static/*.js"#),
        ["all:dist", "with space", "b c", "static/*.js"]
    );
    assert!(embedded("  ").is_empty());
}
