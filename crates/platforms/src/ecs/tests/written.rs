//! The task definitions that are written for the sample shop. `container/tests/writers.rs` tests what holds
//! for every platform that runs containers.

use expect_test::expect;

use super::super::write;
use crate::container::tests::{shop_written, shown};

#[test]
fn the_shop() {
    let written = shop_written(write);
    expect![[r#"
        //- /ecs/nightly.json
        {
          "family": "shop-nightly",
          "networkMode": "awsvpc",
          "requiresCompatibilities": [
            "FARGATE"
          ],
          "cpu": "256",
          "memory": "512",
          "containerDefinitions": [
            {
              "name": "nightly",
              "image": "registry.example.com/shop:1",
              "essential": true,
              "entryPoint": [
                "/packwright/process/nightly"
              ],
              "environment": [
                {
                  "name": "DJANGO_SETTINGS_MODULE",
                  "value": "shop.settings"
                },
                {
                  "name": "PRICE_FORMAT",
                  "value": "$ $(AMOUNT) ${AMOUNT}"
                }
              ],
              "secrets": [
                {
                  "name": "SECRET_KEY",
                  "valueFrom": "/shop/SECRET_KEY"
                },
                {
                  "name": "STRIPE_KEY",
                  "valueFrom": "/shop/STRIPE_KEY"
                },
                {
                  "name": "OLD_TOKEN",
                  "valueFrom": "/shop/OLD_TOKEN"
                },
                {
                  "name": "DATABASE_URL",
                  "valueFrom": "/shop/DATABASE_URL"
                },
                {
                  "name": "CACHE_HOST",
                  "valueFrom": "/shop/CACHE_HOST"
                },
                {
                  "name": "MAIL_URL",
                  "valueFrom": "/shop/MAIL_URL"
                }
              ],
              "linuxParameters": {
                "initProcessEnabled": true
              }
            }
          ]
        }
        //- /ecs/release.json
        {
          "family": "shop-release",
          "networkMode": "awsvpc",
          "requiresCompatibilities": [
            "FARGATE"
          ],
          "cpu": "256",
          "memory": "512",
          "containerDefinitions": [
            {
              "name": "release",
              "image": "registry.example.com/shop:1",
              "essential": true,
              "entryPoint": [
                "/packwright/process/release"
              ],
              "environment": [
                {
                  "name": "DJANGO_SETTINGS_MODULE",
                  "value": "shop.settings"
                },
                {
                  "name": "PRICE_FORMAT",
                  "value": "$ $(AMOUNT) ${AMOUNT}"
                }
              ],
              "secrets": [
                {
                  "name": "SECRET_KEY",
                  "valueFrom": "/shop/SECRET_KEY"
                },
                {
                  "name": "STRIPE_KEY",
                  "valueFrom": "/shop/STRIPE_KEY"
                },
                {
                  "name": "OLD_TOKEN",
                  "valueFrom": "/shop/OLD_TOKEN"
                },
                {
                  "name": "DATABASE_URL",
                  "valueFrom": "/shop/DATABASE_URL"
                },
                {
                  "name": "CACHE_HOST",
                  "valueFrom": "/shop/CACHE_HOST"
                },
                {
                  "name": "MAIL_URL",
                  "valueFrom": "/shop/MAIL_URL"
                }
              ],
              "linuxParameters": {
                "initProcessEnabled": true
              }
            }
          ]
        }
        //- /ecs/web.json
        {
          "family": "shop-web",
          "networkMode": "awsvpc",
          "requiresCompatibilities": [
            "FARGATE"
          ],
          "cpu": "512",
          "memory": "1024",
          "containerDefinitions": [
            {
              "name": "web",
              "image": "registry.example.com/shop:1",
              "essential": true,
              "entryPoint": [
                "/packwright/process/web"
              ],
              "portMappings": [
                {
                  "containerPort": 8080,
                  "protocol": "tcp"
                }
              ],
              "environment": [
                {
                  "name": "PORT",
                  "value": "8080"
                },
                {
                  "name": "DJANGO_SETTINGS_MODULE",
                  "value": "shop.settings"
                },
                {
                  "name": "PRICE_FORMAT",
                  "value": "$ $(AMOUNT) ${AMOUNT}"
                }
              ],
              "secrets": [
                {
                  "name": "SECRET_KEY",
                  "valueFrom": "/shop/SECRET_KEY"
                },
                {
                  "name": "STRIPE_KEY",
                  "valueFrom": "/shop/STRIPE_KEY"
                },
                {
                  "name": "OLD_TOKEN",
                  "valueFrom": "/shop/OLD_TOKEN"
                },
                {
                  "name": "DATABASE_URL",
                  "valueFrom": "/shop/DATABASE_URL"
                },
                {
                  "name": "CACHE_HOST",
                  "valueFrom": "/shop/CACHE_HOST"
                },
                {
                  "name": "MAIL_URL",
                  "valueFrom": "/shop/MAIL_URL"
                }
              ],
              "stopTimeout": 60,
              "linuxParameters": {
                "initProcessEnabled": true
              }
            }
          ]
        }
        //- /ecs/worker.json
        {
          "family": "shop-worker",
          "networkMode": "awsvpc",
          "requiresCompatibilities": [
            "FARGATE"
          ],
          "cpu": "256",
          "memory": "512",
          "containerDefinitions": [
            {
              "name": "worker",
              "image": "registry.example.com/shop:1",
              "essential": true,
              "entryPoint": [
                "/packwright/process/worker"
              ],
              "environment": [
                {
                  "name": "DJANGO_SETTINGS_MODULE",
                  "value": "shop.settings"
                },
                {
                  "name": "PRICE_FORMAT",
                  "value": "$ $(AMOUNT) ${AMOUNT}"
                }
              ],
              "secrets": [
                {
                  "name": "SECRET_KEY",
                  "valueFrom": "/shop/SECRET_KEY"
                },
                {
                  "name": "STRIPE_KEY",
                  "valueFrom": "/shop/STRIPE_KEY"
                },
                {
                  "name": "OLD_TOKEN",
                  "valueFrom": "/shop/OLD_TOKEN"
                },
                {
                  "name": "DATABASE_URL",
                  "valueFrom": "/shop/DATABASE_URL"
                },
                {
                  "name": "CACHE_HOST",
                  "valueFrom": "/shop/CACHE_HOST"
                },
                {
                  "name": "MAIL_URL",
                  "valueFrom": "/shop/MAIL_URL"
                }
              ],
              "healthCheck": {
                "command": [
                  "CMD-SHELL",
                  "celery inspect ping -d worker@$HOSTNAME"
                ],
                "interval": 15,
                "timeout": 3
              },
              "linuxParameters": {
                "initProcessEnabled": true
              }
            }
          ]
        }
        Warning convert/L26-domains A task definition knows no names: `shop.example.com` is not written
        Warning convert/L27-services `db` (postgresql) is not written
        Warning convert/L27-services `cache` (redis) is not written
        Warning convert/L27-services `search` (solr) is not written
        Warning convert/L13-volume nothing lasts at `/app/media`: which file system is mounted is not known
        Warning convert/L11-scale how many tasks of `web` run is said by its service
        Warning convert/L06-secret nobody makes up `SECRET_KEY`
        Warning convert/L32-variables `SENTRY_DSN` may be given, which a task definition cannot say
        Warning convert/L06-secret the value of `OLD_TOKEN` looks like a secret and is not written
        Warning convert/L07-service-binding `DATABASE_URL` is not told by `db`
        Warning convert/L07-service-binding `CACHE_HOST` is not told by `cache`
        Warning convert/L06-secret `MAIL_URL` does not come from group mail
        Warning convert/L10-health nobody asks `web` for `/healthz`: the image has no program for that
        Warning convert/L11-scale the task of `worker` has the size 256 with 512 MB
        Warning convert/L12-cron a task definition has no clock: `nightly` is not started at `0 3 * * *`
        Warning convert/L11-scale the task of `nightly` has the size 256 with 512 MB
        Warning convert/L03-release `release` is not run by itself for a new version
        Warning convert/L11-scale the task of `release` has the size 256 with 512 MB
        Info convert/execution-role the task definitions have no role, no log and no kind of processor
    "#]]
    .assert_eq(&shown(&written));
}
