//! What installed packages are told by the image's environment, and what of them stays out of it.

use expect_test::expect;
use packwright_buildpack::planner::{Origin, PlanOptions};

use super::{MemoryTree, Part, check, planned};

#[test]
fn nobody_is_reported_to() {
    check(
        "//- /requirements.txt\ngradio\n//- /mirror.py\nimport gradio as gr\ngr.Interface(print).launch()\n",
        &[Part::Processes],
        expect![[r#"
            env GRADIO_ANALYTICS_ENABLED=False
            web: GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=$PORT python mirror.py
        "#]],
    );
    check(
        "//- /requirements.txt\nstreamlit\n//- /page.py\nimport streamlit as st\nst.write(1)\n",
        &[Part::Processes],
        expect![[r#"
            env STREAMLIT_BROWSER_GATHER_USAGE_STATS=false
            web: streamlit run page.py --server.port $PORT --server.address 0.0.0.0 --server.headless true
        "#]],
    );
}

/// Also the server that is added, and not where nothing reads it.
#[test]
fn sockets_of_gunicorn_need_no_writable_home() {
    let of = |requirements: &str| {
        let text = format!(
            "//- /requirements.txt\n{requirements}\n//- /app.py\nfrom flask import Flask\napp = Flask(__name__)\n"
        );
        let plan = planned(&MemoryTree::parse(&text), &PlanOptions::default()).unwrap();
        plan.environment.get("XDG_RUNTIME_DIR").cloned()
    };
    assert_eq!(of("flask\nwaitress"), None);
    for requirements in ["flask", "flask\ngunicorn"] {
        let set = of(requirements).unwrap();
        assert_eq!(set.value, "/tmp");
        assert!(matches!(set.origin, Origin::Default(why) if why.contains("gunicorn")));
    }
}

/// A Procfile starts what the same packages bring.
#[test]
fn declared_processes_are_told_too() {
    let tree = "//- /requirements.txt\nvoila\n//- /rain.ipynb\n{}\n//- /Procfile\nweb: voila rain.ipynb\n";
    let plan = planned(&MemoryTree::parse(tree), &PlanOptions::default()).unwrap();
    assert_eq!(plan.environment["JUPYTER_DATA_DIR"].value, "/tmp/jupyter");
}

#[test]
fn tests_and_maps_of_packages_stay_out() {
    let plan =
        planned(&MemoryTree::parse("//- /requirements.txt\npandas\n//- /main.py\n"), &PlanOptions::default());
    let plan = plan.unwrap();
    let install = plan.steps.iter().find(|step| step.name.as_str() == "python.install").unwrap();
    let selection = packwright_buildpack::planner::Selection::of(&install.outputs[0].scrub);
    let scrubbed = selection.matcher().unwrap();
    let site = "lib/python3.13/site-packages";
    for (path, wanted) in [
        ("pandas/tests/io/test_sql.py", true),
        ("pandas/tests/__init__.py", true),
        ("pandas/testing.py", false),
        ("numpy/_core/tests/test_umath.py", true),
        ("numpy/_core/tests/__pycache__/test_umath.cpython-313.pyc", true),
        ("numpy/_core/tests/data/umath-validation-set-cos.csv", true),
        // `numpy.testing` of numpy 2.2 imports it.
        ("numpy/_core/tests/_natype.py", false),
        ("numpy/_core/tests/__init__.py", false),
        ("numpy/testing/_private/utils.py", false),
        ("tornado/test/util.py", true),
        ("tornado/testing.py", false),
        ("panel/dist/panel.js.map", true),
        ("panel/dist/panel.js", false),
        // A package of one's own, and one whose tests nobody looked through.
        ("shop/tests/test_shop.py", false),
        ("jinja2/tests.py", false),
    ] {
        assert_eq!(scrubbed(&format!("{site}/{path}").parse().unwrap()), wanted, "{path}");
    }
}
