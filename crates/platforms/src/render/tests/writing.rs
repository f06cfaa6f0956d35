//! Writing Blueprints.

use expect_test::expect;
use packwright_planner::{AppModel, MemoryTree, Requested};
use proptest::prelude::*;

use super::super::write;
use crate::generate;
use crate::generate::limits::Limits;
use crate::write::{Conversion, Converted};

fn converted(model: &AppModel, image: Option<&str>) -> Converted {
    write(&Conversion { model, image })
}

/// What is read back from what is written, less what the losses name; and the rules.
fn check(model: &AppModel, image: Option<&str>) -> Result<(), TestCaseError> {
    let out = converted(model, image);
    let read = crate::model(&generate::tree(&out.files));
    let differences = generate::differences(model, &read, &out.losses);
    prop_assert_eq!(differences, Vec::<String>::new(), "{:#?}", out.files);
    if let Some(text) = out.files.get("render.yaml") {
        let value = packwright_documents::yaml(text).unwrap().remove(0);
        prop_assert_eq!(super::rules::breaches(&value), Vec::<String>::new(), "{}", text);
    }
    let wrong: Vec<_> = read
        .diagnostics
        .iter()
        .filter(|told| !matches!(told.code.as_str(), "render/name" | "render/group"))
        .collect();
    prop_assert!(wrong.is_empty(), "{:#?}", wrong);
    Ok(())
}

#[test]
fn a_shop_from_heroku() {
    let tree = MemoryTree::parse(
        r#"//- /Procfile
release: python manage.py migrate --noinput
web: gunicorn shop.wsgi --log-file -
worker: celery -A shop worker -l info
//- /app.json
{ "name": "shop",
  "env": {
    "SECRET_KEY": {"generator": "secret"}, "SENTRY_DSN": {"required": false}, "STRIPE_KEY": {}, "DEBUG": "False",
    "MAIL_PASSWORD": "hunter2hunter2" },
  "formation": { "web": {"quantity": 2, "size": "standard-1x"}, "worker": {"quantity": 1} },
  "addons": [{"plan": "heroku-postgresql:essential-0", "options": {"version": "16"}}, "heroku-redis:mini", "papertrail"],
  "buildpacks": [{"url": "heroku/nodejs"}, {"url": "heroku/python"}],
  "scripts": {"postdeploy": "python manage.py loaddata seed"},
  "environments": {"review": {"env": {"STAGE": "review"}}} }
//- /Aptfile
libpq5
"#,
    );
    expect![[r#"
        //- /render.yaml
        services:
          - type: web
            name: shop
            runtime: python
            startCommand: gunicorn shop.wsgi --log-file -
            numInstances: 2
            preDeployCommand: python manage.py migrate --noinput
            initialDeployHook: python manage.py loaddata seed
            envVars:
              - key: SENTRY_DSN
                sync: false
              - key: STRIPE_KEY
                sync: false
              - key: DEBUG
                value: "False"
              - key: MAIL_PASSWORD
                sync: false
              - key: DATABASE_URL
                fromDatabase:
                  name: heroku-postgresql
                  property: connectionString
              - key: REDIS_URL
                fromService:
                  type: keyvalue
                  name: heroku-redis
                  property: connectionString
              - fromGroup: shared-secrets
          - type: worker
            name: worker
            runtime: python
            startCommand: celery -A shop worker -l info
            numInstances: 1
            envVars:
              - key: SENTRY_DSN
                sync: false
              - key: STRIPE_KEY
                sync: false
              - key: DEBUG
                value: "False"
              - key: MAIL_PASSWORD
                sync: false
              - key: DATABASE_URL
                fromDatabase:
                  name: heroku-postgresql
                  property: connectionString
              - key: REDIS_URL
                fromService:
                  type: keyvalue
                  name: heroku-redis
                  property: connectionString
              - fromGroup: shared-secrets
          - type: keyvalue
            name: heroku-redis
            ipAllowList: []
        databases:
          - name: heroku-postgresql
            postgresMajorVersion: "16"
        envVarGroups:
          - name: shared-secrets
            envVars:
              - key: SECRET_KEY
                generateValue: true
        //- losses
        convert/L11-scale: `essential-0` is no plan of Render's for `heroku-postgresql`
        convert/L11-scale: `mini` is no plan of Render's for `heroku-redis`
        convert/L27-services: Render has no service of the kind of `papertrail` (papertrail)
        convert/L14-components: a Blueprint has no name of its own, such as `shop`
        convert/L07-service-binding: Render tells nobody of `heroku-postgresql` by itself: DATABASE_URL
        convert/L07-service-binding: Render tells nobody of `heroku-redis` by itself: REDIS_URL
        convert/L16-build: Render builds in its own way, with one command
        convert/L16-build: Render wants a `buildCommand`, and none is known
        convert/L17-packages: Render installs no package `libpq5`
        convert/L06-secret: Render asks for `SENTRY_DSN`, which may be left empty
        convert/L06-secret: the value of `MAIL_PASSWORD` looks like a secret and is not written
        convert/L11-scale: `standard-1x` is no plan of Render's for `web`
        convert/L15-overlay: what is different in `review` is not written
    "#]]
    .assert_eq(&generate::written(&converted(&crate::model(&tree), None)));
}

#[test]
fn a_free_service_has_no_command_before_its_deployment() {
    let lost = |plan: &str| {
        let tree = MemoryTree::parse(&format!(
            "//- /render.yaml\nservices:\n  - type: web\n    name: shop\n    runtime: python\n    plan: {plan}\n    buildCommand: make\n    startCommand: run\n    preDeployCommand: migrate\n"
        ));
        let made = converted(&crate::model(&tree), None);
        made.losses.iter().any(|loss| loss.message.contains("has no `preDeployCommand` for `release`"))
    };
    assert!(lost("free"));
    assert!(!lost("starter"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn round_trip_of_what_render_builds(model in generate::model(Limits::default())) {
        let mut model = model;
        for part in &mut model.components {
            part.language = Some(Requested { value: "python".to_owned(), origin: generate::limits::nowhere() });
        }
        check(&model, None)?;
    }

    #[test]
    fn round_trip_of_images(model in generate::model(Limits::default())) {
        check(&model, Some("registry.example.com/shop:1"))?;
        check(&model, None)?;
    }
}
