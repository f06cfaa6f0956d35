//! Where people put the application: what starts it, and from which directory it imports.

use packwright_buildpack::planner::{MemoryTree, PlanOptions};

use super::planned;

const FLASK: &str = "from flask import Flask\napp = Flask(__name__)\n";
const GUARD: &str = "if __name__ == '__main__':\n    print()\n";

/// The directory that the plan takes for the application, `PYTHONPATH` and the first process.
fn layout(files: &[(&str, &str)]) -> String {
    let tree: String = files.iter().map(|(path, text)| format!("//- /{path}\n{text}\n")).collect();
    match planned(&MemoryTree::parse(&tree), &PlanOptions::default()) {
        Ok(plan) => {
            let root = plan.root.as_ref().map_or(String::new(), |root| format!("{root}: "));
            let path = plan.environment.get("PYTHONPATH");
            let path = path.map_or(String::new(), |path| format!("PYTHONPATH={} ", path.value));
            format!("{root}{path}{}", plan.processes[0].command)
        }
        Err(error) => error.problems()[0].message.clone(),
    }
}

const LIST: (&str, &str) = ("requirements.txt", "flask\ngunicorn");

#[test]
fn applications_in_directories() {
    let project = (
        "pyproject.toml",
        "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\"flask\", \"gunicorn\"]",
    );
    let with = |line: &str| format!("{line}\n{FLASK}");
    let serves = |name: &str| format!("gunicorn --bind 0.0.0.0:$PORT {name}");
    let x = "x = 1";
    for (files, expected) in [
        // A package below `src/`.
        (
            vec![project, ("src/shop/main.py", &*with("from shop.x import x")), ("src/shop/x.py", x)],
            format!("PYTHONPATH=/app/src {}", serves("shop.main:app")),
        ),
        // The same, by relative imports and without `__init__.py`.
        (
            vec![project, ("src/shop/main.py", &*with("from .x import x")), ("src/shop/x.py", x)],
            format!("PYTHONPATH=/app/src {}", serves("shop.main:app")),
        ),
        // A package that is called `app`.
        (
            vec![
                LIST,
                ("app/__init__.py", ""),
                ("app/main.py", &*with("from app.x import x")),
                ("app/x.py", x),
            ],
            serves("app.main:app"),
        ),
        // A directory in which the program is usually started.
        (
            vec![LIST, ("app/main.py", &*with("from x import x")), ("app/x.py", x)],
            format!("PYTHONPATH=/app/app {}", serves("main:app")),
        ),
        (
            vec![LIST, ("backend/app.py", &*with("from x import x")), ("backend/x.py", x)],
            format!("PYTHONPATH=/app/backend {}", serves("app:app")),
        ),
        // Nothing tells from where it imports.
        (vec![LIST, ("backend/app.py", FLASK)], serves("backend.app:app")),
        (
            vec![LIST, ("backend/app.py", &*with("from . import x")), ("backend/x.py", x)],
            serves("backend.app:app"),
        ),
        // The directory has the manifest.
        (
            vec![("backend/requirements.txt", LIST.1), ("backend/app.py", FLASK)],
            format!("backend: {}", serves("app:app")),
        ),
        (
            vec![("backend/requirements.txt", LIST.1), ("backend/src/app/main.py", FLASK)],
            format!("backend: PYTHONPATH=/app/src {}", serves("app.main:app")),
        ),
        // `src` is the package.
        (
            vec![
                LIST,
                ("src/__init__.py", ""),
                ("src/main.py", &*with("from src.x import x")),
                ("src/x.py", x),
            ],
            serves("src.main:app"),
        ),
        (
            vec![LIST, ("src/main.py", &*with("from x import x")), ("src/x.py", x)],
            format!("PYTHONPATH=/app/src {}", serves("main:app")),
        ),
        // A factory in a package of a package.
        (
            vec![
                LIST,
                ("shop/__init__.py", ""),
                (
                    "shop/web/__init__.py",
                    "from flask import Flask\ndef create_app():\n    return Flask(__name__)",
                ),
            ],
            serves("'shop.web:create_app()'"),
        ),
    ] {
        assert_eq!(layout(&files), expected, "{files:?}");
    }
}

/// The requirements are the root's, so the root is the application.
#[test]
fn programs_in_directories() {
    let with = |line: &str| format!("{line}\n{GUARD}");
    let x = "x = 1";
    for (files, expected) in [
        (vec![LIST, ("server/main.py", GUARD)], "python server/main.py"),
        (vec![LIST, ("src/main.py", GUARD)], "PYTHONPATH=/app/src python src/main.py"),
        (
            vec![LIST, ("server/main.py", &*with("from x import x")), ("server/x.py", x)],
            "PYTHONPATH=/app/server python server/main.py",
        ),
        (
            vec![LIST, ("src/bot/main.py", &*with("from bot.x import x")), ("src/bot/x.py", x)],
            "PYTHONPATH=/app/src python src/bot/main.py",
        ),
        (vec![LIST, ("bot/main.py", &*with("from bot.x import x")), ("bot/x.py", x)], "python -m bot.main"),
        (vec![LIST, ("bot/main.py", &*with("from .x import x")), ("bot/x.py", x)], "python -m bot.main"),
        // Does what it does without asking.
        (vec![LIST, ("bot/bot.py", "import telebot\ntelebot.TeleBot('').polling()")], "python bot/bot.py"),
        // `src/` before others, `main.py` before others.
        (
            vec![LIST, ("src/app.py", GUARD), ("src/main.py", GUARD), ("tools/main.py", GUARD)],
            "PYTHONPATH=/app/src python src/main.py",
        ),
    ] {
        assert_eq!(layout(&files), expected, "{files:?}");
    }
}

/// It is not known which one is meant.
#[test]
fn programs_in_several_directories() {
    let several = layout(&[LIST, ("one/main.py", GUARD), ("two/main.py", GUARD)]);
    assert!(several.starts_with("there are 2 applications"), "{several}");
    // One of them has manifests of its own.
    let own = layout(&[LIST, ("one/main.py", GUARD), ("two/requirements.txt", ""), ("two/main.py", GUARD)]);
    assert!(own.starts_with("there are 2 applications"), "{own}");
    // A library is no program.
    let library = layout(&[LIST, ("shop/app.py", "def f(): pass"), ("shop/__init__.py", "")]);
    assert!(!library.contains("python shop/app.py"), "{library}");
}
