//! Writing Heroku's files.

use expect_test::expect;
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::super::write;
use crate::generate;
use crate::generate::limits::Limits;
use crate::write::{Conversion, Converted, written};

fn converted(model: &packwright_planner::AppModel) -> Converted {
    written(&Conversion { model, image: None }, write)
}

#[test]
fn a_shop_from_render() {
    let tree = MemoryTree::parse(
        r#"//- /render.yaml
services:
  - type: web
    name: shop
    runtime: python
    plan: standard
    buildCommand: pip install -r requirements.txt && python manage.py collectstatic --noinput
    preDeployCommand: python manage.py migrate --noinput
    startCommand: gunicorn shop.wsgi
    healthCheckPath: /healthz
    maxShutdownDelaySeconds: 60
    scaling: {minInstances: 2, maxInstances: 4, targetCPUPercent: 60}
    domains: [shop.example.com]
    disk: {name: media, mountPath: /var/media, sizeGB: 10}
    envVars: &env
      - {key: PYTHON_VERSION, value: 3.12.4}
      - {key: SECRET_KEY, generateValue: true}
      - {key: STRIPE_KEY, sync: false}
      - {key: DEBUG, value: "False"}
      - {key: MAIL_PASSWORD, value: hunter2hunter2}
      - {key: DATABASE_URL, fromDatabase: {name: shopdb, property: connectionString}}
      - {key: REDIS_URL, fromService: {name: q, type: keyvalue, property: connectionString}}
  - {type: worker, name: celery, runtime: python, startCommand: celery -A shop worker, envVars: *env}
  - {type: cron, name: nightly, runtime: python, schedule: "0 3 * * *", startCommand: python manage.py nightly, envVars: *env}
  - {type: keyvalue, name: q, ipAllowList: []}
databases: [{name: shopdb, plan: basic-1gb, postgresMajorVersion: "16"}]
"#,
    );
    expect![[r#"
        //- /.python-version
        3.12.4
        //- /Procfile
        web: gunicorn shop.wsgi
        release: python manage.py migrate --noinput
        celery: celery -A shop worker
        //- /app.json
        {
          "env": {
            "SECRET_KEY": {
              "generator": "secret"
            },
            "STRIPE_KEY": {
              "required": true
            },
            "DEBUG": {
              "value": "False"
            },
            "MAIL_PASSWORD": {
              "required": true
            },
            "DATABASE_URL": {
              "required": false
            },
            "REDIS_URL": {
              "required": false
            }
          },
          "formation": {
            "web": {
              "quantity": 2
            }
          },
          "addons": [
            {
              "plan": "heroku-postgresql",
              "options": {
                "version": "16"
              }
            },
            "heroku-redis"
          ]
        }
        //- losses
        convert/L14-components: the part called `shop` has no name on Heroku
        convert/L06-secret: the value of `MAIL_PASSWORD` looks like a secret and is not written
        convert/L07-service-binding: `DATABASE_URL` is connection-string of shopdb, which Heroku tells in variables of its own names
        convert/L07-service-binding: `REDIS_URL` is connection-string of q, which Heroku tells in variables of its own names
        convert/L10-health: Heroku does not ask `web` whether it is well
        convert/L28-stop: Heroku ends `web` with SIGTERM and kills it after 30 seconds
        convert/L12-cron: `nightly` is not started by the clock (`0 3 * * *`)
        convert/L11-scale: `standard` is no size of Heroku's
        convert/L11-scale: the number of `web` does not change by itself: 2 run
        convert/L16-build: Heroku's buildpacks do not run `pip install -r requirements.txt && python manage.py collectstatic --noinput`
        convert/L16-build: no file says that the language is `python`: Heroku detects it
        convert/L13-volume: nothing in /var/media outlives an instance on Heroku
        convert/L11-scale: `basic-1gb` is no plan of Heroku's
        convert/L07-service-binding: `shopdb` becomes the add-on `heroku-postgresql`, which sets variables of its own
        convert/L07-service-binding: `q` becomes the add-on `heroku-redis`, which sets variables of its own
        convert/L26-domains: no file of Heroku has the domain `shop.example.com`
    "#]].assert_eq(&generate::written(&converted(&crate::model(&tree))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// What is read back is what was written, less what the losses name.
    #[test]
    fn round_trip(model in generate::model(Limits::default())) {
        let out = converted(&model);
        let read = crate::model(&generate::tree(&out.files));
        // The version of Python is read by its buildpack, from a file of its own.
        let version = out.files.get(".python-version").map(|text| format!("top: version of python: {text:?}"));
        let mut differences = generate::differences(&model, &read, &out.losses);
        differences.retain(|found| {
            !version.as_ref().is_some_and(|version| found.starts_with(&version.replace("\\n", "")))
        });
        prop_assert_eq!(differences, Vec::<String>::new(), "{:#?}", out.files);
    }

    /// `app.json` is as its schema has it.
    #[test]
    fn app_json_is_valid(model in generate::model(Limits::default())) {
        let out = converted(&model);
        let Some(text) = out.files.get("app.json") else { return Ok(()) };
        let value = packwright_documents::json_strict(text).unwrap();
        prop_assert_eq!(super::rules::breaches(&value), Vec::<String>::new(), "{}", text);
    }
}
