//! Units for the sample shop, and schedules.

use expect_test::expect;
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::*;
use crate::generate;
use crate::generate::limits::Limits;

#[test]
fn a_shop() {
    let tree = MemoryTree::parse(
        "//- /render.yaml
services:
- type: web
  name: shop
  runtime: python
  startCommand: gunicorn shop.wsgi
  preDeployCommand: python manage.py migrate
  healthCheckPath: /healthz
  numInstances: 2
  maxShutdownDelaySeconds: 60
  domains: [shop.example.com]
  disk: {name: media, mountPath: /app/media, sizeGB: 1}
  envVars:
  - {key: GREETING, value: 'a \"b\" $c %d'}
  - {key: SECRET_KEY, generateValue: true}
  - {key: DATABASE_URL, fromDatabase: {name: shopdb, property: connectionString}}
- {type: worker, name: celery, runtime: python, startCommand: celery -A shop worker}
- {type: cron, name: nightly, runtime: python, schedule: '*/30 3 * * 1-5', startCommand: python manage.py nightly}
databases: [{name: shopdb, postgresMajorVersion: '16'}]
",
    );
    let model = crate::model(&tree);
    let conversion = Conversion { model: &model, image: Some("example.org/shop:1") };
    let written = crate::write::written(&conversion, write);
    let mut out = String::new();
    for (path, text) in &written.files {
        out += &format!("--- {path}\n{text}");
    }
    for loss in &written.losses {
        out += &format!("{} {}\n", loss.code, loss.message);
    }
    expect![[r#"
        --- systemd/shop-celery.container
        [Unit]
        Description=celery of shop
        Requires=shop-release.service
        After=shop-release.service

        [Container]
        Image=example.org/shop:1
        ContainerName=shop-celery
        Entrypoint=/packwright/process/celery
        Network=shop.network
        Environment="GREETING=a \"b\" $$c %%d"
        EnvironmentFile=./shop.env
        Volume=shop-media.volume:/app/media:U
        DropCapability=all
        NoNewPrivileges=true

        [Service]
        Restart=always

        [Install]
        WantedBy=multi-user.target default.target
        --- systemd/shop-media.volume
        [Volume]
        --- systemd/shop-nightly.container
        [Unit]
        Description=nightly of shop

        [Container]
        Image=example.org/shop:1
        ContainerName=shop-nightly
        Entrypoint=/packwright/process/nightly
        Network=shop.network
        Environment="GREETING=a \"b\" $$c %%d"
        EnvironmentFile=./shop.env
        Volume=shop-media.volume:/app/media:U
        DropCapability=all
        NoNewPrivileges=true

        [Service]
        Type=oneshot
        TimeoutStartSec=infinity
        --- systemd/shop-nightly.timer
        [Unit]
        Description=nightly of shop, */30 3 * * 1-5

        [Timer]
        OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 03:00/30:00 UTC

        [Install]
        WantedBy=timers.target
        --- systemd/shop-release.container
        [Unit]
        Description=release of shop

        [Container]
        Image=example.org/shop:1
        ContainerName=shop-release
        Entrypoint=/packwright/process/release
        Network=shop.network
        Environment="GREETING=a \"b\" $$c %%d"
        EnvironmentFile=./shop.env
        Volume=shop-media.volume:/app/media:U
        DropCapability=all
        NoNewPrivileges=true

        [Service]
        Type=oneshot
        TimeoutStartSec=infinity
        RemainAfterExit=yes
        --- systemd/shop-web.container
        [Unit]
        Description=web of shop
        Requires=shop-release.service
        After=shop-release.service

        [Container]
        Image=example.org/shop:1
        ContainerName=shop-web
        Entrypoint=/packwright/process/web
        Network=shop.network
        Environment="GREETING=a \"b\" $$c %%d"
        EnvironmentFile=./shop.env
        Environment=PORT=8080
        PublishPort=8080:8080
        Volume=shop-media.volume:/app/media:U
        StopTimeout=60
        DropCapability=all
        NoNewPrivileges=true

        [Service]
        Restart=always

        [Install]
        WantedBy=multi-user.target default.target
        --- systemd/shop.env
        # Values that have to be given. Let nobody else read this file.

        # the connection-string of `shopdb`
        #DATABASE_URL=

        # a long random text
        #SECRET_KEY=
        --- systemd/shop.network
        [Network]
        convert/L06-secret nobody makes up `SECRET_KEY`
        convert/L07-service-binding `DATABASE_URL` is not told by `shopdb`
        convert/L13-volume `/app/media` has no limit
        convert/L10-health nobody asks whether `web` is well
        convert/L11-scale one instance of `web` runs
        convert/L03-release `release` runs before the others start, not for a new version
        convert/L16-build systemd does not build: how the image is made is not written
        convert/L30-scope the build has none of these variables from systemd: `GREETING`, `SECRET_KEY`, `DATABASE_URL`
        convert/L27-services `shopdb` (postgresql) is not made
        convert/L26-domains systemd knows no names: `shop.example.com` is not written
    "#]]
    .assert_eq(&out);
}

#[test]
fn schedules() {
    let cases = [
        ("0 3 * * *", vec!["*-*-* 03:00:00 UTC"]),
        ("*/15 * * * *", vec!["*-*-* *:00/15:00 UTC"]),
        ("0 0 1,15 jan-mar *", vec!["*-01..03-01,15 00:00:00 UTC"]),
        ("30 8-18/2 * * 1-5", vec!["Mon,Tue,Wed,Thu,Fri *-*-* 08..18/2:30:00 UTC"]),
        ("0 0 13 * 5", vec!["*-*-13 00:00:00 UTC", "Fri *-*-* 00:00:00 UTC"]),
        ("0 0 * * 0,7", vec!["Sun *-*-* 00:00:00 UTC"]),
        ("0 0 * * SUN-sat", vec!["*-*-* 00:00:00 UTC"]),
        ("@daily", vec!["*-*-* 00:00:00 UTC"]),
        ("0 0 */2 * */2", vec!["Tue,Thu,Sat,Sun *-*-01/2 00:00:00 UTC"]),
    ];
    for (schedule, expected) in cases {
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(calendar::events(schedule), Some(expected), "{schedule}");
    }
    for schedule in [
        "",
        "every 24 hours",
        "60 * * * *",
        "* * * *",
        "*/0 * * * *",
        "5-1 * * * *",
        "x * * * *",
        "* * * * 6-2",
    ] {
        assert_eq!(calendar::events(schedule), None, "{schedule}");
    }
}

proptest! {
    /// Units of any model are lines of sections, whatever is in its values; there is one for each process.
    #[test]
    fn any_model(model in generate::model(Limits::default())) {
        let written = write(&Conversion { model: &model, image: None });
        for (path, text) in written.files.iter().filter(|(path, _)| !path.ends_with(".env")) {
            for line in text.lines() {
                let is_section = line.starts_with('[') && line.ends_with(']');
                let known = line.split_once('=').is_some_and(|(key, _)| key.chars().all(|letter| letter.is_ascii_alphabetic()) && !key.is_empty());
                prop_assert!(line.is_empty() || is_section || known, "{path}: {line}");
            }
        }
        let processes: usize = model.components.iter().map(|part| part.processes.len()).sum();
        let units = written.files.keys().filter(|path| path.ends_with(".container")).count();
        prop_assert!(units <= processes && (processes == 0) == (units == 0));
    }

    /// What stands between quotes reads back as what was written.
    #[test]
    fn quotes(word in "\\PC{0,20}|[\\x00-\\x7f]{0,8}") {
        let text = file::quoted(&word);
        let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&text);
        let mut read = Vec::new();
        let mut letters = inner.chars();
        while let Some(letter) = letters.next() {
            let mut next = || letters.next().unwrap();
            match letter {
                '\\' => match next() {
                    'n' => read.push(b'\n'),
                    'r' => read.push(b'\r'),
                    't' => read.push(b'\t'),
                    'x' => {
                        let digits: String = [next(), next()].iter().collect();
                        read.push(u8::from_str_radix(&digits, 16).unwrap());
                    }
                    other => read.extend(other.to_string().bytes()),
                },
                '%' | '$' => {
                    prop_assert_eq!(next(), letter);
                    read.push(letter as u8);
                }
                other => read.extend(other.to_string().bytes()),
            }
        }
        prop_assert_eq!(String::from_utf8(read).unwrap(), word);
    }
}
