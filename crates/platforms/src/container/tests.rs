//! References of images, ways to start, health checks and sizes as they are found.

use super::*;

#[test]
fn images_of_services_are_known_with_their_versions() {
    let is = |reference: &str, kind: ServiceKind, version: Option<&str>| {
        assert_eq!(image(reference), Image::Service(kind, version.map(str::to_owned)), "{reference}");
    };
    is("postgres:16-alpine", ServiceKind::Postgres, Some("16"));
    is("postgres", ServiceKind::Postgres, None);
    is("docker.io/library/postgres:latest", ServiceKind::Postgres, None);
    is("postgis/postgis:15-3.4", ServiceKind::Postgres, Some("15"));
    is("pgvector/pgvector:pg16", ServiceKind::Postgres, Some("16"));
    is("localhost:5000/redis:7.2.4@sha256:00", ServiceKind::Redis, Some("7.2.4"));
    is("localhost:5000/redis", ServiceKind::Redis, None);
    is("valkey/valkey:8", ServiceKind::Redis, Some("8"));
    is("mariadb:11", ServiceKind::Mysql, Some("11"));
    is("docker.elastic.co/elasticsearch/elasticsearch:8.15.0", ServiceKind::Elasticsearch, Some("8.15.0"));
    is("confluentinc/cp-kafka:7.6.0", ServiceKind::Kafka, Some("7.6.0"));
    is("minio/minio", ServiceKind::S3, None);
}

#[test]
fn programs_beside_the_application_are_no_part_of_it() {
    for others in ["nginx:1.27", "prom/prometheus", "prometheuscommunity/postgres-exporter:v0.15", "mongo-express"] {
        assert_eq!(image(others), Image::Others, "{others}");
    }
    for own in ["ghcr.io/me/shop:1", "shop", "registry.example.com:5000/team/shop-web@sha256:00", ""] {
        assert_eq!(image(own), Image::Unknown, "{own}");
    }
}

#[test]
fn containers_start_as_they_say() {
    let words = |words: &[&str]| Some(words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
    assert_eq!(start(None, None), Start::Bare);
    assert_eq!(start(words(&[]), words(&[])), Start::Bare);
    assert_eq!(start(words(&["/packwright/process/worker"]), None), Start::Named("worker".parse().unwrap()));
    assert_eq!(start(None, words(&["-p", "80"])), Start::Options(vec!["-p".to_owned(), "80".to_owned()]));
    assert_eq!(start(words(&["run"]), words(&["-v"])), Start::By(Command::exec(["run", "-v"])));
    assert_eq!(start(None, words(&["run", "-v"])), Start::By(Command::exec(["run", "-v"])));
    let odd = "/packwright/process/-";
    assert_eq!(start(words(&[odd]), None), Start::By(Command::exec([odd])));
}

#[test]
fn a_check_that_only_gets_a_page_is_a_path() {
    let http = |line: &str, path: &str| {
        assert_eq!(probe(Command::shell(line)), Probe::Http(path.to_owned()), "{line}");
    };
    http("curl -f http://localhost:8000/healthz || exit 1", "/healthz");
    http("wget --quiet --tries=1 --spider http://127.0.0.1:${PORT}/a?b=c", "/a?b=c");
    http("curl -fsS 'http://localhost'", "/");
    let exec = |line: &str| {
        assert_eq!(probe(Command::shell(line)), Probe::Exec(Command::shell(line)), "{line}");
    };
    exec("curl -f http://localhost/x | grep ok");
    exec("curl -f http://other:80/x");
    exec("pg_isready -U postgres");
    let listed = Command::exec(["sh", "-c", "curl -f localhost:3000/up"]);
    assert_eq!(probe(listed), Probe::Http("/up".to_owned()));
}

#[test]
fn sizes_are_the_same_in_all_units() {
    let size = Size { cpu: Size::cpu_of("0.25"), memory: Size::compose_bytes("512M") };
    assert_eq!(size.told().as_deref(), Some("cpu 250m, memory 512Mi"));
    assert_eq!(Size::of("cpu 250m, memory 512Mi"), Some(size));
    assert_eq!(Size::of("memory 1000"), Some(Size { cpu: None, memory: Some(1000) }));
    assert_eq!(Size::of("standard-1x"), None);
    assert_eq!(Size::quantity("1.5Gi"), Some(3 << 29));
    assert_eq!(Size::quantity("500M"), Some(500_000_000));
    assert_eq!(Size::quantity("1X"), None);
    assert_eq!(Size::quantity("99999999999999999Ti"), None);
    assert_eq!(Size::cpu_of("2"), Some(2000));
}

#[test]
fn names_are_made_to_fit() {
    let fitted = |text: &str| process_name(text).map(|name| name.to_string());
    assert_eq!(fitted("web"), Some("web".to_owned()));
    assert_eq!(fitted("my.app/web-"), Some("my-app-web".to_owned()));
    assert_eq!(fitted("é"), None);
    assert_eq!(fitted(&"x".repeat(99)), Some("x".repeat(63)));
}
