//! Imports, names, lines and variables of small modules.

use super::ast::Stmt;
use super::*;

fn module(text: &str) -> Module {
    Module::parse(text, "shop.api", false)
}

#[test]
fn imports_give_names_their_meaning() {
    let module = module(
        "import os.path\nimport numpy as np\nfrom a.b import c as d, e\nfrom . import f\nfrom ..g import h\nfrom .i import *\n",
    );
    let imports: Vec<(&str, &str)> = module.imports().map(|(name, path)| (name, path.as_str())).collect();
    assert_eq!(
        imports,
        [("d", "a.b.c"), ("e", "a.b.e"), ("f", "shop.f"), ("h", "g.h"), ("np", "numpy"), ("os", "os")]
    );
    assert_eq!(module.stars(), ["shop.i"]);
    assert_eq!(module.imported().iter().map(String::as_str).collect::<Vec<_>>(), ["a", "numpy", "os"]);
}

#[test]
fn relative_imports_of_a_package_start_in_it() {
    let package = Module::parse("from .app import create\n", "shop", true);
    assert_eq!(package.imports().next(), Some(("create", &"shop.app.create".to_owned())));
}

#[test]
fn the_top_level_leaves_out_what_an_import_does_not_run() {
    let module = module(
        "a = 1\nif TYPE_CHECKING:\n    b = 1\nelse:\n    c = 1\nif __name__ == '__main__':\n    d = 1\n\
         try:\n    e = 1\nexcept X:\n    f = 1\nwith x:\n    g = 1\ndef h():\n    i = 1\n",
    );
    let names: Vec<&str> =
        module.top_level().into_iter().flat_map(assignments).map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "c", "e", "f", "g"]);
}

#[test]
fn lines_count_from_one() {
    let module = module("\n\nx = 1\n");
    assert_eq!(module.line(module.top_level()[0]), 3);
}

#[test]
fn variables_in_all_their_spellings() {
    let module = module(
        "os.environ['A']\nos.environ.get('B')\nos.getenv('C', 1)\nenv('D')\nenv.str('E')\nconfig('F', default=1)\n\
         getenv('G')\nother('H')\nx.get('I')\ndef f():\n    return environ['J']\n'K'\nos.environ[name]\n",
    );
    let read: Vec<String> = module.variables().into_iter().collect();
    assert_eq!(read, ["A", "B", "C", "D", "E", "F", "G", "J"]);
}

#[test]
fn what_must_be_set() {
    let must = |text: &str| {
        let module = module(text);
        let Stmt::Expr(statement) = module.top_level()[0] else { panic!("no expression") };
        variables_in(&statement.value)
    };
    let one = |name: &str, must: bool| vec![(name.to_owned(), must)];
    assert_eq!(must("os.environ['A']"), one("A", true));
    assert_eq!(must("os.environ.get('A')"), one("A", false));
    assert_eq!(must("int(config('A'))"), one("A", true));
    assert_eq!(must("config('A', default='x')"), one("A", false));
    assert_eq!(must("env.bool('A', True)"), one("A", false));
}

#[test]
fn broken_text_keeps_what_stands_before_and_after() {
    let module = module("a = 1\nx ==\nb = 2\n");
    let names: Vec<&str> =
        module.top_level().into_iter().flat_map(assignments).map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn deep_nesting_is_no_danger() {
    for text in
        ["[".repeat(200_000), "-".repeat(200_000) + "1", "x.".repeat(100_000) + "y", "(".repeat(100_000)]
    {
        let module = module(&format!("app = {text}\n"));
        module.variables();
    }
    let long: String = (0..5000).map(|n| format!("f('a.b.c({n}', x.y[{n}]),\n")).collect();
    assert_eq!(module(&format!("x = [{long}]\n")).top_level().len(), 1);
    let ladder: String = (0..90).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect();
    module(&format!("{ladder}{}y = 1\n", " ".repeat(90))).top_level();
}
