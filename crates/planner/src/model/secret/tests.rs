//! Names, values and commands with secrets, and harmless ones that look similar.

use super::*;
use crate::Command;

#[test]
fn names_and_values_that_hold_a_secret_are_found() {
    let secrets = [
        ("DB_PASS", "hunter2"),
        ("SMTP_PASS", "hunter2"),
        ("PGPASSWORD", "hunter2"),
        ("ADMIN_PASSWORD", "$ecret-pw"),
        ("BASIC_PASSWORD_HASH", "$2b$12$C6UzMDM.H6dfI/f/IKcEeO"),
        ("DEPLOY_PRIVATE", "abc"),
        ("SECRETKEY", "abc"),
        ("API_TOKENS", "a,b"),
        ("CLIENT_SECRETS", "a,b"),
        ("dbPass", "abc"),
        ("apiKey", "abc"),
        ("STRIPE_API_KEY", "abc"),
        ("POSTGRES_PASSWORD", "postgres"),
        ("SECRET_KEY", "changeme"),
        ("DB_PASSWORD", "12345678"),
        ("SECRET_KEY", "${SECRET_KEY:-changeme}"),
        ("ALERTS", "https://hooks.slack.com/services/T000/B000/XXXX"),
        ("REPOSITORY", "https://ghp_abcdefghijklmnopqrst@github.com/me/it"),
        ("REPOSITORY", "https://0123456789abcdef0123456789abcdef@host/it"),
        ("STORAGE", "DefaultEndpointsProtocol=https;AccountName=me;AccountKey=bWU=="),
        ("BUS", "Endpoint=sb://me.example/;SharedAccessKeyName=root;SharedAccessKey=abc="),
        ("DATABASE", "Server=db;User Id=sa;Password=hunter2"),
        ("DATABASE", "host=db user=me password=hunter2"),
        ("DATABASE", "postgres://u:hun/ter2@db/x"),
        ("DATABASE", "jdbc:postgresql://u:hunter2@db/x"),
        ("DATABASE", "jdbc:postgresql://db/x?user=u&password=hunter2"),
        ("RESET_PASSWORD_URL", "https://u:hunter2@host/reset"),
        ("HEADER", "Bearer ghp_abcdefghijklmnopqrst"),
        ("DATABASE", "Server=db; User Id=sa; Password = hunter2"),
        ("CONFIG", r#"{"user": "me", "password": "hunter2"}"#),
        ("CONFIG", r#"{\"user\":\"me\",\"client-secret\":\"hunter2\"}"#),
        ("CONFIG", r#"{"private_key": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"}"#),
        ("HOOK", "https://host/hook?token=abcdef"),
        ("API_TOKEN", "8842770193"),
        ("SECRET_KEY", "correct-horse-fake-staple"),
        ("HUB", "hf_abcdefghijk1mnopqrst"),
    ];
    let missed: Vec<_> = secrets.iter().filter(|(name, value)| !is_secret(name, value)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn settings_of_secrets_and_references_are_none() {
    let open = [
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "60"),
        ("REFRESH_TOKEN_LIFETIME", "15m"),
        ("MAX_TOKENS", "4096"),
        ("USE_SECRET", "1"),
        ("CSRF_TOKEN_HEADER", "X-CSRF"),
        ("PASSWORD_RESET_URL", "https://host:8080/reset"),
        ("TOKEN_ALGORITHM", "HS256"),
        ("POSTGRES_PASSWORD_FILE", "/run/secrets/password"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/app/key.json"),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("TOKENIZER", "gpt2"),
        ("GOPRIVATE", "example.com/ours"),
        ("PWD", "/app"),
        ("DB_PASSWORD", "$DB_PASSWORD"),
        ("DB_PASSWORD", "${DB_PASSWORD:?must be set}"),
        ("DB_PASSWORD", "${{Postgres.PGPASSWORD}}"),
        ("DATABASE_URL", "postgres://$(USER):$(PASS)@db/x"),
        ("DATABASE_URL", "postgres://${USER:-me}:${PASS}@${HOST:-db}/x"),
        ("SITE", "http://host:8080/path@v2"),
        ("SITE", "https://me@host/x"),
        ("CACHE_KEY", "app"),
        ("KEY_PREFIX", "app"),
        ("COMPASS", "north"),
        ("CONFIG", r#"{"password": "${PASSWORD}", "token": ""}"#),
        ("CONFIG", r#"{"token": "<token>", "api_key_name": "x"}"#),
        ("CERTIFICATE", "{\"ca\": \"-----BEGIN CERTIFICATE-----\"}"),
        ("PACKAGES", "hf_transfer hf_hub_downloads_faster pypi-attestations-tool"),
        ("TASK", "task-queue-with-a-long-name-1"),
    ];
    let taken: Vec<_> = open.iter().filter(|(name, value)| is_secret(name, value)).collect();
    assert!(taken.is_empty(), "{taken:?}");
}

fn shell(line: &str) -> (String, Vec<String>, usize) {
    match blotted(&Command::shell(line)) {
        Some(Blotted { command, variables, lost }) => (command.to_string(), variables, lost.len()),
        None => (line.to_owned(), Vec::new(), 0),
    }
}

#[test]
fn a_variable_that_a_command_sets_comes_from_the_environment() {
    for (line, expected) in [
        ("SECRET_KEY=topsecret gunicorn app", r#"SECRET_KEY="$SECRET_KEY" gunicorn app"#),
        ("SECRET_KEY='top secret' gunicorn app", r#"SECRET_KEY="$SECRET_KEY" gunicorn app"#),
        ("SECRET_KEY='$ecret' gunicorn app", r#"SECRET_KEY="$SECRET_KEY" gunicorn app"#),
        ("export SECRET_KEY=\"a;b\" && gunicorn app", r#"export SECRET_KEY="$SECRET_KEY" && gunicorn app"#),
        ("sh -c 'SECRET_KEY=abc gunicorn app'", "sh -c 'SECRET_KEY=$SECRET_KEY gunicorn app'"),
        ("sh -c \"SECRET_KEY=\\\"a b\\\" x\"", "sh -c \"SECRET_KEY=$SECRET_KEY x\""),
    ] {
        assert_eq!(shell(line), (expected.to_owned(), vec!["SECRET_KEY".to_owned()], 0), "{line}");
    }
    let address = "DATABASE_URL=postgres://u:p@h/d gunicorn app";
    assert_eq!(shell(address).0, r#"DATABASE_URL="$DATABASE_URL" gunicorn app"#);
}

#[test]
fn what_no_variable_stands_for_is_blotted_out() {
    for (line, expected) in [
        ("serve --db postgres://u:hunter2@db/x", "serve --db postgres://u:***@db/x"),
        ("serve --db=postgres://u:hunter2@db/x", "serve --db=postgres://u:***@db/x"),
        ("serve --admin-password=hunter2 -p 80", "serve --admin-password=*** -p 80"),
        ("serve --admin-password hunter2 -p 80", "serve --admin-password *** -p 80"),
        ("curl -H 'Authorization: Bearer abcdefghijklmnop0123' x", "curl -H 'Authorization: Bearer ***' x"),
        ("login ghp_abcdefghijklmnopqrst", "login ***"),
        ("curl -u me:hunter2 https://host", "curl -u *** https://host"),
        ("echo '{\"password\": \"hunter2\"}' > x", "echo '{\"password\": \"***\"}' > x"),
        ("npm config set //host/:_authToken=12345678-abcd", "npm config set //host/:_authToken=***"),
    ] {
        let (shown, variables, lost) = shell(line);
        assert_eq!((shown.as_str(), variables.len(), lost), (expected, 0, 1), "{line}");
        assert_eq!(blotted(&Command::shell(shown)), None, "what was blotted out has no secrets");
    }
}

#[test]
fn commands_without_secrets_stay_as_they_are() {
    for line in [
        "SECRET_KEY=\"$SECRET_KEY\" gunicorn app",
        "SECRET_KEY=$(openssl rand -hex 32) gunicorn app --bind 0.0.0.0:$PORT",
        "SECRET_KEY=`cat /run/secrets/key` gunicorn app",
        "jupyter lab --NotebookApp.token='' --no-token app",
        "uvicorn app:app --ssl-key /etc/server.key --token-file x",
        "serve --db postgres://$USER:$PASS@db/x --max-tokens 4096",
        "echo it's \"unfinished",
        "curl -u $USER:$PASS https://host && docker run -u 1000:1000 x",
        "SECRET_KEY=dummy-key-for-the-build python manage.py collectstatic",
    ] {
        assert_eq!(blotted(&Command::shell(line)), None, "{line}");
    }
}

#[test]
fn programs_with_arguments_are_looked_at_too() {
    let exec = |words: &[&str]| Command::Exec(words.iter().map(|&word| word.to_owned()).collect());
    for (words, expected, lost) in [
        (&["env", "A=1", "SECRET_KEY=abc", "gunicorn"][..], &["env", "A=1", "gunicorn"][..], 0),
        (
            &["/bin/sh", "-lc", "SECRET_KEY=abc x y"][..],
            &["/bin/sh", "-lc", "SECRET_KEY=\"$SECRET_KEY\" x y"][..],
            0,
        ),
        (&["serve", "--password", "abc"][..], &["serve", "--password", "***"][..], 1),
        (&["serve", "--password=abc"][..], &["serve", "--password=***"][..], 1),
        (&["serve", "redis://:abc@h"][..], &["serve", "redis://:***@h"][..], 1),
    ] {
        let found = blotted(&exec(words)).expect("it has a secret");
        assert_eq!((found.command, found.lost.len()), (exec(expected), lost));
    }
}
