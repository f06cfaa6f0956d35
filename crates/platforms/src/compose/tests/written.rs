//! The Compose file that is written for the sample shop. `container/tests/writers.rs` tests what holds for
//! every platform that runs containers.

use expect_test::expect;

use super::super::write;
use crate::container::tests::{shop_written, shown};

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
