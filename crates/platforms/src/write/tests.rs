//! Losses that are reported for every target platform.

use packwright_planner::{
    DeclaredProcess, MemoryTree, Origin, ProcessKind, Requested, Scoped, ServiceReference, Variable,
    VariableValue,
};

use super::*;
use crate::container::tests::shop;
use crate::platform;

fn at(line: u32) -> Origin {
    Origin::line(&"shop.yaml".parse().unwrap(), line)
}

fn to(name: &str, model: &AppModel) -> Converted {
    let write = platform(name).unwrap().write.unwrap();
    write(&Conversion { model, image: Some("registry.example.com/shop:1") })
}

fn codes(made: &Converted) -> Vec<String> {
    let said = made.losses.iter().filter(|loss| loss.code.contains("L05"));
    said.map(|loss| format!("{} {}", loss.code, loss.message)).collect()
}

#[test]
fn a_process_that_changes_the_database_when_it_starts_is_told() {
    let model = |line: &str| crate::model(&MemoryTree::parse(&format!("//- /Procfile\nweb: {line}\n")));
    let told = "convert/L05-migrate-in-start `web` changes the database whenever it starts";
    assert_eq!(codes(&to("compose", &model("python manage.py migrate && gunicorn shop.wsgi"))), [told]);
    for line in ["gunicorn shop.wsgi && echo done", "python manage.py migrate_watcher"] {
        assert!(codes(&to("compose", &model(line))).is_empty(), "{line}");
    }
}

#[test]
fn a_variable_with_the_address_of_another_process_has_it_where_it_is_known() {
    let mut model = shop();
    let internal = "internal".parse().unwrap();
    let variable = |name: &str, service: &str, property: &str, line: u32| {
        let from = ServiceReference { service: service.to_owned(), property: property.to_owned() };
        Variable { scope: Scoped::Run, ..Variable::new(name, VariableValue::Service(from), at(line)) }
    };
    let part = &mut model.components[0];
    part.name = Some(Requested { value: "front".to_owned(), origin: at(90) });
    part.processes.push(DeclaredProcess::bare(internal, ProcessKind::Private, at(91)));
    part.environment = vec![
        variable("INTERNAL", "internal", "host-port", 92),
        variable("FRONT_HOST", "front", "host", 93),
        variable("TOKEN", "internal", "API_TOKEN", 94),
    ];
    let has = |platform: &str, lines: &[&str]| {
        let made = to(platform, &model);
        let text: String = made.files.values().cloned().collect();
        lines.iter().for_each(|line| assert!(text.contains(line), "{platform}: {line}\n{text}"));
        let about = |loss: &&Diagnostic| loss.code.contains("L07") && loss.at >= Some(at(92));
        assert_eq!(made.losses.iter().filter(about).count(), 3, "{:?}", made.losses);
    };
    has("compose", &["INTERNAL: internal:8080", "FRONT_HOST: web", "${TOKEN:?"]);
    has("kubernetes", &["value: shop-internal:80", "value: shop-web", "key: API_TOKEN"]);
}

#[test]
fn a_port_that_a_file_sets_counts_before_one_that_another_names() {
    let mut model = shop();
    let part = &mut model.components[0];
    part.processes[0].port = Some(Requested { value: packwright_planner::Port::Fixed(8000), origin: at(90) });
    part.environment = vec![Variable::literal("PORT", "10000", at(91))];
    for (platform, line) in [
        ("compose", "10000:10000"),
        ("kubernetes", "containerPort: 10000"),
        ("ecs", "\"containerPort\": 10000"),
        ("systemd", "PublishPort=10000:10000"),
        ("fly", "internal_port = 10000"),
    ] {
        let made = to(platform, &model);
        let text: String = made.files.values().cloned().collect();
        assert!(
            text.contains(line) || line.contains(':') && text.contains("\"10000\""),
            "{platform}: {text}"
        );
        assert!(!text.contains("8000\n"), "{platform}: {text}");
        let told = |loss: &&Diagnostic| loss.code == "convert/L31-port";
        assert_eq!(made.losses.iter().filter(told).count(), 1, "{platform}: {:?}", made.losses);
    }
}

#[test]
fn a_platform_that_chooses_the_port_is_told_none() {
    let mut model = shop();
    model.components[0].environment = vec![Variable::literal("PORT", "10000", at(91))];
    for platform in ["heroku", "platformsh", "upsun", "cloudfoundry"] {
        let made = to(platform, &model);
        assert!(made.files.values().all(|text| !text.contains("10000")), "{platform}: {:?}", made.files);
        let told = |loss: &&Diagnostic| loss.message.contains("PORT") && loss.at == Some(at(91));
        assert!(made.losses.iter().any(|loss| told(&loss)), "{platform}: {:?}", made.losses);
    }
}
