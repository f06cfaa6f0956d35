//! What is written: the shop's Compose file, and that what is written is read as what it was.

use expect_test::expect;
use proptest::prelude::*;

use super::super::write;
use crate::container::tests::{differences, of_an_image, runs, shop_written, shown};
use crate::generate::{self, Limits};
use crate::write::Conversion;

#[test]
fn the_shop() {
    let written = shop_written(write);
    expect![[r#"
        //- /compose.yaml
        name: shop
        services:
          web:
            image: registry.example.com/shop:1
            entrypoint:
              - /packwright/process/web
            init: true
            environment:
              PORT: "8080"
              DJANGO_SETTINGS_MODULE: shop.settings
              PRICE_FORMAT: $$ $$(AMOUNT) $${AMOUNT}
              SECRET_KEY: ${SECRET_KEY:?give it a value}
              STRIPE_KEY: ${STRIPE_KEY:?give it a value}
              SENTRY_DSN: ${SENTRY_DSN:-}
              OLD_TOKEN: ${OLD_TOKEN:?give it a value}
              DATABASE_URL: postgres://postgres:${DB_PASSWORD:?choose a password}@db:5432/postgres
              CACHE_HOST: cache
              MAIL_URL: ${MAIL_URL:?give it a value}
            ports:
              - "8080"
            volumes:
              - media:/app/media
            depends_on:
              db:
                condition: service_healthy
              cache:
                condition: service_healthy
              release:
                condition: service_completed_successfully
            deploy:
              replicas: 2
              resources:
                limits:
                  cpus: "0.5"
                  memory: 1024M
            stop_grace_period: 60s
            restart: unless-stopped
          worker:
            image: registry.example.com/shop:1
            entrypoint:
              - /packwright/process/worker
            init: true
            environment:
              DJANGO_SETTINGS_MODULE: shop.settings
              PRICE_FORMAT: $$ $$(AMOUNT) $${AMOUNT}
              SECRET_KEY: ${SECRET_KEY:?give it a value}
              STRIPE_KEY: ${STRIPE_KEY:?give it a value}
              SENTRY_DSN: ${SENTRY_DSN:-}
              OLD_TOKEN: ${OLD_TOKEN:?give it a value}
              DATABASE_URL: postgres://postgres:${DB_PASSWORD:?choose a password}@db:5432/postgres
              CACHE_HOST: cache
              MAIL_URL: ${MAIL_URL:?give it a value}
            volumes:
              - media:/app/media
            depends_on:
              db:
                condition: service_healthy
              cache:
                condition: service_healthy
              release:
                condition: service_completed_successfully
            healthcheck:
              test:
                - CMD-SHELL
                - celery inspect ping -d worker@$$HOSTNAME
              interval: 15s
              timeout: 3s
            restart: unless-stopped
          nightly:
            image: registry.example.com/shop:1
            entrypoint:
              - /packwright/process/nightly
            init: true
            profiles:
              - cron
            environment:
              DJANGO_SETTINGS_MODULE: shop.settings
              PRICE_FORMAT: $$ $$(AMOUNT) $${AMOUNT}
              SECRET_KEY: ${SECRET_KEY:?give it a value}
              STRIPE_KEY: ${STRIPE_KEY:?give it a value}
              SENTRY_DSN: ${SENTRY_DSN:-}
              OLD_TOKEN: ${OLD_TOKEN:?give it a value}
              DATABASE_URL: postgres://postgres:${DB_PASSWORD:?choose a password}@db:5432/postgres
              CACHE_HOST: cache
              MAIL_URL: ${MAIL_URL:?give it a value}
            volumes:
              - media:/app/media
            depends_on:
              db:
                condition: service_healthy
              cache:
                condition: service_healthy
              release:
                condition: service_completed_successfully
            restart: "no"
          release:
            image: registry.example.com/shop:1
            entrypoint:
              - /packwright/process/release
            init: true
            environment:
              DJANGO_SETTINGS_MODULE: shop.settings
              PRICE_FORMAT: $$ $$(AMOUNT) $${AMOUNT}
              SECRET_KEY: ${SECRET_KEY:?give it a value}
              STRIPE_KEY: ${STRIPE_KEY:?give it a value}
              SENTRY_DSN: ${SENTRY_DSN:-}
              OLD_TOKEN: ${OLD_TOKEN:?give it a value}
              DATABASE_URL: postgres://postgres:${DB_PASSWORD:?choose a password}@db:5432/postgres
              CACHE_HOST: cache
              MAIL_URL: ${MAIL_URL:?give it a value}
            volumes:
              - media:/app/media
            depends_on:
              db:
                condition: service_healthy
              cache:
                condition: service_healthy
            restart: "no"
          db:
            image: postgres:16
            environment:
              POSTGRES_PASSWORD: ${DB_PASSWORD:?choose a password}
            volumes:
              - db-data:/var/lib/postgresql/data
            healthcheck:
              test:
                - CMD
                - pg_isready
                - -U
                - postgres
              interval: 5s
              retries: 10
            restart: unless-stopped
          cache:
            image: redis
            volumes:
              - cache-data:/data
            healthcheck:
              test:
                - CMD
                - redis-cli
                - ping
              interval: 5s
              retries: 10
            restart: unless-stopped
        volumes:
          db-data: {}
          cache-data: {}
          media: {}
        Warning convert/L26-domains Compose knows no names: `shop.example.com` is not written
        Warning convert/L27-services no image is known for `search` (solr)
        Warning convert/L06-secret nobody makes up `SECRET_KEY`
        Warning convert/L06-secret the value of `OLD_TOKEN` looks like a secret and is not written
        Warning convert/L07-service-binding `CACHE_HOST` is written as the host of `cache`
        Warning convert/L06-secret `MAIL_URL` does not come from group mail
        Warning convert/L13-volume the volume for `/app/media` is `media`, without a size
        Warning convert/L10-health nobody asks `web` for `/healthz`: the image has no program for that
        Warning convert/L11-scale Compose does not scale by load: `web` has 2 containers
        Warning convert/L11-scale `standard-1x` is no size that Compose knows
        Warning convert/L12-cron Compose has no clock: `nightly` is not started at `0 3 * * *`
    "#]]
    .assert_eq(&shown(&written));
}

#[test]
fn without_an_image_its_place_is_named() {
    let model = crate::container::tests::shop();
    let written = write(&Conversion { model: &model, image: None });
    assert!(written.losses.iter().any(|loss| loss.code == "convert/L19-image"), "{:?}", written.losses);
    assert!(written.files.values().all(|text| text.contains("IMAGE")), "{:?}", written.files);
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(model in generate::model(Limits { components: 1, ..Limits::default() })) {
        let model = of_an_image(model);
        prop_assume!(runs(&model));
        let written = write(&Conversion { model: &model, image: None });
        prop_assert_eq!(differences("compose", &model, &written), Vec::<String>::new(), "{}", shown(&written));
    }

    #[test]
    fn several_parts_are_written_too(model in generate::model(Limits::default())) {
        let written = write(&Conversion { model: &model, image: Some("registry.example.com/shop:1") });
        let processes: usize = model.components.iter().map(|part| part.processes.len()).sum();
        let programs: usize =
            written.files.values().map(|text| text.matches("/packwright/process/").count()).sum();
        prop_assert_eq!(programs, processes);
    }
}
