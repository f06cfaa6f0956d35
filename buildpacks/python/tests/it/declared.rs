//! Builds that platform files declare.

use packwright_buildpack::planner::{Input, MemoryTree, Plan, PlanOptions};

use crate::planned;

const DJANGO: &str = "//- /manage.py\nimport os\ndef main():\n    \
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n    \
    from django.core.management import execute_from_command_line\n\
    //- /shop/__init__.py\n//- /shop/settings.py\n\
    INSTALLED_APPS = ['django.contrib.staticfiles']\nSTATIC_ROOT = '/app/static'\n\
    //- /shop/wsgi.py\nimport os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n";

fn django(more: &str) -> Plan {
    planned(&MemoryTree::parse(&format!("{DJANGO}{more}")), &PlanOptions::default()).unwrap()
}

fn render(command: &str) -> String {
    format!(
        "//- /render.yaml\nservices:\n  - type: web\n    name: shop\n    runtime: python\n    buildCommand: {command}\n    startCommand: gunicorn shop.wsgi\n"
    )
}

fn decision(plan: &Plan, subject: &str) -> String {
    let found = plan.decisions.iter().find(|decision| decision.subject == subject);
    found.map_or_else(String::new, |found| {
        let overridden: Vec<&str> = found.overridden.iter().map(|loser| loser.value.as_str()).collect();
        format!("{} ({}) before {overridden:?}", found.value, found.origin)
    })
}

fn codes(plan: &Plan) -> Vec<&str> {
    plan.diagnostics
        .iter()
        .map(|found| found.code.as_str())
        .filter(|code| code.starts_with("python/"))
        .collect()
}

#[test]
fn the_list_that_the_build_names_is_the_one_that_is_installed() {
    let lists = "//- /requirements.txt\ndjango\n//- /prod.txt\ndjango\npsycopg\n";
    let plan =
        django(&(lists.to_owned() + &render("pip install -r prod.txt && python manage.py collectstatic")));
    assert_eq!(
        decision(&plan, "list of requirements"),
        "prod.txt (render.yaml:5) before [\"requirements.txt\"]"
    );
    assert!(!codes(&plan).contains(&"python/list-left-out"), "{:?}", codes(&plan));
    let resolve = plan.steps.iter().find(|step| step.name.as_str() == "python.resolve").unwrap();
    assert!(format!("{:?}", resolve.inputs).contains("prod.txt"), "{:?}", resolve.inputs);
}

#[test]
fn a_second_list_is_said_to_be_left_out() {
    let lists = "//- /requirements.txt\ndjango\n//- /dev.txt\npytest\n";
    let plan = django(&(lists.to_owned() + &render("pip install -r requirements.txt -r dev.txt")));
    assert!(codes(&plan).contains(&"python/list-left-out"), "{:?}", codes(&plan));
    let plan =
        django(&(lists.to_owned() + &render("pip install -r requirements.txt && pip install .[prod]")));
    assert!(codes(&plan).contains(&"python/group-left-out"), "{:?}", codes(&plan));
}

#[test]
fn an_install_alone_says_that_nothing_is_collected() {
    let list = "//- /requirements.txt\ndjango\n";
    let plan = django(&(list.to_owned() + &render("pip install -r requirements.txt")));
    assert_eq!(decision(&plan, "build command"), "nothing (render.yaml:5) before [\"collectstatic\"]");
}

#[test]
fn commands_around_the_detected_work_run_on_both_sides_of_it() {
    let tasks = "//- /requirements.txt\ndjango\n//- /nixpacks.toml\n[phases.build]\ncmds = ['python first.py', '...', 'python last.py']\n";
    let plan = django(tasks);
    let names: Vec<&str> = plan.steps.iter().map(|step| step.name.as_str()).collect();
    let place =
        |name: &str| names.iter().position(|known| *known == name).unwrap_or_else(|| panic!("{names:?}"));
    assert!(
        place("python.build") < place("python.static") && place("python.static") < place("python.finish")
    );
    let needs = |step: &str, other: &str| {
        plan.steps[place(step)]
            .inputs
            .iter()
            .any(|input| matches!(input, Input::Step(name) if name.as_str() == other))
    };
    assert!(needs("python.static", "python.build") && needs("python.finish", "python.static"));
}
