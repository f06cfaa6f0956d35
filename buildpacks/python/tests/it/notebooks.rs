//! Applications that are notebooks.

use expect_test::{Expect, expect};

use super::{Part, check};

fn app(requirements: &str, files: &str, expected: Expect) {
    let text = format!("//- /requirements.txt\n{requirements}\n{files}");
    check(&text, &[Part::Processes, Part::Remarks], expected);
}

#[test]
fn notebooks() {
    app(
        "voila",
        "//- /reports/sales.ipynb\n{}\n",
        expect![[r#"
            env IPYTHONDIR=/tmp/ipython
            env JUPYTER_DATA_DIR=/tmp/jupyter
            web: voila reports/sales.ipynb --port=$PORT --Voila.ip=0.0.0.0 --no-browser
            Info python/kernel-added: ipykernel is installed although the project does not ask for it
              why: notebooks need it to run their cells
              fix: add ipykernel to the requirements, to choose its version yourself
        "#]],
    );
    app(
        "voila\nipykernel",
        "//- /a.ipynb\n{}\n//- /b.ipynb\n{}\n",
        expect![[r#"
            env IPYTHONDIR=/tmp/ipython
            env JUPYTER_DATA_DIR=/tmp/jupyter
            web: voila . --port=$PORT --Voila.ip=0.0.0.0 --no-browser
            Info python/several-notebooks: there are 2 notebooks, and visitors choose among them
              fix: name the one to show in a Procfile: `web: voila <notebook> --port=$PORT --Voila.ip=0.0.0.0 --no-browser`
        "#]],
    );
    app(
        "voila",
        "//- /x.txt\n",
        expect![[r#"
        Error python/notebook-missing: voila is asked for, and there is no notebook to show
          why: looked for files that end in `.ipynb`, outside of hidden directories
          fix: commit the notebook, or say how the application starts in a Procfile: `web: <command>`
    "#]],
    );
    app(
        "jupyterlab",
        "//- /a.ipynb\n{}\n",
        expect![[r#"
            env IPYTHONDIR=/tmp/ipython
            env JUPYTER_DATA_DIR=/tmp/jupyter
            web: jupyter lab --ip=0.0.0.0 --port=$PORT --no-browser
        "#]],
    );
    app(
        "reflex",
        "//- /rxconfig.py\nimport reflex as rx\n",
        expect![[r#"
        Error python/reflex: rxconfig.py belongs to Reflex, which is not supported
          why: Reflex builds its pages with Node while it starts, and serves them from two ports
          fix: export the pages with `reflex export --frontend-only`, and start the backend in a Procfile: `web: reflex run --env prod --backend-only --backend-host 0.0.0.0 --backend-port $PORT`
    "#]],
    );
}
