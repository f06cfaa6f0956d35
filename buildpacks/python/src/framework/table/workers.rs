//! Frameworks whose applications take jobs from a queue and answer no requests: `worker` processes
//! beside the web application, or alone.

use super::row::{Framework, Launch, Mark, Sign};

const fn worker(name: &'static str, id: &'static str, signs: &'static [Sign]) -> Framework {
    // The slice lives as long as the constant that `id` is.
    Framework { name, id, module: id, packages: &[], signs, brings: &[], is_library_too: true }
}

/// The frameworks, in the order in which they get the name `worker`.
pub(crate) const WORKERS: &[Framework] = &[
    Framework {
        packages: &["celery"],
        ..worker(
            "Celery",
            "celery",
            &[Sign {
                mark: Mark::Makes(&["celery.Celery", "celery.app.Celery", "celery.app.base.Celery"]),
                launch: Launch::Program("celery -A {celery} worker --loglevel=INFO", None),
            }],
        )
    },
    Framework {
        packages: &["dramatiq"],
        ..worker(
            "Dramatiq",
            "dramatiq",
            &[Sign {
                mark: Mark::Calls(&["dramatiq.actor"]),
                launch: Launch::Program("dramatiq {modules}", None),
            }],
        )
    },
    Framework {
        packages: &["huey"],
        ..worker(
            "Huey",
            "huey",
            &[Sign {
                mark: Mark::Makes(&[
                    "huey.RedisHuey",
                    "huey.PriorityRedisHuey",
                    "huey.RedisExpireHuey",
                    "huey.PriorityRedisExpireHuey",
                    "huey.SqliteHuey",
                    "huey.FileHuey",
                    "huey.PostgresqlHuey",
                    "huey.contrib.sql_huey.SqlHuey",
                ]),
                launch: Launch::Program("huey_consumer.py {module}.{name}", None),
            }],
        )
    },
    Framework {
        packages: &["arq"],
        ..worker(
            "arq",
            "arq",
            &[Sign {
                mark: Mark::Class("WorkerSettings"),
                launch: Launch::Program("arq {module}.{name}", None),
            }],
        )
    },
    Framework {
        packages: &["taskiq"],
        ..worker(
            "Taskiq",
            "taskiq",
            &[Sign {
                mark: Mark::Makes(&[
                    "taskiq_redis.ListQueueBroker",
                    "taskiq_redis.PubSubBroker",
                    "taskiq_redis.RedisStreamBroker",
                    "taskiq_aio_pika.AioPikaBroker",
                    "taskiq_nats.NatsBroker",
                ]),
                launch: Launch::Program("taskiq worker {module}:{name}", None),
            }],
        )
    },
    // A script that works is better than the program: it knows queues and connection.
    Framework {
        packages: &["rq"],
        ..worker(
            "RQ",
            "rq",
            &[
                Sign {
                    mark: Mark::Calls(&[
                        "rq.Worker",
                        "rq.worker.Worker",
                        "rq.SimpleWorker",
                        "rq.worker_pool.WorkerPool",
                    ]),
                    launch: Launch::Program("python {file}", None),
                },
                Sign {
                    mark: Mark::Calls(&["rq.Queue", "rq.queue.Queue"]),
                    // In quotes, so that without a URL the error is about that.
                    launch: Launch::Program("rq worker --url \"$REDIS_URL\" {queues}", None),
                },
            ],
        )
    },
];
